"""When a step or a case is due, and why: the norms of the acts counted over a working calendar (DOMAIN section 3).

Pure Python, no Django. `due_instant` gives the moment alone, fast enough for every open clock of a region; `due` gives
the same moment with its trace, from which "Why this date?" is rendered in three languages without further look-ups.
Readings chosen where the acts are silent:

* Day terms go by the calendar date of the start: a start after closing or on a day off still belongs to its own date,
  and the count begins the next (working) day. A paper received on Saturday has Monday as its first working day.
* A day counts if no pause runs when its business closes (on a day off: at its midnight). So the day a pause begins is
  not counted, the day it ends is, and a pause within one day costs no day.
* A term ends neither in a pause nor before it began.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, fields
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import Any, Final, Literal

from offices.worktime import Words, WorkCalendar

_DAY: Final = timedelta(days=1)
_MINUTE: Final = timedelta(minutes=1)
_MAX_AMOUNT: Final = 2_000_000  # ten years of office minutes; a larger amount is a slip of the pen


class Unit(StrEnum):
    """The units in which the acts give their norms (DOMAIN section 3); a bare "күн" is a calendar day."""

    MINUTE = "minute"
    HOUR = "hour"
    WORKING_DAY = "working_day"
    CALENDAR_DAY = "calendar_day"
    WITHIN_WORKING_DAY = "within_working_day"
    WITHIN_DAY = "within_day"
    TIMES_A_DAY = "times_a_day"


_IN_TIME: Final = frozenset({Unit.MINUTE, Unit.HOUR})
_IN_DAYS: Final = frozenset({Unit.WORKING_DAY, Unit.CALENDAR_DAY})

# Kazakh, Russian, English; abbreviated, so that one form serves every number.
_UNIT_WORDS: Final[dict[Unit, tuple[str, str, str]]] = {
    Unit.MINUTE: ("{} минут", "{} мин.", "{} min"),
    Unit.HOUR: ("{} сағат", "{} ч.", "{} h"),
    Unit.WORKING_DAY: ("{} жұмыс күні", "{} раб. дн.", "{} working day(s)"),
    Unit.CALENDAR_DAY: ("{} күнтізбелік күн", "{} кал. дн.", "{} calendar day(s)"),
    Unit.WITHIN_WORKING_DAY: ("жұмыс күні ішінде", "в течение рабочего дня", "within the working day"),
    Unit.WITHIN_DAY: ("бір күн ішінде", "в течение одного дня", "within one day"),
    Unit.TIMES_A_DAY: ("күніне {} рет", "{} р. в день", "{} time(s) a day"),
}


def _words(kk: str, ru: str, en: str) -> Words:
    return {"kk": kk, "ru": ru, "en": en}


_START: Final = _words("Мерзімнің басталуы", "Начало срока", "Start of the term")
_STARTING_DAY: Final = _words("Басталған күн есептелмейді", "День начала не считается", "Starting day not counted")
_BEFORE: Final = _words("Жұмыс басталғанға дейін", "До начала рабочего дня", "Before opening")
_LUNCH: Final = _words("Түскі үзіліс", "Обеденный перерыв", "Lunch break")
_AFTER: Final = _words("Жұмыс аяқталғаннан кейін", "После окончания рабочего дня", "After closing")
_COUNTED: Final = _words("Есептелді", "Засчитано", "Counted")
_PAUSED: Final = _words("Мерзім тоқтатыла тұрды", "Срок приостановлен", "Term suspended")
_EARLIER: Final = _words("Орталыққа мерзімінен бұрын", "В центр раньше срока", "At the centre ahead of the term")
_STAYS: Final = _words("Демалыс күнінен көшірілмейді", "С выходного не переносится", "Not moved from the day off")
_RUNS: Final = _words("Жөнелту уақыты аз", "Мало времени отправки", "Fewer runs are set than the norm says")
_NO_TABLE: Final = _words("{} жылға күнтізбе жоқ", "Нет календаря на {} год", "No calendar for {}")
_END: Final = _words("Мерзімнің аяқталуы", "Окончание срока", "End of the term")


class PausedTerm(Exception):
    """The clock stands still in a pause without an end, so there is no due date yet."""


@dataclass(frozen=True, slots=True)
class Norm:
    """A limit as the act sets it: `amount` of `unit`, with the `point` of the act and its verbatim `text`.

    `count_start_day`: the starting day is day 1 (never for the State Corporation). `roll`: a last day off moves to the
    next working day. `shift_days`: working days by which the result is back at a service centre before the term ends.
    Raises ValueError for what cannot be counted.
    """

    amount: int
    unit: Unit
    point: str = ""
    text: str = ""
    count_start_day: bool = False
    roll: bool = True
    shift_days: int = 0

    def __post_init__(self) -> None:
        if not 1 <= self.amount <= _MAX_AMOUNT:
            raise ValueError(f"the amount of a norm is from 1 to {_MAX_AMOUNT}, not {self.amount}")
        if self.unit in {Unit.WITHIN_WORKING_DAY, Unit.WITHIN_DAY} and self.amount > 1:
            raise ValueError(f"{self.unit} takes the amount 1, not {self.amount}")
        if self.shift_days and not (self.unit in _IN_DAYS and 0 < self.shift_days < self.amount):
            raise ValueError(f"nothing can be back {self.shift_days} days before the end of {self.amount} {self.unit}")


def parse_norm(text: str) -> Norm:
    """The norm written as "10 working_day"; ValueError names the units."""
    try:
        amount, unit = text.split()
        return Norm(int(amount), Unit(unit))
    except ValueError as error:
        raise ValueError(f'"{text}" is no norm such as "10 working_day"; the units are {", ".join(Unit)}') from error


@dataclass(frozen=True, slots=True)
class Pause:
    """A suspension of the clock, both ends aware; `end` is None while it lasts. ValueError if out of order."""

    start: datetime
    end: datetime | None

    def __post_init__(self) -> None:
        if self.end is not None and self.end < self.start:
            raise ValueError(f"a pause cannot end before it starts: {self.start} to {self.end}")

    def holds(self, instant: datetime) -> bool:
        """Whether the clock has stopped before `instant` and not run on before it."""
        return self.start < instant and (self.end is None or instant <= self.end)

    def resumed(self) -> datetime:
        """When the clock runs on; raises PausedTerm while nobody knows."""
        if self.end is None:
            raise PausedTerm(f"suspended since {self.start.isoformat()}, so there is no due date yet")
        return self.end


@dataclass(frozen=True, slots=True)
class TraceLine:
    """One line of "Why this date?": what happened, when (`at`, `date`, `until`, all ISO) and why in three languages.

    `n` is the amount of the norm, the number of a counted day, the whole minutes counted so far, or the days gone back.
    """

    kind: Literal["start", "start_moved", "norm", "counted", "skipped", "moved", "pause", "end", "warning"]
    reason: Words
    at: str | None = None
    date: str | None = None
    until: str | None = None
    n: int | None = None
    unit: str | None = None
    point: str | None = None
    text: str | None = None

    def as_dict(self) -> dict[str, Any]:
        """The line ready for JSON, without the fields it does not use."""
        return {item.name: value for item in fields(self) if (value := getattr(self, item.name)) not in (None, "")}


@dataclass(frozen=True, slots=True)
class Due:
    """A due moment in office time; the last day before a day off moved it (None: not moved); the trace of both."""

    instant: datetime
    unmoved: date | None
    trace: tuple[TraceLine, ...] = field(repr=False)


Pauses = Sequence[Pause]
Runs = Sequence[time]


def due_instant(start: datetime, norm: Norm, calendar: WorkCalendar, pauses: Pauses = (), runs: Runs = ()) -> datetime:
    """The moment a term that begins at `start` ends, in the zone of `calendar`; the same as `due(…).instant`.

    `runs` are the office's times of dispatch, for norms in times a day. Raises ValueError for a naive `start`,
    `PausedTerm` in a pause without an end, `NoWorkingTimeError` where the calendar has no office hours.
    """
    return _RULES[norm.unit](calendar.local(start), norm, calendar, _merged(pauses, calendar) if pauses else (), runs)


def _merged(pauses: Pauses, calendar: WorkCalendar) -> Pauses:
    """The pauses in office time and order, those that overlap or touch made one."""
    local = [Pause(calendar.local(pause.start), pause.end and calendar.local(pause.end)) for pause in pauses]
    merged: list[Pause] = []
    for pause in sorted(local, key=lambda pause: pause.start):
        last = merged[-1] if merged else None
        if last is None or (last.end is not None and last.end < pause.start):
            merged.append(pause)
        elif last.end is not None and (pause.end is None or pause.end > last.end):
            merged[-1] = Pause(last.start, pause.end)
    return merged


def _day_ends(day: date, calendar: WorkCalendar) -> datetime:
    """When `day` is over for counting: at closing, on a day off at midnight."""
    return calendar.closing(day) if calendar.is_working_day(day) else _at(day + _DAY, time(), calendar)


def _at(day: date, clock: time, calendar: WorkCalendar) -> datetime:
    return datetime.combine(day, clock, calendar.tz)


def _day_zero(start: datetime, norm: Norm, calendar: WorkCalendar) -> date:
    """The day before day 1: the starting day itself, unless the norm counts that one and it is not yet over."""
    day = start.date()
    return day - _DAY if norm.count_start_day and start < _day_ends(day, calendar) else day


def _lost_days(pause: Pause, calendar: WorkCalendar) -> tuple[date, date]:
    """The first and the last day that end in `pause`; the first is later than the last where it costs no day."""
    first, last = pause.start.date(), pause.resumed().date()
    first = first if pause.start < _day_ends(first, calendar) else first + _DAY
    return first, last if _day_ends(last, calendar) <= pause.resumed() else last - _DAY


def _office_time(start: datetime, norm: Norm, calendar: WorkCalendar, pauses: Pauses, runs: Runs) -> datetime:
    """Minutes and hours run in office hours only, lunch out; a pause stops them."""
    minutes = norm.amount * (60 if norm.unit is Unit.HOUR else 1)
    if not pauses:
        return calendar.add_minutes(start, minutes)
    left = minutes * _MINUTE
    for pause in pauses:
        if calendar.add_time(start, left) <= pause.start:
            break
        left -= calendar.time_between(start, max(start, pause.start))
        start = max(start, pause.resumed())
    return calendar.add_time(start, left)


def _working_days(start: datetime, norm: Norm, calendar: WorkCalendar, pauses: Pauses, runs: Runs) -> datetime:
    """The starting day is not counted; the last day lasts until closing."""
    zero, amount = _day_zero(start, norm, calendar), norm.amount - norm.shift_days
    last = calendar.nth_working_day(zero, amount)
    for pause in pauses:
        if pause.start >= _day_ends(last, calendar):
            break
        first_lost, last_lost = _lost_days(pause, calendar)
        amount += calendar.working_days_between(max(first_lost, zero + _DAY), last_lost)
        last = calendar.nth_working_day(zero, amount)
    return calendar.closing(last)


def _calendar_days(start: datetime, norm: Norm, calendar: WorkCalendar, pauses: Pauses, runs: Runs) -> datetime:
    """Days are added first, then a last day off moves to the next working day (DOMAIN 11.2, trap 7)."""
    last = _last_calendar_day(start, norm, calendar, pauses)
    if norm.roll or calendar.is_working_day(last):
        moved = calendar.closing(calendar.on_or_after(last))
        end = _one_run(_at(last, time(), calendar), norm, calendar, pauses) if pauses else moved
    else:  # nobody closes on a day off: the hour is the one at which the next working day closes
        end = _at(last, calendar.closing(calendar.next_working_day(last)).time(), calendar)
    return _brought_forward(end, start, norm, calendar, pauses) if norm.shift_days else end


def _last_calendar_day(start: datetime, norm: Norm, calendar: WorkCalendar, pauses: Pauses) -> date:
    """The last of the counted calendar days, not yet moved."""
    zero = _day_zero(start, norm, calendar)
    last = zero + norm.amount * _DAY
    for pause in pauses:
        if pause.start >= _day_ends(last, calendar):
            break
        first_lost, last_lost = _lost_days(pause, calendar)
        last += max(last_lost - max(first_lost, zero + _DAY) + _DAY, timedelta())
    return last


def _brought_forward(end: datetime, start: datetime, norm: Norm, calendar: WorkCalendar, pauses: Pauses) -> datetime:
    """`end` put back by the norm's `shift_days` working days, though not before the working day of the start."""
    floor, day, left = _one_run(start, norm, calendar, pauses).date(), end.date(), norm.shift_days
    while left and day > floor:
        day -= _DAY
        left -= calendar.is_working_day(day) and not any(pause.holds(calendar.closing(day)) for pause in pauses)
    return end if day == end.date() else calendar.closing(day)


