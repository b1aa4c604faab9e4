"""A service whose term begins with the decision of a commission (E13, local social help)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from time_machine import Traveller

from tests.factories import FRIDAY, edition, make_iin, make_team
from tests.journeys.people import Scene

pytestmark = pytest.mark.journey

MONDAY = FRIDAY + timedelta(days=3)
WAITS = "The term starts when the commission's decision is received."


def test_the_term_runs_from_the_commissions_decision(scene: Scene, clock: Traveller) -> None:
    team, law = make_team("akmola:kokshetau"), edition("E13")
    clerk, head, executor = scene.officials(team.clerk, team.head, team.executor)
    citizen = scene.citizen()

    clerk.chooses_service(law, team.office)
    clerk.takes_down(iin=make_iin(), last_name="Ким", first_name="Вера", language=scene.language, all_here=True)
    clerk.looks_over(law, "6", "handed_in")  # one of several papers that prove the same
    number = clerk.registers()
    assert not clerk.due()
    clerk.reads(WAITS)
    talon = clerk.paper("talon")
    head.takes_up(number)
    head.does("assign", executor=str(team.executor.user.pk))
    citizen.looks_up(number, talon.code)
    citizen.reads(WAITS)
    assert not citizen.due()

    clock.move_to(MONDAY)
    executor.comes_back()
    executor.takes_up(number)
    executor.does("record_commission", number="7", decided_at="2026-03-16T09:30")
    assert executor.due() == "31.03.2026 18:00"  # fifteen calendar days, Nauryz included
    citizen.looks_up(number, talon.code)
    assert citizen.due() == "31.03.2026 18:00"
    executor.does("prepare", kind="grant", text="Әлеуметтік көмек тағайындалды.")
