"""What the journeys stand on: one browser, a server in a thread, a moved clock, and a database for each journey alone.

Server and test commit for real, so a journey gets a copy of the test database (the law is in it) that is dropped afterwards.
Emptying the tables instead would break on the event log, which refuses that, and would load the law again each time.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.conf import settings as project
from django.core.cache import cache
from django.db import connections
from django.test.testcases import LiveServerThread

from tests.factories import FRIDAY
from tests.journeys.people import Scene
from tests.journeys.theatre import Theatre

# From static/ without a look into the collected copies; kept by a browser that finds the server's clock far behind its own.
_STATIC_FILES = {"AUTOREFRESH": True, "USE_FINDERS": True, "MAX_AGE": 10 * 365 * 24 * 3600}


@pytest.fixture(scope="session")
def theatre() -> Iterator[Theatre]:
    """Debian's Chromium, started once."""
    house = Theatre()
    yield house
    house.close()


@pytest.fixture(scope="session")
def server(django_db_setup: None) -> Iterator[str]:
    """The address of the site, served by a thread of this process; the style sheets as they stand in static/.

    The thread is given no connection: as in production it opens its own, to the database of the journey under way.
    """
    # No handler for static files in front of the site: its own middleware serves them.
    in_front: Any = lambda site: site  # noqa: E731
    thread = LiveServerThread("127.0.0.1", in_front, connections_override={})
    thread.daemon = True
    with pytest.MonkeyPatch.context() as patch:
        for name, value in _STATIC_FILES.items():
            patch.setattr(project, f"WHITENOISE_{name}", value, raising=False)
        thread.start()
        thread.is_ready.wait()
    if thread.error:
        raise thread.error
    yield f"http://127.0.0.1:{thread.port}"
    thread.terminate()


@pytest.fixture
def db(django_db_setup: None, django_db_blocker: Any, tmp_path: Path) -> Iterator[None]:
    """A copy of the test database for this journey: a file on SQLite, a database of its own on PostgreSQL.

    It takes the place of pytest-django's fixture, by whose name the plugin knows that there must be a test database at all.
    """
    copy = {"sqlite": _on_sqlite, "postgresql": _on_postgresql}[connections["default"].vendor]
    with django_db_blocker.unblock(), copy(connections["default"], tmp_path):
        cache.clear()
        yield


@contextmanager
def _on_sqlite(source: Any, folder: Path) -> Iterator[None]:
    path = folder / "journey.sqlite3"
    source.ensure_connection()
    with closing(sqlite3.connect(path)) as target:
        source.connection.backup(target)
    with _leading_to(source, str(path)):
        yield


@contextmanager
def _on_postgresql(source: Any, folder: Path) -> Iterator[None]:
    source.creation.clone_test_db(suffix="journey", verbosity=0)
    name = source.creation.get_test_db_clone_settings("journey")["NAME"]
    with _leading_to(source, name):
        yield
    with source._nodb_cursor() as cursor:
        # A thread of the server may still be closing its connection.
        cursor.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


@contextmanager
def _leading_to(source: Any, name: str) -> Iterator[None]:
    """All new connections, those of the server's threads too, lead to the database `name`."""
    kept = dict(source.settings_dict)
    source.settings_dict.update(NAME=name, CONN_MAX_AGE=0)
    yield
    source.settings_dict.update(NAME=kept["NAME"], CONN_MAX_AGE=kept["CONN_MAX_AGE"])


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    """The clock of server and test: Friday, 13 March 2026, ten o'clock, until it is moved."""
    with time_machine.travel(FRIDAY) as traveller:
        yield traveller


@pytest.fixture(params=["kk", "ru"])
def language(request: pytest.FixtureRequest) -> str:
    """Both languages are of equal rank: each journey is made in both."""
    return str(request.param)


@pytest.fixture
def _patience(settings: Any) -> None:
    """A browser on a shared machine may need longer than a code lives; and between two acts the clock is moved by hours."""
    settings.MFA_TOTP_TOLERANCE = 1
    settings.SESSION_IDLE = settings.FRESH_FOR = settings.SESSION_ABSOLUTE


@pytest.fixture
def scene(
    theatre: Theatre, server: str, db: None, clock: time_machine.Traveller, language: str, _patience: None
) -> Iterator[Scene]:
    """Where a journey takes place. At its end nobody's browser may have complained of anything."""
    with theatre.on():
        place = Scene(theatre, server, language)
        yield place
        complaints = place.ends()
    assert not complaints, "\n".join(complaints)
