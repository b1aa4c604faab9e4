"""Forms of the staff's pages. Each keeps what was typed and says what is wrong beside the field."""

from __future__ import annotations

import hashlib
import re
import uuid
from datetime import date, datetime, timedelta
from typing import Any, ClassVar

from django import forms
from django.conf import settings
from django.core.files.base import ContentFile
from django.http import QueryDict
from django.utils import timezone, translation
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from applications import drafts
from applications.actions import ways_of
from applications.identifiers import check_iin
from applications.intake import Found, PersonData
from applications.models import Attachment, DecisionKind, DocumentStatus, Draft, FollowChannel, Language
from applications.querysets import eligible_executors
from offices.models import User
from offices.sending import dialled
from offices.uploads import Upload, checked
from services.models import DocumentRequirement, Edition, Ground

_IIN_PROBLEMS = {
    "length": _("An IIN has 12 digits."),
    "control": _("The control digit of this IIN does not fit."),
    "date": _("The IIN carries no valid date of birth."),
}
_IIN_LENGTH = 12


# Scanners and word processors leave signs in a text that nobody sees and that no spreadsheet or PDF can hold.
_SEPARATORS, _INVISIBLE = re.compile("[\v\f\x1c-\x1f\x85]"), re.compile("[\x00-\x08\x0e-\x1b\x7f-\x9f\ufffe\uffff]")
_LONG, _SHORT = 20_000, 2_000  # letters in a text of a paper, in a note
_OLDEST_HAND_IN = timedelta(days=366)
_OTHER_FORM = _("This form did not come whole. Look the page over, then send it again.")


class MomentInput(forms.DateTimeInput):
    """Date and time of the office in one field of the browser."""

    input_type = "datetime-local"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%dT%H:%M")


class DayInput(forms.DateInput):
    """A date in the browser's own field."""

    input_type = "date"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%d")


class OnceForm(forms.Form):
    """A form that counts once: its token leads every repetition to the same case."""

    token = forms.UUIDField(widget=forms.HiddenInput, error_messages={"required": _OTHER_FORM, "invalid": _OTHER_FORM})

    def __init__(self, data: QueryDict | None = None, *args: Any, **kwargs: Any) -> None:
        kwargs["initial"] = {"token": uuid.uuid4(), **kwargs.get("initial", {})}
        super().__init__(data and _legible(data), *args, **kwargs)

    def full_clean(self) -> None:
        """Give a form without a good token a new one, so that it can be sent again."""
        super().full_clean()
        if "token" in self.errors:
            self.put("token", str(uuid.uuid4()))

    def put(self, name: str, value: str) -> None:
        """Let the page show `value` in a hidden field in place of what was sent."""
        self.data = self.data.copy()  # type: ignore[attr-defined]
        self.data[name] = value  # type: ignore[index]


def _legible(data: QueryDict) -> QueryDict:
    """What was sent, without signs that cannot be seen."""
    clean = data.copy()
    for name, values in data.lists():
        clean.setlist(name, [_INVISIBLE.sub("", _SEPARATORS.sub(" ", value)) for value in values])
    return clean


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
    birth_date = forms.DateField(label=_("Date of birth"), required=False, widget=DayInput())
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

    def clean_birth_date(self) -> Any:
        """A birth date must lie in the past."""
        born = self.cleaned_data["birth_date"]
        if born and born > timezone.localdate():
            raise forms.ValidationError(_("The date of birth lies in the future."))
        return born

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


class ActForm(OnceForm):
    """The form of an act on a case or a complaint. `version` is what the person saw; `by` is who sends it."""

    version = forms.IntegerField(widget=forms.HiddenInput)
    wide: ClassVar[bool] = False

    def __init__(self, *args: Any, case: Any, by: User | None = None, **kwargs: Any) -> None:
        self.case, self.by = case, by
        kwargs["initial"] = {"version": case.version, **kwargs.get("initial", {})}
        super().__init__(*args, **kwargs)
        self.set_up()

    def set_up(self) -> None:
        """Fill in what depends on the case."""

    def on_newest(self) -> None:
        """Stand on the case as it is now: who was refused because it had moved on has been told, and decides again."""
        self.put("version", str(type(self.case).objects.anew(self.case).values_list("version", flat=True).get()))

    def arguments(self) -> dict[str, Any]:
        """The act's own arguments."""
        return {name: value for name, value in self.cleaned_data.items() if name not in ("token", "version")}


