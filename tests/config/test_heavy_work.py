"""Exports, reports, batches and imports in measure: of one person little at once, and the places come free again."""

from __future__ import annotations

import ast
import os
import signal
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.urls import resolve, reverse

from applications.models import Opening
from offices.limits import take_place
from offices.models import RateCounter
from tests.applications.conftest import moment  # noqa: F401 - the clock of the pages
from tests.applications.test_races import db  # noqa: F401 - the fixture: a copy of the database for threads and processes
from tests.config.test_signin_races import together
from tests.factories import FRIDAY, Team, make_case, make_staff, make_team
from tests.pages import plain, sign_in

HOUSE = Path(__file__).resolve().parents[2]
EXPORT = "/journal/?format=csv"
SOON = FRIDAY + timedelta(hours=1)
# What makes a large file or reads one. A view that calls one of these is declared heavy.
COSTLY = {
    "table_response", "table_file", "table_pdf", "annex_bytes", "sheet_bytes", "export_all", "import_all", "import_draft",
    "replay", "_sign_all",
}  # fmt: skip
VIEWS = [
    "*/views.py",
    "*/views/*.py",
    "*/public.py",
    "*/*_pages.py",
    "*/editing/*.py",
    "*/planning/trying.py",
    "*/api.py",
]


@pytest.fixture
def team() -> Team:
    team = make_team()
    make_case(team)
    return team


def places() -> int:
    """Places that are taken now."""
    return RateCounter.objects.filter(key__startswith="place:").count()


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_of_three_exports_at_once_the_third_waits_until_one_is_closed(team: Team, kind: str) -> None:
    client = sign_in(team.clerk)
    first, second = (client.get(f"/journal/?format={kind}") for _ in range(2))
    third: Any = client.get(f"/journal/?format={kind}")
    assert [answer.status_code for answer in (first, second, third)] == [200, 200, 429]
    assert (third["Retry-After"], third["Cache-Control"]) == ("15", "no-store")
    assert "What you asked for before is still being made." in plain(third.content.decode())
    assert Opening.objects.filter(kind="exported").count() == 2, "what is refused was not begun"
    assert client.get("/journal/").status_code == 200, "a page is no heavy work"
    others: Any = sign_in(team.head).get(f"/journal/?format={kind}")
    assert others.status_code == 200, "nobody waits for another person"
    others.close()
    assert b"".join(first.streaming_content)
    again: Any = client.get(f"/journal/?format={kind}")
    assert again.status_code == 200
    for answer in (second, again):
        answer.close()
    assert places() == 0


@pytest.mark.parametrize(
    ("language", "words"),
    [("kk", "Бұрын сұрағаныңыз әлі дайындалып жатыр."), ("ru", "То, что вы запросили раньше, ещё готовится.")],
)
def test_the_refusal_speaks_the_language_of_the_page(team: Team, settings: Any, language: str, words: str) -> None:
    settings.HEAVY_AT_ONCE = 0
    answer = sign_in(team.clerk, language).get(EXPORT)
    assert (answer.status_code, words in plain(answer.content.decode())) == (429, True)


def test_a_client_that_goes_away_in_the_middle_leaves_its_place(team: Team) -> None:
    answer: Any = sign_in(team.clerk).get(EXPORT)
    next(answer.streaming_content)
    assert places() == 1
    answer.close()
    assert places() == 0


def test_a_client_that_goes_away_before_the_first_line_leaves_its_place(team: Team) -> None:
    answer: Any = sign_in(team.clerk).get(EXPORT)
    answer.close()
    assert places() == 0


def test_a_view_that_fails_leaves_its_place(team: Team, monkeypatch: Any) -> None:
    monkeypatch.setattr("applications.views.openings.note", lambda *args, **kwargs: 1 / 0)
    client = sign_in(team.clerk, raise_request_exception=False)
    assert client.get(EXPORT).status_code == 500
    assert places() == 0


def test_the_place_of_a_killed_worker_comes_free_when_its_lease_runs_out(
    team: Team,
    settings: Any,
    moment: Callable[[datetime], None],  # noqa: F811
) -> None:
    settings.HEAVY_AT_ONCE, settings.HEAVY_LEASE_SECONDS = 1, 180
    client = sign_in(team.clerk)
    connection.close()
    if (child := os.fork()) == 0:
        answer: Any = client.get(EXPORT)
        next(answer.streaming_content)
        os.kill(os.getpid(), signal.SIGKILL)
    assert os.WTERMSIG(os.waitpid(child, 0)[1]) == signal.SIGKILL
    assert places() == 1
    assert client.get(EXPORT).status_code == 429
    moment(SOON + timedelta(seconds=181))
    answer = client.get(EXPORT)
    assert answer.status_code == 200
    answer.close()
    assert places() == 0


