"""`manage.py retention`: how long closed cases of an edition are kept; a term is set with its verified source."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from applications.models import Retention
from services.models import Edition


class Command(BaseCommand):
    """Without arguments, lists the terms; with them, sets the term of all versions of an edition."""

    help = "Lists or sets retention terms. Only verified terms erase anything."

    def add_arguments(self, parser: Any) -> None:
        """Which edition, how long, by which source."""
        parser.add_argument("code", nargs="?", help="code of the edition")
        parser.add_argument("--years", type=int, help="full years after the year of closing")
        parser.add_argument("--source", default="", help="the archival list with its article")

    def handle(self, *args: Any, **options: Any) -> None:
        """List or set."""
        if not options["code"]:
            for row in Retention.objects.select_related("edition").order_by("edition__code"):
                self.stdout.write(f"{row.edition.code} v{row.edition.version}: {row.years} years, {row.source}")
            return
        editions = Edition.objects.filter(code=options["code"])
        if not editions:
            raise CommandError(f"there is no edition {options['code']}")
        if not options["source"] or not (options["years"] and 1 <= options["years"] <= 100):
            raise CommandError("a term needs --years (1 to 100) and its --source")
        for edition in editions:
            values = {"years": options["years"], "source": options["source"], "verified": True}
            Retention.objects.update_or_create(edition=edition, defaults=values)
        self.stdout.write(f"{options['code']}: {options['years']} years")
