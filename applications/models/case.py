"""The case and what its people put into it: checklist, files, decisions."""

from __future__ import annotations

from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from applications.identifiers import talon_code
from applications.models.matter import Matter
from applications.models.person import Person
from applications.querysets import CaseQuerySet
from applications.workflow import CLOSED, TONES, CaseMachine
from offices.fields import SealedText
from offices.models import Office, User
from offices.querysets import ScopedQuerySet
from services.models import DocumentRequirement, Edition, Ground


class Channel(models.TextChoices):
    """Where the package was handed in."""

    DEPARTMENT = "department", _("at the department")
    CENTRE = "centre", _("at a service centre")


class Case(Matter, CaseMachine):
    """An application from hand-in to hand-over, pinned to the edition it began under."""

    office = models.ForeignKey(Office, models.PROTECT, related_name="cases")
    centre = models.ForeignKey(Office, models.PROTECT, null=True, blank=True, related_name="centre_cases")
    edition = models.ForeignKey(Edition, models.PROTECT, related_name="cases")
    person = models.ForeignKey(Person, models.PROTECT, related_name="cases")
    channel = models.CharField(max_length=12, choices=Channel.choices, default=Channel.DEPARTMENT)
    number = models.CharField(max_length=20, blank=True, db_index=True)
    centre_number = models.CharField(max_length=20, blank=True, db_index=True)
    submissions = models.PositiveSmallIntegerField(default=1)
    complete_first_time = models.BooleanField(null=True)
    first_handed_in_on = models.DateField(null=True, help_text="office date of the first hand-in, complete or not")
    served_on = models.DateField(null=True, help_text="office date on which the person was told or got the result")
    executor = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="cases")
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
    reopened_at = models.DateTimeField(
        null=True, help_text="to be decided anew after a complaint; its first decision stays"
    )
    followed = models.BooleanField(default=False, help_text="somebody asked to be told of each change")
    closing_reason = models.CharField(max_length=300, blank=True)

    closed_states = CLOSED
    tones: ClassVar[dict[str, str]] = TONES
    noun = "case"
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
            models.Index(
                fields=("office", "edition", "first_handed_in_on"),
                include=("complete_first_time",),
                name="case_first_time",
            ),
            models.Index(
                fields=("office", "edition", "served_on", "person"),
                condition=models.Q(served_on__isnull=False),
                name="case_served",
            ),
        )

    def __str__(self) -> str:
        return self.any_number or str(self.key)

    @property
    def any_number(self) -> str:
        """The department's number, before registration the centre's."""
        return self.number or self.centre_number

    @property
    def last_decision(self) -> Decision | None:
        """What was prepared last, out of what a page has fetched already."""
        return max(self.decisions.all(), key=lambda row: row.pk, default=None)

    @property
    def last_paper(self) -> Any:
        """The paper made last, out of what a page has fetched already."""
        return max(self.papers.all(), key=lambda row: row.pk, default=None)

    @property
    def what(self) -> str:
        """What it is about, for lists."""
        return self.edition.service.name

    def get_absolute_url(self) -> str:
        """The page of the staff."""
        return reverse("case", args=(self.pk,))

    @property
    def survey_code(self) -> str:
        """The code printed on the notice for the survey; it opens nothing else."""
        return talon_code(settings.TALON_KEY, f"survey:{self.key}")


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

    objects = ScopedQuerySet.as_manager()

    class Meta:
        ordering = ("requirement__position",)
        constraints = (models.UniqueConstraint(fields=("case", "requirement"), name="one_line_a_requirement"),)

    def __str__(self) -> str:
        return f"{self.requirement}: {self.status}"


class Attachment(models.Model):
    """A scanned file; identity documents are not scanned without a reason (law 94-V art. 7 p.10)."""

    case = models.ForeignKey(Case, models.PROTECT, null=True, related_name="attachments")
    subject = models.CharField(max_length=60, blank=True, db_index=True, help_text="complaint:17, when that is no case")
    file = models.FileField(upload_to="attachments/%Y/%m")
    name = models.CharField(max_length=200)
    content_type = models.CharField(max_length=60)
    size = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=64)
    reason = models.CharField(max_length=200)
    added_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", help_text="null: a visitor")
    added_at = models.DateTimeField()

    objects = ScopedQuerySet.as_manager()

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
    text = SealedText()
    facts = SealedText(blank=True)
    number = models.CharField(max_length=24, blank=True, help_text="number in the record book")
    prepared_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    prepared_at = models.DateTimeField()
    returned_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    returned_at = models.DateTimeField(null=True)
    return_reason = SealedText(blank=True)
    signed_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    signed_for = models.ForeignKey(
        User, models.PROTECT, null=True, related_name="+", help_text="the absent head, by order"
    )
    signed_at = models.DateTimeField(null=True)
    set_aside_at = models.DateTimeField(null=True, help_text="the case was reopened: another decision takes its place")

    objects = ScopedQuerySet.as_manager()

    class Meta:
        ordering = ("pk",)
        constraints = (
            models.UniqueConstraint(fields=("number",), condition=~models.Q(number=""), name="one_decision_a_number"),
            models.UniqueConstraint(
                fields=("case",),
                condition=models.Q(signed_at__isnull=False, set_aside_at__isnull=True),
                name="one_signed_decision_a_case",
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
