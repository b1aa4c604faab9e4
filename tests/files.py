"""Files as people bring them, made for the tests."""

from __future__ import annotations

import io
from typing import Any

import pikepdf
from PIL import Image


def a_pdf(**root: Any) -> bytes:
    """A PDF of one page, with `root` in its catalogue: values, or bytes as they stand in such a file."""
    made, out = pikepdf.new(), io.BytesIO()
    made.add_blank_page()
    for name, value in root.items():
        made.Root[f"/{name}"] = pikepdf.Object.parse(value) if isinstance(value, bytes) else value
    made.save(out, deterministic_id=True)
    return out.getvalue()


def a_picture(kind: str = "JPEG", size: tuple[int, int] = (40, 30), **options: Any) -> bytes:
    """A picture of a few colours."""
    out = io.BytesIO()
    Image.linear_gradient("L").resize(size).convert("RGB").save(out, kind, **options)
    return out.getvalue()


PDF = a_pdf()
