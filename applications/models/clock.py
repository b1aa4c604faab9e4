"""Terms that run, as rows."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from applications.models.case import Case
from offices.models import Office, User
from offices.querysets import ScopedQuerySet
from services.models import Edition, Step


class ClockKind(models.TextChoices):
    """Two clocks per case (DOMAIN section 3)."""

    STEP = "step", gettext_lazy("step")
    OVERALL = "overall", gettext_lazy("whole service")


class Term(models.Model):
    """A term that runs: started, due with its sum, stopped, met. Recomputed while open, frozen when closed."""

    office = models.ForeignKey(Office, models.PROTECT, related_name="+", help_text="whose minutes they are")
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
        abstract = True

    @property
    def ended_late(self) -> bool:
        """Whether the term was over when what it was for was done."""
        return self.stopped_at is not None and self.met is False


class Clock(Term):
    """A term of a case: of a step, or of the whole service."""

    case = models.ForeignKey(Case, models.CASCADE, related_name="clocks")
    kind = models.CharField(max_length=8, choices=ClockKind.choices)
    step = models.ForeignKey(Step, models.PROTECT, null=True, related_name="+")
    edition = models.ForeignKey(Edition, models.PROTECT, related_name="+")
    counted_on = models.DateField(
        null=True, help_text="overall clock: office date on which it is certain whether the term was met"
    )

    objects = ScopedQuerySet.as_manager()

    class Meta:
        ordering = ("started_at", "pk")
        indexes = (
            models.Index(fields=("due_at",), condition=models.Q(stopped_at=None), name="clock_open_due"),
            models.Index(fields=("office", "edition", "kind", "stopped_on"), include=("met",), name="clock_indicator"),
            # Everything that the figure "within the term" asks, so that it is read from the index alone.
            models.Index(
                fields=("office", "edition", "counted_on", "met", "ended_by", "due_at", "case"),
                condition=models.Q(kind="overall"),
                name="clock_overall",
            ),
        )
        constraints = (
            models.UniqueConstraint(
                fields=("case", "kind"), condition=models.Q(stopped_at=None), name="one_open_clock_a_kind"
            ),
        )

    def __str__(self) -> str:
        return f"{self.kind} {self.started_at:%Y-%m-%d}"

    @property
    def what(self) -> str:
        """What must be done within it, in words."""
        if self.step is None:
            return _("Whole service")
        return _("Step %(no)d: %(act)s") % {"no": self.step.no, "act": self.step.act}


class AnnouncementKind(models.TextChoices):
    """What the sweep tells of a term."""

    SOON = "soon", gettext_lazy("ends within a working day")
    PASSED = "passed", gettext_lazy("has passed")


class Announcement(models.Model):
    """That a term comes to its end, or has passed, was told to those concerned. Once for each due moment of a clock."""

    clock = models.ForeignKey(Clock, models.CASCADE, related_name="announcements")
    kind = models.CharField(max_length=6, choices=AnnouncementKind.choices)
    due_at = models.DateTimeField(help_text="the due moment it speaks of: a recount of the calendar may move it")
    announced_at = models.DateTimeField(db_index=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("clock", "kind", "due_at"), name="one_announcement_a_due_moment"),
        )

    def __str__(self) -> str:
        return f"{self.kind} {self.due_at:%Y-%m-%d}"
