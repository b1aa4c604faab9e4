"""Months as whole numbers, the same in both databases."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django.db.models import F, Func, IntegerField


class _Month(Func):
    """Year × 12 + month - 1 of a date, without Django's Python function a row on SQLite."""

    output_field = IntegerField()

    def as_postgresql(self, compiler: Any, connection: Any, **context: Any) -> Any:
        return self._twice(compiler, "(date_part('year', {0}) * 12 + date_part('month', {0}) - 1)::int")

    def as_sqlite(self, compiler: Any, connection: Any, **context: Any) -> Any:
        return self._twice(compiler, "(substr({0}, 1, 4) * 12 + substr({0}, 6, 2) - 1)")

    def _twice(self, compiler: Any, template: str) -> Any:
        sql, params = compiler.compile(self.source_expressions[0])
        return template.format(sql), [*params, *params]


def month_number(day: Any) -> Func:
    """The number of the month of a date: the name of a column, or an expression."""
    return _Month(F(day) if isinstance(day, str) else day)


def month_of(number: int) -> date:
    """The first day of the month with that number."""
    return date(number // 12, number % 12 + 1, 1)


def number_of(day: date) -> int:
    """The number of the month of a day."""
    return day.year * 12 + day.month - 1


def last_day_of(number: int) -> date:
    """The last day of the month with that number."""
    return month_of(number + 1) - timedelta(days=1)
