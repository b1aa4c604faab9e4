"""Closed periods never change silently, and target values are fixed by minutes."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.db import DatabaseError, transaction
from django.utils import translation

from applications.casework import ActRefused
from applications.models import Clock, Event
from applications.workflow import State
from kpi.actions import sealing, targets
from kpi.models import SealedTable, TargetPlan
from kpi.queries.asking import Period, Scope
from kpi.queries.tables import table_of
from tests.factories import Team, make_case, make_staff, make_team, office
from tests.kpi.test_lines import at, finish

pytestmark = pytest.mark.django_db
CODE, MARCH = "south-2012-370-4", Period.parse("2026-03")


@pytest.fixture(autouse=True)
def _in_english(_plain_surroundings: None) -> Iterator[None]:
    """What the acts refuse is compared in English."""
    with translation.override("en"):
        yield


@pytest.fixture
def team() -> Team:
    return make_team()


def closed(team: Team) -> SealedTable:
    """March with one case in time and one late that is still open, closed in April."""
    finish(make_case(team, state=State.SIGNED), team, at("03-20 10:00"))
    make_case(team, state=State.SIGNED)
    return sealing.seal(team.office, CODE, MARCH, by=team.head, at=at("04-03 10:00"))


def line(table: Any, code: str = "1.1") -> dict[str, Any]:
    """A line of a table as data."""
    return next(row for row in table["rows"] if row["code"] == code)


# ------------------------------------------------------------------ closing


def test_a_closed_table_keeps_what_it_rests_on(team: Team) -> None:
    row = closed(team)
    assert (line(row.table)["numerator"], line(row.table)["denominator"]) == (1, 2)
    assert row.formulas["1.1"] == 1
    assert row.calendar_version >= 0
    assert row.cut_event == Event.objects.filter(office=team.office, recorded_at__lte=at("04-03 10:00")).count() - 1
    assert [identity[3] for identity in row.rows["1.1"]] == [True, False]
    assert row.hash == sealing.seal_hash(row)
    assert Event.objects.filter(kind="close_period", subject=f"period:{row.pk}").exists()


def test_closing_twice_gives_the_same_table(team: Team) -> None:
    assert closed(team) == sealing.seal(team.office, CODE, MARCH, by=team.deputy, at=at("05-03 10:00"))


def test_a_period_that_still_runs_is_not_closed(team: Team) -> None:
    with pytest.raises(ActRefused, match="not over"):
        sealing.seal(team.office, CODE, MARCH, by=team.head, at=at("03-31 17:00"))


@pytest.mark.parametrize("who", ["clerk", "executor", "stranger"])
def test_only_the_head_or_the_deputy_closes(team: Team, who: str) -> None:
    by = make_staff("south:arys", "head") if who == "stranger" else getattr(team, who)
    with pytest.raises(ActRefused, match="head"):
        sealing.seal(team.office, CODE, MARCH, by=by, at=at("04-03 10:00"))


def test_a_late_case_that_ends_after_the_closing_changes_nothing(team: Team) -> None:
    row = closed(team)
    finish(Clock.objects.get(kind="overall", stopped_at=None).case, team, at("04-06 10:00"))
    with pytest.raises(ActRefused, match="Nothing differs"):
        sealing.amend(row, reason="жаңа", by=team.head, at=at("04-07 10:00"))


def test_a_later_correction_is_an_amendment_line_by_line_and_the_closed_table_stays(team: Team) -> None:
    row = closed(team)
    before = dict(row.table)
    case = Clock.objects.get(kind="overall", stopped_at=None).case
    Clock.objects.filter(case=case, kind="overall").update(
        met=True, stopped_at=at("03-27 12:00"), counted_on=date(2026, 3, 27)
    )
    amended = sealing.amend(row, reason="қағаздағы күн", by=team.head, at=at("04-07 10:00"))
    row.refresh_from_db()
    assert row.table == before
    assert (amended.number, amended.previous) == (1, row.hash)
    (change,) = amended.differences
    assert (change["code"], change["before"]["numerator"], change["after"]["numerator"]) == ("1.1", 1, 2)
    assert change["changed"] == [str(case.pk)]
    assert (change["came"], change["went"]) == ([], [])
    with pytest.raises(ActRefused, match="newer"):
        sealing.amend(row, reason="тағы", by=team.head, at=at("04-08 10:00"))


@pytest.mark.parametrize("change", ["update", "delete"])
def test_the_database_refuses_to_change_a_closed_table(team: Team, change: str) -> None:
    rows = SealedTable.objects.filter(pk=closed(team).pk)
    with pytest.raises(DatabaseError, match="never changed"), transaction.atomic():
        rows.update(table={}) if change == "update" else rows.delete()


# ------------------------------------------------------------------ targets


def proposed(team: Team, value: str = "99.5", year: int = 2027) -> TargetPlan:
    """A proposal for line 1.1."""
    return targets.propose(
        CODE, office=team.office, year=year, values={"1.1": Decimal(value)}, reason="өсім", by=team.head,
        at=at("11-02 10:00"),
    )  # fmt: skip


def approved(team: Team, value: str = "99.5") -> TargetPlan:
    """The same, fixed by minutes."""
    return targets.approve(
        proposed(team, value), number="3", day=date(2026, 11, 5), members="Ә. Нұрғалиева\nБ. Сейітқали", by=team.head,
        at=at("11-06 10:00"),
    )  # fmt: skip


def target(team: Team, year: int = 2026) -> Decimal | None:
    """The target column of line 1.1."""
    return table_of(CODE, Scope.office(team.office), Period.year(year), at("12-01 10:00")).rows[0].target


def test_a_proposal_stands_in_no_table_until_the_minutes_are_there(team: Team) -> None:
    plan = proposed(team)
    assert target(team) is None
    assert proposed(team, "98").pk == plan.pk
    approved(team)
    assert target(team) == Decimal("99.5")
    assert target(team, 2025) is None
    assert Event.objects.filter(subject=f"targets:{plan.pk}").count() == 4


def test_what_was_approved_is_fixed_and_a_later_decision_stands_beside_it(team: Team) -> None:
    plan = approved(team)
    with pytest.raises(ActRefused, match="already approved"):
        targets.approve(plan, number="4", day=date(2026, 11, 6), members="x", by=team.head, at=at("11-07 10:00"))
    for change in (lambda rows: rows.update(values={}), lambda rows: rows.delete()):
        with pytest.raises(DatabaseError, match="never changed"), transaction.atomic():
            change(TargetPlan.objects.filter(pk=plan.pk))
    approved(team, "97")
    assert target(team) == Decimal(97)
    assert TargetPlan.objects.filter(edition_code=CODE).count() == 2


def test_targets_of_one_office_are_not_those_of_another(team: Team) -> None:
    approved(team)
    other = Scope.office(office("south:arys"))
    assert table_of(CODE, other, Period.year(2026), at("12-01 10:00")).rows[0].target is None


@pytest.mark.parametrize("values", [{}, {"1.1": Decimal(101)}, {"1.1": Decimal(-1)}])
def test_values_outside_nought_to_a_hundred_are_refused(team: Team, values: dict[str, Decimal]) -> None:
    with pytest.raises(ActRefused, match="0 to 100"):
        targets.propose(
            CODE, office=team.office, year=2027, values=values, reason="", by=team.head, at=at("11-02 10:00")
        )


def test_minutes_of_tomorrow_are_refused(team: Team) -> None:
    with pytest.raises(ActRefused, match="later day"):
        targets.approve(
            proposed(team), number="3", day=date(2026, 11, 9), members="x", by=team.head, at=at("11-06 10:00")
        )
