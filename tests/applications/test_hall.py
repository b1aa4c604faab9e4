"""The waiting hall by its acts: numbers, calls, endings, passing on, and the thread from the queue into the case."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from applications import hall, intake, waiting
from applications.casework import ActRefused
from applications.jobs import close_halls
from applications.models import Case, Event, HallWindow, Outcome, Purpose, Visit
from offices.models import Job
from offices.outbox.registry import slots
from tests.factories import (
    ALMATY,
    FRIDAY,
    Team,
    edition,
    make_case,
    make_centre_team,
    make_intake,
    make_staff,
    make_team,
    make_visit,
    make_window,
    office,
)

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)


@pytest.fixture
def team() -> Team:
    return make_team()


@pytest.fixture
def window() -> HallWindow:
    return make_window()


def call(window: HallWindow, team: Team, at: datetime = FRIDAY) -> Visit:
    """The next visitor at the window."""
    window.refresh_from_db()
    visit = hall.call_next(window, turn=window.turn, by=team.clerk, at=at)
    assert visit is not None
    return visit


def finish(visit: Visit, team: Team, outcome: Outcome = Outcome.SERVED, at: datetime = FRIDAY) -> Visit:
    return hall.finish(visit, outcome=outcome, by=team.clerk, at=at)


# ------------------------------------------------------------------ talons


def test_numbers_are_dense_from_one_every_day_in_every_office() -> None:
    first = [make_visit().number for _ in range(3)]
    other, tomorrow = make_visit("south:arys").number, make_visit(at=FRIDAY + timedelta(days=1)).number
    assert (first, other, tomorrow) == ([1, 2, 3], 1, 1)


def test_the_day_is_the_one_of_the_office_not_of_the_server() -> None:
    late = datetime(2026, 3, 13, 23, 30, tzinfo=ALMATY)
    assert make_visit(at=late).day.isoformat() == "2026-03-13"
    assert make_visit(at=late + 31 * MINUTE).day.isoformat() == "2026-03-14"


def test_the_same_form_gives_the_same_talon_and_takes_no_second_number(team: Team) -> None:
    key = uuid.uuid4()
    again = [
        hall.issue(team.office, purpose=Purpose.HAND_IN, edition=edition("E8"), key=key, by=team.clerk, at=FRIDAY).pk
        for _ in range(3)
    ]
    assert len(set(again)) == 1
    assert make_visit().number == 2
    with pytest.raises(ActRefused):
        hall.issue(office("south:arys"), purpose=Purpose.HAND_IN, key=key, by=None, at=FRIDAY)


def test_a_service_of_another_oblast_is_not_offered(team: Team) -> None:
    with pytest.raises(ActRefused) as refusal:
        make_visit(label="E13")
    assert (refusal.value.status, refusal.value.field) == (400, "edition")
    assert not Visit.objects.exists()


def test_a_centre_has_a_hall_for_what_comes_through_it() -> None:
    place = office("south:centre-shymkent-1")
    assert [row.short for row in waiting.editions_here(place, FRIDAY.date())] == ["E7"]
    assert make_visit(place, "E7").number == 1


# ------------------------------------------------------------------ calls


def test_the_earliest_talon_is_called_and_the_waiting_ends_with_the_first_call(team: Team, window: HallWindow) -> None:
    first, second = make_visit(), make_visit(at=FRIDAY + MINUTE)
    called = call(window, team, FRIDAY + 45 * MINUTE)
    assert (called.pk, called.waited, called.window) == (first.pk, 45 * 60, window)
    again = hall.call_again(called, calls=1, by=team.clerk, at=FRIDAY + 47 * MINUTE)
    assert (again.calls, again.waited, again.called_at) == (2, 45 * 60, FRIDAY + 45 * MINUTE)
    assert [row.visit for row in waiting.queue_of(team.office, FRIDAY)] == [second]


def test_a_window_has_one_visitor_at_a_time(team: Team, window: HallWindow) -> None:
    make_visit(), make_visit()
    call(window, team)
    with pytest.raises(ActRefused) as refusal:
        call(window, team)
    assert refusal.value.status == 409
    with pytest.raises(IntegrityError), transaction.atomic():
        Visit.objects.filter(window=None).update(window=window)


def test_the_same_call_twice_calls_one_visitor(team: Team, window: HallWindow) -> None:
    make_visit(), make_visit()
    turns = [hall.call_next(window, turn=0, by=team.clerk, at=FRIDAY) for _ in range(3)]
    assert {visit.number for visit in turns if visit} == {1}
    finish(turns[0], team)  # type: ignore[arg-type]
    # The old page once more, by the back button: it has called already.
    hall.call_next(window, turn=0, by=team.clerk, at=FRIDAY)
    assert Visit.objects.waiting().count() == 1
    assert Event.objects.filter(kind="visit_called").count() == 1


def test_the_same_repeated_call_counts_once(team: Team, window: HallWindow) -> None:
    make_visit()
    visit = call(window, team)
    for _ in range(3):
        again = hall.call_again(visit, calls=1, by=team.clerk, at=FRIDAY + MINUTE)
    assert again.calls == 2


def test_ten_windows_call_ten_visitors_and_one_window_serves_them_all(team: Team) -> None:
    windows = [make_window(number=number) for number in range(1, 11)]
    for _ in range(20):
        make_visit()
    assert sorted(call(window, team).number for window in windows) == list(range(1, 11))
    for visit in Visit.objects.at_windows():
        finish(visit, team)
    served = []
    while visit := hall.call_next(
        windows[0], turn=HallWindow.objects.get(pk=windows[0].pk).turn, by=team.clerk, at=FRIDAY
    ):
        served.append(finish(visit, team).number)
    assert served == list(range(11, 21))


def test_a_window_for_collection_only_calls_nobody_else(team: Team) -> None:
    window = make_window(number=2, purpose=Purpose.COLLECTION)
    make_visit()
    collects = make_visit(purpose=Purpose.COLLECTION)
    assert call(window, team) == collects


def test_only_the_counter_of_the_office_may_call(team: Team, window: HallWindow) -> None:
    make_visit()
    for stranger in (team.head, make_staff("south:arys", "clerk"), make_staff("south:shymkent", "administrator")):
        with pytest.raises(ActRefused) as refusal:
            hall.call_next(window, turn=0, by=stranger, at=FRIDAY)
        assert refusal.value.status == 403
    assert Visit.objects.waiting().count() == 1


# ------------------------------------------------------------------ endings


@pytest.mark.parametrize("outcome", [Outcome.SERVED, Outcome.LEFT, Outcome.NO_SHOW])
def test_every_ending_is_a_row_that_stays_and_the_same_ending_twice_is_one(
    outcome: Outcome, team: Team, window: HallWindow
) -> None:
    make_visit()
    visit = call(window, team)
    ended = [finish(visit, team, outcome, FRIDAY + n * MINUTE) for n in (5, 6)]
    assert [(row.outcome, row.ended_at) for row in ended] == [(outcome, FRIDAY + 5 * MINUTE)] * 2
    other = Outcome.LEFT if outcome != Outcome.LEFT else Outcome.SERVED
    with pytest.raises(ActRefused):
        finish(visit, team, other)
    assert list(Event.objects.order_by("seq").values_list("kind", flat=True)) == [
        "visit_issued", "visit_called", "visit_ended",
    ]  # fmt: skip


def test_who_waits_may_leave_but_cannot_be_served_uncalled(team: Team) -> None:
    visit = make_visit()
    for outcome in (Outcome.SERVED, Outcome.NO_SHOW):
        with pytest.raises(ActRefused):
            finish(visit, team, outcome)
    left = finish(visit, team, Outcome.LEFT, FRIDAY + 50 * MINUTE)
    assert (left.outcome, left.waited, left.called_at) == (Outcome.LEFT, 50 * 60, None)


def test_who_is_passed_on_is_called_first_by_that_window_and_by_no_other(team: Team, window: HallWindow) -> None:
    second, third = make_window(number=2), make_window(number=3)
    passed, waits = make_visit(), make_visit()
    called = call(window, team)
    hall.pass_on(called, window=second, by=team.clerk, at=FRIDAY + 2 * MINUTE)
    hall.pass_on(called, window=second, by=team.clerk, at=FRIDAY + 2 * MINUTE)
    assert call(third, team) == waits
    again = call(second, team, FRIDAY + 9 * MINUTE)
    assert (again, again.called_at, again.waited) == (passed, FRIDAY, 0)
    with pytest.raises(ActRefused):
        hall.pass_on(again, window=make_window("south:arys"), by=team.clerk, at=FRIDAY)


def test_at_the_end_of_the_day_nobody_stays_without_an_outcome(team: Team, window: HallWindow) -> None:
    waits, called, came = make_visit(), make_visit(), make_visit()
    other, third = make_window(number=2), make_window(number=3)
    Visit.objects.filter(pk=waits.pk).update(sent_to=third)
    call(window, team)
    hall.attach(call(other, team), case=make_case(team), by=team.clerk, at=FRIDAY)
    closing = datetime(2026, 3, 13, 18, 0, tzinfo=ALMATY)
    assert hall.close_day(closing + 30 * MINUTE) == 0  # whoever stands at a window is served to the end
    assert hall.close_day(closing + timedelta(hours=2)) == 3
    assert hall.close_day(closing + timedelta(hours=2)) == 0
    rows = {row.pk: (row.outcome, row.ended_at) for row in Visit.objects.all()}
    assert rows == {
        waits.pk: (Outcome.LEFT, closing),
        called.pk: (Outcome.UNKNOWN, closing),
        came.pk: (Outcome.SERVED, closing),
    }
    assert Visit.objects.get(pk=waits.pk).waited == 8 * 3600
    assert Event.objects.filter(kind="visit_closed", actor=None).count() == 3


def test_the_halls_close_by_themselves(team: Team) -> None:
    make_visit()
    close_halls(Job(kind="close_halls"), FRIDAY + timedelta(days=1))
    assert Visit.objects.get().outcome == Outcome.LEFT
    assert "close_halls" in {slot.kind for slot in slots}


def test_the_sweep_of_a_later_day_ends_a_forgotten_saturday_at_midnight(team: Team) -> None:
    make_visit(at=datetime(2026, 3, 14, 11, 0, tzinfo=ALMATY))
    hall.close_day(FRIDAY + timedelta(days=3))
    assert Visit.objects.get().ended_at == datetime(2026, 3, 15, 0, 0, tzinfo=ALMATY)


# ------------------------------------------------------------------ limits of the act


@pytest.mark.parametrize(("minutes", "kind"), [(0, "ok"), (22, "ok"), (23, "soon"), (30, "soon"), (31, "late")])
def test_the_limit_of_the_edition_is_shown_as_it_runs_out(minutes: int, kind: str, team: Team) -> None:
    make_visit()
    row = waiting.queue_of(team.office, FRIDAY + minutes * MINUTE)[0]
    assert (row.minutes, row.limit, row.badge.kind) == (minutes, 30, kind)


def test_collection_and_the_centre_have_limits_of_their_own_and_an_undecided_visitor_has_none() -> None:
    e1, e7, e4 = edition("E1"), edition("E7"), edition("E4")
    assert (waiting.queue_limit(e1, Purpose.HAND_IN), waiting.queue_limit(e1, Purpose.COLLECTION)) == (30, 10)
    assert (waiting.queue_limit(e7, "hand_in"), waiting.queue_limit(e7, "hand_in", at_centre=True)) == (30, 20)
    assert (waiting.queue_limit(e4, "hand_in"), waiting.queue_limit(None, "hand_in")) == (None, None)


# ------------------------------------------------------------------ queue and case are one thread


def test_a_registration_for_a_called_visitor_ties_him_to_the_case_in_the_same_transaction(
    team: Team, window: HallWindow
) -> None:
    make_visit(label="")
    visit = call(window, team, FRIDAY + 45 * MINUTE)
    data = make_intake(team, at=FRIDAY + 45 * MINUTE, visit=visit)
    case = intake.take_in(data, by=team.clerk, at=FRIDAY + 50 * MINUTE)
    visit.refresh_from_db()
    assert (visit.case, visit.edition) == (case, case.edition)
    assert case.events.get().payload["visit"] == visit.pk


def test_a_refused_registration_ties_nobody(team: Team, window: HallWindow) -> None:
    make_visit()
    visit = call(window, team)
    with pytest.raises(ActRefused):
        intake.take_in(make_intake(team, visit=visit), by=team.executor, at=FRIDAY)
    visit.refresh_from_db()
    assert (visit.case, Case.objects.count()) == (None, 0)


def test_a_visit_that_ended_meanwhile_keeps_nobody_from_being_registered(team: Team, window: HallWindow) -> None:
    make_visit()
    visit = finish(call(window, team), team, Outcome.NO_SHOW)
    case = intake.take_in(make_intake(team, visit=visit), by=team.clerk, at=FRIDAY)
    assert case.number
    assert "visit" not in case.events.get().payload
    assert not case.visits.exists()


def test_who_collects_is_tied_to_his_case_by_its_number_once(team: Team, window: HallWindow) -> None:
    case, other = make_case(team), make_case(team)
    make_visit(purpose=Purpose.COLLECTION)
    visit = call(window, team)
    for _ in range(2):
        hall.attach(visit, case=case, by=team.clerk, at=FRIDAY)
    with pytest.raises(ActRefused):
        hall.attach(visit, case=other, by=team.clerk, at=FRIDAY)
    assert list(case.events.values_list("kind", "subject")) == [
        ("register", ""),
        ("visit_attached", f"visit:{visit.pk}"),
    ]


def test_a_case_of_another_office_cannot_be_tied(team: Team, window: HallWindow) -> None:
    make_visit()
    visit = call(window, team)
    with pytest.raises(ActRefused) as refusal:
        hall.attach(visit, case=make_case(make_team("south:arys")), by=team.clerk, at=FRIDAY)
    assert refusal.value.status == 400


def test_the_screen_shows_numbers_and_its_stamp_changes_with_every_call(team: Team, window: HallWindow) -> None:
    for _ in range(15):
        make_visit()
    before = waiting.screen_of(team.office, FRIDAY)
    visit = call(window, team)
    called = waiting.screen_of(team.office, FRIDAY)
    hall.call_again(visit, calls=1, by=team.clerk, at=FRIDAY + MINUTE)
    again: Any = waiting.screen_of(team.office, FRIDAY)
    assert len({before.stamp, called.stamp, again.stamp}) == 3
    assert ([row.number for row in again.called], len(again.waiting), again.more) == ([1], 12, 2)


def test_a_centres_inspector_calls_in_the_hall_of_his_centre() -> None:
    centre = make_centre_team()
    window = make_window(centre.centre)
    make_visit(centre.centre, "E7")
    visit = hall.call_next(window, turn=0, by=centre.inspector, at=FRIDAY)
    assert visit is not None
    assert waiting.in_queue(visit, FRIDAY, centre.centre).limit == 20
