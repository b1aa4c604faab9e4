"""How quick figures, lists and the search are over a great archive (BENCH_CASES=1000000 for the long one).

BENCH_CASES=1000000 make bench ARGS="-k figures"        on PostgreSQL
BENCH_CASES=1000000 .venv/bin/python -m pytest tests/benchmarks/test_figures.py --benchmark-only -p no:randomly    on SQLite
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from pytest_benchmark.fixture import BenchmarkFixture

from applications.clock import recompute_open
from applications.models import Case, Clock
from applications.queries import search
from kpi.actions import months
from kpi.models import MonthMark
from kpi.queries.asking import Period, Scope, lines_of
from kpi.queries.cells import Cell
from kpi.queries.kept import from_months
from kpi.queries.tables import table_of
from offices.models import Office
from offices.policy import Power, Staff
from services.models import Edition, IndicatorGeneration
from tests.benchmarks import volume
from tests.factories import ALMATY, make_user

NOW = datetime(2026, 11, 27, 10, tzinfo=ALMATY)
PLANS = Path(".cache/plans")


@pytest.fixture(scope="module")
def archive(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """The archive, filled once for all benchmarks of this file."""
    with django_db_blocker.unblock():
        if not Case.objects.exists():
            volume.fill()
            months.count_all(NOW)
            with connection.cursor() as cursor:
                cursor.execute("VACUUM kpi_monthcell" if connection.vendor == "postgresql" else "ANALYZE")
        yield


def cell(office: str = "all", edition: str = "", **more: Any) -> Cell:
    """1.1 of an office (or all) and an edition (or all) over three years."""
    line = next(line for line in lines_of(IndicatorGeneration.TWELVE) if line.code == "1.1")
    ids = frozenset(Edition.objects.filter(code=edition).values_list("pk", flat=True)) if edition else None
    whole = Period(datetime(2024, 1, 1).date(), datetime(2026, 12, 31).date(), "")  # noqa: DTZ001
    return replace(Cell(line, Scope.parse(office), ids, whole, NOW), **more)


def plan(name: str, run: Callable[[], Any]) -> None:
    """Keep the plans and the database's own time of what `run` asks."""
    PLANS.mkdir(parents=True, exist_ok=True)
    with CaptureQueriesContext(connection) as asked:
        run()
    lines = []
    with connection.cursor() as cursor:
        for query in asked:
            if query["sql"].startswith("SELECT"):
                word = "EXPLAIN (ANALYZE, BUFFERS) " if connection.vendor == "postgresql" else "EXPLAIN QUERY PLAN "
                cursor.execute(word + query["sql"])
                lines += [query["sql"], *(str(row) for row in cursor.fetchall()), f"-- took {query['time']} s", ""]
    (PLANS / f"{name}.{connection.vendor}.txt").write_text("\n".join(lines))


@pytest.mark.usefixtures("archive")
@pytest.mark.django_db
class TestFigures:
    """One office and year, all offices and three years, live and from months; lists and search."""

    def test_figures_one_line_one_office_and_year(self, benchmark: BenchmarkFixture) -> None:
        office = Office.objects.departments().order_by("pk")[3]
        asked = cell(office.key, "south-2012-370-4", period=Period.year(2025))
        plan("one-line", asked.figure)
        assert benchmark(asked.figure).denominator

    def test_figures_all_services_of_one_office_and_year(self, benchmark: BenchmarkFixture) -> None:
        office = Office.objects.departments().order_by("pk")[3]
        asked = cell(office.key, period=Period.year(2025))
        plan("one-office", lambda: asked.grouped("edition"))
        assert benchmark(asked.grouped, "edition")

    def test_figures_table_of_one_office_and_year(self, benchmark: BenchmarkFixture) -> None:
        office = Office.objects.departments().order_by("pk")[3]
        asked = ("zhambyl-2008-120-1", Scope.office(office), Period.year(2025), NOW)
        plan("table", lambda: table_of(*asked))
        assert benchmark(table_of, *asked).rows

    def test_figures_all_offices_services_and_months_from_months(self, benchmark: BenchmarkFixture) -> None:
        asked = cell()
        plan("months", lambda: from_months(asked, "office", "edition"))
        assert benchmark(from_months, asked, "office", "edition")

    def test_figures_all_offices_services_and_three_years_live(self, benchmark: BenchmarkFixture) -> None:
        asked = cell()
        plan("live", lambda: asked.grouped("office", "edition"))
        found = benchmark.pedantic(asked.grouped, ("office", "edition"), rounds=5)
        assert {key: row.denominator for key, row in found.items()} == {
            key: row.denominator for key, row in from_months(asked, "office", "edition").items()
        }

    @pytest.mark.parametrize("typed", ["нұрмұхаммедовага", "сейітқалиұлыбғс", "BEN-2026-777"])
    def test_figures_search(self, benchmark: BenchmarkFixture, typed: str) -> None:
        staff = Staff(make_user(), (), frozenset({"south"}))
        found = lambda: list(search(typed, staff)[:26])  # noqa: E731
        plan(f"search-{typed}", found)
        benchmark(found)

    def test_figures_worklist(self, benchmark: BenchmarkFixture) -> None:
        office = Office.objects.departments().order_by("pk")[3]
        staff = Staff(make_user(), (Power("clerk", office.pk),))
        rows = lambda: list(Case.objects.on_the_desk_of(staff).for_list().worst_first()[:26])  # noqa: E731
        plan("worklist", rows)
        benchmark(rows)

    def test_figures_months_marked_by_one_case(self, benchmark: BenchmarkFixture) -> None:
        def mark_and_count() -> int:
            row = Case.objects.order_by("pk").values("office_id", "edition_id")[0]
            MonthMark.objects.create(measure="on_time", month=2025 * 12, **row)
            return months.count_marked(NOW)

        assert benchmark(mark_and_count) == 1

    def test_figures_open_terms_counted_anew(self, benchmark: BenchmarkFixture) -> None:
        """Twenty thousand running terms after a change of the calendar: the first time all of them move, then none."""
        last = (
            Clock.objects.filter(kind="overall")
            .order_by("pk")[: min(20_000, volume.CASES)]
            .values_list("pk", flat=True)
        )
        Clock.objects.filter(kind="overall", pk__lte=max(last)).update(
            stopped_at=None, met=None, trace=[{"kind": "start"}]
        )
        start = time.perf_counter()
        benchmark.extra_info["moved"] = recompute_open()
        benchmark.extra_info["seconds_when_all_move"] = round(time.perf_counter() - start, 1)
        assert benchmark.pedantic(recompute_open, rounds=3) == 0
