"""Clocks of a case as rows: one per step entered, one for the whole service; each keeps the sum behind its due date."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.db import connections, router, transaction
from django.db.models import Min, OuterRef, Q, Subquery
from django.dispatch import Signal
from django.utils import timezone

from applications.models import Case, Channel, Clock, ClockKind, Term
from applications.workflow import AWAITED
from offices.calendars import calendar_of, runs_of
from offices.models import Office, User
from offices.worktime import WorkCalendar
from services.deadlines import Due, Pauses, Runs, due, due_instant
from services.deadlines import Norm as TermNorm
from services.models import Norm, NormKey, Step
from services.queries import norms_of, steps_of
from services.workflow import StepTransition, Trigger

Calendars = Callable[[Office, dict[str, Any] | None], WorkCalendar]

# Sent after hours or days changed, with the `offices` concerned (None: all): whoever keeps terms of his own counts them anew.
days_changed = Signal()

_CENTRE_STEPS = (
    StepTransition.ACCEPT_AT_WINDOW,
    StepTransition.COLLECT,
    StepTransition.DISPATCH,
    StepTransition.HAND_OUT_AT_CENTRE,
)

_RUNS: dict[str, str] = {StepTransition.COLLECT: "collection_runs", StepTransition.DISPATCH: "dispatch_runs"}


def step_of(case: Case, transition: str | None) -> Step | None:
    """The row of the edition's table 1 that stands for `transition`, None if the edition has none."""
    return next((step for step in steps_of(case.edition) if step.transition == transition), None)


def awaited_step(case: Case) -> Step | None:
    """The step the case waits for in its state."""
    return step_of(case, AWAITED.get(case.state))


def place_of(case: Case, step: Step | None) -> Office:
    """The office whose unit does the step: the centre for the centre's steps, else the department."""
    if step is not None and step.transition in _CENTRE_STEPS and case.centre is not None:
        return case.centre
    return case.office


def clocks_of(case: Case) -> list[Clock]:
    """The clocks of a case in the order in which they began: read once by an act, which works on these rows until `keep`."""
    if "_clocks" not in vars(case):
        begin(case, [*Clock.objects.filter(case=case)])
    found: list[Clock] = vars(case)["_clocks"]
    return found


def begin(case: Case, clocks: Sequence[Clock] = ()) -> None:
    """Let an act work on these clocks of the case; one just made has none, and nobody needs to ask."""
    vars(case)["_clocks"] = [*clocks]


def start_step(case: Case, step: Step, at: datetime) -> Clock:
    """Start the step's clock at `at` (written by `keep`).

    A step entered again after a return keeps its first due date: a return for rework does not lengthen the term of the act.
    Only a case reopened after a complaint begins its steps anew.
    """
    since = case.reopened_at
    before = (row for row in clocks_of(case) if row.step_id == step.pk and (since is None or row.started_at >= since))
    earlier = next(before, None)
    clock = Clock(
        case=case, kind=ClockKind.STEP, step=step, office=place_of(case, step), edition=case.edition, started_at=at
    )
    if earlier is not None:
        clock.due_at, clock.unmoved_on = earlier.due_at, earlier.unmoved_on
        clock.trace = [{"kind": "returned", "at": at.isoformat()}, *earlier.trace]
    elif (term := step.term) is not None:
        set_due(clock, _due(clock, term))
    clocks_of(case).append(clock)
    return clock


def start_overall(case: Case, trigger: Trigger, at: datetime) -> Clock | None:
    """Start the clock of the whole service (written by `keep`) if `trigger` is what its norm waits for; None if it is not."""
    norm = overall_norm(case)
    if norm is None or norm.trigger != trigger:
        return None
    clock = Clock(case=case, kind=ClockKind.OVERALL, office=case.office, edition=case.edition, started_at=at)
    set_due(clock, _due(clock, norm.term))
    clocks_of(case).append(clock)
    return clock


def overall_norm(case: Case) -> Norm | None:
    """Point 7 of the edition for the channel by which the case came."""
    norms = {norm.channel: norm for norm in norms_of(case.edition) if norm.key == NormKey.OVERALL}
    wanted = "centre" if case.channel == Channel.CENTRE else "department"
    return norms.get(wanted) or norms.get("any") or norms.get("department")


def stop(case: Case, kind: ClockKind, at: datetime, ended_by: str, user: User | None) -> Clock | None:
    """Stop the open clock of `kind`, note whether its term was met, and freeze it. None if none is open."""
    clock = next((row for row in clocks_of(case) if row.kind == kind and row.stopped_at is None), None)
    if clock is None:
        return None
    freeze(clock, at, ended_by, user, case.office)
    if kind == ClockKind.OVERALL and clock.met is not False:
        # Late is certain since the due day, whenever the case ends; in time only with its end.
        clock.counted_on = clock.stopped_on
    if clock.pk:  # else it has begun in this very act and is written whole
        clock.save(update_fields=["stopped_at", "stopped_on", "counted_on", "ended_by", "user", "met"])
    return clock


def freeze(term: Term, at: datetime, ended_by: str, user: User | None, office: Office) -> None:
    """Stop a running term of a case or a complaint: whether it was met, and the office's day (the caller saves)."""
    term.stopped_at, term.stopped_on, term.ended_by, term.user = at, office_day(office, at), ended_by, user
    term.met = None if term.due_at is None else at <= term.due_at


