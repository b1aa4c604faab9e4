"""The calendar changed by its administrators: which running terms move is known before, and why they moved stays with each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import groupby
from typing import Any

from django.db import transaction
from django.utils.translation import ngettext

from applications.casework import append_event
from applications.clock import moved_by, open_clocks, save_moved, set_due
from applications.models import Clock
from offices.calendars import Change, ChangedCalendars, current_version, rule_of
from offices.models import CalendarDay, Office
from offices.policy import Staff
from services.deadlines import Due


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

    clock: Clock
    due: Due

    @property
    def by(self) -> timedelta:
        """How much later (or earlier, below zero)."""
        return self.due.instant - self.clock.due_at  # type: ignore[operator]

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
    found = [Move(clock, due) for clock, due in moved_by(open_clocks(change.office_id), calendars.of)]
    return sorted(found, key=lambda move: move.due.instant)


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
        was = move.clock.due_at
        set_due(move.clock, move.due)
        line = {"kind": "recounted", "at": at.isoformat(), "text": reason, "was": was and was.isoformat()}
        move.clock.trace = [*move.clock.trace, line]
    save_moved([move.clock for move in found])
    by_case = sorted(found, key=lambda move: (move.clock.case.office_id, move.clock.case_id))
    for _key, group in groupby(by_case, key=lambda move: move.clock.case_id):
        _record(list(group), reason, by, at)
    return found


def _record(moved: list[Move], reason: str, by: Staff, at: datetime) -> None:
    """One event for each case, with the terms that moved."""
    case = moved[0].clock.case
    terms: list[dict[str, Any]] = [
        {"clock": move.clock.pk, "was": move.clock.trace[-1]["was"], "due": move.due.instant.isoformat()}
        for move in moved
    ]
    append_event(
        "recount",
        office=case.office,
        case=case,
        actor=by.user,
        recorded_at=at,
        payload={"reason": reason, "terms": terms},
    )