def _one_run(start: datetime, norm: Norm, calendar: WorkCalendar, pauses: Pauses, runs: Runs = ()) -> datetime:
    """Times a day: the next run outside a pause. Within the (working) day: closing is the only run of a day."""
    runs = runs if norm.unit is Unit.TIMES_A_DAY else ()
    end = _run_after(start, calendar, runs)
    for pause in pauses:
        if pause.holds(end):
            end = _run_after(pause.resumed(), calendar, runs)
    return end


def _run_after(instant: datetime, calendar: WorkCalendar, runs: Runs) -> datetime:
    day, clock = instant.date(), instant.time()
    if not (left := [run for run in _runs_on(day, calendar, runs) if run > clock]):
        day = calendar.next_working_day(day)
        left = _runs_on(day, calendar, runs)
    return _at(day, min(left), calendar)


def _runs_on(day: date, calendar: WorkCalendar, runs: Runs) -> list[time]:
    if (hours := calendar.hours(day)) is None:
        return []
    return [run for run in runs if hours.opens <= run <= hours.closes] or [hours.closes]


_RULES: Final[dict[Unit, Callable[[datetime, Norm, WorkCalendar, Pauses, Runs], datetime]]] = {
    **dict.fromkeys(Unit, _one_run),
    **dict.fromkeys(_IN_TIME, _office_time),
    Unit.WORKING_DAY: _working_days,
    Unit.CALENDAR_DAY: _calendar_days,
}


