"""`manage.py demo_kpi`: surveys and quality checks for the invented cases of `manage.py demo`, through the real acts."""

from __future__ import annotations

import random
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from applications.models import Case
from kpi.actions import quality, surveys
from kpi.lawfiles import quality_rule, survey_rule
from kpi.models import QualityDraw, SurveyPart, SurveyUse
from kpi.queries.quality import bounds, may_check
from kpi.queries.surveys import open_parts
from offices.models import Membership, Office
from offices.policy import Staff, staff_at
from offices.workflow import Role


class Command(BaseCommand):
    """A second run changes nothing."""

    help = "Answer surveys and check samples for the invented cases (DEMO=1 only)."

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEMO:
            raise CommandError("DEMO is off: invented answers belong to the demonstration only.")
        rng, now = random.Random(2026), timezone.now()
        if not SurveyUse.objects.exists():
            for case in Case.objects.filter(delivered_at__isnull=False).order_by("pk"):
                _answer(case, rng, now)
        if not QualityDraw.objects.exists():
            for office in Office.objects.filter(cases__isnull=False).distinct().order_by("pk"):
                _check(office, rng, now)


def _answer(case: Case, rng: random.Random, now: datetime) -> None:
    """Not quite half answer, some days later; who waited too long is less pleased."""
    late = case.clocks.filter(kind="overall", met=False).exists()
    answered_at = (case.delivered_at or now) + timedelta(days=rng.randrange(3))
    if rng.random() < 0.55 or answered_at > now:
        return
    weights = (2, 3, 3, 2, 1) if late else (6, 4, 1.4, 0.5, 0.2)
    for part in open_parts(case):
        codes = [question.code for question in survey_rule().asked(part)]
        scores = dict(zip(codes, rng.choices((5, 4, 3, 2, 1), weights, k=len(codes)), strict=True))
        surveys.answer(case, SurveyPart(part), scores, at=answered_at)


def _check(office: Office, rng: random.Random, now: datetime) -> None:
    """The last month that is over: the head draws, colleagues check nearly all."""
    heads = _people(office, (Role.HEAD,), now)
    month = (timezone.localdate(now).replace(day=1) - timedelta(days=1)).replace(day=1)
    if not heads:
        return
    made = quality.draw(
        office, month, by=heads[0], at=max(bounds(month)[1] + timedelta(days=2), now - timedelta(days=1))
    )
    colleagues = _people(office, (Role.DEPUTY, Role.CLERK, Role.EXECUTOR), now)
    for row in made.checks.select_related("decision", "case"):
        able = [person for person in colleagues if may_check(row, person)]
        if not able or rng.random() < 0.15:
            continue
        passed = {line.code: rng.random() > 0.02 for line in quality_rule().checklist}
        note = "" if all(passed.values()) else "Құжаттағы мәлімет іс құжаттарымен сәйкес келмейді."
        quality.check(row, passed, note=note, by=rng.choice(able), at=now)


def _people(office: Office, roles: tuple[Role, ...], now: datetime) -> list[Staff]:
    rows = Membership.objects.filter(office=office, role__in=roles).select_related("user").order_by("pk")
    return [staff_at(row.user, now) for row in rows]
