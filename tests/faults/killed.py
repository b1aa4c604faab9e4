"""Load, and web servers killed under it (SECURITY E1, E2, E10)."""

from __future__ import annotations

import contextlib
import os
import signal
import threading
import time
from typing import Any

from tests.faults.house import wait_until
from tests.faults.people import Counters, crowd
from tests.faults.run import Run, cpu, memory, result


def load(run: Run) -> dict[str, Any]:
    """E2: fifty clerks without a pause to think. No error; memory does not grow."""
    run.house.serve("gunicorn", threads=2)  # as docs/operating.md advises
    crowd(run.clerks(Counters(), 10), 3)  # warm
    before, counters, spent, began = memory(run.house), Counters(), cpu(run.house), time.monotonic()
    crowd(run.clerks(counters), 60 if run.long else 12)
    seconds = time.monotonic() - began
    figures = {name: round(total - spent[name], 1) for name, total in cpu(run.house).items()}
    errors = {status: number for status, number in counters.statuses.items() if status != 302}
    return result(
        counters, seconds=round(seconds, 1), per_second=round(counters.statuses[302] / seconds, 1),
        slowest=round(max(counters.seconds, default=0), 2), memory_mb=round((memory(run.house) - before) / 2**20),
        cpu_seconds=figures, wrong=[f"errors {errors}"] if errors else [],
    )  # fmt: skip


def kills(run: Run, *, most: int | None = None, **extra: str) -> dict[str, Any]:
    """E1, E10: SIGKILL to a random web worker every 0.3 s under load; the same form again gives the same case."""
    wanted = most or (200 if run.long else 45)
    run.house.serve("gunicorn", **extra)
    counters, over, killed, back = Counters(), threading.Event(), [0], [0.0]

    def killer() -> None:
        try:
            while killed[0] < wanted:
                time.sleep(0.3)
                if victims := run.house.web_workers():
                    with contextlib.suppress(ProcessLookupError):
                        os.kill(run.rng.choice(victims), signal.SIGKILL)
                        killed[0] += 1
            back[0] = wait_until(run.house.answers, 30)
        except Exception as problem:  # the table names it
            counters.wrong.append(repr(problem))
        finally:
            over.set()

    thread = threading.Thread(target=killer)
    thread.start()
    while not over.is_set():
        crowd(run.clerks(counters, timeout=10), 5)
    thread.join()
    # Some tries broke off with no answer: they are settled by the same form sent again.
    return result(counters, kills=killed[0], back_after=round(back[0], 2))


def canary(run: Run) -> dict[str, Any]:
    """The same kills on a broken build, in which a number is taken in a transaction of its own."""
    environment = {"FAULTS_CANARY": "1"}
    run.house.app = "tests.faults.broken"
    try:
        return kills(run, most=25, **environment)
    finally:
        run.house.app = "config.wsgi"


def embedded_kills(run: Run) -> dict[str, Any]:
    """The embedded server (waitress, its worker a thread of it) killed as a whole and started again."""
    counters, wanted, back = Counters(), 20 if run.long else 4, []
    run.house.serve("waitress", EMBEDDED_WORKER="1")
    for _ in range(wanted):
        thread = threading.Thread(target=crowd, args=(run.clerks(counters, 20, timeout=10), 4))
        thread.start()
        time.sleep(run.rng.uniform(1, 2))
        assert run.house.server is not None
        run.house.server.kill()
        run.house.server.wait()
        port, began = run.house.port, time.monotonic()
        run.house.serve("waitress", port=port, EMBEDDED_WORKER="1")
        back.append(time.monotonic() - began)
        thread.join()
    return result(counters, kills=wanted, back_after=round(max(back), 2))
