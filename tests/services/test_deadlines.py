"""When things are due: the test set of 2026, the traps of DOMAIN 11.2, and properties that hold for any term."""

import json
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from offices.worktime import DayKind, NoWorkingTimeError, WorkCalendar
from services.deadlines import Due, Norm, Pause, PausedTerm, Unit, due, due_instant, parse_norm
from tests.offices.test_worktime import (
    CALENDAR,
    MOMENTS,
    NATIONAL,
    NINE_TO_SEVEN,
    NINE_TO_SIX,
    at,
    make_calendar,
    make_rule,
    make_week,
)

WD, CD = Unit.WORKING_DAY, Unit.CALENDAR_DAY
RUNS = (time(10), time(12, 30), time(16))
FRIDAY = "2026-03-13T10:00"


def ends(start: str, norm: str, calendar: WorkCalendar = CALENDAR, pauses: Any = (), runs: Any = ()) -> str:
    """The due moment as "2026-03-13T18:00"; the trace is asked for too, and must agree."""
    found = due(at(start, calendar.tz), parse_norm(norm), calendar, pauses, runs)
    assert found.instant == due_instant(at(start, calendar.tz), parse_norm(norm), calendar, pauses, runs)
    return found.instant.replace(tzinfo=None).isoformat(timespec="minutes")


def pause(start: str, end: str | None) -> Pause:
    return Pause(at(start), at(end) if end else None)


def told(found: Due, kind: str, field: str = "date") -> list[Any]:
    return [line.as_dict().get(field) for line in found.trace if line.kind == kind]


@pytest.mark.parametrize(
    ("start", "norm", "end"),
    [
        ("2026-03-13T10:00", "7 working_day", "2026-03-27T18:00"),
        ("2026-03-13T10:00", "10 working_day", "2026-04-01T18:00"),
        ("2026-03-13T10:00", "15 calendar_day", "2026-03-30T18:00"),
        ("2026-03-20T10:00", "1 working_day", "2026-03-26T18:00"),
        ("2026-04-30T10:00", "5 working_day", "2026-05-12T18:00"),
        ("2026-05-26T10:00", "1 working_day", "2026-05-28T18:00"),
    ],
)
def test_the_terms_of_the_2026_test_set(start: str, norm: str, end: str) -> None:
    assert ends(start, norm) == end


# Traps of DOMAIN 11.2, by number


def test_01_the_last_day_is_on_time_until_closing_and_late_after_it() -> None:
    end = due_instant(at(FRIDAY), Norm(1, WD), CALENDAR)
    assert at("2026-03-16T00:00") < end
    assert at("2026-03-16T17:59") <= end < at("2026-03-16T18:01")


def test_02_days_count_from_the_next_working_day_and_minutes_from_the_next_minute() -> None:
    assert ends(FRIDAY, "1 working_day") == "2026-03-16T18:00"
    assert ends(FRIDAY, "1 minute") == "2026-03-13T10:01"
    counted = due(at(FRIDAY), Norm(2, WD, count_start_day=True), CALENDAR)
    assert told(counted, "counted") == ["2026-03-13", "2026-03-16"]
    after_hours = due_instant(at("2026-03-13T18:30"), Norm(1, WD, count_start_day=True), CALENDAR)
    assert after_hours == at("2026-03-16T18:00")  # the day is over, so it cannot be day 1


@pytest.mark.parametrize(
    ("start", "half_an_hour", "reason"),
    [
        ("2026-03-13T07:10", "2026-03-13T09:30", "Before opening"),
        ("2026-03-13T13:20", "2026-03-13T14:30", "Lunch break"),
        ("2026-03-13T18:00", "2026-03-16T09:30", "After closing"),
        ("2026-03-23T11:00", "2026-03-26T09:30", "Nauryz"),
        ("2026-03-14T11:00", "2026-03-16T09:30", "Saturday"),
    ],
)
def test_03_a_start_outside_hours_moves_to_the_next_opening_and_says_why(
    start: str, half_an_hour: str, reason: str
) -> None:
    assert ends(start, "30 minute") == half_an_hour
    assert [r["en"] for r in told(due(at(start), Norm(30, Unit.MINUTE), CALENDAR), "start_moved", "reason")] == [reason]


