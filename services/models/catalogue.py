"""What all editions share: decrees, services, conditions, the two generations of indicators."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from offices.models import Oblast
from offices.text import Label


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


class Condition(models.Model):
    """A condition under which a paper is needed, from a closed list."""

    code = models.SlugField(max_length=60, unique=True)
    position = models.PositiveSmallIntegerField()
    name_kk, name_ru, name_en = label(200), label(200), label(200)

    name = Label()

    class Meta:
        ordering = ("position",)

    def __str__(self) -> str:
        return self.name


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
