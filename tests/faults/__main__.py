"""`python -m tests.faults sqlite|postgresql [--long] [--only NAME]`: runs the experiments on one database.

Prints a line of JSON for each experiment and a table at the end; ends with 1 where anything was lost, doubled or wrong.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from tests.faults.house import House, house

ORDER = [
    "load", "kills", "embedded_kills", "database_kills", "database_gone", "two_heads", "same_post", "slow_clients",
    "job_kills", "clock_jump",
]  # fmt: skip
APART = ["disk_full", "canary"]  # each in a house of its own


def main() -> int:
    """Run what the command line asks for."""
    parser = argparse.ArgumentParser(prog="tests.faults")
    parser.add_argument("database", choices=["sqlite", "postgresql"])
    parser.add_argument("--long", action="store_true", help="200 kills, 10 of the database, 100 pairs, …")
    parser.add_argument("--only", action="append", help="one experiment (may be repeated)")
    parser.add_argument("--out", type=Path, help="file to add the lines of JSON to")
    options = parser.parse_args()
    names = options.only or [*ORDER, *APART]
    lines: list[dict[str, Any]] = []
    for group in ([name for name in ORDER if name in names], *([name] for name in APART if name in names)):
        if group:
            # Django knows one database a process, so each house is a process of its own.
            lines += _in_a_process(lambda group=group: _in_a_house(group, options))
    print(table(options.database, lines))
    return 1 if any(line["bad"] for line in lines) else 0


def _in_a_process(work: Callable[[], list[dict[str, Any]]]) -> list[dict[str, Any]]:
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        try:
            with os.fdopen(writing, "w") as out:
                json.dump(work(), out)
        except BaseException:
            import traceback

            traceback.print_exc()
            os._exit(2)
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as answer:
        text = answer.read()
    os.waitpid(child, 0)
    return (
        list(json.loads(text)) if text else [{"experiment": "?", "bad": True, "wrong": ["the harness itself failed"]}]
    )


def _in_a_house(names: list[str], options: argparse.Namespace) -> list[dict[str, Any]]:
    with ExitStack() as stack:
        folder = None
        if names == ["disk_full"]:
            if os.geteuid() != 0:
                return [{"experiment": "disk_full", "bad": False, "wrong": ["skipped: needs root for a small disk"]}]
            from tests.faults.disks import small_disk

            folder = stack.enter_context(small_disk(48 if options.database == "sqlite" else 200))
        place = stack.enter_context(house(options.database, folder))
        os.environ.update({key: place.env[key] for key in ("DATABASE_URL", "DATA_DIR", "DEMO")})
        os.environ["JOB_LEASE_SECONDS"] = place.env["JOB_LEASE_SECONDS"] = "2"
        place.manage("migrate", "-v0")
        place.manage("load_law")
        return _experiments(names, place, options)


def _experiments(names: list[str], place: House, options: argparse.Namespace) -> list[dict[str, Any]]:
    os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
    import django

    django.setup()
    from django.db import connections

    from tests.faults import experiments, staff
    from tests.faults.checker import check
    from tests.faults.people import Journal, numbers

    journal = Journal(options.journal if hasattr(options, "journal") else place.home / "journal.jsonl")
    run = experiments.Run(place, staff.hire(10), journal, numbers(), options.long)
    connections.close_all()
    lines = []
    for name in names:
        if name == "database_kills" and place.postgres is None:
            continue
        experiments.sign_in_again(run.desks)
        began = time.monotonic()
        figures = getattr(experiments, name)(run)
        place.stop_serving()
        connections.close_all()
        found = check(journal)
        line = {"experiment": name, "database": options.database, "took": round(time.monotonic() - began, 1), **figures}
        line["promised"], line["found"] = len(journal.promised), {rule: wrong[:5] for rule, wrong in found.items()}
        # The canary is a build that must be caught.
        line["bad"] = ("4 gaps" not in found) if name == "canary" else bool(found or figures.get("wrong"))
        print(json.dumps(line, ensure_ascii=False), flush=True)
        if options.out:
            with options.out.open("a", encoding="utf-8") as out:
                out.write(json.dumps(line, ensure_ascii=False) + "\n")
        lines.append(line)
    return lines


def table(database: str, lines: list[dict[str, Any]]) -> str:
    """The lines as a table."""
    head = f"{'experiment':<16}{'registered':>11}{'p95 s':>8}{'kills':>7}{'back s':>8}{'took s':>8}  result"
    rows = [f"== {database}", head]
    for line in lines:
        result = "ok" if not line["bad"] else f"WRONG {line.get('found')} {line.get('wrong')}"
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
