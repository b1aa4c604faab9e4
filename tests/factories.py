"""Makers of test data: plain functions, through the real actions. Traits are named as states."""

from __future__ import annotations

import itertools
import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from applications import actions, hall, intake, shipping
from applications.identifiers import check_iin
from applications.intake import Found, Intake, PersonData
from applications.models import Case, DecisionKind, HallWindow, Purpose, Visit
from applications.workflow import State
from offices.models import Membership, Office, User
from offices.policy import Staff, staff_at
from services.models import Edition

ALMATY = ZoneInfo("Asia/Almaty")
# A Friday; the 2026 test set of the calendar begins here.
FRIDAY = datetime(2026, 3, 13, 10, 0, tzinfo=ALMATY)
_serial = itertools.count(1)


@dataclass(frozen=True)
class Team:
    """The people of one office, each with his powers."""

    office: Office
    clerk: Staff
    head: Staff
    executor: Staff
    deputy: Staff


def office(key: str) -> Office:
    """An office of the contact tables."""
    return Office.objects.get(key=key)


def edition(label: str) -> Edition:
    """An edition by its label, such as E8."""
    return Edition.objects.get(short=label)


def make_user(name: str = "", **fields: Any) -> User:
    """A member of staff without any role."""
    n = next(_serial)
    fields = {
        "last_name": f"Әбдіқадырова{n}",
        "first_name": "Гүлшат",
        "patronymic": "Қуанышқызы",
        "post": "маман",
        **fields,
    }
    return User.objects.create_user(name or f"user{n}", password="correct horse battery", **fields)


def make_staff(key: str, *roles: str, user: User | None = None) -> Staff:
    """A member of staff with `roles` in the office `key`."""
    user = user or make_user()
    for role in roles:
        Membership.objects.get_or_create(user=user, office=office(key), role=role)
    return staff_at(user, FRIDAY)


def make_team(key: str = "south:shymkent") -> Team:
    """A clerk, a head, an executor and a deputy of an office."""
    return Team(office(key), *(make_staff(key, role) for role in ("clerk", "head", "executor", "deputy")))


def make_iin(born: str = "990101", century_and_sex: str = "5") -> str:
    """A number that passes the check and belongs to nobody (year 2099)."""
    while True:
        stem = f"{born}{century_and_sex}{next(_serial):04d}"
        for digit in "0123456789":
            if not check_iin(stem + digit).problem:
                return stem + digit


def make_person(**fields: Any) -> PersonData:
    """An applicant with a long Kazakh name."""
    names = {"last_name": "Нұрмұхаммедова", "first_name": "Ақбөпе", "patronymic": "Өтегенқызы", "iin": make_iin()}
    return PersonData(**{**names, **fields})


def found(edition: Edition, **lacking: str) -> list[Found]:
    """The checklist with every paper that everybody needs here; `lacking={"2": "no stamp"}` by number of the paper."""
    lines, groups = [], set()
    for paper in edition.documents.all():
        status = "shown" if paper.mode == "shown" else "handed_in"
        if paper.alternative_group:
            status = "not_needed" if paper.alternative_group in groups else status
            groups.add(paper.alternative_group)
        elif paper.condition_code or not paper.required:
            status = "not_needed"
        defect = lacking.get(f"no{paper.no}", "")
        lines.append(Found(paper, ("defective" if defect else status) if defect != "missing" else "missing", defect))
    return lines


def make_intake(team: Team, label: str = "E8", *, at: datetime = FRIDAY, **fields: Any) -> Intake:
    """An application as handed in at `at`."""
    chosen = edition(label)
    given = {"person": make_person(), "documents": found(chosen), "received_at": at, **fields}
    return Intake(office=team.office, edition=chosen, **given)


