"""What was promised must survive the power supply: the databases write to the disk before they answer."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.checks import ERROR, WARNING, run_checks
from django.core.exceptions import ImproperlyConfigured
from django.core.management import CommandError, call_command
from django.db import OperationalError, connection

from config import durability
from tests.config.test_hardening import manage, production
from tests.copies import database_copy


@pytest.fixture
def db(django_db_setup: None, django_db_blocker: Any, tmp_path: Path) -> Iterator[None]:
    """A copy, outside a test's transaction (in place of pytest-django's database): what has the write lock cannot be copied."""
    with django_db_blocker.unblock(), database_copy(tmp_path):
        yield


# A server that is set up well, and each way to set it up so that an answer comes before the disk has it.
WELL = {
    "sqlite": {"journal_mode": "wal", "synchronous": "2", "foreign_keys": "1"},
    "postgresql": {"fsync": "on", "full_page_writes": "on", "synchronous_commit": "on", "data_checksums": "on"},
}
WEAKER = {
    "sqlite": [("journal_mode", "delete"), ("synchronous", "1"), ("synchronous", "0"), ("foreign_keys", "0")],
    "postgresql": [("fsync", "off"), ("full_page_writes", "off"), ("synchronous_commit", "off")],
}
# A process whose settings somebody has weakened, as far as a web server comes up, or a worker.
WEAKENED = """
import sys
from django.conf import settings
settings.DATABASES["default"]["OPTIONS"]["init_command"] = "PRAGMA journal_mode=WAL; PRAGMA synchronous=%s;"
if sys.argv[1:]:
    from django.core.management import execute_from_command_line
    execute_from_command_line(["manage.py", *sys.argv[1:]])
else:
    import config.wsgi
print("started")
"""


def test_sqlite_writes_through_and_waits_for_its_turn(db: None) -> None:
    if connection.vendor != "sqlite":
        pytest.skip("SQLite's own")
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


@pytest.fixture
def server(settings: Any, monkeypatch: Any) -> dict[str, str]:
    """A server whose database says of itself what stands here."""
    settings.SERVED_BY_HTTPS = True
    said = dict(WELL[connection.vendor])
    monkeypatch.setattr(durability, "_read", lambda statement: said[statement.split()[1]])
    return said


def about_durability() -> list[tuple[int, str]]:
    """What Django's checks say of the database, with the weight of each."""
    found = run_checks(databases=["default"])
    return [(message.level, message.msg) for message in found if str(message.id).startswith("config.")]


def test_a_server_on_a_database_that_is_set_up_well_starts_without_a_word(server: dict[str, str]) -> None:
    assert about_durability() == []
    durability.refuse_weak_database()


@pytest.mark.parametrize("place", range(4))
def test_a_server_does_not_start_on_a_database_that_answers_before_it_has_written(
    server: dict[str, str], settings: Any, place: int
) -> None:
    if place >= len(WEAKER[connection.vendor]):
        pytest.skip("fewer ways on this database")
    name, value = WEAKER[connection.vendor][place]
    server[name] = value
    assert about_durability() == [(ERROR, f"The database may lose what was promised: {name} = {value}")]
    with pytest.raises(ImproperlyConfigured, match=name):
        durability.refuse_weak_database()
    with pytest.raises(CommandError, match=name):
        call_command("work", "--once", skip_checks=False)
    settings.SERVED_BY_HTTPS = False
    assert [level for level, _text in about_durability()] == [WARNING], "a trial is told, not refused"
    durability.refuse_weak_database()


def test_missing_checksums_are_said_and_nothing_more(server: dict[str, str], caplog: Any) -> None:
    if connection.vendor == "sqlite":
        pytest.skip("PostgreSQL's own")
    server["data_checksums"] = "off"
    assert about_durability() == [(WARNING, "The database has no checksums (initdb --data-checksums).")]
    durability.refuse_weak_database()
    assert "no checksums" in caplog.text


def test_what_the_database_says_is_read_from_the_database(db: None) -> None:
    """The test cluster of PostgreSQL syncs nothing, which is just what must be seen; a copy on SQLite is made as on a server."""
    if connection.vendor == "sqlite":
        assert durability.weaknesses() == []
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA synchronous=OFF")
        assert durability.weaknesses() == ["synchronous = 0"]
    else:
        assert {"fsync = off", "full_page_writes = off", "synchronous_commit = off"} <= set(durability.weaknesses())


def test_a_database_that_is_away_at_the_start_does_not_keep_the_server_from_starting(
    server: dict[str, str], monkeypatch: Any, caplog: Any
) -> None:
    def away(statement: str) -> str:
        raise OperationalError("could not connect")

    monkeypatch.setattr(durability, "_read", away)
    durability.refuse_weak_database()
    assert "the database is away" in caplog.text
    assert [level for level, _text in about_durability()] == [WARNING]


@pytest.mark.parametrize("command", [[], ["work", "--once"]], ids=["web", "worker"])
def test_web_server_and_worker_look_before_they_start(tmp_path: Path, command: list[str]) -> None:
    variables = production(tmp_path, DATABASE_URL=f"sqlite:///{tmp_path / 'db.sqlite3'}")
    weak = manage(tmp_path, "-c", WEAKENED % "OFF", *command, **variables)
    assert (weak.returncode, "started" in weak.stdout) == (1, False)
    assert "synchronous = 0" in weak.stderr
    if not command:
        well = manage(tmp_path, "-c", WEAKENED % "FULL; PRAGMA foreign_keys=ON", **variables)
        assert (well.returncode, "started" in well.stdout) == (0, True), well.stderr
