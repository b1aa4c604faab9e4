"""The table of an edition as a file: values on the first sheet, the formulas in words on the second. No cell is a formula."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.http import HttpResponseBase
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from kpi.queries.tables import Table, number, words
from offices.exports import table_response


def name_of(table: Table) -> str:
    """A file's name for a table."""
    return f"indicators-{table.scope.code.replace(':', '-')}-{table.edition.code}-{table.period.code}"


def table_file(table: Table, kind: str) -> HttpResponseBase:
    """The table as `csv` or `xlsx`."""
    return table_response(name_of(table), kind, _values(table), more={str(_("Formulas")): _formulas(table)})


def _values(table: Table) -> Iterator[list[Any]]:
    yield [
        _("Line"),
        _("Group"),
        _("Indicator"),
        _("Normative"),
        _("Target"),
        _("Current"),
        _("Numerator"),
        _("Denominator"),
        _("Left out"),
    ]
    for row in table.rows:
        indicator, counted = row.line.indicator, row.as_dict()
        left_out = "; ".join(f"{count}: {reason}" for _code, reason, count in row.left_out)
        yield [
            indicator.code, indicator.group, indicator.name, number(row.normative), number(row.target), words(row.current),
            counted["numerator"], counted["denominator"], left_out,
        ]  # fmt: skip


def _formulas(table: Table) -> Iterator[list[Any]]:
    yield [_("Line"), _("Version of the formula"), _("Numerator"), _("Denominator"), _("What is left out"), _("Better")]
    for row in table.rows:
        line = row.line
        reasons = "; ".join(line.reason(given["code"]) for given in line.data["exclusions"])
        better = line.indicator.get_better_display()
        yield [line.code, line.data["version"], line.numerator, line.denominator, reasons, better]
    yield []
    yield [_("Offices"), table.scope.name]
    yield [_("Service"), table.edition.name]
    yield [_("Period"), table.period.name]
    yield [_("Counted on"), date_format(timezone.localtime(table.at), "d.m.Y H:i")]
