"""Who may open what: every route declares it, and a reviewed table says what each role is answered."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.apps import apps
from django.conf import settings
from django.core.files.base import ContentFile
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from applications.models import Case
from applications.workflow import State
from tests.factories import (
    FRIDAY,
    edition,
    make_case,
    make_centre_case,
    make_centre_team,
    make_person,
    make_staff,
    make_team,
    make_user,
    office,
)
from tests.pages import post, sign_in, visit

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("_friday")]
SENTINEL = "Құпиясыбаева"
ROLES = [
    "anonymous", "clerk", "head", "deputy", "executor", "inspector", "accumulator", "observer", "administrator", "nobody",
    "barred",
]  # fmt: skip
# What a GET is answered. The case, its paper and its file belong to the counter of Shymkent; the observer watches its oblast.
TABLE = """
                anonymous clerk head deputy executor inspector accumulator observer administrator nobody barred
home                  200   302  302    302      302       302         302      302           302    302    200
health                200   200  200    200      200       200         200      200           200    200    200
set_language          302   302  302    302      302       302         302      302           302    302    302
login                 200   302  302    302      302       302         302      302           302    302    200
logout                405   405  405    405      405       405         405      405           405    405    405
service_list          200   200  200    200      200       200         200      200           200    200    200
service_detail        200   200  200    200      200       200         200      200           200    200    200
office_list           200   200  200    200      200       200         200      200           200    200    200
office_detail         200   200  200    200      200       200         200      200           200    200    200
status                200   200  200    200      200       200         200      200           200    200    200
my_work               302   200  200    200      200       200         200      200           403    403    302
register              302   200  403    403      200       200         403      403           403    403    302
take_in               302   200  403    403      404       404         403      403           403    403    302
case                  302   200  200    200      200       404         404      200           403    403    302
act                   302   200  200    200      200       404         404      200           403    403    302
attachment            302   200  200    200      200       404         404      200           403    403    302
paper                 302   200  200    200      200       404         404      200           403    403    302
packages              302   200  200    200      200       200         200      200           403    403    302
scan                  302   404  404    404      404       404         200      404           403    403    302
journal               302   200  200    200      200       200         200      200           403    403    302
search                302   200  200    200      200       200         200      200           403    403    302
admin:index           302   302  302    302      302       302         302      302           200    302    302
"""
EXPECTED = {
    line.split()[0]: dict(zip(ROLES, map(int, line.split()[1:]), strict=True)) for line in TABLE.splitlines()[2:]
}


@pytest.fixture
def _friday(monkeypatch: Any) -> None:
    monkeypatch.setattr("django.utils.timezone.now", lambda: FRIDAY)


@pytest.fixture
def case() -> Case:
    """A case of the counter of Shymkent, waiting for signature."""
    return make_case(make_team(), state=State.PREPARED, person=make_person(last_name=SENTINEL))


def addresses(case: Case) -> dict[str, str]:
    """Every route of the table with what it needs."""
    attached = case.attachments.create(
        file="none", name="a.pdf", content_type="application/pdf", size=1, sha256="0", reason="", added_at=FRIDAY,
        added_by_id=case.executor_id,
    )  # fmt: skip
    attached.file.save("a.pdf", ContentFile(b"%PDF-1.7"))
    needs: dict[str, dict[str, Any]] = {
        "service_detail": {"code": "south-2012-370-4"}, "office_detail": {"key": "south:shymkent"},
        "take_in": {"office_id": case.office_id, "edition_id": case.edition_id}, "case": {"pk": case.pk},
        "act": {"pk": case.pk, "act": "sign"}, "attachment": {"pk": case.pk, "attachment_id": attached.pk},
        "paper": {"key": case.papers.get().key}, "scan": {"act": "collect"},
    }  # fmt: skip
    return {name: reverse(name, kwargs=needs.get(name)) for name in EXPECTED}


def browsers() -> dict[str, Client]:
    """A browser for each role."""
    staff = {
        role: make_staff("south:shymkent", role) for role in ("clerk", "head", "deputy", "executor", "administrator")
    }
    centre = make_centre_team()
    staff |= {"inspector": centre.inspector, "accumulator": centre.accumulator}
    staff |= {"observer": make_staff("south:arys", "observer"), "barred": make_staff("south:shymkent", "clerk")}
    found = {role: sign_in(person) for role, person in staff.items()}
    staff["barred"].user.is_active = False
    staff["barred"].user.save()
    nobody = Client()
    nobody.force_login(make_user(), backend="django.contrib.auth.backends.ModelBackend")
    return {"anonymous": Client(), "nobody": nobody, **found}


def routes(resolver: Any = None, namespace: str = "") -> Iterator[tuple[str, URLPattern]]:
    """Every route of the site with its name; those of the admin are its own business."""
    for entry in (resolver or get_resolver()).url_patterns:
        if isinstance(entry, URLResolver):
            if entry.app_name != "admin":
                yield from routes(entry, f"{entry.namespace}:" if entry.namespace else namespace)
        else:
            yield f"{namespace}{entry.name}", entry


# ------------------------------------------------------------------ declared


def test_every_route_declares_its_policy() -> None:
    undeclared = [name for name, route in routes() if not callable(getattr(route.callback, "policy", None))]
    assert not undeclared


def test_every_route_stands_in_the_table() -> None:
    assert {name for name, _route in routes()} | {"admin:index"} == set(EXPECTED)


def test_a_route_without_a_policy_is_refused_even_to_an_administrator(settings: Any) -> None:
    settings.ROOT_URLCONF = "tests.config.open_routes"
    for client in (Client(), sign_in(make_staff("south:shymkent", "administrator", "clerk", "head"))):
        assert client.get("/").status_code == 403


# ------------------------------------------------------------------ answered


@pytest.mark.parametrize("role", ROLES)
def test_each_role_is_answered_by_the_table(role: str, case: Case) -> None:
    client = browsers()[role]
    answers = {name: closed(client.get(path)).status_code for name, path in addresses(case).items()}
    assert answers == {name: row[role] for name, row in EXPECTED.items()}


def closed(response: Any) -> Any:
    """The answer, read to its end where it is a file."""
    if response.streaming:
        assert b"".join(response.streaming_content)
    return response


def test_who_is_not_signed_in_is_sent_to_the_log_in_and_back(case: Case) -> None:
    client = Client()
    for name, path in addresses(case).items():
        if EXPECTED[name]["anonymous"] == 302 and name not in ("set_language", "admin:index"):
            response: Any = client.get(path)
            assert response["Location"] == f"/login/?next={path.replace('/', '%2F')}", name
            assert client.post(path, {"q": "x"}).status_code in (302, 405), name


def test_who_is_no_administrator_is_refused_at_the_reference_data() -> None:
    for client in (sign_in(make_staff("south:shymkent", "head")), browsers()["nobody"]):
        assert client.get("/admin/", follow=True).status_code == 403


def test_nothing_changes_without_the_forms_own_secret(case: Case) -> None:
    version = case.version
    client = sign_in(make_staff("south:shymkent", "clerk", "head", "executor"), enforce_csrf_checks=True)
    for name in ("act", "take_in", "search", "set_language", "logout", "status", "scan"):
        path = addresses(case)[name]
        assert client.post(path, {"version": version}).status_code == 403, name
    assert Case.objects.get(pk=case.pk).version == version


def test_opening_pages_changes_nothing(case: Case) -> None:
    paths = addresses(case)
    del paths["paper"]  # made when it is first opened
    client = sign_in(make_staff("south:shymkent", "clerk", "head", "executor", "administrator"))
    before = {model: model._default_manager.count() for model in apps.get_models()}
    for path in paths.values():
        closed(client.get(path))
    assert {model: model._default_manager.count() for model in apps.get_models()} == before


@pytest.mark.parametrize("method", ["put", "patch", "delete", "options", "trace"])
def test_other_methods_do_nothing(case: Case, method: str) -> None:
    client = sign_in(make_staff("south:shymkent", "clerk", "head", "executor"))
    version = case.version
    for name, path in addresses(case).items():
        assert getattr(client, method)(path).status_code in (200, 302, 403, 404, 405), name
    assert Case.objects.get(pk=case.pk).version == version


def test_every_answer_carries_the_strict_headers_and_staff_pages_are_kept_nowhere(case: Case) -> None:
    client = sign_in(make_staff("south:shymkent", "clerk", "head", "executor"))
    paths = {**addresses(case), "no page": "/nothing/", "no case": "/cases/999999/", "not mine": "/admin/"}
    for name, path in paths.items():
        response = closed(client.get(path))
        policy = response["Content-Security-Policy"]
        assert "unsafe" not in policy, name
        assert name == "attachment" or "script-src 'self'" in policy, name
        assert response["X-Content-Type-Options"] == "nosniff", name
        assert response["Referrer-Policy"] == "same-origin", name
        assert response["Cache-Control"] == "no-store" or "no-cache" in response["Cache-Control"], name


# ------------------------------------------------------------------ other offices


def test_what_belongs_to_another_office_is_not_there(case: Case) -> None:
    stranger = sign_in(make_staff("south:arys", "clerk", "head", "deputy", "executor"))
    paths = addresses(case)
    for name in ("case", "act", "paper", "attachment", "take_in"):
        response: Any = stranger.get(paths[name])
        assert response.status_code == 404, name
        assert SENTINEL not in response.content.decode(), name
    for name in ("act", "take_in"):
        assert stranger.post(paths[name], {"version": case.version}).status_code == 404, name


@pytest.mark.parametrize("who", ["department", "centre", "other oblast"])
def test_no_list_journal_export_or_search_names_an_applicant_of_another_office(case: Case, who: str) -> None:
    team = make_team()
    other = make_centre_case(team, make_centre_team("south:centre-shymkent-2"))
    recorded = make_case(team, state=State.RECORDED, person=make_person(last_name=SENTINEL))
    type(other.person).objects.filter(pk=other.person_id).update(last_name=SENTINEL)
    roles = {
        "department": ("south:arys", "clerk", "head", "executor"),
        "centre": ("south:centre-arys", "centre_inspector", "centre_accumulator"),
        "other oblast": ("zhambyl:taraz", "observer"),
    }
    stranger = sign_in(make_staff(*roles[who]))
    paths = ["/work/", "/work/?only=all", "/work/?only=overdue", "/journal/", "/journal/?book=record", "/packages/"]
    exports = [f"/journal/?book={book}&format=csv" for book in ("registration", "record")]
    for path in (*paths, "/packages/collect/", "/packages/send_to_centre/", "/register/"):
        assert SENTINEL not in visit(stranger, path).words, path
    for path in exports:
        response: Any = stranger.get(path)
        assert SENTINEL not in b"".join(response.streaming_content).decode()
    for typed in (SENTINEL, case.person.iin, case.number, other.centre_number, recorded.number, "ақбөпе"):
        page = post(stranger, "/search/", q=typed)
        assert page.status == 200, typed
        assert "Nothing found." in page.words, typed


def test_the_window_of_one_centre_is_not_open_to_another(case: Case) -> None:
    inspector = sign_in(make_staff("south:centre-arys", "centre_inspector"))
    shymkent, e7 = office("south:shymkent").pk, edition("E7").pk
    for centre in (office("south:centre-shymkent-1").pk, office("south:centre-arys").pk, "x", "²", "9" * 40, ""):
        assert visit(inspector, f"/register/{shymkent}/{e7}/?centre={centre}").status == 404, centre


def test_numbers_that_no_row_can_have_are_not_there(case: Case) -> None:
    client = sign_in(make_staff("south:shymkent", "clerk", "centre_inspector"))
    for number in ("0", "9" * 18, "9" * 40, "9" * 4000):
        for path in (f"/cases/{number}/", f"/cases/{case.pk}/files/{number}", f"/register/{number}/{number}/"):
            assert client.get(path).status_code == 404, path[:60]
        assert client.get(f"/register/{number}/1/?centre=1").status_code == 404


def test_the_settings_leave_no_door_open() -> None:
    assert settings.SESSION_COOKIE_HTTPONLY
    assert settings.SESSION_COOKIE_SAMESITE == "Lax"
    assert not settings.DEBUG
