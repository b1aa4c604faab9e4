"""Cases taken in before the column existed get the office date of their first hand-in from their first event."""

from typing import Any

from django.db import migrations, transaction
from django.db.models import Min
from django.utils import timezone

PORTION = 200  # cases changed in one transaction: nobody waits longer than for these


def fill(apps: Any, schema_editor: Any) -> None:
    """Portion by portion; broken off, it goes on where it was."""
    case_model, event_model = apps.get_model("applications", "Case"), apps.get_model("applications", "Event")
    while True:
        with transaction.atomic(using=schema_editor.connection.alias):
            rows = list(case_model.objects.filter(first_handed_in_on=None).order_by("pk").select_for_update()[:PORTION])
            events = event_model.objects.filter(case__in=rows).values_list("case")
            first = dict(events.annotate(at=Min("happened_at")).order_by())
            for case in rows:
                case.first_handed_in_on = timezone.localdate(first.get(case.pk, case.received_at))
            case_model.objects.bulk_update(rows, ["first_handed_in_on"])
        if len(rows) < PORTION:
            return


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("applications", "0005_waiting_hall")]
    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
