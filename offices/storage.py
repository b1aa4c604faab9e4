"""Files of people stand encrypted on the disk, by the keys of the sealed fields; in Python they are ordinary files."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.files.base import ContentFile, File
from django.core.files.storage import FileSystemStorage

from offices.vault import is_sealed, seal_bytes, unseal_bytes

_PLACE = "media"


class SealedStorage(FileSystemStorage):
    """Seals on the way in, opens on the way out. Files are small (10 MB at most), so they are taken whole."""

    def _save(self, name: str, content: File[Any]) -> str:
        content.seek(0)
        return super()._save(name, ContentFile(seal_bytes(content.read(), _PLACE)))  # type: ignore[no-any-return, misc]

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
        fresh = path.with_name(f"{path.name}.new")
        fresh.write_bytes(seal_bytes(plain, _PLACE))
        fresh.chmod(0o600)
        fresh.replace(path)
        return True
