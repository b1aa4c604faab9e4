"""Casework: persons, cases, their clocks, papers and events. A case moves only through actions.py."""

from __future__ import annotations

import uuid
from typing import Any

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from django_fsm import ConcurrentTransitionMixin

from applications.identifiers import mask_iin, talon_code
from applications.querysets import CaseQuerySet
from applications.workflow import CLOSED, CaseMachine
from offices.models import Office, User
from offices.text import fold, sort_key
from services.models import DocumentRequirement, Edition, Ground, Step
from services.workflow import StructuralUnit


class Language(models.TextChoices):
    """Languages of papers: kk and ru are of equal rank."""

    KAZAKH = "kk", _("Kazakh")
    RUSSIAN = "ru", _("Russian")


class Person(models.Model):
    """An applicant. The IIN is shown in full only where needed."""

    iin = models.CharField(_("IIN"), max_length=12, blank=True, db_index=True)
    iin_reason = models.CharField(_("why the IIN is missing or fails the check"), max_length=200, blank=True)
    old_identifier = models.CharField(_("old identifier"), max_length=40, blank=True)
    last_name = models.CharField(_("surname"), max_length=120)
    first_name = models.CharField(_("name"), max_length=120)
    patronymic = models.CharField(_("patronymic"), max_length=120, blank=True)
    birth_date = models.DateField(_("date of birth"), null=True, blank=True)
    address = models.CharField(_("address"), max_length=300, blank=True)
    phone = models.CharField(_("phone"), max_length=40, blank=True)
    email = models.EmailField(_("e-mail"), blank=True)
    merged_into = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="merged")
    search = models.TextField(editable=False)
    sort_key = models.CharField(max_length=200, editable=False)

    class Meta:
        verbose_name = _("person")
        constraints = (
            models.UniqueConstraint(
                fields=("iin",), condition=~models.Q(iin="") & models.Q(merged_into=None), name="one_person_an_iin"
            ),
        )

    def __str__(self) -> str:
        return self.full_name

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.search = fold(f"{self.full_name} {self.old_identifier}")
        self.sort_key = sort_key(self.full_name)
        super().save(*args, **kwargs)

    @property
    def full_name(self) -> str:
        """Surname, name, patronymic."""
        return " ".join(part for part in (self.last_name, self.first_name, self.patronymic) if part)

    @property
    def masked_iin(self) -> str:
        """The last four digits."""
        return mask_iin(self.iin)


class Channel(models.TextChoices):
    """Where the package was handed in."""

    DEPARTMENT = "department", _("at the department")
    CENTRE = "centre", _("at a service centre")


