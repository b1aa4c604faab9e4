"""Copies of the test database, with the law in them, and empty ones: what is committed there is nobody else's business."""

from __future__ import annotations

import itertools
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.db import connection

_serial = itertools.count(1)


@contextmanager
def database_copy(folder: Path) -> Iterator[None]:
    """Within this, the connection leads to a copy of the database it led to; the copy is thrown away afterwards."""
    copy = _on_sqlite if connection.vendor == "sqlite" else _on_postgresql
    with copy(folder):
        yield


@contextmanager
def empty_database(folder: Path) -> Iterator[None]:
    """The same with a database in which there is nothing yet."""
    other = _on_sqlite if connection.vendor == "sqlite" else _on_postgresql
    with other(folder, empty=True):
        yield


@contextmanager
def _on_sqlite(folder: Path, *, empty: bool = False) -> Iterator[None]:
    """A file, because in memory the connections of threads lock each other out instead of waiting."""
    path = str(folder / f"copy{next(_serial)}.sqlite3")
    connection.ensure_connection()
    original, name = connection.connection, connection.settings_dict["NAME"]
    if not empty:
        target = sqlite3.connect(path)
        original.backup(target)
        target.close()
    connection.connection, connection.settings_dict["NAME"] = None, path
    try:
        yield
    finally:
        connection.close()
        connection.connection, connection.settings_dict["NAME"] = original, name


@contextmanager
def _on_postgresql(folder: Path, *, empty: bool = False) -> Iterator[None]:
    """A database made after the one it copies, which must have no guests meanwhile."""
    name = connection.settings_dict["NAME"]
    copy = f"{name}_{next(_serial)}"
    connection.close()
    with connection._nodb_cursor() as cursor:
        cursor.execute(f'DROP DATABASE IF EXISTS "{copy}"')
        cursor.execute(f'CREATE DATABASE "{copy}"' + ("" if empty else f' TEMPLATE "{name}"'))
    connection.settings_dict["NAME"] = copy
    try:
        yield
    finally:
        connection.close()
        connection.settings_dict["NAME"] = name
        with connection._nodb_cursor() as cursor:
            cursor.execute(f'DROP DATABASE "{copy}" WITH (FORCE)')
