"""Queries on the catalogue of standards and regulations."""

from __future__ import annotations

from datetime import date
from typing import Any, Self

from django.db import models
from django.db.models import Exists, OuterRef, Q

from services.workflow import EditionState


class EditionQuerySet(models.QuerySet[Any]):
    """Editions by state and validity."""

    def published(self) -> Self:
        """Editions that were published and not withdrawn, whenever they are in force."""
        return self.filter(state=EditionState.PUBLISHED)

    def in_force(self, day: date) -> Self:
        """Published versions in force on `day`: one at most of each edition."""
        begun, not_ended = Q(valid_from=None) | Q(valid_from__lte=day), Q(valid_to=None) | Q(valid_to__gte=day)
        return self.published().filter(begun, not_ended)

    def offered(self, office_id: int, day: date) -> Self:
        """Editions by which the office takes new applications on `day`; `has_others`: there are other versions for other days."""
        others = self.model._default_manager.filter(code=OuterRef("code"), state=EditionState.PUBLISHED)
        return (
            self.in_force(day)
            .annotate(has_others=Exists(others.exclude(pk=OuterRef("pk"))))
            .filter(uses__office_id=office_id, uses__in_use=True)
            .select_related("service", "decree")
            .order_by("service__position", "code")
        )

    def for_detail(self) -> Self:
        """With everything that its page shows."""
        return self.select_related("service", "decree").prefetch_related(
            "steps", "norms", "documents", "grounds", "path_groups__acts", "indicator_values", "points"
        )
