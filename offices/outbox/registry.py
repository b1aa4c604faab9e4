"""Which function does which kind of job, and which jobs come again and again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from offices.models import Job

Run = Callable[[Job, datetime], None]


@dataclass(frozen=True)
class Handler:
    """How a kind of job is done. `outside`: not in a transaction, because it speaks to the world or takes long."""

    run: Run
    outside: bool = False
    lease: timedelta | None = None  # None: JOB_LEASE_SECONDS


@dataclass(frozen=True)
class Slot:
    """A job that comes again every `every`; each slot of time has a key of its own, so it is asked for once."""

    kind: str
    every: timedelta

    def key(self, at: datetime) -> str:
        """The key of the slot that `at` lies in."""
        return f"{self.kind}:{int(at.timestamp() // self.every.total_seconds())}"


handlers: dict[str, Handler] = {}
slots: list[Slot] = []


def handler(kind: str, *, outside: bool = False, lease: timedelta | None = None) -> Callable[[Run], Run]:
    """Declare that the function does jobs of `kind`. It takes the job (`key`, `payload`) and the moment.

    As a rule it runs in the transaction that also marks the job as done: what it changes in the database happens exactly
    once. With `outside=True` it runs without one (mail, SMS, rendering): it happens at least once, so it must be harmless
    the second time; give the world the job's key to tell a repetition by. A killed worker's job is taken up by another when
    its lease has run out: `lease` (JOB_LEASE_SECONDS) must be longer than the work takes.
    """

    def declare(run: Run) -> Run:
        if kind in handlers and handlers[kind].run.__qualname__ != run.__qualname__:
            raise ValueError(f"two handlers for {kind}")
        handlers[kind] = Handler(run, outside, lease)
        return run

    return declare


def periodic(kind: str, *, every: timedelta) -> None:
    """Ask for a job of `kind` once in every `every`, counted from 1970 so that all workers mean the same slots."""
    slot = Slot(kind, every)
    if slot not in slots:
        slots.append(slot)