def test_a_stream_that_takes_longer_than_a_lease_keeps_its_place(
    team: Team,
    settings: Any,
    moment: Callable[[datetime], None],  # noqa: F811
) -> None:
    settings.HEAVY_AT_ONCE, settings.HEAVY_LEASE_SECONDS = 1, 180
    client = sign_in(team.clerk)
    slow: Any = client.get(EXPORT)
    for minutes in (2, 4):
        moment(SOON + timedelta(minutes=minutes))
        next(slow.streaming_content)
    assert client.get(EXPORT).status_code == 429
    slow.close()
    assert places() == 0


def test_a_place_that_was_lost_is_not_taken_from_its_new_owner(moment: Callable[[datetime], None]) -> None:  # noqa: F811
    lost = take_place("place", 1, places=1, seconds=60)
    moment(SOON + timedelta(seconds=61))
    assert take_place("place", 1, places=1, seconds=60)
    assert lost
    lost.keep()
    lost.leave()
    assert places() == 1
    assert take_place("place", 1, places=1, seconds=60) is None


def test_of_eight_that_ask_at_the_same_moment_two_are_let_in() -> None:
    taken = together(8, lambda: take_place("place", 1, places=2, seconds=60))
    assert len([place for place in taken if place]) == 2


def test_who_asks_for_very_much_within_ten_minutes_waits_for_the_next(
    team: Team,
    settings: Any,
    moment: Callable[[datetime], None],  # noqa: F811
) -> None:
    settings.HEAVY_IN_TEN_MINUTES = 3
    client = sign_in(team.clerk)
    for _ in range(3):
        assert b"".join(client.get(EXPORT).streaming_content)  # type: ignore[attr-defined]
    refused: Any = client.get(EXPORT)
    assert (refused.status_code, refused["Retry-After"]) == (429, "600")
    assert "Ask for this again in 10 minutes." in plain(refused.content.decode())
    assert places() == 0
    moment(SOON + timedelta(minutes=10))
    assert b"".join(client.get(EXPORT).streaming_content)  # type: ignore[attr-defined]


def test_a_visitor_is_counted_by_his_address(settings: Any) -> None:
    settings.HEAVY_IN_TEN_MINUTES = 1
    annex = reverse("annex_file", args=["south-2012-370-1", "pdf"])
    asked = [
        Client().get(annex, REMOTE_ADDR=address).status_code for address in ("192.0.2.1", "192.0.2.1", "192.0.2.2")
    ]
    assert asked == [200, 429, 200]
    assert Client().get(annex.replace(".pdf", ".json"), REMOTE_ADDR="192.0.2.1").status_code == 200


@pytest.mark.parametrize(
    "route", ["admin:offices_office_import", "admin:offices_office_export", "law_import", "law_archive"]
)
def test_files_in_and_out_of_the_reference_data_count_when_they_are_sent(settings: Any, route: str) -> None:
    settings.HEAVY_IN_TEN_MINUTES = 1
    client = sign_in(make_staff("south:shymkent", "administrator"))
    asked = [client.get(reverse(route)).status_code for _ in range(3)]
    sent = [client.post(reverse(route)).status_code for _ in range(2)]
    assert (429 in asked, sent[0] == 429, sent[1]) == (False, False, 429)


def test_each_view_that_makes_or_reads_a_large_file_is_declared_heavy() -> None:
    found = set()
    for path in {path for pattern in VIEWS for path in HOUSE.glob(pattern)}:
        for function in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(function, ast.FunctionDef) and function.decorator_list and _calls(function) & COSTLY:
                words = " ".join(ast.unparse(one) for one in function.decorator_list)
                if "lru_cache" not in words:
                    assert "heavy" in words, f"{path.relative_to(HOUSE)}: {function.name}"
                    found.add(function.name)
    assert found == {
        "journal", "indicator_export", "annex_file", "sheet_file", "law_import", "law_archive", "law_everything",
        "replay_page", "sign_many",
    }  # fmt: skip
    assert resolve("/journal/").func.heavy  # type: ignore[attr-defined]


def _calls(function: ast.FunctionDef) -> set[str]:
    called = [node.func for node in ast.walk(function) if isinstance(node, ast.Call)]
    return {one.attr if isinstance(one, ast.Attribute) else getattr(one, "id", "") for one in called}
