"""The working calendar: the day tables of 2024 to 2027, transfers, hours, and the arithmetic of working time."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from offices.worktime import (
    DayHours,
    DayKind,
    DayRule,
    NoWorkingTimeError,
    WeekHours,
    WorkCalendar,
    WorkWeek,
    propose_transfers,
)

ALMATY = ZoneInfo("Asia/Almaty")
YEARS = (2024, 2025, 2026, 2027)
NINE_TO_SIX = DayHours(time(9), time(18), (time(13), time(14)))
NINE_TO_SEVEN = DayHours(time(9), time(19), (time(13), time(15)))
FOLDER = Path(__file__).parents[2] / "fixtures" / "calendar"
NAME = {"kk": "Ерекше күн", "ru": "Особый день", "en": "Special day"}


def make_rows(*years: int) -> list[dict[str, Any]]:
    return [row for year in years for row in yaml.safe_load((FOLDER / f"{year}.yaml").read_text(encoding="utf-8"))]


NATIONAL = tuple(DayRule(row["date"], DayKind(row["kind"]), row["name"], row["source"]) for row in make_rows(*YEARS))


def make_week(hours: DayHours = NINE_TO_SIX, days: Iterable[int] = range(1, 6)) -> WeekHours:
    return WeekHours(None, None, dict.fromkeys(days, hours))


def make_rule(day: date, kind: DayKind, hours: DayHours | None = None) -> DayRule:
    return DayRule(day, kind, NAME, "order of the office", hours)


def make_calendar(
    *own: DayRule, week: WeekHours | None = None, tz: ZoneInfo = ALMATY, without: Iterable[date] = ()
) -> WorkCalendar:
    """The national calendar with the office's `own` rules, or `without` some of the national ones."""
    national = [rule for rule in NATIONAL if rule.day not in set(without)]
    return WorkCalendar([week or make_week()], [*national, *own], tz)


def at(text: str, tz: ZoneInfo = ALMATY) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=tz)


CALENDAR = make_calendar()
FIRST, LAST = datetime(2024, 1, 2), datetime(2027, 6, 1)  # noqa: DTZ001 - hypothesis adds the zone itself
MOMENTS = st.datetimes(FIRST, LAST, timezones=st.just(ALMATY))


# The day tables


@pytest.mark.parametrize(("month", "days"), [(None, 247), (3, 18), (5, 17)])
def test_the_working_days_of_2026_are_those_of_the_test_set(month: int | None, days: int) -> None:
    assert CALENDAR.working_days_in(2026, month) == days


@pytest.mark.parametrize("year", YEARS)
def test_the_transfers_of_each_table_are_what_the_rule_proposes(year: int) -> None:
    rows = make_rows(year)
    ordered = {row["date"] for row in rows if row["kind"] == "working_day"}
    holidays = {row["date"]: row["transfers"] for row in rows if row["kind"] == "holiday"}
    moved = {row["transferred_from"]: row["date"] for row in rows if row["kind"] == "day_off"}
    assert {day: to for day, to in moved.items() if day not in ordered} == propose_transfers(holidays)
    assert ordered <= set(moved)


@pytest.mark.parametrize("row", make_rows(*YEARS), ids=lambda row: str(row["date"]))
def test_every_row_has_three_names_a_source_and_says_whether_it_was_verified(row: dict[str, Any]) -> None:
    assert all(row["name"][language] for language in ("kk", "ru", "en"))
    assert row["source"]
    assert isinstance(row["verified"], bool)


@pytest.mark.parametrize(
    ("day", "works"),
    [
        (date(2026, 8, 31), True),  # Constitution Day of 30 August ended with 2025
        (date(2025, 9, 1), False),
        (date(2027, 3, 15), False),
        (date(2026, 3, 16), True),
        (date(2026, 3, 24), False),  # for Saturday 21
        (date(2026, 3, 25), False),  # for Sunday 22: 23 is a holiday, 24 already taken
        (date(2026, 3, 26), True),
        (date(2024, 6, 17), True),  # Kurban Ait was on Sunday 16 June 2024
        (date(2027, 5, 17), True),  # and falls on a Sunday again
        (date(2026, 1, 7), False),
        (date(2026, 5, 27), False),
        (date(2024, 5, 4), True),  # a working Saturday
        (date(2024, 5, 8), False),
        (date(2025, 1, 5), True),  # a working Sunday
        (date(2025, 1, 3), False),
    ],
)
def test_the_table_decides_which_days_are_worked(day: date, works: bool) -> None:
    assert CALENDAR.is_working_day(day) is works


def test_a_transfer_takes_the_next_day_that_is_neither_weekend_nor_holiday_nor_taken() -> None:
    nauryz = {date(2026, 3, day): True for day in (21, 22, 23)}
    assert propose_transfers(nauryz) == {
        date(2026, 3, 21): date(2026, 3, 24),
        date(2026, 3, 22): date(2026, 3, 25),
    }


