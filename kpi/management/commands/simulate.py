"""`manage.py simulate --office KEY --cases N --seed S [--days 365] [--fast]`: a plausible past of an office."""

from __future__ import annotations

import time
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.test.utils import override_settings
from django.utils import timezone

from applications.models import Case
from kpi.management import bulk, real
from kpi.management.plan import Plan
from offices.models import Office


class Command(BaseCommand):
    """Made through the real acts with a moving clock; `--fast` writes the same rows in bulk, without papers."""

    help = "Invent the past of an office. Refuses an office that has cases of its own, unless --anyway."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--office", required=True, help="south:shymkent")
        parser.add_argument("--cases", type=int, required=True)
        parser.add_argument("--seed", type=int, default=1)
        parser.add_argument("--days", type=int, default=365, help="how far back the past reaches")
        parser.add_argument("--fast", action="store_true", help="write rows in bulk: for volume, without papers")
        parser.add_argument("--anyway", action="store_true", help="also into an office that has cases already")

    def handle(self, *args: Any, **options: Any) -> None:
        office = Office.objects.departments().filter(key=options["office"]).first()
        if office is None:
            raise CommandError(f"no such department: {options['office']}")
        if not (settings.DEMO or options["anyway"]) and Case.objects.filter(office=office).exists():
            raise CommandError("The office has cases of its own; --anyway puts invented ones beside them.")
        plan = Plan(office, seed=options["seed"], now=timezone.now(), days=options["days"])
        if not plan.editions:
            raise CommandError("The office works by no edition that its own counter takes in.")
        cases, start = plan.cases(options["cases"]), time.perf_counter()
        if options["fast"]:
            acts = bulk.write(cases)
        else:
            # Papers are made when they are opened, otherwise a year would take hours.
            with override_settings(PAPERS_AT_ONCE=False):
                acts = real.live(cases)
        took = time.perf_counter() - start
        self.stdout.write(
            f"{len(cases)} cases, {acts} acts, {took:.1f} s ({acts / max(took, 0.001):.0f} acts a second)"
        )
