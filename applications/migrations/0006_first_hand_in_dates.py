"""Cases taken in before the column existed get the office date of their first hand-in from their first event."""

from typing import Any

from django.db import migrations
from django.db.models import Min
from django.utils import timezone


def fill(apps: Any, schema_editor: Any) -> None:
    case_model, event_model = apps.get_model("applications", "Case"), apps.get_model("applications", "Event")
    first = dict(event_model.objects.exclude(case=None).values_list("case").annotate(at=Min("happened_at")).order_by())
    rows = []
    for case in case_model.objects.filter(first_handed_in_on=None).only("pk", "received_at").iterator(1000):
        case.first_handed_in_on = timezone.localdate(first.get(case.pk, case.received_at))
        rows.append(case)
    case_model.objects.bulk_update(rows, ["first_handed_in_on"], batch_size=500)


class Migration(migrations.Migration):
    dependencies = [("applications", "0005_waiting_hall")]
    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
