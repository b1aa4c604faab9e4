"""Pages of the quality checks: the samples with their results, one sample, one paper to be checked."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_http_methods

from applications.casework import ActRefused
from kpi.actions import quality as actions
from kpi.lawfiles import quality_rule
from kpi.models import QualityCheck, QualityDraw
from kpi.queries import quality as queries
from offices.models import Office
from offices.policy import Staff, staff_of, staff_only
from offices.workflow import Role

_READERS = (*queries.CHECKERS, Role.OBSERVER)


class DrawForm(forms.Form):
    """The office and the month whose sample shall be drawn."""

    office = forms.ModelChoiceField(label=_("Office"), queryset=Office.objects.none())
    month = forms.CharField(
        label=_("Month"), max_length=7, widget=forms.TextInput({"type": "month", "class": "govuk-input--width-10"})
    )

    def clean_month(self) -> date:
        """The first day of a month written as 2026-03."""
        try:
            return date.fromisoformat(f"{self.cleaned_data['month']}-01")
        except ValueError:
            raise forms.ValidationError(_("Write the month as in 2026-03.")) from None


class CheckForm(forms.Form):
    """The checklist: every line passed or not, and what is wrong where one did not."""

    mark_optional = False

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for line in quality_rule().checklist:
            choices = [("yes", _("right")), ("no", _("not right"))]
            self.fields[line.code] = forms.ChoiceField(label=line.label, choices=choices, widget=forms.RadioSelect)
        self.fields["note"] = forms.CharField(
            label=_("What is wrong"), max_length=500, required=False, widget=forms.Textarea({"rows": 3})
        )

    def passed(self) -> dict[str, bool]:
        """Line → whether it passed."""
        return {line.code: self.cleaned_data[line.code] == "yes" for line in quality_rule().checklist}


@staff_only(*_READERS)
@require_http_methods(["GET", "POST"])
def samples(request: HttpRequest) -> HttpResponse:
    """The samples of the person's offices with their results; the head draws the next one."""
    staff, now = staff_of(request), timezone.now()
    own = Office.objects.filter(pk__in=staff.offices(Role.HEAD, Role.DEPUTY)).in_order()
    last_month = timezone.localdate(now).replace(day=1) - timedelta(days=1)
    form = DrawForm(request.POST or None, initial={"office": own.first(), "month": f"{last_month:%Y-%m}"})
    form.fields["office"].queryset = own  # type: ignore[attr-defined]
    if request.method == "POST" and form.is_valid():
        try:
            made = actions.draw(form.cleaned_data["office"], form.cleaned_data["month"], by=staff, at=now)
            return redirect("quality_sample", made.pk)
        except ActRefused as refusal:
            form.add_error(refusal.field, refusal.message)
    context = {"results": queries.results(_visible(staff)), "form": form if own else None, "rule": quality_rule()}
    return render(request, "quality/samples.html", context, status=400 if request.method == "POST" else 200)


@staff_only(*_READERS)
@require_GET
def sample(request: HttpRequest, pk: int) -> HttpResponse:
    """One sample: how it was drawn, its papers, what was found."""
    staff = staff_of(request)
    found = get_object_or_404(QualityDraw.objects.of_offices(_visible(staff)).select_related("office"), pk=pk)
    rows = found.checks.select_related("case__edition__service", "decision", "checked_by", "office")
    names = {line.code: line.label for line in quality_rule().checklist}
    context = {
        "draw": found,
        "rows": [(row, row.right is None and queries.may_check(row, staff)) for row in rows],
        "faults": [(names.get(code, code), n) for code, n in queries.faults(found).items()],
        "returned": queries.returned_in(found.office, found.month),
    }
    return render(request, "quality/sample.html", context)


@staff_only(*queries.CHECKERS)
@require_http_methods(["GET", "POST"])
def check(request: HttpRequest, pk: int) -> HttpResponse:
    """A paper of the sample against the checklist; a second official fills it in."""
    staff = staff_of(request)
    rows = QualityCheck.objects.select_related("case__edition__service", "decision", "draw__office", "checked_by")
    row = get_object_or_404(rows.of_offices(staff.offices(*queries.CHECKERS)), pk=pk)
    form = CheckForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            actions.check(row, form.passed(), note=form.cleaned_data["note"], by=staff, at=timezone.now())
        except ActRefused as refusal:
            form.add_error(refusal.field, refusal.message)
        else:
            messages.success(request, gettext("Checked: %(number)s") % {"number": row.decision.number})
            return redirect("quality_sample", row.draw_id)
    may = row.right is None and queries.may_check(row, staff)
    context = {
        "row": row,
        "form": form,
        "may": may,
        "paper": row.case.papers.filter(kind__in=("grant", "refusal")).last(),
    }
    return render(request, "quality/check.html", context, status=400 if request.method == "POST" else 200)


def _visible(staff: Staff) -> Any:
    """The offices whose samples the person may see: his own, and those of an observed oblast."""
    own = Office.objects.filter(pk__in=staff.offices(*queries.CHECKERS))
    return own | Office.objects.filter(oblast__in=staff.oblasts)
