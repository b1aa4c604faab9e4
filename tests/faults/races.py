"""The same at once, and clients that take their time (SECURITY E8, E9, E17)."""

from __future__ import annotations

import socket
import threading
import time
import uuid
from collections import Counter
from functools import partial
from typing import Any

from applications.models import Case, Event
from tests.faults.people import Browser, Counters, crowd, fields_of
from tests.faults.run import Run, at_once, result
from tests.faults.staff import Desk, prepared_case


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
