"""Number books, the event chain and the forms that were sent."""

from __future__ import annotations

from django.db import models

from applications.models.case import Case
from offices.fields import SealedJSON
from offices.models import Office, User
from offices.querysets import ScopedQuerySet
from services.models import Step


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

    objects = ScopedQuerySet.as_manager()

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

    @property
    def reason(self) -> str:
        """The reason given with the act; empty where there is none, or where it was erased."""
        apart = getattr(self, "words", None)
        return str((apart.words if apart else self.payload).get("reason", ""))


class EventWords(models.Model):
    """What people wrote in words with an act (a reason, a note), apart from the event so that it can be erased.

    The event keeps only the salted hash, so the chain stays whole without the text and shows when the text was changed.
    """

    event = models.OneToOneField(Event, models.CASCADE, primary_key=True, related_name="words")
    salt = models.CharField(max_length=32)
    words = SealedJSON()

    def __str__(self) -> str:
        return str(self.event_id)


class FormToken(models.Model):
    """A form that was sent: the same form again gives the same case, the same token with another body is refused."""

    token = models.UUIDField(primary_key=True)
    fingerprint = models.CharField(max_length=64)
    user = models.ForeignKey(User, models.CASCADE, null=True, related_name="+", help_text="null: a visitor of the site")
    case = models.ForeignKey(Case, models.CASCADE, null=True, related_name="+")
    subject = models.CharField(max_length=60, blank=True, help_text="what it made, when that is no case: complaint:17")
    used_at = models.DateTimeField()

    def __str__(self) -> str:
        return str(self.token)
