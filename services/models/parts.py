"""The parts of an edition as rows, written from its definition: norms, steps, paths, papers, grounds, points, indicators."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from offices.text import Label
from services.deadlines import Norm as TermNorm
from services.deadlines import Unit
from services.models.catalogue import label
from services.models.edition import Edition
from services.workflow import StepTransition, StructuralUnit, Trigger


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
