"""Closed tables and approved targets are never changed: the database itself refuses it."""

from django.db import migrations

from kpi.guards import guarded


class Migration(migrations.Migration):
    dependencies = [("kpi", "0002_targets_closed_periods_months")]
    operations = [guarded]
