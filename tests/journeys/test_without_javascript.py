"""Where scripts are blocked or fail to load, the pages still do everything."""

from __future__ import annotations

import pytest

from tests.factories import edition, make_iin, make_team
from tests.journeys.people import Scene

pytestmark = pytest.mark.journey


def test_an_application_is_registered_assigned_and_looked_up_without_scripts(scene: Scene) -> None:
    team = make_team("south:shymkent")
    clerk = scene.official(team.clerk, javascript=False)
    clerk.chooses_service(edition("E8"), team.office)
    clerk.takes_down(iin=make_iin())
    clerk.looks_up_the_iin()
    clerk.takes_down(last_name="Төлеубаев", first_name="Үміт", language=scene.language, all_here=True)
    number = clerk.registers()
    talon = clerk.paper("talon")

    head = scene.official(team.head, javascript=False)
    head.takes_up(number)
    head.does("assign", executor=str(team.executor.user.pk))
    head.has_nothing_of(number)

    citizen = scene.citizen(javascript=False)
    citizen.looks_up(number, talon.code)
    citizen.is_told("An executor is working on your application.")
