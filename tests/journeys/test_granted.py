"""From the counter to the handed-over notice, and what the applicant sees on the way (E8, targeted social assistance)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from time_machine import Traveller

from tests.factories import FRIDAY, edition, make_case, make_iin, make_person, make_team
from tests.journeys.paper import KAZAKH_LETTERS
from tests.journeys.people import Scene

pytestmark = pytest.mark.journey

MONDAY = FRIDAY + timedelta(days=3)
TEXT = "Өтінішіңіз қанағаттандырылды: айына 25 000 теңге, үйге жиһаз ұсынылмайды, бағасы әділ есептелді."


def test_assistance_is_granted_and_the_applicant_follows_it_by_his_talon(scene: Scene, clock: Traveller) -> None:
    team, known = make_team("south:shymkent"), make_person(last_name="Өтегенова", first_name="Ақбөпе")
    make_case(team, "E12", person=known, at=FRIDAY - timedelta(days=200))
    clerk, head, executor = scene.officials(team.clerk, team.head, team.executor)
    citizen = scene.citizen()

    clerk.chooses_service(edition("E8"), team.office)
    clerk.takes_down(iin=known.iin)
    clerk.looks_up_the_iin()
    assert clerk.counter_form.locator('[name="last_name"]').input_value() == "Өтегенова"
    clerk.takes_down(language=scene.language, all_here=True)
    number = clerk.registers()
    talon = clerk.paper("talon")
    assert number in talon
    assert team.clerk.user.last_name in talon
    assert clerk.due() == "27.03.2026 18:00"  # seven working days, over Nauryz

    citizen.looks_up(number, talon.code)
    citizen.is_told("Your application is registered.")
    assert citizen.due() == "27.03.2026 18:00"
    citizen.sees_nothing_of("Өтегенова", "Ақбөпе", team.clerk.user.last_name)

    head.takes_up(number)
    head.does("assign", executor=str(team.executor.user.pk))

    clock.move_to(MONDAY)
    for official in (head, executor):
        official.comes_back()
    executor.takes_up(number)
    executor.does("prepare", kind="grant", text=TEXT)
    head.takes_up(number)
    head.does("sign")
    executor.takes_up(number)
    executor.does("enter_in_record_book")
    executor.does("hand_over", way="in_person")

    notice = executor.paper("grant")
    assert TEXT in notice
    assert "Өтегенова Ақбөпе Өтегенқызы" in notice
    assert set(KAZAKH_LETTERS) <= set(notice.text.lower())
    executor.has_nothing_of(number)

    citizen.looks_up(number, talon.code)
    citizen.is_told("The answer was handed over or sent to you.")
    assert not citizen.due()
    citizen.sees_nothing_of("Өтегенова", "25 000")


def test_a_clerk_registers_without_a_mouse_and_enter_moves_on(scene: Scene) -> None:
    team = make_team("south:shymkent")
    clerk = scene.official(team.clerk, by_keyboard=True)

    clerk.tabs_to('.app-nav a[href="/register/"]')
    clerk.enters_the_next_page()
    clerk.tabs_to(f'a[href="/register/{team.office.pk}/{edition("E8").pk}/"]')
    clerk.enters_the_next_page()
    clerk.stands_in("iin")
    clerk.types(make_iin())
    clerk.enters_the_next_page()  # nobody is known by this number

    clerk.stands_in("last_name")
    clerk.types("Сәрсенбаев")
    for field, text in (("first_name", "Ғабит"), ("patronymic", "Һәкімұлы"), ("birth_date", "")):
        clerk.enters()
        clerk.stands_in(field)
        clerk.types(text)
    for field in ("phone", "address", "email", "language", "received_at", "all_here"):
        clerk.enters()
        clerk.stands_in(field)
    clerk.page.keyboard.press("Space")
    clerk.tabs_to('button[value="register"]')
    clerk.enters_the_next_page()

    assert "Сәрсенбаев Ғабит Һәкімұлы" in clerk.heading()
    assert clerk.number()
    clerk.tabs_to('a[data-paper="talon"]')


def test_the_code_on_the_talon_fills_the_form_and_leaves_no_trace_in_the_address(scene: Scene) -> None:
    case = make_case(make_team("south:shymkent"))
    citizen = scene.citizen()
    citizen.opens(f"/status/#{case.number}/{case.code}")
    assert citizen.page.locator('[name="number"]').input_value() == case.number
    assert citizen.page.evaluate("location.href") == f"{scene.address}/status/"
    with citizen.page.expect_navigation():
        citizen.page.keyboard.press("Enter")
    citizen.is_told("Your application is registered.")
