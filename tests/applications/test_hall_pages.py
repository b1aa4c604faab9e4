"""The pages of the waiting hall: the clerk's desk, the talon, and the devices that belong to nobody."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import datetime, timedelta

import pytest
from django.test import Client

from applications.hall_devices import COOKIE, TALONS_A_MINUTE
from applications.models import Case, HallDevice, HallWindow, Outcome, Purpose, Visit
from tests.factories import (
    FRIDAY,
    Team,
    edition,
    make_case,
    make_centre_team,
    make_intake,
    make_staff,
    make_team,
    make_visit,
    make_window,
)
from tests.pages import Page, post, sign_in, visit

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("moment")]
NOW = FRIDAY + timedelta(hours=1)


@pytest.fixture
def team() -> Team:
    return make_team()


@pytest.fixture
def window() -> HallWindow:
    return make_window()


def desk(team: Team, window: HallWindow) -> Page:
    return visit(sign_in(team.clerk), f"/hall/windows/{window.pk}/")


def press(page: Page, do: str, **typed: str) -> Page:
    """The button of that value, with its form's hidden fields; the page that follows."""
    form = next(form for form in page.forms if ("do", do) in form.buttons)
    answer = post(page.client, form.action, **{**form.values(), **typed, "do": do})
    return visit(page.client, answer.response["Location"]) if answer.status == 302 else answer


def device(team: Team, kind: str) -> Client:
    """A browser that was made a device of the hall by a code."""
    made = visit(sign_in(team.clerk), "/hall/devices/")
    page = post(made.client, "/hall/devices/", office=team.office.pk, kind=kind, name="кіреберіс")
    code = re.search(r"app-ticket\">([A-Z2-7]{5}-[A-Z2-7]{5})", page.html)
    assert code
    browser = Client(headers={"accept-language": "en"})
    answer = post(browser, "/hall/open/", code=code[1].lower().replace("-", " "))
    assert answer.status == 302, answer.words
    return browser


# ------------------------------------------------------------------ the clerk


def test_the_clerk_gives_a_talon_calls_serves_and_the_queue_shows_it(team: Team, window: HallWindow) -> None:
    client = sign_in(team.clerk)
    given = visit(client, f"/hall/{team.office.pk}/talon/").send(purpose="hand_in", edition=str(edition("E8").pk))
    talon = visit(client, given.response["Location"])
    assert "Your number 001 hand in papers" in talon.words
    assert "Nobody waits before you" in talon.words
    make_visit(at=NOW)
    page = press(desk(team, window), "next")
    assert "Visitor 001" in page.words
    assert "1 person waits" in page.words
    page = press(press(page, "again"), "served")
    assert "The window is free" in page.words
    assert Visit.objects.get(number=1).outcome == Outcome.SERVED
    assert "1 served today" in visit(client, "/hall/").words


def test_the_talon_tells_how_many_wait_before(team: Team) -> None:
    make_visit(at=NOW), make_visit(at=NOW)
    third = make_visit(at=NOW)
    assert "2 people wait before you" in visit(sign_in(team.clerk), f"/hall/talons/{third.pk}/").words


def test_from_the_call_into_the_registration_and_back_to_the_queue(team: Team, window: HallWindow) -> None:
    make_visit(at=FRIDAY)
    page = press(desk(team, window), "next")
    link = re.search(r'href="(/register/[^"]+visit=\d+)"', page.html)
    assert link
    counter = visit(page.client, link[1])
    assert "Visitor 001 at window 1" in counter.words
    papers = {f"paper_{row.requirement.pk}": row.status for row in make_intake(team).documents}
    answer = counter.send(last_name="Өтегенова", first_name="Ақбөпе", iin="990101500016", do="register", **papers)
    assert answer.status == 302, answer.summary
    case = visit(page.client, answer.response["Location"])
    assert "Waited in the hall, queue number 001" in case.words
    assert "60 / 30 min" in case.words
    assert "over the limit" in case.words
    assert f'href="/hall/windows/{window.pk}/"' in case.html
    assert Visit.objects.get().case == Case.objects.get()


