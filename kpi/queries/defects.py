"""What keeps packages from being right the first time: the top defects of a month, beside line 3.2."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Count, Q

from applications.models import CaseDocument, DocumentStatus, Event
from services.models import DocumentRequirement


@dataclass(frozen=True)
class Defect:
    """A paper of an edition's list that was missing or wrong at the first hand-in, and how often."""

    paper: DocumentRequirement
    missing: int
    defective: int

    @property
    def count(self) -> int:
        """How often altogether."""
        return self.missing + self.defective


def top_defects(
    offices: Collection[int] | None, editions: Collection[int] | None, start: date, end: date, *, most: int = 10
) -> list[Defect]:
    """The papers that were most often missing or defective in packages handed in for the first time in that time.

    The lines of the counter's checklist as it stands count: of a package that came again complete they are gone, so its first
    checklist is read from its event.
    """
    counts: dict[int, dict[str, int]] = {}
    for requirement, status, number in _standing(offices, editions, start, end):
        counts.setdefault(requirement, {})[status] = number
    for requirement, number in _come_again(offices, editions, start, end).items():
        row = counts.setdefault(requirement, {})
        row[DocumentStatus.MISSING] = row.get(DocumentStatus.MISSING, 0) + number
    papers = DocumentRequirement.objects.select_related("edition__service").in_bulk(list(counts))
    rows = [
        Defect(papers[pk], row.get(DocumentStatus.MISSING, 0), row.get(DocumentStatus.DEFECTIVE, 0))
        for pk, row in counts.items()
    ]
    return sorted(rows, key=lambda row: (-row.count, row.paper.pk))[:most]


def _standing(
    offices: Collection[int] | None, editions: Collection[int] | None, start: date, end: date
) -> list[tuple[int, str, int]]:
    rows = (
        _rows(CaseDocument, offices)
        .filter(
            status__in=(DocumentStatus.MISSING, DocumentStatus.DEFECTIVE),
            case__submissions=1,
            **_cases(offices, editions),
        )
        .filter(case__first_handed_in_on__range=(start, end))
    )
    return list(rows.values_list("requirement", "status").annotate(n=Count("pk")).order_by())


def _come_again(
    offices: Collection[int] | None, editions: Collection[int] | None, start: date, end: date
) -> dict[int, int]:
    """The first lists of packages that came again, from their first events; missing and defective are not told apart there."""
    again = Q(case__submissions__gt=1, case__first_handed_in_on__range=(start, end), **_cases(offices, editions))
    found: dict[int, int] = {}
    seen: set[int] = set()
    events = (
        _rows(Event, offices)
        .filter(again, kind="find_incomplete")
        .order_by("case", "seq")
        .values_list("case", "payload")
    )
    for case, payload in events:
        if case not in seen:
            seen.add(case)
            for requirement in payload.get("lacking", ()):
                found[requirement] = found.get(requirement, 0) + 1
    return found


def _rows(model: Any, offices: Collection[int] | None) -> Any:
    """Rows to be narrowed by `_cases`."""
    return model.objects.everywhere("figures of all offices") if offices is None else model.objects.scoped()


def _cases(offices: Collection[int] | None, editions: Collection[int] | None) -> dict[str, object]:
    narrowed: dict[str, object] = {}
    if offices is not None:
        narrowed["case__office__in"] = list(offices)
    if editions is not None:
        narrowed["case__edition__in"] = list(editions)
    return narrowed
