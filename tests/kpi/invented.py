"""An invented past as rows, quickly: closed and open terms, visits, answers and checks of several offices and months."""

from __future__ import annotations

import random
import uuid
from datetime import date, datetime, time, timedelta

from applications.models import Case, Clock, ClockKind, Decision, Outcome, Person, Visit
from applications.workflow import State
from kpi.models import QualityCheck, QualityDraw, SurveyAnswer
from offices.models import Office
from services.models import Edition
from tests.factories import ALMATY, make_user

OFFICES = ("south:shymkent", "south:arys", "zhambyl:taraz", "akmola:kokshetau", "north:zhambyl")
FIRST, DAYS = date(2025, 11, 1), 400


def invent(cases: int, *, seed: int = 5) -> None:
    """Write `cases` cases with their clocks, and as many visits, answers and checks, spread over offices, editions and days."""
    rng = random.Random(seed)
    offices = list(Office.objects.filter(key__in=OFFICES))
    editions = list(Edition.objects.published())
    persons = Person.objects.bulk_create(
        Person(last_name=f"Ә{n}", first_name="Ж", search="", sort_key="") for n in range(cases)
    )
    for person in rng.sample(persons, cases // 20):
        person.merged_into = rng.choice(persons[:5])
    Person.objects.bulk_update(persons, ["merged_into"])
    rows = [_case(rng, rng.choice(offices), rng.choice(editions), rng.choice(persons)) for _ in range(cases)]
    Case.objects.bulk_create(rows)
    Clock.objects.bulk_create(clock for case in rows if (clock := _clock(rng, case)))
    Visit.objects.bulk_create(_visit(rng, number, case) for number, case in enumerate(rows, start=1))
    SurveyAnswer.objects.bulk_create(_answer(rng, case) for case in rows for _ in range(2))
    _checks(rng, offices[0], rows[:60])


def _moment(rng: random.Random) -> datetime:
    day = FIRST + timedelta(days=rng.randrange(DAYS))
    return datetime.combine(day, time(rng.randrange(9, 18), rng.randrange(60)), ALMATY)


def _case(rng: random.Random, office: Office, edition: Edition, person: Person) -> Case:
    start = _moment(rng)
    state = rng.choice([*[State.HANDED_OVER] * 6, State.ASSIGNED, State.WITHDRAWN, State.ANNULLED, State.INCOMPLETE])
    case = Case(
        office=office, edition=edition, person=person, received_at=start, first_handed_in_on=start.date(),
        complete_first_time=rng.random() < 0.8, registered_at=None if state == State.INCOMPLETE else start,
        commission_at=start if rng.random() < 0.5 else None, state=state,
    )  # fmt: skip
    case.served_on = start.date() + timedelta(days=rng.randrange(30)) if state == State.HANDED_OVER else None
    return case


def _clock(rng: random.Random, case: Case) -> Clock | None:
    if case.state == State.INCOMPLETE or (case.edition.short == "E13" and case.commission_at is None):
        return None
    due = datetime.combine(case.received_at.date() + timedelta(days=10), time(18), ALMATY)
    end = due + timedelta(hours=rng.randrange(-200, 60)) if case.state != State.ASSIGNED else None
    met = None if end is None else end <= due
    ended_by = {State.WITHDRAWN: "withdrawn", State.ANNULLED: "annulled", State.ASSIGNED: ""}.get(case.state, "told")
    return Clock(
        case=case, kind=ClockKind.OVERALL, office=case.office, edition=case.edition, started_at=case.received_at,
        due_at=due, stopped_at=end, stopped_on=end.date() if end else None, met=met, ended_by=ended_by,
        counted_on=end.date() if end and met else due.date(),
    )  # fmt: skip


def _visit(rng: random.Random, number: int, case: Case) -> Visit:
    waited, outcome = rng.randrange(4000), rng.choice([*[Outcome.SERVED] * 5, Outcome.LEFT, Outcome.NO_SHOW, ""])
    end = case.received_at + timedelta(seconds=waited)
    return Visit(
        office=case.office, edition=case.edition if rng.random() < 0.9 else None, day=case.received_at.date(), number=number,
        purpose="hand_in", issued_at=case.received_at, outcome=outcome, waited=waited if outcome else None,
        called_at=end if outcome not in ("", Outcome.LEFT) else None, ended_at=end if outcome else None, case=case,
    )  # fmt: skip


def _answer(rng: random.Random, case: Case) -> SurveyAnswer:
    score = rng.randrange(1, 6)
    return SurveyAnswer(
        sheet=uuid.uuid4(), office=case.office, edition=case.edition, day=case.received_at.date(), score=score,
        code=rng.choice(["2.1", "3.1", "4.3", "4.4", "5.1"]), satisfied=score >= 4, rule_version=1,
    )  # fmt: skip


def _checks(rng: random.Random, office: Office, cases: list[Case]) -> None:
    user, start = make_user(), datetime(2026, 4, 1, 10, tzinfo=ALMATY)
    draw = QualityDraw.objects.create(
        office=office, month=date(2026, 3, 1), seed="0", rule_version=1, population=99, drawn_by=user, drawn_at=start
    )  # fmt: skip
    papers = Decision.objects.bulk_create(
        Decision(case=case, kind="grant", text="", prepared_by=user, prepared_at=start) for case in cases
    )
    for place, (case, paper) in enumerate(zip(cases, papers, strict=True), start=1):
        right = rng.choice([True, True, False, None])
        QualityCheck.objects.create(
            draw=draw, place=place, case=case, decision=paper, office=case.office, edition=case.edition,
            day=case.received_at.date(), right=right, checked_at=None if right is None else start,
        )  # fmt: skip
