"""The terms that run for a complaint, as rows."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from applications.models import Term
from complaints.models.complaint import Complaint
from offices.querysets import ScopedQuerySet


class TermKind(models.TextChoices):
    """What must be done within the term."""

    ANSWER = "answer", _("Consider and answer")
    FORWARD = "forward", _("Grant in full, or pass on with the file")
    REPAIR = "repair", _("The person brings what is missing")
    NOTICE = "notice", _("Tell the person that the term is longer")
    OBJECTION = "objection", _("The person may object to the preliminary decision")
    EXECUTION = "execution", _("Carry out what was granted")


class ComplaintTerm(Term):
    """A term of a complaint: the same row as a clock of a case. `first_due_at` keeps the due moment before an extension."""

    complaint = models.ForeignKey(Complaint, models.CASCADE, related_name="clocks")
    kind = models.CharField(max_length=10, choices=TermKind.choices)
    first_due_at = models.DateTimeField(null=True)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        ordering = ("started_at", "pk")
        indexes = (models.Index(fields=("due_at",), condition=models.Q(stopped_at=None), name="complaint_open_due"),)
        constraints = (
            models.UniqueConstraint(
                fields=("complaint", "kind"), condition=models.Q(stopped_at=None), name="one_open_term_a_kind"
            ),
        )

    def __str__(self) -> str:
        return f"{self.kind} {self.started_at:%Y-%m-%d}"

    @property
    def what(self) -> str:
        """What must be done within it, in words."""
        return str(self.get_kind_display())
