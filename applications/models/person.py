"""Applicants. The IIN is shown in full only where needed."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from applications.identifiers import mask_iin
from applications.querysets import PersonQuerySet
from offices.fields import SealedDate, SealedText
from offices.text import fold, sort_key
from offices.vault import keyed_hash


class Language(models.TextChoices):
    """Languages of papers: kk and ru are of equal rank."""

    KAZAKH = "kk", _("Kazakh")
    RUSSIAN = "ru", _("Russian")


class Person(models.Model):
    """An applicant. Identifiers and contacts stand encrypted; the IIN is shown in full only where needed."""

    iin = SealedText(_("IIN"), blank=True)
    iin_hash = models.CharField(max_length=64, blank=True, editable=False, db_index=True)
    iin_reason = models.CharField(_("why the IIN is missing or fails the check"), max_length=200, blank=True)
    old_identifier = SealedText(_("old identifier"), blank=True)
    old_hash = models.CharField(max_length=64, blank=True, editable=False, db_index=True)
    last_name = models.CharField(_("surname"), max_length=120)
    first_name = models.CharField(_("name"), max_length=120)
    patronymic = models.CharField(_("patronymic"), max_length=120, blank=True)
    birth_date = SealedDate(_("date of birth"), null=True, blank=True)
    address = SealedText(_("address"), blank=True)
    phone = SealedText(_("phone"), blank=True)
    email = SealedText(_("e-mail"), blank=True)
    merged_into = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="merged")
    search = models.TextField(editable=False)
    sort_key = models.CharField(max_length=200, editable=False)

    objects = PersonQuerySet.as_manager()

    class Meta:
        verbose_name = _("person")
        constraints = (
            models.UniqueConstraint(
                fields=("iin_hash",),
                condition=~models.Q(iin_hash="") & models.Q(merged_into=None),
                name="one_person_an_iin",
            ),
        )

    def __str__(self) -> str:
        return self.full_name

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.iin_hash, self.old_hash = keyed_hash(self.iin), keyed_hash(fold(self.old_identifier))
        self.search = fold(self.full_name)
        self.sort_key = sort_key(self.full_name)
        super().save(*args, **kwargs)

    @property
    def full_name(self) -> str:
        """Surname, name, patronymic."""
        return " ".join(part for part in (self.last_name, self.first_name, self.patronymic) if part)

    @property
    def masked_iin(self) -> str:
        """The last four digits."""
        return mask_iin(self.iin)
