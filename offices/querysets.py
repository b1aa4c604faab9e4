"""Queries on offices and staff in the words of the domain."""

from __future__ import annotations

from datetime import date
from typing import Any, Self

from django.db import models
from django.db.models import Q


class OfficeQuerySet(models.QuerySet[Any]):
    """Offices by what they are."""

    def departments(self) -> Self:
        """The employment and social programmes departments: those who provide the services."""
        return self.filter(kind="department")

    def centres(self) -> Self:
        """The citizen service centres."""
        return self.filter(kind="centre")

    def in_order(self) -> Self:
        """By oblast and the Kazakh alphabet."""
        return self.order_by("oblast", "sort_key")


class DatedQuerySet(models.QuerySet[Any]):
    """Rows with a term of validity (`valid_from`, `valid_to`, both inclusive, empty = open)."""

    def on(self, day: date) -> Self:
        """Rows in force on `day`."""
        return self.filter(
            Q(valid_from__isnull=True) | Q(valid_from__lte=day), Q(valid_to__isnull=True) | Q(valid_to__gte=day)
        )