@pytest.mark.parametrize("start", ["2026-03-13T18:30", "2026-03-14T11:00", "2026-03-15T23:59"])
def test_03_a_day_term_started_after_hours_or_on_a_day_off_has_the_next_working_day_as_day_one(start: str) -> None:
    assert ends(start, "1 working_day") == "2026-03-16T18:00"


def test_04_terms_run_across_the_ends_of_months_and_years() -> None:
    assert ends("2026-04-29T10:00", "2 working_day") == "2026-05-04T18:00"
    assert ends("2026-12-30T10:00", "3 working_day") == "2027-01-06T18:00"
    assert ends("2026-12-25T10:00", "10 calendar_day") == "2027-01-05T18:00"
    assert ends("2026-12-31T17:30", "1 hour") == "2027-01-05T09:30"


def test_05_a_working_saturday_is_counted_and_a_saturday_freed_again_is_not() -> None:
    assert ends("2024-05-03T10:00", "1 working_day") == "2024-05-04T18:00"
    freed = make_calendar(without=[date(2024, 5, 4)])
    assert ends("2024-05-03T10:00", "1 working_day", freed) == "2024-05-06T18:00"
    assert ends("2024-05-03T17:30", "1 hour") == "2024-05-04T09:30"


def test_06_one_working_day_is_not_24_working_hours() -> None:
    assert ends("2026-03-16T10:00", "1 working_day") == "2026-03-17T18:00"
    assert ends("2026-03-16T10:00", "24 hour") == "2026-03-19T10:00"


def test_07_calendar_days_are_added_first_and_the_last_one_moves_only_then() -> None:
    found = due(at(FRIDAY), Norm(8, CD), CALENDAR)  # Saturday 21 March, then Nauryz and its days off
    assert found.unmoved == date(2026, 3, 21)
    assert found.instant == at("2026-03-26T18:00")
    assert told(found, "moved") == ["2026-03-21"]
    assert told(found, "skipped") == [f"2026-03-{day}" for day in (22, 23, 24, 25)]
    assert due(at(FRIDAY), Norm(3, CD), CALENDAR).unmoved is None


def test_07_a_norm_that_does_not_roll_stays_on_the_day_off_and_warns() -> None:
    found = due(at(FRIDAY), Norm(15, CD, roll=False), CALENDAR)
    assert (found.instant, found.unmoved) == (at("2026-03-28T18:00"), None)
    assert told(found, "warning") == ["2026-03-28"]


def test_08_a_holiday_added_or_removed_moves_what_is_computed_anew_and_not_what_was_computed() -> None:
    frozen = due(at(FRIDAY), Norm(7, WD), CALENDAR)
    added = make_calendar(make_rule(date(2026, 3, 18), DayKind.CLOSED))
    removed = make_calendar(without=[date(2026, 3, 25)])
    assert ends(FRIDAY, "7 working_day", added) == "2026-03-30T18:00"
    assert ends(FRIDAY, "7 working_day", removed) == "2026-03-26T18:00"
    assert frozen.instant == at("2026-03-27T18:00")


def test_09_31_august_2026_is_worked_and_15_march_2027_is_off() -> None:
    assert ends("2026-08-28T10:00", "1 working_day") == "2026-08-31T18:00"
    assert ends("2027-03-12T10:00", "1 working_day") == "2027-03-16T18:00"


