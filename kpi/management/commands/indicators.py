"""`manage.py indicators --office KEY --edition CODE --year 2026 [--json]`: the statutory table, counted from what happened."""

from __future__ import annotations

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from kpi.queries.asking import Period, Scope
from kpi.queries.tables import Table, table_of, words
from offices.models import Office
from services.models import Edition


class Command(BaseCommand):
    """Each cell with its numerator, denominator and exclusions."""

    help = "Print the indicator table of an edition for an office (or district:KEY, an oblast, all) and a period."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--office", required=True, help="south:shymkent, district:south:shymkent, south, all")
        parser.add_argument("--edition", required=True, help="south-2012-370-4")
        when = parser.add_mutually_exclusive_group(required=True)
        when.add_argument("--year", type=int, help="2026")
        when.add_argument("--period", help="2026, 2026-Q1 or 2026-03")
        parser.add_argument("--json", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            period = Period.parse(options["period"] or f"{options['year']:04d}")
            table = table_of(options["edition"], Scope.parse(options["office"]), period, timezone.now())
        except ValueError as problem:
            raise CommandError(f"no such period: {problem}") from problem
        except Office.DoesNotExist as problem:
            raise CommandError(f"no such office: {options['office']}") from problem
        except Edition.DoesNotExist as problem:
            raise CommandError(f"no such edition: {options['edition']}") from problem
        if options["json"]:
            self.stdout.write(json.dumps(table.as_dict(), ensure_ascii=False))
        else:
            self._print(table)

    def _print(self, table: Table) -> None:
        self.stdout.write(f"{table.scope.name}. {table.edition.name}. {table.period.name}")
        for group, rows in table.groups:
            self.stdout.write(group)
            for row in rows:
                figure = row.figure
                left_out = "".join(f"; {count} {reason}" for _code, reason, count in row.left_out)
                counted = f"{figure.numerator}/{figure.denominator}{left_out}"
                cells = [words(row.normative, ""), words(row.target, ""), words(row.current)]
                self.stdout.write(f"  {row.line.code}  {' | '.join(cells):<28} {counted:<24} {row.line.indicator.name}")
