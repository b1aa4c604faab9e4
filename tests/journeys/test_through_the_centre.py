"""A package that comes in at a window of the service centre and whose result is handed out there (E7, child benefit)."""

from __future__ import annotations

import pytest

from tests.factories import edition, make_case, make_centre_case, make_centre_team, make_iin, make_team
from tests.journeys.people import Official, Scene

pytestmark = pytest.mark.journey


def test_a_package_travels_to_the_department_and_its_result_comes_back(scene: Scene) -> None:
    team, people = make_team("south:shymkent"), make_centre_team("south:centre-shymkent-1")
    other = make_centre_case(team, people).centre_number
    inspector, accumulator = scene.officials(people.inspector, people.accumulator)

    inspector.chooses_service(edition("E7"), team.office, at_window=True)
    inspector.takes_down(
        iin=make_iin(), last_name="Жүнісова", first_name="Мөлдір", language=scene.language, all_here=True
    )
    number = inspector.registers()
    receipt = inspector.paper("receipt")
    assert number in receipt
    assert people.inspector.user.last_name in receipt

    accumulator.scans("collect", number, other)
    accumulator.scans("dispatch", number, other)
    sent = accumulator.prints(accumulator.page.locator('a[data-paper="dispatch"]').first)
    assert number in sent
    assert other in sent
    citizen = scene.citizen()
    citizen.looks_up(number, receipt.code)
    citizen.is_told("Your papers are on the way to the department.")

    clerk, head, executor = scene.officials(team.clerk, team.head, team.executor)
    clerk.takes_up(number)
    clerk.does("register")
    registered = clerk.number()
    assert registered != number
    _grant(registered, head, executor)
    clerk.takes_up(registered)
    clerk.does("enter_in_record_book")
    clerk.scans("send_to_centre", registered)

    inspector.scans("receive_at_centre", registered)
    inspector.takes_up(registered)
    inspector.does("tell", how="phone")
    citizen.looks_up(number, receipt.code)
    citizen.is_told("The answer is ready at the service centre, and you were told.")
    inspector.does("hand_out_at_centre")
    inspector.has_nothing_of(registered)


def test_a_wrong_bar_code_is_named_with_its_line_and_nothing_moves(scene: Scene) -> None:
    team, people = make_team("south:shymkent"), make_centre_team("south:centre-shymkent-1")
    waiting = make_centre_case(team, people).centre_number
    stranger = make_case(make_team("south:turkistan"), "E8").number
    accumulator = scene.official(people.accumulator)
    accumulator.tries_to_scan("collect", waiting, stranger)
    accumulator.reads("Line %(line)s: no case here has the number %(number)s.", line=2, number=stranger)
    assert accumulator.page.locator('[name="numbers"]').input_value().split() == [waiting, stranger]
    accumulator.takes_up(waiting)


def _grant(number: str, head: Official, executor: Official) -> None:
    head.takes_up(number)
    head.does("assign", executor=str(executor.staff.user.pk))
    executor.takes_up(number)
    executor.does("prepare", kind="grant", text="Балаға жәрдемақы тағайындалды.")
    head.takes_up(number)
    head.does("sign")
