"""Forms of the counter: the person, the checklist of the edition, the whole registration."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from applications import drafts
from applications.forms.fields import BirthDateField, MomentInput, OnceForm
from applications.identifiers import check_iin
from applications.intake import Found, PersonData
from applications.models import DocumentStatus, Draft, FollowChannel, Language
from offices.sending import dialled
from services.models import DocumentRequirement, Edition

_IIN_PROBLEMS = {
    "length": _("An IIN has 12 digits."),
    "control": _("The control digit of this IIN does not fit."),
    "date": _("The IIN carries no valid date of birth."),
}
_IIN_LENGTH = 12
_OLDEST_HAND_IN = timedelta(days=366)


class PersonForm(OnceForm):
    """The applicant at the counter. A doubtful IIN warns and takes a reason; it never blocks (DOMAIN section 7)."""

    iin = forms.CharField(
        label=_("IIN"),
        max_length=20,
        required=False,
        widget=forms.TextInput({"inputmode": "numeric", "autofocus": True}),
    )
    iin_reason = forms.CharField(
        label=_("Why the IIN is missing or does not fit"),
        max_length=200,
        required=False,
        help_text=_("Only when the IIN is missing or marked as doubtful."),
    )
    last_name = forms.CharField(label=_("Surname"), max_length=120)
    first_name = forms.CharField(label=_("Name"), max_length=120)
    patronymic = forms.CharField(label=_("Patronymic"), max_length=120, required=False)
    birth_date = BirthDateField()
    address = forms.CharField(label=_("Address"), max_length=300, required=False)
    phone = forms.CharField(label=_("Phone"), max_length=40, required=False, widget=forms.TextInput({"type": "tel"}))
    email = forms.EmailField(label=_("E-mail"), required=False)
    old_identifier = forms.CharField(
        label=_("Old identifier"), max_length=40, required=False, help_text=_("SIC or TRN, if papers carry one.")
    )
    language = forms.ChoiceField(label=_("Language of the papers"), choices=Language.choices)
    received_at = forms.DateTimeField(label=_("Handed in"), widget=MomentInput())

    def clean_iin(self) -> str:
        """Digits only: people read the number in groups. What is longer than an IIN is another identifier."""
        iin = "".join(self.cleaned_data["iin"].split())
        if len(iin) > _IIN_LENGTH:
            raise forms.ValidationError(
                _("An IIN has 12 digits. Another number goes into the field of old identifiers.")
            )
        return iin

    def clean_received_at(self) -> datetime:
        """A paper cannot have been handed in later than now; longer ago than a year is a slip of the pen."""
        received, now = self.cleaned_data["received_at"], timezone.now()
        if received > now:
            raise forms.ValidationError(_("The time of hand-in lies in the future."))
        if received < now - _OLDEST_HAND_IN:
            raise forms.ValidationError(_("The time of hand-in lies more than a year back. Look at the year."))
        return received  # type: ignore[no-any-return]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if problem := self._iin_problem(data):
            if not data.get("iin_reason"):
                self.add_error(
                    "iin_reason",
                    forms.ValidationError(
                        _("%(problem)s Correct it, or say here why it is as it is."), params={"problem": problem}
                    ),
                )
        else:
            data["iin_reason"] = ""
            data["birth_date"] = data.get("birth_date") or _born(data.get("iin", ""))
        return data

    def _iin_problem(self, data: dict[str, Any]) -> str:
        if "iin" not in data:
            return ""
        if not data["iin"]:
            return gettext("There is no IIN.")
        if problem := iin_problem(data["iin"]):
            return problem
        born, carried = data.get("birth_date"), check_iin(data["iin"]).birth_date
        return gettext("The date of birth differs from the one in the IIN.") if born and born != carried else ""

    def person(self) -> PersonData:
        """What was taken down, for the act."""
        names = PersonData.__dataclass_fields__
        return PersonData(**{name: self.cleaned_data[name] for name in names})


def iin_problem(iin: str) -> str:
    """What is wrong with a number in words; empty where it passes the check."""
    problem = check_iin(iin).problem
    return str(_IIN_PROBLEMS[problem]) if problem else ""


def _born(iin: str) -> date | None:
    """The birth date a number carries; test numbers of the year 2099 tell none."""
    born = check_iin(iin).birth_date
    return born if born and born <= timezone.localdate() else None


class ChecklistMixin(forms.Form):
    """The checklist of the edition: what was found for each paper, and the defect where there is one."""

    all_here = forms.BooleanField(label=_("All papers that everybody needs are here"), required=False)
    edition: Edition

    def add_checklist(self, edition: Edition, found: dict[int, tuple[str, str]] | None = None) -> None:
        """Add two fields for every document of `edition`, filled with what was `found` before."""
        self.edition = edition
        self.requirements = list(edition.documents.all())
        for paper in self.requirements:
            status, defect = (found or {}).get(paper.pk, ("" if needed_by_all(paper) else "not_needed", ""))
            present = "shown" if paper.mode == "shown" else "handed_in"
            choices = [
                ("", "—"),
                *((value, text) for value, text in DocumentStatus.choices if value in (present, *_OTHERS)),
            ]
            self.fields[f"paper_{paper.pk}"] = forms.ChoiceField(
                label=paper.name, choices=choices, required=False, initial=status
            )
            self.fields[f"defect_{paper.pk}"] = forms.CharField(
                label=_("What is wrong with it"), max_length=300, required=False, initial=defect
            )

    def rows(self) -> list[dict[str, Any]]:
        """The checklist for the template: requirement and its two fields."""
        return [
            {"paper": paper, "status": self[f"paper_{paper.pk}"], "defect": self[f"defect_{paper.pk}"]}
            for paper in self.requirements
        ]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        groups: dict[str, list[str]] = {}
        for paper in self.requirements:
            status = data.get(f"paper_{paper.pk}", "")
            if not status and data.get("all_here") and needed_by_all(paper):
                status = data[f"paper_{paper.pk}"] = "shown" if paper.mode == "shown" else "handed_in"
            self._check(paper, status, data.get(f"defect_{paper.pk}", ""))
            if paper.alternative_group:
                groups.setdefault(paper.alternative_group, []).append(status)
        for group, statuses in groups.items():
            if set(statuses) <= {"not_needed", ""}:
                first = next(paper for paper in self.requirements if paper.alternative_group == group)
                self.add_error(
                    f"paper_{first.pk}",
                    _("One of these papers is needed: say which was given, or mark one as missing."),
                )
        return data

    def _check(self, paper: DocumentRequirement, status: str, defect: str) -> None:
        if not status:
            self.add_error(f"paper_{paper.pk}", _("Say what you found."))
        elif status == "not_needed" and needed_by_all(paper):
            self.add_error(f"paper_{paper.pk}", _("Everybody needs this paper."))
        elif status == "defective" and not defect:
            self.add_error(f"defect_{paper.pk}", _("Say what is wrong, so that the person can put it right."))

    def found(self) -> list[Found]:
        """The checklist for the act."""
        return [
            Found(paper, self.cleaned_data[f"paper_{paper.pk}"], self.cleaned_data[f"defect_{paper.pk}"])
            for paper in self.requirements
        ]


_OTHERS = ("missing", "defective", "not_checked", "not_needed")


def needed_by_all(paper: DocumentRequirement) -> bool:
    """Whether no condition or alternative frees anybody from bringing the paper."""
    return paper.required and not paper.condition_code and not paper.alternative_group


def check_button(form: ChecklistMixin, button: str) -> None:
    """Hold the pressed button against what was found: nothing incomplete is registered, nothing complete sent away."""
    if form.errors:
        return
    lacking = any(found.lacking for found in form.found())
    if button == "register" and lacking:
        form.add_error(None, _("Papers are missing or have a defect. Give the list of what is missing instead."))
    if button == "list" and not lacking:
        form.add_error(None, _("Nothing is missing. Register the application."))


class IntakeForm(PersonForm, ChecklistMixin):
    """The whole registration on one page; `prepared` is the code of what the person wrote at home."""

    prepared = forms.CharField(max_length=200, required=False, widget=forms.HiddenInput)
    tell_by = forms.MultipleChoiceField(
        label=_("The applicant wants to be told of each change"),
        choices=FollowChannel.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        wanted = data.get("tell_by", ())
        if FollowChannel.EMAIL in wanted and not data.get("email") and "email" not in self.errors:
            self.add_error("email", _("The applicant wants e-mails: write the address."))
        if FollowChannel.SMS in wanted and "phone" not in self.errors and dialled(data.get("phone", "")) is None:
            self.add_error("phone", _("The applicant wants SMS: write a number they can be sent to."))
        return data

    def fill_in(self, draft: Draft) -> None:
        """Start from what was prepared at home: the person, and which papers his situation does not need."""
        self.initial.update(drafts.person_of(draft), language=draft.language, prepared=drafts.code_of(draft.key))
        papers = drafts.papers_of(draft, self.edition)
        for paper in papers.spared:
            self.initial[f"paper_{paper.pk}"] = DocumentStatus.NOT_NEEDED
        for paper in (paper for place in papers.needed for paper in place if paper.condition_code):
            self.initial[f"paper_{paper.pk}"] = ""
