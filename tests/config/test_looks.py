"""What holds for every page: who looked is written down, one can log out, kinds and cookies, payloads in every field."""

from __future__ import annotations

import ast
import logging
import re
from pathlib import Path
from typing import Any

import pytest
from django import forms
from django.conf import settings as project
from django.test import Client

from applications.hall_devices import COOKIE
from applications.models import Opening
from applications.views import ACTS
from tests.config.test_access import ask, table, undone
from tests.config.test_smuggling import forms_on, pages
from tests.config.world import SENTINEL, World, addresses, browser, everything, make_world
from tests.factories import FRIDAY
from tests.pages import sign_in, visit

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("_friday")]
HOUSE = Path(__file__).resolve().parents[2]
APPS = ("applications", "complaints", "config", "kpi", "offices", "services")
# Reviewed: lists, which name a person beside a number and open nobody's file; finding somebody in them leaves its row on opening.
LISTS = {"my_work", "journal", "packages", "my_complaints", "complaints", "data_requests", "sign_many", "morning",
         "indicator_cell", "quality_sample", "quality_check"}  # fmt: skip


@pytest.fixture
def _friday(monkeypatch: Any) -> None:
    monkeypatch.setattr("django.utils.timezone.now", lambda: FRIDAY)
    monkeypatch.setattr(logging.getLogger("django.request"), "disabled", True)


@pytest.fixture
def world() -> World:
    return make_world()


def all_pages(world: World) -> dict[str, str]:
    """Every route, and every act on the case."""
    return addresses(world) | {f"act {name}": f"/cases/{world.case.pk}/{name}/" for name in ACTS}


# ------------------------------------------------------------------ who looked


def test_every_page_that_shows_a_person_writes_down_who_looked(world: World) -> None:
    client, shown = everything(), set()
    names = (SENTINEL, world.case.person.iin)
    for name, path in all_pages(world).items():
        before = Opening.objects.count()
        kept = client.cookies.copy()
        with undone():
            answer: Any = client.get(path)
            body = b"".join(answer.streaming_content) if answer.streaming else answer.content
            rows = Opening.objects.count() - before
        client.cookies = kept
        is_file = answer.status_code == 200 and name in ("paper", "attachment", "complaint_paper", "complaint_file")
        if is_file or any(secret in body.decode(errors="replace") for secret in names):
            shown.add(name)
            if name not in LISTS:
                assert rows == 1, f"{name} shows a person and writes {rows} openings"
        if name not in LISTS:
            assert rows <= 1, name
    assert shown >= {"case", "act", "paper", "attachment", "complaint", "complaint_act"}


# ------------------------------------------------------------------ every page


def test_on_every_page_one_can_log_out(world: World) -> None:
    client, seen = everything(), 0
    without = {"hall_kiosk", "hall_screen", "hall_screen_now", "hall_survey", "hall_kiosk_talon", "hall_open"}
    for name, path in all_pages(world).items():
        answer = ask(client, "GET", path)
        html = answer.body.decode(errors="replace")
        if answer.status_code == 200 and "<html" in html and name not in without:
            assert 'action="/logout/"' in html or 'action="/admin/logout/"' in html, name
            seen += 1
    assert seen > 60


def test_every_answer_names_its_kind_and_texts_their_signs(world: World) -> None:
    kinds = set()
    for role in ("administrator", "clerk", "anonymous"):
        client = browser(role)
        for name, path in addresses(world).items():
            answer = ask(client, "GET", path)
            if answer.body:
                kind = answer["Content-Type"]
                kinds.add(kind)
                text = kind.startswith("text/") or "xml" in kind.split(";")[0].replace("openxml", "") or "yaml" in kind
                assert not text or "charset=utf-8" in kind.lower().replace('"', ""), (name, kind)
    assert "text/html; charset=utf-8" in kinds
    assert "application/pdf" in kinds


def test_only_the_open_data_may_be_read_by_pages_of_others(world: World) -> None:
    client = everything()
    for name, path in addresses(world).items():
        answer = ask(client, "GET", path, headers={"origin": "https://evil.example"})
        allowed = answer.headers.get("Access-Control-Allow-Origin")
        assert allowed == ("*" if name in ("open_set", "open_index", "open_description") and allowed else None), name
        assert "Access-Control-Allow-Credentials" not in answer.headers, name


