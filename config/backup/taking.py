"""Taking a backup while people work."""

from __future__ import annotations

import base64
import json
import os
from collections.abc import Iterator
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db.models import FileField
from django.utils import timezone

from config.backup.container import BackupError, Writer
from config.backup.manifest import FORMAT, Manifest, backup_key, counters, heads, leaves, needed_keys, snapshot
from config.backup.rows import Digest, Table, line_of, tables

_PIECE = 256 * 1024


def take(path: Path) -> Manifest:
    """Write a backup of all rows and the files they name to `path` (mode 600), whole or not at all. Gives its manifest.

    Raises BackupError when the file exists or cannot be written.
    """
    if path.exists():
        raise BackupError(f"{path} exists already.")
    half = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with os.fdopen(os.open(half, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            writer = Writer(file, backup_key())
            manifest = _write(writer)
            writer.close()
            file.flush()
            os.fsync(file.fileno())
        half.rename(path)
    except OSError as problem:
        raise BackupError(f"The backup could not be written: {problem.strerror}") from problem
    finally:
        half.unlink(missing_ok=True)
    settings.BACKUP_MARK_FILE.write_text(manifest["made_at"], encoding="ascii")
    return manifest


def last_taken() -> datetime | None:
    """When the last backup of this installation was made; None where none was, or nobody can say."""
    try:
        return datetime.fromisoformat(settings.BACKUP_MARK_FILE.read_text(encoding="ascii").strip())
    except (FileNotFoundError, ValueError):
        return None


def _write(writer: Writer) -> Manifest:
    with snapshot():
        manifest: Manifest = {
            "format": FORMAT, "made_at": timezone.now().isoformat(), "leaves": leaves(), "keys": needed_keys(),
            "tables": {}, "media": {}, "missing": [], "heads": heads(), "counters": counters(),
        }  # fmt: skip
        _line(writer, {"begins": {name: manifest[name] for name in ("format", "made_at", "leaves", "keys")}})
        named: list[tuple[FileField, str]] = []
        for table in tables():
            named += _dump(writer, table, manifest)
    # A file is there before its row is and is never changed, so files need no snapshot.
    for field, name in named:
        _add_file(writer, field, name, manifest)
    _line(writer, {"manifest": manifest})
    return manifest


def _dump(writer: Writer, table: Table, manifest: Manifest) -> list[tuple[FileField, str]]:
    """Write a table; gives the files that its rows name."""
    digest, named = Digest(), []
    _line(writer, {"table": table.name, "columns": table.columns})
    for row in table.rows():
        line = line_of(row)
        digest.add(line)
        writer.write(line + b"\n")
        named += [(column, row[place]) for place, column in table.files if row[place]]
    manifest["tables"][table.name] = digest.as_dict()
    return named


def _add_file(writer: Writer, field: FileField, name: str, manifest: Manifest) -> None:
    if name in manifest["media"] or name in manifest["missing"]:
        return
    try:
        whole, size = sha256(), 0
        with Path(field.storage.path(name)).open("rb") as file:
            _line(writer, {"file": name})
            for piece in _pieces(file):
                whole.update(piece)
                size += len(piece)
                writer.write(line_of([base64.b64encode(piece).decode()]) + b"\n")
    except FileNotFoundError:
        manifest["missing"].append(name)
        return
    manifest["media"][name] = {"size": size, "sha256": whole.hexdigest()}


def _pieces(file: Any) -> Iterator[bytes]:
    while piece := file.read(_PIECE):
        yield piece


def _line(writer: Writer, value: Any) -> None:
    writer.write(json.dumps(value, ensure_ascii=False, sort_keys=True).encode() + b"\n")
