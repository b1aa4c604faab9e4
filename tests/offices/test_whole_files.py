"""Keys are there whole or not at all: whoever starts at the same moment, and whenever the machine dies."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from offices import vault
from offices.whole_files import local_secret, make_secret, put_whole

_ASKS = (
    "import sys, pathlib; from offices.whole_files import local_secret; print(local_secret(pathlib.Path(sys.argv[1])))"
)


def test_processes_that_start_at_once_get_the_same_secret(tmp_path: Path) -> None:
    path = tmp_path / "key"
    asking = [
        subprocess.Popen([sys.executable, "-c", _ASKS, path], stdout=subprocess.PIPE, cwd=settings.BASE_DIR, text=True)
        for _ in range(8)
    ]
    given = {process.communicate(timeout=60)[0].strip() for process in asking}
    assert given == {path.read_text(encoding="ascii")}
    assert len(given.pop()) > 60
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [row.name for row in tmp_path.iterdir()] == ["key"]


def test_a_file_is_never_seen_half_written_and_is_on_the_disk_before_its_name(tmp_path: Path, monkeypatch: Any) -> None:
    path, done = tmp_path / "key", []
    fsync, link = os.fsync, os.link
    monkeypatch.setattr(os, "fsync", lambda number: done.append("synced") or fsync(number))
    monkeypatch.setattr(os, "link", lambda *names: done.append(f"named {path.exists()}") or link(*names))
    make_secret(path, "first")
    assert done == ["synced", "named False", "synced"]
    make_secret(path, "second")
    assert path.read_text(encoding="ascii") == "first"
    put_whole(path, b"third")
    assert path.read_text(encoding="ascii") == "third"


def test_who_dies_while_writing_leaves_no_key_and_the_next_one_makes_it(tmp_path: Path, monkeypatch: Any) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", _die)
        with pytest.raises(KeyboardInterrupt):
            make_secret(tmp_path / "key", "half")
    assert not (tmp_path / "key").exists()
    assert local_secret(tmp_path / "key")


def test_an_empty_key_file_is_named_instead_of_guessed_at(tmp_path: Path, settings: Any) -> None:
    settings.FIELD_KEYS, settings.FIELD_KEYS_FILE = "", tmp_path / "field_keys"
    settings.FIELD_KEYS_FILE.touch()
    with pytest.raises(vault.VaultError, match="empty"):
        vault.seal("x", "test")


def _die(number: int) -> None:
    raise KeyboardInterrupt
