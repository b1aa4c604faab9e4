"""`manage.py due`: when something is due, and why."""

import json
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.core.management.base import BaseCommand, CommandError, CommandParser

from offices.calendars import calendar_of, runs_of
from offices.models import Office
from offices.text import in_language
from services.deadlines import due, parse_norm
from services.models import Edition


class Command(BaseCommand):
    """The same engine that sets the clocks of cases."""

    help = 'Say when a norm ends: --office south:shymkent --norm "10 working_day" --from 2026-03-13T10:00'

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--office", required=True, help="key of the office, such as south:shymkent")
        parser.add_argument("--norm", required=True, help='amount and unit, such as "10 working_day"')
        parser.add_argument(
            "--from", dest="start", required=True, help="the moment, office time unless it names its zone"
        )
        parser.add_argument("--edition", help="code of an edition whose own hours hold, such as south-2012-370-2")
        parser.add_argument("--json", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        office = Office.objects.filter(key=options["office"]).first()
        if office is None:
            raise CommandError(f"no office has the key {options['office']}")
        try:
            norm, start = parse_norm(options["norm"]), datetime.fromisoformat(options["start"])
        except ValueError as problem:
            raise CommandError(str(problem)) from problem
        start = start if start.tzinfo else start.replace(tzinfo=ZoneInfo(office.time_zone))
        calendar = calendar_of(office, self._hours(options["edition"]))
        try:
            found = due(start, norm, calendar, runs=runs_of(office.collection_runs))
        except (ValueError, OverflowError) as problem:
            raise CommandError(f"{options['norm']} from {options['start']}: {problem}") from problem
        lines = [line.as_dict() for line in found.trace]
        if options["json"]:
            self.stdout.write(json.dumps({"due": found.instant.isoformat(), "trace": lines}, ensure_ascii=False))
            return
        self.stdout.write(found.instant.isoformat())
        for line in lines:
            words = [str(line[key]) for key in ("kind", "date", "at", "n") if line.get(key)]
            self.stdout.write("  " + " ".join([*words, in_language(line.get("reason"), "en")]))

    def _hours(self, code: str | None) -> dict[str, Any] | None:
        if not code:
            return None
        edition = Edition.objects.filter(code=code).order_by("-version").first()
        if edition is None:
            raise CommandError(f"no edition has the code {code}")
        return edition.hours