def make_case(
    team: Team,
    label: str = "E8",
    *,
    state: str = State.REGISTERED,
    at: datetime = FRIDAY,
    refused: bool = False,
    **fields: Any,
) -> Case:
    """A case of the department's own counter, brought to `state` by the right people, a minute an act."""
    chosen = edition(label)
    taker = team.executor if chosen.steps.get(transition="register").unit == "executor" else team.clerk
    giver = team.executor if chosen.steps.get(transition="hand_over").unit == "executor" else team.clerk
    case = intake.take_in(make_intake(team, label, at=at, **fields), by=taker, at=at)
    minutes = itertools.count(1)

    def soon() -> datetime:
        return at + timedelta(minutes=next(minutes))

    norm = chosen.norms.filter(key="overall", trigger="commission_decision").exists()
    acts = {
        State.REGISTERED: lambda: actions.assign(case, executor=team.executor.user, by=team.head, at=soon()),
        State.ASSIGNED: lambda: decide(case, team, refused=refused, at=soon(), commission=norm),
        State.PREPARED: lambda: actions.sign(case, by=team.head, at=soon()),
        State.SIGNED: lambda: actions.enter_in_record_book(case, by=giver, at=soon()),
        State.RECORDED: lambda: actions.tell(case, how="phone", by=giver, at=soon()),
        State.TOLD: lambda: actions.hand_over(case, way="in_person", by=giver, at=soon()),
    }
    while case.state != state:
        case = acts[case.state]()
    return case


def decide(case: Case, team: Team, *, refused: bool = False, at: datetime, commission: bool = False) -> Case:
    """The executor prepares a notice or a reasoned refusal, in commission services after its decision."""
    if commission and not case.commission_at:
        case = actions.record_commission(case, number="7", decided_at=at, by=team.executor, at=at)
    if not refused:
        return actions.prepare(case, kind=DecisionKind.GRANT, text="Тағайындалды.", by=team.executor, at=at)
    grounds = list(case.edition.grounds.exclude(kind="suspension")[:1])
    text, facts = "Қызмет көрсетуден бас тартылды.", "Табыс туралы анықтама мәліметтері дерекқормен сәйкес келмейді."
    return actions.prepare(
        case, kind=DecisionKind.REFUSAL, text=text, facts=facts, grounds=grounds, by=team.executor, at=at
    )


@dataclass(frozen=True)
class CentreTeam:
    """The people of a service centre."""

    centre: Office
    inspector: Staff
    accumulator: Staff


def make_centre_team(key: str = "south:centre-shymkent-1") -> CentreTeam:
    """An inspector of the window and one of the accumulation unit."""
    return CentreTeam(office(key), make_staff(key, "centre_inspector"), make_staff(key, "centre_accumulator"))


def make_centre_case(team: Team, centre: CentreTeam, *, state: str = State.AT_CENTRE, at: datetime = FRIDAY) -> Case:
    """A case of E7 that came in at a window of the service centre, brought as far as the department's desk."""
    data = make_intake(team, "E7", at=at, centre=centre.centre)
    case = intake.take_in(data, by=centre.inspector, at=at)
    if state in (State.COLLECTED, State.DISPATCHED, State.REGISTERED):
        case = shipping.collect([case.centre_number], by=centre.accumulator, at=at + timedelta(minutes=5))[0]
    if state in (State.DISPATCHED, State.REGISTERED):
        shipping.dispatch([case.centre_number], by=centre.accumulator, at=at + timedelta(minutes=10))
        case.refresh_from_db()
    if state == State.REGISTERED:
        case = intake.register_from_centre(case, by=team.clerk, at=at + timedelta(minutes=30))
    return case


def make_window(place: Office | str = "south:shymkent", number: int = 1, **fields: Any) -> HallWindow:
    """A window of the waiting hall."""
    place = office(place) if isinstance(place, str) else place
    row: HallWindow = HallWindow.objects.create(office=place, number=number, **fields)
    return row


def make_visit(
    place: Office | str = "south:shymkent",
    label: str = "E8",
    *,
    at: datetime = FRIDAY,
    purpose: Purpose = Purpose.HAND_IN,
    by: Staff | None = None,
) -> Visit:
    """A visitor with his talon; "" for a service not decided yet."""
    place = office(place) if isinstance(place, str) else place
    chosen = edition(label) if label else None
    return hall.issue(place, purpose=purpose, edition=chosen, key=uuid.uuid4(), by=by, at=at)
