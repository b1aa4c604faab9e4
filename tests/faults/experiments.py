"""The experiments, one function each: what is done to the house, and what must hold afterwards (SECURITY, E1 to E19).

Every function takes the run (house, people, size) and gives figures for its line of the table; `wrong` lists what it saw that
must not be. The checker runs after each of them.
"""

from __future__ import annotations

import contextlib
import os
import random
import signal
import socket
import sqlite3
import threading
import time
import uuid
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

from django.db import connections
from django.utils import timezone

from applications.models import Case, Event, NumberBook
from offices import outbox
from offices.models import Job, RateCounter
from offices.outbox import registry
from offices.outbox.worker import Worker
from tests.faults.house import House, alive, wait_until
from tests.faults.people import Browser, Clerk, Counters, Journal, crowd, fields_of
from tests.faults.staff import Desk, prepared_case, register, sign_in_again  # noqa: F401

CLIENTS = 50


@dataclass
class Run:
    """A house with its people, and how long the experiments are to be."""

    house: House
    desks: list[Desk]
    journal: Journal
    iins: Iterator[str]
    long: bool
    rng: random.Random = field(default_factory=lambda: random.Random(2026))

    def clerks(self, counters: Counters, number: int = CLIENTS, *, timeout: float = 30) -> list[Clerk]:
        """People at `number` counters of the five offices."""
        found = []
        for place in range(number):
            desk = self.desks[place % len(self.desks)]
            user = desk.clerks[place // len(self.desks)]
            browser = Browser(self.house.port, desk.sessions[user.pk], timeout)
            found.append(Clerk(browser, desk.path, self.journal, counters, self.iins))
        return found


def result(counters: Counters, **figures: Any) -> dict[str, Any]:
    """The line of an experiment that had a load of registrations."""
    statuses = {str(status): number for status, number in sorted(counters.statuses.items())}
    wrong = [*counters.wrong[:5], *(["an answer 500"] if counters.statuses[500] else []), *figures.pop("wrong", [])]
    return {
        "registered": counters.statuses[302],
        "p95": round(counters.p95(), 3),
        "statuses": statuses,
        "wrong": wrong,
    } | figures


# ------------------------------------------------------------------ load and kills


def load(run: Run) -> dict[str, Any]:
    """E2: fifty clerks without a pause to think. No error; memory does not grow."""
    run.house.serve("gunicorn")
    crowd(run.clerks(Counters(), 10), 3)  # warm
    before, counters, began = memory(run.house), Counters(), time.monotonic()
    crowd(run.clerks(counters), 60 if run.long else 12)
    seconds = time.monotonic() - began
    errors = {status: number for status, number in counters.statuses.items() if status != 302}
    return result(
        counters, seconds=round(seconds, 1), per_second=round(counters.statuses[302] / seconds, 1),
        slowest=round(max(counters.seconds, default=0), 2), memory_mb=round((memory(run.house) - before) / 2**20),
        wrong=[f"errors {errors}"] if errors else [],
    )  # fmt: skip


def kills(run: Run, *, most: int | None = None, **extra: str) -> dict[str, Any]:
    """E1, E10: SIGKILL to a random web worker every 0.3 s under load; the same form again gives the same case."""
    wanted = most or (200 if run.long else 45)
    run.house.serve("gunicorn", **extra)
    counters, over, killed, back = Counters(), threading.Event(), [0], [0.0]

    def killer() -> None:
        while killed[0] < wanted:
            time.sleep(0.3)
            if victims := run.house.web_workers():
                with contextlib.suppress(ProcessLookupError):
                    os.kill(run.rng.choice(victims), signal.SIGKILL)
                    killed[0] += 1
        back[0] = wait_until(run.house.answers, 30)
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


# ------------------------------------------------------------------ the database in trouble


def database_kills(run: Run) -> dict[str, Any]:
    """E3: SIGKILL to all processes of PostgreSQL under load; the web server is not restarted."""
    postgres, counters, back = run.house.postgres, Counters(), []
    assert postgres is not None
    wanted, down = (10, 5.0) if run.long else (3, 1.5)
    run.house.serve("gunicorn")
    over = threading.Event()

    def killer() -> None:
        for _ in range(wanted):
            time.sleep(2)
            postgres.kill()
            time.sleep(down)
            postgres.start()
            back.append(wait_until(run.house.answers, 30))
        over.set()

    thread = threading.Thread(target=killer)
    thread.start()
    while not over.is_set():
        crowd(run.clerks(counters), 4)
    thread.join()
    connections.close_all()
    return result(counters, kills=wanted, back_after=round(max(back), 2))


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
        browser, mine, token = run.clerks(Counters(), number + 1)[number].browser, _next(run), str(uuid.uuid4())
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
    if slowest > (22 if embedded else 4):
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
    if run.house.postgres is not None and not alive(run.house.postgres.processes()[0]):
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


# ------------------------------------------------------------------ the same at once


def two_heads(run: Run) -> dict[str, Any]:
    """E8: head and deputy sign the same paper at once: one signature, one number; the other is told."""
    pairs, counters, outcomes = (100 if run.long else 12), Counters(), Counter[str]()
    run.house.serve("gunicorn")
    for _turn in range(pairs):
        desk = run.rng.choice(run.desks)
        case, statuses = _sign_twice(run, desk)
        outcomes["+".join(map(str, sorted(statuses)))] += 1
        signed = Event.objects.filter(case=case, kind="sign").count()
        if sorted(statuses) != [302, 409] or signed != 1:
            counters.wrong.append(f"{case.number}: {statuses}, {signed} signatures")
    return {**result(counters), "pairs": pairs, "outcomes": dict(outcomes)}


def _sign_twice(run: Run, desk: Desk) -> tuple[Case, list[int]]:
    iin = next(run.iins)
    run.journal.attempt(iin)
    case = prepared_case(desk, iin)
    path = f"/cases/{case.pk}/sign/"
    browsers = [Browser(run.house.port, desk.sessions[user.pk]) for user in (desk.head, desk.deputy) if user]
    forms = [fields_of(browser.ask("GET", path).text) for browser in browsers]
    acts = [partial(browser.ask, "POST", path, form) for browser, form in zip(browsers, forms, strict=True)]
    return case, [answer.status for answer in at_once(*acts)]


def same_post(run: Run) -> dict[str, Any]:
    """E9: the same form ten times in parallel is one case; the same token with another body is refused."""
    rounds, counters, outcomes = (50 if run.long else 8), Counters(), Counter[str]()
    run.house.serve("gunicorn")
    for _turn in range(rounds):
        clerk = run.clerks(counters, 1)[0]
        iin = next(run.iins)
        run.journal.attempt(iin)
        page = clerk.browser.ask("GET", clerk.path)
        typed = {
            **fields_of(page.text),
            "token": str(uuid.uuid4()),
            "iin": iin,
            "last_name": "Сынақ",
            "first_name": "Үлгі",
        }
        typed |= {"all_here": "on", "do": "register"}
        browsers = [Browser(clerk.browser.port, clerk.browser.session) for _ in range(10)]
        answers = at_once(*(partial(browser.ask, "POST", clerk.path, typed) for browser in browsers))
        places = {answer.location for answer in answers}
        other = clerk.browser.ask("POST", clerk.path, {**typed, "first_name": "Басқа"})
        outcomes[f"{len(places)} place, other body {other.status}"] += 1
        if len(places) != 1 or {answer.status for answer in answers} != {302} or other.status != 409:
            counters.wrong.append(f"{[answer.status for answer in answers]} {places} {other.status}")
    return {**result(counters), "rounds": rounds, "outcomes": dict(outcomes)}


def slow_clients(run: Run) -> dict[str, Any]:
    """E17: ninety clients that drip their request, on the embedded server; ordinary people hardly notice."""
    counters, stop, cut = Counters(), threading.Event(), [0]
    run.house.serve("waitress")
    crowd(run.clerks(Counters(), 5), 2)
    sockets = [socket.create_connection(("127.0.0.1", run.house.port)) for _ in range(90)]
    for slow in sockets:
        slow.sendall(b"POST /status/ HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 100000\r\n")

    def drip() -> None:
        while not stop.wait(1):
            for slow in sockets:
                try:
                    slow.sendall(b"X-Drip: 1\r\n")
                except OSError:
                    cut[0] += 1

    thread = threading.Thread(target=drip)
    thread.start()
    times, over = [], time.monotonic() + (30 if run.long else 8)
    browser = run.clerks(counters, 1)[0].browser
    while time.monotonic() < over:
        times.append(browser.ask("GET", "/work/").seconds)
        time.sleep(0.1)
    stop.set()
    thread.join()
    for slow in sockets:
        slow.close()
    page = sorted(times)[int(len(times) * 0.95)]
    return {**result(counters), "slow": len(sockets), "page_p95": round(page, 3), "wrong": ["slow"] if page > 2 else []}


# ------------------------------------------------------------------ work after the acts, and clocks


def job_kills(run: Run) -> dict[str, Any]:
    """E7: a worker is killed in the middle of its jobs, again and again; every effect is there once."""
    wanted, jobs = (100, 400) if run.long else (25, 120)
    tag, letters = uuid.uuid4().hex[:8], run.house.home / f"letters-{uuid.uuid4().hex[:8]}"
    letters.touch()
    _declare(letters)
    for number in range(jobs):
        kind = "fault_effect" if number % 2 else "fault_letter"
        outbox.enqueue(kind, key=f"{kind}:{tag}:{number}", payload={"n": number})
    killed, latest, began = 0, 0.0, time.monotonic()
    while killed < wanted or Job.objects.open().filter(key__contains=tag).exists():
        connections.close_all()
        worker = os.fork()
        if worker == 0:
            _be_a_worker()
        doomed = killed < wanted
        time.sleep(run.rng.uniform(0.03, 0.25) if doomed else 3)
        os.kill(worker, signal.SIGKILL)
        os.waitpid(worker, 0)
        killed += doomed
        latest = time.monotonic() - began
        if latest > 240:
            break
    effects = list(RateCounter.objects.filter(key__startswith=f"effect:{tag}").values_list("count", flat=True))
    sent = Counter(letters.read_text().split())
    wrong = [] if effects == [1] * (jobs // 2) else [f"effects: {Counter(effects)}, {jobs // 2} wanted"]
    if len(sent) != jobs // 2:
        wrong.append(f"{len(sent)} letters of {jobs // 2}")
    again = sum(1 for times in sent.values() if times > 1)
    cut = Job.objects.filter(key__contains=tag, attempts__gt=1).count()
    figures = {"kills": killed, "jobs": jobs, "cut_in_the_middle": cut, "letters_sent_again": again}
    return {**figures, "wrong": wrong, "seconds": round(latest, 1)}


def _declare(letters: Path) -> None:
    """Two kinds of job: one with an effect in the database, one that tells the world (a file stands for the mail server)."""
    registry.handlers.pop("fault_effect", None), registry.handlers.pop("fault_letter", None)

    @outbox.handler("fault_effect")
    def effect(job: Job, at: datetime) -> None:
        _kind, tag, number = job.key.split(":")
        key = f"effect:{tag}:{number}"
        row, _new = RateCounter.objects.get_or_create(key=key, defaults={"expires_at": at + timedelta(days=1)})
        time.sleep(0.02)
        RateCounter.objects.filter(pk=row.pk).update(count=row.count + 1)

    @outbox.handler("fault_letter", outside=True)
    def letter(job: Job, at: datetime) -> None:
        with letters.open("a", encoding="ascii") as file:
            file.write(f"{job.key}\n")
        time.sleep(0.02)


def _be_a_worker() -> None:
    """The life of a forked worker: works until it is killed."""
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    try:
        Worker(poll=0.05).run()
    finally:
        os._exit(1)


def clock_jump(run: Run) -> dict[str, Any]:
    """E11: clocks jump an hour, a day, over New Year and back under load; numbers follow their year, sweeps announce once."""
    counters, now = Counters(), timezone.now()
    new_year = datetime(now.year + 1, 1, 1, 0, 0, tzinfo=timezone.get_current_timezone())
    jumps = [
        timedelta(0),
        timedelta(hours=1),
        timedelta(days=-1),
        timedelta(days=1),
        timedelta(hours=-1),
        new_year - now,
    ]
    shift, over = [jumps[0]], threading.Event()
    threads = [
        threading.Thread(target=_by_shifted_clock, args=(run, desk, counters, shift, over)) for desk in run.desks
    ]
    for thread in threads:
        thread.start()
    for jump in [*jumps, *jumps[::-1]]:
        shift[0] = jump
        at = timezone.now() + jump
        for _twice in range(2):
            outbox.fill_slots(at)
            outbox.run_key(registry.Slot("sweep", timedelta(minutes=1)).key(at), at)
        time.sleep(1.5 if run.long else 0.6)
    over.set()
    for thread in threads:
        thread.join()
    years = sorted(set(NumberBook.objects.filter(book="").values_list("year", flat=True)))
    wrong = [] if {now.year, now.year + 1} <= set(years) else [f"books of {years}"]
    late = Case.objects.filter(registered_at__gte=new_year).exclude(number__contains=f"-{new_year.year}-")
    wrong += [f"{case.number} registered {case.registered_at}" for case in late]
    return result(counters, years=years, jumps=len(jumps) * 2, wrong=wrong)


def _by_shifted_clock(run: Run, desk: Desk, counters: Counters, shift: list[timedelta], over: threading.Event) -> None:
    """A clerk's acts, each at the moment that the jumping clock shows."""
    while not over.is_set():
        iin = _next(run)
        run.journal.attempt(iin)
        try:
            case = register(desk, iin, timezone.now() + shift[0])
            run.journal.promise(iin, case.pk, case.number)
            counters.statuses[302] += 1
        except Exception as problem:  # the table names it
            counters.wrong.append(repr(problem)[:200])
            over.set()
    connections.close_all()


_next_lock = threading.Lock()


def _next(run: Run) -> str:
    with _next_lock:
        return next(run.iins)


# ------------------------------------------------------------------ tools


def at_once(*acts: Any) -> list[Any]:
    """Begin all acts at the same moment, each in a thread of its own; gives what they gave."""
    start, done = threading.Barrier(len(acts)), [None] * len(acts)

    def run(place: int) -> None:
        start.wait(30)
        done[place] = acts[place]()

    threads = [threading.Thread(target=run, args=(place,)) for place in range(len(acts))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return done


def memory(house: House) -> int:
    """Resident bytes of the web workers."""
    pages = [int(Path(f"/proc/{process}/statm").read_text().split()[1]) for process in house.web_workers()]
    return sum(pages) * os.sysconf("SC_PAGE_SIZE")
