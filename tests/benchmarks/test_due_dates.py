"""How many due dates a second (run with `--benchmark-only`): 300,000 for terms in days, flat in their length."""

from datetime import datetime

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from services.deadlines import due, due_instant, parse_norm
from tests.offices.test_worktime import CALENDAR, at

START = at("2026-03-13T10:00")
NORMS = [
    "1 working_day",
    "10 working_day",
    "200 working_day",
    "15 calendar_day",
    "1 within_day",
    "30 minute",
    "6000 minute",
]


@pytest.mark.benchmark(group="instant")
@pytest.mark.parametrize("text", NORMS)
def test_a_due_instant(benchmark: BenchmarkFixture, text: str) -> None:
    norm = parse_norm(text)
    found: datetime = benchmark(due_instant, START, norm, CALENDAR)
    assert found > START


@pytest.mark.benchmark(group="trace")
@pytest.mark.parametrize("text", ["10 working_day", "30 minute"])
def test_a_due_date_with_its_trace(benchmark: BenchmarkFixture, text: str) -> None:
    norm = parse_norm(text)
    assert benchmark(due, START, norm, CALENDAR).instant > START
