"""Files of people stand encrypted on the disk, by the keys of the sealed fields; in Python they are ordinary files."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.core.files.base import ContentFile, File
from django.core.files.storage import FileSystemStorage
from django.db.models.fields.files import FieldFile

from offices.vault import is_sealed, seal_bytes, unseal_bytes
from offices.whole_files import put_whole

_PLACE = "media"


class SealedStorage(FileSystemStorage):
    """Seals on the way in, opens on the way out. Files are small (10 MB at most), so they are taken whole."""

    def _save(self, name: str, content: File[Any]) -> str:
        """On the disk whole or not at all, also where the disk is full or the power goes."""
        content.seek(0)
        path = Path(self.path(name))
        path.parent.mkdir(parents=True, exist_ok=True)
        put_whole(path, seal_bytes(content.read(), _PLACE))
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
        put_whole(path, seal_bytes(plain, _PLACE))
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
