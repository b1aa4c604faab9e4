"""The survey: anybody with the number and code of his notice or talon answers it once, without his name."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from applications.casework import ActRefused
from applications.models import Case
from applications.public import StatusForm, count_failed_try, tries_used_up
from kpi.actions import surveys as actions
from kpi.lawfiles import survey_rule
from kpi.models import SurveyPart
from kpi.queries import surveys as queries
from offices.policy import public


class NumberForm(StatusForm):
    """Number and code, as they stand on the notice; the talon's code is as good."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["number"].help_text = _("It stands on the notice and on the talon, such as SHM-2026-00017.")
        self.fields["code"].help_text = _(
            "Ten letters and figures beside the square on the notice, or below the number on the talon."
        )


class SheetForm(forms.Form):
    """The questions of one part: five steps each, none is compulsory."""

    mark_optional = False

    number = forms.CharField(max_length=30, widget=forms.HiddenInput)
    code = forms.CharField(max_length=20, widget=forms.HiddenInput)
    part = forms.ChoiceField(choices=SurveyPart.choices, widget=forms.HiddenInput)

    def __init__(self, *args: Any, part: SurveyPart, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        rule = survey_rule()
        steps = [(step.code, step.label) for step in rule.scale]
        for question in rule.asked(part):
            field = forms.ChoiceField(label=question.label, choices=steps, required=False, widget=forms.RadioSelect)
            self.fields[_field(question.code)] = field
        self.asked_part = part

    def scores(self) -> dict[str, int]:
        """Code of the question → step, of those that were answered."""
        given = {
            question.code: self.cleaned_data.get(_field(question.code))
            for question in survey_rule().asked(self.asked_part)
        }
        return {code: int(step) for code, step in given.items() if step}


@public
@require_http_methods(["GET", "POST"])
def survey(request: HttpRequest) -> HttpResponse:
    """Number and code, then the questions that are open for this case, then thanks."""
    if "part" in request.POST:
        return _sheet_sent(request)
    form = NumberForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        case, status = _case_of(request, form)
        if case is not None:
            parts = queries.open_parts(case)
            if parts:
                return _page(request, {"sheet": _sheet(form.cleaned_data, parts[0]), "case": case})
            form.add_error(None, _why_nothing_is_open(case))
        return _page(request, {"form": form}, status)
    return _page(request, {"form": form})


def _sheet_sent(request: HttpRequest) -> HttpResponse:
    part = SurveyPart.COMPLAINT if request.POST["part"] == SurveyPart.COMPLAINT else SurveyPart.SERVICE
    sheet = SheetForm(request.POST, part=part)
    numbers = NumberForm(request.POST)
    if not (numbers.is_valid() and sheet.is_valid()):
        return _page(request, {"form": NumberForm()}, 400)
    case, status = _case_of(request, numbers)
    if case is None:
        return _page(request, {"form": numbers}, status)
    try:
        actions.answer(case, part, sheet.scores(), at=timezone.now())
    except ActRefused as refusal:
        sheet.add_error(None, refusal.message)
        return _page(request, {"sheet": sheet, "case": case}, refusal.status)
    rest = queries.open_parts(case)
    return _page(
        request, {"thanks": True, "sheet": _sheet(numbers.cleaned_data, rest[0]) if rest else None, "case": case}
    )


def _case_of(request: HttpRequest, form: NumberForm) -> tuple[Case | None, int]:
    """The case of number and code, and the status of the answer where there is none; wrong tries are counted."""
    if tries_used_up(request):
        form.add_error(None, _("Too many tries from your place. Wait a minute, then send the form again."))
        return None, 429
    case = queries.find(form.cleaned_data["number"], form.cleaned_data["code"])
    if case is None:
        count_failed_try(request)
        form.add_error(None, _("No application has this number together with this code. Check both on the notice."))
    return case, 200


def _why_nothing_is_open(case: Case) -> Any:
    if case.signed_at is None:
        return _("The survey opens when the answer to your application is ready.")
    return _("This survey was answered already. Thank you.")


def _sheet(numbers: dict[str, Any], part: SurveyPart) -> SheetForm:
    return SheetForm(initial={"number": numbers["number"], "code": numbers["code"], "part": part}, part=part)


def _page(request: HttpRequest, context: dict[str, Any], status: int = 200) -> HttpResponse:
    template = "survey/sheet.html" if context.get("sheet") or context.get("thanks") else "survey/start.html"
    tablet = request.GET.get("tablet") == "1"
    response = render(request, template, {"language_next": "/survey/", "tablet": tablet, **context}, status=status)
    response["Cache-Control"] = "no-store"
    return response


def _field(code: str) -> str:
    return f"q{code.replace('.', '_')}"
