"""A paper that the head gives back with a reason before it is signed."""

from __future__ import annotations

import pytest

from tests.factories import make_case, make_team
from tests.journeys.people import Scene

pytestmark = pytest.mark.journey


def test_the_head_gives_a_paper_back_with_a_reason_and_signs_the_second(scene: Scene) -> None:
    team = make_team("south:shymkent")
    number = make_case(team, "E8", state="assigned", language=scene.language).number
    head, executor = scene.officials(team.head, team.executor)

    executor.takes_up(number)
    due = executor.due("step")
    executor.does("prepare", kind="grant", text="Тағайындалды: 25 00 теңге.")
    executor.has_nothing_of(number)
    head.takes_up(number)
    head.says("25 00 теңге")
    head.does("return_for_rework", reason="Сомасы дұрыс жазылмаған.")

    executor.takes_up(number)
    executor.says("Сомасы дұрыс жазылмаған.")
    assert executor.due("step") == due  # a return gives nobody more time
    executor.does("prepare", text="Тағайындалды: 25 000 теңге.")
    head.takes_up(number)
    head.does("sign")
    notice = head.paper("grant")
    assert "25 000 теңге" in notice
    assert "25 00 теңге" not in notice
