"""The law as data: decrees, services, editions and what an edition says. Loaded by `load_law`, never written by hand."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

from offices.models import Oblast, Office
from offices.text import Label
from services.deadlines import Norm as TermNorm
from services.deadlines import Unit
from services.querysets import EditionQuerySet
from services.workflow import EditionMachine, EditionState, ResultKind, StepTransition, StructuralUnit, Trigger


def label(length: int | None = None, **options: Any) -> Any:
    """One language's column of a label; without `length` a text of any size."""
    return models.CharField(max_length=length, **options) if length else models.TextField(**options)


class Decree(models.Model):
    """A decree of an akimat by which standards or regulations were approved."""

    code = models.CharField(max_length=40, unique=True)
    oblast = models.CharField(max_length=20, choices=Oblast.choices)
    body_kk, body_ru, body_en = label(300), label(300), label(300)
    title_kk, title_ru, title_en = label(), label(), label()
    number = models.CharField(max_length=40)
    date = models.DateField()
    registered_number = models.CharField(max_length=40)
    registered_date = models.DateField(null=True)
    repealed_number = models.CharField(max_length=40, blank=True)
    repealed_date = models.DateField(null=True)
    data = models.JSONField(
        default=dict, help_text="everything else of the file: entry into force, amendments, orders, signature"
    )

    body, title = Label(), Label()

    class Meta:
        verbose_name = _("decree")
        verbose_name_plural = _("decrees")

    def __str__(self) -> str:
        return f"{self.body} {self.date:%d.%m.%Y} № {self.number}"


class Service(models.Model):
    """One of the eleven services; several editions may rule it."""

    code = models.SlugField(max_length=60, unique=True)
    position = models.PositiveSmallIntegerField()
    name_kk, name_ru, name_en = label(300), label(300), label(300)
    everyday_kk, everyday_ru, everyday_en = label(200, blank=True), label(200, blank=True), label(200, blank=True)

    name, everyday = Label(), Label()

    class Meta:
        verbose_name = _("service")
        verbose_name_plural = _("services")
        ordering = ("position",)

    def __str__(self) -> str:
        return self.name


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
    valid_from = models.DateField(null=True, blank=True)
    valid_to = models.DateField(null=True, blank=True)

    name, result, recipients, book = Label(), Label(), Label(), Label()
    objects = EditionQuerySet.as_manager()

    class Meta:
        verbose_name = _("edition")
        verbose_name_plural = _("editions")
        ordering = ("service__position", "code", "version")
        constraints = (models.UniqueConstraint(fields=("code", "version"), name="one_edition_a_code_and_version"),)

    def __str__(self) -> str:
        return self.name

    def delete(self, *args: Any, **kwargs: Any) -> Any:
        if self.state != EditionState.DRAFT:
            raise ValidationError(_("A published edition cannot be deleted."))
        return super().delete(*args, **kwargs)

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


class NormKey(models.TextChoices):
    """What an edition's norm limits."""

    OVERALL = "overall", _("term of the service")
    QUEUE_IN = "queue_in", _("queue when handing in")
    QUEUE_OUT = "queue_out", _("queue when collecting")
    SERVING = "serving", _("serving at the counter")


class Norm(models.Model):
    """A norm: amount, unit, trigger, channel, what ends it, verbatim text. Never a bare number of days."""

    edition = models.ForeignKey(Edition, models.CASCADE, related_name="norms")
    key = models.CharField(max_length=12, choices=NormKey.choices)
    channel = models.CharField(max_length=12, default="any")
    amount = models.PositiveSmallIntegerField()
    unit = models.CharField(max_length=20, choices=[(unit.value, unit.value) for unit in Unit])
    trigger = models.CharField(max_length=24, choices=Trigger.choices, blank=True)
    ends_with = models.CharField(max_length=24, blank=True)
    text_kk = models.TextField(blank=True)
    point = models.CharField(max_length=60)
    source = models.CharField(max_length=12)
    note = models.TextField(blank=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("edition", "key", "channel"), name="one_norm_a_key_and_channel"),
            models.CheckConstraint(condition=models.Q(amount__gte=1), name="norm_amount_positive"),
        )

    def __str__(self) -> str:
        return f"{self.key}: {self.amount} {self.unit}"

    @property
    def term(self) -> TermNorm:
        """The norm as the due-date engine takes it."""
        return TermNorm(self.amount, Unit(self.unit), point=self.point, text=self.text_kk)


