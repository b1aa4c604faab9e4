"""Trying a draft on the past: what other norms, days or hours would have made of cases that have ended.

Nothing is stored: the clocks' recorded starts and stops stay, only their due moments are counted anew. The people of the past
worked by the terms of their day; what they would have done under others nobody knows, and the pages say so.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any

from applications.models import Clock, ClockKind
from offices.calendars import Change, ChangedCalendars, runs_of
from offices.models import Office
from services.deadlines import Norm, due_instant
from services.models import Edition, NormKey
from services.queries import norms_of, steps_of
from services.workflow import StepTransition

OVERALL = "overall"
# What line 1.1 leaves out: an application taken back or annulled says nothing of the office's speed.
_LEFT_OUT = frozenset({"withdrawn", "annulled"})
_SHOWN = 200  # cases listed; all are counted
_RUNS = {StepTransition.COLLECT: "collection_runs", StepTransition.DISPATCH: "dispatch_runs"}


@dataclass(frozen=True)
class Draft:
    """What is tried. `steps`: norm by transition; `overall`: norm of the whole service by channel; absent: as it was.

    `hours`: the hours that the draft sets for its service (None: those of the edition that ran).
    """

    steps: Mapping[str, Norm] = field(default_factory=dict)
    overall: Mapping[str, Norm] = field(default_factory=dict)
    change: Change = field(default_factory=Change)
    hours: Mapping[str, Any] | None = None

    def norm(self, key: str, channel: str) -> Norm | None:
        """The norm tried for a clock; None where the draft leaves it as it was."""
        if key != OVERALL:
            return self.steps.get(key)
        return self.overall.get(channel) or self.overall.get("any") or self.overall.get("department")


@dataclass
class Tally:
    """A clock of the edition over all cases: in time and late, as it was and as it would be."""

    key: str
    in_time: int = 0
    late: int = 0
    would_be_in_time: int = 0
    would_be_late: int = 0
    became_late: int = 0
    became_in_time: int = 0

    def add(self, before: bool, after: bool) -> None:
        """Count one clock."""
        self.in_time, self.late = self.in_time + before, self.late + (not before)
        self.would_be_in_time, self.would_be_late = self.would_be_in_time + after, self.would_be_late + (not after)
        self.became_late, self.became_in_time = (
            self.became_late + (before > after),
            self.became_in_time + (after > before),
        )

    @property
    def percent(self) -> float | None:
        """In time, of a hundred; None where nothing was counted (no data is not zero)."""
        return _percent(self.in_time, self.late)

    @property
    def would_be_percent(self) -> float | None:
        """The same under the draft."""
        return _percent(self.would_be_in_time, self.would_be_late)


@dataclass(frozen=True)
class Changed:
    """A clock that would have ended otherwise."""

    case_id: int
    number: str
    key: str
    stopped_at: datetime
    due_at: datetime | None
    would_be_due_at: datetime
    late: bool  # would be late now; else would be in time now


@dataclass
class Outcome:
    """What a draft would have done to a period."""

    cases: int
    tallies: dict[str, Tally]
    changed: list[Changed]

    @property
    def indicator(self) -> Tally:
        """Line 1.1 of the cases that ended in the period: in time by the clock of the whole service."""
        return self.tallies[OVERALL]


def draft_of(edition: Edition, change: Change | None = None) -> Draft:
    """The norms and hours of an edition (a draft, or one in force) as something to try."""
    steps = {step.transition: step.term for step in steps_of(edition)}
    norms = {norm.channel: norm.term for norm in norms_of(edition) if norm.key == NormKey.OVERALL}
    return Draft({key: term for key, term in steps.items() if term}, norms, change or Change(), edition.hours)


def replay(draft: Draft, *, code: str, offices: Collection[int], start: date, end: date) -> Outcome:
    """Count the clocks of every case of the edition `code` (any version) that ended in the offices from `start` to `end`."""
    ended = Clock.objects.of_offices(offices).filter(
        kind=ClockKind.OVERALL, edition__code=code, stopped_on__range=(start, end)
    )
    ended = ended.exclude(ended_by__in=_LEFT_OUT)
    outcome = Outcome(0, {OVERALL: Tally(OVERALL)}, [])
    counting = _Counting(draft, code)
    seen: set[int] = set()
    for row in _rows(ended):
        seen.add(row["case_id"])
        if row["met"] is None:
            continue
        key = row["step__transition"] or OVERALL
        due = counting.due(row, key)
        after = row["met"] if due is None else row["stopped_at"] <= due
        outcome.tallies.setdefault(key, Tally(key)).add(row["met"], after)
        if after != row["met"] and due is not None and len(outcome.changed) < _SHOWN:
            change = (row["case_id"], row["case__number"], key, row["stopped_at"], row["due_at"], due, not after)
            outcome.changed.append(Changed(*change))
    outcome.cases = len(seen)
    return outcome


def _rows(ended: Any) -> Iterator[Any]:
    """The stopped clocks of those cases in the order in which they were started."""
    rows = Clock.objects.filter(case__in=ended.values("case_id"), stopped_at__isnull=False).order_by("case_id", "pk")
    return rows.values(
        "case_id", "step__transition", "office_id", "edition_id", "started_at", "due_at", "stopped_at", "met",
        "case__number", "case__channel", "case__office_id", "case__reopened_at",
    ).iterator(5000)  # fmt: skip


class _Counting:
    """Due moments under the draft. A step entered again keeps the start of its first time, as its clock did."""

    def __init__(self, draft: Draft, code: str) -> None:
        self.draft = draft
        self.calendars = ChangedCalendars(draft.change)
        self.offices = {office.pk: office for office in Office.objects.all()}
        self.editions = {edition.pk: edition for edition in Edition.objects.filter(code=code)}
        self.norms = {pk: draft_of(edition) for pk, edition in self.editions.items()}
        self.case_id = 0
        self.starts: dict[tuple[str, bool], datetime] = {}

    def due(self, row: Mapping[str, Any], key: str) -> datetime | None:
        """When the clock would have been due; None where the draft changes nothing about it."""
        own = self.norms[row["edition_id"]]
        before, tried = own.norm(key, row["case__channel"]), self.draft.norm(key, row["case__channel"])
        office = self.offices[row["office_id"]]
        hours = own.hours if office.pk == row["case__office_id"] else None
        tried_hours = (self.draft.hours or own.hours) if office.pk == row["case__office_id"] else None
        norm = tried or before
        if norm is None or (
            before and _counts_like(norm, before) and hours == tried_hours and not self.draft.change.concerns(office.pk)
        ):
            return None
        runs = runs_of(getattr(office, _RUNS[StepTransition(key)])) if key in _RUNS else ()
        return due_instant(self._start(row, key), norm, self.calendars.of(office, tried_hours), (), runs)

    def _start(self, row: Mapping[str, Any], key: str) -> datetime:
        if row["case_id"] != self.case_id:
            self.case_id, self.starts = row["case_id"], {}
        again = bool(row["case__reopened_at"] and row["started_at"] >= row["case__reopened_at"])
        return self.starts.setdefault((key, again), row["started_at"])


def _counts_like(one: Norm, other: Norm) -> bool:
    """Whether two norms give the same moments, whatever their words."""
    return replace(one, point="", text="") == replace(other, point="", text="")


def _percent(in_time: int, late: int) -> float | None:
    return 100 * in_time / (in_time + late) if in_time + late else None
