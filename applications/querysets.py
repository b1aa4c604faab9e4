"""Queries on cases in the words of the domain."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Self

from django.apps import apps
from django.db import models
from django.db.models import F, Q, QuerySet
from django.utils import timezone

from applications.workflow import State
from offices.models import Membership, User
from offices.policy import Staff
from offices.querysets import ScopedQuerySet
from offices.workflow import CASEWORK_ROLES, ROLES_OF_UNIT, Role
from services.models import Edition

_PARTS = ("CaseDocument", "Clock", "Decision", "DecisionGround", "Paper")
_CENTRE_ROLES = (Role.CENTRE_INSPECTOR, Role.CENTRE_ACCUMULATOR)
_DEPARTMENT_ROLES = (Role.CLERK, Role.HEAD, Role.DEPUTY, Role.EXECUTOR)


class MatterQuerySet(ScopedQuerySet):
    """Cases, or complaints: what is under way, on whose desk, the most urgent first."""

    def open(self) -> Self:
        """Those still under way."""
        return self.exclude(state__in=self.model.closed_states)

    def overdue(self, at: datetime) -> Self:
        """Open ones with a clock past its due moment."""
        return self.open().filter(due_at__lt=at)

    def on_the_desk_of(self, staff: Staff) -> Self:
        """Those that wait for an act of this person, in his role in that office; an executor sees those assigned to him."""
        return self.open().filter(self._desk(staff)).scoped()

    def _desk(self, staff: Staff) -> Q:
        mine = Q(pk__in=())
        for unit, roles in ROLES_OF_UNIT.items():
            if offices := staff.offices(*roles):
                mine |= self._waiting(unit, offices, staff)
        return mine

    def _waiting(self, unit: str, offices: frozenset[int], staff: Staff) -> Q:
        waiting = Q(awaiting_unit=unit, office_id__in=offices)
        return waiting & executed_by(staff) if unit == "executor" else waiting

    def worst_first(self) -> Self:
        """The nearest due moment first; those without one last; the older first among equals."""
        return self.order_by(F("due_at").asc(nulls_last=True), "pk")


def executed_by(staff: Staff) -> Q:
    """What lies with this person as executor, or with somebody for whom he acts, or with nobody yet."""
    people = {staff.user.pk, *(power.acting_for_id for power in staff.powers if power.acting_for_id)}
    return Q(executor_id__in=people) | Q(executor=None)


class CaseQuerySet(MatterQuerySet):
    """Cases by who may see them, where they stand and how they are shown."""

    def visible_to(self, staff: Staff) -> Self:
        """Cases of the person's own department or centre, and for an observer those of his oblast. All else is not there."""
        seen = Q(office_id__in=staff.offices(*_DEPARTMENT_ROLES)) | Q(centre_id__in=staff.offices(*_CENTRE_ROLES))
        if staff.oblasts:
            seen |= Q(office__oblast__in=staff.oblasts)
        return self.filter(seen).scoped()

    def told_late(self, since: datetime) -> Self:
        """Open cases of which a term was announced as ending soon or passed after `since`, and is still open."""
        told = self.model._default_manager.filter(
            clocks__stopped_at=None, clocks__announcements__announced_at__gte=since
        )
        return self.open().filter(pk__in=told.values("pk"))

    def _waiting(self, unit: str, offices: frozenset[int], staff: Staff) -> Q:
        if unit.startswith("centre_"):
            return Q(awaiting_unit=unit, centre_id__in=offices)
        return super()._waiting(unit, offices, staff)

    def for_list(self) -> Self:
        """With what a row of a list shows, in one statement."""
        return self.select_related("person", "edition__service", "office", "executor")

    def for_act(self) -> Self:
        """With what an act on it needs."""
        return self.select_related("person", "edition__service", "edition__decree", "office", "centre", "executor")

    def for_detail(self) -> Self:
        """With what the case page shows; `newest_version` is that of its edition, which may have gone on since the case began."""
        newest = Edition.objects.published().filter(code=models.OuterRef("edition__code")).order_by("-version")
        return (
            self.for_act()
            .annotate(newest_version=models.Subquery(newest.values("version")[:1]))
            .prefetch_related(
                *(models.Prefetch(name, rows) for name, rows in _parts_of_a_case()),
                "attachments",
            )
        )

    def numbered(self, number: str) -> Self:
        """By the department's number or the centre's, as scanned or typed."""
        number = number.strip().upper()
        return self.filter(Q(number=number) | Q(centre_number=number))

    def duplicates_of(self, person_id: int, edition_id: int) -> Self:
        """Open cases of the same person under the same edition: a warning at intake."""
        return self.open().filter(person_id=person_id, edition_id=edition_id).exclude(state=State.NEW)


class PersonQuerySet(ScopedQuerySet):
    """Applicants. One may have cases in several offices, so what hangs on a person has no scope by that."""

    gives_scope = False


class WindowQuerySet(models.QuerySet[Any]):
    """Windows of the waiting halls. They are no secret, but a row of one names its office."""

    gives_scope = True


class VisitQuerySet(ScopedQuerySet):
    """Visits of the waiting hall by where they stand."""

    def waiting(self) -> Self:
        """Those who sit in the hall, the earliest talon first."""
        return self.filter(ended_at=None, window=None).order_by("issued_at", "pk")

    def at_windows(self) -> Self:
        """Those who were called and are not done, the last call first."""
        return self.filter(ended_at=None, window__isnull=False).order_by("-last_called_at", "-pk")

    def waiting_for(self, window: Any) -> Self:
        """Those whom this window may call: first who was passed on to it, then by talon."""
        rows = self.waiting().of_offices([window.office_id]).filter(Q(sent_to=None) | Q(sent_to=window))
        if window.purpose:
            rows = rows.filter(Q(purpose=window.purpose) | Q(sent_to=window))
        return rows.order_by(F("sent_to").asc(nulls_last=True), "issued_at", "pk")

    def for_list(self) -> Self:
        """With what a row of the queue shows, in one statement."""
        return self.select_related("edition__service", "window", "sent_to", "case")


def _parts_of_a_case() -> list[tuple[str, QuerySet[Any]]]:
    """What a case page shows of a case's rows, one statement each; signatures without the files that they came with."""
    rows = {name: apps.get_model("applications", name)._default_manager for name in _PARTS}
    papers = rows["Paper"].select_related("signature").defer("signature__signed_pdf", "signature__detached")
    return [
        ("documents", rows["CaseDocument"].select_related("requirement")),
        ("clocks", rows["Clock"].select_related("step", "office")),
        ("decisions", rows["Decision"].select_related("prepared_by")),
        ("decisions__grounds", rows["DecisionGround"].select_related("ground")),
        ("papers", papers),
    ]


def eligible_executors(office_id: int, at: datetime) -> QuerySet[User]:
    """The people of the office who may be named executor at `at`."""
    members = Membership.objects.on(timezone.localdate(at)).filter(office_id=office_id, role=Role.EXECUTOR)
    return User.objects.filter(is_active=True, pk__in=members.values("user")).order_by("last_name", "first_name")


def works_alone(office_id: int, user: User) -> bool:
    """Whether `user` is the only person of the office who works on cases."""
    others = Membership.objects.filter(office_id=office_id, role__in=CASEWORK_ROLES, user__is_active=True).exclude(
        user=user
    )
    return not others.exists()
