"""Who writes to SQLite waits for his turn, and nobody keeps it who is gone."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import OperationalError, connection, transaction

from offices.models import RateCounter
from tests.copies import database_copy
from tests.factories import FRIDAY


@pytest.fixture
def db(django_db_setup: None, django_db_blocker: Any, tmp_path: Path) -> Iterator[None]:
    """A copy, outside a test's transaction (in place of pytest-django's database): what has the write lock cannot be copied."""
    if connection.vendor != "sqlite":
        pytest.skip("SQLite's own")
    with django_db_blocker.unblock(), database_copy(tmp_path):
        yield


def test_who_writes_waits_in_a_queue_and_a_process_that_dies_gives_its_turn_back(db: None) -> None:
    # Another process holds the turn and is killed while somebody waits for it.
    path = connection.settings_dict["NAME"]
    holder = subprocess.Popen(
        [sys.executable, "-c", _HOLDS.format(path=path)], stdout=subprocess.PIPE, cwd=settings.BASE_DIR
    )
    assert holder.stdout is not None
    assert holder.stdout.readline() == b"mine\n"
    done = threading.Event()
    writer = threading.Thread(target=_write, args=("waits", done))
    writer.start()
    assert not done.wait(0.3)
    holder.kill()
    holder.communicate()
    writer.join(20)
    assert done.is_set()


def test_who_waits_longer_than_the_timeout_is_told_and_the_turn_goes_on(db: None, monkeypatch: Any) -> None:
    monkeypatch.setitem(connection.settings_dict["OPTIONS"], "timeout", 0.2)
    said: list[str] = []
    with transaction.atomic():
        late = threading.Thread(target=_write_or_say, args=(said,))
        late.start()
        late.join(20)
    assert said == ["database is locked"]
    _write_or_say(said)
    assert said[1:] == ["written"]


def test_a_single_write_takes_its_turn_and_a_read_needs_none(db: None) -> None:
    said: list[str] = []
    with transaction.atomic():
        RateCounter.objects.create(key="held", expires_at=FRIDAY)
        reader = threading.Thread(target=lambda: said.append(str(_count())))
        reader.start()
        reader.join(20)
        done = threading.Event()
        writer = threading.Thread(target=_write, args=("alone", done))
        writer.start()
        assert not done.wait(0.3)
    writer.join(20)
    assert said == ["0"]
    assert RateCounter.objects.filter(key__in=("held", "alone")).count() == 2


_HOLDS = """
import time
from config.sqlite.turns import queue_of
assert queue_of({path!r}).take(5)
print("mine", flush=True)
time.sleep(60)
"""


def _write(key: str, done: threading.Event) -> None:
    try:
        RateCounter.objects.create(key=key, expires_at=FRIDAY)
        done.set()
    finally:
        connection.close()


def _write_or_say(said: list[str]) -> None:
    try:
        with transaction.atomic():
            RateCounter.objects.create(key="late", expires_at=FRIDAY)
        said.append("written")
    except OperationalError as problem:
        said.append(str(problem))
    finally:
        connection.close()


def _count() -> int:
    try:
        return RateCounter.objects.count()
    finally:
        connection.close()
