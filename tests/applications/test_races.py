"""Many people at the same moment, in real transactions: one wins, the others are told, and nothing is done twice.

Each test works in a copy of the test database, so that what its threads commit is nobody else's business.
"""

from __future__ import annotations

import threading
import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, connections

from applications import actions, hall, intake, notices, shipping, signatures, signing
from applications.casework import ActRefused, stale
from applications.models import Case, Event, NumberBook, Paper, PaperSignature, Person, Purpose, Shipment, Visit
from applications.models import Outcome as Ending
from applications.queries import persons_with
from applications.workflow import State
from offices.models import Membership
from tests.applications.keys import PASSWORD, head
from tests.copies import database_copy
from tests.factories import (
    FRIDAY,
    Team,
    make_case,
    make_centre_case,
    make_centre_team,
    make_intake,
    make_person,
    make_team,
    make_visit,
    make_window,
    office,
)

AT = FRIDAY + timedelta(minutes=50)


@pytest.fixture(autouse=True)
def db(django_db_setup: None, django_db_blocker: Any, tmp_path: Path, settings: Any) -> Iterator[None]:
    """A copy of the test database with the law in it, thrown away after the test (in place of pytest-django's own)."""
    settings.PAPERS_AT_ONCE = False
    with django_db_blocker.unblock(), database_copy(tmp_path):
        yield


@dataclass
class Outcome:
    """What became of several acts begun at the same moment."""

    done: list[Any] = field(default_factory=list)
    refused: list[ActRefused] = field(default_factory=list)
    broken: list[Exception] = field(default_factory=list)


def at_once(*acts: Callable[[], Any]) -> Outcome:
    """Begin all `acts` at the same moment, each in a thread with a connection of its own."""
    outcome, start = Outcome(), threading.Barrier(len(acts))

    def run(act: Callable[[], Any]) -> None:
        try:
            connection.ensure_connection()
            start.wait(timeout=30)
            outcome.done.append(act())
        except ActRefused as refusal:
            outcome.refused.append(refusal)
        except Exception as problem:  # whatever it is, the test names it
            outcome.broken.append(problem)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert not outcome.broken, outcome.broken
    return outcome


def chain_is_dense(key: str = "south:shymkent") -> bool:
    """Whether the events of the office stand without a hole, each on the one before."""
    events = list(Event.objects.filter(office=office(key)).order_by("seq"))
    places = [event.seq for event in events] == list(range(1, len(events) + 1))
    return places and all(after.previous == before.hash for before, after in pairwise(events))


def clerks(team: Team, number: int) -> list[Any]:
    """The clerk of the team several times over, as colleagues at neighbouring counters."""
    from tests.factories import make_staff

    return [team.clerk, *(make_staff(team.office.key, "clerk") for _ in range(number - 1))]


# ------------------------------------------------------------------ signatures


def test_of_two_heads_who_sign_at_once_one_signs_and_the_other_is_told() -> None:
    team = make_team()
    for turn in range(1, 6):
        case = make_case(team, state=State.PREPARED)
        seen = [Case.objects.get(pk=case.pk) for _ in range(2)]
        outcome = at_once(
            lambda seen=seen: actions.sign(seen[0], by=team.head, at=AT),
            lambda seen=seen: actions.sign(seen[1], by=team.deputy, at=AT),
        )
        assert (len(outcome.done), [refusal.status for refusal in outcome.refused]) == (1, [409])
        assert outcome.refused[0].message == stale().message
        assert Case.objects.get(pk=case.pk).state == State.SIGNED
        assert [decision.number for decision in case.decisions.all()] == [f"{team.office.code}-R-2026-{turn:05d}"]
        assert Paper.objects.filter(case=case, kind="grant").count() == 1
        assert Event.objects.filter(case=case, kind="sign").count() == 1
    assert chain_is_dense()


