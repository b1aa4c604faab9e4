"""Readings of an edition for pages and commands."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from services.models import DocumentRequirement, Edition, Norm, Step
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


@dataclass(frozen=True)
class Question:
    """A situation that decides about papers, in the words of the edition: its code, and how a page asks for it."""

    code: str
    words: str


@dataclass(frozen=True)
class Papers:
    """A list of papers by places: of a place with several papers one is enough. `spared` are not needed in the situation."""

    needed: list[list[DocumentRequirement]]
    spared: list[DocumentRequirement]


def questions_of(edition: Edition) -> list[Question]:
    """What the list of papers depends on, each condition once, in the order of the list."""
    codes = {paper.condition_code: paper.condition for paper in edition.documents.all() if paper.condition_code}
    return [Question(code, words[:1].upper() + words[1:]) for code, words in codes.items()]


def papers_for(edition: Edition, fits: Collection[str] | None = None) -> Papers:
    """The papers that are needed where the conditions `fits` hold; without an answer (None) the whole list.

    Of papers that stand for each other ("one of these is enough") those that fit are left; where none of them fits, all:
    one is needed still, and the person chooses.
    """
    papers = list(edition.documents.all())
    fitting = [paper for paper in papers if fits is None or not paper.condition_code or paper.condition_code in fits]
    answered = {paper.alternative_group for paper in fitting if paper.alternative_group}
    places: dict[str, list[DocumentRequirement]] = defaultdict(list)
    for paper in papers:
        open_group = paper.alternative_group and paper.alternative_group not in answered
        if paper in fitting or open_group:
            places[paper.alternative_group or f"#{paper.pk}"].append(paper)
    kept = {paper.pk for place in places.values() for paper in place}
    return Papers(list(places.values()), [paper for paper in papers if paper.pk not in kept])


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
