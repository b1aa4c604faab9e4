"""What the database itself does for the figures: it never changes closed ones, and marks months that something was done to.

SQLite drops the triggers of a table when a column of it changes: such a migration lifts the guard first and sets it again.
"""

from __future__ import annotations

import re
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


# ------------------------------------------------------------------ months are marked in the transaction that changes them

_CASE_CHANGED = (
    "OLD.state = 'new' OR NEW.state IN ('annulled', 'withdrawn') OR {differs(commission_at)} OR {differs(registered_at)}"
    " OR {differs(first_handed_in_on)} OR {differs(complete_first_time)}"
)
# Table → when an insert or an update concerns figures, and for which rows which measure on which day.
_MARKS: dict[str, tuple[str, str, list[tuple[str, str, str]]]] = {
    "applications_clock": (
        "NEW.kind = 'overall' AND NEW.stopped_at IS NOT NULL",
        "NEW.kind = 'overall' AND NEW.stopped_at IS NOT NULL",
        [("NEW", "'on_time'", "counted_on"), ("OLD", "'on_time'", "counted_on")],
    ),
    "applications_case": (
        "NEW.first_handed_in_on IS NOT NULL",
        _CASE_CHANGED,
        [("NEW", "'right_first_time'", "first_handed_in_on"), ("NEW", "'on_time'", "first_handed_in_on")],
    ),
    "applications_visit": (
        "NEW.called_at IS NOT NULL OR NEW.ended_at IS NOT NULL",
        "NEW.called_at IS NOT NULL OR NEW.ended_at IS NOT NULL",
        [("NEW", "'waiting'", "day"), ("OLD", "'waiting'", "day")],
    ),
    "kpi_surveyanswer": ("TRUE", "TRUE", [("NEW", "'satisfied:' || NEW.code", "day")]),
    "kpi_qualitycheck": ("TRUE", "TRUE", [("NEW", "'papers_right'", "day")]),
}
_MARK = (
    "INSERT INTO kpi_monthmark (measure, office_id, edition_id, month)"
    " SELECT {measure}, {row}.office_id, {row}.edition_id, {month} WHERE {row}.{day} IS NOT NULL;"
)


def set_marks(connection: Any) -> None:
    """Set the triggers that mark a month, anew: SQLite loses them when a migration changes their tables."""
    postgres = connection.vendor == "postgresql"
    drop_marks(connection)
    with connection.cursor() as cursor:
        for table, (inserted, updated, marks) in _MARKS.items():
            for verb, when in (("INSERT", inserted), ("UPDATE", updated)):
                rows = [_mark(postgres, *mark) for mark in marks if verb == "UPDATE" or mark[0] == "NEW"]
                cursor.execute(_trigger(postgres, table, verb, _differences(postgres, when), " ".join(rows)))


def drop_marks(connection: Any) -> None:
    """Take them away: for loading a great many rows, after which every month is counted anew."""
    postgres = connection.vendor == "postgresql"
    with connection.cursor() as cursor:
        for table in _MARKS:
            for verb in ("INSERT", "UPDATE"):
                name = f"mark_{table}_{verb.lower()}"
                cursor.execute(
                    f"DROP FUNCTION IF EXISTS {name} CASCADE" if postgres else f"DROP TRIGGER IF EXISTS {name}"
                )


def mark_all(apps: Any, schema_editor: Any) -> None:
    """Mark every month of what is there: it was written before the triggers were, so nobody has counted it."""
    connection = schema_editor.connection
    with connection.cursor() as cursor:
        for table, (_inserted, _updated, marks) in _MARKS.items():
            for row, measure, day in marks:
                if row == "NEW":
                    values = _mark(connection.vendor == "postgresql", "old", measure.replace(row, "old"), day)
                    cursor.execute(
                        values.replace(" SELECT ", " SELECT DISTINCT ").replace(" WHERE", f" FROM {table} old WHERE")
                    )


def _trigger(postgres: bool, table: str, verb: str, when: str, body: str) -> str:
    name = f"mark_{table}_{verb.lower()}"
    if not postgres:
        return f"CREATE TRIGGER {name} AFTER {verb} ON {table} WHEN {when} BEGIN {body} END"
    return (
        f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {body} RETURN NULL; END $$; "
        f"CREATE TRIGGER {name} AFTER {verb} ON {table} FOR EACH ROW WHEN ({when}) EXECUTE FUNCTION {name}()"
    )


def _mark(postgres: bool, row: str, measure: str, day: str) -> str:
    column = f"{row}.{day}"
    if postgres:
        month = f"date_part('year', {column}) * 12 + date_part('month', {column}) - 1"
    else:
        month = f"substr({column}, 1, 4) * 12 + substr({column}, 6, 2) - 1"
    return _MARK.format(row=row, measure=measure, day=day, month=month)


def _differences(postgres: bool, when: str) -> str:
    """`{differs(x)}` in the words of the database."""
    word = "IS DISTINCT FROM" if postgres else "IS NOT"
    return re.sub(r"\{differs\((\w+)\)\}", rf"NEW.\1 {word} OLD.\1", when)


def _without_marks(apps: Any, schema_editor: Any) -> None:
    drop_marks(schema_editor.connection)


# Nothing on the way up (the marks are set after every migration); on the way down they go before the table they write to.
marks_go_first = migrations.RunPython(migrations.RunPython.noop, _without_marks)
