"""Months of an installation that worked before its figures were kept month by month: they are counted once, as if changed."""

from django.db import migrations

from kpi.guards import mark_all


class Migration(migrations.Migration):
    dependencies = [
        ("kpi", "0004_one_row_where_nothing_is_named"),
        ("applications", "0007_days_that_figures_count_by"),
    ]
    operations = [migrations.RunPython(mark_all, migrations.RunPython.noop)]
