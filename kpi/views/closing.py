"""Target values of the working group, and closed periods with their amendments."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from applications.casework import ActRefused
from kpi.actions import sealing, targets
from kpi.forms import AmendForm, MinutesForm, TargetForm
from kpi.models import SealedTable, TargetPlan
from kpi.queries.asking import Line, Period, Scope
from kpi.queries.seals import differences
from kpi.queries.tables import table_of
from kpi.queries.targets import plans_of
from kpi.views.common import asked_of, figures_for, scopes_of
from offices.policy import staff_of
from offices.workflow import Role


@figures_for
@require_http_methods(["GET", "POST"])
def target_values(request: HttpRequest) -> HttpResponse:
    """Proposals and what was approved; the head proposes."""
    asked = asked_of(request)
    year = asked.period.start.year + 1
    form = TargetForm(_sent(request), lines=asked.lines(), initial={"year": year})
    status = 200
    if request.method == "POST":
        if not asked.may_decide or asked.office is None:
            raise Http404
        status = 400
        if form.is_valid():
            given = {"year": form.cleaned_data["year"], "reason": form.cleaned_data["reason"]}
            try:
                targets.propose(
                    asked.edition.code, office=asked.office, values=form.values(), by=asked.staff, at=asked.at, **given
                )
            except ActRefused as refusal:
                form.add_error(None, refusal.message)
            else:
                messages.success(request, _("Proposed. It counts when the minutes of the working group are entered."))
                return redirect(f"{reverse('targets')}?{asked.query}")
    plans = [(plan, _by_line(plan, asked.lines())) for plan in plans_of(asked.edition.code, asked.scope)]
    return render(request, "kpi/targets.html", asked.context("targets", target_form=form, plans=plans), status=status)


@figures_for
@require_http_methods(["GET", "POST"])
def target_approve(request: HttpRequest, pk: int) -> HttpResponse:
    """Enter the minutes of the working group: the values are fixed."""
    staff = staff_of(request)
    led = staff.offices(Role.HEAD, Role.DEPUTY)
    plan = get_object_or_404(TargetPlan.objects.select_related("office"), pk=pk, office__in=led)
    form = MinutesForm(_sent(request))
    status = 200
    if request.method == "POST":
        status = 400
        if form.is_valid():
            data = form.cleaned_data
            try:
                targets.approve(
                    plan, number=data["minutes_number"], day=data["minutes_date"], members=data["members"], by=staff,
                    at=timezone.now(),
                )  # fmt: skip
            except ActRefused as refusal:
                form.add_error(refusal.field, refusal.message)
                status = refusal.status
            else:
                messages.success(request, _("The values are fixed."))
                return redirect(f"{reverse('targets')}?edition={plan.edition_code}")
    return render(request, "kpi/target_approve.html", {"plan": plan, "form": form}, status=status)


@figures_for
@require_http_methods(["GET", "POST"])
def closed_periods(request: HttpRequest) -> HttpResponse:
    """Periods closed and still to be closed; the head closes one for the edition shown."""
    asked = asked_of(request)
    if request.method == "POST":
        if not asked.may_decide or asked.office is None:
            raise Http404
        try:
            row = sealing.seal(asked.office, asked.edition.code, asked.period, by=asked.staff, at=asked.at)
        except ActRefused as refusal:
            messages.error(request, refusal.message)
            return redirect(f"{reverse('closed_periods')}?{asked.query}")
        return redirect("closed_period", row.pk)
    rows = SealedTable.objects.filter(office__in=asked.scope.ids, edition_code=asked.edition.code)
    context = {"rows": rows.select_related("office", "sealed_by").order_by("-period", "office", "-number")[:200]}
    return render(request, "kpi/closed.html", asked.context("closed_periods", **context))


@figures_for
@require_http_methods(["GET", "POST"])
def closed_period(request: HttpRequest, pk: int) -> HttpResponse:
    """A closed table as it was kept, its amendments, and what would be counted otherwise today."""
    staff, now = staff_of(request), timezone.now()
    seen = {pk_ for scope in scopes_of(staff) for pk_ in scope.ids}
    row = get_object_or_404(SealedTable.objects.select_related("office", "sealed_by"), pk=pk, office__in=seen)
    chain = list(
        SealedTable.objects.filter(office=row.office, edition_code=row.edition_code, period=row.period)
        .select_related("sealed_by")
        .order_by("number")
    )
    may = staff.power(row.office_id, (Role.HEAD, Role.DEPUTY)) is not None
    form = AmendForm(_sent(request))
    if request.method == "POST" and not may:
        raise Http404
    if form.is_bound and form.is_valid():
        try:
            made = sealing.amend(chain[-1], reason=form.cleaned_data["reason"], by=staff, at=now)
        except ActRefused as refusal:
            form.add_error(None, refusal.message)
        else:
            return redirect("closed_period", made.pk)
    table = table_of(row.edition_code, Scope.office(row.office), Period.parse(row.period), now)
    context = {
        "row": row, "chain": chain, "form": form, "table": table, "lines": {line.line.code: line.line for line in table.rows},
        "now": differences(chain[-1], table), "whole": row.hash == sealing.seal_hash(row),
        "period": Period.parse(row.period), "may": may,
    }  # fmt: skip
    return render(request, "kpi/closed_period.html", context, status=400 if form.errors else 200)


def _sent(request: HttpRequest) -> Any:
    """What was sent, also where that is nothing; None where the page is only opened."""
    return request.POST if request.method == "POST" else None


def _by_line(plan: TargetPlan, lines: list[Line]) -> list[tuple[Line, Any]]:
    return [(line, plan.values[line.code]) for line in lines if line.code in plan.values]
