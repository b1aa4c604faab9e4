"""The head's morning list: what is overdue, what is due today, and what will likely be late, by plain counting."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import QuerySet
from django.utils import timezone

from applications.models import Case, Clock, ClockKind
from applications.workflow import AWAITED
from offices.policy import Staff

LIKELY, AT_LEAST = 1 / 3, 3  # a case is named when at least a third of three or more earlier ones ended late
_LOOK_BACK, _SAMPLE, _SHOWN = timedelta(days=730), 2_000, 100


@dataclass(frozen=True)
class Outlook:
    """A running case with what became of earlier ones at the same step with as little time left."""

    case: Case
    due_at: datetime
    late: int
    count: int

    @property
    def share(self) -> float:
        """Per cent of the earlier cases that ended late."""
        return 100 * self.late / self.count if self.count else 0.0


@dataclass(frozen=True)
class Morning:
    """The three lists of a morning."""

    overdue: list[Case]
    today: list[Case]
    likely: list[Outlook]


def morning(staff: Staff, at: datetime) -> Morning:
    """What a head (or an observer) should look at first at `at`; each list is at most a hundred long, worst first."""
    tomorrow = timezone.localtime(at).replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
    seen: QuerySet[Case] = Case.objects.visible_to(staff).open().for_list().worst_first()
    overdue = list(seen.filter(due_at__lt=at)[:_SHOWN])
    today = list(seen.filter(due_at__gte=at, due_at__lt=tomorrow)[:_SHOWN])
    running = Clock.objects.filter(
        case__in=Case.objects.visible_to(staff).open().values("pk"), kind=ClockKind.OVERALL, stopped_at=None,
        due_at__gte=at,
    )  # fmt: skip
    waiting = running.select_related("case__person", "case__edition__service", "case__office", "case__executor")
    return Morning(overdue, today, likely_late(waiting.order_by("due_at")[: 5 * _SHOWN], at))


def likely_late(running: Iterable[Clock], at: datetime) -> list[Outlook]:
    """The running cases of which many like them ended late, the likeliest first."""
    histories: dict[tuple[int, str, str], list[tuple[timedelta, timedelta, bool]]] = {}
    found = []
    for clock in running:
        awaited = AWAITED.get(clock.case.state)
        if clock.due_at is None or awaited is None:
            continue
        key = (clock.case.office_id, clock.case.edition.code, str(awaited))
        if key not in histories:
            histories[key] = _history(*key, at)
        left = clock.due_at - at
        alike = [late for entered, ended, late in histories[key] if entered >= left > ended]
        outlook = Outlook(clock.case, clock.due_at, sum(alike), len(alike))
        if outlook.count >= AT_LEAST and outlook.late >= LIKELY * outlook.count:
            found.append(outlook)
    return sorted(found, key=lambda row: (-row.share, row.due_at))[:_SHOWN]


def _history(
    office_id: int, edition_code: str, transition: str, at: datetime
) -> list[tuple[timedelta, timedelta, bool]]:
    """Ended cases of the office: how much of the whole term was left when they entered the step and left it, and whether late."""
    ends: dict[int, tuple[datetime, bool]] = {}
    closed = (
        Clock.objects.of_offices([office_id])
        .filter(
            kind=ClockKind.OVERALL,
            edition__code=edition_code,
            met__isnull=False,
            stopped_at__gte=at - _LOOK_BACK,
        )
        .exclude(ended_by__in=("withdrawn", "annulled"))
    )
    for case, due_at, met in closed.order_by("-stopped_at").values_list("case", "due_at", "met")[:_SAMPLE]:
        if due_at is not None:
            ends[case] = (due_at, not met)
    steps = Clock.objects.everywhere("steps of the cases above").filter(
        kind=ClockKind.STEP, step__transition=transition, stopped_at__isnull=False
    )
    spans: dict[int, list[datetime]] = defaultdict(list)
    ids = list(ends)
    for start in range(0, len(ids), 500):
        rows = steps.filter(case__in=ids[start : start + 500])
        for case, started, stopped in rows.values_list("case", "started_at", "stopped_at"):
            if stopped is not None:
                spans[case] += [started, stopped]
    return [(ends[case][0] - min(span), ends[case][0] - max(span), ends[case][1]) for case, span in spans.items()]