def test_a_signature_and_a_return_at_once_give_one_of_the_two() -> None:
    team = make_team()
    for _turn in range(5):
        case = make_case(team, state=State.PREPARED)
        seen = [Case.objects.get(pk=case.pk) for _ in range(2)]
        outcome = at_once(
            lambda seen=seen: actions.sign(seen[0], by=team.head, at=AT),
            lambda seen=seen: actions.return_for_rework(seen[1], reason="Күні жоқ.", by=team.deputy, at=AT),
        )
        assert (len(outcome.done), [refusal.status for refusal in outcome.refused]) == (1, [409])
        decision = case.decisions.get()
        state = Case.objects.get(pk=case.pk).state
        assert (state, bool(decision.signed_by), bool(decision.returned_by)) in [
            (State.SIGNED, True, False),
            (State.ASSIGNED, False, True),
        ]
        assert Paper.objects.filter(case=case, kind="grant").count() == (state == State.SIGNED)
    assert chain_is_dense()


def test_the_same_signature_sent_many_times_at_once_signs_once() -> None:
    team, token = make_team(), uuid.uuid4()
    case = make_case(team, state=State.PREPARED)
    seen = [Case.objects.get(pk=case.pk) for _ in range(6)]
    outcome = at_once(*(lambda one=one: actions.sign(one, by=team.head, at=AT, token=token) for one in seen))
    assert {done.pk for done in outcome.done} == {case.pk}
    assert (len(outcome.done), Event.objects.filter(case=case, kind="sign").count()) == (6, 1)


# ------------------------------------------------------------------ numbers


def test_ten_counters_at_once_take_ten_numbers_without_a_hole() -> None:
    team = make_team()
    people = clerks(team, 10)
    applications = [make_intake(team) for _ in people]
    outcome = at_once(
        *(
            lambda data=data, by=by: intake.take_in(data, by=by, at=AT, token=uuid.uuid4())
            for data, by in zip(applications, people, strict=True)
        )
    )
    numbers = sorted(case.number for case in outcome.done)
    assert numbers == [f"{team.office.code}-2026-{n:05d}" for n in range(1, 11)]
    assert NumberBook.objects.get(office=team.office, book="", year=2026).last == 10
    assert chain_is_dense()


def test_a_refused_registration_leaves_no_hole_among_the_numbers() -> None:
    team, stranger = make_team(), make_team("south:arys")
    applications = [make_intake(team) for _ in range(6)]
    outcome = at_once(
        *(
            lambda data=data, by=by: intake.take_in(data, by=by, at=AT)
            for data, by in zip(applications, [team.clerk, stranger.clerk] * 3, strict=True)
        )
    )
    assert Counter(refusal.status for refusal in outcome.refused) == {403: 3}
    assert sorted(case.number[-5:] for case in outcome.done) == ["00001", "00002", "00003"]


def test_the_same_form_ten_times_at_once_makes_one_case() -> None:
    team, token = make_team(), uuid.uuid4()
    data = make_intake(team)
    outcome = at_once(*[lambda: intake.take_in(data, by=team.clerk, at=AT, token=token)] * 10)
    assert len(outcome.done) == 10
    assert len({case.pk for case in outcome.done}) == 1
    assert [Case.objects.count(), Person.objects.count(), Paper.objects.count(), Event.objects.count()] == [1, 1, 1, 1]


def test_one_new_applicant_at_several_counters_at_once_is_one_person() -> None:
    team, person = make_team(), make_person()
    applications = [make_intake(team, label, person=person) for label in ("E5", "E8", "E10", "E12")]
    outcome = at_once(*(lambda data=data: intake.take_in(data, by=team.clerk, at=AT) for data in applications))
    assert len(outcome.done) == 4
    assert len(persons_with(person.iin)) == 1


# ------------------------------------------------------------------ packages


