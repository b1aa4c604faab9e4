"""Secrets of an embedded installation: made once, kept in a file that only the owner reads."""

import os
import secrets
from pathlib import Path


def local_secret(path: Path) -> str:
    """Give the secret kept at `path`, making it (mode 600) the first time.

    Two processes starting at once get the same value: the file is created exclusively, the loser reads the winner's.
    """
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_text(encoding="ascii")
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(secret := secrets.token_urlsafe(50))
    return secret
