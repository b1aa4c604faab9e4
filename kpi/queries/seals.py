"""Closed periods read: what was closed, whether it is whole, and what would be counted otherwise today."""

from __future__ import annotations

from typing import Any

from kpi.models import SealedTable
from kpi.queries.cells import Cell
from kpi.queries.tables import Table

_COUNTS = ("current", "numerator", "denominator", "excluded")


def row_identities(table: Table) -> dict[str, list[list[Any]]]:
    """By line: what was counted or left out, each as [part, unit, reason, hit], in a fixed order."""
    found: dict[str, list[list[Any]]] = {}
    for row in table.rows:
        cell = _cell(table, row.line)
        source = cell.source
        parts = ["", *(["apart"] if source.apart else []), *source.elsewhere]
        rows = [
            [part, str(unit), part if part in source.elsewhere else reason, bool(hit)]
            for part in parts
            for unit, reason, hit in cell.rows(part).order_by().values_list("k_unit", "k_reason", "k_hit")
        ]
        found[row.line.code] = [] if table.printed else sorted(rows)
    return found


def differences(sealed: SealedTable, table: Table) -> list[dict[str, Any]]:
    """Line by line what `table` counts otherwise than the closed one: both counts, and the rows that came, went or changed."""
    before = {row["code"]: row for row in sealed.table["rows"]}
    now_rows = row_identities(table)
    found = []
    for row in table.as_dict()["rows"]:
        code = row["code"]
        old = {tuple(identity[:2]): identity[2:] for identity in sealed.rows.get(code, [])}
        new = {tuple(identity[:2]): identity[2:] for identity in now_rows.get(code, [])}
        if old == new:
            continue
        counts = {name: row[name] for name in _COUNTS}
        found.append({
            "code": code,
            "before": {name: before.get(code, {}).get(name) for name in _COUNTS},
            "after": counts,
            "came": sorted(key[1] for key in new.keys() - old.keys()),
            "went": sorted(key[1] for key in old.keys() - new.keys()),
            "changed": sorted(key[1] for key in new.keys() & old.keys() if new[key] != old[key]),
        })  # fmt: skip
    return found


def _cell(table: Table, line: Any) -> Cell:
    return Cell(line, table.scope, table.editions, table.period, table.at)