def due(start: datetime, norm: Norm, calendar: WorkCalendar, pauses: Pauses = (), runs: Runs = ()) -> Due:
    """The moment a term that begins at `start` ends, with the reasons; takes and raises what `due_instant` does."""
    start, pauses = calendar.local(start), _merged(pauses, calendar)
    end = due_instant(start, norm, calendar, pauses, runs)
    last = _last_calendar_day(start, norm, calendar, pauses) if norm.unit is Unit.CALENDAR_DAY else end.date()
    counted_to = max(end, _day_ends(last, calendar)) if norm.shift_days else end
    pauses = [pause for pause in pauses if pause.start < counted_to and pause.resumed() > start]
    trace = (
        TraceLine("start", _START, at=start.isoformat()),
        *_start_lines(start, end, norm, calendar),
        _norm_line(norm),
        *(TraceLine("pause", _PAUSED, at=stop.start.isoformat(), until=stop.resumed().isoformat()) for stop in pauses),
        *(_time_lines if norm.unit in _IN_TIME else _day_lines)(start, end, last, norm, calendar, pauses),
        *_warnings(start, end, last, norm, calendar, runs),
        TraceLine("end", _END, at=end.isoformat()),
    )
    return Due(end, None if calendar.is_working_day(last) or not norm.roll else last, trace)


