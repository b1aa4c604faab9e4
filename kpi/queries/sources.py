"""What each line of the indicator tables is counted from: the same rows give the figure and the list behind it.

A `Source` is one set of rows. Each row either counts (in the numerator too, if `hit` holds) or is left out with the code of its
reason; `Source.rows` marks every row so (`k_hit`, `k_reason`, with its office, edition, day and the unit that is counted), and
whatever is shown, a figure, a month, a list, is an aggregate or a filter of that one statement.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db.models import (
    BooleanField,
    Case,
    CharField,
    Exists,
    ExpressionWrapper,
    F,
    IntegerField,
    OuterRef,
    Q,
    QuerySet,
    Value,
    When,
)
from django.db.models.functions import Coalesce, TruncDate
from django.utils import timezone

from applications.models import Case as Application
from applications.models import Clock, ClockKind, Outcome, Visit
from applications.workflow import State
from complaints.models import Complaint
from kpi.models import QualityCheck, SurveyAnswer
from offices.querysets import ScopedQuerySet
from services.models import EditionUse, Norm, NormKey
from services.workflow import EditionState, Trigger

EVERY = Q(pk__isnull=False)  # each row is in the numerator
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
            rows = rows.filter(**_among(self.office, offices))
        if isinstance(rows, ScopedQuerySet):
            rows = rows.everywhere("figures of all offices") if offices is None else rows.scoped()
        if editions is not None:
            rows = rows.filter(**_among(self.edition, editions))
        if not self.day:
            return rows
        if not self.moment:
            return rows.filter(**{f"{self.day}__range": (start, end)})
        after = {f"{self.day}__gte": _midnight(start), f"{self.day}__lt": _midnight(end + timedelta(days=1))}
        return rows.filter(**after)

    @property
    def office_day(self) -> Any:
        """The day as an expression; None where the rows have none."""
        if not self.day:
            return None
        return TruncDate(self.day, tzinfo=timezone.get_default_timezone()) if self.moment else F(self.day)

    def where(self, *conditions: Q, **named: Any) -> Rows:
        """The same rows narrowed by a condition."""
        return Rows(self.query.filter(*conditions, **named), self.office, self.edition, self.day, self.moment)


@dataclass(frozen=True)
class Source:
    """The rows of a line: which count, which of them are in the numerator, which are left out and why.

    `hit` None: the rows stand in the denominator only (4.1: recipients), and `apart` are those of the numerator. `elsewhere`:
    rows left out that live in another table. `unit`: what is counted; `distinct` where several rows are one unit (a person).
    `monthly`: it can be told by months; `kept`: they are counted once and added up; `fleeting`: rows that count only while they
    are open, so that no month keeps them, and `lasting`: all others, each in words for which there is an index.
    """

    base: Rows
    counted: Q = field(default_factory=Q)
    hit: Q | None = None
    reasons: Mapping[str, Q] = field(default_factory=dict)
    apart: Source | None = None
    elsewhere: Mapping[str, Rows] = field(default_factory=dict)
    unit: Any = "pk"
    case: str = ""
    distinct: bool = False
    monthly: bool = True
    kept: bool = False
    fleeting: Q = field(default_factory=Q)
    lasting: Q = field(default_factory=Q)

    def rows(
        self, offices: Collection[int] | None, editions: Collection[int] | None, start: date, end: date
    ) -> QuerySet[Any]:
        """Every row of the cell, marked: `k_office`, `k_edition`, `k_day`, `k_unit`, `k_case`, `k_hit`, `k_reason`."""
        narrowed = self.base.within(offices, editions, start, end)
        looked_at = self.counted
        for condition in self.reasons.values():
            looked_at |= condition
        if self.counted:
            narrowed = narrowed.filter(looked_at)
        reason = Case(
            *(When(condition, then=Value(code)) for code, condition in self.reasons.items()),
            default=Value(""), output_field=CharField(),
        )  # fmt: skip
        hit = ExpressionWrapper(self.hit, BooleanField()) if self.hit else Value(False)
        marked: QuerySet[Any] = narrowed.annotate(
            k_office=F(self.base.office),
            k_edition=F(self.base.edition),
            k_day=Value(end) if self.base.office_day is None else self.base.office_day,
            k_unit=F(self.unit) if isinstance(self.unit, str) else self.unit,
            k_case=F(self.case) if self.case else Value(None, output_field=IntegerField()),
            k_reason=reason,
            k_hit=hit,
        )
        return marked

    @property
    def denominator(self) -> Rows:
        """The rows that count."""
        left_out = Q()
        for condition in self.reasons.values():
            left_out |= condition
        rows = self.base.where(self.counted)
        return rows.where(~left_out) if self.reasons else rows

    @property
    def numerator(self) -> Rows:
        """The rows in the numerator: a part of the denominator, or rows of their own (4.1: complaints to recipients)."""
        return self.apart.denominator if self.apart is not None else self.denominator.where(self.hit or Q())

    @property
    def excluded(self) -> dict[str, Rows]:
        """The rows left out, by reason."""
        return {code: self.base.where(condition) for code, condition in self.reasons.items()} | dict(self.elsewhere)


@dataclass(frozen=True)
class Asked:
    """What a source may need to know: the moment of asking and the day that is reported."""

    at: datetime
    day: date
    question: str = ""


def on_time(asked: Asked) -> Source:
    """1.1: cases whose overall clock ended by its due moment ÷ cases that ended in time or came due; grants and refusals alike.

    A case counts once, on the day when the outcome is certain (`Clock.counted_on`): in time on its end, late on its due day,
    whether it has ended since or is still open. Before the commission's decision no term runs (E13).
    """
    clocks = Rows(Clock.objects.filter(kind=ClockKind.OVERALL), day="counted_on")
    ended_or_due = Q(met__isnull=False) | Q(due_at__lt=asked.at)
    reasons = {code: Q(ended_by=code) for code in ("withdrawn", "annulled")}
    waiting = Norm.objects.filter(key=NormKey.OVERALL, trigger=Trigger.COMMISSION_DECISION).values("edition")
    cases = Application.objects.filter(edition__in=waiting, commission_at=None, registered_at__isnull=False)
    cases = cases.exclude(state__in=(State.WITHDRAWN, State.ANNULLED))
    return Source(
        clocks, ended_or_due, hit=Q(met=True), reasons=reasons, unit="case_id", case="case_id", kept=True,
        elsewhere={"no_term_yet": Rows(cases, day="first_handed_in_on")},
        fleeting=Q(met=None, stopped_at=None), lasting=Q(met__isnull=False),
    )  # fmt: skip


def waiting(asked: Asked | None = None) -> Source:
    """1.2: visitors called within 40 minutes ÷ visitors called, and those who left after 40 minutes as failures.

    The rows are visits of every purpose. A visit that chose no service and led to no case has no edition: it counts for its
    office, not for an edition. Passing on to another window does not change the first call.
    """
    uncalled = Q(called_at=None)
    return Source(
        Rows(Visit.objects.all()),
        Q(called_at__isnull=False) | uncalled & Q(outcome=Outcome.LEFT, waited__gt=QUEUE_LIMIT),
        hit=Q(called_at__isnull=False, waited__lte=QUEUE_LIMIT),
        reasons={
            "left_early": uncalled & Q(outcome=Outcome.LEFT, waited__lte=QUEUE_LIMIT),
            "still_waiting": uncalled & Q(ended_at=None),
        },
        case="case_id",
        kept=True,
        fleeting=uncalled & Q(ended_at=None),
        lasting=~(uncalled & Q(ended_at=None)),
    )


def satisfied(asked: Asked) -> Source:
    """2.1, 3.1, 4.3, 4.4, 5.1 (codes of the twelve-line table): answers "satisfied" ÷ answers given to that question."""
    return Source(Rows(SurveyAnswer.objects.filter(code=asked.question)), hit=Q(satisfied=True), kept=True)


def papers_right(asked: Asked | None = None) -> Source:
    """2.2: papers found right ÷ papers checked, by the day of signature; papers of the sample not yet checked are left out."""
    checked = Q(right__isnull=False)
    return Source(
        Rows(QualityCheck.objects.all()), checked, hit=Q(right=True), reasons={"not_checked": Q(right=None)},
        case="case_id", kept=True,
    )  # fmt: skip


def right_first_time(asked: Asked | None = None) -> Source:
    """3.2 of the twelve lines: packages complete at the first hand-in ÷ packages handed in for the first time."""
    return Source(
        Rows(Application.objects.exclude(state=State.NEW), day="first_handed_in_on"),
        Q(complete_first_time__isnull=False),
        hit=Q(complete_first_time=True),
        reasons={"annulled": Q(state=State.ANNULLED)},
        case="pk",
        kept=True,
    )


def online(asked: Asked) -> Source:
    """3.3, and 3.2 of the six lines: services with a published page in force on the day ÷ services that the office provides.

    The rows are editions in the use of an office; they have no day of their own, so the last day reported decides.
    """
    in_force = Q(edition__valid_from=None) | Q(edition__valid_from__lte=asked.day)
    in_force &= Q(edition__valid_to=None) | Q(edition__valid_to__gte=asked.day)
    rows = Rows(EditionUse.objects.filter(in_use=True).exclude(edition__state=EditionState.DRAFT), day="")
    # One unit is one service of one office, whatever the number of its editions.
    unit = F("office_id") * Value(1_000_000) + F("edition__service_id")
    return Source(
        rows, hit=Q(edition__state=EditionState.PUBLISHED) & in_force, unit=unit, distinct=True, monthly=False
    )  # fmt: skip


def served() -> Rows:
    """Recipients served: cases whose person was told of the result or got it, by the day of that."""
    return Rows(Application.objects.filter(served_on__isnull=False), day="served_on")


def complaints_share(asked: Asked | None = None) -> Source:
    """4.1: substantiated complaints ÷ recipients: persons, each once however many cases he had; merged records are one person."""
    person = Coalesce("person__merged_into_id", "person_id")
    return Source(served(), unit=person, case="pk", distinct=True, apart=replace(_complaints(), hit=EVERY))


def complaints_settled(asked: Asked | None = None) -> Source:
    """4.2: substantiated complaints considered and satisfied within the term ÷ all substantiated."""
    return replace(_complaints(), hit=Q(in_time=True, satisfied__in=("full", "part")))


def _complaints() -> Source:
    """Substantiated complaints by the day of the answer; of several about one case the first counts, appeals are none."""
    found = Complaint.objects.exclude(kind="appeal").filter(answered_at__isnull=False)
    substantiated = Q(substantiated=True)
    earlier = found.filter(substantiated, case=OuterRef("case")).filter(
        Q(answered_at__lt=OuterRef("answered_at")) | Q(answered_at=OuterRef("answered_at"), pk__lt=OuterRef("pk"))
    )
    rows = Rows(found, office="about_office_id", day="answered_at", moment=True)
    return Source(rows, substantiated, reasons={"same_case": substantiated & Q(Exists(earlier))}, case="case_id")


# By what `Indicator.data["measure"]` says; 4.1 and 4.2 are counted from complaints.
SOURCES: dict[str, Callable[[Asked], Source]] = {
    "on_time": on_time,
    "waiting": waiting,
    "satisfied": satisfied,
    "papers_right": papers_right,
    "right_first_time": right_first_time,
    "online": online,
    "complaints_share": complaints_share,
    "complaints_settled": complaints_settled,
}
SURVEY_CODES = ("2.1", "3.1", "4.3", "4.4", "5.1")


def _among(path: str, ids: Collection[int]) -> dict[str, Any]:
    """A condition on one id or several; one is asked for as such, so that an index is read in its order."""
    return {path: next(iter(ids))} if len(ids) == 1 else {f"{path}__in": ids}


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))