def test_10_a_transfer_onto_a_taken_day_takes_the_one_after_it() -> None:
    found = due(at("2026-03-20T10:00"), Norm(1, WD), CALENDAR)
    assert [reason["en"] for reason in told(found, "skipped", "reason")] == [
        "Nauryz",
        "Nauryz",
        "Nauryz",
        "Nauryz: day off for 21.03.2026",
        "Nauryz: day off for 22.03.2026",
    ]


def test_11_kurban_ait_on_a_sunday_does_not_move() -> None:
    assert ends("2024-06-14T10:00", "1 working_day") == "2024-06-17T18:00"
    assert ends("2027-05-14T10:00", "1 working_day") == "2027-05-17T18:00"


def test_12_two_pauses_take_their_days_out() -> None:
    pauses = [pause("2026-04-08T10:00", "2026-04-09T10:00"), pause("2026-04-14T10:00", "2026-04-16T10:00")]
    assert ends("2026-04-06T10:00", "5 working_day") == "2026-04-13T18:00"
    assert ends("2026-04-06T10:00", "5 working_day", pauses=pauses[:1]) == "2026-04-14T18:00"
    assert ends("2026-04-06T10:00", "5 working_day", pauses=pauses) == "2026-04-16T18:00"
    assert ends("2026-04-06T10:00", "5 working_day", pauses=pauses[::-1] + pauses) == "2026-04-16T18:00"


def test_12_a_pause_over_a_weekend_costs_one_working_day_and_three_calendar_days() -> None:
    weekend = [pause("2026-04-10T10:00", "2026-04-13T10:00")]
    assert ends("2026-04-09T10:00", "2 working_day", pauses=weekend) == "2026-04-14T18:00"
    assert ends("2026-04-09T10:00", "2 calendar_day", pauses=weekend) == "2026-04-14T18:00"
    assert ends("2026-04-10T09:30", "2 hour", pauses=weekend) == "2026-04-13T11:30"
    assert ends("2026-04-10T09:30", "1 within_working_day", pauses=weekend) == "2026-04-13T18:00"


def test_12_a_pause_within_a_day_or_outside_hours_costs_no_day_and_minutes_stop() -> None:
    short = [pause("2026-04-07T10:00", "2026-04-07T11:00"), pause("2026-04-07T18:00", "2026-04-08T08:00")]
    assert ends("2026-04-06T10:00", "2 working_day", pauses=short) == "2026-04-08T18:00"
    assert ends("2026-04-07T09:30", "60 minute", pauses=short) == "2026-04-07T11:30"


def test_12_overlapping_pauses_count_once_and_a_removed_pause_gives_the_days_back() -> None:
    overlapping = [pause("2026-04-07T10:00", "2026-04-09T10:00"), pause("2026-04-08T10:00", "2026-04-10T10:00")]
    assert ends("2026-04-06T10:00", "3 working_day", pauses=overlapping) == "2026-04-14T18:00"
    assert ends("2026-04-06T10:00", "3 working_day") == "2026-04-09T18:00"


def test_12_an_extension_inside_a_pause_adds_its_days_after_the_pause() -> None:
    stop = [pause("2026-04-08T10:00", "2026-04-13T10:00")]
    assert ends("2026-04-06T10:00", "5 working_day", pauses=stop) == "2026-04-16T18:00"
    assert ends("2026-04-06T10:00", "8 working_day", pauses=stop) == "2026-04-21T18:00"


@pytest.mark.parametrize("unit", ["60 minute", "3 working_day", "3 calendar_day", "1 within_day", "2 times_a_day"])
def test_12_nothing_is_due_in_a_pause_without_an_end_unless_the_term_ended_before_it(unit: str) -> None:
    for ask in (due, due_instant):
        with pytest.raises(PausedTerm, match="2026-04-06T10:15"):
            ask(at("2026-04-06T10:00"), parse_norm(unit), CALENDAR, [pause("2026-04-06T10:15", None)])
    later = [pause("2026-05-20T10:00", None)]
    assert ends("2026-04-06T10:00", unit, pauses=later) == ends("2026-04-06T10:00", unit)


