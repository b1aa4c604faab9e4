"""Editions: the versioned definitions that drive, compute, measure and print; who works by them, who changed them."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F
from django.utils.translation import gettext_lazy as _

from offices.models import Office, User
from offices.text import Label
from services.models.catalogue import Decree, Service, label
from services.querysets import EditionQuerySet
from services.workflow import EditionMachine, EditionState, ResultKind


class EditionKind(models.TextChoices):
    """Standards have 25 points and an indicator table, regulations have steps."""

    STANDARD = "standard", _("standard")
    REGULATION = "regulation", _("regulation")


class Edition(EditionMachine):
    """One version of one standard or regulation: the definition that drives, computes, measures and prints."""

    code = models.SlugField(max_length=60)
    version = models.PositiveSmallIntegerField(default=1)
    short = models.CharField(max_length=4, help_text="E1-E13")
    kind = models.CharField(max_length=12, choices=EditionKind.choices)
    service = models.ForeignKey(Service, models.PROTECT, related_name="editions")
    decree = models.ForeignKey(Decree, models.PROTECT, related_name="editions")
    annex = models.PositiveSmallIntegerField(null=True)
    name_kk, name_ru, name_en = label(400), label(400), label(400)
    result_kind = models.CharField(max_length=12, choices=ResultKind.choices)
    result_kk, result_ru, result_en = label(), label(), label()
    recipients_kk, recipients_ru, recipients_en = label(), label(), label()
    book_kk, book_ru, book_en = label(300), label(300), label(300)
    channels = models.JSONField(default=list)
    receipts = models.JSONField(default=list, help_text="[{kind, fields, kk, point}]: what the applicant is given")
    delivery = models.JSONField(default=dict, help_text="{ways, kk, point}")
    hours = models.JSONField(null=True, help_text="the service's own hours where the act sets them")
    suspension_allowed = models.BooleanField(default=False)
    complaint_paths = models.JSONField(default=list)
    data = models.JSONField(
        default=dict, help_text="everything else of the file: form, fee, legal basis, principles, notes"
    )
    digest = models.CharField(max_length=64, help_text="SHA-256 of the definition as loaded")
    revision = models.PositiveIntegerField(default=0, help_text="counts the changes of a draft")
    valid_from = models.DateField(null=True, blank=True)
    valid_to = models.DateField(null=True, blank=True)

    name, result, recipients, book = Label(), Label(), Label(), Label()
    objects = EditionQuerySet.as_manager()

    class Meta:
        verbose_name = _("edition")
        verbose_name_plural = _("editions")
        ordering = ("service__position", "code", "version")
        constraints = (
            models.UniqueConstraint(fields=("code", "version"), name="one_edition_a_code_and_version"),
            models.CheckConstraint(
                condition=models.Q(valid_from=None) | models.Q(valid_to=None) | models.Q(valid_from__lte=F("valid_to")),
                name="edition_ends_after_start",
            ),
        )

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        # Compared with the row itself: what this object was read from may be a part of it (`only`, `defer`), or out of date.
        row: dict[str, Any] = dict(Edition._base_manager.filter(pk=self.pk).values().first() or {})
        if row.get("state", EditionState.DRAFT) != EditionState.DRAFT:
            written = row.keys() - self.get_deferred_fields()
            changed = {name for name in written if row[name] != self.serializable_value(name)}
            if changed - {"state", "valid_to"} or self.state == EditionState.DRAFT:
                raise ValidationError(_("A published edition cannot be changed. An amendment is a new version."))
        super().save(*args, **kwargs)

    @property
    def definition(self) -> dict[str, Any]:
        """The whole file of the edition, read when it is asked for; empty where it was published before files were kept."""
        if not hasattr(self, "_definition"):
            rows = WholeDefinition.objects.filter(pk=self.pk).values_list("content", flat=True)
            self._definition: dict[str, Any] = rows.first() or {}
        return self._definition

    @definition.setter
    def definition(self, content: dict[str, Any]) -> None:
        WholeDefinition.objects.update_or_create(edition=self, defaults={"content": content})
        self._definition = content

    def delete(self, *args: Any, **kwargs: Any) -> Any:
        if self.state != EditionState.DRAFT:
            raise ValidationError(_("A published edition cannot be deleted."))
        return super().delete(*args, **kwargs)

    @property
    def is_draft(self) -> bool:
        """Whether it can still be changed."""
        return bool(self.state == EditionState.DRAFT)

    def holds_on(self, day: date) -> bool:
        """Whether the version is in force on `day`."""
        return (self.valid_from is None or self.valid_from <= day) and (self.valid_to is None or day <= self.valid_to)

    @property
    def through_centre(self) -> bool:
        """Whether applications may also come through a citizen service centre."""
        return "centre" in self.channels


class EditionUse(models.Model):
    """Whether an office works by the edition: the administrator's setting, whatever became of the decree."""

    office = models.ForeignKey(Office, models.CASCADE, related_name="edition_uses", verbose_name=_("office"))
    edition = models.ForeignKey(Edition, models.CASCADE, related_name="uses", verbose_name=_("edition"))
    in_use = models.BooleanField(_("in use"), default=True)

    class Meta:
        verbose_name = _("edition in an office")
        verbose_name_plural = _("editions in offices")
        constraints = (models.UniqueConstraint(fields=("office", "edition"), name="one_use_an_office_and_edition"),)

    def __str__(self) -> str:
        return f"{self.office} · {self.edition}"


class WholeDefinition(models.Model):
    """The file of an edition. A row of its own, because lists of cases read editions and have no use for it."""

    edition = models.OneToOneField(Edition, models.CASCADE, primary_key=True, related_name="+")
    content = models.JSONField()

    def __str__(self) -> str:
        return str(self.pk)


class EditionAct(models.TextChoices):
    """What can be done to an edition."""

    COPIED = "copied", _("copied from another edition")
    AMENDED = "amended", _("begun as an amendment")
    IMPORTED = "imported", _("taken in from a file")
    EDITED = "edited", _("edited")
    PUBLISHED = "published", _("published")
    ENDED = "ended", _("ended by the next version")
    WITHDRAWN = "withdrawn", _("withdrawn")


class EditionChange(models.Model):
    """Who changed what in an edition, when. Rows are only added."""

    edition = models.ForeignKey(Edition, models.CASCADE, related_name="changes")
    act = models.CharField(max_length=12, choices=EditionAct.choices)
    part = models.CharField(max_length=20, blank=True)
    by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField()
    details = models.JSONField(default=list, help_text="[{path, old, new}] of an edit, other facts of another act")

    class Meta:
        ordering = ("pk",)

    def __str__(self) -> str:
        return f"{self.edition}: {self.act}"
