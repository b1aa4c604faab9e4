"""The acts of an office on a complaint, one function each. This is the only place where a complaint moves.

As in applications: `by` (the person with his powers) and `at` (the moment) by keyword, one transaction, `ActRefused` when it
may not be done, and the same form (`token`) again changes nothing.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from applications import actions as on_cases
from applications.casework import ActRefused
from applications.intake import PersonData, save_person
from applications.models import Attachment
from applications.numbering import Book, take_number
from complaints import acts, clock, notices
from complaints.casework import Doing, impartial_people, may_sign_own, perform
from complaints.models import Complaint, TermKind
from complaints.models.regime import Outcome
from complaints.workflow import State
from offices.calendars import calendar_of
from offices.models import Membership, Office, User
from offices.policy import Staff
from offices.workflow import Role
from services.deadlines import due

Token = uuid.UUID | None


# ------------------------------------------------------------------ what is missing


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
        _close(doing, "returned")
        doing.payload["reason"] = reason
        notices.notice(row, "returned", by=doing.user, at=at, text=reason)

    return perform(acts.SEND_BACK, complaint, by=by, at=at, token=token, change=change, body=reason)


# ------------------------------------------------------------------ who considers


def assign(complaint: Complaint, *, executor: User, by: Staff, at: datetime, token: Token = None) -> Complaint:
    """Resolution: name who considers it. Never the official complained of; a complaint about the head goes up instead."""

    def change(doing: Doing) -> None:
        if doing.case.about_head and doing.case.at_the_body_complained_of:
            raise ActRefused(_("A complaint about the head goes to the higher body: pass it on."))
        _name(doing, executor)

    return perform(acts.ASSIGN, complaint, by=by, at=at, token=token, change=change, body=executor.pk)


def reassign(
    complaint: Complaint, *, executor: User, reason: str, by: Staff, at: datetime, token: Token = None
) -> Complaint:
    """Give it to somebody else to consider. No term starts again."""

    def change(doing: Doing) -> None:
        _only_in(doing.case, State.ASSIGNED)
        _name(doing, executor)
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
        _found(doing, outcome, substantiated, text)
        row.answered_by_body, row.answered_at = row.forwarded_to, decided_at
        limit = due(row.registered_at, _term(row), calendar_of(row.office)).instant
        row.in_time = decided_at <= limit
        _to_be_carried_out(doing)

    body = [outcome, substantiated, text, decided_at]
    return perform(acts.RECORD_ANSWER, complaint, by=by, at=at, token=token, change=change, body=body)


# ------------------------------------------------------------------ considering


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
        _only_in(row, State.ASSIGNED)
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
        found = _found(doing, outcome, substantiated, text)
        _check_home(doing.case, found)
        _check_hearing(doing.case, found, at, only_given=True)
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
        _check_home(row, found)
        _check_hearing(row, found, at)
        main = clock.main_term(row)
        row.in_time = main is None or main.due_at is None or at <= main.due_at
        clock.stop_all(row, at, "answered", doing.user, but=(TermKind.NOTICE,))
        row.answered_by, row.answered_at, row.answered_for_id = doing.user, at, doing.power.acting_for_id
        _to_be_carried_out(doing)
        doing.payload.update(substantiated=row.substantiated, outcome=row.outcome, satisfied=row.satisfied)
        notices.answer(row, by=doing.user, at=at)

    return perform(acts.ANSWER, complaint, by=by, at=at, token=token, change=change)


# ------------------------------------------------------------------ afterwards


def tell(complaint: Complaint, *, how: str, by: Staff, at: datetime, token: Token = None) -> Complaint:
    """Tell the person that the answer is ready."""

    def change(doing: Doing) -> None:
        doing.case.told_at, doing.payload["how"] = at, how

    return perform(acts.TELL, complaint, by=by, at=at, token=token, change=change, body=how)


def deliver(
    complaint: Complaint, *, way: str, note: str = "", by: Staff, at: datetime, token: Token = None
) -> Complaint:
    """Hand the answer over or send it. A complaint that leads to nothing more is closed by it."""

    def change(doing: Doing) -> None:
        row = doing.case
        row.delivered_at, row.delivered_how = at, way
        doing.payload.update(way=way, note=note)
        if not row.open_remedy:
            _close(doing, "delivered")

    act = acts.DELIVER if complaint.open_remedy else acts.DELIVER_AND_CLOSE
    return perform(act, complaint, by=by, at=at, token=token, change=change, body=[way, note])


def begin_remedy(
    complaint: Complaint,
    *,
    reopen: bool,
    executor: User | None = None,
    note: str = "",
    by: Staff,
    at: datetime,
    token: Token = None,
) -> Complaint:
    """Begin what the answer grants: reopen the case for `executor` to decide anew, or another measure in `note`."""

    def change(doing: Doing) -> None:
        row = doing.case
        if row.answered_at is None or not row.open_remedy:
            raise ActRefused(_("There is nothing to be carried out."))
        if row.remedy_at is not None:
            raise ActRefused(_("It has been begun already."))
        if reopen:
            if row.case is None or executor is None:
                raise ActRefused(_("No case is tied to this complaint."), status=400, field="reopen")
            reason = _("Complaint %(number)s was found substantiated.") % {"number": row.number}
            on_cases.reopen(row.case, executor=executor, reason=reason, complaint=row.number, by=by, at=at)
        row.remedy_at = at
        doing.payload.update(reopened=row.case_id if reopen else None, note=note)

    body = [reopen, executor.pk if executor else None, note]
    return perform(acts.REMEDY, complaint, by=by, at=at, token=token, change=change, body=body)


def execute(complaint: Complaint, *, note: str = "", by: Staff, at: datetime, token: Token = None) -> Complaint:
    """Record that what was granted is carried out: a reopened case has its new decision, another measure is done."""

    def change(doing: Doing) -> None:
        row = doing.case
        if row.remedy_at is None:
            raise ActRefused(_("Begin it first: reopen the case, or name the measure."))
        if row.case is not None and row.case.reopened_at is not None and row.case.signed_at is None:
            raise ActRefused(_("The reopened case has no new decision yet."))
        row.executed_at = at
        clock.stop(row, TermKind.EXECUTION, at, "executed", doing.user)
        if row.case is not None and row.case.signed_at is not None:
            latest = on_cases.latest_decision(row.case)
            doing.payload.update(decision=latest.pk, number=latest.number)
        doing.payload["note"] = note
        if row.delivered_at is not None:
            _close(doing, "executed")

    act = acts.EXECUTE_AND_CLOSE if complaint.delivered_at else acts.EXECUTE
    return perform(act, complaint, by=by, at=at, token=token, change=change, body=note)


def withdraw(complaint: Complaint, *, reason: str, by: Staff, at: datetime, token: Token = None) -> Complaint:
    """Close it at the person's wish. It stays in the journal."""

    def change(doing: Doing) -> None:
        _close(doing, "withdrawn")
        doing.payload["reason"] = reason

    return perform(acts.WITHDRAW, complaint, by=by, at=at, token=token, change=change, body=reason)


