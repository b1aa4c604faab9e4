"""Quality checks: the papers of a month, the sample drawn from them, who may check, and how the checks went."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db.models import Count, Q, QuerySet
from django.utils import timezone

from applications.models import Decision
from kpi.lawfiles import QualityRule
from kpi.models import QualityCheck, QualityDraw, QualityFinding
from offices.models import Office
from offices.policy import Staff
from offices.workflow import Role

CHECKERS = (Role.HEAD, Role.DEPUTY, Role.EXECUTOR, Role.CLERK)


def seed_of(office: Office, month: date, rule: QualityRule) -> str:
    """The seed of an office and month: SHA-256 of "KEY|YYYY-MM|SALT", so nobody can choose it and everybody can check it."""
    return hashlib.sha256(f"{office.key}|{month:%Y-%m}|{rule.salt}".encode()).hexdigest()


def sample(papers: list[Decision], seed: str, size: int) -> list[Decision]:
    """The first `size` papers in the order of SHA-256("SEED|NUMBER"). The order in which they are given does not matter."""
    ranked = sorted(papers, key=lambda row: hashlib.sha256(f"{seed}|{row.number}".encode()).hexdigest())
    return ranked[:size]


def signed_in(office: Office, month: date) -> QuerySet[Decision]:
    """The papers that the office signed in the month, by office time."""
    start, end = bounds(month)
    return Decision.objects.filter(case__office=office, signed_at__gte=start, signed_at__lt=end)


def returned_in(office: Office, month: date) -> int:
    """How many prepared papers the head gave back in the month: what was found before the signature."""
    start, end = bounds(month)
    return Decision.objects.filter(case__office=office, returned_at__gte=start, returned_at__lt=end).count()


def bounds(month: date) -> tuple[datetime, datetime]:
    """The first moment of the month and of the next one."""
    first = month.replace(day=1)
    after = (first + timedelta(days=32)).replace(day=1)
    start, end = (timezone.make_aware(datetime.combine(day, time.min)) for day in (first, after))
    return start, end


def may_check(row: QualityCheck, staff: Staff) -> bool:
    """Whether the person is a second official here: of the office, and neither prepared nor signed the paper."""
    decision = row.decision
    involved = (decision.prepared_by_id, decision.signed_by_id, decision.signed_for_id)
    return staff.power(row.office_id, CHECKERS) is not None and staff.user.pk not in involved


@dataclass(frozen=True)
class Result:
    """How a sample stands: checked, right, and beside it what the head gave back before the signature."""

    draw: QualityDraw
    size: int
    checked: int
    right: int
    returned: int


def results(offices: Any) -> list[Result]:
    """The samples of these offices, the newest month first."""
    counts = {
        "size": Count("checks"),
        "checked": Count("checks", filter=Q(checks__right__isnull=False)),
        "right": Count("checks", filter=Q(checks__right=True)),
    }
    rows: QuerySet[Any] = QualityDraw.objects.of_offices(offices).select_related("office").annotate(**counts)
    return [
        Result(row, row.size, row.checked, row.right, returned_in(row.office, row.month))
        for row in rows.order_by("-month", "office__sort_key")[:120]
    ]


def faults(draw: QualityDraw) -> dict[str, int]:
    """How often each line of the checklist failed in the sample."""
    rows = QualityFinding.objects.filter(check_row__draw=draw, passed=False).values_list("item").annotate(n=Count("pk"))
    return dict(rows.order_by("-n", "item"))