def office_day(office: Office, at: datetime) -> date:
    """The calendar day of `at` on the office's wall."""
    return timezone.localdate(at, ZoneInfo(office.time_zone))


def keep(case: Case) -> None:
    """Write the clocks that an act began, and set the case's nearest due moment (the caller saves the case)."""
    rows = clocks_of(case)
    Clock.objects.bulk_create([clock for clock in rows if not clock.pk])
    case.due_at = min((clock.due_at for clock in rows if clock.due_at and clock.stopped_at is None), default=None)


def recompute_open(clocks: Iterable[Clock] | None = None) -> int:
    """Compute the open clocks anew after a change of the calendar; closed ones stay. Gives the number that moved."""
    changed = []
    for move in moved_by(open_clocks() if clocks is None else clocks):
        set_due(move.clock, move.due())
        changed.append(move.clock)
    save_moved(changed)
    return len(changed)


@dataclass(frozen=True, slots=True)
class Moved:
    """An open clock with the moment at which it would be due; `due` makes the sum behind it."""

    clock: Clock
    instant: datetime
    term: TermNorm
    around: tuple[WorkCalendar, Pauses, Runs]

    def due(self) -> Due:
        """The moment with its sum."""
        return due(self.clock.started_at, self.term, *self.around)


def moved_by(clocks: Iterable[Clock], calendars: Calendars = calendar_of) -> Iterator[Moved]:
    """The open clocks that `calendars` (those in force by default) would make due at another moment."""
    for clock in clocks:
        term = _term(clock)
        if term is None or clock.trace[:1] == [] or clock.trace[0]["kind"] == "returned":
            continue
        around = _surroundings(clock, calendars)
        # The instant alone is quick; the sum is made only for those that are written.
        instant = due_instant(clock.started_at, term, *around)
        if instant != clock.due_at:
            yield Moved(clock, instant, term, around)


def save_moved(clocks: list[Clock]) -> None:
    """Keep the new due moments of clocks, and the nearest one of each of their cases."""
    _write(clocks, ("due_at", "unmoved_on", "counted_on", "trace"))
    running = Clock.objects.filter(case=OuterRef("pk"), stopped_at=None).order_by()
    nearest = Subquery(running.values("case").annotate(nearest=Min("due_at")).values("nearest"))
    cases = sorted({clock.case_id for clock in clocks})
    for start in range(0, len(cases), 500):
        Case.objects.everywhere("due moments of clocks moved before").filter(pk__in=cases[start : start + 500]).update(
            due_at=nearest
        )


def _write(clocks: list[Clock], names: tuple[str, ...]) -> None:
    """Save some columns of many clocks: one prepared statement run for each row, many times quicker than bulk_update's CASE."""
    if not clocks:
        return
    writer = connections[router.db_for_write(Clock)]
    quote, fields = writer.ops.quote_name, [field for field in Clock._meta.concrete_fields if field.name in names]
    columns = ", ".join(f"{quote(str(field.column))} = %s" for field in fields)
    statement = f"UPDATE {quote(Clock._meta.db_table)} SET {columns} WHERE {quote('id')} = %s"  # noqa: S608
    rows = [
        (*(field.get_db_prep_save(getattr(clock, field.attname), writer) for field in fields), clock.pk)
        for clock in clocks
    ]
    # All rows or none, as bulk_update does.
    with transaction.atomic(using=writer.alias, savepoint=False), writer.cursor() as cursor:
        cursor.executemany(statement, rows)


def open_clocks(offices: Collection[int] | None = None) -> Iterable[Clock]:
    """The clocks that run towards a due moment, of some offices or (None) of all.

    What many of them share, such as the edition, is read once a chunk and not with every row.
    """
    shared = ("edition", "case__edition", "case__office", "case__centre", "office", "step")
    all_rows = Clock.objects.everywhere("a change of the calendar concerns all")
    rows = all_rows if offices is None else all_rows.of_offices(offices)
    running = rows.filter(Q(stopped_at=None), ~Q(due_at=None)).select_related("case").prefetch_related(*shared)
    clocks: Iterable[Clock] = running.iterator(2000)
    return clocks


def _term(clock: Clock) -> TermNorm | None:
    if clock.kind == ClockKind.STEP:
        return clock.step.term if clock.step else None
    norm = overall_norm(clock.case)
    return norm.term if norm else None


def _due(clock: Clock, term: TermNorm) -> Due:
    return due(clock.started_at, term, *_surroundings(clock))


def _surroundings(clock: Clock, calendars: Calendars = calendar_of) -> tuple[WorkCalendar, Pauses, Runs]:
    """The calendar of the office whose clock it is, no pauses (the acts here know none), and a centre's runs."""
    # An edition's own hours are the department's; the centre works by its own.
    hours: dict[str, Any] | None = clock.edition.hours if clock.office_id == clock.case.office_id else None
    runs: Runs = ()
    if clock.step is not None and clock.step.transition in _RUNS:
        runs = runs_of(getattr(clock.office, _RUNS[clock.step.transition]))
    return calendars(clock.office, hours), (), runs


def set_due(clock: Term, found: Due) -> None:
    """Take over a due moment with its sum (the caller saves)."""
    clock.due_at, clock.unmoved_on = found.instant, found.unmoved
    if isinstance(clock, Clock) and clock.kind == ClockKind.OVERALL:
        clock.counted_on = office_day(clock.office, found.instant)
    clock.trace = [line.as_dict() for line in found.trace]
