"""Figures: numerator, denominator and what was left out, with the rows behind them out of the same statement."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from enum import Enum
from typing import Any

from django.db.models import Count, Q, QuerySet, Value
from django.utils import timezone

from kpi.queries.asking import Line, Period, Scope
from kpi.queries.months import month_number, number_of
from kpi.queries.sources import SOURCES, Asked, Source

_HUNDREDTH = Decimal("0.01")


@dataclass
class Figure:
    """A counted cell. `value` is None where nothing was counted: no data is neither 0 nor 100 per cent."""

    numerator: int = 0
    denominator: int = 0
    excluded: dict[str, int] = field(default_factory=dict)

    @property
    def value(self) -> Decimal | None:
        """Per cent, two decimals, half up."""
        if not self.denominator:
            return None
        exact = Decimal(100 * self.numerator) / self.denominator
        return exact.quantize(_HUNDREDTH, ROUND_HALF_UP)

    def add(self, other: Figure) -> None:
        """Add the counts of another cell."""
        self.numerator += other.numerator
        self.denominator += other.denominator
        for reason, count in other.excluded.items():
            self.excluded[reason] = self.excluded.get(reason, 0) + count


class Which(Enum):
    """All rows, those that last (which months keep), or those that count only while they are open."""

    ALL = "all"
    LASTING = "lasting"
    FLEETING = "fleeting"


@dataclass(frozen=True)
class Cell:
    """One cell as it is asked for: a line, offices, editions (None: all), a period, and the moment of asking."""

    line: Line
    scope: Scope
    editions: frozenset[int] | None
    period: Period
    at: datetime
    which: Which = Which.ALL

    @property
    def source(self) -> Source:
        """What the line is counted from."""
        return source_of(self.line, self.period, self.at)

    def figure(self) -> Figure:
        """Count the cell."""
        return self.grouped().get((), Figure())

    def grouped(self, *by: str) -> dict[tuple[Any, ...], Figure]:
        """Count by `office`, `edition` and/or `month` in one statement for the rows that count and one for each other table."""
        found: dict[tuple[Any, ...], Figure] = defaultdict(Figure)
        source = self.source
        for key, reason, count, hits in _count(self.rows(), source, by, self.until):
            if reason:
                found[key].excluded[reason] = count
            else:
                found[key].denominator, found[key].numerator = count, hits
        if source.apart is not None:
            for key, reason, left_out, hits in _count(self.rows("apart"), source.apart, by, self.until):
                if reason:
                    found[key].excluded[reason] = found[key].excluded.get(reason, 0) + left_out
                else:
                    found[key].numerator = hits
        for reason in source.elsewhere:
            for key, _same, count, _hits in _count(self.rows(reason), Source(source.elsewhere[reason]), by, self.until):
                found[key].excluded[reason] = count
        return found

    def rows(self, part: str = "") -> QuerySet[Any]:
        """The rows of the cell: the line's own, those of its numerator where they are `apart`, or rows left out elsewhere."""
        source = self.source
        if part:
            source = source.apart if part == "apart" and source.apart else Source(source.elsewhere[part])
        rows = source.rows(self.scope.offices, self.editions, self.period.start, self.until)
        if self.which == Which.ALL:
            return rows
        if not source.fleeting:
            return rows if self.which == Which.LASTING else rows.none()
        return rows.filter(source.lasting if self.which == Which.LASTING else source.fleeting)

    @property
    def until(self) -> date:
        """The last day that is looked at: the end of the period, before that today."""
        return min(self.period.end, _day_of(self.at))

    def list(self, part: str) -> QuerySet[Any]:
        """The rows behind one number: `numerator`, `denominator`, or the code of a reason."""
        source = self.source
        if part in source.elsewhere:
            return self.rows(part)
        if part == "numerator":
            return self.rows("apart" if source.apart else "").filter(k_hit=True, k_reason="")
        if part == "denominator":
            return self.rows().filter(k_reason="")
        return self.rows("apart" if source.apart and part in source.apart.reasons else "").filter(k_reason=part)

    def failures(self) -> QuerySet[Any]:
        """The rows that count and are not in the numerator."""
        return self.rows().filter(k_reason="").filter(k_hit=False)


def source_of(line: Line, period: Period, at: datetime) -> Source:
    """The source of a line for a period, asked at `at`."""
    asked = Asked(at, min(period.end, _day_of(at)), line.data.get("question", ""))
    return SOURCES[line.data["measure"]](asked)


def _day_of(at: datetime) -> date:
    return timezone.localdate(at)


def _count(
    rows: QuerySet[Any], source: Source, by: Sequence[str], until: date
) -> Iterator[tuple[tuple[Any, ...], str, int, int]]:
    names = {"office": "k_office", "edition": "k_edition", "month": "k_month"}
    if "month" in by:
        day = source.base.office_day
        rows = rows.annotate(k_month=Value(number_of(until)) if day is None else month_number(day))
    groups = [names[name] for name in by]
    hits = Count("k_unit", distinct=source.distinct, filter=Q(k_hit=True))
    counted = (
        rows.order_by().values(*groups, "k_reason").annotate(n=Count("k_unit", distinct=source.distinct), hits=hits)
    )
    for row in counted.values_list(*groups, "k_reason", "n", "hits"):
        *key, reason, count, hit = row
        if count:
            yield tuple(key), reason, count, hit
