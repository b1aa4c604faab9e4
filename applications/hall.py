"""The acts of the waiting hall, one function each: talon, call, end, passing on, and the case a visit leads to.

Each is one transaction with its event. A form sent twice changes nothing, by the state it was made for: a talon by its key,
a call by the window's `turn`, a repeated call by the visit's `calls`, an ending by the ending itself. What two windows want
at once one of them gets: every change is a conditional update.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from applications.casework import ActRefused, append_event
from applications.models import Case, HallWindow, Outcome, Purpose, Visit
from applications.numbering import next_in_queue
from applications.waiting import closing_of, editions_here
from offices.models import Office
from offices.policy import Power, Staff
from offices.workflow import Role
from services.models import Edition

HALL_ROLES = (Role.CLERK, Role.EXECUTOR, Role.CENTRE_INSPECTOR)
# Whoever is at a window at closing time is served to the end; after that nobody will record an end any more.
_GRACE = timedelta(hours=1)


def issue(
    office: Office,
    *,
    purpose: Purpose,
    edition: Edition | None = None,
    key: uuid.UUID,
    by: Staff | None,
    at: datetime,
) -> Visit:
    """Give a visitor the next number of the day. `by` is None where he takes it himself at a tablet of the hall.

    `key` is the form's: sent again it gives the same talon. Raises ActRefused: 403 not this person's office, 400 a service
    that the office does not provide, 409 the key of another office's talon.
    """
    power = _power(by, office.pk) if by else None
    with transaction.atomic():
        if done := _given(key):
            return _same(done, office)
        if edition is not None and edition not in editions_here(office, timezone.localdate(at)):
            raise ActRefused(_("The office does not provide this service."), status=400, field="edition")
        day = timezone.localdate(at)
        number = next_in_queue(office, day)
        # Two of the same form at once: the second waited for the number above, and finds the first one's talon here.
        if done := _given(key):
            transaction.set_rollback(True)
            return _same(done, office)
        visit: Visit = Visit.objects.create(
            key=key, office=office, day=day, number=number, purpose=purpose, edition=edition, issued_at=at,
            issued_by=by.user if by else None,
        )  # fmt: skip
        _log("visit_issued", visit, power, by, at, purpose=str(purpose), edition=edition.code if edition else "")
        return visit


def call_next(window: HallWindow, *, turn: int, by: Staff, at: datetime) -> Visit | None:
    """Call the visitor whose turn it is to the window; None when nobody waits for it.

    `turn` is the window's as the page showed it: the same form again gives whom it called. Raises ActRefused: 403 another
    office's window, 409 while a visitor still stands at it.
    """
    power = _power(by, window.office_id)
    with transaction.atomic():
        if not HallWindow.objects.filter(pk=window.pk, turn=turn, active=True).update(turn=F("turn") + 1):
            called: Visit | None = Visit.objects.filter(window=window).order_by("-last_called_at", "-pk").first()
            return called
        if Visit.objects.at_windows().filter(window=window).exists():
            raise ActRefused(_("A visitor is still at your window. Say first how the visit ended."))
        visit: Visit | None = None
        while visit is None or not _take(visit, window, at):
            visit = Visit.objects.waiting_for(window).first()
            if visit is None:
                return None
        _log("visit_called", visit, power, by, at, window=window.number)
        return visit


def call_again(visit: Visit, *, calls: int, by: Staff, at: datetime) -> Visit:
    """Call the visitor at a window once more. `calls` is the number of calls that the page showed."""
    power = _power(by, visit.office_id)
    with transaction.atomic():
        standing = Visit.objects.anew(visit).filter(ended_at=None, window__isnull=False, calls=calls)
        if standing.update(calls=F("calls") + 1, last_called_at=at):
            _log("visit_called_again", visit, power, by, at)
    return _fresh(visit)


def finish(visit: Visit, *, outcome: Outcome, by: Staff, at: datetime) -> Visit:
    """Say how the visit ended. Served and "did not come" need a call; who leaves may also leave uncalled.

    Raises ActRefused: 403 another office's visitor, 409 when it has ended in another way or was not called.
    """
    power = _power(by, visit.office_id)
    with transaction.atomic():
        open_visit = Visit.objects.anew(visit).filter(ended_at=None)
        if outcome != Outcome.LEFT:
            open_visit = open_visit.filter(window__isnull=False)
        fields: dict[str, Any] = {"ended_at": at, "outcome": outcome}
        if not open_visit.update(**fields):
            now = _fresh(visit)
            if now.outcome == outcome:
                return now
            raise _moved_on(now)
        # Who was never called has waited until now.
        waited = _seconds(visit.issued_at, at)
        Visit.objects.anew(visit).filter(called_at=None).update(waited=waited)
        _log("visit_ended", visit, power, by, at, outcome=str(outcome))
    return _fresh(visit)


def pass_on(visit: Visit, *, window: HallWindow, by: Staff, at: datetime) -> Visit:
    """Send the visitor at a window back to the hall, to be called by another window of the office before all others."""
    power = _power(by, visit.office_id)
    if window.office_id != visit.office_id or not window.active:
        raise ActRefused(_("This window is not in work."), status=400, field="window")
    with transaction.atomic():
        standing = Visit.objects.anew(visit).filter(ended_at=None, window__isnull=False).exclude(window=window)
        if standing.update(window=None, sent_to=window):
            _log("visit_passed_on", visit, power, by, at, window=window.number)
            return _fresh(visit)
    now = _fresh(visit)
    if now.sent_to_id == window.pk and now.window_id is None:
        return now
    raise _moved_on(now)


def attach(visit: Visit, *, case: Case, by: Staff, at: datetime) -> Visit:
    """Tie the visitor at a window to a case of the office: the one whose result he collects, or whose papers he brings.

    Raises ActRefused: 403 another office's visitor, 400 a case of another office, 409 when it leads to another case.
    """
    power = _power(by, visit.office_id)
    with transaction.atomic():
        if not tie(visit, case):
            now = _fresh(visit)
            if now.case_id == case.pk:
                return now
            raise _moved_on(now)
        _log("visit_attached", visit, power, by, at, case=case, number=visit.number)
    return _fresh(visit)


def tie(visit: Visit, case: Case) -> bool:
    """Let the visit lead to `case`, inside the transaction of an act; False when it has ended or leads elsewhere already.

    The service is now the case's, whatever was chosen at the talon.
    """
    if visit.office_id not in (case.office_id, case.centre_id):
        raise ActRefused(_("This visitor waits in another office."), status=400)
    rows = Visit.objects.anew(visit).filter(ended_at=None, window__isnull=False, case=None)
    return bool(rows.update(case=case, edition=case.edition))


def close_day(at: datetime, *, offices: Iterable[Office] | None = None) -> int:
    """End the visits of days that are over, as rows: who still waits has left unserved at closing time.

    Whom a window called and nobody took leave of has been served when a case came of it, else his end is unknown.
    Gives the number of visits ended; a second run finds none.
    """
    ended = 0
    rows = Visit.objects.everywhere("days end in all halls").filter(ended_at=None).select_related("office")
    if offices is not None:
        rows = rows.filter(office__in=offices)
    for visit in rows.order_by("office", "pk"):
        closing = closing_of(visit.office, visit.day)
        if at < closing + (_GRACE if visit.day == timezone.localdate(at) else timedelta()):
            continue
        with transaction.atomic():
            ended += _end_by_itself(visit, closing, at)
    return ended


def _end_by_itself(visit: Visit, closing: datetime, at: datetime) -> bool:
    end = max(closing, visit.issued_at, visit.last_called_at or visit.issued_at)
    outcome = Outcome.LEFT
    if visit.called_at:
        outcome = Outcome.SERVED if visit.case_id else Outcome.UNKNOWN
    waited = visit.waited if visit.called_at else _seconds(visit.issued_at, end)
    # As it was read: a visitor called meanwhile is left to the next run.
    same = Visit.objects.anew(visit).filter(ended_at=None, window=visit.window_id, called_at=visit.called_at)
    if not same.update(ended_at=end, outcome=outcome, waited=waited):
        return False
    _log("visit_closed", visit, None, None, at, outcome=str(outcome))
    return True


def _take(visit: Visit, window: HallWindow, at: datetime) -> bool:
    """Whether the window got the visitor; another one may have been quicker."""
    fields: dict[str, Any] = {"window": window, "sent_to": None, "last_called_at": at, "calls": F("calls") + 1}
    if visit.called_at is None:
        fields |= {"called_at": at, "waited": _seconds(visit.issued_at, at)}
    waiting = Visit.objects.anew(visit).filter(window=None, ended_at=None, sent_to=visit.sent_to_id)
    if not waiting.update(**fields):
        return False
    visit.refresh_from_db()
    return True


def _seconds(start: datetime, end: datetime) -> int:
    return max(0, int((end - start).total_seconds()))


def _power(by: Staff, office_id: int) -> Power:
    power = by.power(office_id, HALL_ROLES)
    if power is None:
        raise ActRefused(_("The waiting hall belongs to another role or office."), status=403)
    return power


def _same(visit: Visit, office: Office) -> Visit:
    if visit.office_id != office.pk:
        raise ActRefused(_("This form was already sent with other contents. Open the page again."))
    return visit


def _fresh(visit: Visit) -> Visit:
    found: Visit = Visit.objects.for_list().anew(visit).get()
    return found


def _given(key: uuid.UUID) -> Visit | None:
    found: Visit | None = Visit.objects.everywhere("a form's own random key finds its talon").filter(key=key).first()
    return found


def _moved_on(visit: Visit) -> ActRefused:
    if visit.ended_at:
        words = {"number": str(visit), "outcome": visit.get_outcome_display()}
        return ActRefused(_("The visit %(number)s has ended already: %(outcome)s.") % words)
    if visit.window_id is None:
        return ActRefused(_("The visitor %(number)s is not at a window.") % {"number": visit})
    return ActRefused(_("The visit %(number)s belongs to another case or window already.") % {"number": visit})


def _log(
    kind: str,
    visit: Visit,
    power: Power | None,
    by: Staff | None,
    at: datetime,
    *,
    case: Case | None = None,
    **payload: Any,
) -> None:
    append_event(
        kind,
        office=Office(pk=visit.office_id),
        recorded_at=at,
        case=case,
        subject=f"visit:{visit.pk}",
        actor=by.user if by else None,
        acting_for_id=power.acting_for_id if power else None,
        payload={"number": visit.number, **payload},
    )
