"""Files for their owner only, there whole or not at all, and on the disk before anybody relies on them: secrets, uploads.

A key that a lost power supply takes away takes with it whatever was sealed by it. No Django here: the settings read secrets.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path


def local_secret(path: Path) -> str:
    """Give the secret kept at `path`, making it the first time; processes that start at once get the same."""
    with suppress(FileNotFoundError):
        return path.read_text(encoding="ascii")
    make_secret(path, secrets.token_urlsafe(50))
    return path.read_text(encoding="ascii")


def make_secret(path: Path, text: str) -> None:
    """Keep `text` in a new file at `path`; of several processes that do so at once the first one's stays."""
    with _written(path, text.encode("ascii")) as whole, suppress(FileExistsError):
        os.link(whole, path)


def put_whole(path: Path, data: bytes) -> None:
    """Let the file at `path` hold `data` from now on."""
    with _written(path, data) as whole:
        whole.replace(path)


@contextmanager
def _written(path: Path, data: bytes) -> Iterator[Path]:
    """A file beside `path` with the bytes, on the disk; what is done with its name within the block is on the disk after it."""
    beside = path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    try:
        with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        yield beside
    finally:
        beside.unlink(missing_ok=True)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
