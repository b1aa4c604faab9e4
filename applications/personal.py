"""Pages for personal data: the full IIN by a click that is written down, who looked at a file, requests and holds."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST

from applications import data_rights, openings, queries, views
from applications.casework import ActRefused
from applications.models import Case, DataRequest, LegalHold, OpeningKind, RequestKind
from offices.models import Office
from offices.policy import Staff, casework, staff_of, staff_only
from offices.workflow import Role

_SHOWN = 500
_DEPARTMENT = (Role.CLERK, Role.HEAD, Role.DEPUTY, Role.EXECUTOR)


class RequestForm(forms.Form):
    """What a person asks about his data."""

    kind = forms.ChoiceField(label=_("What is asked"), choices=RequestKind.choices)
    text = forms.CharField(label=_("In the person's words"), max_length=2000, widget=forms.Textarea({"rows": 4}))


class OfficeRequestForm(RequestForm):
    """The same where it belongs to no case, such as a breach."""

    office = forms.ModelChoiceField(label=_("Office"), queryset=Office.objects.none())

    def __init__(self, *args: Any, offices: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["office"].queryset = offices  # type: ignore[attr-defined]
        self.fields["office"].initial = offices.first()


class AnswerForm(forms.Form):
    """What was done."""

    outcome = forms.CharField(
        label=_("What was done, or the reasoned refusal"), max_length=2000, widget=forms.Textarea({"rows": 4})
    )


class HoldForm(forms.Form):
    """Why the case must be kept."""

    reason = forms.CharField(label=_("Document by which the case is kept: what, number, date"), max_length=300)


@casework
@require_POST
def full_iin(request: HttpRequest, pk: int) -> HttpResponse:
    """The case page with the whole IIN, once; the click is written down."""
    staff = staff_of(request)
    found = get_object_or_404(Case.objects.visible_to(staff).for_detail(), pk=pk)
    openings.note(OpeningKind.FULL_IIN, by=staff, at=timezone.now(), case=found)
    return render(request, "applications/case.html", {**views.case_context(found, staff), "full_iin": True})


@staff_only(*_DEPARTMENT)
@require_http_methods(["GET", "POST"])
def case_data(request: HttpRequest, pk: int) -> HttpResponse:
    """Who looked at the file (the person may know it, law 94-V art. 24), his requests, and whether the case is held."""
    staff, now = staff_of(request), timezone.now()
    found = get_object_or_404(
        Case.objects.visible_to(staff).select_related("person", "office", "edition__service"), pk=pk
    )
    asked, held = RequestForm(request.POST or None), HoldForm(request.POST or None)
    do, status = request.POST.get("do", ""), 200
    if request.method == "POST":
        form: forms.Form = held if do in ("hold", "lift") else asked
        try:
            if done := _do(do, form, found, staff):
                messages.success(request, done)
                return redirect("case_data", found.pk)
            status = 400
        except ActRefused as refusal:
            form.add_error(None, refusal.message)
            status = refusal.status
    else:
        openings.note(OpeningKind.TOLD, by=staff, at=now, case=found)
    context = {
        "case": found,
        "rows": openings.of_case(found)[:_SHOWN],
        "requests": found.data_requests.order_by("-pk"),
        "hold": LegalHold.objects.filter(case=found, lifted_at=None).select_related("set_by").first(),
        "is_head": bool(staff.power(found.office_id, (Role.HEAD, Role.DEPUTY))),
        "form": asked if do not in ("hold", "lift") else RequestForm(),
        "hold_form": held if do in ("hold", "lift") else HoldForm(),
    }
    return render(request, "applications/case_data.html", context, status=status)


@staff_only(*_DEPARTMENT)
@require_http_methods(["GET", "POST"])
def data_requests(request: HttpRequest) -> HttpResponse:
    """Requests about personal data and breaches of my offices, the nearest due moment first."""
    staff, now = staff_of(request), timezone.now()
    offices = Office.objects.filter(pk__in=staff.offices(*_DEPARTMENT))
    form = OfficeRequestForm(request.POST if request.method == "POST" else None, offices=offices)
    if request.method == "POST" and form.is_valid():
        data_rights.take_request(
            RequestKind(form.cleaned_data["kind"]),
            office=form.cleaned_data["office"],
            text=form.cleaned_data["text"],
            by=staff,
            at=now,
        )
        messages.success(request, gettext("The request is recorded."))
        return redirect("data_requests")
    found = DataRequest.objects.of_offices(offices).select_related("office", "case")
    waiting = [(row, queries.due_badge(row.due_at, now, row.office)) for row in found.filter(done_at=None)[:_SHOWN]]
    context = {"form": form, "waiting": waiting, "done": found.exclude(done_at=None).order_by("-done_at")[:20]}
    return render(request, "applications/data_requests.html", context, status=400 if form.errors else 200)


@staff_only(*_DEPARTMENT)
@require_http_methods(["GET", "POST"])
def data_request(request: HttpRequest, pk: int) -> HttpResponse:
    """One request: what is asked, by when and why, and the answer."""
    staff, now = staff_of(request), timezone.now()
    mine = DataRequest.objects.of_offices(staff.offices(*_DEPARTMENT))
    found = get_object_or_404(mine.select_related("office", "case", "taken_by", "done_by"), pk=pk)
    form = AnswerForm(request.POST or None)
    status = 200
    if request.method == "POST":
        status = 400
        if form.is_valid():
            try:
                data_rights.answer_request(found, outcome=form.cleaned_data["outcome"], by=staff, at=now)
            except ActRefused as refusal:
                form.add_error(None, refusal.message)
                status = refusal.status
            else:
                messages.success(request, gettext("The answer is recorded."))
                return redirect("data_requests")
    context = {"row": found, "form": form, "badge": queries.due_badge(found.due_at, now, found.office)}
    return render(request, "applications/data_request.html", context, status=status)


def _do(do: str, form: forms.Form, found: Case, staff: Staff) -> str:
    """One act on the data of a case; gives the words of success, nothing where the form is not right."""
    now = timezone.now()
    if do == "lift":
        data_rights.lift_hold(found, by=staff, at=now)
        return gettext("The case is no longer held.")
    if not form.is_valid():
        return ""
    if do == "hold":
        data_rights.hold(found, reason=form.cleaned_data["reason"], by=staff, at=now)
        return gettext("The case is held.")
    data = form.cleaned_data
    data_rights.take_request(
        RequestKind(data["kind"]), office=found.office, text=data["text"], case=found, by=staff, at=now
    )
    return gettext("The request is recorded.")
