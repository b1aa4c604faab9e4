"""People at their counters: browsers over HTTP, and the journal of what they were promised."""

from __future__ import annotations

import json
import re
import threading
import time
import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from html import unescape
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from applications.identifiers import check_iin
from tests.pages import _Reader

_NUMBER = re.compile(r"\b([A-Z]{3}-20\d\d-\d{5})\b")
_lock = threading.Lock()


def numbers() -> Iterator[str]:
    """Identification numbers that pass the check and belong to nobody (years 2000 to 2099 to come)."""
    for serial in range(10_000_000):
        born = f"{99 - serial // 280_000 % 60:02d}{serial // 23_333 % 12 + 1:02d}{serial // 800 % 28 + 1:02d}"
        stem = f"{born}5{serial % 10_000:04d}"
        for digit in "0123456789":
            if not check_iin(stem + digit).problem:
                yield stem + digit


class Journal:
    """What was tried and what was promised, kept outside of the house: a file of JSON lines."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("a", encoding="utf-8")
        self.attempted: set[str] = set()
        self.promised: dict[str, dict[str, Any]] = {}

    def attempt(self, iin: str) -> None:
        """Before the form is sent."""
        with _lock:
            self.attempted.add(iin)
            self._write({"attempt": iin})

    def promise(self, iin: str, case: int, number: str) -> None:
        """After the answer: the case and the number that the page showed. A second promise must be the same."""
        with _lock:
            before = self.promised.setdefault(iin, {"case": case, "number": number})
            if before != {"case": case, "number": number}:
                raise AssertionError(f"{iin} was promised {before}, then {case} {number}")
            self._write({"promise": iin, "case": case, "number": number})

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def _write(self, row: dict[str, Any]) -> None:
        self._file.write(json.dumps(row) + "\n")
        self._file.flush()


@dataclass
class Answer:
    """An answer of the house; status 0 means that the connection broke."""

    status: int
    text: str = ""
    location: str = ""
    seconds: float = 0.0
    retry_after: str = ""


@dataclass
class Browser:
    """One person's browser: a connection that stays open, and the cookies of a signed-in session."""

    port: int
    session: str
    timeout: float = 30.0
    fields: dict[str, str] = field(default_factory=dict)
    _connection: HTTPConnection | None = None
    csrf: str = field(default_factory=lambda: (uuid.uuid4().hex + uuid.uuid4().hex)[:32])

    def ask(self, method: str, path: str, fields: dict[str, str] | None = None) -> Answer:
        """Send one request."""
        body = urlencode({**fields, "csrfmiddlewaretoken": self.csrf}) if fields is not None else None
        headers = {"Cookie": f"sessionid={self.session}; csrftoken={self.csrf}; django_language=en"}
        if body is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        began = time.monotonic()
        try:
            if self._connection is None:
                self._connection = HTTPConnection("127.0.0.1", self.port, timeout=self.timeout)
            self._connection.request(method, path, body, headers)
            response = self._connection.getresponse()
            text = response.read().decode()
        except (OSError, HTTPException):
            self.close()
            return Answer(0, seconds=time.monotonic() - began)
        if response.getheader("Connection") == "close":
            self.close()
        location, retry = response.getheader("Location") or "", response.getheader("Retry-After") or ""
        return Answer(response.status, text, location, time.monotonic() - began, retry)

    def close(self) -> None:
        """Close the connection; the next request opens a new one."""
        if self._connection is not None:
            self._connection.close()
        self._connection = None


def fields_of(text: str) -> dict[str, str]:
    """The fields of a page's own form as a browser would send them."""
    reader = _Reader()
    reader.feed(text)
    own = [form for form in reader.forms if not form.action.startswith(("/language/", "/logout/"))]
    return {name: value for name, value in own[0].fields if name != "csrfmiddlewaretoken"} if own else {}


@dataclass
class Counters:
    """What came of a load: statuses, times of the registrations, and what went wrong."""

    statuses: Counter[int] = field(default_factory=Counter)
    seconds: list[float] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)

    def note(self, answer: Answer) -> None:
        """Count an answer."""
        with _lock:
            self.statuses[answer.status] += 1
            if answer.status == 302:
                self.seconds.append(answer.seconds)

    def p95(self) -> float:
        """Of the answered registrations, in seconds."""
        ordered = sorted(self.seconds)
        return ordered[int(len(ordered) * 0.95)] if ordered else 0.0


@dataclass
class Clerk:
    """A clerk who registers one applicant after the other through the real form, and tries again until it is promised."""

    browser: Browser
    path: str
    journal: Journal
    counters: Counters
    iins: Iterator[str]

    def register(self, until: Callable[[], bool]) -> bool:
        """Register one applicant; gives up (False) when `until()` says that the experiment is over."""
        form = self._form(until)
        if not form:  # the page did not come in time
            return False
        with _lock:
            iin = next(self.iins)
        typed = {
            **form, "token": str(uuid.uuid4()), "iin": iin, "last_name": "Сынақ", "first_name": "Үлгі",
            "all_here": "on", "do": "register", "phone": "", "email": "",
        }  # fmt: skip
        self.journal.attempt(iin)
        while True:
            answer = self.browser.ask("POST", self.path, typed)
            self.counters.note(answer)
            if answer.status == 302 and "/cases/" in answer.location:
                return self._read_number(iin, answer.location, until)
            if answer.status not in (0, 503):
                self._wrong(f"{answer.status} {plain(answer.text)[:200]}")
                return False
            if until():
                return False
            time.sleep(0.05 if answer.status == 0 else 0.2)

    def _form(self, until: Callable[[], bool]) -> dict[str, str]:
        """The fields of the form as the page gives them (asked for once)."""
        while not self.browser.fields and not until():
            answer = self.browser.ask("GET", self.path)
            if answer.status == 200:
                self.browser.fields = fields_of(answer.text)
            else:
                time.sleep(0.1)
        return self.browser.fields

    def _read_number(self, iin: str, location: str, until: Callable[[], bool]) -> bool:
        while True:
            page = self.browser.ask("GET", location)
            if page.status == 200 and (number := _NUMBER.search(page.text)):
                self.journal.promise(iin, int(re.findall(r"/cases/(\d+)/", location)[0]), number[1])
                return True
            if page.status not in (0, 503) or until():
                if page.status not in (0, 503):
                    self._wrong(f"case page {page.status} {plain(page.text)[:200]}")
                return False
            time.sleep(0.1)

    def _wrong(self, what: str) -> None:
        with _lock:
            self.counters.wrong.append(what)


def plain(html: str) -> str:
    """The words of a page's main part."""
    main = html.split("<main", 1)[-1]
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", main)).split())


def crowd(clerks: list[Clerk], seconds: float, *, most: int | None = None) -> None:
    """All clerks at once, without a pause to think, for `seconds` (or until each has registered `most`)."""
    over = time.monotonic() + seconds

    def ended() -> bool:
        return time.monotonic() > over

    def work(clerk: Clerk) -> None:
        done = 0
        while not ended() and (most is None or done < most):
            # Once begun, a registration is seen to its end, ten seconds past the time at the most.
            clerk.register(lambda: time.monotonic() > over + 10)
            done += 1
        clerk.browser.close()

    threads = [threading.Thread(target=work, args=(clerk,)) for clerk in clerks]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
