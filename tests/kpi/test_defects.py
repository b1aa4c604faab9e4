"""The defects that keep packages from being right the first time."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from applications import intake
from kpi.queries.defects import top_defects
from tests.factories import FRIDAY, edition, found, make_intake, make_team

pytestmark = pytest.mark.django_db
MARCH = (date(2026, 3, 1), date(2026, 3, 31))


def test_the_top_defects_of_a_month_count_first_hand_ins_also_of_packages_that_came_again() -> None:
    team, e1 = make_team("zhambyl:taraz"), edition("E1")
    first, second = (row.no for row in e1.documents.filter(condition_code="", required=True, alternative_group="")[:2])
    for lacking in ({f"no{first}": "missing"}, {f"no{first}": "мөр жоқ"}, {f"no{second}": "missing"}):
        intake.take_in(make_intake(team, "E1", documents=found(e1, **lacking)), by=team.clerk, at=FRIDAY)
    again = intake.take_in(
        make_intake(team, "E1", documents=found(e1, **{f"no{first}": "missing"})), by=team.clerk, at=FRIDAY
    )
    later = FRIDAY + timedelta(days=40)
    intake.take_in_again(again, found(e1), received_at=later, by=team.clerk, at=later)
    rows = top_defects([team.office.pk], None, *MARCH)
    assert [(row.paper.no, row.missing, row.defective) for row in rows] == [(first, 2, 1), (second, 1, 0)]
    assert top_defects([], None, *MARCH) == top_defects(None, [], *MARCH) == []
    assert top_defects(None, None, date(2026, 4, 1), date(2026, 4, 30)) == []
