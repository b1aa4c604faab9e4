"""The power supply fails after the answer (SECURITY E6): what was promised is on the disk before the answer leaves the machine.

No machine is switched off. The system calls of the web server (and of PostgreSQL) are watched by strace, in their order: between
the writing of the database's log and the sending of the answer to a registration that log must have been synced. Killing
processes does not show this: what they wrote survives them in the memory of the machine.
"""

from __future__ import annotations

import contextlib
import re
import shutil
import signal
import subprocess
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.db import connection

from tests.faults.house import children, wait_until
from tests.faults.people import Counters, crowd
from tests.faults.run import Run, result

CALLS = "fdatasync,fsync,write,writev,pwrite64,pwritev,sendto,sendmsg"
# `5</path>` is a file, `7<socket:[12]>` or `7<TCP:[…]>` a socket; a call that others interrupt is told in two halves.
_CALL = re.compile(r"^(\d+)\s+(\w+)\((?:\d+<(.*?)>(?=[,)\s]))?(.*)$")
_REST = re.compile(r"^(\d+)\s+<\.\.\. (\w+) resumed>")
_LOG = re.compile(r"-wal$|/pg_wal/")
_SYNCS = frozenset({"fdatasync", "fsync"})
_ANSWER = '"HTTP/1.1 302'


@dataclass
class Seen:
    """What a trace shows: answers sent, those before whose sending the log was synced, and what was wrong with the others."""

    answers: int = 0
    syncs: int = 0
    wrong: list[str] = field(default_factory=list)


def read(lines: Iterable[str]) -> Seen:
    """Look at each answer 302 of a trace: was the log written since the answer before, and synced after the last write?"""
    seen, unsynced, written, halves = Seen(), set[str](), False, dict[str, tuple[str, str]]()
    for line in lines:
        if rest := _REST.match(line):
            name, path = halves.pop(rest[1], ("", ""))
            if name in _SYNCS:
                unsynced.discard(path)
                seen.syncs += bool(_LOG.search(path))
            continue
        call = _CALL.match(line)
        if call is None:
            continue
        process, name, path, others = call[1], call[2], call[3] or "", call[4]
        if name in _SYNCS:
            if others.endswith("<unfinished ...>"):
                halves[process] = (name, path)
            else:
                unsynced.discard(path)
                seen.syncs += bool(_LOG.search(path))
        elif _LOG.search(path):
            unsynced.add(path)
            written = True
        elif _ANSWER in others:
            seen.answers += 1
            if not written:
                seen.wrong.append(f"answer {seen.answers}: nothing was written before it")
            elif unsynced:
                seen.wrong.append(f"answer {seen.answers}: {', '.join(Path(one).name for one in unsynced)} not synced")
            written = False
    return seen


def power(run: Run) -> dict[str, Any]:
    """E6: every answer to a registration leaves after the disk has it; a database that does not sync is caught."""
    counters, number = Counters(), 100 if run.long else 20
    try:
        seen = _watched(run, counters, number)
        with _weakened(run):
            weak = _watched(run, counters, number)
    except PermissionError as problem:
        return {"skipped": str(problem)}
    wrong = seen.wrong[:5]
    if min(seen.answers, weak.answers) < number:
        wrong.append(f"{seen.answers} and {weak.answers} answers seen of {number}")
    if len(weak.wrong) < weak.answers:
        wrong.append(f"without syncing {len(weak.wrong)} of {weak.answers} answers were caught")
    return result(
        counters,
        answers=seen.answers,
        log_synced=seen.syncs,
        canary=f"{len(weak.wrong)} of {weak.answers} caught",
        wrong=wrong,
    )


def _watched(run: Run, counters: Counters, number: int) -> Seen:
    """One clerk registers `number` applicants while strace looks on."""
    house = run.house
    house.serve("gunicorn", processes=1, threads=1)
    crowd(run.clerks(counters, 1), 30, most=2)  # connections are open, templates read
    processes = house.web_workers()
    if house.postgres is not None:
        postmaster = int((Path(house.postgres.data) / "postmaster.pid").read_text().split()[0])
        processes += [postmaster, *children(postmaster)]
    trace = house.home / "trace"
    with _strace(processes, trace):
        crowd(run.clerks(counters, 1), 60, most=number)
    house.stop_serving()
    return read(trace.read_text(errors="replace").splitlines())


@contextmanager
def _strace(processes: list[int], trace: Path) -> Iterator[None]:
    """Within this, the system calls of these processes and their children go into the file. PermissionError: not allowed here."""
    if shutil.which("strace") is None:
        raise PermissionError("strace is not installed")
    said = trace.with_suffix(".said")
    command = ["strace", "-f", "-y", "-s", "16", "-e", f"trace={CALLS}", "-e", "signal=none", "-o", str(trace)]
    with said.open("wb") as errors:
        watcher = subprocess.Popen(
            [*command, *(part for process in processes for part in ("-p", str(process)))], stderr=errors
        )
    try:
        wait_until(lambda: watcher.poll() is not None or said.read_text().count("attach") >= len(processes), 20)
        if watcher.poll() is not None:
            raise PermissionError(f"strace may not look on: {said.read_text().strip()[-120:]}")
        yield
    finally:
        with contextlib.suppress(ProcessLookupError):
            watcher.send_signal(signal.SIGINT)
        watcher.wait(20)


@contextmanager
def _weakened(run: Run) -> Iterator[None]:
    """Within this, servers that start work on a database that does not sync."""
    if run.house.postgres is None:
        run.house.app = "tests.faults.unsynced"
        try:
            yield
        finally:
            run.house.app = "config.wsgi"
        return
    _set("ALTER SYSTEM SET fsync = off")
    try:
        yield
    finally:
        _set("ALTER SYSTEM RESET fsync")


def _set(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        cursor.execute("SELECT pg_reload_conf()")
