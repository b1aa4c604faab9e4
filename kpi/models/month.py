"""Months counted once and kept, so that all offices of three years are read at a glance."""

from __future__ import annotations

from django.db import models

from offices.models import Office
from services.models import Edition


class MonthCell(models.Model):
    """What `manage.py months` counted for a line, office, edition and month. Open terms are not in it: they go by the hour."""

    measure = models.CharField(max_length=24, help_text="measure, for surveys with its question: satisfied:2.1")
    office = models.ForeignKey(Office, models.CASCADE, related_name="+")
    edition = models.ForeignKey(Edition, models.CASCADE, related_name="+", null=True)
    month = models.PositiveIntegerField(help_text="year × 12 + month - 1")
    numerator = models.PositiveIntegerField(default=0)
    denominator = models.PositiveIntegerField(default=0)
    excluded = models.JSONField(default=dict)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("measure", "office", "edition", "month"), name="one_cell_a_month"),
            models.UniqueConstraint(
                fields=("measure", "office", "month"), condition=models.Q(edition=None), name="one_cell_without_edition"
            ),
        )
        indexes = (
            models.Index(
                fields=("measure", "month", "office", "edition"),
                include=("numerator", "denominator"),
                name="month_reading",
            ),
        )

    def __str__(self) -> str:
        return f"{self.measure} {self.month}"


class MonthMark(models.Model):
    """A month that something was done to since it was counted: written in the transaction that does it, never waited for."""

    measure = models.CharField(max_length=24)
    office = models.ForeignKey(Office, models.CASCADE, related_name="+")
    edition = models.ForeignKey(Edition, models.CASCADE, related_name="+", null=True)
    month = models.PositiveIntegerField()

    def __str__(self) -> str:
        return f"{self.measure} {self.month}"
