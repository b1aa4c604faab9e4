"""The law is loaded once into the test database: tests run on the real regulations."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any) -> None:
    with django_db_blocker.unblock():
        call_command("load_law", verbosity=0)


@pytest.fixture
def law(transactional_db: None) -> None:
    """For tests with real transactions: these empty the tables, so the law is loaded again."""
    call_command("load_law", verbosity=0)


@pytest.fixture(autouse=True)
def _plain_surroundings(tmp_path: Path, settings: Any) -> None:
    settings.MEDIA_ROOT = tmp_path / "media"
    settings.STORAGES = {
        **settings.STORAGES,
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    }
    # Log-in is tested where it is the subject; elsewhere Argon2 would only take time.
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
