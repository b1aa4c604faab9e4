"""Queries on offices and staff in the words of the domain."""

from __future__ import annotations

from datetime import date, datetime, timedelta
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


class JobQuerySet(models.QuerySet[Any]):
    """Jobs by what is to be done with them."""

    def open(self) -> Self:
        """Neither done nor parked."""
        return self.filter(done_at=None, parked_at=None)

    def ready(self, at: datetime) -> Self:
        """To be taken up at `at`: due, and in nobody's hands (a lease that ran out is nobody's)."""
        free = Q(lease_until=None) | Q(lease_until__lte=at)
        return self.open().filter(free, due_at__lte=at)

    def late(self, at: datetime, minutes: int = 10) -> Self:
        """Open although due for more than `minutes`: no worker runs, or they cannot keep up."""
        return self.open().filter(due_at__lt=at - timedelta(minutes=minutes))

    def parked(self) -> Self:
        """Given up after the last attempt."""
        return self.filter(parked_at__isnull=False)
