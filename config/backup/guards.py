"""The database's own guards stand aside while a backup is put back, and stand again before that is committed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection

# Triggers that refuse, and those that mark a month of figures as changed (the marks are in the backup); those that keep an
# index of words up to date go on doing so.
_SQLITE = "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND (sql LIKE '%RAISE(%' OR name LIKE 'mark~_%' ESCAPE '~')"
_POSTGRES = """
SELECT tgrelid::regclass::text, quote_ident(tgname) FROM pg_trigger JOIN pg_proc ON pg_proc.oid = tgfoid
WHERE NOT tgisinternal AND tgenabled = 'O' AND (prosrc LIKE '%%RAISE EXCEPTION%%' OR tgname LIKE 'mark~_%%' ESCAPE '~')
ORDER BY 1, 2
"""


@contextmanager
def guards_aside() -> Iterator[None]:
    """Within this, and within a transaction, rows that nobody may change can be put in place.

    When it ends, every reference between rows has been checked. A failure inside leaves it to the transaction to undo all.
    """
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            yield from _on_sqlite(cursor)
        else:
            yield from _on_postgresql(cursor)


def _on_sqlite(cursor: Any) -> Iterator[None]:
    cursor.execute(_SQLITE)
    guards = cursor.fetchall()
    for name, _sql in guards:
        cursor.execute(f"DROP TRIGGER {connection.ops.quote_name(name)}")
    yield
    for _name, sql in guards:
        cursor.execute(sql)
    connection.check_constraints()


def _on_postgresql(cursor: Any) -> Iterator[None]:
    cursor.execute(_POSTGRES)
    guards = cursor.fetchall()
    # A table whose references wait for their check cannot be altered.
    cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    for table, name in guards:
        cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER {name}")
    cursor.execute("SET CONSTRAINTS ALL DEFERRED")
    yield
    cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    for table, name in guards:
        cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER {name}")
    cursor.execute("SET CONSTRAINTS ALL DEFERRED")
