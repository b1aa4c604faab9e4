"""The working group's target values: proposed by the head, approved with minutes, then fixed for good."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext as _

from applications.casework import ActRefused, append_event
from applications.clock import office_day
from kpi.models import TargetPlan
from offices.models import Office
from offices.policy import Staff
from offices.workflow import Role

_HEADS = (Role.HEAD, Role.DEPUTY)


def propose(
    code: str, *, office: Office, year: int, values: Mapping[str, Decimal], reason: str, by: Staff, at: datetime
) -> TargetPlan:
    """Propose the office's target values of an edition for `year`; a proposal not yet approved is changed.

    Raises ActRefused: 403 for anybody but the head or the deputy, 400 for no value at all or one outside 0 to 100.
    """
    _may(office, by)
    if not values or any(not 0 <= value <= 100 for value in values.values()):
        raise ActRefused(_("Give at least one value, each from 0 to 100."), status=400)
    given = {
        "values": {line: str(value) for line, value in sorted(values.items())},
        "reason": reason, "proposed_by": by.user, "proposed_at": at,
    }  # fmt: skip
    with transaction.atomic():
        plan, _new = TargetPlan.objects.select_for_update().update_or_create(
            edition_code=code, office=office, year=year, approved_at=None, defaults=given
        )
        _log("propose_targets", plan, office, by, at)
    return plan


def approve(plan: TargetPlan, *, number: str, day: date, members: str, by: Staff, at: datetime) -> TargetPlan:
    """Fix a proposal by the minutes of the working group: their number, date and members. It never changes again."""
    if plan.office is None:
        raise ActRefused(_("This proposal belongs to no office."), status=403)
    _may(plan.office, by)
    if day > office_day(plan.office, at):
        raise ActRefused(_("The minutes cannot be of a later day than today."), status=400, field="minutes_date")
    with transaction.atomic():
        open_one = TargetPlan.objects.filter(pk=plan.pk, approved_at=None)
        done = open_one.update(
            minutes_number=number, minutes_date=day, members=members, approved_by=by.user, approved_at=at
        )
        if not done:
            raise ActRefused(_("These values are already approved; what was approved is not changed."))
        plan.refresh_from_db()
        _log("approve_targets", plan, plan.office, by, at)
    return plan


def _may(office: Office, by: Staff) -> None:
    if by.power(office.pk, _HEADS) is None:
        raise ActRefused(_("Only the head of the office or the deputy may do this."), status=403)


def _log(kind: str, plan: TargetPlan, office: Office, by: Staff, at: datetime) -> None:
    payload = {"edition": plan.edition_code, "year": plan.year, "values": plan.values, "minutes": plan.minutes_number}
    append_event(kind, office=office, recorded_at=at, subject=f"targets:{plan.pk}", actor=by.user, payload=payload)
