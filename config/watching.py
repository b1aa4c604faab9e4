"""What is watched of the whole installation: that backups are made (offices.alerts)."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings

from config.backup import last_taken
from offices import alerts


@alerts.watch("backup")
def look_at_backups(at: datetime) -> alerts.Facts | None:
    """The last one is older than BACKUP_HOURS."""
    made = last_taken()
    if not settings.BACKUP_HOURS or made is None or at - made <= timedelta(hours=settings.BACKUP_HOURS):
        return None
    return {"hours": int((at - made) / timedelta(hours=1))}


@alerts.watch("no_backup")
def look_for_backups(at: datetime) -> alerts.Facts | None:
    """None was ever made here: the moment is of no account."""
    return {} if settings.BACKUP_HOURS and last_taken() is None else None
