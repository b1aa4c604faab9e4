"""The frame of acts on a complaint: the same as for cases, with its own row, powers and terms."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from applications.acts import Act as AnyAct
from applications.casework import Acting, ActRefused, Frame, perform_in
from applications.querysets import works_alone
from complaints import clock
from complaints.acts import Act
from complaints.models import Complaint
from complaints.workflow import AWAITED, State
from offices.models import Membership, Office, User
from offices.outbox import enqueue
from offices.policy import Power, Staff
from offices.querysets import ScopedQuerySet
from offices.workflow import Role
from services.models import Step

Doing = Acting[Complaint]
Change = Callable[[Doing], None]


def perform(
    act: Act,
    complaint: Complaint,
    *,
    by: Staff,
    at: datetime,
    token: uuid.UUID | None,
    change: Change,
    body: Any = None,
) -> Complaint:
    """Do `act` on `complaint` as the caller saw it: `applications.casework.perform` in the frame of complaints."""
    return perform_in(COMPLAINTS, act, complaint, by=by, at=at, token=token, change=change, body=body)


def power_for(act: AnyAct, complaint: Complaint, step: Step | None, by: Staff) -> Power | None:
    """The power by which the person may do the act on this complaint, None if he may not.

    Raises ActRefused (403) with the reason when it is only the complaint itself that bars him.
    """
    at_home = isinstance(act, Act) and act.at_home
    power = by.power(complaint.about_office_id if at_home else complaint.office_id, act.roles)
    if power is None or not isinstance(act, Act):
        return power
    if act.own and not by.acts_as(complaint.executor_id):
        return None
    if act.impartial and barred(complaint) & {by.user.pk, power.acting_for_id}:
        raise ActRefused(_("It is about you: somebody else must consider this complaint."), status=403)
    return power


def barred(complaint: Complaint) -> frozenset[int]:
    """Who may not consider it: the official complained of, and whoever prepared or signed the decision it is against."""
    people = [complaint.challenged_id]
    if complaint.decision is not None:
        people += [complaint.decision.prepared_by_id, complaint.decision.signed_by_id]
    return frozenset(person for person in people if person is not None)


def impartial_people(complaint: Complaint, day: Any, *roles: str) -> QuerySet[User]:
    """The people of the considering office with one of `roles` whom the complaint does not bar."""
    members = Membership.objects.on(day).filter(office_id=complaint.office_id, role__in=roles)
    people = User.objects.filter(is_active=True, pk__in=members.values("user")).exclude(pk__in=barred(complaint))
    return people.order_by("last_name", "first_name")


def is_head_of(user: User, office: Office, day: Any) -> bool:
    """Whether the person heads the office on that day."""
    return Membership.objects.on(day).filter(user=user, office=office, role=Role.HEAD).exists()


def may_sign_own(complaint: Complaint, user: User) -> bool:
    """Whether he who prepared an answer may sign it as well: only where he is the whole office."""
    return works_alone(complaint.office_id, user)


def _rows() -> ScopedQuerySet:
    related = ("regime", "office", "about_office", "person", "decision", "case", "executor", "challenged")
    rows: ScopedQuerySet = Complaint.objects.select_related(*related)
    return rows


def _moved(doing: Doing, state_before: str, act: AnyAct) -> None:
    complaint = doing.case
    if complaint.wants_notices and complaint.state != state_before:
        payload = {"complaint": complaint.pk, "state": complaint.state}
        enqueue("complaint_news", key=f"complaint_news:{complaint.pk}:{complaint.version}", payload=payload)
    complaint.awaiting_unit = AWAITED.get(complaint.state, "")
    if complaint.state == State.FORWARDED and complaint.forwarded_to:
        complaint.awaiting_unit = ""  # a body outside this system has it


COMPLAINTS: Frame[Complaint] = Frame(_rows, lambda act, complaint: None, power_for, _moved, clock.refresh_due)
