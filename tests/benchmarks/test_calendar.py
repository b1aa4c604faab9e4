"""A day of the whole country set while 10,000 cases are open: what moves is shown, then written with an event a case."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from applications.clock import set_due
from applications.models import Case, Clock, ClockKind, Event, Person
from applications.recount import Days, change_calendar, moves
from applications.workflow import State
from offices.calendars import calendar_of, current_version
from offices.models import CalendarDay
from services.deadlines import due
from tests.factories import ALMATY, FRIDAY, edition, make_staff, office

CASES = 10_000


def open_cases() -> None:
    """Cases of E8 with the executor since the days before 18.03.2026, both clocks running; rows only, no acts."""
    place, chosen = office("south:shymkent"), edition("E8")
    person = Person.objects.create(iin="", last_name="Сейітқалиева", first_name="Айша")
    calendar, step = calendar_of(place), chosen.steps.get(transition="prepare")
    starts = [
        datetime.combine(date(2026, 3, 10), time(9 + n % 8), ALMATY) + timedelta(days=n % 4) for n in range(CASES)
    ]
    cases = Case.objects.bulk_create(
        (
            Case(
                office=place, edition=chosen, person=person, number=f"R-{n}", received_at=start, state=State.ASSIGNED,
                first_handed_in_on=start.date(),
            )
            for n, start in enumerate(starts)
        ),
        batch_size=500,
    )  # fmt: skip
    clocks = []
    for case, start in zip(cases, starts, strict=True):
        for row in (None, step):
            kind = ClockKind.STEP if row else ClockKind.OVERALL
            clock = Clock(case=case, kind=kind, step=row, office=place, edition=chosen, started_at=start)
            set_due(clock, due(start, step.term, calendar))
            clocks.append(clock)
    Clock.objects.bulk_create(clocks, batch_size=500)


def a_day() -> Days:
    names = {"name_kk": "Демалыс", "name_ru": "Выходной", "source": "№ 5"}
    return Days(None, [CalendarDay(day=date(2026, 3, 18), kind="day_off", **names)])


@pytest.mark.django_db
@pytest.mark.benchmark(group="calendar")
def test_what_moves_is_shown(benchmark: BenchmarkFixture) -> None:
    open_cases()
    assert len(benchmark.pedantic(moves, (a_day(),), rounds=3)) == 2 * CASES


@pytest.mark.django_db
@pytest.mark.benchmark(group="calendar")
def test_the_day_is_set(benchmark: BenchmarkFixture) -> None:
    open_cases()
    by = make_staff("zhambyl:oblast", "administrator")
    asked = {"reason": "№ 5", "version": current_version(), "by": by, "at": FRIDAY}
    benchmark.pedantic(change_calendar, (a_day(),), asked, rounds=1)
    assert Event.objects.filter(kind="recount").count() == CASES
