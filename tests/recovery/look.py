"""`python -m tests.recovery.look FILE`: what stands in a restored installation, against what was promised."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any


def main() -> None:
    """Print a line of JSON: cases, and what is wrong."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
    import django

    django.setup()
    promised = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    from applications.models import Case

    wrong = [*_lost(promised), *_numbers(), *_closed_pages()]
    print(json.dumps({"cases": Case.objects.count(), "wrong": wrong[:10]}, ensure_ascii=False))


def _lost(promised: dict[str, Any]) -> list[str]:
    """What had been promised before the backup began, and is not there under its number."""
    from applications.models import Case

    found = []
    for iin, promise in promised.items():
        case = Case.objects.filter(pk=promise["case"]).select_related("person").first()
        if case is None or (case.person.iin, case.number) != (iin, promise["number"]):
            found.append(f"promised {promise}, found {case and case.number}")
    return found


def _numbers() -> list[str]:
    """Numbers twice, gaps, counters that are not the highest number."""
    from tests.faults import checker
    from tests.faults.people import Journal

    journal = Journal(Path(os.devnull))
    found = [line for rule in (checker.twice, checker.gaps, checker.counters) for line in rule(journal)]
    journal.close()
    return found


def _closed_pages() -> list[str]:
    """Pages that do not open: the log-in, a case, its paper, the way a person gets in."""
    from django.test import Client

    from applications.models import Attachment, Paper
    from offices.models import Membership
    from tests.pages import log_in

    paper = Paper.objects.filter(bytes__isnull=False).select_related("case__office").first()
    attachment = Attachment.objects.select_related("case").first()
    if paper is None or paper.case is None or attachment is None:
        return ["no paper or no file is there"]
    member = Membership.objects.filter(office=paper.case.office, role="clerk").select_related("user").first()
    if member is None:
        return ["nobody works there"]
    client = Client(headers={"host": "localhost"})
    paths = {"/login/": b"", f"/cases/{paper.case_id}/": b"", f"/papers/{paper.key}.pdf": b"%PDF"}
    found = []
    for path, begins in paths.items():
        if path != "/login/":
            log_in(client, member.user)
        answer: Any = client.get(path)
        content = b"".join(answer.streaming_content) if answer.streaming else answer.content
        if answer.status_code != 200 or not content.startswith(begins):
            found.append(f"{path}: {answer.status_code}")
    if not Path(attachment.file.path).exists():
        found.append("a file is not there")
    return found


if __name__ == "__main__":
    main()
