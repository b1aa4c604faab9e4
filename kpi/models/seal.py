"""Closed periods: the table as it stood, sealed; later corrections stand beside it as amendments."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from offices.models import Office, User


class SealedTable(models.Model):
    """A table closed for good, or an amendment to one (`amends`). The database refuses to change or delete it."""

    office = models.ForeignKey(Office, models.PROTECT, related_name="+")
    edition_code = models.SlugField(max_length=60)
    period = models.CharField(max_length=7, help_text="2026, 2026-Q1 or 2026-03")
    number = models.PositiveSmallIntegerField(default=0, help_text="0: the closing itself, then the amendments")
    table = models.JSONField(help_text="as manage.py indicators prints it")
    rows = models.JSONField(help_text="by line: identity, reason and hit of every row that was counted or left out")
    formulas = models.JSONField(help_text="version of the formula by line")
    calendar_version = models.PositiveIntegerField()
    cut_at = models.DateTimeField(help_text="the moment at which the rows were read")
    cut_event = models.PositiveBigIntegerField(help_text="the last event of the office that was there")
    differences = models.JSONField(default=list, help_text="line by line: what an amendment changes")
    reason = models.TextField(blank=True)
    previous = models.CharField(max_length=64, blank=True, help_text="hash of what this amends")
    hash = models.CharField(max_length=64)
    sealed_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    sealed_at = models.DateTimeField()

    class Meta:
        verbose_name = _("closed period")
        ordering = ("office", "edition_code", "period", "number")
        constraints = (
            models.UniqueConstraint(
                fields=("office", "edition_code", "period", "number"), name="one_seal_a_period_and_number"
            ),
            models.CheckConstraint(
                condition=models.Q(number=0, previous="") | (models.Q(number__gt=0) & ~models.Q(reason="")),
                name="amendment_has_reason",
            ),
        )

    def __str__(self) -> str:
        return f"{self.edition_code} {self.period} {self.number}"
