"""Target values in force."""

from __future__ import annotations

from decimal import Decimal

from django.db.models import F, Q, QuerySet

from kpi.models import TargetPlan
from kpi.queries.asking import Scope


def plans_of(code: str, scope: Scope, year: int | None = None) -> QuerySet[TargetPlan]:
    """Plans that concern the offices of `scope`: their own, and those for all offices of the edition; the newest first."""
    mine = Q(office=None)
    if scope.kind == "office":
        mine |= Q(office__in=scope.ids)
    rows = TargetPlan.objects.filter(mine, edition_code=code)
    return (rows.filter(year=year) if year else rows).select_related("office", "proposed_by", "approved_by")


def targets_for(code: str, scope: Scope, year: int) -> dict[str, Decimal]:
    """The approved target of each line for `year`: the office's own plan before the common one, the later before the earlier."""
    approved = plans_of(code, scope, year).filter(approved_at__isnull=False)
    found: dict[str, Decimal] = {}
    for plan in approved.order_by(F("office").asc(nulls_first=True), "approved_at", "pk"):
        found |= {line: Decimal(value) for line, value in plan.values.items()}
    return found
