"""Taking a complaint: through the site and at the office."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from applications.forms import (
    LONG,
    SHORT,
    ExecutorField,
    MomentInput,
    OnceForm,
    as_attachment,
)
from applications.identifiers import check_iin
from applications.intake import PersonData
from applications.models import Case, Language
from applications.public import key_of
from complaints.intake import Received
from complaints.models import About, ReplyWay, Way
from complaints.workflow import ComplaintKind
from offices.models import Membership, Office, User
from offices.policy import Staff
from offices.sending import dialled
from offices.uploads import Upload, checked
from services.models import Edition

_IIN_LENGTH = 12
_OLDEST = timedelta(days=366)


class OfficeField(forms.ModelChoiceField):
    """An office by its district and name."""

    def label_from_instance(self, obj: Any) -> str:
        return f"{obj.locality}: {obj.name}"


class ComplaintForm(OnceForm):
    """What a complaint holds. Only what it is about is required: no complaint may be refused for what it lacks.

    `sender` is whose files are counted: the member of staff, or a visitor's address.
    """

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
    file = forms.FileField(label=_("A file"), required=False, help_text=_("PDF, JPEG or PNG, up to 10 MB."))

    def __init__(self, *args: Any, sender: object, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.sender = sender

    def clean_file(self) -> Upload | None:
        """The file as it may be kept; the same check as for applications."""
        file = self.cleaned_data["file"]
        return checked(file, sender=self.sender) if file else None

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
        files = [as_attachment(data["file"], gettext("came with the complaint"))] if data["file"] else []
        return {name: data[name] for name in names} | {"person": self.person(), "files": files}


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
        "token", "office", "about", "case_number", "code", "essence", "demand", "file", "about_head", "last_name",
        "first_name", "patronymic", "iin", "address", "phone", "email", "reply_way", "wants_notices", "without_name", "homepage",
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
        everywhere = Case.objects.everywhere("number and code of the talon")
        key = key_of(everywhere.numbered(data.get("case_number", "")), data["code"])
        if key is None:
            self.add_error(
                "code",
                _("No application has this number together with this code. Check both, or leave the code empty."),
            )
            return
        self.case = everywhere.select_related("person", "edition", "office").get(pk=key)
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
        "essence", "demand", "file", "last_name", "first_name", "patronymic", "iin", "address", "phone", "email", "reply_way",
        "language",
    )  # fmt: skip

    def __init__(self, *args: Any, staff: Staff, roles: tuple[str, ...], **kwargs: Any) -> None:
        offices, self.staff = staff.offices(*roles), staff
        now = timezone.localtime().replace(second=0, microsecond=0)
        mine = Office.objects.filter(pk__in=offices).in_order()
        first = {"received_at": now, "language": "kk", "office": mine[0] if len(offices) == 1 else None}
        kwargs["initial"] = {**first, **kwargs.get("initial", {})}
        super().__init__(*args, sender=staff.user.pk, **kwargs)
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
