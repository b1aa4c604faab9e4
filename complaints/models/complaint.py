"""The complaint."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from applications.models import Attachment, Case, Decision, Matter, Paper, Person
from complaints.models.regime import Regime
from complaints.querysets import ComplaintQuerySet
from complaints.workflow import BEFORE_THE_ANSWER, ENDED, TONES, ComplaintKind, ComplaintMachine
from offices.fields import SealedJSON, SealedText
from offices.models import Office, User
from services.models import Edition


class Way(models.TextChoices):
    """How a complaint came."""

    COUNTER = "counter", _("on paper at the office")
    ORAL = "oral", _("told at the reception, written down by the office")
    POST = "post", _("by post")
    EMAIL = "email", _("by e-mail")
    COURIER = "courier", _("by courier")
    SITE = "site", _("through the site")


class ReplyWay(models.TextChoices):
    """How the person wants the answer."""

    POST = "post", _("by post")
    EMAIL = "email", _("by e-mail")
    IN_PERSON = "in_person", _("in person at the office")


class About(models.TextChoices):
    """What it is about."""

    DECISION = "decision", _("a decision or a paper")
    DELAY = "delay", _("a term that was missed, or nothing was done")
    CONDUCT = "conduct", _("the conduct of an official")
    QUEUE = "queue", _("the waiting or the conditions at the office")
    OTHER = "other", _("something else")


class Complaint(Matter, ComplaintMachine):
    """A complaint or an appeal, from its registration to what follows from it, pinned to the regime it began under."""

    kind = models.CharField(max_length=12, choices=ComplaintKind.choices)
    regime = models.ForeignKey(Regime, models.PROTECT, related_name="complaints")
    about_office = models.ForeignKey(Office, models.PROTECT, related_name="complaints_about")
    office = models.ForeignKey(Office, models.PROTECT, related_name="complaints", help_text="who considers it now")
    came_from = models.ForeignKey(Office, models.PROTECT, null=True, related_name="+", help_text="who passed it on")
    forwarded_to = models.CharField(max_length=300, blank=True, help_text="the body outside this system")
    way = models.CharField(max_length=10, choices=Way.choices)
    number = models.CharField(max_length=24, unique=True)
    first_number = models.CharField(max_length=24, blank=True, db_index=True, help_text="before it was passed on")
    person = models.ForeignKey(
        Person, models.PROTECT, null=True, related_name="complaints", help_text="null: anonymous"
    )
    contacts = SealedJSON(default=dict, help_text="address, phone, e-mail, typed IIN, as given for this complaint")
    reply_way = models.CharField(max_length=10, choices=ReplyWay.choices, default=ReplyWay.POST)
    wants_notices = models.BooleanField(default=False)
    about = models.CharField(max_length=10, choices=About.choices)
    essence = SealedText()
    demand = SealedText(blank=True)
    case = models.ForeignKey(Case, models.PROTECT, null=True, related_name="complaints")
    decision = models.ForeignKey(Decision, models.PROTECT, null=True, related_name="complaints")
    concerns = models.CharField(max_length=60, blank=True, help_text="another thing it concerns: visit:9, step:4")
    edition = models.ForeignKey(Edition, models.PROTECT, null=True, related_name="complaints")
    challenged = models.ForeignKey(
        User, models.PROTECT, null=True, related_name="+", help_text="the official complained of"
    )
    about_head = models.BooleanField(default=False, help_text="it is the head who is complained of: it goes up")
    executor = models.ForeignKey(User, models.PROTECT, null=True, related_name="complaints")
    received_at = models.DateTimeField()
    registered_at = models.DateTimeField(
        help_text="may lie ahead: after hours it is registered on the next working day"
    )
    missing = models.JSONField(default=list, help_text="what it must hold and does not")
    preliminary_at = models.DateTimeField(null=True, help_text="the preliminary decision was given")
    preliminary = SealedText(blank=True)
    objection = SealedText(blank=True)
    hearing_waived = models.BooleanField(default=False, help_text="the person asked not to be heard")
    substantiated = models.BooleanField(null=True)
    outcome = models.CharField(max_length=24, blank=True)
    satisfied = models.CharField(max_length=4, blank=True, help_text="full, part or none")
    answer_text = SealedText(blank=True)
    prepared_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    prepared_at = models.DateTimeField(null=True)
    answered_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    answered_for = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", help_text="absent, by order")
    answered_by_body = models.CharField(max_length=300, blank=True, help_text="a body outside this system")
    answered_at = models.DateTimeField(null=True)
    in_time = models.BooleanField(null=True, help_text="answered within the term")
    told_at = models.DateTimeField(null=True)
    delivered_at = models.DateTimeField(null=True)
    delivered_how = models.CharField(max_length=12, blank=True)
    remedy_at = models.DateTimeField(null=True, help_text="what it led to was begun: the case was reopened, or else")
    executed_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)

    closed_states = ENDED
    tones: ClassVar[dict[str, str]] = TONES
    noun = "complaint"
    objects = ComplaintQuerySet.as_manager()

    class Meta:
        verbose_name = _("complaint")
        indexes = (
            models.Index(fields=("office", "awaiting_unit", "due_at"), name="complaint_desk"),
            models.Index(fields=("about_office", "-registered_at"), name="complaint_register"),
            models.Index(fields=("about_office", "edition", "answered_at"), name="complaint_indicator"),
        )

    def __str__(self) -> str:
        return self.number

    def get_absolute_url(self) -> str:
        """The page of the staff."""
        return reverse("complaint", args=(self.pk,))

    @property
    def any_number(self) -> str:
        """Its number; the same word as for a case."""
        return self.number

    @property
    def what(self) -> str:
        """What it is, for lists."""
        return f"{self.get_kind_display()}: {self.get_about_display()}"

    @property
    def outcome_name(self) -> str:
        """The outcome in words."""
        found = self.regime.outcome(self.outcome)
        return found.name if found else ""

    @property
    def at_the_body_complained_of(self) -> bool:
        """Whether the body that has it now is the one it is about."""
        return self.office_id == self.about_office_id

    @property
    def answer_pending(self) -> bool:
        """Whether nobody has answered yet."""
        return self.state in BEFORE_THE_ANSWER

    @property
    def open_remedy(self) -> bool:
        """Whether what the answer grants has still to be carried out."""
        return self.answered_at is not None and self.satisfied in ("full", "part") and self.executed_at is None

    @property
    def attachments(self) -> models.QuerySet[Attachment]:
        """The files that came with it."""
        return Attachment.objects.filter(subject=self.subject).scoped()

    @property
    def papers(self) -> models.QuerySet[Paper]:
        """The papers made of it."""
        return Paper.objects.filter(subject=self.subject).scoped()
