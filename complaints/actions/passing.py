"""What is missing in a complaint, who considers it, and passing it on."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from django.utils import timezone
from django.utils.translation import gettext as _

from applications.casework import ActRefused
from applications.intake import PersonData, save_person
from applications.numbering import Book, take_number
from complaints import acts, clock, notices
from complaints.actions.rules import (
    Token,
    close,
    find,
    name_considerer,
    only_in,
    term_of,
    to_be_carried_out,
)
from complaints.casework import Doing, perform
from complaints.models import Complaint, TermKind
from complaints.workflow import State
from offices.calendars import calendar_of
from offices.models import Membership, Office, User
from offices.policy import Staff
from offices.workflow import Role
from services.deadlines import due


def ask_for_missing(
    complaint: Complaint,
    *,
    missing: Sequence[str],
    until: date,
    note: str = "",
    by: Staff,
    at: datetime,
    token: Token = None,
) -> Complaint:
    """Name at once all that the complaint lacks, and give time for it until the closing of `until`. The answer's term runs on."""

    def change(doing: Doing) -> None:
        if not missing:
            raise ActRefused(_("Say what is missing."), status=400, field="missing")
        if until <= timezone.localdate(at):
            raise ActRefused(_("Give at least until tomorrow."), status=400, field="until")
        if doing.case.regime.data.get("repair") is None:
            raise ActRefused(
                _("The law of this complaint gives no time to put it right: consider it, or leave it unconsidered.")
            )
        doing.case.missing = list(missing)
        clock.start_until(doing.case, TermKind.REPAIR, at, until)
        doing.payload.update(missing=list(missing), until=f"{until:%Y-%m-%d}", note=note)
        notices.notice(doing.case, "missing", by=doing.user, at=at, until=until, text=note)

    return perform(
        acts.ASK_FOR_MISSING, complaint, by=by, at=at, token=token, change=change, body=[list(missing), until, note]
    )


def complete(
    complaint: Complaint,
    *,
    person: PersonData | None = None,
    text: str = "",
    by: Staff,
    at: datetime,
    token: Token = None,
) -> Complaint:
    """Take what was missing: particulars of the person, and what he adds to the essence."""

    def change(doing: Doing) -> None:
        row = doing.case
        if person is not None:
            row.person = save_person(person)
            given = {"address": person.address, "phone": person.phone, "email": person.email}
            row.contacts = {**row.contacts, **{name: value for name, value in given.items() if value}}
        if text:
            row.essence = f"{row.essence}\n\n{text}".strip()
        row.missing = []
        clock.stop(row, TermKind.REPAIR, at, "complete", doing.user)

    body = [person.last_name if person else "", text]
    return perform(acts.COMPLETE, complaint, by=by, at=at, token=token, change=change, body=body)


def send_back(complaint: Complaint, *, reason: str, by: Staff, at: datetime, token: Token = None) -> Complaint:
    """Return it with reasons: when the time given for what is missing is over, or where the law leaves the anonymous out."""

    def change(doing: Doing) -> None:
        row = doing.case
        anonymous = row.person is None and row.regime.anonymous_not_considered
        repair = clock.running(row, TermKind.REPAIR)
        if not anonymous and (repair is None or repair.due_at is None or at <= repair.due_at):
            raise ActRefused(_("It is returned only when the time given to put it right is over."))
        close(doing, "returned")
        doing.payload["reason"] = reason
        notices.notice(row, "returned", by=doing.user, at=at, text=reason)

    return perform(acts.SEND_BACK, complaint, by=by, at=at, token=token, change=change, body=reason)


def assign(complaint: Complaint, *, executor: User, by: Staff, at: datetime, token: Token = None) -> Complaint:
    """Resolution: name who considers it. Never the official complained of; a complaint about the head goes up instead."""

    def change(doing: Doing) -> None:
        if doing.case.about_head and doing.case.at_the_body_complained_of:
            raise ActRefused(_("A complaint about the head goes to the higher body: pass it on."))
        name_considerer(doing, executor)

    return perform(acts.ASSIGN, complaint, by=by, at=at, token=token, change=change, body=executor.pk)


