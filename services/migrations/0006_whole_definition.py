"""The file of an edition in a row of its own: lists of cases read editions and have no use for it."""

from typing import Any

import django.db.models.deletion
from django.db import migrations, models


def copy(apps: Any, schema_editor: Any) -> None:
    """Take the files over; an edition published before files were kept has none."""
    rows = apps.get_model("services", "Edition").objects.exclude(definition={}).values_list("pk", "definition")
    whole = apps.get_model("services", "WholeDefinition")
    whole.objects.bulk_create(whole(edition_id=pk, content=content) for pk, content in rows)


class Migration(migrations.Migration):
    dependencies = [("services", "0005_names_of_acts")]
    operations = [
        migrations.CreateModel(
            name="WholeDefinition",
            fields=[
                ("edition", models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name="+", serialize=False, to="services.edition")),
                ("content", models.JSONField()),
            ],
        ),
        migrations.RunPython(copy, migrations.RunPython.noop),
    ]
