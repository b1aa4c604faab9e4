"""From the counter to the handed-over notice, and what the applicant sees on the way (E8, targeted social assistance)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from time_machine import Traveller

from tests.factories import FRIDAY, edition, make_iin, make_team
from tests.journeys.people import KAZAKH_LETTERS, Scene

pytestmark = pytest.mark.journey

MONDAY = FRIDAY + timedelta(days=3)


def test_assistance_is_granted_and_the_applicant_follows_it_by_his_talon(scene: Scene, clock: Traveller) -> None:
    team = make_team("south:shymkent")
    clerk, head, executor = scene.officials(team.clerk, team.head, team.executor)
    citizen = scene.citizen()

    clerk.chooses_service(edition("E8"), team.office)
    clerk.takes_down(
        iin=make_iin(), last_name="Өтегенова", first_name="Ақбөпе", patronymic="Қуанышқызы", language=scene.language
    )
    clerk.fills(clerk.counter_form, all_here=True)
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
    head.does("assign", executor=str(executor.staff.user.pk))

    clock.move_to(MONDAY)
    for official in (clerk, head, executor):
        official.logs_in()
    executor.takes_up(number)
    executor.does("prepare", kind="grant", text="Сізге атаулы әлеуметтік көмек тағайындалды: айына 25 000 теңге.")
    head.takes_up(number)
    head.does("sign")
    executor.takes_up(number)
    executor.does("enter_in_record_book")
    executor.does("hand_over", way="in_person")

    notice = executor.paper("grant")
    assert "Сізге атаулы әлеуметтік көмек тағайындалды: айына 25 000 теңге." in notice
    assert "Өтегенова Ақбөпе Қуанышқызы" in notice
    assert set(KAZAKH_LETTERS) <= set(notice.text.lower())
    for official in (clerk, head, executor):
        official.has_nothing_of(number)

    citizen.looks_up(number, talon.code)
    citizen.is_told("The answer was handed over or sent to you.")
    assert not citizen.due()
    citizen.sees_nothing_of("Өтегенова", "25 000")
