"""Readings of an edition for pages and commands."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from functools import lru_cache

from django.db.models import QuerySet

from offices.models import Office
from services.models import DocumentRequirement, Edition, EditionUse, Norm, Step
from services.workflow import EditionState, StepTransition


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


def departments_of(edition: Edition) -> QuerySet[Office]:
    """The departments that work, or will work, by the edition: as set for it, else for the version before, else by its decree."""
    for version in (edition.version, edition.version - 1):
        uses = EditionUse.objects.filter(edition__code=edition.code, edition__version=version)
        if uses.exists():
            return Office.objects.filter(pk__in=uses.filter(in_use=True).values("office"), active=True)
    departments = Office.objects.departments().filter(oblast=edition.decree.oblast, active=True)
    if keys := edition.decree.data.get("offices"):
        departments = departments.filter(key__in=keys)
    return departments


def path_acts(edition: Edition, table: int, steps: tuple[Step, ...]) -> list[tuple[Step, str]]:
    """The acts of a path (table 2 or 3) from the decision on, each with the step that it belongs to, in order.

    Where the act has no such table, the steps of table 1 themselves.
    """
    transitions = [step.transition for step in steps]
    start = transitions.index(StepTransition.PREPARE) if StepTransition.PREPARE in transitions else len(steps)
    after = {step.transition: step for step in steps[start:]}
    acts = sorted(
        (act for group in edition.path_groups.all() if group.table == table for act in group.acts.all()),
        key=lambda act: act.no,
    )
    if not acts:
        return [(step, step.act) for step in after.values()]
    return [(after[act.transition], act.act) for act in acts if act.transition in after]
