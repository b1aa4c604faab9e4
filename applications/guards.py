"""The guard of the events and of the openings in the database itself: triggers refuse UPDATE and DELETE, whoever asks.

SQLite drops the triggers of a table with every change of its columns, so a migration that changes `Event` lifts the guard
first and sets it again: `operations = [lifted, AddField(...), guarded]`.
"""

from __future__ import annotations

from typing import Any

from django.db import migrations

_SQLITE = """
CREATE TRIGGER event_no_{verb} BEFORE {verb} ON applications_event
BEGIN SELECT RAISE(ABORT, 'events are append-only'); END;
"""
_VERBS = ("UPDATE", "DELETE")
_OPENINGS_SQLITE = """
CREATE TRIGGER opening_no_{verb} BEFORE {verb} ON applications_opening
BEGIN SELECT RAISE(ABORT, 'openings are append-only'); END;
"""
_OPENINGS_POSTGRES = """
CREATE TRIGGER opening_append_only BEFORE UPDATE OR DELETE ON applications_opening
FOR EACH ROW EXECUTE FUNCTION refuse_event_change();
"""


def guard(apps: Any, schema_editor: Any) -> None:
    """Set the triggers again (SQLite; PostgreSQL keeps its own through a change of columns)."""
    if schema_editor.connection.vendor == "sqlite":
        for verb in _VERBS:
            schema_editor.execute(_SQLITE.format(verb=verb))


def lift(apps: Any, schema_editor: Any) -> None:
    """Take the triggers away for the rest of the migration (SQLite)."""
    if schema_editor.connection.vendor == "sqlite":
        for verb in _VERBS:
            schema_editor.execute(f"DROP TRIGGER IF EXISTS event_no_{verb}")


def guard_openings(apps: Any, schema_editor: Any) -> None:
    """The same for the table of openings."""
    if schema_editor.connection.vendor == "sqlite":
        for verb in _VERBS:
            schema_editor.execute(_OPENINGS_SQLITE.format(verb=verb))
    else:
        schema_editor.execute(_OPENINGS_POSTGRES)


def unguard_openings(apps: Any, schema_editor: Any) -> None:
    """Take it away."""
    if schema_editor.connection.vendor == "sqlite":
        for verb in _VERBS:
            schema_editor.execute(f"DROP TRIGGER IF EXISTS opening_no_{verb}")
    else:
        schema_editor.execute("DROP TRIGGER IF EXISTS opening_append_only ON applications_opening")


def unguarded(connection: Any) -> list[str]:
    """The guards that are missing, switched off or emptied in the database; an empty list when all stand."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute(
                "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'applications_event'"
            )
            found = {name: sql for name, sql in cursor.fetchall() if "RAISE(ABORT" in sql}
            return [f"event_no_{verb}" for verb in _VERBS if f"event_no_{verb}" not in found]
        cursor.execute(
            "SELECT tgname FROM pg_trigger JOIN pg_proc ON pg_proc.oid = tgfoid WHERE tgrelid = 'applications_event'::regclass"
            " AND tgenabled IN ('O', 'A') AND prosrc LIKE '%RAISE EXCEPTION%'"
        )
        standing = {name for (name,) in cursor.fetchall()}
    return [name for name in ("event_append_only", "event_no_truncate") if name not in standing]


lifted = migrations.RunPython(lift, guard)
guarded = migrations.RunPython(guard, lift)
