"""The act of answering a survey: once a case, a person and a part, and without any way back from the answers."""

from __future__ import annotations

import random
import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from applications.casework import ActRefused
from applications.models import Case
from kpi.lawfiles import survey_rule
from kpi.models import QualityCheck, SurveyAnswer, SurveyPart, SurveyUse
from kpi.queries.surveys import open_parts, person_of


def answer(case: Case, part: SurveyPart, scores: Mapping[str, int], *, at: datetime) -> None:
    """Keep the answers of one sheet: code of the question → step of the scale; questions may be left out.

    That the person has answered is one row, what he answered are others, and nothing connects them: no case, no hour, random
    keys, no event. Raises ActRefused: 400 for no answer at all or a step that the scale does not have, 409 for a second sheet.
    """
    rule, day = survey_rule(), timezone.localdate(at)
    asked, steps = {question.code for question in rule.asked(part)}, {int(step.code) for step in rule.scale}
    if not scores or not set(scores) <= asked or not set(scores.values()) <= steps:
        raise ActRefused(_("Answer at least one question."), status=400)
    with transaction.atomic():
        used = SurveyUse(case=case, person=person_of(case), part=part, used_on=day)
        if part not in open_parts(case) or not _first(used):
            raise ActRefused(_("This survey was answered already. Thank you."))
        sheet = uuid.uuid4()
        rows = [
            SurveyAnswer(
                sheet=sheet, office_id=case.office_id, edition_id=case.edition_id, day=day, code=code, score=score,
                satisfied=score in rule.satisfied, rule_version=rule.version,
            )
            for code, score in scores.items()
        ]  # fmt: skip
        random.SystemRandom().shuffle(rows)
        SurveyAnswer.objects.bulk_create(rows)


def forget(sender: Any, case: Case, **kwargs: Any) -> None:
    """With a case's personal data goes the row that its person has answered, and what a checker wrote; the answers say nobody."""
    SurveyUse.objects.filter(case=case).delete()
    QualityCheck.objects.filter(case=case).exclude(note="").update(note="")


def _first(used: SurveyUse) -> bool:
    """Whether this row went in: of two sheets at once the constraint lets one."""
    SurveyUse.objects.bulk_create([used], ignore_conflicts=True)
    return SurveyUse.objects.filter(pk=used.pk).exists()
