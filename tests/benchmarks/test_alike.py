"""Whether the time of an answer tells what the answer itself does not (run with `--benchmark-only -s`; E18, R5, R13).

The figure is the area under the curve: how often a stranger who guesses by the longer of two times is right. 0.5 is chance;
0.45 to 0.55 is what is asked for.
"""

from __future__ import annotations

import random
import time
from bisect import bisect_left, bisect_right
from collections.abc import Callable
from http import HTTPStatus
from itertools import count
from typing import Any

import pytest
from django.test import Client
from pytest_benchmark.fixture import BenchmarkFixture

from tests.factories import make_case, make_team
from tests.pages import plain

pytestmark = pytest.mark.django_db
EACH = 200
_places = count(1)


def test_unknown_number_and_wrong_code(benchmark: BenchmarkFixture) -> None:
    case = make_case(make_team())
    known = {"number": case.number, "code": "AAAA-BBBB"}
    unknown = {"number": case.number[:-5] + "99999", "code": "AAAA-BBBB"}
    _told("status", benchmark, lambda: _sent("/status/", known), lambda: _sent("/status/", unknown))


def test_unknown_name_and_wrong_password(benchmark: BenchmarkFixture) -> None:
    known = {"username": make_team().clerk.user.username, "password": "not the right one"}
    unknown = {"username": "nobody.of.that.name", "password": "not the right one"}
    _told("log-in", benchmark, lambda: _sent("/login/", known), lambda: _sent("/login/", unknown))


def _sent(path: str, fields: dict[str, str]) -> str:
    # From a network of its own each time: the limits of tries are another matter.
    place = next(_places)
    client = Client(REMOTE_ADDR=f"10.{place & 255}.{place >> 8}.1", headers={"accept-language": "en"})
    response: Any = client.post(path, fields)
    assert response.status_code != HTTPStatus.TOO_MANY_REQUESTS
    page = plain(response.content.decode())
    for typed in fields.values():
        page = page.replace(typed, "")
    return page


def _told(name: str, benchmark: BenchmarkFixture, one: Callable[[], str], other: Callable[[], str]) -> None:
    assert one() == other()
    times: dict[Any, list[float]] = {one: [], other: []}
    for _ in range(EACH):
        for asked in random.sample([one, other], 2):
            began = time.perf_counter()
            asked()
            times[asked].append(time.perf_counter() - began)
    benchmark.extra_info["auc"] = area = _area(times[one], times[other])
    print(f"\n{name}: {EACH} timings each, area under the curve {area:.3f}")
    benchmark.pedantic(one, rounds=20)


def _area(one: list[float], other: list[float]) -> float:
    """How often a time of `one` is longer than a time of `other`; ties count half."""
    ordered = sorted(other)
    wins = sum(bisect_left(ordered, value) + bisect_right(ordered, value) for value in one)
    return wins / 2 / len(one) / len(other)
