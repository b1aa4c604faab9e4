"""A year of an office replayed through a draft: 10,000 ended cases, six clocks each, in no more than ten seconds."""

from __future__ import annotations

import random
from datetime import date, datetime, time, timedelta
from typing import Any

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from applications.models import Case, Clock, ClockKind, Person
from applications.replay import OVERALL, Draft, replay
from applications.workflow import State
from offices.calendars import Change, calendar_of
from offices.worktime import DayHours, DayKind, DayRule
from services.deadlines import Norm, Unit, due_instant
from services.models import NormKey
from tests.factories import ALMATY, edition, make_user, office

CASES = 10_000
WORDS = {"kk": "Сынақ", "ru": "Проба", "en": "Trial"}


def a_year() -> None:
    """Cases of E8 handed in through 2026, each step done within or after its norm; rows only, no acts."""
    chance, place, chosen, user = random.Random(7), office("south:shymkent"), edition("E8"), make_user()
    person = Person.objects.create(iin="", last_name="Сейітқалиева", first_name="Айша")
    calendar, overall = calendar_of(place), chosen.norms.filter(key=NormKey.OVERALL).exclude(channel="rural_akim").get()
    days = [day for n in range(330) if calendar.is_working_day(day := date(2026, 1, 5) + timedelta(days=n))]
    starts = [
        datetime.combine(chance.choice(days), time(9 + chance.randrange(8), chance.randrange(60)), ALMATY)
        for _ in range(CASES)
    ]
    cases = Case.objects.bulk_create(
        (
            Case(
                office=place, edition=chosen, person=person, number=f"R-{n}", received_at=start, registered_at=start,
                state=State.HANDED_OVER, first_handed_in_on=start.date(),
            )
            for n, start in enumerate(starts)
        ),
        batch_size=500,
    )  # fmt: skip
    clocks = []
    for case, start in zip(cases, starts, strict=True):
        for step in (None, *chosen.steps.all()):
            term = step.term if step else overall.term
            due = due_instant(start, term, calendar)
            stop = due + timedelta(minutes=chance.randrange(-200, 40))
            clocks.append(
                Clock(
                    case=case, kind=ClockKind.STEP if step else ClockKind.OVERALL, step=step, office=place, edition=chosen,
                    started_at=start, due_at=due, stopped_at=stop, stopped_on=stop.date(), met=stop <= due, user=user,
                    ended_by="tell",
                )
            )  # fmt: skip
    Clock.objects.bulk_create(clocks, batch_size=500)


@pytest.mark.django_db
@pytest.mark.benchmark(group="replay")
@pytest.mark.parametrize("what", ["norm", "calendar"])
def test_a_year_of_ten_thousand_cases(benchmark: BenchmarkFixture, what: str) -> None:
    a_year()
    norm = Draft(overall={"any": Norm(5, Unit.WORKING_DAY)}, steps={"prepare": Norm(5, Unit.WORKING_DAY)})
    days = tuple(DayRule(date(2026, 3, day), DayKind.CLOSED, WORDS, "") for day in range(2, 7))
    calendar = Draft(change=Change(days, hours=DayHours(time(10), time(17), None)))
    asked: dict[str, Any] = {"code": edition("E8").code, "offices": [office("south:shymkent").pk]}
    period = {"start": date(2026, 1, 1), "end": date(2026, 12, 31)}
    tried = norm if what == "norm" else calendar
    outcome = benchmark.pedantic(replay, (tried,), {**asked, **period}, rounds=3)
    assert outcome.cases == CASES
    assert outcome.tallies[OVERALL].in_time + outcome.tallies[OVERALL].late == CASES
