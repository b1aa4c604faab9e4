"""Taking jobs up, doing them once, and what happens when that fails."""

from __future__ import annotations

import logging
import os
import socket
import sys
import traceback
from datetime import datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.db import DatabaseError, InterfaceError, OperationalError, transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from offices.models import Job
from offices.outbox.registry import Handler, handlers, slots
from offices.querysets import guarded

log = logging.getLogger("offices.outbox")
MOST_ATTEMPTS = 10
_FIRST_WAIT, _LONGEST_WAIT = timedelta(seconds=30), timedelta(hours=6)
_KEPT = timedelta(days=400)
_SLOTS_KEPT = timedelta(days=7)


class LeaseLost(Exception):
    """Another worker has the job by now: what was done here is undone."""


def run_one(at: datetime | None = None) -> bool:
    """Take up the job that has waited longest and do it. Gives whether there was one."""
    at = at or timezone.now()
    return _run_first(Job.objects.ready(at), at)


def run_key(key: str, at: datetime | None = None) -> bool:
    """Do the job of this key, unless it is done, not due, or in a worker's hands. Gives whether it was taken up."""
    at = at or timezone.now()
    return _run_first(Job.objects.ready(at).filter(key=key), at)


def drain(at: datetime | None = None, *, most: int = 10_000) -> int:
    """Do all jobs that are due at `at` (now), one after the other. Gives their number."""
    done = 0
    while done < most and run_one(at):
        done += 1
    return done


def fill_slots(at: datetime | None = None) -> None:
    """Ask for the periodic jobs of this slot of time; of many workers that ask, one is heard."""
    at = at or timezone.now()
    wanted = {slot.key(at): slot for slot in slots}
    asked = set(Job.objects.filter(key__in=wanted).values_list("key", flat=True))
    rows = [Job(key=key, kind=slot.kind, asked_at=at, due_at=at) for key, slot in wanted.items() if key not in asked]
    if rows:
        Job.objects.bulk_create(rows, ignore_conflicts=True)


def forget_old(at: datetime) -> int:
    """Remove jobs done long ago; those of slots of time after a week. Gives their number."""
    old = Q(done_at__lt=at - _KEPT) | Q(done_at__lt=at - _SLOTS_KEPT, kind__in={slot.kind for slot in slots})
    return Job.objects.filter(old).delete()[0]


def worker_name() -> str:
    """Who has a lease: machine and process."""
    return f"{socket.gethostname()[:60]}:{os.getpid()}"


def _run_first(waiting: QuerySet[Job], at: datetime) -> bool:
    job = _take(waiting, at)
    if job is None:
        return False
    try:
        _do(job, at)
    except LeaseLost:
        log.warning("job %s was taken up by another worker meanwhile", job.key)
    except Exception as problem:
        _failed(job, problem, at)
        if isinstance(problem, OperationalError | InterfaceError):
            raise  # the worker waits until the database is there again
    return True


def _take(waiting: QuerySet[Job], at: datetime) -> Job | None:
    """Lease the first job of `waiting`. On SQLite the transaction is the lock; on PostgreSQL workers skip locked rows."""
    if not waiting.exists():
        return None  # without the write lock
    with transaction.atomic():
        job = waiting.select_for_update(skip_locked=True).order_by("due_at", "pk").first()
        if job is None:
            return None
        kind = handlers.get(job.kind)
        lease = kind.lease if kind and kind.lease else timedelta(seconds=settings.JOB_LEASE_SECONDS)
        job.attempts += 1
        job.lease_until, job.leased_by = at + lease, worker_name()
        job.save(update_fields=["attempts", "lease_until", "leased_by"])
    return job


def _do(job: Job, at: datetime) -> None:
    if job.attempts > MOST_ATTEMPTS:
        # It never came to an end: workers die of it.
        raise RuntimeError
    kind = handlers[job.kind]
    if kind.outside:
        with guarded():
            kind.run(job, at)
        _mark_done(job, at)
        return
    with transaction.atomic():
        # First the mark, which locks the row: a second worker with the same job waits here, and then finds it done.
        _mark_done(job, at)
        with guarded():
            kind.run(job, at)


def _mark_done(job: Job, at: datetime) -> None:
    if not _mine(job).update(done_at=at, lease_until=None, leased_by="", problem=""):
        raise LeaseLost


def _mine(job: Job) -> QuerySet[Job]:
    # The number of the attempt tells one lease from the next, whatever the clocks say.
    return Job.objects.open().filter(pk=job.pk, attempts=job.attempts)


def _failed(job: Job, problem: Exception, at: datetime) -> None:
    """Note kind and place of the failure; try again later, each time after a longer wait, or park the job."""
    where = _place(problem)
    change = {"lease_until": None, "leased_by": "", "problem": where}
    try:
        if job.attempts >= MOST_ATTEMPTS:
            _mine(job).update(parked_at=at, **change)
            log.error("job %s is parked after %s attempts: %s", job.key, job.attempts, where)
            return
        wait = min(_FIRST_WAIT * 4 ** (job.attempts - 1), _LONGEST_WAIT)
        _mine(job).update(due_at=at + wait, **change)
        log.warning("job %s failed (attempt %s), again in %s: %s", job.key, job.attempts, wait, where)
    except (DatabaseError, InterfaceError):
        log.warning("job %s failed, and the database is away: its lease will run out: %s", job.key, where)


def _place(problem: Exception) -> str:
    """Kind and place of a failure. Never its message, which may hold what somebody typed."""
    frames = traceback.extract_tb(problem.__traceback__ or sys.exc_info()[2])
    place = f" at {Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else ""
    return f"{type(problem).__name__}{place}"[:200]


__all__ = ["Handler", "drain", "fill_slots", "forget_old", "run_key", "run_one"]
