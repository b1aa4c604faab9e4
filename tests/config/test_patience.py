"""A page does not wait for ever for a PostgreSQL that does not answer."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from threading import local
from time import monotonic, sleep

import pytest
from django.core.signals import request_started
from django.db import OperationalError, connection

from config import patience
from config.patience import limit_waiting

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has no server that could freeze"),
]


@pytest.fixture(autouse=True)
def _half_a_second() -> Iterator[None]:
    from psycopg2 import extensions

    limit_waiting(0.5)
    yield
    extensions.set_wait_callback(None)
    connection.close()


def ask(statement: str) -> list[tuple[int]]:
    """The rows of a statement."""
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return list(cursor.fetchall())


def test_a_statement_that_takes_too_long_is_given_up_and_the_next_request_works() -> None:
    ask("SET statement_timeout = 1000; SELECT 1")  # as the settings of the web processes ask for
    began = monotonic()
    with pytest.raises(OperationalError):
        ask("SELECT pg_sleep(60)")
    assert monotonic() - began < 30
    connection.close_if_unusable_or_obsolete()
    sleeping = "SELECT count(*) FROM pg_stat_activity WHERE query = 'SELECT pg_sleep(60)' AND state = 'active'"
    while ask(sleeping) != [(0,)] and monotonic() - began < 30:
        sleep(0.1)
    assert ask(sleeping) == [(0,)]


def test_a_server_that_is_frozen_is_given_up() -> None:
    [(process,)] = ask("SELECT pg_backend_pid()")
    try:
        os.kill(process, signal.SIGSTOP)
    except PermissionError:
        pytest.skip("the server belongs to somebody else")
    try:
        with pytest.raises(OperationalError):
            ask("SELECT 1")
    finally:
        os.kill(process, signal.SIGCONT)
    connection.close_if_unusable_or_obsolete()
    assert ask("SELECT 2") == [(2,)]


def test_long_lists_are_still_read_in_pieces() -> None:
    with connection.chunked_cursor() as cursor:
        cursor.execute("SELECT generate_series(1, 5000)")
        pieces = iter(lambda: cursor.fetchmany(1000), [])
        assert [len(piece) for piece in pieces] == [1000] * 5


def test_who_has_waited_in_vain_waits_no_more_in_the_same_request(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patience, "_request", local())
    request_started.send(sender=None)
    for statement in ("SELECT pg_sleep(2)", "SELECT pg_sleep(0.3)"):
        with pytest.raises(OperationalError):
            ask(statement)
        connection.close_if_unusable_or_obsolete()
    request_started.send(sender=None)
    assert ask("SELECT 1 FROM pg_sleep(0.3)") == [(1,)]
