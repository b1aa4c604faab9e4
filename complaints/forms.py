"""Forms of complaints, for the site and for the staff. Each keeps what was typed and says what is wrong beside the field."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from applications.forms import (
    ActForm,
    DayInput,
    ExecutorField,
    MomentInput,
    OnceForm,
    ReasonForm,
    ReturnForm,
    TellForm,
)
from applications.identifiers import check_iin
from applications.intake import PersonData
from applications.models import Case, Language
from applications.public import key_of
from applications.querysets import eligible_executors
from complaints import queries
from complaints.casework import impartial_people
from complaints.intake import Received
from complaints.models import About, Complaint, ReplyWay, Way
from complaints.notices import MISSING
from complaints.workflow import ComplaintKind
from offices.models import Membership, Office, User
from offices.policy import Staff
from offices.sending import dialled
from offices.workflow import Role
from services.models import Edition

LONG, SHORT = 20_000, 2_000
_IIN_LENGTH = 12
_OLDEST = timedelta(days=366)


class OfficeField(forms.ModelChoiceField):
    """An office by its district and name."""

    def label_from_instance(self, obj: Any) -> str:
        return f"{obj.locality}: {obj.name}"


class ComplaintForm(OnceForm):
    """What a complaint holds. Only what it is about is required: no complaint may be refused for what it lacks."""

    office = OfficeField(label=_("Office complained of"), queryset=Office.objects.none())
    about = forms.ChoiceField(label=_("What it is about"), choices=About.choices, widget=forms.RadioSelect)
    case_number = forms.CharField(
        label=_("Number of your application"),
        max_length=30,
        required=False,
        help_text=_("If the complaint is about one. It stands on the talon, such as SHM-2026-00017."),
    )
    essence = forms.CharField(
        label=_("What happened"),
        max_length=LONG,
        widget=forms.Textarea({"rows": 8}),
        help_text=_("What was decided, done or not done, when, and why you do not agree."),
    )
    demand = forms.CharField(
        label=_("What you ask for"), max_length=SHORT, required=False, widget=forms.Textarea({"rows": 3})
    )
    about_head = forms.BooleanField(
        label=_("The head of the office is complained of"),
        required=False,
        help_text=_("Such a complaint goes to the higher body."),
    )
    last_name = forms.CharField(label=_("Surname"), max_length=120, required=False)
    first_name = forms.CharField(label=_("Name"), max_length=120, required=False)
    patronymic = forms.CharField(label=_("Patronymic"), max_length=120, required=False)
    iin = forms.CharField(
        label=_("IIN"),
        max_length=20,
        required=False,
        widget=forms.TextInput({"inputmode": "numeric", "autocomplete": "off"}),
    )
    address = forms.CharField(label=_("Postal address"), max_length=300, required=False)
    phone = forms.CharField(label=_("Phone"), max_length=40, required=False, widget=forms.TextInput({"type": "tel"}))
    email = forms.EmailField(label=_("E-mail"), required=False)
    reply_way = forms.ChoiceField(label=_("How you want the answer"), choices=ReplyWay.choices)

    def clean_essence(self) -> str:
        """Spaces alone say nothing."""
        essence: str = self.cleaned_data["essence"].strip()
        if not essence:
            raise forms.ValidationError(_("Say what it is about."))
        return essence

    def clean_phone(self) -> str:
        """A number from any country, as long as it can be dialled."""
        phone: str = self.cleaned_data["phone"].strip()
        if phone and dialled(phone) is None:
            raise forms.ValidationError(
                _("This number cannot be dialled. Write a number from abroad with + and the code of the country.")
            )
        return phone

    def clean_iin(self) -> str:
        """Digits in groups are fine. A doubtful number is taken as it is: it must not stop a complaint."""
        iin = "".join(self.cleaned_data["iin"].split())
        if len(iin) > _IIN_LENGTH or (iin and not iin.isdigit()):
            raise forms.ValidationError(_("An IIN has 12 digits."))
        return iin

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if bool(data.get("last_name")) != bool(data.get("first_name")):
            missing = "first_name" if data.get("last_name") else "last_name"
            if missing not in self.errors:
                self.add_error(missing, _("Give surname and name, or neither."))
        needed: dict[Any, str] = {ReplyWay.POST: "address", ReplyWay.EMAIL: "email"}
        if (
            (field := needed.get(data.get("reply_way")))
            and not data.get(field)
            and field not in self.errors
            and self._named(data)
        ):
            self.add_error(field, _("The answer is to go there: fill it in, or choose another way of answering."))
        return data

    def _named(self, data: dict[str, Any]) -> bool:
        return bool(data.get("last_name"))

    def person(self) -> PersonData | None:
        """Who complains, None for somebody without a name."""
        data = self.cleaned_data
        if not data["last_name"]:
            return None
        names = ("last_name", "first_name", "patronymic", "iin", "address", "phone", "email")
        doubtful = bool(check_iin(data["iin"]).problem) if data["iin"] else True
        reason = gettext("as given with a complaint") if doubtful else ""
        return PersonData(**{name: data[name] for name in names}, iin_reason=reason)

    def common(self) -> dict[str, Any]:
        """What both kinds of form give the act."""
        data = self.cleaned_data
        names = ("office", "about", "essence", "demand", "reply_way", "about_head")
        return {name: data[name] for name in names} | {"person": self.person()}


class PublicForm(ComplaintForm):
    """The form of the site: it also takes the code of the talon, and asks once whoever leaves his name out."""

    code = forms.CharField(
        label=_("Code of the talon"),
        max_length=20,
        required=False,
        widget=forms.TextInput({"class": "govuk-input--width-20", "autocomplete": "off", "spellcheck": "false"}),
        help_text=_(
            "With number and code the complaint is tied to your application, and you need not type who you are."
        ),
    )
    wants_notices = forms.BooleanField(
        label=_("Tell me by e-mail or SMS when something changes"),
        required=False,
        help_text=_("To the e-mail or the phone given here. The message names nobody."),
    )
    without_name = forms.BooleanField(
        label=_("I send it without my name"),
        required=False,
        help_text=_("The office may not be able to answer then, and the law may leave it unconsidered."),
    )
    # For robots, which fill in everything. People do not see it.
    homepage = forms.CharField(required=False, widget=forms.TextInput({"tabindex": "-1", "autocomplete": "off"}))

    field_order = (
        "token", "office", "about", "case_number", "code", "essence", "demand", "about_head", "last_name", "first_name",
        "patronymic", "iin", "address", "phone", "email", "reply_way", "wants_notices", "without_name", "homepage",
    )  # fmt: skip

    def __init__(self, *args: Any, kind: str, edition: Edition | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.kind, self.edition = kind, edition
        self.case: Case | None = None
        self.fields["office"].queryset = Office.objects.departments().filter(active=True).in_order()  # type: ignore[attr-defined]
        if kind != ComplaintKind.COMPLAINT:
            self.fields["about"].initial = None

    def clean_homepage(self) -> str:
        """Only a robot writes here."""
        if self.cleaned_data["homepage"]:
            raise forms.ValidationError(_("Leave this field empty: it is there to keep robots out."))
        return ""

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        self._tie_to_the_case(data)
        self._ask_for_the_name(data)
        if data.get("wants_notices") and not (data.get("email") or data.get("phone")):
            self.add_error("wants_notices", _("Give an e-mail or a phone to which the message can go."))
        return data

    def _tie_to_the_case(self, data: dict[str, Any]) -> None:
        """Unknown number and wrong code are told the same. Without a code the number is only quoted."""
        if not data.get("code"):
            return
        rows = Case.objects.numbered(data.get("case_number", ""))
        key = key_of(rows, data["code"])
        if key is None:
            self.add_error(
                "code",
                _("No application has this number together with this code. Check both, or leave the code empty."),
            )
            return
        self.case = Case.objects.select_related("person", "edition", "office").get(pk=key)
        if "office" in data and self.case is not None and self.case.office_id != data["office"].pk:
            self.add_error("office", _("This application belongs to another office."))

    def _ask_for_the_name(self, data: dict[str, Any]) -> None:
        nameless = not (data.get("last_name") or data.get("first_name") or self.case or data.get("without_name"))
        if nameless and not {"code", "last_name", "first_name"} & self.errors.keys():
            self.add_error("last_name", _("Give your name, or tick below that you send it without your name."))

    @property
    def wrong_code(self) -> bool:
        """Whether a code was tried that fits no number."""
        return "code" in self.errors

    def received(self, at: datetime, language: str) -> Received:
        """What is registered."""
        data = self.cleaned_data
        essence = data["essence"]
        if data["case_number"] and self.case is None:
            # Not proved to be his: quoted for the official, tied to nothing.
            quoted = gettext("Number of your application")
            essence = f"{essence}\n\n{quoted}: {data['case_number']}"
        return Received(
            kind=self.kind, way=Way.SITE, received_at=at, language=language, wants_notices=data["wants_notices"],
            case=self.case, proved=self.case is not None, edition=self.edition, **{**self.common(), "essence": essence},
        )  # fmt: skip


class RegisterForm(ComplaintForm):
    """The office takes a complaint: from paper, by post, or told at the reception and written down."""

    kind = forms.ChoiceField(label=_("Kind"), choices=ComplaintKind.choices)
    way = forms.ChoiceField(label=_("How it came"), choices=[row for row in Way.choices if row[0] != Way.SITE])
    received_at = forms.DateTimeField(label=_("Received"), widget=MomentInput())
    language = forms.ChoiceField(label=_("Language of the papers"), choices=Language.choices)
    challenged = ExecutorField(label=_("Official complained of"), queryset=User.objects.none(), required=False)
    edition = forms.ModelChoiceField(label=_("Service"), queryset=Edition.objects.none(), required=False)

    field_order = (
        "token", "office", "kind", "way", "received_at", "about", "case_number", "edition", "challenged", "about_head",
        "essence", "demand", "last_name", "first_name", "patronymic", "iin", "address", "phone", "email", "reply_way",
        "language",
    )  # fmt: skip

    def __init__(self, *args: Any, staff: Staff, roles: tuple[str, ...], **kwargs: Any) -> None:
        offices, self.staff = staff.offices(*roles), staff
        now = timezone.localtime().replace(second=0, microsecond=0)
        mine = Office.objects.filter(pk__in=offices).in_order()
        first = {"received_at": now, "language": "kk", "office": mine[0] if len(offices) == 1 else None}
        kwargs["initial"] = {**first, **kwargs.get("initial", {})}
        super().__init__(*args, **kwargs)
        self.case: Case | None = None
        self.fields["essence"].required = False
        members = Membership.objects.on(timezone.localdate()).filter(office_id__in=offices)
        people = User.objects.filter(is_active=True, pk__in=members.values("user")).order_by("last_name", "first_name")
        editions = Edition.objects.published().filter(uses__office_id__in=offices).select_related("service").distinct()
        for name, rows in (("office", mine), ("challenged", people), ("edition", editions)):
            self.fields[name].queryset = rows  # type: ignore[attr-defined]
        self.fields["case_number"].label = gettext("Number of the application")

    def clean_essence(self) -> str:
        """The office registers it even if it says nothing; what is missing is asked for afterwards."""
        return str(self.cleaned_data["essence"]).strip()

    def clean_case_number(self) -> str:
        """The application it concerns, if it has a number."""
        number = str(self.cleaned_data["case_number"]).strip()
        if number:
            rows = Case.objects.visible_to(self.staff).numbered(number)
            self.case = rows.select_related("person", "edition", "office").first()
            if self.case is None:
                raise forms.ValidationError(_("Your office has no application of this number."))
        return number

    def clean_received_at(self) -> datetime:
        """Not in the future, and not longer ago than a year."""
        received, now = self.cleaned_data["received_at"], timezone.now()
        if received > now:
            raise forms.ValidationError(_("The time of receipt lies in the future."))
        if received < now - _OLDEST:
            raise forms.ValidationError(_("The time of receipt lies more than a year back. Look at the year."))
        return received  # type: ignore[no-any-return]

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        if self.case is not None and data.get("office") and self.case.office_id != data["office"].pk:
            self.add_error("case_number", _("This application belongs to another office."))
        return data

    def received(self) -> Received:
        """What is registered. At the counter the person is the one of the case unless another one was written down."""
        data = self.cleaned_data
        names = ("kind", "way", "received_at", "language", "challenged", "edition")
        proved = self.case is not None and not data["last_name"]
        return Received(case=self.case, proved=proved, **self.common(), **{name: data[name] for name in names})


# ------------------------------------------------------------------ acts


class ConsidererForm(ActForm):
    """Who considers it; those whom the complaint bars are not offered."""

    executor = ExecutorField(label=_("Who considers it"), queryset=User.objects.none())

    def set_up(self) -> None:
        people = impartial_people(self.case, timezone.localdate(), Role.EXECUTOR, Role.DEPUTY, Role.HEAD)
        field = self.fields["executor"]
        field.queryset = people  # type: ignore[attr-defined]
        if len(people) == 1:
            field.initial = people[0]


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


class JournalFilter(forms.Form):
    """Filters of the journal, all in the address: nothing personal."""

    mark_optional = False

    kind = forms.ChoiceField(label=_("Kind"), choices=[("", _("all kinds")), *ComplaintKind.choices], required=False)
    state = forms.ChoiceField(
        label=_("Which"),
        choices=[
            ("", _("all")), ("open", _("under way")), ("late", _("past their term")), ("substantiated", _("substantiated")),
        ],
        required=False,
    )  # fmt: skip
    start = forms.DateField(label=_("From"), required=False, widget=DayInput())
    end = forms.DateField(label=_("To"), required=False, widget=DayInput())


__all__ = [
    "ActForm", "AskForm", "CompleteForm", "ConsiderForm", "ConsidererForm", "DeliverForm", "ExtendForm", "ForwardForm",
    "JournalFilter", "NoteForm", "OutsideAnswerForm", "PreliminaryForm", "PublicForm", "ReasonForm", "ReconsidererForm",
    "RegisterForm", "RemedyForm", "ReturnForm", "TellForm", "TextForm",
]  # fmt: skip
