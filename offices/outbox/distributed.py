"""The same jobs on a Celery queue (CELERY_BROKER_URL), where a group of offices outgrows workers on the database.

The queue carries a job's key, nothing else, and only after the commit: the row in the outbox stays the truth, so a message
that is lost or comes twice does no harm. `manage.py work` then does no jobs itself: it fills the slots of the periodic ones and
sends what is due and was not taken up. Celery is not a part of ours: an installation that wants it installs it beside.

Start a worker with `celery -A offices.outbox.distributed worker`.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import cache
from typing import Any

import django
from django.apps import apps
from django.conf import settings
from django.utils import timezone

from offices.outbox.running import run_key

TASK = "offices.outbox.run_key"


@cache
def celery_app() -> Any:
    """The Celery application with its one task."""
    from celery import Celery

    app = Celery("offices", broker=settings.CELERY_BROKER_URL, set_as_current=False)
    app.conf.update(
        task_ignore_result=True,
        task_acks_late=True,
        worker_prefetch_multiplier=1,
        broker_connection_retry_on_startup=True,
        broker_transport_options=settings.CELERY_TRANSPORT_OPTIONS,
    )
    app.task(name=TASK, ignore_result=True, shared=False)(run_key)
    return app


def send(key: str) -> None:
    """Send the key of a job to the queue."""
    celery_app().send_task(TASK, args=[key], retry=False)


def send_due(at: datetime | None = None, *, most: int = 500) -> int:
    """Send what has been due for a minute and was not taken up: its message was lost, or it waited for its time.

    Gives the number of keys sent.
    """
    from offices.models import Job

    at = at or timezone.now()
    keys = Job.objects.ready(at - timedelta(minutes=1)).order_by("due_at").values_list("key", flat=True)[:most]
    for key in keys:
        send(key)
    return len(keys)


def __getattr__(name: str) -> Any:
    """`celery -A offices.outbox.distributed` looks for `app`: made when asked for, with Django's apps loaded."""
    if name != "app":
        raise AttributeError(name)
    if not apps.ready:
        django.setup()
    return celery_app()