def test_every_password_is_typed_unseen(world: World) -> None:
    found = set()
    for name, _role, response in pages(world):
        for form in forms_on(response):
            for label, field in form.fields.items():
                if "password" in label and not isinstance(field.widget, forms.HiddenInput):
                    assert getattr(field.widget, "input_type", "") == "password", (name, label)
                    found.add(label)
    assert {"old_password", "new_password1"} <= found


def test_every_cookie_of_the_program_is_one_of_these() -> None:
    places = {}
    for path in (path for app in APPS for path in (HOUSE / app).rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "attr", "") in ("set_cookie", "set_signed_cookie"):
                words = {word.arg: ast.unparse(word.value) for word in node.keywords}
                places[str(path.relative_to(HOUSE))] = ast.unparse(node.args[0])
                assert words["secure"] == "settings.SERVED_BY_HTTPS"
                assert words["samesite"] == "'Lax'"
                assert words["httponly"] in ("True", "settings.LANGUAGE_COOKIE_HTTPONLY")
                assert "domain" not in words
    assert places == {"applications/hall_devices.py": "COOKIE", "config/middleware.py": "settings.LANGUAGE_COOKIE_NAME"}
    assert project.MESSAGE_STORAGE.endswith("SessionStorage"), "what is said after an act leaves in no cookie"
    text = (HOUSE / "config" / "settings.py").read_text(encoding="utf-8")
    assert set(re.findall(r'"__Host-(\w+)"', text)) == {"sessionid", "csrftoken", "django_language"}
    assert COOKIE in ("hall", "__Host-hall")
    assert project.LANGUAGE_COOKIE_HTTPONLY


def test_a_language_by_address_sets_a_cookie_that_no_script_reads() -> None:
    cookie = Client().get("/?lang=ru").cookies["django_language"]
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"


def test_after_an_act_nothing_of_the_case_lies_in_a_cookie(world: World) -> None:
    client = everything()
    case = world.case
    page = visit(client, f"/cases/{case.pk}/return_for_rework/")
    answer = page.send(reason="Күні жоқ.")
    assert answer.status == 302
    assert not [
        name for name, cookie in answer.response.cookies.items() if case.number in cookie.value or name == "messages"
    ]
    assert case.number in visit(client, answer.response["Location"]).words


# ------------------------------------------------------------------ payloads in every field

PAYLOADS = [
    "' OR '1'='1", "'; DROP TABLE offices_user; --", "1) UNION SELECT password FROM offices_user --", "\\'; SELECT 1; --",
    "{{ 7777*7 }}", "{% debug %}", "{0.__class__.__mro__}", "%(settings)s%n%s", "${7777*7}", "$(id)", "`id`", "| id", "; id",
    "<script>alert(7)</script>", "\"><img src=x onerror=alert(7)>", "javascript:alert(7)", "../../../../etc/passwd", "=1+1",
]  # fmt: skip
SHOWN = re.compile(
    r"54439|uid=\d+\(|root:x:|<script>alert\(7\)|<img src=x|OperationalError|psycopg2|sqlite3\.|__mro__'|SELECT "
)


def test_a_payload_in_every_field_is_only_text(world: World) -> None:
    client, rows = everything(), table()
    tried = 0
    for name, path in all_pages(world).items():
        if rows.get((name, "POST"), {}).get("head") == 405 or name == "logout":
            continue
        fields = set(re.findall(r'name="([^"]+)"', ask(client, "GET", path).body.decode(errors="replace")))
        fields -= {"csrfmiddlewaretoken", "token", "version"}
        for payload in PAYLOADS if fields else ():
            answer = ask(client, "POST", path, data=encoded(dict.fromkeys(fields, payload)), content_type=FORM)
            assert answer.status_code < 500, (name, payload)
            found = SHOWN.search(answer.body.decode(errors="replace"))
            assert not found or payload in ("{0.__class__.__mro__}", PAYLOADS[2], PAYLOADS[3]), (name, payload, found)
            tried += 1
    assert tried > 500
    assert sign_in(world_team_head(world)).get("/work/").status_code == 200, "every table still stands"


FORM = "application/x-www-form-urlencoded"


def encoded(values: dict[str, str]) -> str:
    """As a browser sends it."""
    from urllib.parse import urlencode

    return urlencode(values)


def world_team_head(world: World) -> Any:
    """Somebody who can work."""
    from tests.factories import make_staff

    return make_staff(world.case.office.key, "head")