def test_in_a_six_day_week_only_sundays_move() -> None:
    holidays = {row["date"]: row["transfers"] for row in make_rows(2026) if row["kind"] == "holiday"}
    assert propose_transfers(holidays, WorkWeek.SIX_DAY) == {
        date(2026, 3, 8): date(2026, 3, 9),
        date(2026, 3, 22): date(2026, 3, 24),
        date(2026, 10, 25): date(2026, 10, 26),
    }


def test_neither_kurban_ait_nor_7_january_moves_from_a_weekend() -> None:
    assert propose_transfers({date(2027, 5, 16): False, date(2024, 1, 7): True, date(2014, 10, 4): False}) == {}


# Days


def test_a_day_is_closed_by_name() -> None:
    assert CALENDAR.why_closed(date(2026, 3, 23))["ru"] == "Наурыз мейрамы"
    assert CALENDAR.why_closed(date(2026, 3, 24))["en"] == "Nauryz: day off for 21.03.2026"
    assert CALENDAR.why_closed(date(2026, 3, 14)) == {"kk": "Сенбі", "ru": "Суббота", "en": "Saturday"}
    assert CALENDAR.why_closed(date(2026, 3, 13)) == {}
    nameless = WorkCalendar([make_week()], [DayRule(date(2026, 3, 13), DayKind.CLOSED, {}, "")], ALMATY)
    assert nameless.why_closed(date(2026, 3, 13))["en"] == "Office closed"


def test_a_year_is_known_by_its_holidays_and_an_own_exception_does_not_make_it_known() -> None:
    calendar = make_calendar(make_rule(date(2030, 3, 5), DayKind.CLOSED))
    assert calendar.knows(date(2026, 6, 1))
    assert not calendar.knows(date(2030, 6, 1))
    assert not calendar.is_working_day(date(2030, 3, 5))
    assert calendar.is_working_day(date(2030, 5, 1))  # weekly hours only


def test_the_rule_of_the_office_given_last_wins_over_the_national_one() -> None:
    calendar = make_calendar(make_rule(date(2026, 3, 23), DayKind.WORKING_DAY))
    assert calendar.hours(date(2026, 3, 23)) == NINE_TO_SIX


def test_a_working_saturday_is_worked_as_the_weekday_before_unless_it_has_hours_of_its_own() -> None:
    friday = DayHours(time(9), time(17))
    week = WeekHours(None, None, {**dict.fromkeys(range(1, 5), NINE_TO_SIX), 5: friday})
    own = DayHours(time(10), time(12))
    calendar = make_calendar(
        make_rule(date(2026, 6, 13), DayKind.WORKING_DAY), make_rule(date(2026, 6, 20), DayKind.SHORT, own), week=week
    )
    assert calendar.hours(date(2026, 6, 13)) == friday
    assert calendar.hours(date(2026, 6, 20)) == own


def test_weekly_hours_follow_one_another_by_date() -> None:
    july = date(2026, 7, 1)
    weeks = [
        WeekHours(july, None, {1: NINE_TO_SEVEN, 3: NINE_TO_SEVEN}),
        WeekHours(date(2026, 1, 1), july - timedelta(days=1), {1: NINE_TO_SIX, 2: NINE_TO_SIX, 3: NINE_TO_SIX}),
    ]
    calendar = WorkCalendar(weeks, [], ALMATY)
    assert calendar.hours(date(2026, 6, 30)) == NINE_TO_SIX
    assert calendar.hours(july) == NINE_TO_SEVEN
    assert calendar.hours(date(2026, 7, 7)) is None
    assert calendar.hours(date(2025, 12, 31)) is None


def test_next_and_on_or_after_step_over_the_year_end() -> None:
    assert CALENDAR.next_working_day(date(2026, 12, 31)) == date(2027, 1, 5)
    assert CALENDAR.on_or_after(date(2027, 1, 1)) == date(2027, 1, 5)
    assert CALENDAR.on_or_after(date(2027, 1, 5)) == date(2027, 1, 5)
    assert CALENDAR.working_days_between(date(2026, 12, 31), date(2027, 1, 5)) == 2
    assert CALENDAR.working_days_between(date(2027, 1, 5), date(2026, 12, 31)) == 0


# Time


@pytest.mark.parametrize(
    ("start", "minutes", "end"),
    [
        ("2026-03-13T10:00:30", 30, "2026-03-13T10:30:30"),
        ("2026-03-13T08:00", 30, "2026-03-13T09:30"),
        ("2026-03-13T12:45", 30, "2026-03-13T14:15"),
        ("2026-03-13T12:45", 15, "2026-03-13T13:00"),
        ("2026-03-13T13:20", 30, "2026-03-13T14:30"),
        ("2026-03-13T17:30", 30, "2026-03-13T18:00"),
        ("2026-03-13T17:30", 31, "2026-03-16T09:01"),
        ("2026-03-13T18:00", 1, "2026-03-16T09:01"),
        ("2026-03-20T17:30", 60, "2026-03-26T09:30"),
        ("2026-12-31T17:30", 60, "2027-01-05T09:30"),
        ("2026-03-14T11:00", 0, "2026-03-16T09:00"),
    ],
)
def test_working_minutes_run_in_office_hours_only(start: str, minutes: int, end: str) -> None:
    assert CALENDAR.add_minutes(at(start), minutes) == at(end)


