"""Numbers of an office's books: dense from 1 in every year, taken in the transaction of the act that needs them."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.db.models import F, TextChoices
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from applications.models import NumberBook, QueueDay
from offices.models import Office


class Book(TextChoices):
    """The books of an office; the value is what stands between the office's code and the year."""

    REGISTRATION = "", _("journal of registration")
    RECORD = "R", _("record book")
    DISPATCH = "D", _("dispatch lists")
    COMPLAINT = "C", _("journal of complaints")


def take_number(office: Office, book: Book, at: datetime) -> str:
    """Take the next number of `book`, such as SHM-2026-00017 or SHM-R-2026-00017.

    Must run inside the act's transaction: the row stays locked until it ends, and a rolled-back act leaves no gap.
    """
    year = timezone.localdate(at).year
    row: dict[str, Any] = {"office": office, "book": book.value, "year": year}
    if not NumberBook.objects.filter(**row).update(last=F("last") + 1):
        NumberBook.objects.get_or_create(**row)
        NumberBook.objects.filter(**row).update(last=F("last") + 1)
    last = NumberBook.objects.values_list("last", flat=True).get(**row)
    return "-".join(part for part in (office.code, book.value, str(year), f"{last:05d}") if part)


def next_in_queue(office: Office, day: date) -> int:
    """Take the next queue number of the office on `day`, from 1; inside the act's transaction, as `take_number`."""
    row: dict[str, Any] = {"office": office, "day": day}
    if not QueueDay.objects.filter(**row).update(last=F("last") + 1):
        QueueDay.objects.get_or_create(**row)
        QueueDay.objects.filter(**row).update(last=F("last") + 1)
    return QueueDay.objects.values_list("last", flat=True).get(**row)
