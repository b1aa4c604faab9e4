"""What was promised must survive the power supply: what the database itself says of how it writes, read back.

The settings ask SQLite for it; a database server is set up by somebody else, so it is asked. A server behind https:// does not
start on a database that answers before it has written; elsewhere (a trial, a test cluster) `manage.py check --database default`
and `migrate` say so.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register  # noqa: A004 - Django's names
from django.core.exceptions import ImproperlyConfigured
from django.db import DatabaseError, InterfaceError, connection

log = logging.getLogger("config.durability")
# What each database must say of itself. PostgreSQL: every other value of synchronous_commit waits for this machine's disk.
_SQLITE = {"journal_mode": ("wal",), "synchronous": ("2", "3"), "foreign_keys": ("1",)}
_POSTGRESQL = {
    "fsync": ("on",), "full_page_writes": ("on",), "synchronous_commit": ("on", "remote_apply", "remote_write", "local"),
}  # fmt: skip


def weaknesses() -> list[str]:
    """Each setting of the default database under which an answered request could be lost, as `name = value`."""
    wanted, ask = (_SQLITE, "PRAGMA") if connection.vendor == "sqlite" else (_POSTGRESQL, "SHOW")
    found = {name: _read(f"{ask} {name}") for name in wanted}
    return [f"{name} = {value}" for name, value in found.items() if value not in wanted[name]]


def without_checksums() -> bool:
    """Whether a block that the disk has changed would be read as if nothing were wrong (PostgreSQL set up without them)."""
    return connection.vendor == "postgresql" and _read("SHOW data_checksums") != "on"


@register(Tags.database)
def check_durability(*, databases: Sequence[str] | None = None, **_: Any) -> list[CheckMessage]:
    """Errors on a server, warnings elsewhere; nothing unless the default database is asked about."""
    if "default" not in (databases or ()):
        return []
    kind = Error if settings.SERVED_BY_HTTPS else Warning
    hint = "An answer must not be given before the disk has it (docs/operating.md, Starting)."
    try:
        found: list[CheckMessage] = [
            kind(f"The database may lose what was promised: {text}", hint=hint, id="config.E001")
            for text in weaknesses()
        ]
        if settings.SERVED_BY_HTTPS and without_checksums():
            found.append(Warning("The database has no checksums (initdb --data-checksums).", id="config.W001"))
    except (DatabaseError, InterfaceError) as problem:
        return [
            Warning(f"The database is away: how it writes was not read ({type(problem).__name__}).", id="config.W002")
        ]
    return found


def refuse_weak_database() -> None:
    """On the start of a web server or a worker: raise ImproperlyConfigured where a server's database is a weak one.

    A database that is away says nothing: the process starts and serves when it is back, as after every loss of it.
    """
    if not settings.SERVED_BY_HTTPS:
        return
    try:
        if found := weaknesses():
            raise ImproperlyConfigured(f"The database may lose what was promised: {', '.join(found)}.")
        if without_checksums():
            log.warning("the database has no checksums: what the disk changes is not noticed")
    except (DatabaseError, InterfaceError) as problem:
        log.warning("the database is away (%s): how it writes was not read", type(problem).__name__)
    finally:
        # A server that forks must not hand one connection to all its children.
        connection.close()


def _read(statement: str) -> str:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return str(cursor.fetchone()[0])
