"""Readings of an office for its page: phones that can be dialled, open or closed, the week, the days off to come."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby
from typing import Any

import phonenumbers

from offices.calendars import calendar_of
from offices.models import HoursPurpose, Office, OfficeHours
from offices.text import in_language
from offices.worktime import WEEKDAYS, NoWorkingTimeError, WorkCalendar

_NATIONAL_DIGITS = 10
# "8(72548) 2-16-35", "(8-71638)2-10-48", "8-7262-345124": the trunk digit, the area code, the number itself.
_WITH_CODE = re.compile(r"\(?8?[\s(-]*(?P<code>7\d{2,4})[\s)-]+(?P<number>[\d\s-]+)")
_DAYS_AHEAD = 60


@dataclass(frozen=True)
class Phone:
    """A phone as people read it, and as a telephone dials it (empty where the print does not say enough)."""

    text: str
    link: str


def phones(office: Office) -> list[Phone]:
    """The phones as printed; a number without area code takes the code of the first one."""
    found: list[Phone] = []
    first = ""
    code = ""
    for printed in office.phone_list:
        digits = re.sub(r"\D", "", printed)
        if match := _WITH_CODE.fullmatch(printed.strip()):
            code = match["code"]
        national = _national(digits, code or first[: _NATIONAL_DIGITS - len(digits)] if first else "")
        first = first or national
        lacks_code = bool(national) and len(digits) < _NATIONAL_DIGITS
        text = f"8({national[: -len(digits)]}) {printed}" if lacks_code else printed
        found.append(Phone(text, f"tel:+7{national}" if national else ""))
    return found


def _national(digits: str, code: str) -> str:
    """The ten digits of a number that exists in the country's plan, else nothing."""
    if len(digits) == _NATIONAL_DIGITS + 1 and digits[0] in "78":
        digits = digits[1:]
    elif len(digits) < _NATIONAL_DIGITS:
        digits = code + digits
    if len(digits) != _NATIONAL_DIGITS:
        return ""
    number = phonenumbers.parse(digits, "KZ")
    return digits if phonenumbers.is_valid_number(number) else ""


@dataclass(frozen=True)
class Opening:
    """Whether the office is open at a moment: until when and with what lunch, or when it opens next."""

    is_open: bool
    closes: datetime | None = None
    lunch: tuple[Any, Any] | None = None
    opens: datetime | None = None
    opens_day: str = ""
    at_lunch: bool = False
    opens_today: bool = False


def opening(office: Office, now: datetime) -> Opening | None:
    """Open or closed at `now`; None where no hours of the office are known."""
    calendar = calendar_of(office)
    now = calendar.local(now)
    try:
        opens = calendar.at_or_next_opening(now)
    except NoWorkingTimeError:
        return None
    if opens > now:
        today = opens.date() == now.date()
        at_lunch = today and calendar.opening(now.date()) <= now
        day = in_language(dict(WEEKDAYS[opens.isoweekday()]))
        return Opening(False, opens=opens, opens_day=day, at_lunch=at_lunch, opens_today=today)
    hours = calendar.hours(now.date())
    lunch = hours.lunch if hours and hours.lunch and hours.lunch[0] > now.time() else None
    return Opening(True, closes=calendar.closing(now.date()), lunch=lunch)


@dataclass(frozen=True)
class Days:
    """Days of the week one after another with the same hours, and these hours for each purpose."""

    name: str
    numbers: tuple[int, ...]
    hours: dict[str, OfficeHours]


def week(office: Office, day: date) -> list[Days]:
    """The hours of the week in force on `day`, Monday first, equal days together; empty where none are known."""
    rows: dict[int, dict[str, OfficeHours]] = {number: {} for number in WEEKDAYS}
    for row in OfficeHours.objects.on(day).filter(office=office):
        rows[row.weekday][row.purpose] = row
    if not any(rows.values()):
        return []
    groups = [list(group) for _hours, group in groupby(rows, key=lambda number: _times(rows[number]))]
    return [Days(_days_name(group), tuple(group), rows[group[0]]) for group in groups]


def _times(hours: dict[str, OfficeHours]) -> list[tuple[Any, ...]]:
    return sorted(
        (row.purpose, row.opens, row.closes, str(row.lunch_from), str(row.lunch_to)) for row in hours.values()
    )


def _days_name(numbers: list[int]) -> str:
    ends = dict.fromkeys((numbers[0], numbers[-1]))
    return " – ".join(in_language(dict(WEEKDAYS[number])) for number in ends)


def exceptions(office: Office, day: date, days: list[Days]) -> Iterator[tuple[date, str, bool]]:
    """The coming days that differ from the weekly hours: the day, why, and whether it is worked."""
    calendar: WorkCalendar = calendar_of(office)
    usual = {number for row in days if HoursPurpose.WORK in row.hours for number in row.numbers}
    for ahead in range(_DAYS_AHEAD if usual else 0):
        coming = day + timedelta(days=ahead)
        works = calendar.is_working_day(coming)
        if works != (coming.isoweekday() in usual):
            yield coming, in_language(dict(calendar.why_closed(coming))), works
