"""`python -m tests.faults sqlite|postgresql [--long] [--only NAME]`: runs the experiments on one database.

Prints a line of JSON for each experiment and a table at the end; ends with 1 where anything was lost, doubled or wrong.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import signal
import sys
import tempfile
import time
import traceback
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.faults.deadline import deadline
from tests.faults.disks import small_disk
from tests.faults.house import House, furnished, house

if TYPE_CHECKING:
    from tests.faults.run import Run

# The workers' experiment comes first: later their jobs would stand behind the papers of all that is registered meanwhile.
ORDER = [
    "job_kills", "load", "kills", "embedded_kills", "database_kills", "database_gone", "two_heads", "same_post", "slow_clients",
    "clock_jump", "power",
]  # fmt: skip
APART = ["disk_full", "canary"]  # each in a house of its own
# Seconds an experiment (with its check) may take, and the setting up of a house; in the long form ten times as many.
PATIENCE = {"load": 90, "kills": 150, "database_kills": 150, "database_gone": 150, "job_kills": 150}
OTHERS_PATIENCE, SETUP_PATIENCE = 120, 240
LOG_LINES = 2000  # of the server's log, shown when an experiment went wrong


def main() -> int:
    """Run what the command line asks for."""
    parser = argparse.ArgumentParser(prog="tests.faults")
    parser.add_argument("database", choices=["sqlite", "postgresql"])
    parser.add_argument("--long", action="store_true", help="200 kills, 10 of the database, 100 pairs, …")
    parser.add_argument("--only", action="append", choices=[*ORDER, *APART], help="one experiment (may be repeated)")
    parser.add_argument("--out", type=Path, help="file to add the lines of JSON to")
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # whoever stops it leaves no database behind
    names = options.only or [*ORDER, *APART]
    if options.database == "sqlite":
        names = [name for name in names if name != "database_kills"]  # it has no processes of its own
    lines: list[dict[str, Any]] = []
    with furnished(options.database) as options.pattern:
        for group in ([name for name in ORDER if name in names], *([name] for name in APART if name in names)):
            left = group
            while left:
                # An experiment that hangs ends with its house; those after it get a new one.
                lines += (found := _in_a_process(left, options))
                left = left[len(found) :]
    print(table(options.database, lines))
    return 1 if any(line["bad"] for line in lines) else 0


def _in_a_process(names: list[str], options: argparse.Namespace) -> list[dict[str, Any]]:
    """Do experiments in a house of their own. Django knows one database a process, so each house is one."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="offices-faults-lines-")))
        disk = None
        if names == ["disk_full"]:
            if os.geteuid() != 0:
                return [{"experiment": "disk_full", "bad": False, "skipped": "needs root for a small disk"}]
            disk = stack.enter_context(small_disk(48 if options.database == "sqlite" else 200))
        written = folder / "lines.jsonl"
        written.touch()
        child = os.fork()
        if child == 0:
            try:
                _in_a_house(names, options, disk, written)
            except BaseException:
                traceback.print_exc()
                os._exit(2)
            os._exit(0)
        os.waitpid(child, 0)
        lines = [json.loads(line) for line in written.read_text().splitlines()]
    return lines or [_failed(names[0], options, "the harness itself failed")]


def _failed(name: str, options: argparse.Namespace, why: str) -> dict[str, Any]:
    return {"experiment": name, "database": options.database, "bad": True, "found": {}, "wrong": [why]}


def _in_a_house(names: list[str], options: argparse.Namespace, disk: Path | None, written: Path) -> None:
    made: list[House] = []

    def give_up(name: str, why: str) -> None:
        _write(_failed(name, options, why), options, written)
        for place in made:
            place.tear_down()
            shutil.rmtree(place.home, ignore_errors=True)

    with ExitStack() as stack:
        with deadline(SETUP_PATIENCE, partial(give_up, names[0], f"the house not set up after {SETUP_PATIENCE} s")):
            place = stack.enter_context(house(options.database, disk, options.pattern))
            made.append(place)
            run = _set_up(place, options)
        for name in names:
            seconds = PATIENCE.get(name, OTHERS_PATIENCE) * (10 if options.long else 1)
            with deadline(seconds, partial(give_up, name, f"not done after {seconds} s")):
                line = _one(name, run, options)
            _write(line, options, written)


def _set_up(place: House, options: argparse.Namespace) -> Run:
    """The people of a house; from here on Django of this process knows its database."""
    os.environ.update({key: place.env[key] for key in ("DATABASE_URL", "DATA_DIR", "DEMO")})
    os.environ["JOB_LEASE_SECONDS"] = place.env["JOB_LEASE_SECONDS"] = "2"
    os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
    import django

    django.setup()
    from tests.faults import staff
    from tests.faults.people import Journal, numbers
    from tests.faults.run import Run

    return Run(place, staff.hire(10), Journal(place.home / "journal.jsonl"), numbers(), options.long)


def _one(name: str, run: Run, options: argparse.Namespace) -> dict[str, Any]:
    """Do one experiment, then check all that was promised since the house was set up."""
    from django.db import connections

    from tests.faults import staff
    from tests.faults.checker import check
    from tests.faults.experiments import EXPERIMENTS

    staff.sign_in_again(run.desks)
    began = time.monotonic()
    try:
        figures = EXPERIMENTS[name](run)
    except Exception as problem:
        traceback.print_exc()
        figures = {"wrong": [repr(problem)[:300]]}
    run.house.stop_serving()
    connections.close_all()
    found = check(run.journal)
    line = {"experiment": name, "database": options.database, "took": round(time.monotonic() - began, 1), **figures}
    line["promised"], line["found"] = len(run.journal.promised), {rule: wrong[:5] for rule, wrong in found.items()}
    # The canary is a build that must be caught.
    line["bad"] = ("4 gaps" not in found) if name == "canary" else bool(found or figures.get("wrong"))
    log = run.house.home / "server.log"
    if (line["bad"] or figures.get("wrong")) and log.exists():
        print(
            f"-- {name}: the end of the server's log",
            *log.read_text().splitlines()[-LOG_LINES:],
            sep="\n",
            file=sys.stderr,
        )
    return line


def _write(line: dict[str, Any], options: argparse.Namespace, written: Path) -> None:
    text = json.dumps(line, ensure_ascii=False)
    print(text, flush=True)
    for path in (written, *([options.out] if options.out else [])):
        with path.open("a", encoding="utf-8") as out:
            out.write(text + "\n")


def table(database: str, lines: list[dict[str, Any]]) -> str:
    """The lines as a table."""
    head = f"{'experiment':<16}{'registered':>11}{'p95 s':>8}{'kills':>7}{'back s':>8}{'took s':>8}  result"
    rows = [f"== {database}", head]
    for line in lines:
        result = line.get("skipped", "ok") if not line["bad"] else f"WRONG {line.get('found')} {line.get('wrong')}"
        if line["experiment"] == "canary" and not line["bad"]:
            result = f"caught: {', '.join(line['found'])}"
        cells = [line.get(name, "") for name in ("registered", "p95", "kills", "back_after", "took")]
        widths = (11, 8, 7, 8, 8)
        rows.append(
            f"{line['experiment']:<16}"
            + "".join(f"{cell!s:>{w}}" for cell, w in zip(cells, widths, strict=True))
            + f"  {result}"
        )
    return "\n".join(rows)


if __name__ == "__main__":
    sys.exit(main())
