"""What the law on personal data asks for: who opened whose file, what a person asked about his data, what was erased."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from applications.models.case import Case
from applications.models.person import Person
from offices.fields import SealedText
from offices.models import Office, User
from offices.querysets import ScopedQuerySet
from services.models import Edition


class OpeningKind(models.TextChoices):
    """What somebody did with a person's file."""

    OPENED = "opened", _("opened the file")
    FULL_IIN = "full_iin", _("had the full IIN shown")
    PRINTED = "printed", _("opened or printed a paper")
    DOWNLOADED = "downloaded", _("took an attached file")
    FILLED_IN = "filled_in", _("had known particulars filled in at the counter")
    EXPORTED = "exported", _("exported a list")
    TOLD = "told", _("looked who opened the file")


class OpeningPurpose(models.TextChoices):
    """Why, as far as the work itself tells."""

    STEP = "step", _("own step of the case")
    OFFICE = "office", _("work of the office on the case")
    SUPERVISION = "supervision", _("supervision by the head")
    OVERSIGHT = "oversight", _("oversight by the oblast")
    INTAKE = "intake", _("taking an application in")


class Opening(models.Model):
    """One look at personal data: who, when, by which power, whose, why. Append-only like the events."""

    kind = models.CharField(max_length=12, choices=OpeningKind.choices)
    purpose = models.CharField(max_length=12, choices=OpeningPurpose.choices)
    user = models.ForeignKey(User, models.PROTECT, related_name="openings")
    office = models.ForeignKey(Office, models.PROTECT, null=True, related_name="+")
    role = models.CharField(max_length=20, blank=True)
    at = models.DateTimeField()
    person = models.ForeignKey(Person, models.PROTECT, null=True, related_name="openings")
    case = models.ForeignKey(Case, models.PROTECT, null=True, related_name="openings")
    what = models.CharField(max_length=200, blank=True, help_text="which paper, file or list; never a name")

    objects = ScopedQuerySet.as_manager()

    class Meta:
        ordering = ("-pk",)
        indexes = (
            models.Index(fields=("case", "-id"), name="opening_case"),
            models.Index(fields=("person", "-id"), name="opening_person"),
            models.Index(fields=("user", "-id"), name="opening_user"),
        )

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.kind}"


class RequestKind(models.TextChoices):
    """What a person may ask by law 94-V art. 24, and a breach that has to be reported (art. 25)."""

    KNOW = "know", _("know what is kept and who looked")
    CORRECT = "correct", _("correct the data")
    BLOCK = "block", _("block the data")
    UNBLOCK = "unblock", _("unblock the data")
    DESTROY = "destroy", _("destroy the data")
    BREACH = "breach", _("breach of personal data to be reported")


class DataRequest(models.Model):
    """A person's request about his data, or a breach: one working day from its receipt (law 94-V art. 25)."""

    office = models.ForeignKey(Office, models.PROTECT, related_name="data_requests")
    kind = models.CharField(_("what is asked"), max_length=8, choices=RequestKind.choices)
    person = models.ForeignKey(Person, models.PROTECT, null=True, related_name="data_requests")
    case = models.ForeignKey(Case, models.PROTECT, null=True, related_name="data_requests")
    text = SealedText(_("in the person's words"))
    received_at = models.DateTimeField()
    due_at = models.DateTimeField(db_index=True)
    trace = models.JSONField(default=list)
    taken_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    done_at = models.DateTimeField(null=True)
    done_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    outcome = SealedText(_("what was done, or the reasoned refusal"), blank=True)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        ordering = ("done_at", "due_at", "pk")

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.received_at:%d.%m.%Y}"


class Retention(models.Model):
    """How long the files of an edition are kept after they were closed. None are shipped: an archivist sets them."""

    edition = models.OneToOneField(Edition, models.CASCADE, primary_key=True, related_name="retention")
    years = models.PositiveSmallIntegerField(_("years after closing"))
    source = models.CharField(_("source"), max_length=300)
    verified = models.BooleanField(_("verified by a person"), default=False)

    class Meta:
        verbose_name = _("retention term")
        verbose_name_plural = _("retention terms")
        constraints = (models.CheckConstraint(condition=models.Q(years__gte=1), name="retention_at_least_a_year"),)

    def __str__(self) -> str:
        return f"{self.edition}: {self.years}"


class LegalHold(models.Model):
    """A case that may not be erased while a court, a check or a complaint needs it."""

    case = models.ForeignKey(Case, models.PROTECT, related_name="holds")
    reason = models.CharField(_("reason, with number and date of the document"), max_length=300)
    set_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    set_at = models.DateTimeField()
    lifted_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    lifted_at = models.DateTimeField(null=True)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("case",), condition=models.Q(lifted_at=None), name="one_hold_a_case"),
        )

    def __str__(self) -> str:
        return self.reason


class Erasure(models.Model):
    """A case whose personal data were erased; the list is kept outside too and applied again after a restore."""

    case = models.OneToOneField(Case, models.PROTECT, primary_key=True, related_name="erasure")
    at = models.DateTimeField()
    reason = models.CharField(max_length=200)

    def __str__(self) -> str:
        return f"{self.case_id} {self.at:%Y-%m-%d}"
