"""`manage.py load_law`: fixtures into tables."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import translation

from offices.actions import load_calendar, load_offices
from services.actions import load_law
from services.lawfiles import LawFileError


class Command(BaseCommand):
    """Idempotent by natural key; refuses to change a published edition."""

    help = "Load offices, calendar and law from fixtures/. Repeatable; a published edition is never changed."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--folder", type=Path, default=Path(settings.BASE_DIR) / "fixtures")

    def handle(self, *args: Any, **options: Any) -> None:
        folder: Path = options["folder"]
        counts = {"Office": load_offices(folder / "offices"), "CalendarDay": load_calendar(folder / "calendar")}
        try:
            with translation.override("en"):
                counts |= load_law(folder / "law")
        except LawFileError as problem:
            raise CommandError(str(problem)) from problem
        if options["verbosity"] > 1:
            self.stdout.write(", ".join(f"{name} {count}" for name, count in counts.items()))
