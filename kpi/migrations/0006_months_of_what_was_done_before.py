"""Months once more: what was done before there were days to count by has them since applications.0018."""

from django.db import migrations

from kpi.guards import mark_all


class Migration(migrations.Migration):
    dependencies = [
        ("kpi", "0005_months_before_the_marks"),
        ("applications", "0018_days_of_what_was_done_before"),
    ]
    operations = [migrations.RunPython(mark_all, migrations.RunPython.noop)]