class Step(models.Model):
    """A row of table 1: the unit, its act, the form of completion, the norm, and the transition it stands for."""

    edition = models.ForeignKey(Edition, models.CASCADE, related_name="steps")
    no = models.PositiveSmallIntegerField()
    block = models.PositiveSmallIntegerField(default=1)
    unit = models.CharField(max_length=20, choices=StructuralUnit.choices)
    unit_kk = models.CharField(max_length=200)
    act_kk, act_ru, act_en = label(), label(), label()
    completion_kk, completion_ru, completion_en = label(), label(), label()
    norm_amount = models.PositiveSmallIntegerField(null=True, blank=True, help_text="null: no norm in the act")
    norm_unit = models.CharField(max_length=20, blank=True)
    norm_kk = models.CharField(max_length=100, blank=True)
    next_no = models.PositiveSmallIntegerField(null=True, blank=True)
    point = models.CharField(max_length=60)
    transition = models.CharField(max_length=20, choices=StepTransition.choices)
    note = models.TextField(blank=True)

    act, completion = Label(), Label()

    class Meta:
        ordering = ("edition", "no")
        constraints = (
            models.UniqueConstraint(fields=("edition", "no"), name="one_step_a_number"),
            models.UniqueConstraint(fields=("edition", "transition"), name="one_step_a_transition"),
        )

    def __str__(self) -> str:
        return f"{self.no}. {self.act}"

    @property
    def term(self) -> TermNorm | None:
        """The step's norm as the due-date engine takes it, None where the act gives none."""
        if self.norm_amount is None:
            return None
        return TermNorm(self.norm_amount, Unit(self.norm_unit), point=self.point, text=self.norm_kk)


class PathGroup(models.Model):
    """A column of table 2 (main path) or table 3 (alternative path): a group of structural units."""

    edition = models.ForeignKey(Edition, models.CASCADE, related_name="path_groups")
    table = models.PositiveSmallIntegerField(choices=[(2, "2"), (3, "3")])
    title_kk = models.CharField(max_length=200)
    no = models.PositiveSmallIntegerField()
    unit = models.CharField(max_length=20, choices=StructuralUnit.choices)
    unit_kk = models.CharField(max_length=200)
    heading_kk = models.CharField(max_length=60, blank=True)

    class Meta:
        ordering = ("edition", "table", "no")
        constraints = (models.UniqueConstraint(fields=("edition", "table", "no"), name="one_group_a_number"),)

    def __str__(self) -> str:
        return self.unit_kk


class PathAct(models.Model):
    """A cell of table 2 or 3: one act in the order of its path."""

    group = models.ForeignKey(PathGroup, models.CASCADE, related_name="acts")
    no = models.PositiveSmallIntegerField()
    act_kk, act_ru, act_en = label(), label(), label()
    transition = models.CharField(max_length=20, choices=StepTransition.choices)
    note = models.TextField(blank=True)

    act = Label()

    class Meta:
        ordering = ("no",)

    def __str__(self) -> str:
        return f"{self.no}. {self.act}"


class DocumentRequirement(models.Model):
    """A document of an edition's list, with its condition, alternatives, and whether it is handed in or shown."""

    edition = models.ForeignKey(Edition, models.CASCADE, related_name="documents")
    position = models.PositiveSmallIntegerField()
    no = models.CharField(max_length=12)
    name_kk, name_ru, name_en = label(), label(), label()
    mode = models.CharField(max_length=10, choices=[("handed_in", _("handed in")), ("shown", _("shown"))])
    required = models.BooleanField(default=True)
    condition_code = models.SlugField(max_length=60, blank=True)
    condition_kk, condition_ru, condition_en = label(blank=True), label(blank=True), label(blank=True)
    alternative_group = models.CharField(max_length=10, blank=True)
    point = models.CharField(max_length=60)
    source = models.CharField(max_length=12)
    note = models.TextField(blank=True)

    name, condition = Label(), Label()

    class Meta:
        ordering = ("edition", "position")

    def __str__(self) -> str:
        return self.name


