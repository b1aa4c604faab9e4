"""django-axes is no part any more (docs/decisions/0013): an installation that had it loses its tables and what names it.

Its lines among the applied migrations go as well: a backup names the applied migrations, and a new installation without
them would refuse it.
"""

from django.db import migrations
from django.db.migrations.recorder import MigrationRecorder

# What points at another comes first.
TABLES = ("axes_accessattemptexpiration", "axes_accessattempt", "axes_accessfailurelog", "axes_accesslog")


def forget_the_part(apps, schema_editor):
    connection = schema_editor.connection
    for table in TABLES:
        schema_editor.execute(f"DROP TABLE IF EXISTS {connection.ops.quote_name(table)}")
    MigrationRecorder(connection).migration_qs.filter(app="axes").delete()
    kinds = apps.get_model("contenttypes", "ContentType").objects.filter(app_label="axes")
    apps.get_model("auth", "Permission").objects.filter(content_type__in=kinds).delete()
    apps.get_model("admin", "LogEntry").objects.filter(content_type__in=kinds).update(content_type=None)
    kinds.delete()


class Migration(migrations.Migration):
    dependencies = [
        ("offices", "0003_sessions_and_recovery_codes"),
        ("admin", "0003_logentry_add_action_flag_choices"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("contenttypes", "0002_remove_content_type_name"),
    ]

    operations = [migrations.RunPython(forget_the_part, migrations.RunPython.noop)]
