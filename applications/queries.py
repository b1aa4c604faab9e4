"""Readings for pages: what may be done on a case now, how near its due moment is, journals and search."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.core.cache import cache
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from applications import acts, clock
from applications.acts import Act
from applications.casework import can_move, power_for, step_for
from applications.models import Case, Clock, ClockKind, Event, EventChain, Person
from applications.querysets import works_alone
from applications.search import named
from applications.workflow import State
from offices.calendars import calendar_of
from offices.models import Office
from offices.policy import Staff
from offices.text import fold
from offices.vault import keyed_hash
from services.models import Edition
from services.queries import steps_of
from services.workflow import StepTransition, Trigger

# In the order in which the page offers them: first what moves the case on.
_OFFERED: dict[str, Act] = {
    "take_in_again": acts.REGISTER,
    "register": acts.REGISTER,
    "assign": acts.ASSIGN,
    "record_commission": acts.RECORD_COMMISSION,
    "prepare": acts.PREPARE,
    "sign": acts.SIGN,
    "enter_in_record_book": acts.ENTER,
    "hand_over": acts.HAND_OVER,
    "hand_out_at_centre": acts.HAND_OUT,
    "tell": acts.TELL,
    "return_for_rework": acts.RETURN,
    "reassign": acts.REASSIGN,
    "attach": acts.ATTACH,
    "withdraw": acts.WITHDRAW,
    "annul": acts.ANNUL,
}


def possible_acts(case: Case, staff: Staff) -> list[str]:
    """The acts that this person may do on this case now, the one that moves it on first."""
    return [name for name, act in _OFFERED.items() if _fits(name, case) and _may(name, act, case, staff)]


def _fits(name: str, case: Case) -> bool:
    state = case.state
    if name in ("take_in_again", "register"):
        return bool(state == (State.INCOMPLETE if name == "take_in_again" else State.DISPATCHED))
    if name == "record_commission":
        norm = clock.overall_norm(case)
        waits = norm is not None and norm.trigger == Trigger.COMMISSION_DECISION and case.commission_at is None
        return waits and state == State.ASSIGNED
    if name == "reassign":
        return bool(state == State.ASSIGNED)
    if name == "attach":
        return case.is_open
    if name == "tell":
        return state in (State.RECORDED, State.READY_AT_CENTRE)
    return can_move(case, _OFFERED[name])


def _may(name: str, act: Act, case: Case, staff: Staff) -> bool:
    if name == "take_in_again" and case.centre_id:
        act = acts.AT_WINDOW
    if name == "tell" and case.state == State.READY_AT_CENTRE:
        act = acts.TELL_FROM_CENTRE
    if power_for(act, case, step_for(act, case), staff) is None:
        return False
    return name != "sign" or not prepared_it(case, staff)


def prepared_it(case: Case, staff: Staff) -> bool:
    """Whether the person prepared the paper that waits for signature, and somebody else can sign it."""
    # Out of what the case page has fetched already.
    decision = max(case.decisions.all(), key=lambda row: row.pk, default=None)
    own = decision is not None and decision.prepared_by_id == staff.user.pk
    return own and not works_alone(case.office_id, staff.user)


@dataclass(frozen=True)
class Badge:
    """A due moment in words: `kind` is ok, soon, late, met or none."""

    kind: str
    words: str
    at: datetime | None = None


def due_badge(due_at: datetime | None, now: datetime, office: Office) -> Badge:
    """How near a due moment is, in working time of the office: the warning comes a working day ahead of the end."""
    if due_at is None:
        return Badge("none", _("no term in the act"))
    calendar = calendar_of(office, for_show=True)
    if due_at < now:
        return Badge("late", _("late by %(time)s") % {"time": _span(calendar.minutes_between(due_at, now))}, due_at)
    left = calendar.minutes_between(now, due_at)
    kind = "soon" if left <= MINUTES_OF_A_DAY else "ok"
    return Badge(kind, _("%(time)s left") % {"time": _span(left)}, due_at)


MINUTES_OF_A_DAY = 480


def _span(minutes: int) -> str:
    """Working minutes in words: days from one working day on, else hours and minutes."""
    if minutes >= MINUTES_OF_A_DAY:
        days = minutes // MINUTES_OF_A_DAY
        return ngettext("%(n)d working day", "%(n)d working days", days) % {"n": days}
    return _("%(hours)d h %(minutes)02d min") % {"hours": minutes // 60, "minutes": minutes % 60}


def desks(
    staff: Staff, *, at_window: bool, office: int | None = None, edition: int | None = None
) -> Iterator[tuple[Office, Edition]]:
    """The editions under which the person may take applications in, by office; at a window those that come through a centre.

    `office`, `edition`: of that one only.
    """
    transition = StepTransition.ACCEPT_AT_WINDOW if at_window else StepTransition.REGISTER
    day = timezone.localdate()
    centres = staff.offices("centre_inspector")
    offices = (
        Office.objects.filter(centres__in=centres).distinct()
        if at_window
        else Office.objects.filter(pk__in=staff.offices())
    )
    for place in offices.in_order() if office is None else offices.filter(pk=office):
        offered = Edition.objects.offered(place.pk, day)
        for row in offered if edition is None else offered.filter(pk=edition):
            step = next((step for step in steps_of(row) if step.transition == transition), None)
            if step and (at_window or step.unit in _units(staff, place.pk)):
                yield place, row


def all_desks(staff: Staff) -> list[tuple[Office, Edition, Office | None]]:
    """Where the person takes applications in: office, edition, and the service centre where it is at a window of one."""
    found: list[tuple[Office, Edition, Office | None]] = [
        (office, edition, None) for office, edition in desks(staff, at_window=False)
    ]
    for centre in Office.objects.filter(pk__in=staff.offices("centre_inspector")):
        served = set(centre.serves.all())
        found += [(office, edition, centre) for office, edition in desks(staff, at_window=True) if office in served]
    return found


def other_versions(edition: Edition) -> list[Edition]:
    """The other published versions of an edition, the newest first; asked for only where `offered` says that there are any."""
    if not getattr(edition, "has_others", True):
        return []
    rows = Edition.objects.published().filter(code=edition.code).exclude(pk=edition.pk)
    return list(rows.select_related("service", "decree").order_by("-version"))


def _units(staff: Staff, office_id: int) -> set[str]:
    return {power.role for power in staff.powers if power.office_id == office_id}


JOURNALS = {"registration": ("register", "accept_at_window"), "record": ("enter_in_record_book",)}


def journal(book: str, staff: Staff, *, start: date | None, end: date | None, edition: int | None) -> QuerySet[Event]:
    """The journal of registration or the record book: a view of the events, the newest first."""
    visible = Case.objects.visible_to(staff).values("pk")
    rows = Event.objects.filter(kind__in=JOURNALS[book], case__in=visible)
    if start:
        rows = rows.filter(happened_at__date__gte=start)
    if end:
        rows = rows.filter(happened_at__date__lte=end)
    if edition:
        rows = rows.filter(case__edition_id=edition)
    return rows.select_related("case__person", "case__edition__service", "case__office", "actor").order_by("-pk")


def journal_lines(events: Iterable[Event], staff: Staff) -> Iterator[list[Any]]:
    """Lines of a journal for export, the head line first; last the heads of the offices' chains, which so leave the database."""
    yield [
        _("Number"),
        _("Date"),
        _("Applicant"),
        _("IIN"),
        _("Service"),
        _("Office"),
        _("Recorded by"),
        _("State"),
        _("Due"),
    ]
    for event in events:
        case = event.case
        if case is not None:
            due = case.due_at
            yield [
                event.payload.get("number", ""), _local(event.happened_at), case.person.full_name, case.person.masked_iin,
                case.edition.service.name, case.office.name, event.actor.get_full_name() if event.actor else "",
                case.get_state_display(), _local(due) if due else "",
            ]  # fmt: skip
    chains = EventChain.objects.filter(office__in=staff.offices(), seq__gt=0).order_by("office__key")
    for key, seq, head in chains.values_list("office__key", "seq", "head"):
        yield [_("Record of events"), key, seq, head]


