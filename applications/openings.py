"""Who looked at whose data: a row for every opening, print, download and export of a person's file (law 94-V art. 22)."""

from __future__ import annotations

from datetime import datetime

from django.db.models import QuerySet

from applications.models import Case, Opening, OpeningKind, OpeningPurpose, Person
from offices.policy import Power, Staff
from offices.workflow import CASEWORK_ROLES, ROLES_OF_UNIT, Role


def note(
    kind: OpeningKind,
    *,
    by: Staff,
    at: datetime,
    case: Case | None = None,
    person: Person | None = None,
    what: str = "",
) -> Opening:
    """Write down that `by` looked at the data of `case` (or of `person` before there is a case, or of a list: `what`)."""
    power = _power(by, case)
    return Opening.objects.create(
        kind=kind,
        purpose=_purpose(power, case, by) if case else _purpose_without_case(kind, power),
        user=by.user,
        office_id=power.office_id if power else None,
        role=power.role if power else "",
        at=at,
        case=case,
        person_id=case.person_id if case else (person.pk if person else None),
        what=what[:200],
    )


def of_case(case: Case) -> QuerySet[Opening]:
    """Who looked at the file of the case, the newest first."""
    return Opening.objects.filter(case=case).select_related("user", "office")


def _power(by: Staff, case: Case | None) -> Power | None:
    if case is None:
        return next(iter(by.powers), None)
    here = by.power(case.office_id, CASEWORK_ROLES) or by.power(case.centre_id, CASEWORK_ROLES)
    return here or next((power for power in by.powers if power.role == Role.OBSERVER), None)


def _purpose(power: Power | None, case: Case, by: Staff) -> OpeningPurpose:
    """Why, as far as the work itself tells: the own step first, then what the role is there for."""
    role = power.role if power else ""
    waits = case.is_open and role in ROLES_OF_UNIT.get(case.awaiting_unit, ())
    if waits and (role != Role.EXECUTOR or case.executor_id is None or by.acts_as(case.executor_id)):
        return OpeningPurpose.STEP
    if role == Role.OBSERVER:
        return OpeningPurpose.OVERSIGHT
    return OpeningPurpose.SUPERVISION if role in (Role.HEAD, Role.DEPUTY) else OpeningPurpose.OFFICE


def _purpose_without_case(kind: OpeningKind, power: Power | None) -> OpeningPurpose:
    if kind == OpeningKind.FILLED_IN:
        return OpeningPurpose.INTAKE
    return OpeningPurpose.OVERSIGHT if power and power.role == Role.OBSERVER else OpeningPurpose.OFFICE
