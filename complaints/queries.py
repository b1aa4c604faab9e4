"""Readings of complaints: what may be done, journal, search, and what the indicators count.

The indicators' functions take an office (the one complained of), an edition (None: all) and a period of office dates, both ends
inclusive. They give rows, so that a figure opens to its complaints by the query that counted it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, datetime
from typing import Any

from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from applications.casework import ActRefused, can_move
from applications.models import Event
from applications.queries import persons_with
from applications.search import named
from complaints import acts, clock
from complaints.acts import Act
from complaints.casework import may_sign_own, power_for
from complaints.models import Complaint, TermKind
from complaints.workflow import ANSWER_GIVEN, BEFORE_THE_ANSWER, State
from offices.models import Office
from offices.policy import Staff
from offices.text import fold
from services.models import Edition

# In the order in which the page offers them: first what moves the complaint on.
_OFFERED: dict[str, Act] = {
    "take_over": acts.TAKE_OVER,
    "assign": acts.ASSIGN,
    "consider": acts.CONSIDER,
    "answer": acts.ANSWER,
    "complete": acts.COMPLETE,
    "record_answer": acts.RECORD_ANSWER,
    "tell": acts.TELL,
    "deliver": acts.DELIVER,
    "remedy": acts.REMEDY,
    "execute": acts.EXECUTE,
    "preliminary": acts.PRELIMINARY,
    "objection": acts.OBJECTION,
    "forward": acts.FORWARD,
    "extend": acts.EXTEND,
    "tell_extension": acts.TELL_EXTENSION,
    "ask": acts.ASK_FOR_MISSING,
    "send_back": acts.SEND_BACK,
    "return_for_rework": acts.RETURN,
    "reassign": acts.REASSIGN,
    "attach": acts.ATTACH,
    "withdraw": acts.WITHDRAW,
}


def possible_acts(complaint: Complaint, staff: Staff) -> list[str]:
    """The acts that this person may do on this complaint now, the one that moves it on first."""
    return [name for name, act in _OFFERED.items() if _fits(name, act, complaint) and _may(name, act, complaint, staff)]


def _fits(name: str, act: Act, row: Complaint) -> bool:
    own_rule = {
        "take_over": lambda: row.state == State.FORWARDED and not row.forwarded_to,
        "record_answer": lambda: row.state == State.FORWARDED and bool(row.forwarded_to),
        "assign": lambda: row.state == State.REGISTERED and not goes_up(row),
        "remedy": lambda: row.state in ANSWER_GIVEN and row.open_remedy and row.remedy_at is None,
        "execute": lambda: row.state in ANSWER_GIVEN and row.open_remedy and row.remedy_at is not None,
        "preliminary": lambda: row.state == State.ASSIGNED and row.regime.hearing is not None,
        "objection": lambda: row.preliminary_at is not None and row.answer_pending,
        "extend": lambda: row.answer_pending and bool(row.regime.extensions) and _runs(row, TermKind.ANSWER),
        "tell_extension": lambda: _runs(row, TermKind.NOTICE),
        "ask": lambda: row.state == State.REGISTERED and row.regime.data.get("repair") is not None,
        "send_back": lambda: row.state == State.INCOMPLETE or _anonymous(row),
        "reassign": lambda: row.state == State.ASSIGNED,
        "attach": lambda: row.is_open,
        "deliver": lambda: row.state in (State.ANSWERED, State.TOLD),
    }.get(name)
    return own_rule() if own_rule else can_move(row, act)


def _runs(row: Complaint, kind: TermKind) -> bool:
    # Out of what the page has fetched already.
    return any(term.kind == kind and term.stopped_at is None for term in row.clocks.all())


def _anonymous(row: Complaint) -> bool:
    return row.state == State.REGISTERED and row.person_id is None and row.regime.anonymous_not_considered


def _may(name: str, act: Act, row: Complaint, staff: Staff) -> bool:
    try:
        if power_for(act, row, None, staff) is None:
            return False
    except ActRefused:
        return False
    return name != "answer" or row.prepared_by_id != staff.user.pk or may_sign_own(row, staff.user)


def goes_up(complaint: Complaint) -> bool:
    """Whether the office that has it may not consider it at all, because its head is complained of."""
    return complaint.about_head and complaint.at_the_body_complained_of


def silence_since(complaint: Complaint) -> datetime | None:
    """When the term of the answer passed in silence, where the law takes that for a refusal; None otherwise."""
    if not complaint.answer_pending or not complaint.regime.silence_refuses:
        return None
    term = next((row for row in complaint.clocks.all() if row.kind == TermKind.ANSWER and row.stopped_at is None), None)
    return term.due_at if term and term.due_at and term.due_at < timezone.now() else None


# ------------------------------------------------------------------ journal and search


def journal(
    staff: Staff, *, start: date | None = None, end: date | None = None, kind: str = "", state: str = ""
) -> QuerySet[Complaint]:
    """The journal of registration, the newest first. `state`: open, late, substantiated, or all."""
    rows: QuerySet[Complaint] = Complaint.objects.visible_to(staff).for_list()
    if start:
        rows = rows.filter(registered_at__date__gte=start)
    if end:
        rows = rows.filter(registered_at__date__lte=end)
    if kind:
        rows = rows.filter(kind=kind)
    if state == "open":
        rows = rows.exclude(state__in=Complaint.closed_states)
    elif state == "late":
        rows = rows.filter(state__in=BEFORE_THE_ANSWER, due_at__lt=timezone.now())
    elif state == "substantiated":
        rows = rows.filter(substantiated=True, answered_at__isnull=False)
    return rows.order_by("-pk")


def journal_lines(rows: Iterable[Complaint]) -> Iterator[list[Any]]:
    """Lines of the journal for export, the head line first."""
    yield [
        _("Number"), _("Received"), _("Registered"), _("How it came"), _("Kind"), _("About"), _("Who complains"), _("IIN"),
        _("Office complained of"), _("Considered by"), _("State"), _("Due"), _("Substantiated"), _("Outcome"), _("Answered"),
    ]  # fmt: skip
    for row in rows:
        found = {True: _("yes"), False: _("no"), None: ""}[row.substantiated]
        yield [
            row.number, _local(row.received_at), _local(row.registered_at), row.get_way_display(), row.get_kind_display(),
            row.get_about_display(), row.person.full_name if row.person else _("anonymous"),
            row.person.masked_iin if row.person else "", row.about_office.name,
            row.forwarded_to or row.office.name, row.get_state_display(), _local(row.due_at), found, row.outcome_name,
            _local(row.answered_at),
        ]  # fmt: skip


def search(text: str, staff: Staff) -> QuerySet[Complaint]:
    """Complaints the person may see, by number, by the complainant's IIN or parts of his name."""
    seen: QuerySet[Complaint] = Complaint.objects.visible_to(staff).for_list().order_by("-pk")
    text = text.strip()
    if any(character.isdigit() for character in text):
        number = text.upper()
        return seen.filter(Q(number=number) | Q(first_number=number) | Q(person__in=persons_with(text)))
    for word in fold(text).split():
        seen = seen.filter(named(word))
    return seen