def test_two_scanners_with_the_same_packages_in_other_order_move_each_once() -> None:
    team, centre = make_team(), make_centre_team()
    cases = [make_centre_case(team, centre, state=State.COLLECTED) for _ in range(4)]
    numbers = [case.centre_number for case in cases]
    outcome = at_once(
        lambda: shipping.dispatch(numbers, by=centre.accumulator, at=AT),
        lambda: shipping.dispatch(numbers[::-1], by=centre.accumulator, at=AT),
    )
    assert (len(outcome.done), [refusal.status for refusal in outcome.refused]) == (1, [409])
    assert Shipment.objects.get().items.count() == 4
    assert Event.objects.filter(kind="dispatch").count() == 4


def test_a_scan_and_a_withdrawal_of_one_of_its_packages_do_not_wait_for_each_other_for_ever() -> None:
    team, centre = make_team(), make_centre_team()
    for _turn in range(5):
        cases = [make_centre_case(team, centre, state=State.COLLECTED) for _ in range(6)]
        last = Case.objects.get(pk=cases[-1].pk)
        outcome = at_once(
            lambda cases=cases: shipping.dispatch([case.centre_number for case in cases], by=centre.accumulator, at=AT),
            lambda last=last: actions.withdraw(last, reason="өз қалауы", by=centre.inspector, at=AT),
        )
        assert (len(outcome.done), [refusal.status for refusal in outcome.refused]) == (1, [409])
        state = Case.objects.get(pk=last.pk).state
        assert state in (State.WITHDRAWN, State.DISPATCHED)
        moved = {Case.objects.get(pk=case.pk).state for case in cases[:-1]}
        assert moved == {State.COLLECTED if state == State.WITHDRAWN else State.DISPATCHED}
    assert chain_is_dense("south:centre-shymkent-1")


# ------------------------------------------------------------------ the waiting hall


def test_of_windows_that_call_at_once_each_gets_another_visitor() -> None:
    team = make_team()
    windows = [make_window(number=number) for number in range(1, 7)]
    visits = [make_visit() for _ in range(4)]
    outcome = at_once(
        *(lambda row=row: hall.call_next(row, turn=0, by=team.clerk, at=AT) for row in windows),
    )
    called = [visit for visit in outcome.done if visit is not None]
    assert sorted(visit.number for visit in called) == [visit.number for visit in visits]
    assert Event.objects.filter(kind="visit_called").count() == len(visits)
    assert chain_is_dense()


def test_ten_talons_at_once_have_ten_numbers_and_one_form_gives_one() -> None:
    team, key = make_team(), uuid.uuid4()
    outcome = at_once(
        *(lambda: make_visit(by=team.clerk) for _ in range(6)),
        *(lambda: hall.issue(team.office, purpose=Purpose.HAND_IN, key=key, by=None, at=AT) for _ in range(4)),
    )
    assert len(outcome.done) == 10
    assert sorted(Visit.objects.values_list("number", flat=True)) == list(range(1, 8))


def test_a_visitor_called_and_leaving_at_once_has_one_ending_or_a_window() -> None:
    team = make_team()
    for number in range(1, 6):
        window, visit = make_window(number=number), make_visit()
        at_once(
            lambda window=window: hall.call_next(window, turn=0, by=team.clerk, at=AT),
            lambda visit=visit: hall.finish(visit, outcome=Ending.LEFT, by=team.clerk, at=AT),
        )
        visit.refresh_from_db()
        assert visit.outcome == Ending.LEFT
        assert (visit.called_at is None) == (visit.window_id is None)


def test_the_copy_is_thrown_away() -> None:
    assert not Membership.objects.exists()


def test_of_two_signatures_under_one_paper_one_is_kept_and_the_other_is_told_whose() -> None:
    team = make_team()
    paper = make_case(team, state=State.SIGNED).papers.get(kind="grant")
    notices.render(paper)
    key = signing.open_key(head().p12, PASSWORD, AT)
    outcome = at_once(*[lambda: signatures.sign_with_key(paper, key, by=team.head, at=AT)] * 2)
    assert (len(outcome.done), outcome.broken) == (1, [])
    assert team.head.user.last_name in outcome.refused[0].message
    assert PaperSignature.objects.count() == 1
    assert paper.case.events.filter(kind="paper_signed").count() == 1