def test_a_service_that_another_role_takes_in_is_passed_on(team: Team, window: HallWindow) -> None:
    make_visit(label="E6", at=NOW)
    page = press(desk(team, window), "next")
    assert "Another role takes in this service" in page.words
    assert "?visit=" not in page.html
    executor = visit(sign_in(team.executor), f"/hall/windows/{window.pk}/")
    assert f"/register/{team.office.pk}/{edition('E6').pk}/?visit=" in executor.html


def test_an_undecided_visitor_comes_along_through_the_choice_of_the_service(team: Team, window: HallWindow) -> None:
    make_visit(label="", at=NOW)
    page = press(desk(team, window), "next")
    number = Visit.objects.get().pk
    assert f'href="/register/?visit={number}"' in page.html
    services = visit(page.client, f"/register/?visit={number}")
    assert f"/register/{team.office.pk}/{edition('E8').pk}/?visit={number}" in services.html


def test_a_centres_visitor_keeps_window_and_visit_in_the_address() -> None:
    centre = make_centre_team()
    client = sign_in(centre.inspector)
    page = visit(client, "/register/?visit=7")
    assert f"?centre={centre.centre.pk}&amp;visit=7" in page.html


def test_who_collects_is_led_to_his_case_by_its_number(team: Team, window: HallWindow) -> None:
    case = make_case(team)
    make_visit(purpose=Purpose.COLLECTION, at=NOW)
    page = press(desk(team, window), "next")
    wrong = press(page, "attach", number="SHM-2026-99999")
    assert (wrong.status, wrong.errors["number"]) == (400, "Error: No application of your office has this number.")
    assert wrong.status == 400
    found = press(page, "attach", number=case.number.lower())
    assert f"{case.number}" in found.words
    assert "Came to the window for this case" in found.words


def test_a_visitor_is_passed_on_or_leaves_from_the_queue(team: Team, window: HallWindow) -> None:
    second = make_window(number=2)
    make_visit(at=NOW), make_visit(at=NOW)
    page = press(press(desk(team, window), "next"), "pass", window=str(second.pk))
    assert "for window 2" in page.words
    press(page, "left", visit=str(Visit.objects.get(number=2).pk))
    assert [row.outcome for row in Visit.objects.order_by("number")] == ["", "left"]


def test_an_old_page_is_told_what_happened(team: Team, window: HallWindow) -> None:
    make_visit(at=NOW)
    old = press(desk(team, window), "next")
    press(old, "served")
    assert "has ended already: served" in press(old, "no_show").words
    assert Visit.objects.get().outcome == Outcome.SERVED


@pytest.mark.parametrize(
    "values", [{}, {"do": "next"}, {"do": "served", "visit": "x"}, {"do": "fly", "visit": "9" * 40}]
)
def test_what_no_page_would_send_changes_nothing(values: dict[str, str], team: Team, window: HallWindow) -> None:
    make_visit(at=NOW)
    assert post(sign_in(team.clerk), f"/hall/windows/{window.pk}/", **values).status in (302, 400)
    assert Visit.objects.waiting().count() == 1


def test_windows_and_talons_of_another_office_are_not_there(team: Team, window: HallWindow) -> None:
    mine = make_visit(at=NOW)
    stranger = sign_in(make_staff("south:arys", "clerk"))
    for path in (f"/hall/windows/{window.pk}/", f"/hall/{team.office.pk}/talon/", f"/hall/talons/{mine.pk}/"):
        assert visit(stranger, path).status == 404, path
        assert post(stranger, path, do="next", turn="0").status in (404, 405), path


# ------------------------------------------------------------------ devices


def test_a_code_opens_one_device_once_and_only_for_an_hour(team: Team, moment: Callable[[datetime], None]) -> None:
    device(team, "kiosk")
    used = HallDevice.objects.get()
    assert (used.link_hash, bool(used.secret_hash)) == ("", True)
    clerk = sign_in(team.clerk)
    page = post(clerk, "/hall/devices/", office=team.office.pk, kind="screen")
    code = re.search(r"app-ticket\">([A-Z2-7-]+)", page.html)
    assert code
    moment(NOW + timedelta(minutes=61))
    late = post(Client(headers={"accept-language": "en"}), "/hall/open/", code=code[1])
    assert "This code opens no device" in late.words
    assert code[1] not in visit(clerk, "/hall/devices/").html


