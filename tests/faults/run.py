"""What every experiment works with: the house, its people, how long it is to be, and the line it gives."""

from __future__ import annotations

import os
import random
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.faults.house import House, children
from tests.faults.people import Browser, Clerk, Counters, Journal
from tests.faults.staff import Desk

CLIENTS = 50


@dataclass
class Run:
    """A house with its people, and how long the experiments are to be."""

    house: House
    desks: list[Desk]
    journal: Journal
    iins: Iterator[str]
    long: bool
    rng: random.Random = field(default_factory=lambda: random.Random(2026))

    def clerks(self, counters: Counters, number: int = CLIENTS, *, timeout: float = 30) -> list[Clerk]:
        """People at `number` counters of the five offices."""
        found = []
        for place in range(number):
            desk = self.desks[place % len(self.desks)]
            user = desk.clerks[place // len(self.desks)]
            browser = Browser(self.house.port, desk.sessions[user.pk], timeout)
            found.append(Clerk(browser, desk.path, self.journal, counters, self.iins))
        return found


def result(counters: Counters, **figures: Any) -> dict[str, Any]:
    """The line of an experiment that had a load of registrations."""
    statuses = {str(status): number for status, number in sorted(counters.statuses.items())}
    wrong = [*counters.wrong[:5], *(["an answer 500"] if counters.statuses[500] else []), *figures.pop("wrong", [])]
    return {
        "registered": counters.statuses[302],
        "p95": round(counters.p95(), 3),
        "statuses": statuses,
        "wrong": wrong,
    } | figures


_lock = threading.Lock()


def next_iin(run: Run) -> str:
    """The next identification number, for whichever thread asks."""
    with _lock:
        return next(run.iins)


def at_once(*acts: Any) -> list[Any]:
    """Begin all acts at the same moment, each in a thread of its own; gives what they gave."""
    start, done = threading.Barrier(len(acts)), [None] * len(acts)

    def run(place: int) -> None:
        start.wait(30)
        done[place] = acts[place]()

    threads = [threading.Thread(target=run, args=(place,)) for place in range(len(acts))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return done


def memory(house: House) -> int:
    """Resident bytes of the web workers."""
    pages = [int(Path(f"/proc/{process}/statm").read_text().split()[1]) for process in house.web_workers()]
    return sum(pages) * os.sysconf("SC_PAGE_SIZE")


def cpu(house: House) -> dict[str, float]:
    """Seconds of processor time so far: of the web workers, of the database's processes, of these clients; and nobody's."""
    postgres = house.postgres
    database = children(int((Path(postgres.data) / "postmaster.pid").read_text().split()[0])) if postgres else []
    tick = os.sysconf("SC_CLK_TCK")
    idle = int(Path("/proc/stat").read_text().split()[4]) / tick
    spent = {"web": house.web_workers(), "database": database, "clients": [os.getpid()]}
    return {name: sum(map(_ticks, processes)) / tick for name, processes in spent.items()} | {"idle": idle}


def _ticks(process: int) -> int:
    try:
        fields = Path(f"/proc/{process}/stat").read_text().rsplit(")", 1)[1].split()
    except OSError:  # it has just ended
        return 0
    return int(fields[11]) + int(fields[12])
