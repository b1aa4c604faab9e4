"""What belongs to another office is not there, and a view that declares nothing opens to nobody. The table: test_access."""

from __future__ import annotations

from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from applications.models import Case
from applications.workflow import State
from tests.config.world import SENTINEL, World, addresses, browser, make_world
from tests.factories import (
    FRIDAY,
    edition,
    make_case,
    make_centre_case,
    make_centre_team,
    make_person,
    make_staff,
    make_team,
    office,
)
from tests.pages import post, sign_in, visit

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("_friday")]


@pytest.fixture
def _friday(monkeypatch: Any) -> None:
    monkeypatch.setattr("django.utils.timezone.now", lambda: FRIDAY)


@pytest.fixture
def world() -> World:
    return make_world()


@pytest.fixture
def case(world: World) -> Case:
    """A case of the counter of Shymkent, waiting for signature."""
    return world.case


def test_a_route_without_a_policy_is_refused_even_to_an_administrator(settings: Any) -> None:
    settings.ROOT_URLCONF = "tests.config.open_routes"
    for client in (Client(), sign_in(make_staff("south:shymkent", "administrator", "clerk", "head"))):
        assert client.get("/").status_code == 403


def test_who_is_no_administrator_is_refused_at_the_reference_data() -> None:
    for client in (sign_in(make_staff("south:shymkent", "head")), browser("nobody")):
        assert client.get("/admin/", follow=True).status_code == 403


# ------------------------------------------------------------------ other offices


def test_what_belongs_to_another_office_is_not_there(world: World) -> None:
    stranger = sign_in(make_staff("south:arys", "clerk", "head", "deputy", "executor"))
    paths, case = addresses(world), world.case
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
