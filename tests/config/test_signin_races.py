"""Tries that come at the same moment are all counted, and of two who use one code only one comes in."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connections
from django.test import Client, RequestFactory

from config.signin import factors
from config.signin.forms import ACCOUNT_TRIES, PLACE_TRIES
from offices.limits import Limit
from offices.models import RateCounter
from tests.applications.test_races import db  # noqa: F401 - the fixture: a copy of the database for threads
from tests.factories import make_staff


def together(count: int, do: Callable[[], Any]) -> list[Any]:
    """The answers of `do`, called by `count` threads at once."""
    start, answers = threading.Barrier(count), []

    def run() -> None:
        start.wait()
        try:
            answers.append(do())
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


def test_a_hundred_wrong_log_ins_at_once_are_a_hundred() -> None:
    limit = Limit("race", 5, 100_000)
    for _ in range(5):
        together(20, lambda: limit.count("place", "name"))
    assert RateCounter.objects.get(key__startswith="race:").count == 100
    assert limit.used_up("place", "name")


def test_wrong_log_ins_at_once_are_counted_for_account_and_place() -> None:
    user = make_staff("south:shymkent", "clerk").user
    wrong = {"username": user.username, "password": "wrong"}
    answers = together(8, lambda: Client().post("/login/", wrong).status_code)
    assert set(answers) <= {200, 429}
    request = RequestFactory().get("/")
    assert ACCOUNT_TRIES.used_up(request.META["REMOTE_ADDR"], user.username)
    assert not PLACE_TRIES.used_up(request.META["REMOTE_ADDR"])


@pytest.mark.parametrize("kind", ["app", "recovery"])
def test_one_code_lets_one_in(kind: str) -> None:
    user = make_staff("south:shymkent", "clerk").user
    factors.set_up_app(user, "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP")
    code = factors.unused_codes(user)[0] if kind == "app" else factors.new_recovery_codes(user)[0]
    answers = together(6, lambda: factors.use_code(user, code))
    assert len([answer for answer in answers if answer is not None]) == 1
