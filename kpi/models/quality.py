"""Quality checks: a random sample of a month's signed papers, looked through by a second official against a checklist."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from applications.models import Case, Decision
from offices.models import Office, User
from offices.querysets import ScopedQuerySet
from services.models import Edition


class QualityDraw(models.Model):
    """The sample of an office and month. Anybody can draw it again from the seed: it is published with the result."""

    office = models.ForeignKey(Office, models.PROTECT, related_name="quality_draws")
    month = models.DateField(help_text="its first day")
    seed = models.CharField(max_length=64, help_text="SHA-256 of office, month and the rule's salt")
    rule_version = models.PositiveSmallIntegerField()
    population = models.PositiveIntegerField(help_text="papers signed in the month")
    drawn_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    drawn_at = models.DateTimeField()

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("sample for the quality check")
        ordering = ("-month", "office")
        constraints = (models.UniqueConstraint(fields=("office", "month"), name="one_draw_an_office_and_month"),)

    def __str__(self) -> str:
        return f"{self.month:%Y-%m}"


class QualityCheck(models.Model):
    """A paper of the sample; right or wrong once it was checked."""

    draw = models.ForeignKey(QualityDraw, models.PROTECT, related_name="checks")
    place = models.PositiveSmallIntegerField(help_text="place in the sample")
    case = models.ForeignKey(Case, models.PROTECT, related_name="quality_checks")
    decision = models.OneToOneField(Decision, models.PROTECT, related_name="quality_check")
    office = models.ForeignKey(Office, models.PROTECT, related_name="+")
    edition = models.ForeignKey(Edition, models.PROTECT, related_name="+")
    day = models.DateField(help_text="office date of the signature")
    checked_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    checked_at = models.DateTimeField(null=True)
    right = models.BooleanField(null=True)
    note = models.CharField(max_length=500, blank=True)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("quality check")
        ordering = ("draw", "place")
        constraints = (
            models.UniqueConstraint(fields=("draw", "place"), name="one_check_a_place"),
            models.CheckConstraint(
                condition=models.Q(checked_at=None, right=None)
                | models.Q(checked_at__isnull=False, right__isnull=False),
                name="checked_means_right_or_wrong",
            ),
        )
        indexes = (models.Index(fields=("office", "edition", "day"), include=("right",), name="quality_indicator"),)

    def __str__(self) -> str:
        return f"{self.draw} {self.place}"


class QualityFinding(models.Model):
    """What a line of the checklist showed."""

    check_row = models.ForeignKey(QualityCheck, models.CASCADE, related_name="findings")
    item = models.CharField(max_length=40, help_text="code of the checklist's line")
    passed = models.BooleanField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=("check_row", "item"), name="one_finding_a_line"),)

    def __str__(self) -> str:
        return f"{self.item}: {self.passed}"
