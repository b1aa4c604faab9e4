"""The waiting hall: windows, visits from the talon to their outcome, and the devices that stand in the hall."""

from __future__ import annotations

import uuid

from django.db import models
from django.utils.translation import gettext_lazy as _

from applications.models.case import Case
from applications.querysets import VisitQuerySet, WindowQuerySet
from offices.models import Office, User
from services.models import Edition


class Purpose(models.TextChoices):
    """What a visitor comes for; the acts limit the two queues apart."""

    HAND_IN = "hand_in", _("hand in papers")
    COLLECTION = "collection", _("collect the result")


class Outcome(models.TextChoices):
    """How a visit ended. Every ending is a row that stays, also that of a visitor who gave up."""

    SERVED = "served", _("served")
    LEFT = "left", _("left unserved")
    NO_SHOW = "no_show", _("did not come when called")
    UNKNOWN = "unknown", _("called, the end was not recorded")


class HallWindow(models.Model):
    """A window of an office, to which visitors are called. `turn` counts its calls: a form sent twice calls once."""

    office = models.ForeignKey(Office, models.CASCADE, related_name="windows", verbose_name=_("office"))
    number = models.PositiveSmallIntegerField(_("number"))
    purpose = models.CharField(
        _("takes only"), max_length=10, choices=Purpose.choices, blank=True, help_text=_("empty: everybody")
    )
    active = models.BooleanField(_("in work"), default=True)
    turn = models.PositiveIntegerField(default=0, editable=False)

    objects = WindowQuerySet.as_manager()

    class Meta:
        verbose_name = _("window")
        verbose_name_plural = _("windows")
        ordering = ("office", "number")
        constraints = (
            models.UniqueConstraint(fields=("office", "number"), name="one_window_a_number"),
            models.CheckConstraint(condition=models.Q(number__gte=1), name="window_number_positive"),
        )

    def __str__(self) -> str:
        return str(self.number)


class QueueDay(models.Model):
    """The last queue number an office gave on a day; numbers are dense from 1 every day."""

    office = models.ForeignKey(Office, models.CASCADE, related_name="+")
    day = models.DateField()
    last = models.PositiveSmallIntegerField(default=0)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("office", "day"), name="one_queue_an_office_and_day"),)

    def __str__(self) -> str:
        return f"{self.day:%Y-%m-%d}: {self.last}"


class Visit(models.Model):
    """A visitor from his talon to the outcome. Nobody's name: who he is stands in the case the visit leads to.

    Waits while `window` is empty and nothing has ended it; `called_at` is the first call, which ends the waiting that the
    indicator counts (`waited`, in seconds; for who left uncalled, until he left).
    """

    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False, help_text="the form that gave the talon")
    office = models.ForeignKey(Office, models.PROTECT, related_name="visits")
    day = models.DateField(help_text="office date")
    number = models.PositiveSmallIntegerField()
    purpose = models.CharField(max_length=10, choices=Purpose.choices)
    edition = models.ForeignKey(Edition, models.PROTECT, null=True, related_name="visits", help_text="null: undecided")
    issued_at = models.DateTimeField()
    issued_by = models.ForeignKey(
        User, models.PROTECT, null=True, related_name="+", help_text="null: the visitor himself"
    )
    sent_to = models.ForeignKey(
        HallWindow, models.PROTECT, null=True, related_name="sent", help_text="passed on to this window"
    )
    window = models.ForeignKey(HallWindow, models.PROTECT, null=True, related_name="visits")
    called_at = models.DateTimeField(null=True, help_text="the first call")
    last_called_at = models.DateTimeField(null=True)
    calls = models.PositiveSmallIntegerField(default=0)
    waited = models.PositiveIntegerField(null=True, help_text="seconds to the first call, or until he left uncalled")
    ended_at = models.DateTimeField(null=True)
    outcome = models.CharField(max_length=8, choices=Outcome.choices, blank=True)
    case = models.ForeignKey(Case, models.PROTECT, null=True, related_name="visits")

    objects = VisitQuerySet.as_manager()

    class Meta:
        verbose_name = _("visit")
        verbose_name_plural = _("visits")
        ordering = ("day", "number")
        constraints = (
            models.UniqueConstraint(fields=("office", "day", "number"), name="one_visit_a_queue_number"),
            models.UniqueConstraint(
                fields=("window",), condition=models.Q(ended_at=None, window__isnull=False), name="one_visitor_a_window"
            ),
            models.CheckConstraint(
                condition=models.Q(ended_at=None, outcome="")
                | (models.Q(ended_at__isnull=False) & ~models.Q(outcome="")),
                name="visit_ends_with_outcome",
            ),
        )
        indexes = (
            models.Index(fields=("office", "issued_at"), condition=models.Q(ended_at=None), name="visit_open"),
            models.Index(
                fields=("office", "edition", "day"), include=("waited", "called_at", "outcome"), name="visit_indicator"
            ),
        )

    def __str__(self) -> str:
        return f"{self.number:03d}"


class DeviceKind(models.TextChoices):
    """What stands in the hall."""

    KIOSK = "kiosk", _("tablet that gives talons")
    SCREEN = "screen", _("screen of the hall")
    SURVEY = "survey", _("tablet with the survey")


class HallDevice(models.Model):
    """A device that staff set up once by a link. The link works once; after that the device's own cookie opens its page."""

    office = models.ForeignKey(Office, models.CASCADE, related_name="devices")
    kind = models.CharField(max_length=8, choices=DeviceKind.choices)
    name = models.CharField(max_length=80, blank=True)
    link_hash = models.CharField(max_length=64, blank=True, db_index=True, help_text="empty once it was opened")
    link_expires_at = models.DateTimeField()
    secret_hash = models.CharField(max_length=64, blank=True)
    made_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    made_at = models.DateTimeField()
    opened_at = models.DateTimeField(null=True)
    withdrawn_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("device of the hall")
        ordering = ("office", "pk")

    def __str__(self) -> str:
        return self.name or self.get_kind_display()
