"""The law is loaded once into the test database: tests run on the real regulations."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import hypothesis
import pytest
from django.core.management import call_command
from django.db import connection
from django.test import TestCase, TransactionTestCase
from django.utils import translation

from tests.sentinels import nothing_personal_is_logged  # noqa: F401 - an autouse fixture, for every test

# Speed belongs in a benchmark: on a busy machine one slow example says nothing about the rule.
hypothesis.settings.register_profile(
    "rules", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow], derandomize="CI" in os.environ
)
hypothesis.settings.load_profile("rules")


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any) -> None:
    with django_db_blocker.unblock():
        call_command("load_law", verbosity=0)


@pytest.fixture(scope="session", autouse=True)
def _tables_are_emptied_and_filled_again() -> Iterator[None]:
    """Tests with real transactions empty all tables: the guard of the events is lifted for that, and the law comes back."""
    empty = TransactionTestCase._fixture_teardown

    def teardown(test: TransactionTestCase) -> None:
        if not isinstance(test, TestCase):
            with unguarded_events():
                empty(test)
            call_command("load_law", verbosity=0)
        else:
            empty(test)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "_fixture_teardown", teardown)
        yield


@contextmanager
def unguarded_events() -> Iterator[None]:
    """Within this, the database lets events be deleted."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET session_replication_role = replica")
            yield
            cursor.execute("SET session_replication_role = DEFAULT")
            return
        cursor.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
        guards = cursor.fetchall()
        for name, _sql in guards:
            cursor.execute(f"DROP TRIGGER {name}")
        yield
        cursor.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")
        set_anew = {name for (name,) in cursor.fetchall()}  # by what follows a migration, which emptying counts as
        for name, sql in guards:
            if name not in set_anew:
                cursor.execute(sql)


@pytest.fixture
def law(transactional_db: None) -> None:
    """For tests with real transactions on the real law."""


@pytest.fixture(autouse=True)
def _plain_surroundings(tmp_path: Path, settings: Any) -> None:
    # A page asked for in another language leaves that language behind in the thread.
    translation.deactivate()
    settings.MEDIA_ROOT = tmp_path / "media"
    settings.BACKUP_MARK_FILE = tmp_path / "last_backup"
    settings.STORAGES = {
        **settings.STORAGES,
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    }
    # Log-in is tested where it is the subject; elsewhere Argon2 would only take time.
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
