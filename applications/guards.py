"""The guard of the event log in the database itself: its triggers refuse UPDATE and DELETE, whoever asks.

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


lifted = migrations.RunPython(lift, guard)
guarded = migrations.RunPython(guard, lift)
