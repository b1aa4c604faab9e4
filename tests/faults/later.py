"""Work after the acts, and clocks that jump (SECURITY E7, E11)."""

from __future__ import annotations

import ctypes
import os
import signal
import threading
import time
import uuid
from collections import Counter
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django.db import connections
from django.utils import timezone

from applications.models import Case, NumberBook
from offices import outbox
from offices.models import Job, RateCounter
from offices.outbox import registry
from offices.outbox.worker import Worker
from tests.faults.people import Counters
from tests.faults.run import Run, next_iin, result
from tests.faults.staff import Desk, register

_DIE_WITH_PARENT = 1  # PR_SET_PDEATHSIG


def job_kills(run: Run) -> dict[str, Any]:
    """E7: a worker is killed in the middle of its jobs, again and again; every effect is there once."""
    wanted, jobs = (100, 400) if run.long else (25, 120)
    tag, letters = uuid.uuid4().hex[:8], run.house.home / f"letters-{uuid.uuid4().hex[:8]}"
    letters.touch()
    _declare(letters)
    for number in range(jobs):
        kind = "fault_effect" if number % 2 else "fault_letter"
        outbox.enqueue(kind, key=f"{kind}:{tag}:{number}", payload={"n": number})
    killed, latest, began = 0, 0.0, time.monotonic()
    while killed < wanted or Job.objects.open().filter(key__contains=tag).exists():
        connections.close_all()
        worker = os.fork()
        if worker == 0:
            _be_a_worker()
        doomed = killed < wanted
        time.sleep(run.rng.uniform(0.03, 0.25) if doomed else 3)
        os.kill(worker, signal.SIGKILL)
        os.waitpid(worker, 0)
        killed += doomed
        latest = time.monotonic() - began
        if latest > 240:
            break
    effects = list(RateCounter.objects.filter(key__startswith=f"effect:{tag}").values_list("count", flat=True))
    sent = Counter(letters.read_text().split())
    wrong = [] if effects == [1] * (jobs // 2) else [f"effects: {Counter(effects)}, {jobs // 2} wanted"]
    if len(sent) != jobs // 2:
        wrong.append(f"{len(sent)} letters of {jobs // 2}")
    again = sum(1 for times in sent.values() if times > 1)
    cut = Job.objects.filter(key__contains=tag, attempts__gt=1).count()
    figures = {"kills": killed, "jobs": jobs, "cut_in_the_middle": cut, "letters_sent_again": again}
    return {**figures, "wrong": wrong, "seconds": round(latest, 1)}


def _declare(letters: Path) -> None:
    """Two kinds of job: one with an effect in the database, one that tells the world (a file stands for the mail server)."""
    registry.handlers.pop("fault_effect", None), registry.handlers.pop("fault_letter", None)

    @outbox.handler("fault_effect")
    def effect(job: Job, at: datetime) -> None:
        _kind, tag, number = job.key.split(":")
        key = f"effect:{tag}:{number}"
        row, _new = RateCounter.objects.get_or_create(key=key, defaults={"expires_at": at + timedelta(days=1)})
        time.sleep(0.02)
        RateCounter.objects.filter(pk=row.pk).update(count=row.count + 1)

    @outbox.handler("fault_letter", outside=True)
    def letter(job: Job, at: datetime) -> None:
        with letters.open("a", encoding="ascii") as file:
            file.write(f"{job.key}\n")
        time.sleep(0.02)


def _be_a_worker() -> None:
    """The life of a forked worker: works until it is killed, or until the harness is gone."""
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    ctypes.CDLL(None).prctl(_DIE_WITH_PARENT, signal.SIGKILL)
    try:
        Worker(poll=0.05).run()
    finally:
        os._exit(1)


def clock_jump(run: Run) -> dict[str, Any]:
    """E11: clocks jump an hour, a day, over New Year and back under load; numbers follow their year, sweeps announce once."""
    counters, now = Counters(), timezone.now()
    new_year = datetime(now.year + 1, 1, 1, 0, 0, tzinfo=timezone.get_current_timezone())
    jumps = [
        timedelta(0),
        timedelta(hours=1),
        timedelta(days=-1),
        timedelta(days=1),
        timedelta(hours=-1),
        new_year - now,
    ]
    shift, over = [jumps[0]], threading.Event()
    threads = [
        threading.Thread(target=_by_shifted_clock, args=(run, desk, counters, shift, over)) for desk in run.desks
    ]
    for thread in threads:
        thread.start()
    for jump in [*jumps, *jumps[::-1]]:
        shift[0] = jump
        at = timezone.now() + jump
        for _twice in range(2):
            outbox.fill_slots(at)
            outbox.run_key(registry.Slot("sweep", timedelta(minutes=1)).key(at), at)
        time.sleep(1.5 if run.long else 0.6)
    over.set()
    for thread in threads:
        thread.join()
    years = sorted(set(NumberBook.objects.filter(book="").values_list("year", flat=True)))
    wrong = [] if {now.year, now.year + 1} <= set(years) else [f"books of {years}"]
    late = Case.objects.filter(registered_at__gte=new_year).exclude(number__contains=f"-{new_year.year}-")
    wrong += [f"{case.number} registered {case.registered_at}" for case in late]
    return result(counters, years=years, jumps=len(jumps) * 2, wrong=wrong)


def _by_shifted_clock(run: Run, desk: Desk, counters: Counters, shift: list[timedelta], over: threading.Event) -> None:
    """A clerk's acts, each at the moment that the jumping clock shows."""
    while not over.is_set():
        iin = next_iin(run)
        run.journal.attempt(iin)
        try:
            case = register(desk, iin, timezone.now() + shift[0])
            run.journal.promise(iin, case.pk, case.number)
            counters.statuses[302] += 1
        except Exception as problem:  # the table names it
            counters.wrong.append(repr(problem)[:200])
            over.set()
    connections.close_all()
