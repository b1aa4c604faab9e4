"""HTML into PDF, for papers, annexes and sheets alike. Nothing is fetched from anywhere while rendering."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from importlib.resources import files
from threading import Lock
from typing import Any

from offices.confined import Unfit, confined

_STYLE = re.compile("<style>(.*?)</style>", re.DOTALL)
_rendering = Lock()


# A paper of a case has some ten thousand letters. What is longer is drawn in a process of its own, with limits; what is longer
# than any act is not drawn at all.
HERE, AT_MOST = 200_000, 3_000_000
SECONDS, MEGABYTES = 20, 512


class TooLarge(ValueError):
    """The page is longer, or takes more time or memory, than any paper of ours."""


def html_to_pdf(html: str, *, variant: str) -> bytes:
    """Turn HTML with one `<style>` into a PDF of the `variant` that WeasyPrint knows, such as "pdf/a-2a" or "pdf/ua-1".

    TooLarge where the page goes beyond its limits of length, time (seconds of the processor) or memory.
    """
    if len(html) <= HERE:
        return draw_here(html, variant=variant)
    if len(html) > AT_MOST:
        raise TooLarge
    try:
        return confined("offices.pdf:drawn", f"{variant}\n{html}".encode(), seconds=SECONDS, megabytes=MEGABYTES)
    except Unfit as unfit:
        raise TooLarge(unfit.why) from None


def draw_here(html: str, *, variant: str) -> bytes:
    """Draw in this process."""
    style = _STYLE.search(html)
    # The fonts of Pango are shared, and they bear one thread at a time.
    with _rendering:
        return _engine()(html.replace(style[0], "", 1) if style else html, style[1] if style else "", variant)


def drawn(data: bytes) -> bytes:
    """The work of the child: the variant on the first line, the page below it."""
    variant, _line, html = data.partition(b"\n")
    return draw_here(html.decode(), variant=variant.decode())


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