class ExecutorField(forms.ModelChoiceField):
    """A member of staff by full name and post."""

    def label_from_instance(self, obj: Any) -> str:
        return f"{obj.get_full_name()}, {obj.post}" if obj.post else str(obj.get_full_name())


class AssignForm(ActForm):
    """Resolution."""

    executor = ExecutorField(label=_("Responsible executor"), queryset=User.objects.none())

    def set_up(self) -> None:
        people = eligible_executors(self.case.office_id, timezone.now())
        field = self.fields["executor"]
        field.queryset = people  # type: ignore[attr-defined]
        if len(people) == 1:
            field.initial = people[0]


class ReassignForm(AssignForm):
    """Another executor."""

    reason = forms.CharField(label=_("Reason"), max_length=300)


class CommissionForm(ActForm):
    """The commission's decision."""

    number = forms.CharField(label=_("Number of the commission's decision"), max_length=40)
    decided_at = forms.DateTimeField(label=_("Decision received"), widget=MomentInput())


class PrepareForm(ActForm):
    """Notice or reasoned refusal."""

    wide = True
    kind = forms.ChoiceField(label=_("Decision"), choices=DecisionKind.choices, widget=forms.RadioSelect)
    text = forms.CharField(
        label=_("Text of the paper"),
        max_length=_LONG,
        widget=forms.Textarea({"rows": 6}),
        help_text=_("In the applicant's language. Add amount and period where the service has them."),
    )
    grounds = forms.ModelMultipleChoiceField(
        label=_("Grounds for refusal"),
        queryset=Ground.objects.none(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("For a refusal only."),
    )
    facts = forms.CharField(
        label=_("Facts of this case"),
        max_length=_LONG,
        required=False,
        widget=forms.Textarea({"rows": 4}),
        help_text=_("For a refusal only: what was found, in which paper, on which date."),
    )

    def set_up(self) -> None:
        grounds = self.case.edition.grounds.exclude(kind="suspension")
        field = self.fields["grounds"]
        field.queryset = grounds  # type: ignore[attr-defined]
        earlier = self.case.decisions.filter(set_aside_at=None).order_by("-pk").first()
        if earlier:
            given = [row.ground_id for row in earlier.grounds.all()]
            self.initial.update(kind=earlier.kind, text=earlier.text, facts=earlier.facts, grounds=given)
        else:
            self.initial["text"] = self._usual_text()

    def _usual_text(self) -> str:
        with translation.override(self.case.language):
            received = timezone.localtime(self.case.received_at)
            words = {"number": self.case.number, "date": f"{received:%d.%m.%Y}", "service": self.case.edition.name}
            return (
                gettext(
                    "Your application No. %(number)s of %(date)s for the service “%(service)s” has been considered."
                )
                % words
            )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        refusal = data.get("kind") == DecisionKind.REFUSAL
        if refusal and not data.get("grounds"):
            self.add_error("grounds", _("A refusal needs a ground from the list of this service."))
        if refusal and not data.get("facts"):
            self.add_error("facts", _("A refusal needs the facts of this case."))
        if data.get("kind") == DecisionKind.GRANT and data.get("grounds"):
            self.add_error("grounds", _("Grounds belong to a refusal. Clear them, or choose the refusal."))
        return data

    def arguments(self) -> dict[str, Any]:
        return super().arguments() | {
            "kind": DecisionKind(self.cleaned_data["kind"]),
            "grounds": list(self.cleaned_data["grounds"]),
        }


class ReturnForm(ActForm):
    """Back to the executor."""

    reason = forms.CharField(label=_("What has to be changed"), max_length=_SHORT, widget=forms.Textarea({"rows": 3}))


class TellForm(ActForm):
    """How the person was told."""

    how = forms.ChoiceField(
        label=_("How the applicant was told"),
        choices=[
            ("phone", _("by phone")),
            ("person", _("in person")),
            ("sms", _("by SMS")),
            ("email", _("by e-mail")),
            ("post", _("by letter")),
        ],
    )


class HandOverForm(ActForm):
    """Handing over or sending."""

    way = forms.ChoiceField(label=_("Way"), choices=())
    note = forms.CharField(
        label=_("Note"), required=False, max_length=200, help_text=_("Who received it, number of the postal item.")
    )

    def set_up(self) -> None:
        self.fields["way"].choices = [(way, WAYS.get(way, way)) for way in ways_of(self.case)]  # type: ignore[attr-defined]


WAYS = {
    "in_person": _("in person"),
    "post": _("by post"),
    "email": _("by e-mail"),
    "centre": _("at the service centre"),
}


class ReasonForm(ActForm):
    """An act that needs a reason."""

    reason = forms.CharField(label=_("Reason"), max_length=300)


class AttachForm(ActForm):
    """A file that is what its name says."""

    file = forms.FileField(label=_("File"), help_text=_("PDF, JPEG or PNG, up to 10 MB."))
    reason = forms.CharField(
        label=_("What it is and why it is kept"),
        max_length=200,
        help_text=_("Identity documents are not copied unless the office cannot check them otherwise."),
    )

    def clean_file(self) -> Upload:
        """The file as it may be kept; a case holds a limited number."""
        if self.case.attachments.count() >= settings.FILES_A_CASE:
            raise forms.ValidationError(
                _("This case holds %(count)d files already.") % {"count": settings.FILES_A_CASE}
            )
        return checked(self.cleaned_data["file"], sender=self.by and self.by.pk)

    def arguments(self) -> dict[str, Any]:
        return {"attachment": as_attachment(self.cleaned_data["file"], self.cleaned_data["reason"])}


def as_attachment(file: Upload, reason: str) -> Attachment:
    """The row of a checked file, for the act to save."""
    attachment = Attachment(
        name=file.name, content_type=file.content_type, size=len(file.content),
        sha256=hashlib.sha256(file.content).hexdigest(), reason=reason,
    )  # fmt: skip
    # The act's own `save` puts the file on the disk, under a name that tells nothing: a refused act leaves none there.
    attachment.file = ContentFile(file.content, name=f"{uuid.uuid4().hex}{file.ending}")
    return attachment


class AgainForm(ActForm, ChecklistMixin):
    """The package comes again, with what was missing."""

    wide = True
    received_at = forms.DateTimeField(label=_("Handed in"), widget=MomentInput())

    def set_up(self) -> None:
        found = {row.requirement_id: (row.status, row.defect) for row in self.case.documents.all()}
        self.add_checklist(self.case.edition, found)
        self.initial.setdefault("received_at", timezone.localtime().replace(second=0, microsecond=0))

    def arguments(self) -> dict[str, Any]:
        return {"documents": self.found(), "received_at": self.cleaned_data["received_at"]}


class ScanForm(OnceForm):
    """Numbers as a scanner gives them: one a line."""

    numbers = forms.CharField(
        label=_("Numbers"),
        max_length=_LONG,
        widget=forms.Textarea({"rows": 6, "spellcheck": "false"}),
        help_text=_("Scan one after another; each stands on its own line."),
    )


class SearchForm(forms.Form):
    """One field for number, IIN and name."""

    q = forms.CharField(
        label=_("Number, IIN or name"), max_length=120, widget=forms.TextInput({"type": "search", "autofocus": True})
    )


class JournalFilter(forms.Form):
    """Filters of a journal, all in the address: nothing personal."""

    mark_optional = False

    book = forms.ChoiceField(
        label=_("Book"),
        choices=[("registration", _("Journal of registration")), ("record", _("Record book"))],
        required=False,
    )
    start = forms.DateField(label=_("From"), required=False, widget=DayInput())
    end = forms.DateField(label=_("To"), required=False, widget=DayInput())
    edition = forms.ModelChoiceField(
        label=_("Service"), queryset=Edition.objects.published().select_related("service"), required=False
    )
