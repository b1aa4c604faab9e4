"""A database that is away or too busy: 503 with what was typed, never 500, and nothing half done."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import InterfaceError, OperationalError, connection
from django.test import Client

from applications import casework
from applications.models import Case, Event, NumberBook, Person
from applications.workflow import State
from tests.factories import edition, make_case, make_iin, make_team
from tests.pages import Page, post, sign_in, visit

pytestmark = pytest.mark.django_db


@contextmanager
def database_away(problem: type[Exception] = OperationalError) -> Iterator[None]:
    """No statement reaches the database."""

    def fail(*args: Any) -> None:
        raise problem("server closed the connection unexpectedly")

    with connection.execute_wrapper(fail):
        yield


def is_later(page: Page) -> None:
    """The page that says so, whole and in the page's language."""
    assert page.status == 503
    assert page.response["Retry-After"] == "30"
    assert "The records cannot be reached now" in page.words
    assert "Traceback" not in page.html


@pytest.fixture
def client() -> Client:
    return Client(raise_request_exception=False, headers={"cookie": "django_language=en"})


@pytest.mark.parametrize("problem", [OperationalError, InterfaceError])
def test_an_act_that_the_database_refuses_keeps_the_form_and_works_later(monkeypatch: Any, problem: Any) -> None:
    team = make_team()
    case = make_case(team, state=State.ASSIGNED)
    page = visit(sign_in(team.executor), f"/cases/{case.pk}/prepare/")
    grounds = [ground.pk for ground in case.edition.grounds.all()[:2]]
    typed = {"kind": "refusal", "text": "Бас\nтартылды <b>", "facts": "Деректер «сәйкес» емес", "grounds": grounds}
    with monkeypatch.context() as patch:
        patch.setattr(casework, "append_event", raising(problem))
        later = page.send(**typed)
    is_later(later)
    kept = later.form.values()
    assert kept["text"].split() == typed["text"].split()
    assert (kept["kind"], kept["facts"]) == ("refusal", typed["facts"])
    assert kept["grounds"] == [str(ground) for ground in grounds]
    assert kept["token"] == page.typed("token")
    assert not case.decisions.exists()
    assert Case.objects.get(pk=case.pk).version == case.version
    assert later.send().status == 302
    assert case.decisions.get().facts == typed["facts"]


def test_a_database_that_goes_while_the_session_is_kept_is_told_so_and_the_form_again_is_no_second_act() -> None:
    team = make_team()
    case = make_case(team, state=State.PREPARED)
    page = visit(sign_in(team.head, raise_request_exception=False), f"/cases/{case.pk}/return_for_rework/")

    def fail(execute: Any, sql: str, *rest: Any) -> Any:
        if sql.startswith('UPDATE "django_session"'):
            raise OperationalError("server closed the connection unexpectedly")
        return execute(sql, *rest)

    with connection.execute_wrapper(fail):
        later = page.send(reason="қате")
    is_later(later)
    assert later.send().status == 302
    assert case.events.filter(kind="return_for_rework").count() == 1


def raising(problem: type[Exception]) -> Any:
    """A function that ends in `problem`."""

    def fail(*args: Any, **kwargs: Any) -> None:
        raise problem("deadlock detected")

    return fail


def test_a_registration_is_whole_or_not_at_all(monkeypatch: Any) -> None:
    team = make_team()
    page = visit(sign_in(team.clerk), f"/register/{team.office.pk}/{edition('E8').pk}/")
    typed = {"last_name": "Өтеген", "first_name": "Сәуле", "iin": make_iin(), "all_here": "on", "do": "register"}
    with monkeypatch.context() as patch:
        patch.setattr(casework, "append_event", raising(OperationalError))
        later = page.send(**typed)
    is_later(later)
    assert {name: later.typed(name) for name in typed} == typed
    assert [model.objects.count() for model in (Case, Person, Event, NumberBook)] == [0, 0, 0, 0]
    assert later.send().status == 302
    assert Case.objects.get().number.endswith("-00001")


def test_a_password_is_never_written_into_the_page(monkeypatch: Any, client: Client) -> None:
    with database_away():
        page = post(client, "/login/", username="clerk.shymkent", password="correct horse battery")
    is_later(page)
    assert "correct horse battery" not in page.html


def test_no_new_password_and_no_code_is_written_into_the_page_either() -> None:
    client = sign_in(make_team().clerk, raise_request_exception=False)
    secrets = {"old_password": "first horse", "new_password1": "second horse", "new_password2": "second horse",
               "confirm_code": "314159"}  # fmt: skip
    with database_away():
        page = post(client, "/account/password/", **secrets)
    is_later(page)
    assert not [secret for secret in secrets.values() if secret in page.html]


def test_a_citizens_form_is_kept_too(client: Client) -> None:
    with database_away():
        page = post(client, "/status/", number="SHM-2026-00017", code="7KQ2M-X4PDA")
    is_later(page)
    assert (page.typed("number"), page.typed("code")) == ("SHM-2026-00017", "7KQ2M-X4PDA")


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("path", ["/login/", "/status/", "/complain/status/"])
def test_log_in_and_status_say_later_as_soon_as_they_need_the_database(client: Client, path: str, method: str) -> None:
    values = {"username": "clerk", "password": "x", "number": "SHM-2026-00017", "code": "7KQ2M-X4PDA"}
    with database_away():
        page = post(client, path, **values) if method == "POST" else visit(client, path)
    if method == "GET" and page.status == 200:  # the empty form needs no database
        assert page.form.fields
    else:
        is_later(page)


def test_files_of_the_site_need_no_database(client: Client, settings: Any) -> None:
    settings.WHITENOISE_AUTOREFRESH = settings.WHITENOISE_USE_FINDERS = True
    with database_away():
        answer = client.get("/static/favicon.svg")
    assert answer.status_code == 200
    answer.close()


@pytest.mark.parametrize("path", ["/", "/services/", "/offices/", "/services/south-2012-370-4/"])
def test_a_public_page_says_later(client: Client, path: str) -> None:
    with database_away():
        is_later(visit(client, path))


@pytest.mark.parametrize("path", ["/work/", "/journal/", "/search/", "/services/", "/", "/admin/"])
@pytest.mark.parametrize("problem", [OperationalError, InterfaceError])
def test_a_page_of_somebody_signed_in_says_later(path: str, problem: type[Exception]) -> None:
    staff = sign_in(make_team().clerk, raise_request_exception=False)
    with database_away(problem):
        is_later(visit(staff, path))


def test_what_a_member_of_staff_typed_is_kept_when_even_the_session_cannot_be_read() -> None:
    team = make_team()
    case = make_case(team, state=State.ASSIGNED)
    page = visit(sign_in(team.executor, raise_request_exception=False), f"/cases/{case.pk}/prepare/")
    with database_away():
        later = page.send(kind="grant", text="Ұзақ мәтін")
    is_later(later)
    assert later.typed("text") == "Ұзақ мәтін"
    assert later.send().status == 302
    assert case.decisions.get().text == "Ұзақ мәтін"


@pytest.mark.parametrize("language", ["kk", "ru"])
def test_the_page_speaks_the_language_of_the_visitor(language: str) -> None:
    staff = sign_in(make_team().clerk, language, raise_request_exception=False)
    with database_away():
        page = visit(staff, "/work/")
    assert page.status == 503
    assert f'lang="{language}"' in page.html


@pytest.mark.parametrize("problem", [OperationalError, InterfaceError])
def test_the_supervisor_is_told(client: Client, problem: type[Exception]) -> None:
    assert client.get("/health/").status_code == 200
    with database_away(problem):
        assert client.get("/health/").status_code == 503
