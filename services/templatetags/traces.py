"""The sum behind a due date, line by line, for the page."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from django import template
from django.utils.translation import gettext as _

from offices.text import in_language
from services.text import norm_words

register = template.Library()

_STYLES = {"skipped": "skipped", "moved": "skipped", "pause": "skipped", "end": "end"}
# How a step names its place in the act: "1-кесте № 3" is row 3 of table 1.
_TABLE_ROW = re.compile(r"1-кесте № (\d+)")
_Line = dict[str, Any]


@register.filter
def trace_norm(trace: Iterable[_Line] | None) -> dict[str, str]:
    """The norm behind a clock's trace: its words, and the act's own where the trace carries them. Empty without one."""
    line = next((line for line in trace or () if line["kind"] == "norm"), None)
    if line is None:
        return {}
    words = norm_words(line["n"], line["unit"])
    point = line.get("point", "")
    if row := _TABLE_ROW.fullmatch(point):
        words = _("%(norm)s (table 1 of the act, row %(row)s)") % {"norm": words, "row": row[1]}
    elif point:
        words = _("%(norm)s (point %(point)s of the act)") % {"norm": words, "point": point}
    return {"words": words, "quote": line.get("text", "")}


@register.filter
def trace_lines(trace: Iterable[_Line] | None) -> list[dict[str, str]]:
    """The other lines of a clock's trace (`services.deadlines.TraceLine.as_dict`): mark, day, words and style."""
    return [
        {"mark": _mark(line), "day": _day(line), "words": _words(line), "style": _STYLES.get(line["kind"], "")}
        for line in trace or ()
        if line["kind"] != "norm"
    ]


def _mark(line: _Line) -> str:
    if line["kind"] == "counted" and "date" in line:
        return str(line["n"])
    return "–" if line["kind"] == "skipped" else ""


def _day(line: _Line) -> str:
    """The day; stamps of moments carry the zone of the office already."""
    stamp = line.get("date") or line.get("at")
    return f"{date.fromisoformat(stamp[:10]):%d.%m.%Y}" if stamp else ""


def _words(line: _Line) -> str:
    """The reason, with the time of day in front where the line has one."""
    times = [f"{datetime.fromisoformat(line[name]):%H:%M}" for name in ("at", "until") if name in line]
    if "until" in line and line["until"][:10] != line["at"][:10]:
        times[1] = f"{datetime.fromisoformat(line['until']):%d.%m.%Y %H:%M}"
    return " ".join(part for part in ("–".join(times), _reason(line)) if part)


def _reason(line: _Line) -> str:
    reason = in_language(line.get("reason"))
    kind = line["kind"]
    if kind == "counted" and "date" not in line:
        return _("%(time)s counted so far") % {"time": norm_words(line["n"], "minute")}
    if kind == "moved" and "n" not in line:
        return _("%(reason)s: the last day moves to the next working day") % {"reason": reason}
    if kind == "start_moved":
        return _("%(reason)s: counting begins here") % {"reason": reason}
    if kind == "recounted":
        return _("Counted anew: %(reason)s") % {"reason": line["text"]}
    if kind == "returned":
        return _("Given back for rework: the first term goes on")
    return reason
