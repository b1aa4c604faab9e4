"""The file of a backup: compressed, then encrypted in pieces that each know their place and whether they are the last.

    OFFICES-BACKUP 1 <newline> <16 bytes salt> <8 bytes that tell the key> pieces
    piece: 4 bytes length, AES-256-GCM of up to 1 MiB; nonce = number of the piece; bound to head, number and "is the last"

A changed byte, a missing, swapped or added piece, or a cut end fails to open. The key of each file is derived from the backup
key and the file's own salt, so no nonce is ever used twice.
"""

from __future__ import annotations

import hmac
import os
import zlib
from collections.abc import Iterator
from hashlib import sha256
from typing import IO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

MAGIC = b"OFFICES-BACKUP 1\n"
_SALT, _MARK, _LENGTH, _TAG = 16, 8, 4, 16
PIECE = 1024 * 1024


class BackupError(Exception):
    """A backup that cannot be taken, or must not be restored."""


class Writer:
    """Writes bytes into a backup file; without `close()` the file has no end and cannot be opened."""

    def __init__(self, file: IO[bytes], key: str) -> None:
        salt = os.urandom(_SALT)
        self._file, self._head = file, MAGIC + salt + _mark(key)
        self._cipher, self._number = _cipher(key, salt), 0
        self._zip, self._waiting = zlib.compressobj(6), bytearray()
        file.write(self._head)

    def write(self, plain: bytes) -> None:
        """Add bytes."""
        self._waiting += self._zip.compress(plain)
        while len(self._waiting) > PIECE:
            self._piece(bytes(self._waiting[:PIECE]), last=False)
            del self._waiting[:PIECE]

    def close(self) -> None:
        """Write the last piece."""
        self._waiting += self._zip.flush()
        while len(self._waiting) > PIECE:
            self._piece(bytes(self._waiting[:PIECE]), last=False)
            del self._waiting[:PIECE]
        self._piece(bytes(self._waiting), last=True)

    def _piece(self, plain: bytes, *, last: bool) -> None:
        sealed = self._cipher.encrypt(_nonce(self._number), plain, _bound(self._head, self._number, last=last))
        self._file.write(len(sealed).to_bytes(_LENGTH, "big") + sealed)
        self._number += 1


def read(file: IO[bytes], key: str) -> Iterator[bytes]:
    """The bytes of a backup file, piece by piece; raises BackupError before giving anything that was changed."""
    head = file.read(len(MAGIC) + _SALT + _MARK)
    if not head.startswith(MAGIC) or len(head) < len(MAGIC) + _SALT + _MARK:
        raise BackupError("This is not a backup of this program.")
    salt, mark = head[len(MAGIC) : -_MARK], head[-_MARK:]
    if not hmac.compare_digest(mark, _mark(key)):
        raise BackupError("The backup was made with another key (BACKUP_KEY).")
    cipher, unzip, number, last = _cipher(key, salt), zlib.decompressobj(), 0, False
    sealed = _next(file)
    while not last:
        after = _next(file) if sealed else b""
        last = not after
        try:
            plain = cipher.decrypt(_nonce(number), sealed, _bound(head, number, last=last))
        except InvalidTag:
            raise BackupError(f"The backup is damaged or cut off (piece {number + 1}).") from None
        yield unzip.decompress(plain)
        sealed, number = after, number + 1
    yield unzip.flush()


def lines(file: IO[bytes], key: str) -> Iterator[bytes]:
    """The lines of a backup file."""
    rest = b""
    for plain in read(file, key):
        *whole, rest = (rest + plain).split(b"\n")
        yield from whole
    if rest:
        raise BackupError("The backup ends in the middle of a line.")


def _next(file: IO[bytes]) -> bytes:
    """The next piece; empty at the end of the file."""
    if not (head := file.read(_LENGTH)):
        return b""
    length = int.from_bytes(head, "big")
    # A damaged length must not ask for gigabytes.
    if not _TAG <= length <= PIECE + _TAG:
        raise BackupError("The backup is damaged or cut off.")
    return file.read(length)


def _cipher(key: str, salt: bytes) -> AESGCM:
    return AESGCM(HKDF(SHA256(), 32, salt, b"offices backup").derive(key.encode()))


def _mark(key: str) -> bytes:
    """What tells one key from another without giving anything of it away."""
    return hmac.new(key.encode(), b"which backup key", sha256).digest()[:_MARK]


def _nonce(number: int) -> bytes:
    return number.to_bytes(12, "big")


def _bound(head: bytes, number: int, *, last: bool) -> bytes:
    return head + number.to_bytes(8, "big") + (b"last" if last else b"more")
