"""What is published is fixed in the database itself: triggers on editions and their parts, on SQLite and on PostgreSQL."""

from django.db import migrations

from services.guards import guarded


class Migration(migrations.Migration):
    dependencies = [("services", "0003_versions_and_conditions")]
    operations = [guarded]
