"""Makers of complaints, through the real acts."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from applications.workflow import State as CaseState
from complaints import actions, intake
from complaints.intake import Received
from complaints.models import Complaint
from complaints.workflow import State
from tests.factories import FRIDAY, Team, make_case, make_person

SOON = FRIDAY + timedelta(hours=2)
OUTCOMES = {"service": "satisfied", "appeal": "satisfied", "complaint": "cancel_and_decide"}


def make_complaint(
    team: Team, kind: str = "service", *, at: datetime = SOON, through_site: bool = False, **fields: Any
) -> Complaint:
    """A complaint as registered: by the clerk, or by the site."""
    given = {
        "about": "delay", "way": "site" if through_site else "counter", "essence": "Он күннен бері жауап жоқ.",
        "received_at": at, "person": make_person(address="Шымкент, Бейбітшілік 3"), **fields,
    }  # fmt: skip
    received = Received(kind=kind, office=team.office, **given)
    return intake.register(received, by=None if through_site else team.clerk, at=max(at, given["received_at"]))


def make_refused_complaint(team: Team, kind: str = "service", *, at: datetime = SOON, **fields: Any) -> Complaint:
    """A complaint against a refusal: the decision was prepared by the executor and signed by the head."""
    case = make_case(team, "E8", state=CaseState.HANDED_OVER, refused=True)
    return make_complaint(team, kind, at=at, case=case, about="decision", proved=True, **fields)


def bring_to(complaint: Complaint, team: Team, state: str, *, at: datetime = SOON, other: Any = None) -> Complaint:
    """Bring a complaint to `state`, found substantiated: the deputy assigns and signs, `other` (an executor) considers."""
    considering = other or team.executor

    def soon(minutes: int) -> datetime:
        return at + timedelta(minutes=minutes)

    acts = {
        State.REGISTERED: lambda row: actions.assign(row, executor=considering.user, by=team.deputy, at=soon(1)),
        State.ASSIGNED: lambda row: actions.consider(
            row, substantiated=True, outcome=OUTCOMES[row.kind], text="Шағым негізді.", by=considering, at=soon(2)
        ),
        State.CONSIDERED: lambda row: actions.answer(row, by=team.deputy, at=soon(3)),
        State.ANSWERED: lambda row: actions.tell(row, how="phone", by=team.clerk, at=soon(4)),
        State.TOLD: lambda row: actions.deliver(row, way="in_person", by=team.clerk, at=soon(5)),
    }
    while complaint.state != state:
        complaint = acts[complaint.state](complaint)
    return complaint
