"""The statutory table of an edition: every line with its normative, target and computed current value."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.utils.formats import number_format
from django.utils.translation import gettext as _

from kpi.queries.asking import Line, Period, Scope, editions_of, generation_of, lines_of
from kpi.queries.cells import Cell, Figure
from kpi.queries.targets import targets_for
from services.models import Edition, IndicatorValue


@dataclass(frozen=True)
class TableRow:
    """A line of the table. `printed`: the current value stands in the decree, the first reporting year; nothing was counted."""

    line: Line
    normative: Decimal | None
    target: Decimal | None
    figure: Figure
    printed: Decimal | None = None
    note: str = ""
    words_kk: str = ""

    @property
    def current(self) -> Decimal | None:
        """Per cent; None: no data."""
        return self.printed if self.printed is not None else self.figure.value

    @property
    def is_small(self) -> bool:
        """Whether the figure rests on so few rows that it says little."""
        return 0 < self.figure.denominator < int(self.line.data["small_below"])

    @property
    def standing(self) -> str:
        """met, missed, or nothing to compare."""
        wanted = self.normative if self.normative is not None else self.target
        if self.current is None or wanted is None:
            return ""
        good = self.current <= wanted if self.line.lower_is_better else self.current >= wanted
        return "met" if good else "missed"

    @property
    def left_out(self) -> list[tuple[str, str, int]]:
        """Code, reason in words and number of the rows left out."""
        return [(code, self.line.reason(code), count) for code, count in sorted(self.figure.excluded.items())]

    def as_dict(self) -> dict[str, Any]:
        """As `manage.py indicators --json` prints it."""
        return {
            "code": self.line.code,
            "normative": number(self.normative),
            "target": number(self.target),
            "current": number(self.current),
            "numerator": None if self.printed is not None else self.figure.numerator,
            "denominator": None if self.printed is not None else self.figure.denominator,
            "excluded": dict(sorted(self.figure.excluded.items())),
        }


@dataclass(frozen=True)
class Table:
    """The table of an edition for offices and a period as it stands at a moment."""

    edition: Edition
    scope: Scope
    period: Period
    at: datetime
    rows: list[TableRow]
    printed: bool = False
    editions: frozenset[int] = frozenset()

    @property
    def groups(self) -> list[tuple[str, list[TableRow]]]:
        """The five groups of the decree with their lines."""
        found: dict[str, list[TableRow]] = {}
        for row in self.rows:
            found.setdefault(row.line.indicator.group, []).append(row)
        return list(found.items())

    def as_dict(self) -> dict[str, Any]:
        """The table as data."""
        head: dict[str, Any] = {"office": self.scope.code, "edition": self.edition.code}
        when = {"year": self.period.start.year} if self.period.kind == "year" else {"period": self.period.code}
        return head | when | {"rows": [row.as_dict() for row in self.rows]}


def table_of(code: str, scope: Scope, period: Period, at: datetime) -> Table:
    """The table of the edition `code` (all its versions); Edition.DoesNotExist where there is none."""
    versions = editions_of(code)
    if not versions:
        raise Edition.DoesNotExist(code)
    newest = versions[0]
    printed = {value.code: value for value in newest.indicator_values.all()}
    first_year = bool(printed) and period.kind == "year" and period.start.year == newest.decree.date.year
    targets = targets_for(code, scope, period.start.year + 1)
    ids = frozenset(edition.pk for edition in versions)
    rows = []
    for line in lines_of(generation_of(newest)):
        cell = Cell(line, scope, ids, period, at)
        rows.append(
            _row(
                line,
                printed.get(line.code),
                targets.get(line.code),
                Figure() if first_year else cell.figure(),
                first_year,
            )
        )
    return Table(newest, scope, period, at, rows, first_year, ids)


def _row(
    line: Line, value: IndicatorValue | None, target: Decimal | None, figure: Figure, first_year: bool
) -> TableRow:
    if value is None:
        return TableRow(line, None, target, figure)
    printed = value.current if first_year else None
    wanted = target if target is not None else value.target
    return TableRow(line, value.normative, wanted, figure, printed, value.note, value.name_kk)


def number(value: Decimal | None) -> int | float | None:
    """A per cent as a plain number."""
    if value is None:
        return None
    return int(value) if value == value.to_integral_value() else float(value)


def words(value: Decimal | None, none: str | None = None) -> str:
    """A per cent in the page's language, without zeros at its end; `none` ("no data" unless given) where there is none."""
    if value is None:
        return _("no data") if none is None else none
    return number_format(value.normalize())
