"""The outbox: what an act asks for is done once after its commit, whatever dies in between."""

from __future__ import annotations

import logging
import threading
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.core.management import call_command
from django.db import OperationalError, connection, connections, transaction
from django.utils import timezone

from offices import outbox
from offices.models import CalendarStamp, Job
from offices.outbox import registry, running
from offices.outbox.worker import Worker
from tests.factories import FRIDAY

pytestmark = pytest.mark.django_db


class Deaths(BaseException):
    """Stands for SIGKILL: no handler of exceptions sees it."""


@pytest.fixture(autouse=True)
def kinds(monkeypatch: Any) -> dict[str, Any]:
    """A registry of this test's own."""
    monkeypatch.setattr(running, "handlers", own := {})
    monkeypatch.setattr(registry, "handlers", own)
    monkeypatch.setattr(running, "slots", [])
    monkeypatch.setattr(registry, "slots", running.slots)
    return own


def counted() -> int:
    """The effect of the test's jobs: a counter in the database."""
    return CalendarStamp.objects.get_or_create(pk=9, defaults={"version": 0})[0].version


def count(job: Job | None = None, at: datetime | None = None) -> None:
    """Have that effect."""
    counted()
    CalendarStamp.objects.filter(pk=9).update(version=counted() + 1)


def test_the_same_key_asks_once_and_is_done_once() -> None:
    outbox.handler("count")(count)
    for _ in range(3):
        outbox.enqueue("count", key="count:1", payload={"case": 1})
    assert outbox.drain() == 1
    assert outbox.drain() == 0
    outbox.enqueue("count", key="count:1")
    assert outbox.drain() == 0
    assert (counted(), Job.objects.get().problem) == (1, "")


def test_an_act_that_is_rolled_back_asks_for_nothing() -> None:
    with transaction.atomic():
        outbox.enqueue("count", key="count:1")
        transaction.set_rollback(True)
    assert not Job.objects.exists()


def test_a_job_waits_for_its_moment() -> None:
    outbox.handler("count")(count)
    outbox.enqueue("count", key="later", at=FRIDAY + timedelta(hours=2))
    assert not outbox.run_one(FRIDAY + timedelta(hours=1))
    assert not outbox.run_key("later", FRIDAY + timedelta(hours=1))
    assert outbox.run_key("later", FRIDAY + timedelta(hours=2))


@pytest.mark.parametrize("outside", [False, True])
def test_the_job_of_a_killed_worker_is_taken_up_within_two_minutes(kinds: Any, outside: bool) -> None:
    def die(job: Job, at: datetime) -> None:
        count()
        raise Deaths

    outbox.handler("count", outside=outside)(die)
    outbox.enqueue("count", key="count:1")
    now = timezone.now()
    with pytest.raises(Deaths):
        outbox.run_one(now)
    kinds.clear()
    outbox.handler("count", outside=outside)(count)
    assert not outbox.run_one(now + timedelta(seconds=80))
    assert outbox.run_one(now + timedelta(seconds=119))
    # In its transaction once; outside of one, what was done before the death cannot be undone.
    assert counted() == (2 if outside else 1)
    assert Job.objects.get().attempts == 2


def test_of_two_workers_with_the_same_job_the_slow_one_undoes_what_it_did() -> None:
    def slow(job: Job, at: datetime) -> None:
        count()
        # Its lease runs out meanwhile, and another worker takes the job up.
        Job.objects.update(done_at=None, attempts=job.attempts + 1)
        assert not running._mine(job).exists()

    outbox.handler("outside", outside=True)(slow)
    outbox.enqueue("outside", key="count:1")
    assert outbox.run_one()
    job = Job.objects.get()
    assert (job.done_at, job.attempts) == (None, 2)


def test_a_job_that_lost_its_lease_before_it_began_changes_nothing(monkeypatch: Any, caplog: Any) -> None:
    outbox.handler("count")(count)
    outbox.enqueue("count", key="count:1")
    take = running._take

    def taken_from_it(*args: Any) -> Job | None:
        job = take(*args)
        Job.objects.update(attempts=5)
        return job

    monkeypatch.setattr(running, "_take", taken_from_it)
    assert outbox.run_one()
    assert counted() == 0
    assert "taken up by another worker" in caplog.text


