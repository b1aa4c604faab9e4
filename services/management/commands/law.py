"""`manage.py law`: an edition out as a file or in as a draft, everything out and in as one archive."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone, translation

from services import actions
from services.actions import EditRefused
from services.lawfiles import LawFileError
from services.models import Edition


class Command(BaseCommand):
    """Files of the law: what is not whole or of another form changes nothing, and the place is named."""

    help = "law export CODE [--version N] | law import FILE | law pack FILE.zip | law unpack FILE.zip"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("act", choices=["export", "import", "pack", "unpack"])
        parser.add_argument("what", help="code of an edition (export), or a file")
        parser.add_argument("--edition-version", type=int, help="export: a version, the newest by default")

    def handle(self, *args: Any, **options: Any) -> None:
        act = {"export": self._export, "import": self._import, "pack": self._pack, "unpack": self._unpack}[
            options["act"]
        ]
        try:
            with translation.override("en"):
                act(options["what"], options["edition_version"])
        except (LawFileError, EditRefused, OSError) as problem:
            raise CommandError(str(problem)) from problem

    def _export(self, code: str, version: int | None) -> None:
        rows = Edition.objects.filter(code=code).order_by("-version")
        edition = (rows.filter(version=version) if version else rows).first()
        if edition is None:
            raise CommandError(f"no edition has the code {code}{f' and the version {version}' if version else ''}")
        self.stdout.write(actions.export_edition(edition), ending="")

    def _import(self, file: str, version: int | None) -> None:
        path = Path(file)
        draft = actions.import_draft(
            path.read_bytes(), path.name, may=lambda decree: True, by=None, at=timezone.now()
        )  # fmt: skip
        self.stdout.write(f"draft {draft.code} version {draft.version}")

    def _pack(self, file: str, version: int | None) -> None:
        path = Path(file)
        part = path.with_suffix(path.suffix + ".part")
        part.write_bytes(actions.export_all(at=timezone.now()))
        part.replace(path)

    def _unpack(self, file: str, version: int | None) -> None:
        counts = actions.import_all(Path(file).read_bytes(), may=lambda decree: True, at=timezone.now())
        self.stdout.write("new: " + ", ".join(f"{name} {count}" for name, count in counts.items()))