def reassign(
    complaint: Complaint, *, executor: User, reason: str, by: Staff, at: datetime, token: Token = None
) -> Complaint:
    """Give it to somebody else to consider. No term starts again."""

    def change(doing: Doing) -> None:
        only_in(doing.case, State.ASSIGNED)
        name_considerer(doing, executor)
        doing.payload["reason"] = reason

    return perform(acts.REASSIGN, complaint, by=by, at=at, token=token, change=change, body=[executor.pk, reason])


def forward(
    complaint: Complaint,
    *,
    to: Office | None,
    to_body: str = "",
    reason: str,
    by: Staff,
    at: datetime,
    token: Token = None,
) -> Complaint:
    """Pass it on with the file: to an office of this system, or to a body outside it. The person is told."""

    def change(doing: Doing) -> None:
        row = doing.case
        if to is None and not to_body.strip():
            raise ActRefused(_("Say to whom it goes."), status=400, field="to_body")
        if to is not None and to.pk == row.office_id:
            raise ActRefused(_("It lies with this office already."), status=400, field="to")
        if clock.running(row, TermKind.FORWARD) is None:
            # Passing on has a term of its own, written when it is done: who considers himself need not keep it.
            clock.start(row, TermKind.FORWARD, row.registered_at, row.regime.norm("forward"))
        clock.stop_all(row, at, "forward", doing.user)
        row.executor = None
        inside = to if to is not None and takes_part(to, at) else None
        row.forwarded_to = "" if inside else (to.name if to else to_body.strip())
        if inside is not None:
            row.came_from, row.office = row.office, inside
        doing.payload.update(to=to.pk if to else row.forwarded_to, reason=reason)
        notices.notice(row, "forwarded", by=doing.user, at=at, text=reason, to=to.name if to else to_body.strip())

    body = [to.pk if to else None, to_body, reason]
    return perform(acts.FORWARD, complaint, by=by, at=at, token=token, change=change, body=body)


def takes_part(office: Office, at: datetime) -> bool:
    """Whether somebody of the office works with this system and could take the complaint over."""
    heads = Membership.objects.on(timezone.localdate(at)).filter(office=office, role__in=(Role.HEAD, Role.DEPUTY))
    return heads.filter(user__is_active=True).exists()


def take_over(complaint: Complaint, *, by: Staff, at: datetime, token: Token = None) -> Complaint:
    """Register at this body a complaint that was passed on to it. Its term to answer begins here."""

    def change(doing: Doing) -> None:
        row = doing.case
        if row.forwarded_to:
            raise ActRefused(_("It went to a body outside this system: record that body's answer."))
        row.registered_at = clock.registration_moment(row.office, at)
        row.first_number = row.first_number or row.number
        row.number = take_number(row.office, Book.COMPLAINT, row.registered_at)
        clock.start(row, TermKind.ANSWER, row.registered_at, row.regime.norm("term"))
        doing.payload["number"] = row.number

    return perform(acts.TAKE_OVER, complaint, by=by, at=at, token=token, change=change)


def record_answer(
    complaint: Complaint,
    *,
    outcome: str,
    substantiated: bool,
    text: str,
    decided_at: datetime,
    by: Staff,
    at: datetime,
    token: Token = None,
) -> Complaint:
    """Record the answer of the body outside this system to which the complaint was passed on."""

    def change(doing: Doing) -> None:
        row = doing.case
        if not row.forwarded_to:
            raise ActRefused(_("The body to which it was passed on works with this system and answers itself."))
        if not row.registered_at <= decided_at <= at:
            raise ActRefused(_("The date must lie between the registration and today."), status=400, field="decided_at")
        find(doing, outcome, substantiated, text)
        row.answered_by_body, row.answered_at = row.forwarded_to, decided_at
        limit = due(row.registered_at, term_of(row), calendar_of(row.office)).instant
        row.in_time = decided_at <= limit
        to_be_carried_out(doing)

    body = [outcome, substantiated, text, decided_at]
    return perform(acts.RECORD_ANSWER, complaint, by=by, at=at, token=token, change=change, body=body)