def test_15_within_the_day_is_until_closing_and_each_unit_keeps_its_own_words() -> None:
    for norm in ("1 within_working_day", "1 within_day", "3 times_a_day"):
        assert ends(FRIDAY, norm) == "2026-03-13T18:00"
        assert ends("2026-03-13T07:00", norm) == "2026-03-13T18:00"
        assert ends("2026-03-13T18:00", norm) == "2026-03-16T18:00"
        assert ends("2026-03-14T11:00", norm) == "2026-03-16T18:00"
    words = [told(due(at(FRIDAY), Norm(1, unit), CALENDAR), "norm", "reason")[0]["en"] for unit in Unit]
    assert len(set(words)) == len(Unit)


def test_15_a_bare_day_is_a_calendar_day_so_it_runs_through_the_weekend() -> None:
    assert ends("2026-04-02T10:00", "4 calendar_day") == "2026-04-06T18:00"
    assert ends("2026-04-02T10:00", "4 working_day") == "2026-04-08T18:00"


@pytest.mark.parametrize(
    ("start", "end"),
    [
        ("2026-03-13T09:00", "2026-03-13T10:00"),
        ("2026-03-13T10:00", "2026-03-13T12:30"),
        ("2026-03-13T16:01", "2026-03-16T10:00"),
        ("2026-03-14T11:00", "2026-03-16T10:00"),
    ],
)
def test_15_times_a_day_is_due_with_the_next_run(start: str, end: str) -> None:
    assert ends(start, "3 times_a_day", runs=RUNS) == end


def test_15_runs_outside_the_hours_of_the_day_do_not_count_and_too_few_runs_warn() -> None:
    assert ends(FRIDAY, "1 times_a_day", runs=[time(7), time(20)]) == "2026-03-13T18:00"
    assert told(due(at(FRIDAY), Norm(3, Unit.TIMES_A_DAY), CALENDAR, runs=RUNS[:2]), "warning", "n") == [2]
    assert told(due(at(FRIDAY), Norm(3, Unit.TIMES_A_DAY), CALENDAR, runs=RUNS), "warning", "n") == []
    stop = [pause("2026-03-13T11:00", "2026-03-13T13:00")]
    assert ends(FRIDAY, "3 times_a_day", pauses=stop, runs=RUNS) == "2026-03-13T16:00"


def test_16_reception_from_tuesday_to_friday_does_not_move_a_calendar_term_of_the_staff() -> None:
    assert ends("2026-04-01T10:00", "10 calendar_day") == "2026-04-13T18:00"  # Saturday, moved to Monday
    tuesday_to_friday = make_calendar(week=make_week(days=range(2, 6)))
    assert ends("2026-04-01T10:00", "10 calendar_day", tuesday_to_friday) == "2026-04-14T18:00"


def test_17_a_service_runs_in_its_own_hours() -> None:
    own = make_calendar(week=make_week(NINE_TO_SEVEN))
    assert ends("2026-03-13T12:45", "30 minute", own) == "2026-03-13T15:15"
    assert ends("2026-03-13T18:30", "30 minute", own) == "2026-03-13T19:00"
    assert ends(FRIDAY, "1 working_day", own) == "2026-03-16T19:00"


def test_18_at_a_centre_the_day_of_taking_is_not_counted_and_the_result_is_back_a_day_earlier() -> None:
    centre = due(at(FRIDAY), Norm(10, WD, shift_days=1), CALENDAR)
    assert centre.instant == at("2026-03-31T18:00")
    assert told(centre, "counted")[0] == "2026-03-16"
    assert told(centre, "moved", "n") == [1]
    assert due_instant(at(FRIDAY), Norm(15, CD, shift_days=1), CALENDAR) == at("2026-03-27T18:00")
    stop = [pause("2026-03-27T19:00", "2026-03-28T23:00")]  # between the early result and the end of the term
    assert len(told(due(at(FRIDAY), Norm(15, CD, shift_days=1), CALENDAR, stop), "counted")) == 15
    soon = due_instant(at("2026-03-13T19:00"), Norm(2, CD, shift_days=1), CALENDAR)
    assert soon == at("2026-03-16T18:00")  # never before it began


