"""`manage.py annex CODE`: the statutory annexes of an edition, printed back from the running definition."""

import json
import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import translation

from offices.text import LANGUAGES
from services.annexes import annex_data, has_tables
from services.models import Edition
from services.public import annex_bytes


class Command(BaseCommand):
    """Tables 1-3 and the diagram of an edition."""

    help = (
        "Print tables 1, 2, 3 and the diagram of an edition, such as south-2012-370-4, from the definition that runs."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("code")
        parser.add_argument("--path", choices=["main", "alternative"], help="only that path")
        parser.add_argument("--format", choices=["json", "html", "pdf", "svg", "bpmn"], default="json")
        parser.add_argument("--language", choices=LANGUAGES, default="kk", help="words beside the act's own (kk: none)")
        parser.add_argument("--output", help="write into this file instead of standard output")

    def handle(self, *args: Any, **options: Any) -> None:
        versions = Edition.objects.for_detail().filter(code=options["code"]).order_by("-version")
        edition = versions.published().first() or versions.first()
        if edition is None:
            known = ", ".join(sorted(set(Edition.objects.values_list("code", flat=True))))
            raise CommandError(f"no edition has the code {options['code']}; known: {known}")
        if not has_tables(edition):
            words = "the act has no step table; what follows is the common order in which offices work (our reading, no norms)"
            self.stderr.write(f"{edition.code}: {words}")
        if options["format"] == "json" and not options["output"]:
            with translation.override(options["language"]):
                self.stdout.write(json.dumps(annex_data(edition, options["path"]), ensure_ascii=False, indent=2))
            return
        body = annex_bytes(edition.pk, edition.digest, options["format"], options["path"], options["language"])
        self._write(body, options["output"], binary=options["format"] == "pdf")

    def _write(self, body: bytes, name: str | None, *, binary: bool) -> None:
        if name:
            try:
                with open(name, "wb") as file:  # noqa: PTH123 - the operator's own path, as given
                    file.write(body)
            except OSError as problem:
                raise CommandError(f"{name}: {problem.strerror}") from problem
        elif binary:
            sys.stdout.buffer.write(body)
        else:
            self.stdout.write(body.decode())
