"""Django's SQLite, in which a transaction or a single write waits for its turn before it asks SQLite for the lock."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from typing import Any

from django.db.backends.sqlite3 import base
from django.db.utils import OperationalError

from config.sqlite.turns import Queue, queue_of

_WRITES = ("INSERT", "UPDATE", "DELETE", "REPLACE")
_DEFAULT_TIMEOUT = 5.0  # seconds, as the sqlite3 module has it


class DatabaseWrapper(base.DatabaseWrapper):
    """A connection that knows whether it has the turn."""

    _turn: Queue | None = None

    def create_cursor(self, name: str | None = None) -> Any:
        """A cursor whose single writes wait for their turn."""
        return self.connection.cursor(factory=lambda connection: Cursor(connection, self))

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Hold the turn for one statement outside of a transaction."""
        mine = self._take()
        try:
            yield
        finally:
            if mine:
                self._give_back()

    def _start_transaction_under_autocommit(self) -> None:
        began = time.monotonic()
        self._take()
        try:
            with self._patience_left(time.monotonic() - began):
                super()._start_transaction_under_autocommit()  # type: ignore[misc]
        except BaseException:
            self._give_back()
            raise

    @contextmanager
    def _patience_left(self, waited: float) -> Iterator[None]:
        """Let SQLite wait only for what is left of the time, when much of it has gone by in the queue."""
        if waited < 1:
            yield
            return
        self._busy_timeout(max(self._timeout - waited, 0.1))
        try:
            yield
        finally:
            self._busy_timeout(self._timeout)

    def _busy_timeout(self, seconds: float) -> None:
        self.connection.execute(f"PRAGMA busy_timeout = {int(seconds * 1000)}")

    @property
    def _timeout(self) -> float:
        return float(self.settings_dict["OPTIONS"].get("timeout", _DEFAULT_TIMEOUT))

    def _take(self) -> bool:
        name = str(self.settings_dict["NAME"])
        queue = queue_of(name) if self._turn is None and Path(name).is_file() else None
        if queue is None:  # it has the turn already, or the database is in memory
            return False
        if not queue.take(self._timeout):
            raise OperationalError("database is locked")
        self._turn = queue
        return True

    def _give_back(self) -> None:
        if self._turn is not None:
            queue, self._turn = self._turn, None
            queue.give_back()

    def _commit(self) -> None:
        super()._commit()  # type: ignore[misc]
        self._give_back()

    def _rollback(self) -> None:
        try:
            super()._rollback()  # type: ignore[misc]
        finally:
            self._give_back()

    def _close(self) -> None:
        try:
            super()._close()  # type: ignore[misc]
        finally:
            self._give_back()


class Cursor(base.SQLiteCursorWrapper):
    """A cursor whose writes outside of a transaction wait for their turn."""

    def __init__(self, connection: Any, wrapper: DatabaseWrapper) -> None:
        super().__init__(connection)
        self._wrapper = wrapper

    def execute(self, query: str, params: Any = None) -> Any:
        """Execute a statement; a write waits for its turn."""
        with self._turn(query):
            return super().execute(query, params)

    def executemany(self, query: str, param_list: Iterable[Any]) -> Any:
        """Execute a statement many times; a write waits for its turn."""
        with self._turn(query):
            return super().executemany(query, param_list)

    def _turn(self, query: str) -> AbstractContextManager[None]:
        alone = not self.connection.in_transaction and query.lstrip()[:7].upper().startswith(_WRITES)
        return self._wrapper.turn() if alone else nullcontext()