def test_20_terms_over_the_zone_change_of_2024_keep_the_hour_on_the_wall() -> None:
    found = due(at("2024-02-29T17:30"), Norm(60, Unit.MINUTE), CALENDAR)
    assert [found.trace[0].at, found.instant.isoformat()] == ["2024-02-29T17:30:00+06:00", "2024-03-01T09:30:00+05:00"]
    assert due_instant(at("2024-02-28T10:00"), Norm(2, WD), CALENDAR).isoformat() == "2024-03-01T18:00:00+05:00"


def test_20_an_office_in_another_zone_counts_by_its_own_clock() -> None:
    oral = make_calendar(tz=ZoneInfo("Asia/Oral"))
    start = at("2024-02-05T09:30")  # 08:30 in Oral, before opening
    assert due_instant(start, Norm(30, Unit.MINUTE), oral).isoformat() == "2024-02-05T09:30:00+05:00"
    late = datetime(2026, 3, 15, 20, 0, tzinfo=UTC)  # already Monday in Almaty
    assert due_instant(late, Norm(1, WD), CALENDAR) == at("2026-03-17T18:00")
    with pytest.raises(ValueError, match="no time zone"):
        due_instant(datetime(2026, 3, 13, 10), Norm(1, WD), CALENDAR)  # noqa: DTZ001


# Norms and traces


@pytest.mark.parametrize(
    "text", ["", "10", "ten working_day", "10 days", "0 minute", "-1 hour", "2 within_day", "1 2 hour"]
)
def test_a_norm_that_cannot_be_read_is_refused_with_the_units(text: str) -> None:
    with pytest.raises(ValueError, match="units are minute, hour, working_day, calendar_day, within"):
        parse_norm(text)


def test_what_cannot_be_counted_is_refused() -> None:
    with pytest.raises(ValueError, match="back 1 days before the end of 1 working_day"):
        Norm(1, WD, shift_days=1)
    with pytest.raises(ValueError, match="from 1 to"):
        Norm(0, WD)
    with pytest.raises(ValueError, match="cannot end before it starts"):
        pause("2026-03-13T10:00", "2026-03-12T10:00")
    with pytest.raises(NoWorkingTimeError):
        due_instant(at(FRIDAY), Norm(1, WD), WorkCalendar([], [], CALENDAR.tz))


def test_the_trace_tells_everything_in_three_languages_and_is_ready_for_json() -> None:
    stop = [pause("2026-03-17T10:00", "2026-03-18T10:00")]
    found = due(at(FRIDAY), Norm(2, WD, point="7", text="2 жұмыс күні"), CALENDAR, stop)
    lines = [line.as_dict() for line in found.trace]
    assert [line["kind"] for line in lines] == (
        ["start", "start_moved", "norm", "pause", "skipped", "skipped", "counted", "skipped", "counted", "end"]
    )
    assert lines[2]["reason"] == {
        "kk": "2 жұмыс күні, 7-тармақ",
        "ru": "2 раб. дн., п. 7",
        "en": "2 working day(s), point 7",
    }
    assert all(set(line["reason"]) == {"kk", "ru", "en"} and all(line["reason"].values()) for line in lines)
    assert json.loads(json.dumps(lines)) == lines


def test_the_trace_warns_of_each_year_without_a_day_table() -> None:
    found = due(at("2027-12-30T10:00"), Norm(270, WD), CALENDAR)
    assert told(found, "warning", "n") == [2028, 2029]
    assert "2028" in told(found, "warning", "reason")[0]["ru"]


# Properties

