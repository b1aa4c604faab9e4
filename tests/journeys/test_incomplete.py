"""A package with gaps: the whole list at once, then the same case taken in again (E8)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from time_machine import Traveller

from tests.factories import FRIDAY, edition, make_iin, make_team
from tests.journeys.people import Scene

pytestmark = pytest.mark.journey

MONDAY = FRIDAY + timedelta(days=3)


def test_missing_papers_stand_on_one_list_and_the_term_runs_from_the_complete_package(
    scene: Scene, clock: Traveller
) -> None:
    team, law, iin = make_team("south:shymkent"), edition("E8"), make_iin()
    address, income = law.documents.get(no="3"), law.documents.get(no="5")
    clerk = scene.official(team.clerk)

    clerk.chooses_service(law, team.office)
    clerk.takes_down(iin=iin, last_name="Оспанов", first_name="Ерғали", language=scene.language, all_here=True)
    clerk.looks_over(law, "3", "missing")
    clerk.looks_over(law, "5", "defective", "мөрі жоқ")
    clerk.presses("register")
    clerk.reads("Papers are missing or have a defect. Give the list of what is missing instead.")
    assert clerk.counter_form.locator('[name="last_name"]').input_value() == "Оспанов"
    assert not clerk.registers("list")
    missing = clerk.paper("missing")
    assert scene.label(address) in missing
    assert scene.label(income) in missing
    assert "мөрі жоқ" in missing
    assert not clerk.due()

    clock.move_to(MONDAY)
    clerk.comes_back()
    clerk.finds(iin)
    clerk.looks_over(law, "3", "handed_in")
    clerk.looks_over(law, "5", "handed_in")
    clerk.does("take_in_again")
    assert clerk.number() in clerk.paper("talon")
    assert clerk.due() == "30.03.2026 18:00"  # seven working days from Monday
