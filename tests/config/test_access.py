"""Who is answered what: every route × role × method of the resolver against the reviewed table `access.txt`."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, transaction
from django.test import Client

from tests.config.world import ROLES, SENTINEL, World, addresses, browser, everything, make_world, routes
from tests.factories import FRIDAY

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("_friday")]
TABLE = Path(__file__).with_name("access.txt")
METHODS = ("GET", "POST")
# What opening a page may write: a session's own time, the bytes of a paper at its first opening, the row that says who looked.
WRITTEN_BY_READING = re.compile(r'"(django_session|applications_paper\w*|applications_opening|\w*ratecounter)"')


def table() -> dict[tuple[str, str], dict[str, int]]:
    """(route, method) → role → status, as people have reviewed it."""
    lines = [line.split() for line in TABLE.read_text(encoding="utf-8").splitlines() if line and line[0] != "#"]
    assert lines[0] == ["route", "method", *ROLES]
    rows: dict[tuple[str, str], dict[str, int]] = {}
    for name, method, *answers in lines[1:]:
        assert (name, method) not in rows, f"two rows for {method} {name} in {TABLE.name}"
        rows[name, method] = dict(zip(ROLES, map(int, answers), strict=True))
    return rows


def line(name: str, method: str, answers: dict[str, int]) -> str:
    """A row in the form of the table."""
    return f"{name:48} {method:6} " + " ".join(f"{answers[role]:{len(role)}}" for role in ROLES)


@pytest.fixture
def _friday(monkeypatch: Any) -> None:
    monkeypatch.setattr("django.utils.timezone.now", lambda: FRIDAY)
    # Thousands of refusals are the subject here, no news.
    monkeypatch.setattr(logging.getLogger("django.request"), "disabled", True)
    monkeypatch.setattr(logging.getLogger("django.security.csrf"), "disabled", True)


@pytest.fixture
def world() -> World:
    return make_world()


@contextmanager
def undone() -> Iterator[None]:
    """Whatever happens within this is taken back, as the whole test is in the end."""
    block = transaction.atomic()
    block._from_testcase = True
    with block:
        yield
        transaction.set_rollback(True)


def ask(client: Client, method: str, path: str, **options: Any) -> Any:
    """The answer, read to its end where it is a file; what was changed meanwhile is undone, the browser's cookies too."""
    kept = client.cookies.copy()
    with undone():
        response: Any = client.generic(method, path, **options)
        response.body = b"".join(response.streaming_content) if response.streaming else response.content
    client.cookies = kept
    return response


@contextmanager
def writes() -> Iterator[list[str]]:
    """The statements that changed rows within this."""
    seen: list[str] = []

    def look(execute: Any, sql: str, *rest: Any) -> Any:
        if re.match(r"\s*(INSERT|UPDATE|DELETE)", sql) and not WRITTEN_BY_READING.search(sql[:200]):
            seen.append(sql[:200])
        return execute(sql, *rest)

    with connection.execute_wrapper(look):
        yield seen


# ------------------------------------------------------------------ the table


def test_every_route_stands_in_the_table_with_every_method_and_nothing_else_does(world: World) -> None:
    paths, rows = addresses(world), table()
    missing = [(name, method) for name in paths for method in METHODS if (name, method) not in rows]
    if missing:
        measured = {key: {} for key in missing}  # type: ignore[var-annotated]
        for role in ROLES:
            client = browser(role)
            for name, method in missing:
                measured[name, method][role] = ask(client, method, paths[name]).status_code
        lines = "\n".join(line(*key, answers) for key, answers in measured.items())
        head = line("route", "method", {role: role for role in ROLES})  # type: ignore[misc]
        pytest.fail(
            f"Routes without a row in tests/config/{TABLE.name}. They answer as below today; look at every figure whether it is "
            f"what the role should be answered, then add the lines:\n{head}\n{lines}",
            pytrace=False,
        )
    gone = {name for name, _method in rows} - set(paths)
    assert not gone, f"rows of routes that are no more; take them out of tests/config/{TABLE.name}"


@pytest.mark.parametrize("role", ROLES)
def test_each_role_is_answered_by_the_table(role: str, world: World) -> None:
    client, paths = browser(role), addresses(world)
    for (name, method), answers in table().items():
        if name in paths:
            answer = ask(client, method, paths[name]).status_code
            assert answer == answers[role], f"{method} {name} ({paths[name]}) as {role}"


def test_every_route_of_ours_declares_its_policy() -> None:
    own = [route for route in routes() if not route.name.startswith("admin")]
    assert not [route.name for route in own if not callable(getattr(route.entry.callback, "policy", None))]


# ------------------------------------------------------------------ methods


def test_opening_a_page_changes_nothing(world: World) -> None:
    client = everything()
    for name, path in addresses(world).items():
        for method in ("GET", "HEAD"):
            with writes() as seen:
                status = ask(client, method, path).status_code
            assert not seen, f"{method} {name}"
            assert status < 500, f"{method} {name}"


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"])
def test_no_other_method_is_taken_anywhere(world: World, method: str) -> None:
    client = everything()
    for name, path in addresses(world).items():
        with writes() as seen:
            assert ask(client, method, path).status_code == 405, name
        assert not seen, name


def test_nothing_is_sent_without_the_forms_own_secret(world: World) -> None:
    client = everything()
    client.handler.enforce_csrf_checks = True
    for name, path in addresses(world).items():
        with writes() as seen:
            status = ask(client, "POST", path).status_code
        assert status == 403, name
        assert not seen, name


def test_who_is_not_signed_in_is_sent_to_the_log_in_and_back(world: World) -> None:
    client, paths = Client(), addresses(world)
    for (name, method), answers in table().items():
        if method == "GET" and answers["anonymous"] == 302 and answers["nobody"] == 403 and ":" not in name:
            response: Any = client.get(paths[name])
            assert response["Location"] == f"/login/?next={paths[name].replace('/', '%2F')}", name


# ------------------------------------------------------------------ other offices


def test_no_page_tells_a_foreigner_of_the_applicant(world: World) -> None:
    for role in ("foreigner", "nobody", "anonymous", "barred"):
        client = browser(role)
        for name, path in addresses(world).items():
            answer = ask(client, "GET", path)
            for secret in (SENTINEL, world.case.person.iin):
                assert secret not in answer.body.decode(errors="replace"), f"{name} as {role}"


def test_the_canary_is_seen_where_it_may_be(world: World) -> None:
    paths, client = addresses(world), everything()
    assert SENTINEL in ask(client, "GET", paths["case"]).body.decode()


# ------------------------------------------------------------------ headers


def test_every_answer_carries_the_strict_headers(world: World) -> None:
    paths = {**addresses(world), "no page": "/nothing/", "no case": "/cases/999999/"}
    for role in ("anonymous", "administrator", "clerk"):
        client = browser(role)
        for name, path in paths.items():
            check_headers(ask(client, "GET", path), name, signed_in=role != "anonymous")


def check_headers(response: Any, name: str, *, signed_in: bool) -> None:
    """What every answer of the site carries."""
    policy = response["Content-Security-Policy"]
    assert "unsafe" not in policy, name
    assert policy == "sandbox" or all(
        part in policy
        for part in ("script-src 'self'", "object-src 'none'", "frame-ancestors 'none'", "base-uri 'none'")
    ), name
    assert response["X-Content-Type-Options"] == "nosniff", name
    assert response["Referrer-Policy"] == "same-origin", name
    assert response["Cross-Origin-Opener-Policy"] == "same-origin", name
    if signed_in:
        kept = response["Cache-Control"]
        assert "no-store" in kept or "no-cache" in kept, name
