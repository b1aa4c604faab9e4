"""Work on what strangers send, in a process of its own: without the secrets of this one, with limits of time and memory.

A picture, a PDF or a page may be made to cost minutes and gigabytes. The child takes bytes on its standard input, and gives
bytes, or the word for what is wrong with them. It knows neither the database nor the settings.
"""

from __future__ import annotations

import importlib
import io
import subprocess
import sys
from pathlib import Path
from typing import Any

PIXELS = 40_000_000
_PDF_OBJECTS, _PDF_PAGES, _DEPTH = 200_000, 2_000, 50
_CHILD = "import sys; from offices.confined import child; child(*sys.argv[1:])"
# What a PDF may do by itself, or carry inside: none of it is taken.
_ACTIONS = {
    "/JavaScript",
    "/Launch",
    "/ImportData",
    "/SubmitForm",
    "/GoToE",
    "/RichMediaExecute",
    "/Rendition",
    "/Sound",
}
_PARTS = {"/JS", "/EmbeddedFiles", "/EF", "/XFA", "/RichMediaContent", "/RichMediaSettings"}
_HOUSE = Path(__file__).resolve().parent.parent


class Unfit(Exception):
    """The bytes are not what they should be; `why` begins with one word: broken, pixels, locked, active, large, slow, …"""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


def confined(work: str, data: bytes, *, seconds: int = 20, megabytes: int = 1024) -> bytes:
    """Do `work` ("module:function" of ours, bytes to bytes) on `data` in a child.

    It gets `seconds` of the processor and `megabytes` of memory. Unfit says why there is no result;
    a child that overruns its limits is "slow".
    """
    command = [sys.executable, "-c", _CHILD, work, str(seconds), str(megabytes)]
    try:
        ended = subprocess.run(  # noqa: S603 - our own module, by the path of this very interpreter
            command,
            input=data,
            capture_output=True,
            cwd=_HOUSE,
            env={"LC_ALL": "C.UTF-8"},
            timeout=4 * seconds,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise Unfit("slow") from None
    word, _line, rest = ended.stdout.partition(b"\n")
    if ended.returncode == 0 and word == b"done":
        return rest
    raise Unfit(word.decode(errors="replace") if ended.returncode == 0 and word else "slow")


def picture(data: bytes) -> bytes:
    """The picture drawn anew: same pixels upright, no EXIF, no place, no comment, nothing behind its end."""
    from PIL import Image, ImageOps

    Image.MAX_IMAGE_PIXELS = PIXELS // 2  # Pillow itself refuses at twice this number
    try:
        with Image.open(io.BytesIO(data), formats=("JPEG", "PNG")) as opened:
            if opened.width * opened.height > PIXELS:
                raise Unfit("pixels")
            kind = opened.format
            upright = ImageOps.exif_transpose(opened)
            plain = upright.convert("L" if upright.mode in ("1", "L") else "RGB" if kind == "JPEG" else "RGBA")
    except Unfit:
        raise
    except Image.DecompressionBombError:
        raise Unfit("pixels") from None
    except Exception:
        # A broken picture fails in many ways, all of them the fault of the file.
        raise Unfit("broken") from None
    plain.info = {}
    out = io.BytesIO()
    plain.save(out, kind, **({"quality": 90} if kind == "JPEG" else {"optimize": False}))
    return out.getvalue()


def pdf(data: bytes) -> bytes:
    """The same bytes, once every object of the PDF was looked at: a signature on it stays valid."""
    import pikepdf

    if not data.startswith(b"%PDF-"):
        raise Unfit("broken")
    try:
        with pikepdf.open(io.BytesIO(data), attempt_recovery=False) as opened:
            _look_through(opened)
    except Unfit:
        raise
    except pikepdf.PasswordError:
        raise Unfit("locked") from None
    except Exception:
        raise Unfit("broken") from None
    return data


def _look_through(opened: Any) -> None:
    """Refuse a PDF without pages, one that outgrows any paper, one that is locked, and one that does or carries something."""
    if len(opened.pages) == 0:
        raise Unfit("broken")
    if len(opened.pages) > _PDF_PAGES or len(opened.objects) > _PDF_OBJECTS:
        raise Unfit("large")
    if opened.is_encrypted:
        raise Unfit("locked")
    for found in (*opened.objects, opened.trailer):
        _look_at(found, 0)


def _look_at(found: Any, depth: int) -> None:
    """Refuse a dictionary that does or carries something, direct ones inside included."""
    import pikepdf

    if depth > _DEPTH:
        raise Unfit("broken")
    if isinstance(found, pikepdf.Array):
        inner: list[Any] = list(found)
    elif isinstance(found, pikepdf.Stream | pikepdf.Dictionary):
        if set(found.keys()) & _PARTS or str(found.get("/S", "")) in _ACTIONS:
            raise Unfit("active")
        inner = [found.get(key) for key in found.keys()]  # noqa: SIM118 - no mapping of Python
    else:
        return
    for part in inner:
        if isinstance(part, pikepdf.Dictionary | pikepdf.Array) and not part.is_indirect:
            _look_at(part, depth + 1)


def child(work: str, seconds: str, megabytes: str) -> None:
    """What runs in the child: the limits first, then the work."""
    import resource

    memory = int(megabytes) * 1024 * 1024
    resource.setrlimit(resource.RLIMIT_CPU, (int(seconds), int(seconds)))
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    out = sys.stdout.buffer
    try:
        module, name = work.split(":")
        done = getattr(importlib.import_module(module), name)(sys.stdin.buffer.read())
    except Unfit as unfit:
        out.write(unfit.why.encode() + b"\n")
    except MemoryError:
        out.write(b"large\n")
    else:
        out.write(b"done\n" + done)
