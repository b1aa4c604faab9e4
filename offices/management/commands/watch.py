"""`manage.py watch`: look once at everything that is watched, for a timer of the machine that sees when no worker runs."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone, translation

from offices import alerts
from offices.models import Alert


class Command(BaseCommand):
    """Sends what nobody was told yet, as workers do every minute; ends with 1 where an alert stands."""

    help = "Sweep through the alerts once (unless a worker did within the minute) and name those that stand."

    def handle(self, *args: Any, **options: Any) -> None:
        """Sweep, then name what stands."""
        alerts.sweep(timezone.now())
        standing = list(Alert.objects.filter(over_at=None).order_by("pk"))
        with translation.override("en"):
            for alert in standing:
                self.stdout.write(f"{alert.raised_at:%Y-%m-%d %H:%M} UTC {alerts.words(alert)}")
        if standing:
            raise CommandError(f"{len(standing)} alerts stand")
