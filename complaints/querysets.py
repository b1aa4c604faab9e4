"""Queries on complaints and regimes in the words of the domain."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Self

from django.db.models import Q

from applications.querysets import MatterQuerySet, executed_by
from complaints.workflow import BEFORE_THE_ANSWER
from offices.policy import Staff
from offices.querysets import DatedQuerySet
from offices.workflow import Role

HOUSE_ROLES = (Role.CLERK, Role.HEAD, Role.DEPUTY, Role.EXECUTOR)


class RegimeQuerySet(DatedQuerySet):
    """Regimes by kind and day."""

    def ruling(self, kind: str, day: date) -> Any:
        """The regime of a complaint of `kind` registered on `day`; None where no law of the file rules it."""
        return self.filter(kind=kind).on(day).order_by("-valid_from").first()


class ComplaintQuerySet(MatterQuerySet):
    """Complaints by who may see them and where they stand."""

    def visible_to(self, staff: Staff) -> Self:
        """Those about the person's office and those his office considers; an observer sees his oblast."""
        offices = staff.offices(*HOUSE_ROLES)
        seen = Q(office_id__in=offices) | Q(about_office_id__in=offices)
        if staff.oblasts:
            seen |= Q(about_office__oblast__in=staff.oblasts)
        return self.filter(seen).scoped()

    def _desk(self, staff: Staff) -> Q:
        """Besides what waits by role: whoever was named to consider, and what the heads of the office have to carry out."""
        named = Q(awaiting_unit=Role.EXECUTOR) & executed_by(staff) & Q(executor__isnull=False)
        heads = staff.offices(Role.HEAD, Role.DEPUTY)
        granted = Q(
            answered_at__isnull=False, executed_at=None, satisfied__in=("full", "part"), about_office_id__in=heads
        )
        return super()._desk(staff) | named | granted

    def silent(self, at: datetime) -> Self:
        """Those without an answer past their term, where the law takes silence for a refusal."""
        unanswered = self.filter(state__in=BEFORE_THE_ANSWER, regime__silence_refuses=True)
        return unanswered.filter(clocks__kind="answer", clocks__stopped_at=None, clocks__due_at__lt=at)

    def for_list(self) -> Self:
        """With what a row of a list shows, in one statement."""
        return self.select_related("person", "office", "about_office", "executor", "regime")

    def for_detail(self) -> Self:
        """With what the complaint's page shows."""
        return self.select_related(
            "person", "office", "about_office", "executor", "regime", "case__edition__service", "edition__service",
            "decision", "challenged", "came_from", "answered_by", "prepared_by",
        ).prefetch_related("clocks__office")  # fmt: skip

    def numbered(self, number: str) -> Self:
        """By its number, as scanned or typed; also by the number of the body that took it first."""
        number = number.strip().upper()
        return self.filter(Q(number=number) | Q(first_number=number))
