"""What a backup says of itself: rows and hash of each table, files, heads of the chains, counters, and which keys it needs."""

from __future__ import annotations

import hmac
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder

from applications.models import EventChain, NumberBook
from config.backup.container import BackupError
from offices.vault import keyring
from offices.whole_files import local_secret

FORMAT = 1
Manifest = dict[str, Any]


@contextmanager
def snapshot() -> Iterator[None]:
    """One unchanging view of the whole database while others go on working: nobody waits, nothing is locked."""
    if connection.in_atomic_block:
        yield  # a test, or a caller who knows
        return
    postgres = connection.vendor == "postgresql"
    with connection.cursor() as cursor:
        # Not Django's atomic(): that would take SQLite's write lock, and PostgreSQL's ordinary view of each statement.
        cursor.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY" if postgres else "BEGIN DEFERRED")
        if postgres:
            cursor.execute("SET LOCAL statement_timeout = 0")
        try:
            yield
        finally:
            cursor.execute("ROLLBACK")


def backup_key() -> str:
    """The key of backups: BACKUP_KEY, or the file beside the data that is made the first time."""
    return settings.BACKUP_KEY or local_secret(Path(settings.BACKUP_KEY_FILE))


def heads() -> dict[str, list[Any]]:
    """Length and head of each office's chain of events."""
    rows = EventChain.objects.values_list("office__key", "seq", "head").order_by("office__key")
    return {key: [seq, head] for key, seq, head in rows}


def counters() -> dict[str, int]:
    """The last number of each book."""
    rows = NumberBook.objects.values_list("office__code", "book", "year", "last").order_by(
        "office__code", "book", "year"
    )
    return {"-".join(part for part in (code, book, str(year)) if part): last for code, book, year, last in rows}


def leaves() -> dict[str, list[str]]:
    """The applied migrations of each app: the form the rows have."""
    found: dict[str, list[str]] = {}
    for app, name in sorted(MigrationRecorder(connection).applied_migrations()):
        found.setdefault(app, []).append(name)
    return found


def needed_keys() -> dict[str, str]:
    """A mark of each key without which restored rows are of no use. The keys themselves are in no backup."""
    # The tag of an empty text tells a key from others; a nonce of zeroes is never used for sealing.
    field_keys = {
        f"FIELD_KEYS {name}": key.encrypt(b"\0" * 12, b"", b"which key is it").hex()
        for name, key in keyring().keys.items()
    }
    return {**field_keys, "INDEX_KEY": _mark(settings.INDEX_KEY), "TALON_KEY": _mark(settings.TALON_KEY)}


def _mark(key: str) -> str:
    return hmac.new(key.encode(), b"which key is it", sha256).hexdigest()[:32]


def differences(found: Manifest, wanted: Manifest) -> list[str]:
    """What differs between two manifests, a line each."""
    return [
        f"{part} {name}: {found[part].get(name)} instead of {wanted[part].get(name)}"
        for part in ("tables", "media", "heads", "counters")
        for name in sorted({*found[part], *wanted[part]})
        if found[part].get(name) != wanted[part].get(name)
    ]


def check_keys(manifest: Manifest) -> None:
    """Refuse a backup whose sealed values could not be opened here."""
    here = needed_keys()
    missing = [name for name, mark in manifest["keys"].items() if here.get(name) != mark]
    if missing:
        raise BackupError(
            f"This installation has other keys than the one of the backup: {', '.join(missing)}. "
            "Put the key files of that installation into DATA_DIR (or its environment variables) first."
        )
