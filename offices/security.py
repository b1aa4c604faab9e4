"""What the guards of the house saw, as lines for a machine: who came in, who was refused, which limit was hit.

A line is JSON with a UTC moment, the kind of the event and plain facts: numbers of rows, names of routes and limits. Never a
name, an address, what somebody typed.
"""

from __future__ import annotations

import json
import logging
import time
from collections import deque
from datetime import UTC, datetime

_log = logging.getLogger("security")
_REFUSALS = frozenset({"limit", "refused", "wrong_code", "wrong_password"})
_SERIOUS = frozenset({"limit", "refused", "wrong_code", "wrong_password", "bad_host", "bad_form", "alert"})


_BURST, _MINUTE = 60, 60.0
_lately: deque[float] = deque(maxlen=_BURST)


def note(kind: str, **facts: str | int | None) -> None:
    """Write one line: `kind` and its facts, without line breaks or anything personal."""
    row = {"at": datetime.now(UTC).isoformat(timespec="milliseconds"), "kind": kind, **facts}
    level = logging.ERROR if kind == "alert" else logging.WARNING if kind in _SERIOUS else logging.INFO
    _log.log(level, "%s", json.dumps(row, ensure_ascii=True))
    if kind in _REFUSALS and _is_burst(time.monotonic()):
        note("alert", what="refusals", count=_BURST)


def _is_burst(now: float) -> bool:
    """Whether this was the sixtieth refusal within a minute, in this process; the count begins anew then."""
    _lately.append(now)
    if len(_lately) < _BURST or now - _lately[0] > _MINUTE:
        return False
    _lately.clear()
    return True
