"""A reasoned refusal: ground from the list of the act, facts of the case, and the way to appeal (E10, wheelchairs)."""

from __future__ import annotations

import pytest

from tests.factories import edition, make_case, make_team
from tests.journeys.people import Scene

pytestmark = pytest.mark.journey

FACTS = "Жеке оңалту бағдарламасында кресло-арба көрсетілмеген (2026 жылғы 2 наурыздағы № 14 үзінді көшірме)."


def test_a_refusal_names_its_ground_the_facts_and_the_way_to_appeal(scene: Scene) -> None:
    team, law = make_team("south:shymkent"), edition("E10")
    number = make_case(team, "E10", language=scene.language).number
    ground = law.grounds.all()[3]
    head, executor, clerk = scene.officials(team.head, team.executor, team.clerk)

    head.takes_up(number)
    head.does("assign", executor=str(team.executor.user.pk))

    executor.takes_up(number)
    executor.tries("prepare", kind="refusal", text="Бас тартылды.", facts=FACTS)
    executor.reads("A refusal needs a ground from the list of this service.")
    assert executor.act_form("prepare").locator('[name="facts"]').input_value() == FACTS
    executor.does("prepare", grounds=[str(ground.pk)])

    head.takes_up(number)
    head.says(scene.label(ground))
    head.does("sign")
    clerk.takes_up(number)
    clerk.does("enter_in_record_book")
    clerk.does("hand_over", way="in_person", note="Өзі алды")

    refusal = clerk.paper("refusal")
    assert scene.words("Reasoned refusal") in refusal
    assert scene.label(ground) in refusal
    assert FACTS in refusal
    assert scene.words("Where, when and how to appeal") in refusal
    assert "Нұрмұхаммедова Ақбөпе Өтегенқызы" in refusal
