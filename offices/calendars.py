"""Calendars of offices, built from their rows and kept until hours or days change."""

from __future__ import annotations

import time as time_module
from collections import defaultdict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import date, time
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import F, Q

from offices.models import CalendarDay, CalendarStamp, HoursPurpose, Office, OfficeHours
from offices.worktime import DayHours, DayKind, DayRule, WeekHours, WorkCalendar

_in_one: ContextVar[list[bool] | None] = ContextVar("one_calendar", default=None)
_cache: dict[tuple[int, str], WorkCalendar] = {}
_cached_version = 0
_asked_at = 0.0


def calendar_of(office: Office, own_hours: Mapping[str, Any] | None = None, *, for_show: bool = False) -> WorkCalendar:
    """The working calendar of `office`; with `own_hours` (an edition's `hours`, kind work) in the service's hours.

    Asks each time whether the calendar has changed, because a due date is kept; an act asks once (`one_calendar`).
    `for_show` (how much time is left, on a page) asks once a second at most, so that a list of many rows costs one small query.
    """
    global _cached_version, _asked_at  # noqa: PLW0603 - one cache a process, emptied when the stamp moves
    asked = _in_one.get()
    if asked != [True] and (not for_show or time_module.monotonic() - _asked_at > 1):
        version, _asked_at = current_version(), time_module.monotonic()
        if asked is not None:
            asked.append(True)
        if version != _cached_version:
            _cache.clear()
            _cached_version = version
    own = own_hours if own_hours and own_hours.get("kind") == "work" else None
    key = (office.pk, repr(sorted(own.items())) if own else "")
    if key not in _cache:
        _cache[key] = _build(office, own)
    return _cache[key]


@contextmanager
def one_calendar() -> Iterator[None]:
    """Within this (an act), the calendar is asked once whether it has changed: all its terms are counted by the same days."""
    before = _in_one.set([])
    try:
        yield
    finally:
        _in_one.reset(before)


@dataclass(frozen=True)
class Change:
    """A change of the calendar that is only thought of: of one office, or (`office_id` None) of the whole country.

    `rules` are days added or set anew, `removed` days whose row is taken away, `hours` new hours of every day that the office
    works by the week.
    """

    rules: tuple[DayRule, ...] = ()
    removed: frozenset[date] = frozenset()
    hours: DayHours | None = None
    office_id: int | None = None

    def concerns(self, office_id: int) -> bool:
        """Whether the days of that office would be others."""
        return self.office_id in (None, office_id) and bool(self.rules or self.removed or self.hours)


class ChangedCalendars:
    """Calendars as they would be after a change; kept by nobody else, so that a change never made leaves no trace."""

    def __init__(self, change: Change) -> None:
        self.change = change
        self._built: dict[tuple[int, str], WorkCalendar] = {}

    def of(self, office: Office, own_hours: Mapping[str, Any] | None = None) -> WorkCalendar:
        """What `calendar_of` would give after the change."""
        own = own_hours if own_hours and own_hours.get("kind") == "work" else None
        key = (office.pk, repr(sorted(own.items())) if own else "")
        if key not in self._built:
            self._built[key] = _build(office, own, self.change if self.change.concerns(office.pk) else None)
        return self._built[key]


def current_version() -> int:
    """The version of the calendar data, kept with sealed figures and traces."""
    return CalendarStamp.objects.filter(pk=1).values_list("version", flat=True).first() or 0


def calendar_changed() -> None:
    """Count the stamp up: every process builds its calendars anew."""
    global _asked_at  # noqa: PLW0603 - this process looks at once
    _asked_at = 0.0
    if not CalendarStamp.objects.filter(pk=1).update(version=F("version") + 1):
        CalendarStamp.objects.get_or_create(pk=1)


def runs_of(text: str) -> tuple[time, ...]:
    """Run times of a centre, such as "11:00 15:00", in order. ValueError where one is not a time."""
    return tuple(sorted(time.fromisoformat(part.zfill(5)) for part in text.replace(",", " ").split()))


def _build(office: Office, own: Mapping[str, Any] | None, change: Change | None = None) -> WorkCalendar:
    weeks = [_week_of(own)] if own else _weeks(office.pk, HoursPurpose.WORK)
    days = CalendarDay.objects.filter(Q(office=None) | Q(office=office))
    # A rule of the office itself comes after the national one of that day and replaces it.
    rules: dict[bool, dict[date, DayRule]] = {False: {}, True: {}}
    for row in days:
        rules[row.office_id is not None][row.day] = rule_of(row)
    if change is not None:
        changed = rules[change.office_id is not None]
        for day in change.removed:
            changed.pop(day, None)
        changed.update({rule.day: rule for rule in change.rules})
        if change.hours and not own:
            weeks = [
                WeekHours(week.valid_from, week.valid_to, dict.fromkeys(week.days, change.hours)) for week in weeks
            ]
    table = {**rules[False], **rules[True]}
    return WorkCalendar(weeks=tuple(weeks), rules=tuple(table.values()), tz=ZoneInfo(office.time_zone))


def _weeks(office_id: int, purpose: str) -> list[WeekHours]:
    terms: dict[tuple[date | None, date | None], dict[int, DayHours]] = defaultdict(dict)
    for row in OfficeHours.objects.filter(office_id=office_id, purpose=purpose):
        lunch = (row.lunch_from, row.lunch_to) if row.lunch_from and row.lunch_to else None
        terms[row.valid_from, row.valid_to][row.weekday] = DayHours(row.opens, row.closes, lunch)
    ordered = sorted(terms.items(), key=lambda item: item[0][0] or date.min)
    return [WeekHours(start, end, days) for (start, end), days in ordered]


def _week_of(own: Mapping[str, Any]) -> WeekHours:
    lunch = tuple(time.fromisoformat(text) for text in own["lunch"]) if own.get("lunch") else None
    hours = DayHours(time.fromisoformat(own["opens"]), time.fromisoformat(own["closes"]), lunch)  # type: ignore[arg-type]
    return WeekHours(None, None, dict.fromkeys(own["days"], hours))


def rule_of(row: CalendarDay) -> DayRule:
    """A row of the day table as the calendar takes it."""
    hours = DayHours(row.opens, row.closes, None) if row.opens and row.closes else None
    name = {"kk": row.name_kk, "ru": row.name_ru, "en": row.name_en}
    return DayRule(row.day, DayKind(row.kind), name, row.source, hours)
