"""Figures side by side: over the months, between offices, and step by step whose minutes made cases late."""

from __future__ import annotations

import calendar
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime
from math import sqrt

from django.utils import timezone

from applications.models import Clock, ClockKind
from kpi.queries.asking import Line, Period, Scope
from kpi.queries.cells import Cell, Figure
from kpi.queries.kept import from_months
from kpi.queries.months import month_of, number_of
from offices.calendars import calendar_of
from offices.models import Office
from services.models import Step

MONTHS = 24


@dataclass(frozen=True)
class MonthPoint:
    """A month of a trend."""

    month: date
    figure: Figure


def trend(cell: Cell, months: int = MONTHS) -> list[MonthPoint]:
    """The months up to the end of the cell's period (or today), the oldest first; a month without rows has no data."""
    last = number_of(min(cell.period.end, timezone.localdate(cell.at)))
    first, end = month_of(last - months + 1), month_of(last)
    whole = Period(first, end.replace(day=calendar.monthrange(end.year, end.month)[1]), "")
    found = from_months(replace(cell, period=whole), "month")
    return [
        MonthPoint(month_of(number), found.get((number,), Figure())) for number in range(last - months + 1, last + 1)
    ]


@dataclass(frozen=True)
class OfficeFigure:
    """An office in a comparison, with the interval in which its true share lies (95 %, Wilson), in per cent."""

    office: Office
    figure: Figure
    low: float
    high: float

    @property
    def value(self) -> float | None:
        """Per cent, None without data."""
        return None if self.figure.value is None else float(self.figure.value)


def wilson(hits: int, count: int, z: float = 1.959964) -> tuple[float, float]:
    """Wilson's interval of a share, in per cent; the whole range where nothing was counted."""
    if not count:
        return 0.0, 100.0
    share, square = hits / count, z * z
    middle = (share + square / (2 * count)) / (1 + square / count)
    reach = z * sqrt(share * (1 - share) / count + square / (4 * count * count)) / (1 + square / count)
    return 100 * max(0.0, middle - reach), 100 * min(1.0, middle + reach)


def compare(cell: Cell) -> list[OfficeFigure]:
    """The offices of the cell's scope, the worst first; those without data last, by the Kazakh alphabet."""
    found = from_months(cell, "office")
    offices = Office.objects.filter(pk__in=cell.scope.ids).departments().in_order()
    rows = []
    for office in offices:
        figure = found.get((office.pk,), Figure())
        rows.append(
            OfficeFigure(office, figure, *wilson(min(figure.numerator, figure.denominator), figure.denominator))
        )
    sign = -1 if cell.line.lower_is_better else 1
    return sorted(rows, key=lambda row: (row.value is None, sign * (row.value or 0), -row.figure.denominator))


def at_a_glance(
    lines: Collection[Line], scope: Scope, period: Period, at: datetime
) -> list[tuple[Office, list[Figure]]]:
    """Every office of the scope with a figure a line over all services, the worst in the first line on top."""
    columns = [from_months(Cell(line, scope, None, period, at), "office") for line in lines]
    offices = Office.objects.filter(pk__in=scope.ids).departments().in_order()
    rows = [(office, [column.get((office.pk,), Figure()) for column in columns]) for office in offices]
    return sorted(rows, key=lambda row: (row[1][0].value is None, row[1][0].value or 0, -row[1][0].denominator))


@dataclass
class StepMinutes:
    """A step in the cases that were late: how long it took, and how much of that was over its own norm (working minutes)."""

    step: Step
    cases: int = 0
    late: int = 0
    spent: int = 0
    over: int = 0
    share: float = 0.0


def whose_minutes(cell: Cell) -> list[StepMinutes]:
    """Whose minutes made the cases of the cell late: the share of each step in the time over the norms.

    Where the act sets no norms for steps (E1-E4, E13) nothing can be over: the share is that of the time spent.
    """
    late = list(cell.failures().order_by().values_list("k_case", flat=True))
    found: dict[int, StepMinutes] = {}
    for clock in _step_clocks(late):
        if clock.step is None:
            continue
        row = found.setdefault(clock.step.no * 1000 + _unit_place(clock.step.unit), StepMinutes(clock.step))
        spent, over = minutes_of(clock, cell.at)
        row.cases, row.spent, row.over = row.cases + 1, row.spent + spent, row.over + over
        row.late += over > 0
    rows = [found[key] for key in sorted(found)]
    by_norm = sum(row.over for row in rows)
    total = by_norm or sum(row.spent for row in rows)
    for row in rows:
        row.share = 100 * (row.over if by_norm else row.spent) / total if total else 0.0
    return rows


def minutes_of(clock: Clock, at: datetime) -> tuple[int, int]:
    """Working minutes that a step took until it ended (or until `at`), and those of them after its due moment."""
    hours = calendar_of(clock.office, for_show=True)
    end = clock.stopped_at or at
    # A step entered again after a return keeps its first due moment: only the minutes spent in it are its own.
    since = max(clock.due_at, clock.started_at) if clock.due_at else end
    over = hours.minutes_between(since, end) if end > since else 0
    return hours.minutes_between(clock.started_at, max(end, clock.started_at)), over


def worst_steps(cases: Iterable[int], at: datetime) -> dict[int, tuple[Clock, int]]:
    """For each case the step that went furthest over its norm, with the working minutes; none where all kept theirs."""
    worst: dict[int, tuple[Clock, int]] = {}
    for clock in _step_clocks(list(cases)):
        _spent, over = minutes_of(clock, at)
        if over > worst.get(clock.case_id, (clock, 0))[1]:
            worst[clock.case_id] = (clock, over)
    return worst


def _step_clocks(cases: list[int]) -> Iterable[Clock]:
    for start in range(0, len(cases), 500):
        rows = Clock.objects.everywhere("steps of cases found before").filter(
            case__in=cases[start : start + 500], kind=ClockKind.STEP
        )
        yield from rows.select_related("step", "office", "user").order_by("case", "started_at", "pk")


def _unit_place(unit: str) -> int:
    return sum(map(ord, unit)) % 1000
