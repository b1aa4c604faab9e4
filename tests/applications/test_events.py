"""The event log: append-only in the database itself, and a chain in which no link can be changed unseen."""

from __future__ import annotations

from datetime import timedelta
from itertools import groupby, pairwise
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction

from applications import actions
from applications.casework import event_hash
from applications.models import Event, EventChain
from applications.workflow import State
from offices.models import Substitution
from offices.policy import staff_at
from tests.factories import FRIDAY, make_case, make_centre_case, make_centre_team, make_staff, make_team

pytestmark = pytest.mark.django_db


@pytest.fixture
def life() -> None:
    """A past with every kind of thing in it: two offices and a centre, an order, a return, a refusal, a commission."""
    team, other, centre = make_team(), make_team("akmola:kokshetau"), make_centre_team()
    make_case(team, state=State.HANDED_OVER, refused=True)
    make_case(other, "E13", state=State.HANDED_OVER)
    make_centre_case(team, centre, state=State.REGISTERED)
    case = make_case(team, state=State.PREPARED)
    deputy = make_staff("south:shymkent", "clerk").user
    term = {"valid_from": FRIDAY.date(), "valid_to": FRIDAY.date(), "order_date": FRIDAY.date()}
    Substitution.objects.create(
        office=team.office, order_number="12-ө", absent=team.head.user, deputy=deputy, role="head", **term
    )
    later = FRIDAY + timedelta(minutes=30, microseconds=123_457)
    actions.return_for_rework(case, reason="Күні жоқ: «ескі»", by=staff_at(deputy, later), at=later)


@pytest.mark.usefixtures("life")
def test_every_event_is_in_the_chain_of_its_office_and_its_hash_recomputes() -> None:
    events = Event.objects.order_by("office", "seq")
    assert len({event.kind for event in events}) > 8
    for office_id, group in groupby(events, key=lambda event: event.office_id):
        chain = list(group)
        assert [event.seq for event in chain] == list(range(1, len(chain) + 1))
        assert chain[0].previous == "0" * 64
        assert all(after.previous == before.hash for before, after in pairwise(chain))
        assert [event.hash for event in chain] == [event_hash(event) for event in chain]
        head = EventChain.objects.get(office=office_id)
        assert (head.seq, head.head) == (len(chain), chain[-1].hash)


@pytest.mark.usefixtures("life")
@pytest.mark.parametrize(
    "change",
    [
        {"kind": "annul"},
        {"payload": {"reason": "басқа"}},
        {"actor_id": None},
        {"acting_for_id": None},
        {"case_id": None},
        {"step_id": None},
        {"seq": 99},
        {"happened_at": FRIDAY},
        {"recorded_at": FRIDAY + timedelta(microseconds=1)},
        {"previous": "f" * 64},
    ],
    ids=lambda change: next(iter(change)),
)
def test_no_field_of_an_event_can_change_without_its_hash(change: dict[str, Any]) -> None:
    event = Event.objects.get(kind="return_for_rework")
    for name, value in change.items():
        setattr(event, name, value)
    assert event_hash(event) != event.hash


@pytest.mark.usefixtures("life")
@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE applications_event SET kind = 'sign' WHERE kind = 'return_for_rework'",
        "UPDATE applications_event SET payload = '{}'",
        "DELETE FROM applications_event WHERE kind = 'return_for_rework'",
        "DELETE FROM applications_event",
    ],
)
def test_the_database_refuses_to_change_or_delete_an_event(statement: str) -> None:
    before = list(Event.objects.values_list("hash", flat=True))
    with (
        pytest.raises(DatabaseError, match="events are append-only"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)
    assert list(Event.objects.values_list("hash", flat=True)) == before


@pytest.mark.usefixtures("life")
def test_no_way_of_the_program_changes_or_deletes_an_event() -> None:
    event = Event.objects.latest("pk")
    event.kind = "sign"
    for change in (
        event.save,
        event.delete,
        lambda: Event.objects.filter(pk=event.pk).update(kind="sign"),
        lambda: Event.objects.all().delete(),
    ):
        with pytest.raises(DatabaseError, match="events are append-only"), transaction.atomic():
            change()


@pytest.mark.skipif("connection.vendor != 'postgresql'", reason="SQLite has no TRUNCATE")
def test_the_table_of_events_cannot_be_emptied_at_once() -> None:
    with (
        pytest.raises(DatabaseError, match="events are append-only"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute("TRUNCATE applications_event CASCADE")


def test_what_an_event_tells_is_who_for_whom_when_and_by_which_step() -> None:
    team = make_team()
    case = make_case(team, state=State.SIGNED, at=FRIDAY)
    register, assign, prepare, sign = case.events.order_by("seq")
    assert (register.happened_at, register.actor, register.payload["number"]) == (FRIDAY, team.clerk.user, case.number)
    assert (assign.payload, assign.step) == (
        {"executor": team.executor.user.pk},
        case.edition.steps.get(transition="assign"),
    )
    assert (prepare.payload["kind"], prepare.actor) == ("grant", team.executor.user)
    assert sign.payload["number"] == case.decisions.get().number
    assert {event.office for event in (register, assign, prepare, sign)} == {team.office}


def test_no_event_holds_a_name_an_iin_or_an_address() -> None:
    case = make_case(make_team(), state=State.HANDED_OVER)
    told = " ".join(str(event.payload) for event in case.events.all())
    for secret in (case.person.iin, case.person.last_name, case.person.first_name):
        assert secret not in told
