"""The figure and the list behind it are the same statement: thousands of random cells, counted and listed, agree."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest

from kpi.queries.asking import Period, Scope, lines_of
from kpi.queries.cells import Cell, Figure
from kpi.queries.months import number_of
from services.models import Edition, IndicatorGeneration
from tests.factories import ALMATY
from tests.kpi.invented import DAYS, FIRST, OFFICES, invent

pytestmark = pytest.mark.django_db
CELLS, SINGLE = 10_000, 100
SCOPES = (*["all"] * 9, "south", "zhambyl", "district:south:shymkent", *OFFICES)
PERIODS = (*["2026"] * 6, "2025", "2026-Q1", "2026-Q2", "2025-11", "2026-02", "2026-03", "2026-08")


def random_cells(rng: random.Random) -> Iterator[Cell]:
    """Lines of both generations, any offices, one edition, some or all, any period, asked at any moment."""
    lines = [line for generation in IndicatorGeneration.values for line in lines_of(generation)]
    scopes = [Scope.parse(text) for text in SCOPES]
    editions = list(Edition.objects.published().values_list("pk", flat=True))
    while True:
        chosen = rng.choice([None, None, frozenset(rng.sample(editions, 1)), frozenset(rng.sample(editions, 4))])
        asked = datetime.combine(FIRST, datetime.min.time(), ALMATY) + timedelta(days=rng.randrange(DAYS), hours=15)
        yield Cell(rng.choice(lines), rng.choice(scopes), chosen, Period.parse(rng.choice(PERIODS)), asked)


def listed(cell: Cell, *by: str) -> dict[tuple[Any, ...], Figure]:
    """The figures as anybody would count them with a pencil from the lists behind them."""
    units: dict[tuple[Any, ...], dict[str, set[Any]]] = defaultdict(lambda: defaultdict(set))
    reasons = [row["code"] for row in cell.line.data["exclusions"]]
    for part in ("numerator", "denominator", *reasons):
        for row in cell.list(part).values("k_office", "k_edition", "k_day", "k_unit"):
            month = number_of(row["k_day"]) if row["k_day"] else 0
            named = {"office": row["k_office"], "edition": row["k_edition"], "month": month}
            units[tuple(named[name] for name in by)][part].add(row["k_unit"])
    found = {}
    for key, parts in units.items():
        left_out = {reason: len(parts[reason]) for reason in reasons if parts[reason]}
        found[key] = Figure(len(parts["numerator"]), len(parts["denominator"]), left_out)
    return found


def test_ten_thousand_random_cells_count_what_they_list() -> None:
    invent(500)
    seen, rng = 0, random.Random(12)
    cells = random_cells(rng)
    while seen < CELLS:
        cell = next(cells)
        by = ("office", "edition", "month")
        expected = listed(cell, *by)
        assert dict(cell.grouped(*by)) == expected, cell
        seen += max(1, len(expected))
    for cell in (next(cells) for _ in range(SINGLE)):
        assert cell.figure() == listed(cell).get((), Figure()), cell


def test_the_comparison_finds_a_figure_that_was_counted_otherwise(monkeypatch: pytest.MonkeyPatch) -> None:
    invent(60)
    cell = next(cell for cell in random_cells(random.Random(3)) if cell.figure().numerator)
    honest = cell.figure()
    monkeypatch.setattr(Cell, "list", lambda self, part: self.rows().filter(k_reason="")[1:])
    assert listed(cell).get((), Figure()) != honest