def attach(complaint: Complaint, *, attachment: Attachment, by: Staff, at: datetime, token: Token = None) -> Complaint:
    """Add a checked file."""

    def change(doing: Doing) -> None:
        attachment.subject, attachment.added_by, attachment.added_at = doing.case.subject, doing.user, at
        attachment.save()
        doing.payload.update(attachment=attachment.pk, sha256=attachment.sha256, reason=attachment.reason)

    return perform(acts.ATTACH, complaint, by=by, at=at, token=token, change=change, body=attachment.sha256)


# ------------------------------------------------------------------ rules they share


def _only_in(complaint: Complaint, state: str) -> None:
    if complaint.state != state:
        raise ActRefused(_("The case is no longer at this step: %(state)s.") % {"state": complaint.get_state_display()})


def _name(doing: Doing, executor: User) -> None:
    people = impartial_people(doing.case, timezone.localdate(doing.at), Role.EXECUTOR, Role.DEPUTY, Role.HEAD)
    if not people.filter(pk=executor.pk).exists():
        message = _("This person may not consider it: he is complained of, or does not belong to the office.")
        raise ActRefused(message, status=400, field="executor")
    doing.case.executor = executor
    doing.payload["executor"] = executor.pk


def _found(doing: Doing, outcome: str, substantiated: bool, text: str) -> Outcome:
    row, found = doing.case, doing.case.regime.outcome(outcome)
    if found is None:
        raise ActRefused(_("The law does not know this outcome."), status=400, field="outcome")
    if found.satisfies != "none" and not substantiated:
        message = _("A complaint that is satisfied is substantiated.")
        raise ActRefused(message, status=400, field="substantiated")
    if not text.strip():
        raise ActRefused(_("The answer needs its text."), status=400, field="text")
    row.substantiated, row.outcome, row.satisfied, row.answer_text = substantiated, outcome, found.satisfies, text
    doing.payload.update(substantiated=substantiated, outcome=outcome)
    return found


def _check_home(complaint: Complaint, found: Outcome) -> None:
    """Where the higher body considers, the body complained of may only grant in full."""
    if complaint.regime.goes_higher and complaint.at_the_body_complained_of and found.satisfies != "full":
        raise ActRefused(
            _("This body may only grant the complaint in full. Otherwise pass it on with the file to the higher body."),
            status=400,
            field="outcome",
        )


def _check_hearing(complaint: Complaint, found: Outcome, at: datetime, *, only_given: bool = False) -> None:
    """Before an unfavourable answer the person gets the preliminary decision, some working days ahead."""
    hearing = complaint.regime.hearing
    if hearing is None or found.satisfies == "full" or found.unconsidered or complaint.hearing_waived:
        return
    if complaint.preliminary_at is None:
        raise ActRefused(_("Give the person the preliminary decision first: he has the right to be heard."), status=400)
    first = timezone.localdate(due(complaint.preliminary_at, hearing[0], calendar_of(complaint.office)).instant)
    if not only_given and timezone.localdate(at) < first:
        raise ActRefused(
            _("The person may still be heard: the answer can be signed from %(day)s.") % {"day": f"{first:%d.%m.%Y}"}
        )


def _to_be_carried_out(doing: Doing) -> None:
    row = doing.case
    if row.open_remedy:
        clock.start(row, TermKind.EXECUTION, doing.at, row.regime.norm("execution"), row.about_office)


def _term(complaint: Complaint) -> Any:
    return complaint.regime.norm("term")


def _close(doing: Doing, ended_by: str) -> None:
    doing.case.closed_at = doing.at
    clock.stop_all(doing.case, doing.at, ended_by, doing.user)
