"""A worker: looks for jobs until it is stopped, keeps watch between them, and outlives a database that is away."""

from __future__ import annotations

import logging
import threading
from time import monotonic

from django.conf import settings
from django.db import DatabaseError, InterfaceError, connections
from django.utils import timezone

from offices import alerts
from offices.outbox import awake
from offices.outbox.running import fill_slots, run_one

log = logging.getLogger("offices.outbox")
_SLOTS_EVERY = 5.0  # seconds
_LONGEST_PAUSE = 15.0
_started = threading.Lock()


class Worker:
    """Does jobs one after the other. `poll` is the pause between two looks at an empty queue, in seconds."""

    def __init__(self, *, poll: float = 1.0, stop: threading.Event | None = None) -> None:
        self.poll, self.stop = poll, stop or threading.Event()
        self._slots_at = float("-inf")
        self._clock = alerts.Clock()

    def run(self) -> None:
        """Work until `stop` is set; the job in hand is finished first."""
        pause = self.poll
        while not self.stop.is_set():
            try:
                did = self.look()
            except (DatabaseError, InterfaceError) as problem:
                log.warning("the database is away (%s), again in %.0f s", type(problem).__name__, pause)
                connections.close_all()
                self.stop.wait(pause)
                pause = min(pause * 2, _LONGEST_PAUSE)
                continue
            pause = self.poll
            if not did:
                awake.wait(self.poll)
                awake.clear()
        connections.close_all()

    def look(self) -> bool:
        """Fill the slots and keep watch when it is time, then do one job; gives whether there was one.

        The watch is no job: it must not wait behind the late ones that it is to tell of.
        """
        if monotonic() - self._slots_at > _SLOTS_EVERY:
            fill_slots()
            now = timezone.now()
            alerts.note_jump(self._clock.jumped(now.timestamp(), alerts.steady()), now)
            alerts.sweep(now)
            self._slots_at = monotonic()
            if settings.CELERY_BROKER_URL:
                from offices.outbox.distributed import send_due

                send_due()
        return False if settings.CELERY_BROKER_URL else run_one()


def start_embedded() -> bool:
    """Start a worker as a thread of this process, once. Gives whether it was started now."""
    if not _started.acquire(blocking=False):
        return False
    threading.Thread(target=Worker().run, name="outbox", daemon=True).start()
    return True
