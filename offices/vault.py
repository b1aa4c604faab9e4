"""Encryption at rest: AES-256-GCM under a list of keys, and keyed hashes by which sealed values are found again.

A sealed value names its key: `v1.<key>.<nonce and ciphertext, base64url>`. The first key of the list seals, every key opens,
so a key is changed while people work: add the new one in front, let `rotate_keys` seal everything anew, drop the old one.
What is sealed is bound to its place (`context`, such as `applications.person.iin`) and cannot be moved to another column.
Keys stand in the environment or in a file beside the data, never in the database or its backup.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings

from offices.whole_files import make_secret, put_whole

VERSION = "v1"
_NONCE = 12


class VaultError(Exception):
    """A sealed value that cannot be opened: its key is missing, or it was changed or moved."""


@dataclass(frozen=True)
class Keyring:
    """The keys by name; `current` seals."""

    current: str
    keys: dict[str, AESGCM]


def seal_bytes(plain: bytes, context: str) -> bytes:
    """Encrypt `plain` for the place `context` with the current key."""
    ring, nonce = keyring(), os.urandom(_NONCE)
    return _head(ring) + nonce + ring.keys[ring.current].encrypt(nonce, plain, context.encode())


def unseal_bytes(sealed: bytes, context: str) -> bytes:
    """Decrypt what `seal_bytes` gave for the same `context`. Raises VaultError."""
    try:
        version, name, raw = sealed.split(b".", 2)
        if version.decode("ascii", "replace") != VERSION:
            raise VaultError(f"{context}: this is not sealed")
        return _key(name.decode("ascii")).decrypt(raw[:_NONCE], raw[_NONCE:], context.encode())
    except (ValueError, InvalidTag) as problem:
        raise VaultError(f"{context}: the sealed value was changed or moved") from problem


def seal(plain: str, context: str) -> str:
    """`seal_bytes` for a text column."""
    version, name, raw = seal_bytes(plain.encode(), context).split(b".", 2)
    return f"{version.decode()}.{name.decode()}.{base64.urlsafe_b64encode(raw).decode()}"


def unseal(sealed: str, context: str) -> str:
    """`unseal_bytes` for a text column."""
    version, _, rest = sealed.partition(".")
    name, _, body = rest.partition(".")
    try:
        raw = base64.urlsafe_b64decode(body)
    except ValueError as problem:
        raise VaultError(f"{context}: the sealed value was changed or moved") from problem
    return unseal_bytes(f"{version}.{name}.".encode() + raw, context).decode()


def is_sealed(value: str | bytes, *, current: bool = False) -> bool:
    """Whether a value of a column is sealed by a known key; with `current`, by the one that seals now."""
    head = (value if isinstance(value, bytes) else value.encode())[:40]
    ring = keyring()
    names = [ring.current] if current else list(ring.keys)
    return any(head.startswith(f"{VERSION}.{name}.".encode()) for name in names)


def keyed_hash(text: str) -> str:
    """The value by which a sealed field is searched: HMAC-SHA256 under a key of its own; empty for an empty text."""
    return hmac.new(settings.INDEX_KEY.encode(), text.encode(), hashlib.sha256).hexdigest() if text else ""


def keyring() -> Keyring:
    """The keys in force, from FIELD_KEYS or the key file."""
    return _parse(settings.FIELD_KEYS) if settings.FIELD_KEYS else _from_file(Path(settings.FIELD_KEYS_FILE))


def add_key() -> str:
    """Put a new key in front of the list in the key file; gives its name. VaultError where the keys come by FIELD_KEYS."""
    if settings.FIELD_KEYS:
        raise VaultError("The keys come from FIELD_KEYS: put the new key in front there, then run the command again.")
    path = Path(settings.FIELD_KEYS_FILE)
    old = path.read_text(encoding="ascii")
    name = f"k{len(old.split()) + 1}"
    put_whole(path, f"{new_key(name)}\n{old}".encode("ascii"))
    return name


def new_key(name: str) -> str:
    """A fresh key as it stands in the list: `name:base64`."""
    return f"{name}:{base64.b64encode(AESGCM.generate_key(256)).decode()}"


def _head(ring: Keyring) -> bytes:
    return f"{VERSION}.{ring.current}.".encode()


def _key(name: str) -> AESGCM:
    try:
        return keyring().keys[name]
    except KeyError:
        raise VaultError(f"the key {name} is missing") from None


def _from_file(path: Path) -> Keyring:
    try:
        # Looked at each time (two microseconds), so that a new key seals in every process at once.
        return _read(path, path.stat().st_mtime_ns)
    except FileNotFoundError:
        make_secret(path, new_key("k1"))
        return _read(path, path.stat().st_mtime_ns)


@lru_cache(maxsize=4)
def _read(path: Path, changed: int) -> Keyring:
    return _parse(path.read_text(encoding="ascii"))


@lru_cache(maxsize=4)
def _parse(text: str) -> Keyring:
    pairs = [line.split(":", 1) for line in text.replace(",", "\n").split()]
    if not pairs:
        raise VaultError("there is no key: the key file is empty")
    return Keyring(pairs[0][0], {name: AESGCM(base64.b64decode(key)) for name, key in pairs})
