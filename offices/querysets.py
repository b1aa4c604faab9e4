"""Queries on offices and staff in the words of the domain."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from django.db import models
from django.db.models import Q

if TYPE_CHECKING:
    pass


class OfficeQuerySet(models.QuerySet["Office"]):
    """Offices by what they are."""

    def departments(self) -> OfficeQuerySet:
        """The employment and social programmes departments: those who provide the services."""
        return self.filter(kind="department")

    def centres(self) -> OfficeQuerySet:
        """The citizen service centres."""
        return self.filter(kind="centre")

    def in_order(self) -> OfficeQuerySet:
        """By oblast and the Kazakh alphabet."""
        return self.order_by("oblast", "sort_key")


class DatedQuerySet(models.QuerySet[Any]):
    """Rows with a term of validity (`valid_from`, `valid_to`, both inclusive, empty = open)."""

    def on(self, day: date) -> DatedQuerySet:
        """Rows in force on `day`."""
        return self.filter(
            Q(valid_from__isnull=True) | Q(valid_from__lte=day), Q(valid_to__isnull=True) | Q(valid_to__gte=day)
        )
