"""The outbox: work that leaves an act is written down in the act's transaction and done after the commit.

`enqueue(kind, key=...)` inside the transaction; a function declared with `@handler(kind)` in the app's `jobs` module, which
its AppConfig imports; workers (`manage.py work`, or a thread of the web server in the embedded installation) take the jobs
up, each under a lease, and do them once. A job holds ids only.
"""

from __future__ import annotations

import threading
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from offices.models import Job
from offices.outbox.registry import handler, periodic
from offices.outbox.running import drain, fill_slots, run_key, run_one

# Wakes a worker that runs in this process, so that it need not wait for its next look.
awake = threading.Event()


def enqueue(kind: str, *, key: str, payload: dict[str, Any] | None = None, at: datetime | None = None) -> None:
    """Ask for a job in the caller's transaction: a rolled-back act asks for nothing, and the same `key` only once.

    `payload` holds ids, never personal data. `at` is the moment not before which it is done (now).
    """
    now = timezone.now()
    job = Job(key=key, kind=kind, payload=payload or {}, asked_at=now, due_at=at or now)
    Job.objects.bulk_create([job], ignore_conflicts=True)
    if at is None or at <= now:
        # Robust: what fails here (a broker that is away) is made good by the workers, who look for themselves.
        transaction.on_commit(lambda: _announce(key), robust=True)


def _announce(key: str) -> None:
    awake.set()
    if settings.CELERY_BROKER_URL:
        from offices.outbox.distributed import send

        send(key)


__all__ = ["awake", "drain", "enqueue", "fill_slots", "handler", "periodic", "run_key", "run_one"]