class Case(ConcurrentTransitionMixin, CaseMachine):
    """An application from hand-in to hand-over, pinned to the edition it began under."""

    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    version = models.PositiveIntegerField(default=0, help_text="counts acts; an act on an older version is refused")
    office = models.ForeignKey(Office, models.PROTECT, related_name="cases")
    centre = models.ForeignKey(Office, models.PROTECT, null=True, blank=True, related_name="centre_cases")
    edition = models.ForeignKey(Edition, models.PROTECT, related_name="cases")
    person = models.ForeignKey(Person, models.PROTECT, related_name="cases")
    channel = models.CharField(max_length=12, choices=Channel.choices, default=Channel.DEPARTMENT)
    language = models.CharField(max_length=2, choices=Language.choices, default=Language.KAZAKH)
    number = models.CharField(max_length=20, blank=True, db_index=True)
    centre_number = models.CharField(max_length=20, blank=True, db_index=True)
    submissions = models.PositiveSmallIntegerField(default=1)
    complete_first_time = models.BooleanField(null=True)
    executor = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="cases")
    awaiting_unit = models.CharField(max_length=20, blank=True, choices=StructuralUnit.choices)
    due_at = models.DateTimeField(null=True, help_text="the nearest due moment of the open clocks")
    received_at = models.DateTimeField(help_text="the complete package was handed in")
    registered_at = models.DateTimeField(null=True)
    commission_number = models.CharField(max_length=40, blank=True)
    commission_at = models.DateTimeField(null=True)
    signed_at = models.DateTimeField(null=True)
    recorded_at = models.DateTimeField(null=True, help_text="entered in the record book")
    told_at = models.DateTimeField(null=True)
    delivered_at = models.DateTimeField(null=True, help_text="handed over or posted")
    delivered_how = models.CharField(max_length=12, blank=True)
    closed_at = models.DateTimeField(null=True)
    closing_reason = models.CharField(max_length=300, blank=True)

    objects = CaseQuerySet.as_manager()

    class Meta:
        verbose_name = _("case")
        constraints = (
            models.UniqueConstraint(fields=("number",), condition=~models.Q(number=""), name="one_case_a_number"),
            models.UniqueConstraint(
                fields=("centre_number",), condition=~models.Q(centre_number=""), name="one_case_a_centre_number"
            ),
        )
        indexes = (
            models.Index(fields=("office", "awaiting_unit", "due_at"), name="case_desk"),
            models.Index(fields=("centre", "awaiting_unit", "due_at"), name="case_centre_desk"),
            models.Index(fields=("office", "-registered_at"), name="case_register"),
        )

    def __str__(self) -> str:
        return self.any_number or str(self.key)

    @property
    def any_number(self) -> str:
        """The department's number, before registration the centre's."""
        return self.number or self.centre_number

    @property
    def is_open(self) -> bool:
        """Whether the case is still under way."""
        return self.state not in CLOSED

    @property
    def code(self) -> str:
        """The secret code printed on the talon."""
        return talon_code(settings.TALON_KEY, str(self.key))


class ClockKind(models.TextChoices):
    """Two clocks per case (DOMAIN section 3)."""

    STEP = "step", _("step")
    OVERALL = "overall", _("whole service")


class Clock(models.Model):
    """A term that runs: started, due with its sum, stopped, met. Recomputed while open, frozen when closed."""

    case = models.ForeignKey(Case, models.CASCADE, related_name="clocks")
    kind = models.CharField(max_length=8, choices=ClockKind.choices)
    step = models.ForeignKey(Step, models.PROTECT, null=True, related_name="+")
    office = models.ForeignKey(Office, models.PROTECT, related_name="+", help_text="whose minutes they are")
    edition = models.ForeignKey(Edition, models.PROTECT, related_name="+")
    user = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", help_text="who ended the step")
    started_at = models.DateTimeField()
    due_at = models.DateTimeField(null=True, help_text="null: the act gives no norm")
    unmoved_on = models.DateField(null=True, help_text="last day before it was moved to a working day")
    stopped_at = models.DateTimeField(null=True)
    stopped_on = models.DateField(null=True, help_text="office date of the stop")
    ended_by = models.CharField(max_length=24, blank=True)
    met = models.BooleanField(null=True)
    trace = models.JSONField(default=list)

    class Meta:
        ordering = ("started_at", "pk")
        indexes = (
            models.Index(fields=("due_at",), condition=models.Q(stopped_at=None), name="clock_open_due"),
            models.Index(fields=("office", "edition", "kind", "stopped_on"), include=("met",), name="clock_indicator"),
        )
        constraints = (
            models.UniqueConstraint(
                fields=("case", "kind"), condition=models.Q(stopped_at=None), name="one_open_clock_a_kind"
            ),
        )

    def __str__(self) -> str:
        return f"{self.kind} {self.started_at:%Y-%m-%d}"


class DocumentStatus(models.TextChoices):
    """What the counter found."""

    HANDED_IN = "handed_in", _("was handed in")
    SHOWN = "shown", _("was shown")
    MISSING = "missing", _("missing")
    DEFECTIVE = "defective", _("has a defect")
    NOT_CHECKED = "not_checked", _("not checked (register unavailable)")
    NOT_NEEDED = "not_needed", _("not needed here")


