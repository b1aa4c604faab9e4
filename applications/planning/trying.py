"""A draft tried on the cases of a past period: the choice of the service, the form, what would have been."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from applications.forms import DayInput
from applications.replay import OVERALL, Draft, draft_of, replay
from offices.admin.scope import scope_of
from offices.calendars import Change
from offices.models import Office, OfficeKind
from offices.policy import heavy, staff_only
from offices.workflow import Role
from offices.worktime import DayHours, DayKind, DayRule
from services.deadlines import Norm, Unit
from services.models import Edition, Step
from services.queries import steps_of
from services.workflow import EditionState

UNITS: list[tuple[str, Any]] = [
    ("", _("as it was")),
    (Unit.MINUTE, pgettext_lazy("unit of a term", "minutes")),
    (Unit.HOUR, pgettext_lazy("unit of a term", "hours")),
    (Unit.WORKING_DAY, pgettext_lazy("unit of a term", "working days")),
    (Unit.CALENDAR_DAY, pgettext_lazy("unit of a term", "calendar days")),
    (Unit.WITHIN_WORKING_DAY, _("within the working day")),
    (Unit.WITHIN_DAY, _("within one day")),
    (Unit.TIMES_A_DAY, pgettext_lazy("unit of a term", "times a day")),
]
_TRIED = {"kk": "Сынақ", "ru": "Проба", "en": "Trial"}


class DaysField(forms.CharField):
    """Days typed one beside the other: 23.03.2026, 24.03.2026."""

    def clean(self, value: Any) -> Any:
        """A tuple of dates; the first that is none is named."""
        found = []
        for word in str(super().clean(value)).replace(",", " ").split():
            try:
                found.append(datetime.strptime(word, "%d.%m.%Y").date())  # noqa: DTZ007 - a day has no zone
            except ValueError:
                raise ValidationError(_("“%(word)s” is no day such as 23.03.2026."), params={"word": word}) from None
        return tuple(found)


class ReplayForm(forms.Form):
    """The past period, and what is tried on it: a draft, single norms, days, hours."""

    mark_optional = False

    office = forms.ModelChoiceField(label=_("Office"), queryset=Office.objects.none(), required=False)
    start = forms.DateField(label=_("Ended from"), widget=DayInput)
    end = forms.DateField(label=_("Ended until"), widget=DayInput)
    draft = forms.ModelChoiceField(label=_("Norms and hours of"), queryset=Edition.objects.none(), required=False)
    closed = DaysField(
        label=_("Days that would be off"), required=False, max_length=400, help_text=_("such as 23.03.2026, 24.03.2026")
    )
    working = DaysField(label=_("Days that would be worked"), required=False, max_length=400)
    opens = forms.TimeField(label=_("Office opens at"), required=False, widget=forms.TimeInput(attrs={"type": "time"}))
    closes = forms.TimeField(
        label=_("Office closes at"), required=False, widget=forms.TimeInput(attrs={"type": "time"})
    )

    def __init__(self, *args: Any, offices: Any, edition: Edition, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.edition = edition
        self.steps = list(steps_of(edition))
        office: Any = self.fields["office"]
        office.queryset, office.empty_label = offices, _("all that I manage")
        draft: Any = self.fields["draft"]
        draft.queryset = Edition.objects.filter(code=edition.code)
        draft.empty_label = _("as it was")
        draft.label_from_instance = _version_words
        for key, _words in self._clocks():
            self.fields[f"{key}_amount"] = forms.IntegerField(
                label=_("amount"), required=False, min_value=1, max_value=10_000
            )
            self.fields[f"{key}_unit"] = forms.ChoiceField(label=_("unit"), required=False, choices=UNITS)

    def _clocks(self) -> list[tuple[str, str]]:
        steps = [(step.transition, _step_words(step)) for step in self.steps]
        return [(OVERALL, gettext("Whole service")), *steps]

    @property
    def norms(self) -> list[Any]:
        """The fields of the norms, amount and unit beside each other."""
        return [(words, self[f"{key}_amount"], self[f"{key}_unit"]) for key, words in self._clocks()]

    def clean(self) -> dict[str, Any]:
        """A period in order, at most three years; norms and hours that can be counted."""
        data = super().clean() or {}
        start, end = data.get("start"), data.get("end")
        if start and end and not timedelta() <= end - start <= timedelta(days=3 * 366):
            self.add_error("end", _("The period ends after it begins, and is three years at most."))
        if bool(data.get("opens")) != bool(data.get("closes")):
            self.add_error("closes", _("Give both hours, or neither."))
        elif data.get("opens") and data["opens"] >= data["closes"]:
            self.add_error("closes", _("Closing must come after opening."))
        for key, _words in self._clocks():
            self._check_norm(key, data)
        return data

    def _check_norm(self, key: str, data: dict[str, Any]) -> None:
        amount, unit = data.get(f"{key}_amount"), data.get(f"{key}_unit")
        if not unit and not amount:
            return
        if not unit or (amount is None and unit not in (Unit.WITHIN_WORKING_DAY, Unit.WITHIN_DAY)):
            self.add_error(f"{key}_amount" if unit else f"{key}_unit", _("A norm is an amount and a unit."))
            return
        try:
            data[f"norm:{key}"] = Norm(amount or 1, Unit(unit))
        except ValueError:
            self.add_error(f"{key}_amount", _("With this unit the amount is 1."))

    def tried(self) -> Draft:
        """What is tried, from a form that is right."""
        data = self.cleaned_data
        hours = DayHours(data["opens"], data["closes"], self._lunch(data)) if data["opens"] else None
        rules = [DayRule(day, DayKind.CLOSED, _TRIED, "") for day in data["closed"]]
        rules += [DayRule(day, DayKind.WORKING_DAY, _TRIED, "") for day in data["working"]]
        change = Change(tuple(rules), hours=hours)
        draft = draft_of(data["draft"], change) if data["draft"] else Draft(change=change)
        own = {name[5:]: norm for name, norm in data.items() if name.startswith("norm:")}
        overall = {"any": own.pop(OVERALL)} if OVERALL in own else draft.overall
        return Draft({**draft.steps, **own}, overall, change, draft.hours)

    def _lunch(self, data: dict[str, Any]) -> tuple[time, time] | None:
        lunch = time(13), time(14)
        return lunch if data["opens"] <= lunch[0] and lunch[1] <= data["closes"] else None


def _version_words(edition: Edition) -> str:
    return gettext("version %(n)s") % {"n": edition.version} + f" · {EditionState(edition.state).label}"


def _step_words(step: Step) -> str:
    return gettext("Step %(no)d: %(act)s") % {"no": step.no, "act": step.act}


@staff_only(Role.ADMINISTRATOR)
@require_safe
def replay_choice(request: HttpRequest) -> HttpResponse:
    """The editions whose past can be replayed."""
    editions = Edition.objects.published().select_related("service", "decree").order_by("service__position", "code")
    used = editions.filter(uses__office__in=scope_of(request).offices).distinct()
    return render(request, "planning/replay_choice.html", {"editions": used})


@staff_only(Role.ADMINISTRATOR)
@heavy(when=lambda request, code: "start" in request.GET)
@require_safe
def replay_page(request: HttpRequest, code: str) -> HttpResponse:
    """A draft tried on the cases that ended in a past period. Everything stands in the address; nothing is stored."""
    offices = scope_of(request).rows().filter(kind=OfficeKind.DEPARTMENT)
    edition = Edition.objects.filter(code=code).exclude(state=EditionState.DRAFT).order_by("-version").first()
    if edition is None:
        raise Http404
    today = timezone.localdate()
    asked = request.GET if "start" in request.GET else None
    initial = {"start": date(today.year, 1, 1), "end": today, "draft": request.GET.get("draft")}
    form = ReplayForm(asked, offices=offices, edition=edition, initial=initial)
    context: dict[str, Any] = {"edition": edition, "form": form}
    if asked is not None and form.is_valid():
        data = form.cleaned_data
        keys = [data["office"].pk] if data["office"] else [office.pk for office in offices]
        outcome = replay(form.tried(), code=code, offices=keys, start=data["start"], end=data["end"])
        words = dict(form._clocks())
        context |= {
            "outcome": outcome,
            "tallies": [(words.get(key, key), tally) for key, tally in outcome.tallies.items()],
            "changed": [(words.get(row.key, row.key), row) for row in outcome.changed],
        }
    return render(request, "planning/replay.html", context, status=400 if asked is not None and form.errors else 200)
