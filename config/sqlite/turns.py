"""Whose turn it is to write to a database file.

SQLite lets one write at a time and tells the others to look again after a nap of up to a tenth of a second: fifty people who
register at once sleep most of the time, and some never get in. Here the threads of a process stand in a queue, and its first
asks for the lock of a file beside the database, which the system takes back from a process that dies.
"""

from __future__ import annotations

import fcntl
import os
import random
import threading
import time
from contextlib import suppress

_LOOK = 0.0005  # seconds between two looks at another process's turn
_queues: dict[str, Queue] = {}


class Queue:
    """Those of this process who want to write to one file."""

    def __init__(self, path: str) -> None:
        self._first = threading.Lock()
        self._file = os.open(f"{path}-turn", os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)

    def take(self, seconds: float) -> bool:
        """Wait for the turn, `seconds` at the most; gives whether it came."""
        until = time.monotonic() + seconds
        if not self._first.acquire(blocking=False):
            if not self._first.acquire(timeout=seconds):
                return False
            # Whoever comes from this queue lets another process look first: it may have waited longer.
            time.sleep(_LOOK)
        while not self._locked():
            if time.monotonic() > until:
                self._first.release()
                return False
            time.sleep(_LOOK * random.uniform(0.5, 1.5))  # noqa: S311 - so that two processes do not keep step
        return True

    def give_back(self) -> None:
        """The turn is the next one's."""
        fcntl.flock(self._file, fcntl.LOCK_UN)
        self._first.release()

    def _locked(self) -> bool:
        with suppress(BlockingIOError):
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return True
        return False


def queue_of(path: str) -> Queue | None:
    """The queue of a database file; None where there is no room for it (a full disk), so that SQLite's own order holds."""
    if path not in _queues:
        with suppress(OSError):
            return _queues.setdefault(path, Queue(path))
    return _queues.get(path)


# A child process has turns of its own: the lock of a file belongs to whoever opened it.
os.register_at_fork(after_in_child=_queues.clear)