class CaseDocument(models.Model):
    """One line of the checklist as found at the counter."""

    case = models.ForeignKey(Case, models.CASCADE, related_name="documents")
    requirement = models.ForeignKey(DocumentRequirement, models.PROTECT, related_name="+")
    status = models.CharField(max_length=12, choices=DocumentStatus.choices)
    defect = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ("requirement__position",)
        constraints = (models.UniqueConstraint(fields=("case", "requirement"), name="one_line_a_requirement"),)

    def __str__(self) -> str:
        return f"{self.requirement}: {self.status}"


class Attachment(models.Model):
    """A scanned file; identity documents are not scanned without a reason (law 94-V art. 7 p.10)."""

    case = models.ForeignKey(Case, models.PROTECT, related_name="attachments")
    file = models.FileField(upload_to="attachments/%Y/%m")
    name = models.CharField(max_length=200)
    content_type = models.CharField(max_length=60)
    size = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=64)
    reason = models.CharField(max_length=200)
    added_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    added_at = models.DateTimeField()

    class Meta:
        ordering = ("pk",)

    def __str__(self) -> str:
        return self.name


class DecisionKind(models.TextChoices):
    """The two paths of every regulation."""

    GRANT = "grant", _("service granted")
    REFUSAL = "refusal", _("reasoned refusal")


class Decision(models.Model):
    """What the executor prepared, and what became of it. A person decides and signs, never the program."""

    case = models.ForeignKey(Case, models.PROTECT, related_name="decisions")
    kind = models.CharField(max_length=8, choices=DecisionKind.choices)
    text = models.TextField()
    facts = models.TextField(blank=True)
    number = models.CharField(max_length=24, blank=True, help_text="number in the record book")
    prepared_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    prepared_at = models.DateTimeField()
    returned_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    returned_at = models.DateTimeField(null=True)
    return_reason = models.TextField(blank=True)
    signed_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    signed_for = models.ForeignKey(
        User, models.PROTECT, null=True, related_name="+", help_text="the absent head, by order"
    )
    signed_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("pk",)
        constraints = (
            models.UniqueConstraint(fields=("number",), condition=~models.Q(number=""), name="one_decision_a_number"),
            models.UniqueConstraint(
                fields=("case",), condition=models.Q(signed_at__isnull=False), name="one_signed_decision_a_case"
            ),
        )

    def __str__(self) -> str:
        return self.number or self.kind


class DecisionGround(models.Model):
    """A ground of the edition's list on which a refusal rests."""

    decision = models.ForeignKey(Decision, models.CASCADE, related_name="grounds")
    ground = models.ForeignKey(Ground, models.PROTECT, related_name="+")

    class Meta:
        constraints = (models.UniqueConstraint(fields=("decision", "ground"), name="one_ground_once"),)

    def __str__(self) -> str:
        return str(self.ground)


class Direction(models.TextChoices):
    """Which way a package travels between the centre and the department."""

    TO_DEPARTMENT = "to_department", _("to the department")
    TO_CENTRE = "to_centre", _("to the centre")


class Shipment(models.Model):
    """A dispatch list (тізілім): packages or results that left together, each scanned at dispatch and at return."""

    number = models.CharField(max_length=20, unique=True)
    direction = models.CharField(max_length=14, choices=Direction.choices)
    centre = models.ForeignKey(Office, models.PROTECT, related_name="+")
    office = models.ForeignKey(Office, models.PROTECT, related_name="+")
    sent_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    sent_at = models.DateTimeField()

    class Meta:
        ordering = ("-pk",)

    def __str__(self) -> str:
        return self.number


class ShipmentItem(models.Model):
    """A case on a dispatch list."""

    shipment = models.ForeignKey(Shipment, models.PROTECT, related_name="items")
    case = models.ForeignKey(Case, models.PROTECT, related_name="shipment_items")
    received_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("shipment", "case"), name="one_item_a_case"),)

    def __str__(self) -> str:
        return f"{self.shipment} {self.case}"


class PaperKind(models.TextChoices):
    """The papers of a case."""

    TALON = "talon", _("Talon")
    RECEIPT = "receipt", _("Receipt of documents")
    MISSING = "missing", _("List of missing documents")
    GRANT = "grant", _("Notice")
    REFUSAL = "refusal", _("Reasoned refusal")
    DISPATCH = "dispatch", _("Dispatch list")


