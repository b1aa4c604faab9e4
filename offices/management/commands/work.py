"""`manage.py work`: do the jobs of the outbox."""

from __future__ import annotations

import signal
import threading
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone

from offices.models import Job
from offices.outbox import drain, fill_slots
from offices.outbox.worker import Worker


class Command(BaseCommand):
    """A worker process; start as many as wanted. SIGTERM and Ctrl-C let it finish the job in hand."""

    help = (
        "Do the jobs of the outbox until stopped. Any number of these may run on PostgreSQL; on SQLite one is enough."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--once", action="store_true", help="do what is due now, then end")
        parser.add_argument("--again", action="store_true", help="take up the parked jobs once more first")
        parser.add_argument("--poll", type=float, default=1.0, help="seconds between two looks at an empty queue")

    def get_check_kwargs(self, options: dict[str, Any]) -> Any:
        """Before the work begins the database is looked at as well: a weak one is refused (config.durability)."""
        asked: Any = super().get_check_kwargs(options)
        return {**asked, "databases": ["default"]}

    def handle(self, *args: Any, **options: Any) -> None:
        if options["again"]:
            number = Job.objects.parked().update(parked_at=None, attempts=0, due_at=timezone.now())
            self.stdout.write(f"{number} parked jobs are taken up again")
        if options["once"]:
            fill_slots()
            self.stdout.write(f"{drain()} jobs done")
            return
        stop = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_args: stop.set())
        Worker(poll=options["poll"], stop=stop).run()
