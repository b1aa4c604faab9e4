"""A hard end for everything that may hang: it says where the threads stood, cleans up and ends the process."""

from __future__ import annotations

import faulthandler
import os
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

EXIT = 3


@contextmanager
def deadline(seconds: float, on_expiry: Callable[[], None]) -> Iterator[None]:
    """End this process with `EXIT` when the block takes longer than `seconds`, after `on_expiry()` (20 s at the most)."""

    def expire() -> None:
        faulthandler.dump_traceback(sys.stderr, all_threads=True)
        # What cleans up may hang as well.
        last = threading.Timer(20, os._exit, [EXIT])
        last.daemon = True
        last.start()
        try:
            on_expiry()
        finally:
            os._exit(EXIT)

    timer = threading.Timer(seconds, expire)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