class Paper(models.Model):
    """A paper as it was made: the data it was made from, then its bytes and their hash. Never rendered again.

    The row is written in the transaction of the act; the PDF is made after the commit.
    """

    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    case = models.ForeignKey(Case, models.PROTECT, null=True, related_name="papers")
    shipment = models.ForeignKey(Shipment, models.PROTECT, null=True, related_name="papers")
    kind = models.CharField(max_length=10, choices=PaperKind.choices)
    language = models.CharField(max_length=2, choices=Language.choices)
    template_version = models.CharField(max_length=12)
    data = models.JSONField()
    made_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    made_at = models.DateTimeField()
    sha256 = models.CharField(max_length=64, blank=True)

    class Meta:
        ordering = ("pk",)
        indexes = (models.Index(fields=("id",), condition=models.Q(sha256=""), name="paper_to_render"),)

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.made_at:%d.%m.%Y}"


class PaperBytes(models.Model):
    """The PDF itself, apart from its row so that lists never load it."""

    paper = models.OneToOneField(Paper, models.PROTECT, primary_key=True, related_name="bytes")
    pdf = models.BinaryField()

    def __str__(self) -> str:
        return str(self.paper_id)


class NumberBook(models.Model):
    """The last number taken from a book of an office in a year. Numbers are dense; an annulled one stays with its case."""

    office = models.ForeignKey(Office, models.PROTECT, related_name="+")
    book = models.CharField(max_length=12)
    year = models.PositiveSmallIntegerField()
    last = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("office", "book", "year"), name="one_book_an_office_and_year"),)

    def __str__(self) -> str:
        return f"{self.book} {self.year}: {self.last}"


class EventChain(models.Model):
    """The head of an office's chain of events; its row is the lock that gives the events their order."""

    office = models.OneToOneField(Office, models.PROTECT, primary_key=True, related_name="+")
    seq = models.PositiveBigIntegerField(default=0)
    head = models.CharField(max_length=64, default="0" * 64)

    def __str__(self) -> str:
        return f"{self.office_id}: {self.seq}"


class Event(models.Model):
    """What happened, when, by whom, for whom. Append-only: a database trigger refuses UPDATE and DELETE."""

    office = models.ForeignKey(Office, models.PROTECT, related_name="events")
    seq = models.PositiveBigIntegerField()
    kind = models.CharField(max_length=30)
    case = models.ForeignKey(Case, models.PROTECT, null=True, related_name="events")
    subject = models.CharField(
        max_length=60, blank=True, help_text="what it is about when that is no case: complaint:17, edition:4"
    )
    step = models.ForeignKey(Step, models.PROTECT, null=True, related_name="+")
    actor = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    acting_for = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    happened_at = models.DateTimeField()
    recorded_at = models.DateTimeField()
    payload = models.JSONField(default=dict)
    previous = models.CharField(max_length=64)
    hash = models.CharField(max_length=64)

    class Meta:
        ordering = ("office", "seq")
        constraints = (models.UniqueConstraint(fields=("office", "seq"), name="one_event_a_place"),)
        indexes = (
            models.Index(fields=("office", "kind", "-seq"), name="event_journal"),
            models.Index(fields=("case", "seq"), name="event_case"),
            models.Index(fields=("subject", "seq"), condition=~models.Q(subject=""), name="event_subject"),
        )

    def __str__(self) -> str:
        return f"{self.office_id}/{self.seq} {self.kind}"


class FormToken(models.Model):
    """A form that was sent: the same form again gives the same case, the same token with another body is refused."""

    token = models.UUIDField(primary_key=True)
    fingerprint = models.CharField(max_length=64)
    user = models.ForeignKey(User, models.CASCADE, related_name="+")
    case = models.ForeignKey(Case, models.CASCADE, null=True, related_name="+")
    used_at = models.DateTimeField()

    def __str__(self) -> str:
        return str(self.token)
