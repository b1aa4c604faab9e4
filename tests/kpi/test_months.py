"""Months are marked by whatever changes them, counted anew, and always tell what the rows tell."""

from __future__ import annotations

import random
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from applications import actions
from applications.models import Clock, Visit
from applications.workflow import State
from kpi.actions import months
from kpi.models import MonthCell, MonthMark, SurveyAnswer
from kpi.queries.asking import Period, Scope
from kpi.queries.cells import Cell
from kpi.queries.kept import from_months
from tests.factories import Team, make_case, make_team
from tests.kpi.invented import invent
from tests.kpi.test_cells import random_cells
from tests.kpi.test_lines import NEW_YEAR, at, cell, finish

pytestmark = pytest.mark.django_db
MARCH = 2026 * 12 + 2


@pytest.fixture
def team() -> Team:
    return make_team()


def told(asked: Cell, *by: str) -> dict[tuple[int, ...], tuple[int, int]]:
    """Numerator and denominator out of the months."""
    return {key: (row.numerator, row.denominator) for key, row in from_months(asked, *by).items() if row.denominator}


def live(asked: Cell, *by: str) -> dict[tuple[int, ...], tuple[int, int]]:
    """The same, counted from the rows."""
    return {key: (row.numerator, row.denominator) for key, row in asked.grouped(*by).items() if row.denominator}


def test_a_case_that_ends_marks_its_month_and_the_figure_is_right_before_and_after_it_is_counted(team: Team) -> None:
    case = make_case(team, state=State.SIGNED)
    months.count_marked(NEW_YEAR)
    finish(case, team, at("03-20 10:00"))
    assert MonthMark.objects.filter(measure="on_time", month=MARCH, office=team.office).exists()
    assert told(cell("1.1")) == {(): (1, 1)}
    months.count_marked(NEW_YEAR)
    assert not MonthMark.objects.exists()
    assert MonthCell.objects.get(measure="on_time", denominator=1).month == MARCH
    assert told(cell("1.1")) == {(): (1, 1)}


def test_an_act_in_the_middle_marks_nothing(team: Team) -> None:
    case = make_case(team)
    months.count_marked(NEW_YEAR)
    actions.assign(case, executor=team.executor.user, by=team.head, at=at("03-13 12:00"))
    assert not MonthMark.objects.exists()


def test_an_open_overdue_case_stands_in_no_month_and_in_every_figure(team: Team) -> None:
    make_case(team, state=State.ASSIGNED)
    months.count_all(NEW_YEAR)
    assert not MonthCell.objects.filter(measure="on_time", denominator__gt=0).exists()
    assert told(cell("1.1", asked=at("03-27 18:00"))) == {}
    assert told(cell("1.1", asked=at("03-27 18:01"))) == {(): (0, 1)}


def test_rows_written_in_bulk_or_changed_without_the_orm_mark_too() -> None:
    invent(40)
    assert MonthMark.objects.count() > 40
    months.count_all(NEW_YEAR)
    Visit.objects.filter(called_at__isnull=False).update(waited=5000)
    SurveyAnswer.objects.bulk_create([])
    assert set(MonthMark.objects.values_list("measure", flat=True)) == {"waiting"}
    months.count_marked(NEW_YEAR)
    assert not list(months.check(NEW_YEAR))


def test_months_tell_what_the_rows_tell_whatever_is_marked() -> None:
    invent(150)
    months.count_all(NEW_YEAR)
    Clock.objects.filter(pk__in=Clock.objects.filter(met=True)[:20].values("pk")).update(met=False)
    rng = random.Random(7)
    cells = random_cells(rng)
    for _ in range(120):
        asked = next(cells)
        asked = Cell(asked.line, asked.scope, asked.editions, asked.period, NEW_YEAR)
        by = rng.choice([(), ("office",), ("month",), ("office", "edition")])
        assert told(asked, *by) == live(asked, *by), asked


def test_the_check_finds_a_month_that_was_changed_by_hand() -> None:
    invent(30)
    call_command("months", "--all", stdout=StringIO())
    out = StringIO()
    call_command("months", "--check", stdout=out)
    assert "Every kept month" in out.getvalue()
    MonthCell.objects.filter(pk=MonthCell.objects.filter(denominator__gt=0)[0].pk).update(numerator=99)
    with pytest.raises(CommandError, match="1 months differ"):
        call_command("months", "--check", stderr=StringIO())
    call_command("months", "--all", stdout=StringIO())
    call_command("months", "--check", stdout=StringIO())


def test_a_period_of_another_office_is_not_added(team: Team) -> None:
    finish(make_case(team, state=State.SIGNED), team, at("03-20 10:00"))
    months.count_all(NEW_YEAR)
    arys = Cell(cell("1.1").line, Scope.parse("south:arys"), None, Period.year(2026), NEW_YEAR)
    assert told(arys) == {}
