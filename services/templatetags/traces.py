"""The sum behind a due date, line by line, for the page."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from django import template
from django.utils.translation import gettext as _

from offices.text import in_language
from services.text import norm_words

register = template.Library()

_STYLES = {"skipped": "skipped", "moved": "skipped", "pause": "skipped", "end": "end"}


@register.filter
def trace_lines(trace: Iterable[dict[str, Any]] | None) -> list[dict[str, str]]:
    """A clock's trace (`services.deadlines.TraceLine.as_dict`) as lines of mark, moment, words, style and quoted text."""
    return [_line(line) for line in trace or ()]


def _line(line: dict[str, Any]) -> dict[str, str]:
    return {
        "mark": str(line["n"])
        if line["kind"] == "counted" and "date" in line
        else "–"
        if line["kind"] == "skipped"
        else "",
        "when": _when(line),
        "words": _words(line),
        "style": _STYLES.get(line["kind"], ""),
        "quote": line.get("text", ""),
    }


def _when(line: dict[str, Any]) -> str:
    """A day, a moment or a stretch of office time; the stamps carry the zone of the office already."""
    if "at" not in line:
        return f"{date.fromisoformat(line['date']):%d.%m.%Y}" if "date" in line else ""
    start = datetime.fromisoformat(line["at"])
    if "until" not in line:
        return f"{start:%d.%m.%Y %H:%M}"
    end = datetime.fromisoformat(line["until"])
    return (
        f"{start:%d.%m.%Y %H:%M}–{end:%H:%M}"
        if start.date() == end.date()
        else f"{start:%d.%m.%Y %H:%M} – {end:%d.%m.%Y %H:%M}"
    )


def _words(line: dict[str, Any]) -> str:
    reason = in_language(line.get("reason"))
    kind = line["kind"]
    if kind == "norm" and "unit" in line:
        words = {"norm": norm_words(line["n"], line["unit"]), "point": line.get("point", "")}
        return (
            _("The norm: %(norm)s, point %(point)s of the act") % words
            if words["point"]
            else _("The norm: %(norm)s") % words
        )
    if kind == "counted" and "date" not in line:
        return _("%(minutes)s counted so far") % {"minutes": norm_words(line["n"], "minute")}
    if kind == "moved" and "n" not in line:
        return _("%(reason)s: the last day moves to the next working day") % {"reason": reason}
    if kind == "start_moved":
        return _("%(reason)s: counting begins here") % {"reason": reason} if "at" in line else reason
    if kind == "returned":
        return _("Given back for rework: the first term goes on")
    return reason