def persons_with(identifier: str) -> set[int]:
    """The persons who bear the IIN or the old identifier, with the rows merged into theirs. Index look-ups only."""
    iin, old = keyed_hash("".join(identifier.split())), keyed_hash(fold(identifier))
    if not iin:
        return set()
    everybody = Person.objects.everywhere("an identifier finds its person; what is shown of him is scoped")
    pairs = everybody.filter(Q(iin_hash=iin) | Q(old_hash=old)).values_list("pk", "merged_into")
    found = {pk for pair in pairs for pk in pair if pk}
    return found | set(everybody.filter(merged_into__in=found).values_list("pk", flat=True))


def search(text: str, staff: Staff) -> QuerySet[Case]:
    """Cases the person may see, by number, by IIN or by parts of the applicant's name."""
    seen: QuerySet[Case] = Case.objects.visible_to(staff).for_list().order_by("-pk")
    text = text.strip()
    if any(character.isdigit() for character in text):
        number, persons = text.upper(), persons_with(text)
        # Each by its own index; put together in one condition, SQLite would walk through all cases in the order of the list.
        wanted = [Q(number=number), Q(centre_number=number), *([Q(person__in=persons)] if persons else [])]
        every = Case.objects.everywhere("index look-ups for a search; what is found is shown by visible_to")
        found = {pk for one in wanted for pk in every.filter(one).order_by().values_list("pk", flat=True)}
        return seen.filter(pk__in=found)
    return seen.filter(named(text))


def _local(at: datetime) -> str:
    return date_format(timezone.localtime(at), "d.m.Y H:i")


_YEAR, _HOUR = timedelta(days=365), 3600
_FEW = 20
_MOST_MEASURED = 5000


@dataclass(frozen=True)
class UsualTime:
    """How many calendar days people waited for the answer: half of them at most `half`, nine of ten `nine_tenths`."""

    cases: int
    half: int
    nine_tenths: int


def usual_time(edition: Edition, now: datetime) -> UsualTime | None:
    """The usual time of an edition: its overall clocks that ended in the twelve months before `now` (the newest 5000).

    None under twenty cases: a few people's waiting tells nothing, and tells on them. Kept for an hour a process.
    """
    key = f"usual-time:{edition.pk}"
    kept: tuple[UsualTime | None] | None = cache.get(key)
    if kept is None:
        kept = (_measured(edition, now),)
        cache.set(key, kept, _HOUR)
    return kept[0]


def _measured(edition: Edition, now: datetime) -> UsualTime | None:
    everywhere = Clock.objects.everywhere("the usual time of a service, for everybody to know")
    ended = everywhere.filter(edition=edition, kind=ClockKind.OVERALL, stopped_on__isnull=False)
    ended = ended.filter(stopped_on__gt=timezone.localdate(now - _YEAR), stopped_on__lte=timezone.localdate(now))
    rows = ended.exclude(ended_by__in=("withdraw", "annul")).order_by("-stopped_on", "-pk")
    moments = rows.values_list("started_at", "stopped_on")[:_MOST_MEASURED]
    days = sorted((stopped - timezone.localdate(started)).days for started, stopped in moments if stopped)
    if len(days) < _FEW:
        return None
    return UsualTime(len(days), *(days[math.ceil(share * len(days)) - 1] for share in (0.5, 0.9)))
