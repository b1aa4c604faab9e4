"""The event log is append-only in the database itself: UPDATE and DELETE are refused on SQLite and on PostgreSQL."""

from typing import Any

from django.db import migrations

_SQLITE = """
CREATE TRIGGER event_no_{verb} BEFORE {verb} ON applications_event
BEGIN SELECT RAISE(ABORT, 'events are append-only'); END;
"""
_POSTGRES = """
CREATE FUNCTION refuse_event_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'events are append-only'; END $$;
CREATE TRIGGER event_append_only BEFORE UPDATE OR DELETE ON applications_event
FOR EACH ROW EXECUTE FUNCTION refuse_event_change();
CREATE TRIGGER event_no_truncate BEFORE TRUNCATE ON applications_event
FOR EACH STATEMENT EXECUTE FUNCTION refuse_event_change();
"""


def guard(apps: Any, schema_editor: Any) -> None:
    if schema_editor.connection.vendor == "sqlite":
        for verb in ("UPDATE", "DELETE"):
            schema_editor.execute(_SQLITE.format(verb=verb))
    else:
        schema_editor.execute(_POSTGRES)


def unguard(apps: Any, schema_editor: Any) -> None:
    if schema_editor.connection.vendor == "sqlite":
        for verb in ("UPDATE", "DELETE"):
            schema_editor.execute(f"DROP TRIGGER event_no_{verb}")
    else:
        schema_editor.execute("DROP FUNCTION refuse_event_change CASCADE")


class Migration(migrations.Migration):
    dependencies = [("applications", "0002_initial")]
    operations = [migrations.RunPython(guard, unguard)]
