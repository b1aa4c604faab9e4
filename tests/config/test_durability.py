"""What was promised must survive the power supply: the databases write to the disk before they answer."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import connection

from tests.copies import database_copy


@pytest.fixture
def db(django_db_setup: None, django_db_blocker: Any, tmp_path: Path) -> Iterator[None]:
    """A copy, outside a test's transaction (in place of pytest-django's database): what has the write lock cannot be copied."""
    if connection.vendor != "sqlite":
        pytest.skip("SQLite's own")
    with django_db_blocker.unblock(), database_copy(tmp_path):
        yield


def test_sqlite_writes_through_and_waits_for_its_turn(db: None) -> None:
    with connection.cursor() as cursor:
        asked = {
            name: cursor.execute(f"PRAGMA {name}").fetchone()[0]
            for name in ("journal_mode", "synchronous", "foreign_keys")
        }
    assert asked == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1}
    options = settings.DATABASES["default"]["OPTIONS"]
    assert (options["transaction_mode"], options["timeout"]) == ("IMMEDIATE", 20)


def test_no_request_is_one_long_transaction_and_connections_are_looked_at_before_use() -> None:
    default = settings.DATABASES["default"]
    assert not default.get("ATOMIC_REQUESTS")
    assert default["CONN_HEALTH_CHECKS"]
