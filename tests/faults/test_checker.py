"""The checker of the fault experiments finds what it is there to find: each rule is broken once on purpose."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.db import OperationalError, transaction

from applications import casework, intake
from applications.models import Case, Event, EventChain, NumberBook
from offices.models import Job
from tests.factories import FRIDAY, Team, make_iin, make_intake, make_person, make_team
from tests.faults.broken import break_numbers
from tests.faults.checker import check
from tests.faults.people import Journal

pytestmark = pytest.mark.django_db


@pytest.fixture
def team() -> Team:
    return make_team()


@pytest.fixture
def journal(team: Team, tmp_path: Path) -> Any:
    """Three registrations, as their clerk saw them."""
    journal = Journal(tmp_path / "journal.jsonl")
    for _ in range(3):
        register(team, journal)
    yield journal
    journal.close()


def register(team: Team, journal: Journal) -> Case:
    """Register somebody new and write it down."""
    iin = make_iin()
    journal.attempt(iin)
    case = intake.take_in(make_intake(team, person=make_person(iin=iin)), by=team.clerk, at=FRIDAY)
    journal.promise(iin, case.pk, case.number)
    return case


def die_before_the_commit(team: Team, journal: Journal, monkeypatch: Any) -> None:
    """What SIGKILL does between the number and the commit: all that was in the transaction is gone."""

    def fail(*args: Any, **kwargs: Any) -> None:
        raise OperationalError

    with monkeypatch.context() as patch:
        patch.setattr(casework, "append_event", fail)
        with pytest.raises(OperationalError):
            register(team, journal)


def test_a_sound_house_has_nothing_to_find(journal: Journal) -> None:
    assert check(journal) == {}


def test_the_build_that_takes_numbers_in_a_transaction_of_their_own_is_caught(
    team: Team, journal: Journal, monkeypatch: Any
) -> None:
    break_numbers(monkeypatch.setattr, pause=0)
    die_before_the_commit(team, journal, monkeypatch)
    register(team, journal)
    assert "missing [4]" in check(journal)["4 gaps"][0]


def test_a_sound_build_is_not(team: Team, journal: Journal, monkeypatch: Any) -> None:
    die_before_the_commit(team, journal, monkeypatch)
    register(team, journal)
    assert check(journal) == {}


def test_what_was_promised_and_is_not_there_is_lost(journal: Journal) -> None:
    journal.promise(make_iin(), 999_999, "SHM-2026-00099")
    assert len(check(journal)["1 lost"]) == 1


def test_another_number_than_the_promised_one_is_found(journal: Journal) -> None:
    last = Case.objects.latest("pk")
    Case.objects.filter(pk=last.pk).update(number="SHM-2026-00007")
    assert {"1 lost", "4 gaps", "5 counters"} <= set(check(journal))


def test_what_nobody_tried_is_found(team: Team, journal: Journal) -> None:
    intake.take_in(make_intake(team), by=team.clerk, at=FRIDAY)
    assert list(check(journal)) == ["2 never tried"]


def test_two_cases_of_one_form_are_found(team: Team, journal: Journal) -> None:
    iin = next(iter(journal.promised))
    intake.take_in(make_intake(team, person=make_person(iin=iin)), by=team.clerk, at=FRIDAY)
    assert "2 never tried" in check(journal)


def test_a_counter_that_ran_ahead_is_found(journal: Journal) -> None:
    NumberBook.objects.update(last=9)
    assert list(check(journal)) == ["5 counters"]


def test_a_chain_that_misses_its_last_event_is_found(journal: Journal) -> None:
    EventChain.objects.update(seq=2)
    assert "6 events" in check(journal)
    assert Event.objects.count() == 3


def test_a_paper_without_its_job_and_a_parked_job_are_found(journal: Journal) -> None:
    first = Job.objects.filter(kind="paper").first()
    assert first is not None
    with transaction.atomic():
        Job.objects.filter(pk=first.pk).delete()
        assert "1 papers without a job" in check(journal)["7 effects"][0]
        transaction.set_rollback(True)
    Job.objects.filter(pk=first.pk).update(parked_at=FRIDAY)
    assert check(journal)["7 effects"] == ["1 jobs parked"]


def test_a_second_promise_that_differs_is_an_error_at_once(journal: Journal) -> None:
    iin = next(iter(journal.promised))
    with pytest.raises(AssertionError, match="was promised"):
        journal.promise(iin, 1, "SHM-2026-00099")
