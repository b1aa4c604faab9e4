"""Months as whole numbers, the same in both databases."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db.models import F, Func, IntegerField


class _Month(Func):
    """Year × 12 + month - 1 of a date column, without Django's Python function a row on SQLite."""

    output_field = IntegerField()

    def as_postgresql(self, compiler: Any, connection: Any, **context: Any) -> Any:
        template = "(date_part('year', %(expressions)s) * 12 + date_part('month', %(expressions)s) - 1)::int"
        return self.as_sql(compiler, connection, template=template, **context)

    def as_sqlite(self, compiler: Any, connection: Any, **context: Any) -> Any:
        template = "(substr(%(expressions)s, 1, 4) * 12 + substr(%(expressions)s, 6, 2) - 1)"
        return self.as_sql(compiler, connection, template=template, **context)


def month_number(column: str) -> Func:
    """The number of the month of a date column."""
    return _Month(F(column))


def month_of(number: int) -> date:
    """The first day of the month with that number."""
    return date(number // 12, number % 12 + 1, 1)


def number_of(day: date) -> int:
    """The number of the month of a day."""
    return day.year * 12 + day.month - 1
