"""Forms of the acts on a case, one an act."""

from __future__ import annotations

import hashlib
import uuid
from typing import Any, ClassVar

from django import forms
from django.conf import settings
from django.core.files.base import ContentFile
from django.utils import timezone, translation
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from applications.actions import ways_of
from applications.forms.fields import LONG, SHORT, MomentInput, OnceForm
from applications.forms.receiving import ChecklistMixin
from applications.models import Attachment, DecisionKind
from applications.querysets import eligible_executors
from offices.models import User
from offices.uploads import Upload, checked
from services.models import Ground


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

    def offer(self, people: Any) -> None:
        """Let one of `people` be chosen; where there is only one, he is chosen already."""
        self.queryset = people
        if len(people) == 1:
            self.initial = people[0]


class AssignForm(ActForm):
    """Resolution."""

    executor = ExecutorField(label=_("Responsible executor"), queryset=User.objects.none())

    def set_up(self) -> None:
        people = eligible_executors(self.case.office_id, timezone.now())
        self.fields["executor"].offer(people)  # type: ignore[attr-defined]


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
        max_length=LONG,
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
        max_length=LONG,
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

    reason = forms.CharField(label=_("What has to be changed"), max_length=SHORT, widget=forms.Textarea({"rows": 3}))


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
