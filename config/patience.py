"""How long a page waits for the database. A frozen server must not freeze every page: the clerk gets the page "later" instead.

On PostgreSQL a server that was stopped, or a network that swallows packets, answers nothing, and no setting of the server
helps. So the web processes wait for the socket themselves and give up after `DATABASE_PATIENCE` seconds; a statement that is
still running then is ended by the server (`statement_timeout`). Whoever has waited in vain once waits no more in the same
request (the page "later" asks for the person again). Commands and workers wait as long as it takes.
"""

from __future__ import annotations

import select
import threading
from time import monotonic
from typing import Any

from django.core.signals import request_started

# What a request waits after it has waited in vain, in seconds: enough for a server that is there.
AGAIN = 0.1
_request = threading.local()


def _forget(**_: Any) -> None:
    _request.in_vain = False


def limit_waiting(seconds: float) -> None:
    """From now on no statement of this process waits longer than `seconds` for PostgreSQL: OperationalError then."""
    import psycopg2
    from psycopg2 import extensions

    request_started.connect(_forget, dispatch_uid="patience")

    def wait(connection: Any) -> None:
        """Give the control back when the server has answered."""
        until = monotonic() + (AGAIN if getattr(_request, "in_vain", False) else seconds)
        while True:
            state = connection.poll()
            if state == extensions.POLL_OK:
                return
            waiting = [connection.fileno()]
            reading = state == extensions.POLL_READ
            ready = select.select(
                waiting if reading else [], [] if reading else waiting, [], max(until - monotonic(), 0)
            )
            if not any(ready):
                if hasattr(_request, "in_vain"):  # a request's thread, not the embedded worker
                    _request.in_vain = True
                # psycopg2 closes a connection whose waiting failed; Django opens a new one for the next request.
                raise psycopg2.OperationalError("the database does not answer")

    extensions.set_wait_callback(wait)