NORMS = st.one_of(
    st.builds(Norm, st.integers(1, 300), st.sampled_from([WD, CD, Unit.MINUTE, Unit.HOUR, Unit.TIMES_A_DAY])),
    st.builds(Norm, st.just(1), st.sampled_from([Unit.WITHIN_DAY, Unit.WITHIN_WORKING_DAY])),
    st.builds(
        Norm, st.integers(2, 40), st.sampled_from([WD, CD]), shift_days=st.just(1), count_start_day=st.booleans()
    ),
)
# Pauses near the start, so that they meet the term: hours from the start to the pause, and its length in hours.
STOPS = st.lists(st.tuples(st.integers(-48, 900), st.integers(0, 300)), max_size=4)


def pauses_from(start: datetime, stops: list[tuple[int, int]]) -> list[Pause]:
    begins = [(start + timedelta(hours=begin), timedelta(hours=length)) for begin, length in stops]
    return [Pause(begin, begin + length) for begin, length in begins]


@given(MOMENTS, NORMS, STOPS)
def test_a_term_ends_after_it_began_in_office_hours_in_no_pause_and_both_ways_of_asking_agree(
    start: datetime, norm: Norm, stops: list[tuple[int, int]]
) -> None:
    pauses = pauses_from(start, stops)
    found = due(start, norm, CALENDAR, pauses, RUNS)
    assert found.instant == due_instant(start, norm, CALENDAR, pauses, RUNS)
    assert found.instant > start
    assert not any(pause.holds(found.instant) for pause in pauses)
    hours = CALENDAR.hours(found.instant.date())
    assert hours is not None
    assert any(begin <= found.instant.time() <= end for begin, end in hours.windows())
    if norm.unit is WD:
        assert told(found, "counted", "n")[-1] == norm.amount - norm.shift_days
    elif norm.unit is CD:
        assert len(told(found, "counted")) == norm.amount
    elif norm.unit in (Unit.MINUTE, Unit.HOUR):
        assert told(found, "counted", "n")[-1] == norm.amount * (60 if norm.unit is Unit.HOUR else 1)


@given(MOMENTS, NORMS, STOPS, st.timedeltas(timedelta(), timedelta(days=30)), st.integers(0, 30))
def test_a_later_start_or_a_longer_term_is_never_due_earlier(
    start: datetime, norm: Norm, stops: list[tuple[int, int]], later: timedelta, more: int
) -> None:
    pauses = pauses_from(start, stops)
    end = due_instant(start, norm, CALENDAR, pauses, RUNS)
    assert due_instant(start + later, norm, CALENDAR, pauses, RUNS) >= end
    if norm.unit not in (Unit.WITHIN_DAY, Unit.WITHIN_WORKING_DAY):
        longer = Norm(norm.amount + more, norm.unit, count_start_day=norm.count_start_day, shift_days=norm.shift_days)
        assert due_instant(start, longer, CALENDAR, pauses, RUNS) >= end


@given(MOMENTS, NORMS, st.sampled_from([rule.day for rule in NATIONAL if rule.kind is not DayKind.WORKING_DAY]))
def test_removing_a_holiday_never_makes_a_date_later(start: datetime, norm: Norm, holiday: date) -> None:
    # A result back a day before the end is the exception: the freed day may be that day, which is later than before.
    assume(not (norm.unit is CD and norm.shift_days))
    without = make_calendar(without=[holiday])
    assert due_instant(start, norm, without, runs=RUNS) <= due_instant(start, norm, CALENDAR, runs=RUNS)


@given(MOMENTS, st.integers(1, 300))
def test_a_working_day_term_counts_exactly_its_working_days(start: datetime, n: int) -> None:
    end = due_instant(start, Norm(n, WD), CALENDAR)
    assert CALENDAR.working_days_between(start.date() + timedelta(days=1), end.date()) == n
    assert end == CALENDAR.closing(end.date())
    assert CALENDAR.hours(end.date()) == NINE_TO_SIX
