"""Codes that a machine reads off a paper, drawn as SVG. Pure rules."""

import re
from html import escape

import segno
from barcode import Code128

_MODULE_MM, _HEIGHT_MM = 0.25, 9
_SVG = (
    '<svg class="bars" xmlns="http://www.w3.org/2000/svg" width="{width}mm" height="{height}mm"'
    ' viewBox="0 0 {modules} 1" preserveAspectRatio="none"><title>{title}</title><path d="{bars}" stroke="#000"/></svg>'
)


def bar_code(text: str, title: str) -> str:
    """`text` as Code 128; `title` is what a screen reader says.

    All bars are strokes of one path: a rectangle for each takes many times as long to draw.
    """
    modules = Code128(text).build()[0]
    bars = "".join(f"M{bar.start()} .5h{len(bar[0])}" for bar in re.finditer("1+", modules))
    width = round(len(modules) * _MODULE_MM, 2)
    return _SVG.format(width=width, height=_HEIGHT_MM, modules=len(modules), title=escape(title), bars=bars)


def qr_code(text: str, title: str, scale: int = 1) -> str:
    """`text` as a QR code that still reads with a seventh of it soiled; `title` is what a screen reader says.

    `scale`: pixels a module on a page of the browser.
    """
    return segno.make(text, error="m", micro=False).svg_inline(border=2, title=title, scale=scale)
