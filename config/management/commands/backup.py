"""`manage.py backup FILE`: a consistent, encrypted copy of everything, taken while people work."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from config.backup import BackupError, take


class Command(BaseCommand):
    """Encrypted under BACKUP_KEY (or DATA_DIR/backup_key): keep that key, and the key files, somewhere else."""

    help = "Write a consistent, encrypted backup of rows and files to FILE."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            manifest = take(options["file"])
        except BackupError as problem:
            raise CommandError(str(problem)) from problem
        self.stdout.write(summary(manifest))
        for name in manifest["missing"]:
            self.stderr.write(f"Named by a row, but not there: {name}")


def summary(manifest: dict[str, Any]) -> str:
    """A manifest in a few lines, with the head of each office's chain."""
    rows = sum(table["rows"] for table in manifest["tables"].values())
    lines = [f"{rows} rows in {len(manifest['tables'])} tables, {len(manifest['media'])} files, {manifest['made_at']}"]
    lines += [f"{office}: {seq} events, head {head}" for office, (seq, head) in manifest["heads"].items()]
    return "\n".join(lines)
