"""The guards of closed figures in the database itself: closed tables and approved targets are never changed or deleted.

SQLite drops the triggers of a table when a column of it changes: such a migration lifts the guard first and sets it again.
"""

from __future__ import annotations

from typing import Any

from django.db import migrations

_TABLES = {"kpi_sealedtable": "TRUE", "kpi_targetplan": "OLD.approved_at IS NOT NULL"}
_VERBS = ("UPDATE", "DELETE")
_SQLITE = """
CREATE TRIGGER {table}_no_{verb} BEFORE {verb} ON {table} WHEN {when}
BEGIN SELECT RAISE(ABORT, 'closed figures are never changed'); END;
"""
_FUNCTION = """
CREATE OR REPLACE FUNCTION kpi_never_changed() RETURNS trigger AS $$
BEGIN RAISE EXCEPTION 'closed figures are never changed'; END $$ LANGUAGE plpgsql;
"""
_POSTGRES = """
CREATE TRIGGER {table}_no_{verb} BEFORE {verb} ON {table} FOR EACH ROW WHEN ({when})
EXECUTE FUNCTION kpi_never_changed();
"""


def guard(apps: Any, schema_editor: Any) -> None:
    """Set the triggers."""
    postgres = schema_editor.connection.vendor == "postgresql"
    if postgres:
        schema_editor.execute(_FUNCTION)
    for table, when in _TABLES.items():
        for verb in _VERBS:
            schema_editor.execute((_POSTGRES if postgres else _SQLITE).format(table=table, verb=verb, when=when))


def lift(apps: Any, schema_editor: Any) -> None:
    """Take the triggers away."""
    postgres = schema_editor.connection.vendor == "postgresql"
    for table in _TABLES:
        for verb in _VERBS:
            on_table = f" ON {table}" if postgres else ""
            schema_editor.execute(f"DROP TRIGGER IF EXISTS {table}_no_{verb}{on_table}")


guarded = migrations.RunPython(guard, lift)
lifted = migrations.RunPython(lift, guard)
