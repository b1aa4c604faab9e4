"""From the talon of the hall to the survey: queue and case are one thread, and every source of the indicators has its row."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from playwright.sync_api import expect
from time_machine import Traveller

from applications.models import Case, HallWindow, Visit
from offices.models import Office
from tests.complaints.makers import bring_to, make_complaint
from tests.factories import FRIDAY, Team, edition, make_iin, make_team, make_window
from tests.journeys.people import Citizen, Official, Scene

pytestmark = pytest.mark.journey

TARAZ = "zhambyl:taraz"
TEXT = "Өтінішіңіз қанағаттандырылды."
WAITED = re.compile(r"4[5-9] / 30")  # minutes, on a slow machine a little more


def test_what_a_visitor_went_through_is_counted_and_every_figure_leads_back_to_his_case(
    scene: Scene, clock: Traveller
) -> None:
    team, window = make_team(TARAZ), make_window(TARAZ)
    clerk = scene.official(team.clerk)
    screen, kiosk = (sets_up(clerk, scene.citizen(), kind) for kind in ("screen", "kiosk"))

    takes_a_number(kiosk)
    expect(screen.page.locator(".app-screen__waiting")).to_contain_text("001")

    clock.move_to(Visit.objects.get().issued_at + timedelta(minutes=45))
    clerk.opens(f"/hall/windows/{window.pk}/")
    expect(clerk.page.locator("#queue .app-due--late")).to_contain_text(WAITED)
    clerk.follows(clerk.page.locator('button[value="next"]'))
    # The screen finds it out by itself.
    expect(screen.page.locator(".app-screen__call--last")).to_contain_text("001")
    expect(screen.page.locator(".app-screen__call--last .app-screen__window")).to_contain_text("1")

    number = registers_the_visitor(clerk, window)
    is_granted(scene, clock, team, number)

    answers(scene.citizen(), number)
    complains(team, number)
    visit, case = Visit.objects.get(), Case.objects.get(number=number)
    assert (visit.case, visit.outcome) == (case, "served")
    assert visit.waited is not None
    assert 45 <= visit.waited // 60 < 50
    head = scene.official(team.head)
    figures = {"1.1": "0 / 1", "1.2": "0 / 1", "2.1": "0 / 1", "3.1": "1 / 1", "4.1": "1 / 1", "5.1": "1 / 1"}
    for line, figure in figures.items():
        head.opens("/indicators/?edition=zhambyl-2008-120-1&period=2026")
        cell = head.page.locator(f'main td a.app-number[href*="/line/{line}/"]')
        expect(cell).to_contain_text(figure)
        head.follows(cell)
        if line in ("1.1", "1.2", "4.1"):  # answers lead to nobody
            head.follows(head.page.locator(f'main table a[href^="/cases/{case.pk}/"]').first)
            assert head.number() == number


@pytest.mark.parametrize("language", ["kk"], indirect=True)
def test_a_screen_that_lost_its_connection_says_so_and_comes_back_by_itself(scene: Scene) -> None:
    team, window = make_team(TARAZ), make_window(TARAZ)
    clerk = scene.official(team.clerk)
    screen = sets_up(clerk, scene.citizen(), "screen")
    old = screen.page.locator(".app-live__old")
    expect(old).to_be_hidden()
    screen.page.context.set_offline(True)
    expect(old).to_be_visible(timeout=30_000)
    screen.page.context.set_offline(False)
    expect(old).to_be_hidden(timeout=60_000)
    scene.windows[-1].complaints.clear()  # the browser's own notes of the lost connection
    assert HallWindow.objects.get() == window


@pytest.mark.parametrize("language", ["kk"], indirect=True)
def test_tablet_and_screen_work_without_a_script(scene: Scene) -> None:
    team, window = make_team(TARAZ), make_window(TARAZ)
    clerk = scene.official(team.clerk)
    kiosk, screen = (sets_up(clerk, scene.citizen(javascript=False), kind) for kind in ("kiosk", "screen"))
    takes_a_number(kiosk)
    clerk.opens(f"/hall/windows/{window.pk}/")
    clerk.follows(clerk.page.locator('button[value="next"]'))
    # The browser loads the page anew every five seconds.
    expect(screen.page.locator(".app-screen__call--last")).to_contain_text("001", timeout=30_000)


def sets_up(clerk: Official, device: Citizen, kind: str) -> Citizen:
    """The clerk makes a code; it is typed on the device, whose page comes up."""
    clerk.opens("/hall/devices/")
    form = clerk.page.locator("main form:has([name=kind])")
    clerk.fills(form, kind=kind)
    clerk.follows(form.locator("button"))
    code = clerk.page.locator(".app-ticket").inner_text()
    device.opens("/hall/open/")
    device.fills(device.page.locator("#open-form"), code=code)
    with device.page.expect_navigation():
        device.page.locator("#open-form button").click()
    expect(device.page).to_have_url(re.compile(f"/hall/{kind}/$"))
    return device


def takes_a_number(kiosk: Citizen) -> None:
    """Two taps: what for, and which service."""
    page = kiosk.page
    page.locator('a[href="?purpose=hand_in"]').click()
    page.locator(f'button[name="edition"][value="{edition("E1").pk}"]').click()
    expect(page.locator(".app-slip__number")).to_have_text("001")


def registers_the_visitor(clerk: Official, window: HallWindow) -> str:
    """From the call into the registration, and back to the queue when the visitor is served. Gives the number."""
    clerk.follows(clerk.page.locator('main a[href*="visit="]'))
    clerk.takes_down(
        last_name="Өтегенова", first_name="Ақбөпе", iin=make_iin(), language=clerk.scene.language, all_here=True
    )
    number = clerk.registers()
    clerk.reads("Waited in the hall, queue number %(number)s", number="001")
    expect(clerk.page.locator("main .app-timeline .app-due--late")).to_contain_text(WAITED)
    clerk.follows(clerk.page.locator(f'main a[href="/hall/windows/{window.pk}/"]'))
    clerk.follows(clerk.page.locator('button[value="served"]'))
    clerk.reads("The window is free")
    return number


def is_granted(scene: Scene, clock: Traveller, team: Team, number: str) -> None:
    """Resolution at once, the rest two weeks too late."""
    head = scene.official(team.head)
    head.takes_up(number)
    head.does("assign", executor=str(team.executor.user.pk))
    clock.move_to(FRIDAY + timedelta(days=28))
    executor = scene.official(team.executor)
    executor.takes_up(number)
    executor.does("prepare", kind="grant", text=TEXT)
    head.comes_back()
    head.takes_up(number)
    head.does("sign")
    clerk = scene.official(team.clerk)
    clerk.takes_up(number)
    clerk.does("enter_in_record_book")
    clerk.does("hand_over", way="in_person")


def complains(team: Team, number: str) -> None:
    """A complaint about the delay, found substantiated and answered in time: made by the acts, its pages are told elsewhere."""
    case = Case.objects.get(number=number)
    received = FRIDAY + timedelta(days=28, hours=2)
    complaint = make_complaint(team, case=case, proved=True, edition=case.edition, at=received)
    bring_to(complaint, team, "answered", at=received)


def answers(citizen: Citizen, number: str) -> None:
    """By the square on the notice: number and code stand in the form and leave the address; once, never again."""
    case = Case.objects.get(number=number)
    address = f"/survey/#{number}/{case.survey_code}"
    citizen.opens(address)
    assert citizen.page.url.endswith("/survey/")
    citizen.follows(citizen.page.locator("#survey-form button"))
    citizen.fills(citizen.page.locator("form.app-survey"), q2_1="2", q3_1="4", q5_1="5")
    citizen.follows(citizen.page.locator("form.app-survey button"))
    citizen.reads("Your answers are kept without your name.")
    citizen.opens("/")
    citizen.opens(address)
    citizen.follows(citizen.page.locator("#survey-form button"))
    citizen.reads("This survey was answered already. Thank you.")
    assert Office.objects.filter(survey_answers__isnull=False).distinct().count() == 1