def events_of(complaint: Complaint) -> QuerySet[Event]:
    """What was done with it."""
    return Event.objects.filter(subject=complaint.subject).scoped()


def _local(at: datetime | None) -> str:
    return date_format(timezone.localtime(at), "d.m.Y H:i") if at else ""


# ------------------------------------------------------------------ what indicators count


def registered(office: Office, edition: Edition | None, start: date, end: date) -> QuerySet[Complaint]:
    """Complaints about the office that were registered in the period, whatever became of them (appeals are none)."""
    return _complaints(office, edition).filter(registered_at__date__range=(start, end))


def substantiated(office: Office, edition: Edition | None, start: date, end: date) -> QuerySet[Complaint]:
    """Those found substantiated by an answer of the period: the numerator of 4.1, the denominator of 4.2.

    Only one row a case: complaints about the same case are one, so that a case granted on complaint counts once.
    """
    found = _complaints(office, edition).filter(substantiated=True, answered_at__date__range=(start, end))
    again = found.exclude(case=None).order_by("case", "answered_at", "pk").values_list("pk", "case_id")
    seen: set[int] = set()
    doubles = [pk for pk, case_id in again if case_id in seen or seen.add(case_id)]  # type: ignore[func-returns-value]
    return found.exclude(pk__in=doubles)


def settled_in_time(office: Office, edition: Edition | None, start: date, end: date) -> QuerySet[Complaint]:
    """Substantiated ones that were considered and satisfied within the term: the numerator of 4.2."""
    return substantiated(office, edition, start, end).filter(in_time=True, satisfied__in=("full", "part"))


def people_who_complained(office: Office, edition: Edition | None, start: date, end: date) -> set[int]:
    """Keys of the persons who got an answer in the period: those whom the surveys of 4.3 and 4.4 ask."""
    answered = _complaints(office, edition).filter(answered_at__date__range=(start, end)).exclude(person=None)
    return set(answered.values_list("person_id", flat=True))


def _complaints(office: Office, edition: Edition | None) -> QuerySet[Complaint]:
    rows: QuerySet[Complaint] = Complaint.objects.filter(about_office=office).exclude(kind="appeal")
    return rows if edition is None else rows.filter(edition__code=edition.code)


def latest_day(complaint: Complaint, code: str) -> date | None:
    """The last day to which this extension may lengthen the term now."""
    rule = next((rule for rule in complaint.regime.extensions if rule.code == code), None)
    return clock.latest_extension(complaint, rule) if rule else None
