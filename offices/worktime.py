"""When an office works: its hours, its days off, and the arithmetic of working time.

Pure Python, no Django. A `WorkCalendar` is built from weekly hours and the office's day table (DOMAIN section 4: the
table decides, rules only propose) and answers "the tenth working day after" and "thirty working minutes from now".
Each year is worked out once into running totals: an answer costs a look-up and a bisection for any length of term.

Time is read off the clock on the office wall, in microseconds: a start at 10:00:30 stays at 10:00:30. The country put
its clocks back at night, never while an office was open, so wall time and elapsed time agree within office hours.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left
from calendar import monthrange
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import MAXYEAR, date, datetime, time, timedelta
from enum import StrEnum
from itertools import pairwise
from typing import Final
from zoneinfo import ZoneInfo

Words = Mapping[str, str]  # one text in three languages, under the keys kk, ru, en

# How far a search goes before it gives up: past any lawful term, yet near enough to fail at once.
REACH_YEARS: Final = 50
_ONE_DAY: Final = timedelta(days=1)
_MICROSECOND: Final = timedelta(microseconds=1)
_MINUTE: Final = timedelta(minutes=1)

WEEKDAYS: Final[Mapping[int, Words]] = {
    1: {"kk": "Дүйсенбі", "ru": "Понедельник", "en": "Monday"},
    2: {"kk": "Сейсенбі", "ru": "Вторник", "en": "Tuesday"},
    3: {"kk": "Сәрсенбі", "ru": "Среда", "en": "Wednesday"},
    4: {"kk": "Бейсенбі", "ru": "Четверг", "en": "Thursday"},
    5: {"kk": "Жұма", "ru": "Пятница", "en": "Friday"},
    6: {"kk": "Сенбі", "ru": "Суббота", "en": "Saturday"},
    7: {"kk": "Жексенбі", "ru": "Воскресенье", "en": "Sunday"},
}


class DayKind(StrEnum):
    """What a row of the day table says about its day."""

    HOLIDAY = "holiday"
    DAY_OFF = "day_off"  # a day off transferred here from elsewhere
    WORKING_DAY = "working_day"  # a working Saturday, or an opening of the office's own
    CLOSED = "closed"  # the office's own exception
    SHORT = "short"  # a day with hours of its own


class WorkWeek(StrEnum):
    """The two working weeks of Labour Code art. 84."""

    FIVE_DAY = "five"
    SIX_DAY = "six"


_DEFAULT_NAMES: Final[Mapping[DayKind, Words]] = {
    DayKind.HOLIDAY: {"kk": "Мереке күні", "ru": "Праздничный день", "en": "Public holiday"},
    DayKind.DAY_OFF: {"kk": "Ауыстырылған демалыс күні", "ru": "Перенесённый выходной", "en": "Transferred day off"},
    DayKind.CLOSED: {"kk": "Мекеме жұмыс істемейді", "ru": "Учреждение не работает", "en": "Office closed"},
}


class NoWorkingTimeError(ValueError):
    """The calendar has no working time within reach of the question, so there is no answer."""


def _micros(clock: time | datetime) -> int:
    """Microseconds from midnight to `clock`, or to the time of day of an instant."""
    return ((clock.hour * 60 + clock.minute) * 60 + clock.second) * 1_000_000 + clock.microsecond


@dataclass(frozen=True, slots=True)
class DayHours:
    """The hours of one day: opening, closing and the lunch between, if any; ValueError where they are out of order.

    `spans` are the same hours as pairs of microseconds from midnight, `length` is their sum (DOMAIN section 4, hours).
    """

    opens: time
    closes: time
    lunch: tuple[time, time] | None = None
    spans: tuple[tuple[int, int], ...] = field(init=False, repr=False, compare=False)
    length: int = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        begin, end = self.lunch or (self.opens, self.closes)
        if not self.opens <= begin < end <= self.closes:
            raise ValueError(f"hours out of order: {self.opens}-{self.closes}, lunch {self.lunch}")
        spans = tuple((_micros(begin), _micros(end)) for begin, end in self.windows())
        if not spans:
            raise ValueError(f"lunch leaves no working time between {self.opens} and {self.closes}")
        object.__setattr__(self, "spans", spans)
        object.__setattr__(self, "length", sum(end - begin for begin, end in spans))

    def windows(self) -> tuple[tuple[time, time], ...]:
        """The stretches of the day in which work runs, in order; an empty one is left out."""
        if self.lunch is None:
            return ((self.opens, self.closes),)
        stretches = ((self.opens, self.lunch[0]), (self.lunch[1], self.closes))
        return tuple((begin, end) for begin, end in stretches if begin < end)

    def worked_by(self, clock: int) -> int:
        """Microseconds worked from opening to `clock` (microseconds from midnight)."""
        worked = 0
        for begin, end in self.spans:
            if clock <= begin:
                break
            worked += (clock if clock < end else end) - begin
        return worked

    def clock_after(self, work: int) -> int:
        """The earliest time of day (microseconds from midnight) by which `work` microseconds have been worked."""
        for begin, end in self.spans:
            if work <= end - begin:
                return begin + work
            work -= end - begin
        raise ValueError("more work than the day has")


@dataclass(frozen=True, slots=True)
class WeekHours:
    """The hours of each weekday (1 = Monday) from `valid_from` to `valid_to`, both included; None is open-ended."""

    valid_from: date | None
    valid_to: date | None
    days: Mapping[int, DayHours]

    def __post_init__(self) -> None:
        first, last = self.in_force()
        if first > last:
            raise ValueError(f"weekly hours end before they begin: {first} to {last}")
        if not set(self.days) <= set(WEEKDAYS):
            raise ValueError(f"weekdays are numbered 1 to 7, not {sorted(self.days)}")

    def in_force(self) -> tuple[date, date]:
        """The first and the last day of these hours."""
        return self.valid_from or date.min, self.valid_to or date.max

    def borrowed(self, weekday: int) -> DayHours | None:
        """The hours of `weekday`, or of the nearest weekday before it: a working Saturday is worked as a Friday."""
        candidates = (self.days.get((weekday - 1 - back) % 7 + 1) for back in range(7))
        return next((hours for hours in candidates if hours is not None), None)


@dataclass(frozen=True, slots=True)
class DayRule:
    """One row of the day table: what this day is, by what name (`kk`, `ru`, `en`) and from what source.

    Raises ValueError where a closed day is given hours or a day of own hours has none.
    """

    day: date
    kind: DayKind
    name: Words
    source: str
    hours: DayHours | None = None

    def __post_init__(self) -> None:
        if self.kind is DayKind.SHORT and self.hours is None:
            raise ValueError(f"{self.day}: a short day needs its hours")
        if self.kind in _DEFAULT_NAMES and self.hours is not None:
            raise ValueError(f"{self.day}: a day off ({self.kind}) has no hours")


class _Year:
    """One year of a calendar as running totals. Lists are indexed by the day of the year, counted from 0."""

    __slots__ = ("first", "hours", "rank", "work", "working")

    def __init__(self, first: int, hours: list[DayHours | None]) -> None:
        self.first = first  # ordinal of 1 January
        self.hours = hours
        self.working = array("H")  # the days that are worked
        self.rank = array("H", [0])  # rank[i]: working days before day i
        self.work = array("q", [0])  # work[i]: microseconds worked before day i
        for index, day in enumerate(hours):
            if day is not None:
                self.working.append(index)
            self.rank.append(len(self.working))
            self.work.append(self.work[-1] + (day.length if day else 0))

    def worked_before(self, local: datetime) -> int:
        """Microseconds worked from 1 January to the instant `local` of this year."""
        index = local.toordinal() - self.first
        hours = self.hours[index]
        return self.work[index] + (hours.worked_by(_micros(local)) if hours else 0)

    def find(self, target: int) -> tuple[int, int]:
        """Ordinal of the day and time of day at which `target` (> 0) microseconds of the year's work are first done."""
        index = bisect_left(self.work, target) - 1
        hours = self.hours[index]
        if hours is None:
            raise ValueError("more work than the year has")
        return self.first + index, hours.clock_after(target - self.work[index])


