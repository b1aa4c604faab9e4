"""A certificate handed over in person, by an act without a table of steps (E2, unemployed persons)."""

from __future__ import annotations

import pytest

from tests.factories import edition, make_iin, make_team
from tests.journeys.people import Scene

pytestmark = pytest.mark.journey


def test_a_certificate_is_given_in_taraz(scene: Scene) -> None:
    team = make_team("zhambyl:taraz")
    clerk, head, executor = scene.officials(team.clerk, team.head, team.executor)

    clerk.chooses_service(edition("E2"), team.office)
    clerk.takes_down(iin=make_iin(), last_name="Иванов", first_name="Пётр", language=scene.language, all_here=True)
    number = clerk.registers()
    assert clerk.due() == "16.03.2026 18:00"  # three days, as the act says
    assert not clerk.due("step")  # and no norm for a step

    head.takes_up(number)
    head.does("assign", executor=str(team.executor.user.pk))
    executor.takes_up(number)
    executor.does("prepare", kind="grant", text="Жұмыссыз ретінде тіркелгені расталады.")
    head.takes_up(number)
    head.does("sign")
    clerk.takes_up(number)
    clerk.does("enter_in_record_book")
    clerk.does("hand_over", way="in_person")

    certificate = clerk.paper("grant")
    assert scene.words("certificate") in certificate.text.lower()
    assert "Жұмыссыз ретінде тіркелгені расталады." in certificate
    clerk.has_nothing_of(number)
