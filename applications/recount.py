"""The calendar changed by its administrators: which running terms move is known before, and why they moved stays with each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import groupby
from typing import Any

from django.db import transaction
from django.utils.translation import ngettext

from applications.casework import append_events
from applications.clock import Moved, moved_by, open_clocks, save_moved, set_due
from applications.models import Clock
from offices.calendars import Change, ChangedCalendars, current_version, rule_of
from offices.models import CalendarDay, Office
from offices.policy import Staff


class CalendarMovedError(Exception):
    """Somebody else changed the calendar since what moves was shown."""


@dataclass(frozen=True)
class Days:
    """Rows of the day table to be written and to be taken away: of one office, or (None) of the whole country.

    `before`: the days of all those rows as they stand now, so that a row set on another day leaves its old one.
    """

    office: Office | None
    saved: Sequence[CalendarDay] = ()
    removed: Sequence[CalendarDay] = ()
    before: frozenset[date] = field(default_factory=frozenset)

    @property
    def change(self) -> Change:
        """The same as the calendars take it."""
        office_id = self.office.pk if self.office else None
        return Change(tuple(rule_of(row) for row in self.saved), self.before, office_id=office_id)


@dataclass(frozen=True)
class Move:
    """A running term with the due moment that it would have."""

    moved: Moved

    @property
    def clock(self) -> Clock:
        """The clock as it runs now."""
        return self.moved.clock

    @property
    def instant(self) -> datetime:
        """When it would be due."""
        return self.moved.instant

    @property
    def by(self) -> timedelta:
        """How much later (or earlier, below zero)."""
        return self.instant - self.clock.due_at  # type: ignore[operator]

    @property
    def words(self) -> str:
        """How much, in words with a sign: "+1 day"."""
        sign, size = ("+" if self.by > timedelta() else "−"), abs(self.by)
        if size >= timedelta(days=1):
            n = round(size / timedelta(days=1))
            return sign + ngettext("%(n)d day", "%(n)d days", n) % {"n": n}
        n = round(size / timedelta(minutes=1))
        return sign + ngettext("%(n)d minute", "%(n)d minutes", n) % {"n": n}


def moves(days: Days) -> list[Move]:
    """The running terms of cases that the change would move, the nearest first. Nothing is changed."""
    change = days.change
    if not (change.rules or change.removed):
        return []
    calendars = ChangedCalendars(change)
    offices = None if change.office_id is None else [change.office_id]
    found = [Move(moved) for moved in moved_by(open_clocks(offices), calendars.of)]
    return sorted(found, key=lambda move: move.instant)


@transaction.atomic
def change_calendar(days: Days, *, reason: str, version: int, by: Staff, at: datetime) -> list[Move]:
    """Write the days, count the running terms anew, and leave the reason in the sum of each and in the record of its case.

    `version` is that of the calendar when the change was looked at. Raises CalendarMovedError, with nothing written, where
    the calendar has changed since.
    """
    if current_version() != version:
        raise CalendarMovedError
    found = moves(days)
    for row in days.removed:
        row._change_reason = reason[:100]  # type: ignore[attr-defined]
        row.delete()
    for row in days.saved:
        row._change_reason = reason[:100]  # type: ignore[attr-defined]
        row.save()
    for move in found:
        line = {
            "kind": "recounted",
            "at": at.isoformat(),
            "text": reason,
            "was": move.clock.due_at and move.clock.due_at.isoformat(),
        }
        set_due(move.clock, move.moved.due())
        move.clock.trace = [*move.clock.trace, line]
    save_moved([move.clock for move in found])
    _record(found, reason, by, at)
    return found


def _record(found: list[Move], reason: str, by: Staff, at: datetime) -> None:
    """One event for each case, with the terms that moved, in the record of its office."""
    by_case = sorted((move.clock for move in found), key=lambda clock: (clock.case.office_id, clock.case_id))
    for _office, of_office in groupby(by_case, key=lambda clock: clock.case.office_id):
        cases = [list(clocks) for _case, clocks in groupby(of_office, key=lambda clock: clock.case_id)]
        rows: list[dict[str, Any]] = [
            {
                "case": clocks[0].case,
                "actor": by.user,
                "payload": {"reason": reason, "terms": [_told(clock) for clock in clocks]},
            }
            for clocks in cases
        ]
        append_events("recount", office=cases[0][0].case.office, recorded_at=at, rows=rows)


def _told(clock: Clock) -> dict[str, Any]:
    due_at = clock.due_at
    return {"clock": clock.pk, "was": clock.trace[-1]["was"], "due": due_at and due_at.isoformat()}
