"""On each case: in which lines it counts, in which not, and why."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from applications.models import Case, Clock
from kpi.queries.asking import Line, Period, Scope, generation_of, lines_of
from kpi.queries.cells import Cell
from offices.calendars import calendar_of


@dataclass(frozen=True)
class Counting:
    """A line in which a case has a row: whether it counts, on which day, in the numerator or not, and why."""

    line: Line
    day: date | None
    hit: bool
    reason: str
    because: str


def countings(case: Case, at: datetime) -> list[Counting]:
    """The lines of the edition's own table that the case has rows in, by the same statements that count them."""
    found = []
    for line in lines_of(generation_of(case.edition)):
        cell = Cell(line, Scope("office", "", frozenset({case.office_id})), frozenset({case.edition_id}), _EVER, at)
        source = cell.source
        if source.case:
            rows = cell.rows().filter(**{source.case: case.pk})
            found += [_counting(line, row, source.hit is not None, at) for row in rows]
        for reason in source.elsewhere:
            if row := cell.rows(reason).filter(pk=case.pk).first():
                found.append(Counting(line, row.k_day, False, line.reason(reason), ""))
    return found


# Wide enough for every act, and no moment of its ends leaves the range of dates in any zone.
_EVER = Period(date(1990, 1, 1), date(2999, 12, 31), "")


def _counting(line: Line, row: Any, measured: bool, at: datetime) -> Counting:
    reason = line.reason(row.k_reason) if row.k_reason else ""
    return Counting(
        line,
        row.k_day,
        bool(row.k_hit) or not measured,
        reason,
        "" if reason else _because(line.data["measure"], row, at),
    )


def _because(measure: str, row: Any, at: datetime) -> str:
    if measure == "on_time":
        return _because_of_clock(row, at)
    if measure == "waiting":
        return _("waited %(minutes)d min") % {"minutes": (row.waited or 0) // 60}
    if measure == "right_first_time":
        return _("complete at the first hand-in") if row.k_hit else _("papers were missing at the first hand-in")
    if measure == "papers_right":
        return _("the paper was found right") if row.k_hit else _("the paper was found wrong")
    return _("told of the result, or got it") if measure == "complaints_share" else ""


def _because_of_clock(clock: Clock, at: datetime) -> str:
    due = _local(clock.due_at)
    if clock.stopped_at is None:
        return _("still open, the term ended on %(due)s") % {"due": due}
    words = _("ended on %(end)s, the term was until %(due)s") % {"end": _local(clock.stopped_at), "due": due}
    if clock.met or clock.due_at is None:
        return words
    over = calendar_of(clock.office, for_show=True).minutes_between(clock.due_at, clock.stopped_at)
    return _("%(what)s: late by %(minutes)d working minutes") % {"what": words, "minutes": over}


def _local(moment: datetime | None) -> str:
    return date_format(timezone.localtime(moment), "d.m.Y H:i") if moment else "—"
