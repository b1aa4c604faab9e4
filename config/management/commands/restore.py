"""`manage.py restore FILE`: put a backup into an empty installation and compare; `--check` only reads it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from config.backup import BackupError, check, restore
from config.management.commands.backup import summary


class Command(BaseCommand):
    """Refuses what is damaged, cut off, made with another key or by another version; undoes itself where a hash differs."""

    help = "Restore FILE into an empty installation (after `migrate`), and compare every table and file."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--check", action="store_true", help="read the backup to its end, change nothing")

    def handle(self, *args: Any, **options: Any) -> None:
        path: Path = options["file"]
        if not path.is_file():
            raise CommandError(f"There is no file {path}.")
        try:
            manifest = (check if options["check"] else restore)(path)
        except BackupError as problem:
            raise CommandError(str(problem)) from problem
        self.stdout.write(summary(manifest))
        self.stdout.write("The backup is whole." if options["check"] else "Restored; every hash is equal.")
