"""Target values of the working group (point 20 of the standards): proposed, approved with minutes, then fixed."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from offices.models import Office, User


class TargetPlan(models.Model):
    """The target values of an edition for a year, of one office or of all its offices.

    A proposal may be changed; what was approved never is (the database refuses it): a later decision is a plan of its own.
    """

    edition_code = models.SlugField(max_length=60)
    office = models.ForeignKey(
        Office, models.PROTECT, null=True, blank=True, related_name="+", help_text="null: all offices of the edition"
    )
    year = models.PositiveSmallIntegerField()
    values: Any = models.JSONField(default=dict, help_text='per cent by line, as text: {"1.1": "99.5"}')
    reason = models.TextField(blank=True)
    proposed_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField()
    minutes_number = models.CharField(max_length=40, blank=True)
    minutes_date = models.DateField(null=True)
    members = models.TextField(blank=True, help_text="who sat in the working group, one a line")
    approved_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    approved_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("target values")
        ordering = ("-year", "-pk")
        indexes = (models.Index(fields=("edition_code", "year", "office"), name="target_plan"),)
        constraints = (
            models.UniqueConstraint(
                fields=("edition_code", "office", "year"),
                condition=models.Q(approved_at=None),
                name="one_open_proposal",
            ),
            models.UniqueConstraint(
                fields=("edition_code", "year"),
                condition=models.Q(approved_at=None, office=None),
                name="one_open_proposal_for_all",
            ),
            models.CheckConstraint(
                condition=models.Q(approved_at=None)
                | (models.Q(minutes_date__isnull=False) & ~models.Q(minutes_number="") & ~models.Q(members="")),
                name="approved_with_minutes",
            ),
        )

    def __str__(self) -> str:
        return f"{self.edition_code} {self.year}"

    @property
    def member_list(self) -> list[str]:
        """The members of the working group."""
        return self.members.splitlines()