def test_codes_are_not_to_be_guessed(team: Team) -> None:
    browser = Client(headers={"accept-language": "en"})
    answers = [post(browser, "/hall/open/", code=f"AAAAA-AAAA{letter}").status for letter in "ABCDEFGHIJKL"]
    assert answers == [200] * 10 + [429] * 2


def test_the_tablet_gives_talons_without_names_or_log_in(team: Team) -> None:
    browser = device(team, "kiosk")
    assert "What do you come for?" in visit(browser, "/hall/kiosk/").words
    choice = visit(browser, "/hall/kiosk/?purpose=hand_in")
    own = next(form for form in choice.forms if form.action == "/hall/kiosk/")
    assert ("edition", "0") in own.buttons
    sent = [post(browser, "/hall/kiosk/", **own.values(), edition=str(edition("E8").pk)) for _ in range(2)]
    assert len({answer.response["Location"] for answer in sent}) == 1
    talon = visit(browser, sent[0].response["Location"])
    assert "Your number 001" in talon.words
    visit_row = Visit.objects.get()
    assert (visit_row.issued_by, visit_row.edition) == (None, edition("E8"))


def test_a_tablet_that_is_played_with_gives_no_more_numbers_for_a_minute(team: Team) -> None:
    browser = device(team, "kiosk")
    for n in range(TALONS_A_MINUTE + 1):
        own = {"purpose": "hand_in", "edition": "0", "token": f"00000000-0000-4000-8000-{n:012d}"}
        last = post(browser, "/hall/kiosk/", **own)
    assert last.status == 429
    assert "Too many numbers" in last.words
    assert Visit.objects.count() == TALONS_A_MINUTE


def test_the_screen_shows_who_is_called_where_in_both_languages_and_nothing_else(
    team: Team, window: HallWindow
) -> None:
    browser = device(team, "screen")
    case = make_case(team)
    make_visit(at=NOW), make_visit(at=NOW)
    press(desk(team, window), "next")
    page = visit(browser, "/hall/screen/")
    assert "001 → " in page.words
    assert [team.office.name_kk in page.words, team.office.name_ru in page.words] == [True, True]
    assert case.person.last_name not in page.html
    assert 'http-equiv="refresh"' in page.html
    assert "002" in visit(browser, "/hall/screen/now/").words


def test_a_device_out_of_use_and_a_foreign_cookie_open_nothing(team: Team) -> None:
    browser = device(team, "kiosk")
    number = HallDevice.objects.get().pk
    assert visit(browser, "/hall/screen/").status == 403  # a tablet is no screen
    for cookie in ("", "x", f"{number}:", f"{number}:guess", f"{'9' * 40}:x", "²:x"):
        other = Client()
        other.cookies[COOKIE] = cookie
        assert visit(other, "/hall/kiosk/").status == 403, cookie
    post(sign_in(team.head), f"/hall/devices/{number}/withdraw/")
    assert visit(browser, "/hall/kiosk/").status == 403
    assert (
        post(
            browser, "/hall/kiosk/", purpose="hand_in", edition="0", token="00000000-0000-4000-8000-000000000000"
        ).status
        == 403
    )
    assert not Visit.objects.exists()


def test_devices_of_another_office_cannot_be_taken_out_of_use(team: Team) -> None:
    browser = device(team, "kiosk")
    number = HallDevice.objects.get().pk
    assert post(sign_in(make_staff("south:arys", "head")), f"/hall/devices/{number}/withdraw/").status == 404
    assert visit(browser, "/hall/kiosk/").status == 200


def test_the_head_watches_the_hall_and_gives_no_talons(team: Team, window: HallWindow) -> None:
    make_visit(at=NOW)
    page = visit(sign_in(team.head), "/hall/")
    assert "1 waiting" in page.words
    assert ("/talon/" in page.html, "/hall/windows/" in page.html) == (False, False)


def test_the_desk_costs_no_more_statements_when_the_hall_is_full(
    team: Team, window: HallWindow, django_assert_max_num_queries: Callable[[int], AbstractContextManager[object]]
) -> None:
    client = sign_in(team.clerk)
    visit(client, f"/hall/windows/{window.pk}/")
    for _ in range(30):
        make_visit(at=NOW)
    with django_assert_max_num_queries(18):
        assert "30 people wait" in visit(client, f"/hall/windows/{window.pk}/").words
