"""The terms of a complaint: when it counts as registered, what runs from there, and how far a term can be extended."""

from __future__ import annotations

import calendar as months
from datetime import date, datetime

from django.db.models import Min
from django.utils import timezone

from applications.clock import freeze, set_due
from complaints.models import Complaint, ComplaintTerm, TermKind
from complaints.models.regime import Extension
from offices.calendars import calendar_of
from offices.models import Office, User
from services.deadlines import Norm, Unit, due

_DAY_WORDS = {"kk": "Мерзім ұзартылды", "ru": "Срок продлён", "en": "Term extended"}


def registration_moment(office: Office, received_at: datetime) -> datetime:
    """When a complaint received at `received_at` is registered: that day; after hours or on a day off the next working day."""
    calendar = calendar_of(office)
    received = calendar.local(received_at)
    day = received.date()
    if calendar.is_working_day(day) and received <= calendar.closing(day):
        return received_at
    return calendar.opening(calendar.next_working_day(day))


def start(
    complaint: Complaint, kind: TermKind, at: datetime, norm: Norm | None, office: Office | None = None
) -> ComplaintTerm | None:
    """Start a term of the complaint at `at`, in the days of `office` (who considers it); None where the law sets none."""
    if norm is None:
        return None
    term = ComplaintTerm(complaint=complaint, kind=kind, office=office or complaint.office, started_at=at)
    set_due(term, due(at, norm, calendar_of(term.office)))
    term.save()
    return term


def start_until(complaint: Complaint, kind: TermKind, at: datetime, day: date) -> ComplaintTerm:
    """Start a term that an official has set: it lasts until the closing of `day`."""
    term = ComplaintTerm(complaint=complaint, kind=kind, office=complaint.office, started_at=at)
    term.due_at = _closing(complaint.office, day)
    term.save()
    return term


def running(complaint: Complaint, kind: TermKind) -> ComplaintTerm | None:
    """The open term of that kind."""
    return ComplaintTerm.objects.filter(complaint=complaint, kind=kind, stopped_at=None).first()


def main_term(complaint: Complaint) -> ComplaintTerm | None:
    """The term within which this body must answer: where it may only grant in full or pass on, the term of passing on."""
    return running(complaint, TermKind.ANSWER) or running(complaint, TermKind.FORWARD)


def stop(complaint: Complaint, kind: TermKind, at: datetime, ended_by: str, user: User | None) -> ComplaintTerm | None:
    """Stop the open term of `kind` and note whether it was met; None if none is open."""
    term = running(complaint, kind)
    if term is None:
        return None
    freeze(term, at, ended_by, user, complaint.office)
    term.save()
    return term


def stop_all(
    complaint: Complaint, at: datetime, ended_by: str, user: User | None, *, but: tuple[str, ...] = ()
) -> None:
    """Stop every open term but those of the kinds in `but`."""
    for kind in TermKind:
        if kind not in but:
            stop(complaint, kind, at, ended_by, user)


def start_at_registration(complaint: Complaint) -> None:
    """What runs from the registration by the regime: the answer; where the body may only grant in full, passing on."""
    if complaint.regime.goes_higher and complaint.at_the_body_complained_of:
        start(complaint, TermKind.FORWARD, complaint.registered_at, complaint.regime.norm("forward"))
        return
    start(complaint, TermKind.ANSWER, complaint.registered_at, complaint.regime.norm("term"))


def latest_extension(complaint: Complaint, extension: Extension) -> date | None:
    """The last day to which the term of the answer may be extended; None when no such term runs."""
    term = running(complaint, TermKind.ANSWER)
    if term is None or term.due_at is None:
        return None
    begins = complaint.registered_at if extension.counted_from == "registration" else term.first_due_at or term.due_at
    if extension.unit == "month":
        return _months_later(timezone.localdate(begins), extension.amount)
    norm = Norm(extension.amount, Unit(extension.unit), roll=False)
    return timezone.localdate(due(begins, norm, calendar_of(complaint.office)).instant)


def extend(complaint: Complaint, day: date, at: datetime) -> ComplaintTerm:
    """Let the term of the answer last until the closing of `day`; the first due moment is kept. ValueError if none runs."""
    term = running(complaint, TermKind.ANSWER)
    if term is None or term.due_at is None:
        raise ValueError("no term of the answer is running")
    term.first_due_at = term.first_due_at or term.due_at
    term.due_at = _closing(complaint.office, day)
    words = {"kind": "extended", "at": at.isoformat(), "date": f"{day:%Y-%m-%d}", "reason": _DAY_WORDS}
    term.trace = [*term.trace, words]
    term.save(update_fields=["first_due_at", "due_at", "trace"])
    return term


def refresh_due(complaint: Complaint) -> None:
    """Set the nearest due moment from the open terms that are the office's own to keep (the caller saves)."""
    theirs = (TermKind.REPAIR, TermKind.OBJECTION)
    open_terms = ComplaintTerm.objects.filter(complaint=complaint, stopped_at=None).exclude(kind__in=theirs)
    complaint.due_at = open_terms.aggregate(nearest=Min("due_at"))["nearest"]


def recompute_open(offices: frozenset[int | None] = frozenset({None})) -> int:
    """Count the open terms of these offices anew after a change of days (None: all). Those set or extended by hand stay."""
    rows = (
        ComplaintTerm.objects.everywhere("a change of the calendar concerns all")
        .filter(stopped_at=None, first_due_at=None)
        .exclude(trace=[])
    )
    if None not in offices:
        rows = rows.filter(office_id__in=[office for office in offices if office is not None])
    moved = []
    for term in rows.select_related("office", "complaint__regime", "complaint__office"):
        norm = _norm_of(term)
        found = due(term.started_at, norm, calendar_of(term.office)) if norm else None
        if found and found.instant != term.due_at:
            set_due(term, found)
            moved.append(term)
    ComplaintTerm.objects.bulk_update(moved, ["due_at", "unmoved_on", "trace"], batch_size=500)
    for complaint in {term.complaint_id: term.complaint for term in moved}.values():
        refresh_due(complaint)
        Complaint.objects.anew(complaint).update(due_at=complaint.due_at)
    return len(moved)


def _norm_of(term: ComplaintTerm) -> Norm | None:
    regime = term.complaint.regime
    if term.kind == TermKind.OBJECTION:
        return regime.hearing[1] if regime.hearing else None
    if term.kind == TermKind.NOTICE:
        return next((row.notice for row in regime.extensions if row.notice), None)
    names: dict[str, str] = {TermKind.ANSWER: "term", TermKind.FORWARD: "forward", TermKind.EXECUTION: "execution"}
    return regime.norm(names[term.kind]) if term.kind in names else None


def _closing(office: Office, day: date) -> datetime:
    calendar = calendar_of(office)
    worked = calendar.on_or_after(day)
    return calendar.closing(worked)


def _months_later(day: date, amount: int) -> date:
    year, month = divmod(day.year * 12 + day.month - 1 + amount, 12)
    return date(year, month + 1, min(day.day, months.monthrange(year, month + 1)[1]))
