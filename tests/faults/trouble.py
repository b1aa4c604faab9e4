"""The database killed, gone, frozen, locked, or on a disk that is full (SECURITY E3 to E5)."""

from __future__ import annotations

import contextlib
import signal
import sqlite3
import threading
import time
import uuid
from collections import Counter
from pathlib import Path
from typing import Any

from django.db import connections

from tests.faults.house import wait_until
from tests.faults.people import Counters, crowd, fields_of
from tests.faults.run import Run, next_iin, result


def database_kills(run: Run) -> dict[str, Any]:
    """E3: SIGKILL to all processes of PostgreSQL under load; the web server is not restarted."""
    postgres, counters, back = run.house.postgres, Counters(), []
    assert postgres is not None
    wanted, down = (10, 5.0) if run.long else (3, 1.5)
    run.house.serve("gunicorn")
    over = threading.Event()

    def killer() -> None:
        try:
            for _ in range(wanted):
                time.sleep(2)
                postgres.kill()
                time.sleep(down)
                postgres.start()
                back.append(wait_until(run.house.answers, 30))
        except Exception as problem:  # the table names it
            counters.wrong.append(repr(problem))
        finally:
            over.set()

    thread = threading.Thread(target=killer)
    thread.start()
    while not over.is_set():
        crowd(run.clerks(counters), 4)
    thread.join()
    connections.close_all()
    return result(counters, kills=wanted, back_after=round(max(back, default=0), 2))


def database_gone(run: Run) -> dict[str, Any]:
    """E4: the database is gone, then frozen, for a while: 503 within 3 s with the typed form kept, and back by itself."""
    seconds, counters, lines = (30.0 if run.long else 6.0), Counters(), {}
    run.house.serve("gunicorn")
    trouble = _sqlite_locked if run.house.postgres is None else None
    for name, begin, end in _troubles(run, trouble):
        browser = run.clerks(counters, 1)[0].browser
        page = browser.ask("GET", run.desks[0].path)
        typed = {**fields_of(page.text), "last_name": "Ұзақсынақ", "iin": next(run.iins), "first_name": "Үлгі"}
        typed |= {"all_here": "on", "do": "register"}
        run.journal.attempt(typed["iin"])
        begin()
        lines[name] = _during(run, seconds, typed, counters)
        end()
        lines[name]["back_after"] = round(wait_until(run.house.answers, 30), 2)
        connections.close_all()
        browser.close()
        again = browser.ask("POST", run.desks[0].path, typed)
        if again.status != 302:
            counters.wrong.append(f"{name}: the form that was kept gave {again.status}")
        crowd(run.clerks(counters, 10), 2)
    return result(counters, **lines)


def _during(run: Run, seconds: float, typed: dict[str, str], counters: Counters) -> dict[str, Any]:
    """What twenty people and a supervisor are answered while the database is in trouble."""
    answers, over = [], time.monotonic() + seconds

    def person(number: int) -> None:
        browser, mine, token = run.clerks(Counters(), number + 1)[number].browser, next_iin(run), str(uuid.uuid4())
        run.journal.attempt(mine)
        while time.monotonic() < over:
            answer = browser.ask("POST", run.desks[0].path, {**typed, "iin": mine, "token": token})
            answers.append((answer, number))
            time.sleep(0.3)

    threads = [threading.Thread(target=person, args=(number,)) for number in range(0, 20, 5)]
    for thread in threads:
        thread.start()
    health = run.house.health()
    for thread in threads:
        thread.join()
    slowest = max((answer.seconds for answer, _number in answers), default=0)
    kept = [answer for answer, _number in answers if answer.status == 503 and "Ұзақсынақ" in answer.text]
    statuses = Counter(answer.status for answer, _number in answers)
    embedded = run.house.postgres is None
    # SQLite's writers wait for each other (up to 20 s) while everybody reads on; they are told "later" after that.
    done = [answer for answer, _number in answers if embedded and answer.status in (302, 409)]
    if health != (200 if embedded else 503):
        counters.wrong.append(f"health {health}")
    if len(kept) + len(done) != len(answers) or any(not answer.retry_after for answer in kept):
        counters.wrong.append(f"not every form was kept: {dict(statuses)}")
    if slowest > (30 if embedded else 4):
        counters.wrong.append(f"an answer after {slowest:.1f} s")
    return {"answers": {str(k): v for k, v in statuses.items()}, "slowest": round(slowest, 2), "health": health}


def _troubles(run: Run, locked: Any) -> list[tuple[str, Any, Any]]:
    postgres = run.house.postgres
    if postgres is None:
        holder: list[sqlite3.Connection] = []
        path = run.house.data_dir / "db.sqlite3"
        return [("locked", lambda: holder.append(locked(path)), lambda: holder.pop().close())]
    return [
        ("gone", postgres.kill, postgres.start),
        ("frozen", lambda: postgres.signal(signal.SIGSTOP), lambda: postgres.signal(signal.SIGCONT)),
    ]


def _sqlite_locked(path: Path) -> sqlite3.Connection:
    """Somebody else holds the lock of writers, as a long repair would: people read on, and what they write waits."""
    other = sqlite3.connect(path, timeout=30, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    return other


def disk_full(run: Run) -> dict[str, Any]:
    """E5: the disk of the database fills up under load, and is freed again: nothing half-written, no repair needed."""
    counters, filler = Counters(), run.house.data_dir / "filler"
    run.house.serve("gunicorn")
    place = Path(run.house.postgres.data) if run.house.postgres else run.house.data_dir
    filler = place / "filler"
    thread = threading.Thread(target=crowd, args=(run.clerks(counters, 20), 8))
    thread.start()
    time.sleep(2)
    _fill(filler)
    time.sleep(3)
    filler.unlink()
    if run.house.postgres is not None and not run.house.postgres.lives():
        run.house.postgres.start()  # it may stop itself when it cannot write its log
    back = wait_until(run.house.answers, 30)
    thread.join()
    connections.close_all()
    crowd(run.clerks(counters, 10), 2)
    if run.house.postgres is None:
        with contextlib.closing(sqlite3.connect(run.house.data_dir / "db.sqlite3")) as database:
            if database.execute("PRAGMA integrity_check").fetchone() != ("ok",):
                counters.wrong.append("integrity_check")
    return result(counters, back_after=round(back, 2))


def _fill(filler: Path) -> None:
    with filler.open("wb", buffering=0) as file, contextlib.suppress(OSError):
        while True:
            file.write(b"\0" * 65536)
