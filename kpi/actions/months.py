"""Months counted once and kept. The database marks a month in the transaction that changes it; here the marked are counted."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from kpi.models import MonthCell, MonthMark
from kpi.queries.asking import Line
from kpi.queries.cells import Figure
from kpi.queries.kept import Key, kept_figures, kept_lines

_BATCH = 20_000


def count_marked(at: datetime) -> int:
    """Count the marked months anew; gives their number. Marks that come meanwhile stay for the next time."""
    with transaction.atomic():
        marks = list(
            MonthMark.objects.order_by("pk")[:_BATCH].values_list("pk", "measure", "office", "edition", "month")
        )
        marked: dict[str, set[Key]] = defaultdict(set)
        for _pk, measure, *key in marks:
            marked[measure].add((key[0], key[1], key[2]))
        lines = kept_lines()
        for measure, keys in marked.items():
            if measure in lines:
                _count(measure, lines[measure], keys, at)
        for start in range(0, len(marks), 500):
            MonthMark.objects.filter(pk__in=[mark[0] for mark in marks[start : start + 500]]).delete()
    return sum(len(keys) for keys in marked.values())


def count_all(at: datetime) -> int:
    """Count every month of every line anew, for a new installation or after a great load."""
    with transaction.atomic():
        MonthMark.objects.all().delete()
        MonthCell.objects.all().delete()
        rows = [
            _cell(measure, key, figure)
            for measure, line in kept_lines().items()
            for key, figure in kept_figures(line, None, None, at).items()
        ]
        MonthCell.objects.bulk_create(rows, batch_size=1000)
    return len(rows)


@dataclass(frozen=True)
class Fault:
    """A month whose kept figure is not what its rows say."""

    measure: str
    key: Key
    kept: Figure | None
    counted: Figure | None


def check(at: datetime) -> Iterator[Fault]:
    """Compare every kept month with its rows, apart from those still marked."""
    for measure, line in kept_lines().items():
        marked = set(MonthMark.objects.filter(measure=measure).values_list("office", "edition", "month"))
        rows = MonthCell.objects.filter(measure=measure)
        kept = {
            (row.office_id, row.edition_id, row.month): Figure(row.numerator, row.denominator, row.excluded)
            for row in rows
        }
        counted = kept_figures(line, None, None, at)
        for key in (kept.keys() | counted.keys()) - marked:
            if kept.get(key) != counted.get(key):
                yield Fault(measure, key, kept.get(key), counted.get(key))


def _count(measure: str, line: Line, keys: Collection[Key], at: datetime) -> None:
    months, offices = {key[2] for key in keys}, {key[0] for key in keys}
    found = kept_figures(line, frozenset(offices), (min(months), max(months)), at)
    stale = MonthCell.objects.filter(measure=measure, office__in=offices, month__in=months)
    old = {(row.office_id, row.edition_id, row.month): row.pk for row in stale}
    gone = [pk for key, pk in old.items() if key in keys]
    MonthCell.objects.filter(pk__in=gone).delete()
    MonthCell.objects.bulk_create(_cell(measure, key, found[key]) for key in keys if key in found)


def _cell(measure: str, key: Key, figure: Figure) -> MonthCell:
    return MonthCell(
        measure=measure, office_id=key[0], edition_id=key[1], month=key[2], numerator=figure.numerator,
        denominator=figure.denominator, excluded=figure.excluded,
    )  # fmt: skip