def _norm_line(norm: Norm) -> TraceLine:
    kk, ru, en = (form.format(norm.amount) for form in _UNIT_WORDS[norm.unit])
    if norm.point:
        kk, ru, en = f"{kk}, {norm.point}-тармақ", f"{ru}, п. {norm.point}", f"{en}, point {norm.point}"
    return TraceLine("norm", _words(kk, ru, en), n=norm.amount, unit=norm.unit, point=norm.point, text=norm.text)


def _start_lines(start: datetime, end: datetime, norm: Norm, calendar: WorkCalendar) -> Iterator[TraceLine]:
    """Where counting begins: not on the starting day of a term in days, not outside office hours in any other."""
    day, opens, hours = start.date(), calendar.at_or_next_opening(start), calendar.hours(start.date())
    if norm.unit in _IN_DAYS:
        if _day_zero(start, norm, calendar) == day:
            yield TraceLine("start_moved", _STARTING_DAY, date=(day + _DAY).isoformat())
    elif opens != start and (norm.unit in _IN_TIME or opens.date() != day):
        reason = calendar.why_closed(day)
        if hours is not None:
            reason = _BEFORE if start.time() < hours.opens else _LUNCH if start.time() < hours.closes else _AFTER
        yield TraceLine("start_moved", reason, at=opens.isoformat())


