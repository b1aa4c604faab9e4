"""`manage.py annex CODE`: the statutory tables of an edition, printed back from the running definition."""

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from services.models import Edition
from services.queries import annex_tables


class Command(BaseCommand):
    """Tables 1-3 of a regulation."""

    help = "Print tables 1, 2 and 3 of an edition, such as south-2012-370-4, from the definition that runs."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("code")
        parser.add_argument("--path", choices=["main", "alternative"], help="only the table of that path")
        parser.add_argument("--format", choices=["json"], default="json")

    def handle(self, *args: Any, **options: Any) -> None:
        edition = Edition.objects.for_detail().filter(code=options["code"]).order_by("-version").first()
        if edition is None:
            known = ", ".join(Edition.objects.order_by("code").values_list("code", flat=True))
            raise CommandError(f"no edition has the code {options['code']}; known: {known}")
        tables = annex_tables(edition)
        if options["path"]:
            kept = "table2" if options["path"] == "main" else "table3"
            tables = {key: value for key, value in tables.items() if key in ("edition", kept)}
        self.stdout.write(json.dumps(tables, ensure_ascii=False, indent=2))
