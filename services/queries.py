"""Readings of an edition for pages and commands."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from services.models import Edition, Norm, Step
from services.workflow import EditionState


def steps_of(edition: Edition) -> tuple[Step, ...]:
    """The rows of table 1 in order. What is published never changes, so each process reads it once."""
    return _published_steps(edition.pk, edition.digest) if _is_fixed(edition) else tuple(edition.steps.all())


def norms_of(edition: Edition) -> tuple[Norm, ...]:
    """The norms of the edition, read once a process when it is published."""
    return _published_norms(edition.pk, edition.digest) if _is_fixed(edition) else tuple(edition.norms.all())


def _is_fixed(edition: Edition) -> bool:
    return bool(edition.state != EditionState.DRAFT)


@lru_cache(maxsize=512)
def _published_steps(edition_id: int, digest: str) -> tuple[Step, ...]:
    return tuple(Step.objects.filter(edition=edition_id))


@lru_cache(maxsize=512)
def _published_norms(edition_id: int, digest: str) -> tuple[Norm, ...]:
    return tuple(Norm.objects.filter(edition=edition_id))


def annex_tables(edition: Edition) -> dict[str, Any]:
    """Tables 1-3 as the act prints them, from the running definition; the words are the act's own (kk)."""
    return {
        "edition": edition.code,
        "version": edition.version,
        "table1": [_step_row(step) for step in edition.steps.all()],
        "table2": _path_rows(edition, 2),
        "table3": _path_rows(edition, 3),
    }


def _step_row(step: Step) -> dict[str, Any]:
    norm = None
    if step.norm_amount is not None:
        norm = {"amount": step.norm_amount, "unit": step.norm_unit, "text": step.norm_kk}
    row = {
        "no": step.no,
        "unit": step.unit,
        "unit_text": step.unit_kk,
        "act": step.act_kk,
        "completion": step.completion_kk,
        "norm": norm,
        "transition": step.transition,
    }
    return row | ({"next": step.next_no} if step.next_no else {})


def _path_rows(edition: Edition, table: int) -> list[dict[str, Any]]:
    rows = [
        {"no": act.no, "group": group.no, "unit": group.unit, "unit_text": group.unit_kk, "act": act.act_kk}
        for group in edition.path_groups.all()
        if group.table == table
        for act in group.acts.all()
    ]
    return sorted(rows, key=lambda row: row["no"])
