"""`manage.py erase_due`: takes away the personal data of cases whose retention term is over."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.utils import timezone

from applications.data_rights import due_for_erasure, erase, erase_again


class Command(BaseCommand):
    """Erases by verified retention terms; `--after-restore` repeats the erasures that a restore has undone."""

    help = "Erases the personal data of closed cases whose retention term is over (terms verified by a person only)."

    def add_arguments(self, parser: Any) -> None:
        """What to do."""
        parser.add_argument("--dry-run", action="store_true", help="only say how many cases it would be")
        parser.add_argument("--after-restore", action="store_true", help="erase again what the list outside names")
        parser.add_argument("--list", type=Path, default=settings.ERASURES_FILE, help="the list of erased cases")

    def handle(self, *args: Any, **options: Any) -> None:
        """Erase, one transaction a case, and say how many."""
        now = timezone.now()
        if options["after_restore"]:
            self.stdout.write(f"{erase_again(options['list'], now)} cases erased again")
            return
        cases = due_for_erasure(now).select_related("office", "person").order_by("pk")
        if options["dry_run"]:
            self.stdout.write(f"{cases.count()} cases are due for erasure")
            return
        done = 0
        for case in list(cases):
            erase(case, reason="retention term", at=now)
            done += 1
        self.stdout.write(f"{done} cases erased")
