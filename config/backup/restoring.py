"""Putting a backup back into an empty installation, and comparing what stands there with what the backup says."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.color import no_style
from django.db import connection, transaction

from applications.models import Event
from config.backup.container import BackupError, lines
from config.backup.guards import guards_aside
from config.backup.manifest import FORMAT, Manifest, backup_key, check_keys, counters, differences, heads, leaves
from config.backup.rows import Digest, Row, Table, line_of, tables
from offices.models import User


@dataclass
class _Part:
    """A table or a file of the backup, with its lines still to be read."""

    head: dict[str, Any]
    lines: Iterator[Any] = field(default_factory=lambda: iter(()))


def check(path: Path) -> Manifest:
    """Read a backup to its end, compare it with its own manifest and give that. Changes nothing. Raises BackupError."""
    found: Manifest = {"tables": {}, "media": {}}
    manifest: Manifest | None = None
    for part in _parts(path):
        if "table" in part.head:
            found["tables"][part.head["table"]] = _digest(part.lines)
        elif "file" in part.head:
            whole, size = sha256(), 0
            for [piece] in part.lines:
                content = base64.b64decode(piece)
                whole.update(content)
                size += len(content)
            found["media"][part.head["file"]] = {"size": size, "sha256": whole.hexdigest()}
        else:
            manifest = part.head.get("manifest", manifest)
    if manifest is None:
        raise BackupError("The backup has no manifest.")
    if wrong := differences({**manifest, **found}, manifest):
        raise BackupError("The backup does not hold what its manifest says: " + "; ".join(wrong[:5]))
    return manifest


def restore(path: Path) -> Manifest:
    """Put the backup at `path` into this empty installation, read everything again and compare. Gives the manifest.

    All or nothing: a difference undoes it. Raises BackupError for a damaged, cut or foreign backup, missing keys, another
    version of the tables, or an installation in which somebody has worked already.
    """
    manifest = check(path)
    _refuse_unfit(manifest)
    kept: list[Path] = []
    try:
        with transaction.atomic():
            with guards_aside():
                _rows_and_files(path, kept)
            if wrong := differences({**manifest, **_as_it_stands(manifest)}, manifest):
                raise BackupError("What stands here now is not what was saved: " + "; ".join(wrong[:5]))
    except BaseException:
        for file in kept:
            file.unlink(missing_ok=True)
        raise
    return manifest


def _refuse_unfit(manifest: Manifest) -> None:
    if manifest["format"] != FORMAT:
        raise BackupError("The backup has a form that this version does not know.")
    check_keys(manifest)
    if manifest["leaves"] != (here := leaves()):
        apps = sorted(app for app in {*here, *manifest["leaves"]} if here.get(app) != manifest["leaves"].get(app))
        raise BackupError(
            f"The backup was made by another version ({', '.join(apps)}). Restore it with that version, then upgrade."
        )
    if User.objects.exists() or Event.objects.exists():
        raise BackupError("Somebody has worked in this installation already: a backup goes into an empty one only.")


def _rows_and_files(path: Path, kept: list[Path]) -> None:
    known = {table.name: table for table in tables()}
    for table in known.values():
        table.empty()
    for part in _parts(path):
        if "table" in part.head:
            table = known[part.head["table"]]
            if part.head["columns"] != table.columns:
                places = [part.head["columns"].index(column) for column in table.columns]
                part.lines = ([row[place] for place in places] for row in part.lines)
            table.insert(part.lines)
        elif "file" in part.head:
            kept.append(_write_file(part))
    with connection.cursor() as cursor:
        for statement in connection.ops.sequence_reset_sql(no_style(), [table.model for table in known.values()]):
            cursor.execute(statement)


def _write_file(part: _Part) -> Path:
    target = _inside_media(part.head["file"])
    if target.exists():
        raise BackupError(f"The file {part.head['file']} is there already: the folder for files must be empty.")
    target.parent.mkdir(parents=True, exist_ok=True)
    with target.open("xb") as file:
        target.chmod(settings.FILE_UPLOAD_PERMISSIONS)
        for [piece] in part.lines:
            file.write(base64.b64decode(piece))
    return target


def _inside_media(name: str) -> Path:
    root = Path(settings.MEDIA_ROOT).resolve()
    target = (root / name).resolve()
    if root not in target.parents:
        raise BackupError("The backup names a file outside of the folder for files.")
    return target


def _as_it_stands(manifest: Manifest) -> Manifest:
    """Rows, files, heads and counters as they stand in the installation now, all read again."""
    rows = {table.name: _digest(table.rows()) for table in tables()}
    files = {}
    for name in manifest["media"]:
        with _inside_media(name).open("rb") as file:
            content = file.read()
        files[name] = {"size": len(content), "sha256": sha256(content).hexdigest()}
    return {"tables": rows, "media": files, "heads": heads(), "counters": counters()}


def _digest(rows: Iterator[Row]) -> dict[str, Any]:
    digest = Digest()
    for row in rows:
        digest.add(line_of(row))
    return digest.as_dict()


def _parts(path: Path) -> Iterator[_Part]:
    """The tables and files of a backup in turn; the lines of one must be read before the next is asked for."""
    with path.open("rb") as file:
        waiting = (json.loads(line) for line in lines(file, backup_key()))
        head = next(waiting, None)
        while head is not None:
            part, after = _Part(head), list[dict[str, Any]]()
            part.lines = _rows_until_head(waiting, after)
            yield part
            for _unread in part.lines:
                pass
            head = after[0] if after else None


def _rows_until_head(waiting: Iterator[Any], after: list[dict[str, Any]]) -> Iterator[Any]:
    for value in waiting:
        if isinstance(value, dict):
            after.append(value)
            return
        yield value


__all__ = ["Table", "check", "restore"]
