"""HTML into PDF, for papers, annexes and sheets alike. Nothing is fetched from anywhere while rendering."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from importlib.resources import files
from threading import Lock
from typing import Any

_STYLE = re.compile("<style>(.*?)</style>", re.DOTALL)
_rendering = Lock()


def html_to_pdf(html: str, *, variant: str) -> bytes:
    """Turn HTML with one `<style>` into a PDF of the `variant` that WeasyPrint knows, such as "pdf/a-2a" or "pdf/ua-1"."""
    style = _STYLE.search(html)
    # The fonts of Pango are shared, and they bear one thread at a time.
    with _rendering:
        return _engine()(html.replace(style[0], "", 1) if style else html, style[1] if style else "", variant)


@cache
def _engine() -> Callable[[str, str, str], bytes]:
    """WeasyPrint as a function of HTML, CSS and variant. It fetches nothing, and reads a style sheet once.

    It is loaded with the first paper: loading takes two seconds and 50 MB, which no command and few pages need.
    """
    import weasyprint
    from weasyprint.css import ColorProfile
    from weasyprint.text.fonts import FontConfiguration
    from weasyprint.urls import URLFetcher

    class Nothing(URLFetcher):
        def fetch(self, url: str, headers: Any = None) -> Any:
            raise ValueError("papers fetch nothing")

    fonts, nothing = FontConfiguration(), Nothing()
    sheet = cache(lambda css: weasyprint.CSS(string=css, font_config=fonts, url_fetcher=nothing))
    # Left to itself, WeasyPrint opens this file for every archival paper, and does not close it.
    with (files("weasyprint.pdf") / "sRGB2014.icc").open("rb") as icc:
        srgb = ColorProfile(icc, "sRGB2014.icc", "relative-colorimetric", (["r"], ["g"], ["b"]))

    def draw(html: str, css: str, variant: str) -> bytes:
        colours = {"color_profiles": {"srgb": srgb}, "output_intent": "kept"} if variant.startswith("pdf/a") else {}
        page = weasyprint.HTML(string=html, url_fetcher=nothing)
        return page.write_pdf(pdf_variant=variant, font_config=fonts, stylesheets=[sheet(css)], **colours)  # type: ignore[no-any-return]

    return draw