def test_a_job_that_fails_is_tried_again_after_longer_and_longer_waits_and_then_parked(caplog: Any) -> None:
    def fail(job: Job, at: datetime) -> None:
        count()
        raise ValueError("Нұрмұхаммедова 990101500011")

    outbox.handler("fails")(fail)
    outbox.enqueue("fails", key="fails:1")
    moment, waits = timezone.now(), []
    for _ in range(running.MOST_ATTEMPTS):
        assert outbox.run_one(moment)
        job = Job.objects.get()
        waits.append(job.due_at - moment)
        assert not outbox.run_one(moment) or job.parked_at
        moment = max(job.due_at, moment)
    assert waits[:4] == [timedelta(seconds=seconds) for seconds in (30, 120, 480, 1920)]
    assert waits[-2] == timedelta(hours=6)
    assert job.parked_at == moment
    assert not outbox.run_one(moment + timedelta(days=30))
    assert counted() == 0
    assert job.problem.startswith("ValueError at test_outbox.py:")
    assert "parked" in next(record for record in caplog.records if record.levelno == logging.ERROR).message
    assert "990101500011" not in caplog.text


def test_a_job_of_which_workers_die_is_parked_in_the_end() -> None:
    def die(job: Job, at: datetime) -> None:
        raise Deaths

    outbox.handler("dies")(die)
    outbox.enqueue("dies", key="dies:1")
    moment = timezone.now()
    for _ in range(running.MOST_ATTEMPTS):
        with pytest.raises(Deaths):
            outbox.run_one(moment)
        moment += timedelta(minutes=2)
    assert outbox.run_one(moment)
    assert Job.objects.get().parked_at == moment


def test_a_kind_that_this_version_does_not_know_waits_for_one_that_does() -> None:
    outbox.enqueue("unknown", key="unknown:1")
    assert outbox.run_one()
    assert Job.objects.get().problem.startswith("KeyError")
    outbox.handler("unknown")(count)
    assert outbox.run_one(timezone.now() + timedelta(minutes=1))
    assert counted() == 1


def test_two_handlers_for_one_kind_are_a_mistake() -> None:
    outbox.handler("count")(count)
    with pytest.raises(ValueError, match="two handlers"):
        outbox.handler("count")(lambda job, at: None)


def test_a_slot_of_time_is_asked_for_once_by_however_many_workers() -> None:
    outbox.handler("every_minute")(count)
    outbox.periodic("every_minute", every=timedelta(minutes=1))
    outbox.periodic("every_minute", every=timedelta(minutes=1))
    for second in (0, 5, 30, 59, 60, 61):
        outbox.fill_slots(FRIDAY + timedelta(seconds=second))
    assert Job.objects.count() == 2
    assert outbox.drain(FRIDAY + timedelta(minutes=2)) == 2
    assert counted() == 2


def test_jobs_done_long_ago_are_forgotten_and_those_of_slots_sooner() -> None:
    outbox.periodic("slot", every=timedelta(minutes=1))
    for kind, days in [("slot", 8), ("slot", 6), ("paper", 399), ("paper", 401)]:
        done = FRIDAY - timedelta(days=days)
        Job.objects.create(key=f"{kind}:{days}", kind=kind, asked_at=done, due_at=done, done_at=done)
    Job.objects.create(key="open", kind="paper", asked_at=FRIDAY, due_at=FRIDAY - timedelta(days=900))
    assert running.forget_old(FRIDAY) == 2
    assert sorted(Job.objects.values_list("key", flat=True)) == ["open", "paper:399", "slot:6"]


def test_a_worker_outlives_a_database_that_is_away(caplog: Any) -> None:
    outbox.handler("count")(count)
    outbox.enqueue("count", key="count:1")
    worker = Worker(poll=0.01)
    looks = iter([OperationalError("gone"), OperationalError("gone")])

    def look() -> bool:
        if problem := next(looks, None):
            raise problem
        did = type(worker).look(worker)
        if not did:
            worker.stop.set()
        return did

    worker.look = look  # type: ignore[method-assign]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(connections, "close_all", lambda: None)
        worker.run()
    assert caplog.text.count("the database is away") == 2
    assert counted() == 1


def test_the_command_does_what_is_due_and_ends(capsys: Any) -> None:
    outbox.handler("count")(count)
    outbox.enqueue("count", key="count:1")
    call_command("work", "--once")
    assert "1 jobs done" in capsys.readouterr().out


@pytest.mark.django_db(transaction=True)
def test_many_workers_share_the_jobs_and_do_each_once(tmp_path: Any) -> None:
    if connection.vendor == "sqlite":
        pytest.skip("in memory the connections of threads lock each other out; tests/faults covers the file")
    done: list[str] = []
    outbox.handler("note")(lambda job, at: done.append(job.key))
    for number in range(60):
        outbox.enqueue("note", key=f"note:{number}")

    def work() -> None:
        outbox.drain()
        connections.close_all()

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(done) == sorted(f"note:{number}" for number in range(60))
