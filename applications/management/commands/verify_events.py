"""`manage.py verify_events`: looks at every link of every chain of events, and at the heads that left the database."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from applications.chain import export_heads, find_faults, read_heads
from applications.models import Event
from offices import alerts


class Command(BaseCommand):
    """Ends with an error and the places where the record was tampered with."""

    help = "Verifies the event chains; with --export, writes their heads to the file outside the database first."

    def add_arguments(self, parser: Any) -> None:
        """Where the heads are."""
        parser.add_argument("--heads", type=Path, default=settings.HEADS_FILE, help="file of heads written day by day")
        parser.add_argument("--export", action="store_true", help="append today's heads to that file when all is well")

    def handle(self, *args: Any, **options: Any) -> None:
        """Look, name every place, then write the heads."""
        started = time.monotonic()
        faults = list(find_faults(read_heads(options["heads"])))
        for fault in faults:
            self.stderr.write(str(fault))
        alerts.settle("record", {"count": len(faults)} if faults else None, timezone.now())
        if faults:
            raise CommandError(f"{len(faults)} faults in the record of events")
        if options["export"]:
            for head in export_heads(options["heads"], timezone.now()):
                self.stdout.write(str(head))
        if options["verbosity"]:
            seconds = time.monotonic() - started
            self.stdout.write(f"{Event.objects.count()} events in order ({seconds:.1f} s)")
