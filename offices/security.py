"""What the guards of the house saw, as lines for a machine: who came in, who was refused, which limit was hit.

A line is JSON with a UTC moment, the kind of the event and plain facts: numbers of rows, names of routes and limits. Never a
name, an address, what somebody typed.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from datetime import UTC, datetime

_log = logging.getLogger("security")
_REFUSALS = frozenset({"limit", "refused", "wrong_code", "wrong_password"})
_SERIOUS = frozenset({"limit", "refused", "wrong_code", "wrong_password", "bad_host", "bad_form", "alert"})
# Who counts refusals (offices.alerts), because a burst of them must be told to somebody.
_listeners: list[Callable[[], None]] = []


def note(kind: str, **facts: str | int | None) -> None:
    """Write one line: `kind` and its facts, without line breaks or anything personal."""
    row = {"at": datetime.now(UTC).isoformat(timespec="milliseconds"), "kind": kind, **facts}
    level = logging.ERROR if kind == "alert" else logging.WARNING if kind in _SERIOUS else logging.INFO
    _log.log(level, "%s", json.dumps(row, ensure_ascii=True))
    if kind in _REFUSALS:
        for listener in _listeners:
            listener()


def on_refusal(listener: Callable[[], None]) -> None:
    """Have `listener` called after each refusal."""
    if listener not in _listeners:
        _listeners.append(listener)
