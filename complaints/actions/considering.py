"""Considering a complaint: a longer term, the hearing, what was found, the signed answer."""

from __future__ import annotations

from datetime import date, datetime

from django.utils import timezone
from django.utils.translation import gettext as _

from applications.casework import ActRefused
from complaints import acts, clock, notices
from complaints.actions.rules import (
    Token,
    check_hearing,
    check_home,
    find,
    only_in,
    to_be_carried_out,
)
from complaints.casework import Doing, may_sign_own, perform
from complaints.models import Complaint, TermKind
from complaints.workflow import State
from offices.policy import Staff


def extend(
    complaint: Complaint, *, extension: str, until: date, reason: str, by: Staff, at: datetime, token: Token = None
) -> Complaint:
    """Lengthen the term of the answer by a reasoned decision, as far as the law lets it. The person is told in its term."""

    def change(doing: Doing) -> None:
        row = doing.case
        rule = next((rule for rule in row.regime.extensions if rule.code == extension), None)
        if rule is None:
            raise ActRefused(_("The law does not let the term of this complaint be extended."), field="extension")
        if doing.power.role not in rule.by:
            raise ActRefused(_("Another official decides on an extension."), status=403)
        term, latest = clock.running(row, TermKind.ANSWER), clock.latest_extension(row, rule)
        if term is None or term.due_at is None or latest is None:
            raise ActRefused(_("No term of the answer is running."))
        if at > term.due_at:
            raise ActRefused(_("The term is over: it can no longer be extended."))
        if not timezone.localdate(term.due_at) < until <= latest:
            words = {"first": f"{timezone.localdate(term.due_at):%d.%m.%Y}", "last": f"{latest:%d.%m.%Y}"}
            message = _("The new day must come after %(first)s and not after %(last)s.") % words
            raise ActRefused(message, status=400, field="until")
        clock.extend(row, until, at)
        if rule.notice is not None:
            clock.stop(row, TermKind.NOTICE, at, "extend", doing.user)
            clock.start(row, TermKind.NOTICE, at, rule.notice)
        doing.payload.update(extension=extension, until=f"{until:%Y-%m-%d}", reason=reason)
        notices.notice(row, "extended", by=doing.user, at=at, text=reason, until=until)

    body = [extension, until, reason]
    return perform(acts.EXTEND, complaint, by=by, at=at, token=token, change=change, body=body)


def tell_extension(complaint: Complaint, *, how: str, by: Staff, at: datetime, token: Token = None) -> Complaint:
    """Record that the person was told of the extension."""

    def change(doing: Doing) -> None:
        if clock.stop(doing.case, TermKind.NOTICE, at, "told", doing.user) is None:
            raise ActRefused(_("There is no extension that the person has still to be told of."))
        doing.payload["how"] = how

    return perform(acts.TELL_EXTENSION, complaint, by=by, at=at, token=token, change=change, body=how)


def give_preliminary(
    complaint: Complaint, *, text: str, waived: bool = False, by: Staff, at: datetime, token: Token = None
) -> Complaint:
    """Give the person the preliminary decision before an unfavourable answer; `waived`: he asked not to be heard."""

    def change(doing: Doing) -> None:
        row = doing.case
        only_in(row, State.ASSIGNED)
        if row.regime.hearing is None:
            raise ActRefused(_("The law asks for no hearing here."))
        row.hearing_waived, doing.payload["waived"] = waived, waived
        if waived:
            return
        row.preliminary, row.preliminary_at = text, at
        clock.stop(row, TermKind.OBJECTION, at, "given again", doing.user)
        clock.start(row, TermKind.OBJECTION, at, row.regime.hearing[1])
        notices.notice(row, "preliminary", by=doing.user, at=at, text=text)

    return perform(acts.PRELIMINARY, complaint, by=by, at=at, token=token, change=change, body=[text, waived])


def record_objection(complaint: Complaint, *, text: str, by: Staff, at: datetime, token: Token = None) -> Complaint:
    """Keep what the person says to the preliminary decision. That it comes late is noted, not refused."""

    def change(doing: Doing) -> None:
        row = doing.case
        if row.preliminary_at is None or not row.answer_pending:
            raise ActRefused(_("There is no preliminary decision to object to."))
        row.objection = f"{row.objection}\n\n{text}".strip()
        term = clock.stop(row, TermKind.OBJECTION, at, "objection", doing.user)
        doing.payload["late"] = bool(term and term.met is False)

    return perform(acts.OBJECTION, complaint, by=by, at=at, token=token, change=change, body=text)


def consider(
    complaint: Complaint, *, substantiated: bool, outcome: str, text: str, by: Staff, at: datetime, token: Token = None
) -> Complaint:
    """Find it substantiated or not, choose the outcome from the law's list, and write the answer for signature."""

    def change(doing: Doing) -> None:
        found = find(doing, outcome, substantiated, text)
        check_home(doing.case, found)
        check_hearing(doing.case, found, at, only_given=True)
        doing.case.prepared_by, doing.case.prepared_at = doing.user, at

    body = [substantiated, outcome, text]
    return perform(acts.CONSIDER, complaint, by=by, at=at, token=token, change=change, body=body)


def return_for_rework(complaint: Complaint, *, reason: str, by: Staff, at: datetime, token: Token = None) -> Complaint:
    """Give the prepared answer back with a reason. No term starts again."""
    return perform(
        acts.RETURN, complaint, by=by, at=at, token=token, change=lambda doing: doing.payload.update(reason=reason),
        body=reason,
    )  # fmt: skip


def answer(complaint: Complaint, *, by: Staff, at: datetime, token: Token = None) -> Complaint:
    """Sign the answer: it ends the term. Nobody signs what he prepared, unless the office has one person only."""

    def change(doing: Doing) -> None:
        row = doing.case
        if row.prepared_by_id == doing.user.pk and not may_sign_own(row, doing.user):
            raise ActRefused(_("You prepared this answer yourself: another person must sign it."), status=403)
        found = row.regime.outcome(row.outcome)
        if found is None:
            raise ActRefused(_("The answer has no outcome."))
        check_home(row, found)
        check_hearing(row, found, at)
        main = clock.main_term(row)
        row.in_time = main is None or main.due_at is None or at <= main.due_at
        clock.stop_all(row, at, "answered", doing.user, but=(TermKind.NOTICE,))
        row.answered_by, row.answered_at, row.answered_for_id = doing.user, at, doing.power.acting_for_id
        to_be_carried_out(doing)
        doing.payload.update(substantiated=row.substantiated, outcome=row.outcome, satisfied=row.satisfied)
        notices.answer(row, by=doing.user, at=at)

    return perform(acts.ANSWER, complaint, by=by, at=at, token=token, change=change)
