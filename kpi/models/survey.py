"""Surveys: that somebody has answered, and what was answered, kept apart so that no row leads from one to the other."""

from __future__ import annotations

import uuid

from django.db import models
from django.utils.translation import gettext_lazy as _

from applications.models import Case, Person
from offices.models import Office
from services.models import Edition


class SurveyPart(models.TextChoices):
    """Everybody is asked of the service; of the complaint only who complained."""

    SERVICE = "service", _("about the service")
    COMPLAINT = "complaint", _("about the complaint")


class SurveyUse(models.Model):
    """The person has answered this part for this case: once. Says the day only, and nothing of the answers."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    case = models.ForeignKey(Case, models.CASCADE, related_name="+")
    person = models.ForeignKey(Person, models.PROTECT, related_name="+")
    part = models.CharField(max_length=10, choices=SurveyPart.choices)
    used_on = models.DateField()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("case", "person", "part"), name="one_answer_a_case_person_and_part"),
        )

    def __str__(self) -> str:
        return f"{self.part} {self.used_on:%Y-%m-%d}"


class SurveyAnswer(models.Model):
    """One answer of a sheet: the question's code, the step of the scale, and whether the rule counted it as satisfied.

    No case, no person, no hour: `sheet` only holds the answers of one sheet together. Random keys tell no order.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    sheet = models.UUIDField(db_index=True)
    office = models.ForeignKey(Office, models.PROTECT, related_name="survey_answers")
    edition = models.ForeignKey(Edition, models.PROTECT, related_name="survey_answers")
    day = models.DateField(help_text="office date, never the hour")
    code = models.CharField(max_length=4, help_text="the line of the twelve-line table")
    score = models.PositiveSmallIntegerField()
    satisfied = models.BooleanField(help_text="by the rule of that day")
    rule_version = models.PositiveSmallIntegerField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=("sheet", "code"), name="one_answer_a_question"),)
        indexes = (
            models.Index(fields=("code", "office", "edition", "day"), include=("satisfied",), name="survey_indicator"),
        )

    def __str__(self) -> str:
        return f"{self.code}: {self.score}"
