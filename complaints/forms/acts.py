"""The forms of the acts on a complaint."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from applications.forms import (
    LONG,
    SHORT,
    ActForm,
    DayInput,
    ExecutorField,
    MomentInput,
)
from applications.intake import PersonData
from applications.querysets import eligible_executors
from complaints import queries
from complaints.casework import impartial_people
from complaints.forms.receiving import OfficeField
from complaints.models import Complaint, ReplyWay
from complaints.notices import MISSING
from offices.models import Office, User
from offices.workflow import Role


class ConsidererForm(ActForm):
    """Who considers it; those whom the complaint bars are not offered."""

    executor = ExecutorField(label=_("Who considers it"), queryset=User.objects.none())

    def set_up(self) -> None:
        people = impartial_people(self.case, timezone.localdate(), Role.EXECUTOR, Role.DEPUTY, Role.HEAD)
        self.fields["executor"].offer(people)  # type: ignore[attr-defined]


class ReconsidererForm(ConsidererForm):
    """Somebody else considers it."""

    reason = forms.CharField(label=_("Reason"), max_length=300)


class ConsiderForm(ActForm):
    """What was found, the outcome, the answer."""

    wide = True
    substantiated = forms.TypedChoiceField(
        label=_("The complaint is"),
        choices=[("yes", _("substantiated")), ("no", _("not substantiated"))],
        coerce=lambda value: value == "yes",
        widget=forms.RadioSelect,
    )
    outcome = forms.ChoiceField(label=_("Outcome"), choices=(), help_text=_("The closed list of the law."))
    text = forms.CharField(
        label=_("Text of the answer"),
        max_length=LONG,
        widget=forms.Textarea({"rows": 8}),
        help_text=_("In the person's language: what was checked, what was found, why."),
    )

    def set_up(self) -> None:
        row: Complaint = self.case
        home = row.regime.goes_higher and row.at_the_body_complained_of
        fitting = [found for found in row.regime.outcomes if found.satisfies == "full" or not home]
        self.fields["outcome"].choices = [("", "—"), *((found.code, found.name) for found in fitting)]  # type: ignore[attr-defined]
        if row.answer_text:
            known = {True: "yes", False: "no"}.get(row.substantiated)  # type: ignore[arg-type]
            self.initial.update(substantiated=known, outcome=row.outcome, text=row.answer_text)


class OutsideAnswerForm(ConsiderForm):
    """The answer of a body outside this system."""

    decided_at = forms.DateTimeField(label=_("Date of the answer"), widget=MomentInput())


class ForwardForm(ActForm):
    """To whom it is passed on."""

    to = OfficeField(label=_("Body of this list"), queryset=Office.objects.none(), required=False)
    to_body = forms.CharField(label=_("Another body"), max_length=300, required=False)
    reason = forms.CharField(
        label=_("Reason"), max_length=SHORT, widget=forms.Textarea({"rows": 3}), help_text=_("The person reads it.")
    )

    def set_up(self) -> None:
        office: Office = self.case.office
        above = [body.pk for body in (office.parent, office.appeal_body) if body is not None]
        near = Office.objects.filter(oblast=office.oblast, active=True).exclude(pk=office.pk).exclude(kind="centre")
        field = self.fields["to"]
        field.queryset = near.in_order()  # type: ignore[attr-defined]
        if above:
            self.initial["to"] = above[0]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if bool(data.get("to")) == bool((data.get("to_body") or "").strip()):
            self.add_error("to_body", _("Choose a body of the list, or name another one."))
        return data


class ExtendForm(ActForm):
    """A longer term."""

    extension = forms.ChoiceField(label=_("Why the law lets it be longer"), choices=())
    until = forms.DateField(label=_("New last day"), widget=DayInput())
    reason = forms.CharField(
        label=_("Reasons of the decision"),
        max_length=SHORT,
        widget=forms.Textarea({"rows": 4}),
        help_text=_("The person reads it."),
    )

    def set_up(self) -> None:
        rows = []
        for rule in self.case.regime.extensions:
            latest = queries.latest_day(self.case, rule.code)
            limit = gettext("not after %(day)s") % {"day": f"{latest:%d.%m.%Y}"} if latest else ""
            rows.append((rule.code, f"{rule.name} ({limit})" if limit else rule.name))
        self.fields["extension"].choices = rows  # type: ignore[attr-defined]


class AskForm(ActForm):
    """What is missing, and until when."""

    missing = forms.MultipleChoiceField(label=_("What is missing"), choices=(), widget=forms.CheckboxSelectMultiple)
    until = forms.DateField(label=_("To be given until"), widget=DayInput())
    note = forms.CharField(
        label=_("Note for the person"), max_length=SHORT, required=False, widget=forms.Textarea({"rows": 3})
    )

    def set_up(self) -> None:
        wanted = self.case.regime.must_hold
        self.fields["missing"].choices = [(name, MISSING[name]) for name in wanted]  # type: ignore[attr-defined]
        self.initial["missing"] = self.case.missing


class CompleteForm(ActForm):
    """What has come."""

    last_name = forms.CharField(label=_("Surname"), max_length=120, required=False)
    first_name = forms.CharField(label=_("Name"), max_length=120, required=False)
    patronymic = forms.CharField(label=_("Patronymic"), max_length=120, required=False)
    iin = forms.CharField(
        label=_("IIN"), max_length=12, required=False, widget=forms.TextInput({"inputmode": "numeric"})
    )
    address = forms.CharField(label=_("Postal address"), max_length=300, required=False)
    text = forms.CharField(
        label=_("What the person adds"), max_length=LONG, required=False, widget=forms.Textarea({"rows": 5})
    )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if bool(data.get("last_name")) != bool(data.get("first_name")):
            self.add_error("last_name", _("Give surname and name, or neither."))
        return data

    def arguments(self) -> dict[str, Any]:
        data = self.cleaned_data
        names = ("last_name", "first_name", "patronymic", "iin", "address")
        reason = gettext("as given with a complaint")
        person = PersonData(**{name: data[name] for name in names}, iin_reason=reason) if data["last_name"] else None
        return {"person": person, "text": data["text"]}


class PreliminaryForm(ActForm):
    """The preliminary decision."""

    text = forms.CharField(
        label=_("Preliminary decision"), max_length=LONG, required=False, widget=forms.Textarea({"rows": 6})
    )
    waived = forms.BooleanField(label=_("The person asked not to be heard"), required=False)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if bool((data.get("text") or "").strip()) == bool(data.get("waived")):
            self.add_error("text", _("Write the preliminary decision, or tick that the person asked not to be heard."))
        return data


class TextForm(ActForm):
    """What somebody says."""

    text = forms.CharField(label=_("What the person says"), max_length=LONG, widget=forms.Textarea({"rows": 6}))


class DeliverForm(ActForm):
    """How the answer goes out."""

    way = forms.ChoiceField(label=_("Way"), choices=ReplyWay.choices)
    note = forms.CharField(
        label=_("Note"), required=False, max_length=200, help_text=_("Who received it, number of the postal item.")
    )

    def set_up(self) -> None:
        self.initial["way"] = self.case.reply_way


class RemedyForm(ActForm):
    """What the answer leads to."""

    reopen = forms.TypedChoiceField(
        label=_("What is done"),
        choices=[("yes", _("the case is reopened and decided anew")), ("no", _("another measure"))],
        coerce=lambda value: value == "yes",
        widget=forms.RadioSelect,
    )
    executor = ExecutorField(label=_("Executor of the reopened case"), queryset=User.objects.none(), required=False)
    note = forms.CharField(
        label=_("Which measure"), max_length=SHORT, required=False, widget=forms.Textarea({"rows": 3})
    )

    def set_up(self) -> None:
        if self.case.case_id is None:
            self.fields["reopen"].choices = [("no", _("another measure"))]  # type: ignore[attr-defined]
            self.initial["reopen"] = "no"
            del self.fields["executor"]
            return
        self.fields["executor"].queryset = eligible_executors(self.case.about_office_id, timezone.now())  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("reopen") and not data.get("executor"):
            self.add_error("executor", _("Say who decides the case anew."))
        if data.get("reopen") is False and not (data.get("note") or "").strip():
            self.add_error("note", _("Say which measure."))
        return data


class NoteForm(ActForm):
    """A note."""

    note = forms.CharField(label=_("Note"), max_length=SHORT, required=False, widget=forms.Textarea({"rows": 3}))
