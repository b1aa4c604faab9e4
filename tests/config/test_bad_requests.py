"""Requests that no page of ours would send: answered with a page of ours, in the visitor's language, never with an error."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import pytest
from django.test import Client

from applications.models import Case
from tests.factories import edition, make_case, make_staff, make_team
from tests.pages import plain, post, sign_in, visit

pytestmark = pytest.mark.django_db
STRANGE = ["\0", "a\0b", "²", "9" * 5000, "-1", "\u202e", "%", "'", "😀", "[]", "{}"]
PUBLIC = {"/": ["next"], "/services/": ["q"], "/offices/": ["q", "oblast"], "/status/": ["number"], "/login/": ["next"]}
STAFF = {
    "/work/": ["only", "after"],
    "/journal/": ["book", "start", "end", "edition", "format", "after"],
    "/search/": ["q"],
    "/packages/": ["after"],
    "/register/": ["centre"],
}


@pytest.mark.parametrize("path", [*PUBLIC, *STAFF])
def test_an_address_with_anything_in_it_is_no_error(path: str) -> None:
    client = Client() if path in PUBLIC else sign_in(make_staff("south:shymkent", "clerk", "head", "centre_inspector"))
    client.raise_request_exception = False
    for name in (PUBLIC | STAFF)[path]:
        broken = [text[:9] for text in STRANGE if client.get(f"{path}?{name}={quote(text)}").status_code >= 500]
        assert not broken, name


@pytest.mark.parametrize(
    "path", ["/services/%00/", "/offices/%00/", "/offices/south:%00/", "/cases/%00/", "/papers/%00.pdf"]
)
def test_an_address_of_nothing_is_not_there(path: str) -> None:
    client = sign_in(make_staff("south:shymkent", "clerk"), raise_request_exception=False)
    assert client.get(path).status_code in (400, 404)


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        ("application/x-www-form-urlencoded", b"\xff\xfe=%ff&q=%00&" * 3),
        ("application/x-www-form-urlencoded", b"&".join(b"a%d=1" % n for n in range(2_000))),
        ("application/x-www-form-urlencoded", b"q=" + b"a" * (13 * 1024 * 1024)),
        ("multipart/form-data; boundary=x", b"--x\r\nContent-Disposition: form-data; name="),
        ("multipart/form-data", b"no boundary"),
        ("application/json", b'{"q": '),
        ("text/plain; charset=none", b"q=1"),
    ],
    ids=["bad signs", "too many fields", "too much", "cut off", "no boundary", "JSON", "unknown signs"],
)
def test_a_body_that_is_no_form_is_no_error(content_type: str, body: bytes) -> None:
    team = make_team()
    case = make_case(team)
    head = sign_in(team.head, raise_request_exception=False)
    paths = [
        "/status/",
        "/search/",
        f"/cases/{case.pk}/assign/",
        "/login/",
        f"/register/{team.office.pk}/{case.edition_id}/",
    ]
    for path in paths:
        assert head.generic("POST", path, body, content_type=content_type).status_code < 500, path
    assert Case.objects.get(pk=case.pk).version == case.version


@pytest.mark.parametrize(
    "next_page", ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)"]
)
def test_no_address_leads_out_of_the_house(next_page: str) -> None:
    team = make_team()
    client = Client()
    team.clerk.user.set_password("correct horse battery")
    team.clerk.user.save()
    credentials = {"username": team.clerk.user.username, "password": "correct horse battery"}
    for path, values in [("/login/", credentials), ("/language/", {"language": "ru"})]:
        page = post(client, f"{path}?next={quote(next_page)}", **values, next=next_page)
        assert page.status == 302
        assert "evil" not in page.response["Location"]
        assert not page.response["Location"].startswith(("javascript", "//"))


@pytest.mark.parametrize(("language", "words"), [("en", "There is no such page"), ("kk", ""), ("ru", "")])
def test_each_refusal_is_a_page_of_ours_in_the_visitors_language(language: str, words: str) -> None:
    client = sign_in(make_staff("south:shymkent", "clerk"), language)
    for path, status in [("/nothing/", 404), ("/cases/999999/", 404), ("/packages/collect/", 404)]:
        page = visit(client, path)
        assert page.status == status
        assert f'lang="{language}"' in page.html
        assert words in page.words
    assert "This page is not for you" in visit(sign_in(make_team().head), "/register/").words


@pytest.mark.parametrize("path", ["/nothing/", "/cases/987654/", "/law/"])
def test_whoever_is_signed_in_keeps_his_own_pages_beside_a_refusal(path: str) -> None:
    page = visit(sign_in(make_staff("south:shymkent", "clerk")), path)
    assert page.status in (403, 404)
    assert 'href="/work/"' in page.html
    assert "For staff" not in page.words


def test_a_form_without_its_secret_is_refused_by_a_page_of_ours() -> None:
    team = make_team()
    clerk = sign_in(team.clerk, enforce_csrf_checks=True)
    path = f"/register/{team.office.pk}/{edition('E8').pk}/"
    response: Any = clerk.post(path, {"last_name": "Өтеген", "csrfmiddlewaretoken": "expired"})
    assert response.status_code == 403
    assert 'class="govuk-template' in response.content.decode()
    assert "Go back, open the page again" in plain(response.content.decode())


def test_what_is_sent_after_the_session_has_ended_leads_to_the_log_in_and_changes_nothing() -> None:
    team = make_team()
    page = visit(sign_in(team.clerk), f"/register/{team.office.pk}/{edition('E8').pk}/")
    page.client.logout()
    answer = page.send(last_name="Өтеген", do="register")
    assert answer.status == 302
    assert answer.response["Location"].startswith("/login/")
    assert not Case.objects.exists()


@pytest.mark.parametrize("language", ["kk", "ru", "en"])
def test_more_than_we_take_is_refused_with_a_page_in_the_language_of_the_visitor(settings: Any, language: str) -> None:
    settings.DATA_UPLOAD_MAX_NUMBER_FIELDS = 5
    client = Client(raise_request_exception=False, headers={"cookie": f"django_language={language}"})
    response: Any = client.post("/status/", {f"field{n}": "x" for n in range(9)})
    assert response.status_code == 413
    assert f'lang="{language}"' in response.content.decode()
