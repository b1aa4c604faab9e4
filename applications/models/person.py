"""Applicants. The IIN is shown in full only where needed."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from applications.identifiers import mask_iin
from offices.text import fold, sort_key


class Language(models.TextChoices):
    """Languages of papers: kk and ru are of equal rank."""

    KAZAKH = "kk", _("Kazakh")
    RUSSIAN = "ru", _("Russian")


class Person(models.Model):
    """An applicant. The IIN is shown in full only where needed."""

    iin = models.CharField(_("IIN"), max_length=12, blank=True, db_index=True)
    iin_reason = models.CharField(_("why the IIN is missing or fails the check"), max_length=200, blank=True)
    old_identifier = models.CharField(_("old identifier"), max_length=40, blank=True)
    last_name = models.CharField(_("surname"), max_length=120)
    first_name = models.CharField(_("name"), max_length=120)
    patronymic = models.CharField(_("patronymic"), max_length=120, blank=True)
    birth_date = models.DateField(_("date of birth"), null=True, blank=True)
    address = models.CharField(_("address"), max_length=300, blank=True)
    phone = models.CharField(_("phone"), max_length=40, blank=True)
    email = models.EmailField(_("e-mail"), blank=True)
    merged_into = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="merged")
    search = models.TextField(editable=False)
    sort_key = models.CharField(max_length=200, editable=False)

    class Meta:
        verbose_name = _("person")
        constraints = (
            models.UniqueConstraint(
                fields=("iin",), condition=~models.Q(iin="") & models.Q(merged_into=None), name="one_person_an_iin"
            ),
        )

    def __str__(self) -> str:
        return self.full_name

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.search = fold(f"{self.full_name} {self.old_identifier}")
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