class _Years(dict[int, _Year]):
    """The years of a calendar, each worked out when first asked for; two threads at once get the same one."""

    def __init__(self, hours_of: Callable[[date], DayHours | None]) -> None:
        super().__init__()
        self._hours_of = hours_of

    def __missing__(self, year: int) -> _Year:
        first, last = date(year, 1, 1).toordinal(), date(year, 12, 31).toordinal()
        self[year] = table = _Year(first, [self._hours_of(date.fromordinal(day)) for day in range(first, last + 1)])
        return table


class WorkCalendar:
    """Which days and hours an office works, from its weekly hours and its day table; never changed once built.

    `weeks` may follow one another but not overlap (ValueError). Of several rules for one day the last counts: pass the
    office's own exceptions after the national table. Results are in the zone `tz`; questions may come in any zone, but
    naive datetimes are refused (ValueError). A search that finds no end within reach raises `NoWorkingTimeError`.
    """

    __slots__ = ("_known", "_rules", "_weeks", "_years", "tz")

    def __init__(self, weeks: Iterable[WeekHours], rules: Iterable[DayRule], tz: ZoneInfo) -> None:
        table = tuple(rules)
        self._weeks = tuple(sorted(weeks, key=WeekHours.in_force))
        for earlier, later in pairwise(week.in_force() for week in self._weeks):
            if earlier[1] >= later[0]:
                raise ValueError(f"weekly hours overlap from {later[0]}")
        self._rules = {rule.day: rule for rule in table}
        # An office's own exception does not make a year known: only a table with holidays in it does.
        self._known = frozenset(rule.day.year for rule in table if rule.kind is DayKind.HOLIDAY)
        self._years = _Years(self._find_hours)
        self.tz: Final = tz

    def knows(self, day: date) -> bool:
        """Whether the day table covers the year of `day`; elsewhere only the weekly hours speak."""
        return day.year in self._known

    def hours(self, day: date) -> DayHours | None:
        """The hours of `day`, or None where it is not worked."""
        table = self._years[day.year]
        return table.hours[day.toordinal() - table.first]

    def is_working_day(self, day: date) -> bool:
        """Whether the office works on `day`."""
        return self.hours(day) is not None

    def why_closed(self, day: date) -> Words:
        """Why `day` is not worked: the name of the holiday or exception, else the weekday. Empty for a working day."""
        if self.is_working_day(day):
            return {}
        rule = self._rules.get(day)
        if rule is None or rule.kind not in _DEFAULT_NAMES:
            return WEEKDAYS[day.isoweekday()]
        return rule.name or _DEFAULT_NAMES[rule.kind]

    def nth_working_day(self, day: date, n: int) -> date:
        """The `n`-th (1, 2, …) working day after `day`; `day` itself is not counted (DOMAIN section 3, counting)."""
        if n < 1:
            raise ValueError(f"working days are counted from 1, not {n}")
        year = day.year
        table = self._years[year]
        place = table.rank[day.toordinal() - table.first + 1] + n - 1
        while place >= len(table.working):
            place -= len(table.working)
            year += 1
            table = self._within_reach(year, day)
        return date.fromordinal(table.first + table.working[place])

    def next_working_day(self, day: date) -> date:
        """The first working day strictly after `day`."""
        return self.nth_working_day(day, 1)

    def on_or_after(self, day: date) -> date:
        """`day` if it is worked, else the next working day."""
        return self.nth_working_day(day - _ONE_DAY, 1)

    def working_days_between(self, first: date, last: date) -> int:
        """How many working days there are from `first` to `last`, both included; 0 where `last` is before `first`."""
        if last < first:
            return 0
        whole_years = sum(len(self._years[year].working) for year in range(first.year, last.year))
        begin, end = self._years[first.year], self._years[last.year]
        up_to_last = end.rank[last.toordinal() - end.first + 1]
        return whole_years + up_to_last - begin.rank[first.toordinal() - begin.first]

    def working_days_in(self, year: int, month: int | None = None) -> int:
        """How many working days `year`, or one `month` (1 to 12) of it, has."""
        first, last = (month, month) if month else (1, 12)
        return self.working_days_between(date(year, first, 1), date(year, last, monthrange(year, last)[1]))

    def local(self, instant: datetime) -> datetime:
        """`instant` in the zone of the office; ValueError for a naive datetime, which names no instant."""
        if instant.tzinfo is self.tz:
            return instant
        if instant.utcoffset() is None:
            raise ValueError(f"{instant.isoformat()} has no time zone")
        return instant.astimezone(self.tz)

    def opening(self, day: date) -> datetime:
        """When the office opens on `day`; ValueError where it does not."""
        hours = self.hours(day)
        if hours is None:
            raise ValueError(f"{day} is not a working day")
        return datetime.combine(day, hours.windows()[0][0], self.tz)

    def closing(self, day: date) -> datetime:
        """When the office closes on `day`, the end of a term whose last day it is; ValueError where it does not."""
        hours = self.hours(day)
        if hours is None:
            raise ValueError(f"{day} is not a working day")
        return datetime.combine(day, hours.closes, self.tz)

    def at_or_next_opening(self, instant: datetime) -> datetime:
        """`instant` if it lies in office hours, else the next moment work begins; closing time itself lies outside."""
        local = self.local(instant)
        day, hours = local.date(), self.hours(local.date())
        clock = _micros(local)
        for begin, end in hours.spans if hours else ():
            if clock < end:
                return local if clock >= begin else self._instant(day.toordinal(), begin)
        return self.opening(self.next_working_day(day))

    def add_minutes(self, start: datetime, minutes: int) -> datetime:
        """The instant `minutes` working minutes after `start`; see `add_time`."""
        return self._add(start, minutes * 60_000_000)

    def add_time(self, start: datetime, work: timedelta) -> datetime:
        """The earliest instant by which `work` has been worked since `start`; ValueError where `work` is negative.

        Lunch, nights and days off are left out, and work done exactly at closing is done at closing, not at the next
        opening (DOMAIN section 3). No work gives `start`, or the next opening where `start` lies outside hours.
        """
        return self._add(start, work // _MICROSECOND)

    def minutes_between(self, begin: datetime, end: datetime) -> int:
        """Whole working minutes from `begin` to `end`; negative where `end` comes first (a term overdue)."""
        return int(self.time_between(begin, end) / _MINUTE)

    def time_between(self, begin: datetime, end: datetime) -> timedelta:
        """Working time from `begin` to `end`, exactly; negative where `end` comes first."""
        begin, end = self.local(begin), self.local(end)
        if end < begin:
            return -self.time_between(end, begin)
        worked = self._years[end.year].worked_before(end) - self._years[begin.year].worked_before(begin)
        worked += sum(self._years[year].work[-1] for year in range(begin.year, end.year))
        return timedelta(microseconds=worked)

    def _add(self, start: datetime, work: int) -> datetime:
        if work <= 0:
            if work < 0:
                raise ValueError("working time cannot be taken away")
            return self.at_or_next_opening(start)
        local = self.local(start)
        year = local.year
        table = self._years[year]
        target = table.worked_before(local) + work
        while target > table.work[-1]:
            target -= table.work[-1]
            year += 1
            table = self._within_reach(year, local)
        return self._instant(*table.find(target))

    def _instant(self, ordinal: int, clock: int) -> datetime:
        return datetime.combine(date.fromordinal(ordinal), time(), self.tz) + timedelta(microseconds=clock)

    def _within_reach(self, year: int, origin: date) -> _Year:
        if year > min(origin.year + REACH_YEARS, MAXYEAR):
            raise NoWorkingTimeError(f"no working time left within {REACH_YEARS} years of {origin:%d.%m.%Y}")
        return self._years[year]

    def _find_hours(self, day: date) -> DayHours | None:
        in_force = (week for week in self._weeks if week.in_force()[0] <= day <= week.in_force()[1])
        week = next(in_force, WeekHours(None, None, {}))
        rule = self._rules.get(day)
        if rule is None:
            return week.days.get(day.isoweekday())
        if rule.kind in _DEFAULT_NAMES:
            return None
        return rule.hours or week.borrowed(day.isoweekday())


def propose_transfers(holidays: Mapping[date, bool], week: WorkWeek = WorkWeek.FIVE_DAY) -> dict[date, date]:
    """For each holiday on a day off, the day its day off moves to: a proposal for the day table, not the table itself.

    `holidays` tells for each holiday whether it transfers at all: the first day of Kurban Ait does not, nor does
    7 January, whatever is passed for it. The day taken is the next one that is neither weekend, holiday nor already
    taken; in a six-day week only Sundays move (law on holidays art. 5; DOMAIN section 4).
    """
    weekend = {6, 7} if week is WorkWeek.FIVE_DAY else {7}
    proposed: dict[date, date] = {}
    for day in sorted(holidays):
        if day.isoweekday() not in weekend or not holidays[day] or (day.month, day.day) == (1, 7):
            continue
        free = day + _ONE_DAY
        while free.isoweekday() in weekend or free in holidays or free in proposed.values():
            free += _ONE_DAY
        proposed[day] = free
    return proposed
