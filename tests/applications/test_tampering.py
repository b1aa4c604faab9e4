"""Whoever may write the database can bend the record, but not unseen: seven ways, each found and its place named."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from applications import actions, chain
from applications.casework import event_hash
from applications.jobs import watch_the_record
from applications.models import Case, Event, EventChain, EventWords
from applications.workflow import State
from offices.models import Job
from tests.conftest import unguarded_events
from tests.factories import FRIDAY, make_case, make_team

pytestmark = pytest.mark.django_db


@pytest.fixture
def case() -> Case:
    """A case handed over, and another returned for rework with a reason."""
    team = make_team()
    made = make_case(team, state=State.HANDED_OVER)
    other = make_case(team, state=State.PREPARED)
    actions.return_for_rework(other, reason="Күні жоқ", by=team.head, at=FRIDAY)
    return made


@pytest.fixture
def owner(case: Case) -> Iterator[Callable[..., None]]:
    """The owner of the database, with the guard out of the way."""
    with unguarded_events():

        def run(sql: str, *values: Any) -> None:
            with connection.cursor() as cursor:
                cursor.execute(sql, values)

        yield run


def found(**options: Any) -> str:
    """What the command says."""
    told = StringIO()
    try:
        call_command("verify_events", stdout=told, stderr=told, **options)
    except CommandError as fault:
        told.write(str(fault))
    return told.getvalue()


def rewrite_from(seq: int) -> None:
    """Make the hashes and the head fit again, as somebody would who knows the program."""
    before = Event.objects.filter(seq__lt=seq).order_by("seq").last()
    digest = before.hash if before else "0" * 64
    for event in Event.objects.filter(seq__gte=seq).order_by("seq"):
        event.previous = digest
        digest = event_hash(event)
        Event.objects.filter(pk=event.pk).update(previous=event.previous, hash=digest)
    EventChain.objects.update(head=digest, seq=Event.objects.latest("seq").seq)


def test_an_untouched_record_is_in_order(case: Case) -> None:
    assert f"{Event.objects.count()} events in order" in found()


def test_an_edited_event_is_named(owner: Callable[..., None]) -> None:
    owner("UPDATE applications_event SET kind = 'annul' WHERE seq = 3")
    assert "south:shymkent 3: was changed" in found()


def test_a_deleted_event_is_named(owner: Callable[..., None]) -> None:
    owner("DELETE FROM applications_event WHERE seq IN (3, 4)")
    assert "south:shymkent 3: events 3 to 4 are missing" in found()


def test_an_inserted_event_is_named(owner: Callable[..., None]) -> None:
    last = Event.objects.latest("seq")
    Event.objects.filter(seq=last.seq).update(seq=last.seq + 1)
    forged = Event.objects.get(seq=3)
    forged.pk, forged.seq, forged.kind = None, last.seq, "withdraw"
    forged.previous = Event.objects.get(seq=last.seq - 1).hash
    forged.hash = event_hash(forged)
    forged.save(force_insert=True)
    assert f"south:shymkent {last.seq + 1}: does not follow the event before it" in found()


def test_two_swapped_events_are_named(owner: Callable[..., None]) -> None:
    owner("UPDATE applications_event SET seq = 99 WHERE seq = 2")
    owner("UPDATE applications_event SET seq = 2 WHERE seq = 3")
    owner("UPDATE applications_event SET seq = 3 WHERE seq = 99")
    told = found()
    assert "south:shymkent 2: does not follow" in told
    assert "south:shymkent 3: was changed" in told


def test_a_cut_off_end_is_named_by_the_head_and_with_a_mended_head_by_what_was_written_down(
    owner: Callable[..., None], tmp_path: Path
) -> None:
    chain.export_heads(tmp_path / "heads", FRIDAY)
    last = Event.objects.latest("seq").seq
    EventWords.objects.all().delete()
    owner("DELETE FROM applications_event WHERE seq = %s", last)
    assert f"south:shymkent {last - 1}: the chain's head says {last}" in found()
    EventChain.objects.update(seq=last - 1, head=Event.objects.latest("seq").hash)
    assert "south:shymkent" not in found(heads=tmp_path / "none")
    assert f"south:shymkent {last}: was written down and is gone" in found(heads=tmp_path / "heads")


def test_a_chain_made_anew_is_seen_against_the_heads_that_left_the_database(
    owner: Callable[..., None], tmp_path: Path
) -> None:
    chain.export_heads(tmp_path / "heads", FRIDAY)
    owner("UPDATE applications_event SET kind = 'annul' WHERE seq = 3")
    rewrite_from(3)
    assert "south:shymkent" not in found(heads=tmp_path / "none")
    assert "the chain was made anew" in found(heads=tmp_path / "heads")


def test_a_dropped_guard_is_named(case: Case) -> None:
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("DROP TRIGGER event_no_UPDATE")
        else:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # else rows of this test wait for their check
            cursor.execute("ALTER TABLE applications_event DISABLE TRIGGER event_append_only")
    told = found()
    assert "the guard event_" in told
    assert "1 faults" in told


def test_the_heads_are_written_only_when_all_is_well(owner: Callable[..., None], tmp_path: Path) -> None:
    owner("UPDATE applications_event SET kind = 'annul' WHERE seq = 3")
    found(export=True, heads=tmp_path / "heads")
    assert not (tmp_path / "heads").exists()


def test_words_written_with_an_act_cannot_be_changed_unseen_and_may_be_erased(case: Case) -> None:
    event = Event.objects.get(kind="return_for_rework")
    assert event.reason == "Күні жоқ"
    assert "Күні" not in str(event.payload)
    apart = event.words
    apart.words = {"reason": "Басқа себеп"}
    apart.save()
    assert f"{event.seq}: the words written with it were changed" in found()
    apart.delete()
    assert "in order" in found()
    assert Event.objects.get(pk=event.pk).reason == ""


def test_only_heads_that_moved_are_written_again(case: Case, tmp_path: Path) -> None:
    assert len(chain.export_heads(tmp_path / "heads", FRIDAY)) == 1
    assert chain.export_heads(tmp_path / "heads", FRIDAY) == []
    make_case(make_team("akmola:kokshetau"))
    assert [head.office for head in chain.export_heads(tmp_path / "heads", FRIDAY)] == ["akmola:kokshetau"]


def test_once_a_day_the_heads_leave_the_database_by_file_and_by_e_mail(
    case: Case, settings: Any, tmp_path: Path, mailoutbox: list[Any]
) -> None:
    settings.HEADS_FILE, settings.HEADS_MAIL = tmp_path / "heads", ["archive@example.kz"]
    watch_the_record(Job(key="record:1"), FRIDAY)
    (head,) = chain.read_heads(settings.HEADS_FILE)
    assert (head.office, head.seq) == ("south:shymkent", Event.objects.latest("seq").seq)
    assert [str(head)] == mailoutbox[0].body.splitlines()
    EventChain.objects.update(head="f" * 64)
    watch_the_record(Job(key="record:2"), FRIDAY)
    assert "the chain's head says" in mailoutbox[1].body
    assert len(chain.read_heads(settings.HEADS_FILE)) == 1
