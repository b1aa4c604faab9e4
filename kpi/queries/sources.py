"""What each line of the indicator tables is counted from: the same rows give the figure and the list behind it.

A `Source` names two sets of rows, numerator ÷ denominator, not yet narrowed. `Rows.within` narrows them to offices, editions
and days; `Rows.office`, `.edition` and `.day` are the paths for grouping all of them in one statement. Where the numerator is
a part of the denominator, `hit` is the condition that makes a row count, so `Count("pk", filter=source.hit)` gives both.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db.models import Q, QuerySet
from django.utils import timezone

from applications.models import Case, Outcome, Visit
from applications.workflow import State
from kpi.models import QualityCheck, SurveyAnswer
from services.models import EditionUse
from services.workflow import EditionState

QUEUE_LIMIT = 40 * 60  # seconds: line 1.2 of the twelve-line table, whatever the edition's own limit


@dataclass(frozen=True)
class Rows:
    """Rows of one kind, and where each keeps its office, its edition and its day.

    `moment`: the day is a moment (a date with time); `day` is empty where the rows hold on whatever day is asked for.
    """

    query: QuerySet[Any]
    office: str = "office_id"
    edition: str = "edition_id"
    day: str = "day"
    moment: bool = False

    def within(
        self, offices: Collection[int] | None, editions: Collection[int] | None, start: date, end: date
    ) -> QuerySet[Any]:
        """The rows of these offices and editions (None: of all) from `start` to `end`, both days included, office dates."""
        rows = self.query
        if offices is not None:
            rows = rows.filter(**{f"{self.office}__in": offices})
        if editions is not None:
            rows = rows.filter(**{f"{self.edition}__in": editions})
        if not self.day:
            return rows
        if not self.moment:
            return rows.filter(**{f"{self.day}__range": (start, end)})
        after = {f"{self.day}__gte": _midnight(start), f"{self.day}__lt": _midnight(end + timedelta(days=1))}
        return rows.filter(**after)

    def where(self, *conditions: Q, **named: Any) -> Rows:
        """The same rows narrowed by a condition."""
        return Rows(self.query.filter(*conditions, **named), self.office, self.edition, self.day, self.moment)


@dataclass(frozen=True)
class Source:
    """Numerator and denominator of a line, and the rows left out of it with their reasons (code → rows)."""

    denominator: Rows
    hit: Q | None = None
    apart: Rows | None = None
    excluded: Mapping[str, Rows] = field(default_factory=dict)

    @property
    def numerator(self) -> Rows:
        """The rows that count: a part of the denominator, or rows of their own (4.1: complaints to recipients)."""
        if self.apart is not None:
            return self.apart
        return self.denominator.where(self.hit or Q())


def waiting() -> Source:
    """1.2: visitors called within 40 minutes ÷ visitors called, and those who left after 40 minutes as failures.

    The rows are visits of every purpose. A visit that chose no service and led to no case has no edition: it counts for its
    office, not for an edition. Passing on to another window does not change the first call.
    """
    rows = Rows(Visit.objects.all())
    left_late = Q(called_at=None, outcome=Outcome.LEFT, waited__gt=QUEUE_LIMIT)
    counted = Q(called_at__isnull=False) | left_late
    return Source(
        denominator=rows.where(counted),
        hit=Q(called_at__isnull=False, waited__lte=QUEUE_LIMIT),
        excluded={
            "left_early": rows.where(called_at=None, outcome=Outcome.LEFT, waited__lte=QUEUE_LIMIT),
            "still_waiting": rows.where(called_at=None, ended_at=None),
        },
    )


def satisfied(code: str) -> Source:
    """2.1, 3.1, 4.3, 4.4, 5.1 (codes of the twelve-line table): answers "satisfied" ÷ answers given to that question."""
    return Source(Rows(SurveyAnswer.objects.filter(code=code)), Q(satisfied=True))


def papers_right() -> Source:
    """2.2: papers found right ÷ papers checked, by the day of signature; papers of the sample not yet checked are left out."""
    rows = Rows(QualityCheck.objects.all())
    return Source(rows.where(right__isnull=False), Q(right=True), excluded={"not_checked": rows.where(right=None)})


def right_first_time() -> Source:
    """3.2 of the twelve lines: packages complete at the first hand-in ÷ packages handed in for the first time."""
    rows = Rows(Case.objects.exclude(state=State.NEW), day="first_handed_in_on")
    return Source(
        rows.where(~Q(state=State.ANNULLED)),
        Q(complete_first_time=True),
        excluded={"annulled": rows.where(state=State.ANNULLED)},
    )


def online(day: date) -> Source:
    """3.3, and 3.2 of the six lines: services with a published page in force on `day` ÷ services that the office provides.

    The rows are editions in the use of an office; they have no day of their own.
    """
    in_force = Q(edition__valid_from=None) | Q(edition__valid_from__lte=day)
    in_force &= Q(edition__valid_to=None) | Q(edition__valid_to__gte=day)
    rows = Rows(EditionUse.objects.filter(in_use=True).exclude(edition__state=EditionState.DRAFT), day="")
    return Source(rows, Q(edition__state=EditionState.PUBLISHED) & in_force)


def served() -> Rows:
    """Recipients served: cases whose result was handed over, by the moment of that."""
    return Rows(Case.objects.filter(state=State.HANDED_OVER), day="delivered_at", moment=True)


# The lines by what `Indicator.data["source"]` and its code say; 1.1 is counted from clocks, 4.1 and 4.2 from complaints.
SURVEY_CODES = ("2.1", "3.1", "4.3", "4.4", "5.1")
SOURCES: dict[str, Callable[[], Source]] = {
    "1.2": waiting,
    "2.2": papers_right,
    "3.2": right_first_time,
    **{code: lambda code=code: satisfied(code) for code in SURVEY_CODES},  # type: ignore[misc]
}


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))
