"""The same jobs on a Celery queue: keys only, after the commit, and the outbox stays the truth."""

from __future__ import annotations

import threading
import warnings
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone

from offices import outbox
from offices.models import Job
from offices.outbox import distributed, running
from offices.outbox.worker import Worker

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def broker(settings: Any) -> Iterator[None]:
    """A queue in memory."""
    settings.CELERY_BROKER_URL = "memory://"
    settings.CELERY_TRANSPORT_OPTIONS = {"polling_interval": 0.01}
    distributed.celery_app.cache_clear()
    yield
    distributed.celery_app.cache_clear()


def sent() -> list[Any]:
    """What lies in the queue."""
    found = []
    with distributed.celery_app().connection() as connection, connection.SimpleQueue("celery") as queue:
        while len(queue):
            message = queue.get()
            found.append(message.payload[0])
            message.ack()
    return found


def test_only_the_key_is_sent_and_only_after_the_commit(django_capture_on_commit_callbacks: Any) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        outbox.enqueue("note", key="note:1", payload={"case": 17})
        assert sent() == []
    assert sent() == [["note:1"]]


def test_a_rolled_back_act_sends_nothing(django_capture_on_commit_callbacks: Any) -> None:
    with django_capture_on_commit_callbacks(execute=True) as callbacks, transaction.atomic():
        outbox.enqueue("note", key="note:1")
        transaction.set_rollback(True)
    assert (callbacks, sent()) == ([], [])


def test_a_broker_that_is_away_fails_no_act_and_the_key_is_sent_later(
    django_capture_on_commit_callbacks: Any, monkeypatch: Any
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(distributed, "send", lambda key: (_ for _ in ()).throw(ConnectionError()))
        with django_capture_on_commit_callbacks(execute=True):
            outbox.enqueue("note", key="note:1")
    later = timezone.now() + timedelta(minutes=2)
    assert distributed.send_due(later) == 1
    assert sent() == [["note:1"]]


def test_a_celery_worker_does_the_job_and_a_second_message_does_no_harm(monkeypatch: Any) -> None:
    did: list[str] = []
    both = threading.Event()

    def run(key: str) -> None:
        did.append(key)
        if len(did) == 2:
            both.set()

    monkeypatch.setattr(distributed, "run_key", run)
    from celery.contrib.testing.worker import start_worker

    app = distributed.celery_app()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Celery's own
        with start_worker(app, pool="solo", perform_ping_check=False, shutdown_timeout=20):
            distributed.send("note:1")
            distributed.send("note:1")
            assert both.wait(20)
    assert did == ["note:1", "note:1"]


def test_the_task_does_the_job_of_the_key_once(monkeypatch: Any) -> None:
    did: list[str] = []
    monkeypatch.setattr(running, "handlers", {"note": outbox.registry.Handler(lambda job, at: did.append(job.key))})
    outbox.enqueue("note", key="note:1")
    task = distributed.celery_app().tasks[distributed.TASK]
    assert [task("note:1"), task("note:1"), task("unknown")] == [True, False, False]
    assert did == ["note:1"]


def test_the_command_only_sends_what_nobody_took_up() -> None:
    past = timezone.now() - timedelta(minutes=5)
    Job.objects.create(key="note:1", kind="note", asked_at=past, due_at=past)
    assert Worker().look() is False
    assert sent() == [["note:1"]]
    assert Job.objects.get(key="note:1").done_at is None


def test_celery_finds_its_application() -> None:
    assert distributed.app is distributed.celery_app()
    with pytest.raises(AttributeError):
        _ = distributed.nothing
