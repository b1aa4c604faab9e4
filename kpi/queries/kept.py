"""Figures of many offices and months out of the kept months, exact at any moment.

What months keep is added up; months marked meanwhile and rows that count only while they are open are counted live.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from django.db.models import Q, Sum
from django.utils import timezone

from kpi.models import MonthCell, MonthMark
from kpi.queries.asking import Line, Period, Scope, lines_of
from kpi.queries.cells import Cell, Figure, Which
from kpi.queries.months import last_day_of, month_of, number_of
from services.models import IndicatorGeneration

Key = tuple[int, int | None, int]  # office, edition, month
_MANY = 400  # marked months above which counting everything live is no slower


def measure_of(line: Line) -> str:
    """What months of the line are kept under; lines of both generations that count the same share them."""
    question = line.data.get("question")
    return f"{line.data['measure']}:{question}" if question else str(line.data["measure"])


def kept_lines() -> dict[str, Line]:
    """The lines whose months are kept, by measure."""
    lines = [line for generation in IndicatorGeneration.values for line in lines_of(generation)]
    now = timezone.now()
    found = {measure_of(line): line for line in lines}
    return {
        measure: line for measure, line in found.items() if Cell(line, _everywhere(None), None, _EVER, now).source.kept
    }  # fmt: skip


def kept_figures(
    line: Line, offices: frozenset[int] | None, months: tuple[int, int] | None, at: datetime
) -> dict[Key, Figure]:
    """Count the lasting rows by office, edition and month."""
    period = _EVER if months is None else Period(month_of(months[0]), last_day_of(months[1]), "")
    cell = Cell(line, _everywhere(offices), None, period, at, Which.LASTING)
    return {(key[0], key[1], key[2]): figure for key, figure in cell.grouped("office", "edition", "month").items()}


def from_months(cell: Cell, *by: str) -> dict[tuple[Any, ...], Figure]:
    """The cell's figures by `office`, `edition` and/or `month`, without what was left out. The period is one of whole months."""
    if not cell.source.kept:
        return cell.grouped(*by)
    measure = measure_of(cell.line)
    first, last = number_of(cell.period.start), number_of(cell.period.end)
    narrowed = _narrowed(cell) & Q(measure=measure, month__range=(first, last))
    marked = set(MonthMark.objects.filter(narrowed).values_list("office", "edition", "month").distinct()[: _MANY + 1])
    if len(marked) > _MANY:
        return cell.grouped(*by)
    found: dict[tuple[Any, ...], Figure] = defaultdict(Figure)
    sums = MonthCell.objects.filter(narrowed).order_by().values(*(by or ("measure",)))
    summed = sums.annotate(hits=Sum("numerator"), count=Sum("denominator"))
    for *key, hits, count in summed.values_list(*by, "hits", "count"):
        if count:
            found[tuple(key)].add(Figure(hits, count))
    _count_live(cell, marked, by, found)
    for group, figure in replace(cell, which=Which.FLEETING).grouped(*by).items():
        found[group].add(Figure(figure.numerator, figure.denominator))
    return found


def _count_live(cell: Cell, marked: Collection[Key], by: tuple[str, ...], found: dict[tuple[Any, ...], Figure]) -> None:
    """Put what the marked months count now in place of what was kept of them."""
    if not marked:
        return
    offices, months = frozenset(key[0] for key in marked), {key[2] for key in marked}
    now = kept_figures(cell.line, offices, (min(months), max(months)), cell.at)
    kept = MonthCell.objects.filter(measure=measure_of(cell.line), office__in=offices, month__in=months)
    old = {(row.office_id, row.edition_id, row.month): row for row in kept}
    for key in marked:
        named = dict(zip(("office", "edition", "month"), key, strict=True))
        figure = found[tuple(named[name] for name in by)]
        if row := old.get(key):
            figure.add(Figure(-row.numerator, -row.denominator))
        if key in now:
            figure.add(Figure(now[key].numerator, now[key].denominator))


def _narrowed(cell: Cell) -> Q:
    conditions = Q() if cell.scope.offices is None else Q(office__in=cell.scope.offices)
    return conditions if cell.editions is None else conditions & Q(edition__in=cell.editions)


def _everywhere(offices: frozenset[int] | None) -> Scope:
    return Scope("all", "all", frozenset()) if offices is None else Scope("oblast", "", offices)


_EVER = Period(date(2000, 1, 1), date(2100, 12, 31), "")
