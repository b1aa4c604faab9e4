"""Files of people stand encrypted on the disk, by the keys of the sealed fields; in Python they are ordinary files."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.core.files.base import ContentFile, File
from django.core.files.storage import FileSystemStorage
from django.db.models.fields.files import FieldFile

from offices.vault import is_sealed, seal_bytes, unseal_bytes

_PLACE = "media"


class SealedStorage(FileSystemStorage):
    """Seals on the way in, opens on the way out. Files are small (10 MB at most), so they are taken whole."""

    def _save(self, name: str, content: File[Any]) -> str:
        """On the disk whole or not at all, also where the disk is full or the power goes."""
        content.seek(0)
        path = Path(self.path(name))
        path.parent.mkdir(parents=True, exist_ok=True)
        _write_whole(path, seal_bytes(content.read(), _PLACE))
        return str(path.relative_to(self.location))

    def _open(self, name: str, mode: str = "rb") -> File[Any]:
        raw = Path(self.path(name)).read_bytes()
        # A file from before files were sealed is read as it is; `rotate_keys` seals it.
        return ContentFile(unseal_bytes(raw, _PLACE) if is_sealed(raw) else raw, name=name)

    def size(self, name: str) -> int:
        """Bytes of the file itself."""
        return len(self._open(name).read())

    def reseal(self, name: str) -> bool:
        """Seal a file anew that another key sealed, or none; gives whether it was needed."""
        path = Path(self.path(name))
        raw = path.read_bytes()
        if is_sealed(raw, current=True):
            return False
        plain = unseal_bytes(raw, _PLACE) if is_sealed(raw) else raw
        _write_whole(path, seal_bytes(plain, _PLACE))
        return True


@contextmanager
def kept_if_done(*files: FieldFile) -> Iterator[None]:
    """Around an act's whole transaction: the files that it saves go away again when it fails. `files` are still to be saved."""
    try:
        yield
    except BaseException:
        for file in files:
            if file.name and file._committed:  # type: ignore[attr-defined]
                file.storage.delete(file.name)
        raise


def _write_whole(path: Path, data: bytes) -> None:
    """Bytes under a name of their own first, and through to the disk; then the file takes its place in one step."""
    half = path.with_name(f"{path.name}.half")
    try:
        with os.fdopen(os.open(half, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        half.replace(path)
    finally:
        half.unlink(missing_ok=True)
