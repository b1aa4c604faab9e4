"""The days that figures count by, for what was done before there were columns for them. Broken off, it goes on where it was."""

from collections.abc import Callable
from typing import Any
from zoneinfo import ZoneInfo

from django.db import migrations, transaction
from django.utils import timezone

PORTION = 200  # rows changed in one transaction: nobody waits longer than for these
ENDINGS = {"withdrawn": "withdrawn", "annulled": "annulled"}


def fill(apps: Any, schema_editor: Any) -> None:
    """Give cases the day of service and overall clocks the day they count on, where these are missing."""
    case, clock = apps.get_model("applications", "Case"), apps.get_model("applications", "Clock")
    served = case._base_manager.filter(served_on=None).exclude(told_at=None, delivered_at=None)
    _by_portions(served.select_related("office"), _served, ["served_on"])
    overall = clock._base_manager.filter(kind="overall", counted_on=None)
    _by_portions(overall.select_related("office", "case"), _counted, ["counted_on", "ended_by"])


def _by_portions(rows: Any, change: Callable[[Any], None], columns: list[str]) -> None:
    last = 0
    while True:
        with transaction.atomic(using=rows.db):
            some = list(rows.filter(pk__gt=last).order_by("pk").select_for_update(of=("self",))[:PORTION])
            for row in some:
                change(row)
            rows.model._base_manager.using(rows.db).bulk_update(some, columns)
        if len(some) < PORTION:
            return
        last = some[-1].pk


def _served(case: Any) -> None:
    served = min(at for at in (case.told_at, case.delivered_at) if at)
    case.served_on = timezone.localdate(served, ZoneInfo(case.office.time_zone))


def _counted(clock: Any) -> None:
    in_time = clock.met is not False and clock.stopped_at
    at = clock.stopped_at if in_time else clock.due_at
    if clock.ended_by == "closed":
        clock.ended_by = ENDINGS.get(clock.case.state, clock.ended_by)
    clock.counted_on = timezone.localdate(at, ZoneInfo(clock.office.time_zone)) if at else None


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("applications", "0017_followers")]
    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