def _day_lines(
    start: datetime, end: datetime, last: date, norm: Norm, calendar: WorkCalendar, pauses: Pauses
) -> Iterator[TraceLine]:
    """Each day from day 1 to the end, counted or skipped by name, and why the last one moved."""
    in_days = norm.unit in _IN_DAYS
    first = _day_zero(start, norm, calendar) + _DAY if in_days else min(start.date() + _DAY, end.date())
    n = 0
    for day in _days(first, max(last, end.date())):
        works, stamp = calendar.is_working_day(day), day.isoformat()
        counts = works if norm.unit is Unit.WORKING_DAY else in_days or day == last
        if any(pause.holds(_day_ends(day, calendar)) for pause in pauses):
            yield TraceLine("skipped", _PAUSED, date=stamp)
        elif counts and day <= last:
            n += 1
            yield TraceLine("counted", _COUNTED, date=stamp, n=n)
        elif not works:
            yield TraceLine("skipped", calendar.why_closed(day), date=stamp)
        if day == last and norm.roll and not works:
            yield TraceLine("moved", calendar.why_closed(day), date=stamp)
    if norm.shift_days:
        yield TraceLine("moved", _EARLIER, date=end.date().isoformat(), n=norm.shift_days)


def _time_lines(
    start: datetime, end: datetime, last: date, norm: Norm, calendar: WorkCalendar, pauses: Pauses
) -> Iterator[TraceLine]:
    """Each stretch of office time from the start to the end with the minutes so far; days off by name."""
    stops = [start, *(edge for pause in pauses for edge in (pause.start, pause.resumed())), end]
    done = timedelta()
    for day in _days(start.date(), last):
        hours = calendar.hours(day)
        if hours is None:
            yield TraceLine("skipped", calendar.why_closed(day), date=day.isoformat())
            continue
        for opens, closes in hours.windows():
            for runs_from, runs_to in zip(stops[::2], stops[1::2], strict=True):
                begin, until = max(runs_from, _at(day, opens, calendar)), min(runs_to, _at(day, closes, calendar))
                if begin < until:
                    done += until - begin
                    yield TraceLine("counted", _COUNTED, begin.isoformat(), until=until.isoformat(), n=done // _MINUTE)


def _warnings(
    start: datetime, end: datetime, last: date, norm: Norm, calendar: WorkCalendar, runs: Runs
) -> Iterator[TraceLine]:
    """What a person should check: a year without a day table, a last day off that stays, too few runs."""
    for year in range(start.year, max(last, end.date()).year + 1):
        if not calendar.knows(date(year, 1, 1)):
            yield TraceLine("warning", {key: text.format(year) for key, text in _NO_TABLE.items()}, n=year)
    if not (norm.roll or calendar.is_working_day(last)):
        yield TraceLine("warning", _STAYS, date=last.isoformat())
    if norm.unit is Unit.TIMES_A_DAY and runs and len(runs) < norm.amount:
        yield TraceLine("warning", _RUNS, n=len(runs))


def _days(first: date, last: date) -> Iterator[date]:
    return map(date.fromordinal, range(first.toordinal(), last.toordinal() + 1))
