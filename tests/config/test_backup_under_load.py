"""A backup taken while people register, in real transactions."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from django.db import connections

from applications import intake
from applications.models import Case, Event, NumberBook
from config import backup
from tests.copies import database_copy
from tests.factories import FRIDAY, make_intake, make_team


@pytest.fixture(autouse=True)
def db(django_db_setup: None, django_db_blocker: Any, tmp_path: Path, settings: Any) -> Iterator[None]:
    """An empty installation of the test's own (in place of pytest-django's database)."""
    settings.BACKUP_KEY = "a key of the test"
    with django_db_blocker.unblock(), database_copy(tmp_path):
        yield


def test_a_backup_taken_while_people_register_is_one_moment_of_their_work(tmp_path: Path) -> None:
    with database_copy(tmp_path):
        team = make_team()
        intake.take_in(make_intake(team), by=team.clerk, at=FRIDAY)
        taken, problems = threading.Event(), list[Exception]()

        def register() -> None:
            try:
                while not taken.is_set():
                    intake.take_in(make_intake(team), by=team.clerk, at=FRIDAY)
            except Exception as problem:  # the test names it
                problems.append(problem)
            finally:
                connections.close_all()

        threads = [threading.Thread(target=register) for _ in range(3)]
        for thread in threads:
            thread.start()
        backups = [backup.take(tmp_path / f"{number}.backup") for number in range(3)]
        taken.set()
        for thread in threads:
            thread.join()
        assert not problems
        assert Case.objects.count() > backups[0]["tables"]["applications_case"]["rows"]
    backup.restore(tmp_path / "2.backup")
    numbers = sorted(Case.objects.values_list("number", flat=True))
    assert [int(number[-5:]) for number in numbers] == list(range(1, len(numbers) + 1))
    assert NumberBook.objects.get().last == len(numbers) == Event.objects.count()
    chain = list(Event.objects.order_by("seq"))
    assert all(after.previous == before.hash for before, after in pairwise(chain))
