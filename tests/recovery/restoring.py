"""E12: a full installation is backed up while people register, and comes up whole on an empty machine."""

from __future__ import annotations

import argparse
import json
import os
import shutil
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.faults.__main__ import _set_up
from tests.faults.house import House, furnished, house, wait_until
from tests.recovery.commands import run

if TYPE_CHECKING:
    from tests.faults.people import Counters
    from tests.faults.run import Run

CASES, GOAL_SECONDS = 100_000, 600
CLERKS = 10
# Of every so many cases one has a paper kept as bytes, or a file; what they hold cannot be packed any smaller.
PAPERS, PAPER_BYTES, FILES, FILE_BYTES = 20, 20_000, 200, 50_000
KEYS = ("secret_key", "talon_key", "field_keys", "index_key", "backup_key")
# docs/operating.md, "After a restore".
AFTERWARDS = (("erase_due", "--after-restore"), ("verify_events",), ("months",))


def experiment(database: str, cases: int | None) -> dict[str, Any]:
    """Fill, back up under load, restore into an empty installation, compare. Gives the figures and what was wrong."""
    cases = cases or CASES
    with furnished(database) as pattern, house(database, pattern=pattern) as old:
        run_of_old = _set_up(old, argparse.Namespace(long=False))
        filled = _fill(old, run_of_old, cases)
        figures, promised = _back_up_under_load(old, run_of_old)
        file = old.home / "offices.backup"
        with house(database) as new:
            line = {"cases": cases, "filled_seconds": filled, **figures, "backup_mb": file.stat().st_size // 1_000_000}
            return line | _restored(old, new, file, promised)


def _fill(old: House, people: Run, cases: int) -> float:
    """Cases with their persons, clocks, decisions and events in the five offices; papers and files for some of them."""
    began = time.monotonic()
    for number, desk in enumerate(people.desks):
        share = cases // len(people.desks)
        run(
            old,
            "simulate",
            "--office",
            desk.office.key,
            "--cases",
            str(share),
            "--seed",
            str(number),
            "--fast",
            "--anyway",
        )
    _papers(cases)
    return round(time.monotonic() - began, 1)


def _papers(cases: int) -> None:
    from django.core.files.base import ContentFile
    from django.db import connections, transaction
    from django.utils import timezone

    from applications.models import Attachment, Case, Paper, PaperBytes
    from offices.models import User

    user, at = User.objects.filter(is_active=True).first(), timezone.now()
    with transaction.atomic():
        papers = Paper.objects.bulk_create(
            (
                Paper(case_id=pk, kind="talon", language="kk", template_version="1", data={"number": pk}, made_by=user,
                      made_at=at, sha256="0" * 64)
                for pk in Case.objects.order_by("pk").values_list("pk", flat=True)[: cases // PAPERS]
            ),
            batch_size=500,
        )  # fmt: skip
        for first in range(0, len(papers), 500):
            some = papers[first : first + 500]
            PaperBytes.objects.bulk_create(PaperBytes(paper=row, pdf=b"%PDF" + os.urandom(PAPER_BYTES)) for row in some)
        for pk in Case.objects.order_by("-pk").values_list("pk", flat=True)[: cases // FILES]:
            row = Attachment(
                case_id=pk, name="scan.pdf", content_type="application/pdf", size=FILE_BYTES, sha256="0", reason="-",
                added_by=user, added_at=at,
            )  # fmt: skip
            row.file.save("scan.pdf", ContentFile(os.urandom(FILE_BYTES)))
    connections.close_all()


def _back_up_under_load(old: House, people: Run) -> tuple[dict[str, Any], dict[str, Any]]:
    """The figures, and what had been promised when the backup began: all of that must be in it."""
    from tests.faults import staff
    from tests.faults.people import Counters

    counters, over = Counters(), threading.Event()
    staff.sign_in_again(people.desks)
    old.serve("gunicorn")
    threads = _clerks(people, counters, over)
    try:
        try:
            wait_until(lambda: bool(people.journal.promised), 120)
        except TimeoutError:
            log = (old.home / "server.log").read_text(encoding="utf-8")
            raise TimeoutError(f"nobody registered: {counters.statuses} {counters.wrong[:3]} {log[-800:]}") from None
        promised = dict(people.journal.promised)
        took = run(old, "backup", str(old.home / "offices.backup"))
        during = len(people.journal.promised) - len(promised)
    finally:
        over.set()
        for thread in threads:
            thread.join()
    old.stop_serving()
    load = {
        "registered_before": len(promised),
        "registered_meanwhile": during,
        "p95_meanwhile": round(counters.p95(), 3),
    }
    wrong = [*counters.wrong[:5], *([] if promised and during else ["nobody registered"])]
    return {"backup": took.figures(), **load, "wrong_of_the_load": wrong}, promised


def _clerks(people: Run, counters: Counters, over: threading.Event) -> list[threading.Thread]:
    def work(clerk: Any) -> None:
        while not over.is_set():
            clerk.register(over.is_set)
            over.wait(0.5)
        clerk.browser.close()

    threads = [threading.Thread(target=work, args=(clerk,)) for clerk in people.clerks(counters, CLERKS)]
    for thread in threads:
        thread.start()
    return threads


def _restored(old: House, new: House, file: Path, promised: dict[str, Any]) -> dict[str, Any]:
    """Restore `file` into the house `new` by the documented commands, look at what stands there, and say what is wrong."""
    for name in KEYS:
        if (old.data_dir / name).exists():
            shutil.copy(old.data_dir / name, new.data_dir / name)
    began, figures = time.monotonic(), dict[str, Any]()
    for command in (("migrate", "-v0"), ("restore", str(file)), *AFTERWARDS):
        figures[command[0]] = run(new, *command).figures()
    whole = time.monotonic() - began
    wanted = new.home / "promised.json"
    wanted.write_text(json.dumps(promised), encoding="utf-8")
    seen = json.loads(run(new, "-m", "tests.recovery.look", str(wanted)).said.splitlines()[-1])
    wrong = seen["wrong"] if whole <= GOAL_SECONDS else [*seen["wrong"], f"{whole:.0f} s, {GOAL_SECONDS} s may be"]
    return {"restored_seconds": round(whole, 1), **figures, "cases_there": seen["cases"], "wrong": wrong}
