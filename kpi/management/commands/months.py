"""`manage.py months [--all] [--check]`: count the marked months (or all) anew, or compare every month with its rows."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from kpi.actions import months


class Command(BaseCommand):
    """Without options: the months that something was done to since they were counted."""

    help = "Count months of the indicators anew; --check compares all of them with the rows behind them."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--all", action="store_true", help="every month, not only the marked")
        parser.add_argument("--check", action="store_true", help="compare, change nothing; fails where one differs")

    def handle(self, *args: Any, **options: Any) -> None:
        now = timezone.now()
        if options["check"]:
            faults = list(months.check(now))
            for fault in faults:
                self.stderr.write(f"{fault.measure} {fault.key}: kept {fault.kept}, counted {fault.counted}")
            if faults:
                raise CommandError(f"{len(faults)} months differ from their rows: manage.py months --all")
            self.stdout.write("Every kept month is what its rows say.")
            return
        counted = months.count_all(now) if options["all"] else months.count_marked(now)
        self.stdout.write(f"{counted} months counted.")