def test_ten_years_of_minutes_end_and_a_calendar_without_hours_says_so() -> None:
    assert CALENDAR.add_minutes(at("2026-03-13T10:00"), 10 * 250 * 480).year == 2035
    empty = WorkCalendar([], [], ALMATY)
    with pytest.raises(NoWorkingTimeError, match=r"no working time left within 50 years of 13\.03\.2026"):
        empty.add_minutes(at("2026-03-13T10:00"), 1)
    with pytest.raises(NoWorkingTimeError):
        empty.next_working_day(date(2026, 3, 13))


def test_opening_closing_and_the_next_moment_of_work() -> None:
    assert CALENDAR.opening(date(2026, 3, 13)) == at("2026-03-13T09:00")
    assert CALENDAR.closing(date(2026, 3, 13)) == at("2026-03-13T18:00")
    assert CALENDAR.at_or_next_opening(at("2026-03-13T10:00")) == at("2026-03-13T10:00")
    assert CALENDAR.at_or_next_opening(at("2026-03-13T13:00")) == at("2026-03-13T14:00")
    assert CALENDAR.at_or_next_opening(at("2026-03-13T18:00")) == at("2026-03-16T09:00")


def test_minutes_between_are_negative_once_a_term_is_overdue() -> None:
    due, now = at("2026-03-13T17:00"), at("2026-03-16T10:00:30")
    assert CALENDAR.minutes_between(due, now) == 120
    assert CALENDAR.minutes_between(now, due) == -120
    assert CALENDAR.time_between(at("2026-12-31T10:00"), at("2027-01-05T10:00")) == timedelta(hours=8)


def test_results_are_in_the_zone_of_the_office_and_naive_questions_are_refused() -> None:
    found = CALENDAR.add_minutes(datetime(2026, 3, 13, 5, 0, tzinfo=UTC), 5)
    assert found.isoformat() == "2026-03-13T10:05:00+05:00"
    with pytest.raises(ValueError, match="no time zone"):
        CALENDAR.add_minutes(datetime(2026, 3, 13, 5, 0), 5)  # noqa: DTZ001


# What is refused


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: DayHours(time(18), time(9)),
        lambda: DayHours(time(9), time(18), (time(14), time(13))),
        lambda: DayHours(time(9), time(18), (time(9), time(18))),
        lambda: WeekHours(date(2026, 2, 1), date(2026, 1, 1), {}),
        lambda: WeekHours(None, None, {0: NINE_TO_SIX}),
        lambda: WorkCalendar([make_week(), make_week()], [], ALMATY),
        lambda: make_rule(date(2026, 1, 1), DayKind.SHORT),
        lambda: make_rule(date(2026, 1, 1), DayKind.HOLIDAY, NINE_TO_SIX),
        lambda: CALENDAR.closing(date(2026, 3, 14)),
        lambda: CALENDAR.opening(date(2026, 3, 14)),
        lambda: CALENDAR.nth_working_day(date(2026, 3, 14), 0),
        lambda: CALENDAR.add_minutes(at("2026-03-13T10:00"), -1),
        lambda: NINE_TO_SIX.clock_after(10**12),
    ],
)
def test_what_makes_no_sense_is_refused(wrong: Any) -> None:
    with pytest.raises(ValueError, match=r"."):
        wrong()


# Properties


@given(MOMENTS, st.integers(1, 100_000))
def test_adding_minutes_and_counting_them_are_inverse(start: datetime, minutes: int) -> None:
    end = CALENDAR.add_minutes(start, minutes)
    assert CALENDAR.minutes_between(start, end) == minutes
    assert CALENDAR.time_between(start, end) == timedelta(minutes=minutes)


@given(MOMENTS, MOMENTS, MOMENTS)
def test_working_time_adds_up(one: datetime, two: datetime, three: datetime) -> None:
    parts = CALENDAR.time_between(one, two) + CALENDAR.time_between(two, three)
    assert parts == CALENDAR.time_between(one, three)


@given(MOMENTS, st.integers(1, 900))
def test_the_nth_working_day_is_found_by_counting(start: datetime, n: int) -> None:
    day, left = start.date(), n
    while left:
        day += timedelta(days=1)
        left -= CALENDAR.is_working_day(day)
    assert CALENDAR.nth_working_day(start.date(), n) == day