class Ground(models.Model):
    """A ground for refusal or suspension from the edition's closed list."""

    edition = models.ForeignKey(Edition, models.CASCADE, related_name="grounds")
    position = models.PositiveSmallIntegerField()
    no = models.CharField(max_length=12)
    kind = models.CharField(max_length=24)
    name_kk, name_ru, name_en = label(), label(), label()
    point = models.CharField(max_length=60)
    source = models.CharField(max_length=12)

    name = Label()

    class Meta:
        ordering = ("edition", "position")

    def __str__(self) -> str:
        return self.name


class Point(models.Model):
    """A point of the act, word for word."""

    edition = models.ForeignKey(Edition, models.CASCADE, related_name="points")
    position = models.PositiveSmallIntegerField()
    no = models.CharField(max_length=12)
    section = models.CharField(max_length=300, blank=True)
    text_kk = models.TextField()

    class Meta:
        ordering = ("edition", "position")

    def __str__(self) -> str:
        return f"{self.no}."


class IndicatorGeneration(models.TextChoices):
    """The same number has another meaning in the two generations of indicator tables."""

    TWELVE = "twelve", _("twelve lines, quality and accessibility")
    SIX = "six", _("six lines, quality and efficiency")


class Indicator(models.Model):
    """A line of an indicator table, keyed by generation and code."""

    generation = models.CharField(max_length=8, choices=IndicatorGeneration.choices)
    code = models.CharField(max_length=4)
    group_kk, group_ru, group_en = label(100), label(100), label(100)
    name_kk, name_ru, name_en = label(), label(), label()
    better = models.CharField(
        max_length=8, choices=[("higher", _("higher is better")), ("lower", _("lower is better"))]
    )
    data = models.JSONField(default=dict, help_text="numerator, denominator, source of the figures, twin code")

    group, name = Label(), Label()

    class Meta:
        ordering = ("generation", "code")
        constraints = (models.UniqueConstraint(fields=("generation", "code"), name="one_indicator_a_code"),)

    def __str__(self) -> str:
        return f"{self.code} {self.name}"


class IndicatorValue(models.Model):
    """A row of the indicator table printed in a standard; blank is not zero."""

    edition = models.ForeignKey(Edition, models.CASCADE, related_name="indicator_values")
    code = models.CharField(max_length=4)
    name_kk = models.TextField()
    normative = models.DecimalField(max_digits=6, decimal_places=2, null=True)
    target = models.DecimalField(max_digits=6, decimal_places=2, null=True)
    current = models.DecimalField(max_digits=6, decimal_places=2, null=True)
    note = models.TextField(blank=True)

    class Meta:
        ordering = ("edition", "code")
        constraints = (models.UniqueConstraint(fields=("edition", "code"), name="one_value_a_line"),)

    def __str__(self) -> str:
        return self.code


class SearchTerm(models.Model):
    """A word under which a page is found: a service by its code, an office by its key."""

    word = models.CharField(max_length=60, db_index=True)
    kind = models.CharField(max_length=8, choices=[("service", _("service")), ("office", _("office"))])
    key = models.CharField(max_length=60)
    weight = models.PositiveSmallIntegerField(help_text="10: what people call it; 1: somewhere in the act")

    class Meta:
        constraints = (models.UniqueConstraint(fields=("kind", "key", "word"), name="one_term_a_page_and_word"),)

    def __str__(self) -> str:
        return f"{self.word} → {self.kind} {self.key}"


class SearchGram(models.Model):
    """Three letters in a row of a word: what a misspelt word still has in common with the right one."""

    gram = models.CharField(max_length=3)
    word = models.CharField(max_length=60)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("gram", "word"), name="one_gram_a_word"),)
        indexes = (models.Index(fields=("word",), name="search_gram_word"),)

    def __str__(self) -> str:
        return f"{self.gram} in {self.word}"
