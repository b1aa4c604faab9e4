"""The acts of an office on a case, one function each. This is the only place where a case moves.

Every act takes `by` (the person with his powers) and `at` (the moment) by keyword, runs in one transaction, and raises
`ActRefused` when it may not be done. `token` is the form's: the same form again changes nothing.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime

from django.utils.translation import gettext as _

from applications import clock, notices
from applications.acts import (
    ANNUL,
    ASSIGN,
    ATTACH,
    ENTER,
    HAND_OUT,
    HAND_OVER,
    PREPARE,
    REASSIGN,
    RECORD_COMMISSION,
    REOPEN,
    RETURN,
    SIGN,
    TELL,
    TELL_FROM_CENTRE,
    WITHDRAW,
)
from applications.casework import ActRefused, Doing, moved_on, perform
from applications.models import Attachment, Case, ClockKind, Decision, DecisionGround, DecisionKind, PaperKind
from applications.numbering import Book, take_number
from applications.querysets import eligible_executors, works_alone
from applications.workflow import State
from offices.models import User
from offices.policy import Staff
from offices.storage import kept_if_done
from services.models import Ground
from services.workflow import Trigger


def assign(case: Case, *, executor: User, by: Staff, at: datetime, token: uuid.UUID | None = None) -> Case:
    """Resolution (бұрыштама): the head names the responsible executor."""
    return perform(
        ASSIGN, case, by=by, at=at, token=token, change=lambda doing: _name(doing, executor), body=executor.pk
    )


def reassign(
    case: Case, *, executor: User, reason: str, by: Staff, at: datetime, token: uuid.UUID | None = None
) -> Case:
    """Give an assigned case to another executor of the office. The step's clock does not start again."""

    def change(doing: Doing) -> None:
        if doing.case.state != State.ASSIGNED:
            raise ActRefused(_("Only a case that lies with an executor can be given to another."))
        _name(doing, executor)
        doing.payload["reason"] = reason

    return perform(REASSIGN, case, by=by, at=at, token=token, change=change, body=[executor.pk, reason])


def record_commission(
    case: Case, *, number: str, decided_at: datetime, by: Staff, at: datetime, token: uuid.UUID | None = None
) -> Case:
    """Record that the commission's decision was received: in E13 the term of the service runs from here (point 7)."""

    def change(doing: Doing) -> None:
        if doing.case.state != State.ASSIGNED:
            raise moved_on(doing.case)
        if doing.case.commission_at:
            raise ActRefused(_("The decision of the commission is already recorded."))
        if not doing.case.registered_at or not doing.case.registered_at <= decided_at <= at:
            raise ActRefused(_("The date must lie between the registration and today."), status=400, field="decided_at")
        doing.case.commission_number, doing.case.commission_at = number, decided_at
        if clock.start_overall(doing.case, Trigger.COMMISSION_DECISION, decided_at) is None:
            raise ActRefused(_("In this service the commission's decision does not start the term."), status=400)
        doing.payload.update(number=number, happened_at=decided_at)

    return perform(RECORD_COMMISSION, case, by=by, at=at, token=token, change=change, body=[number, decided_at])


def prepare(
    case: Case,
    *,
    kind: DecisionKind,
    text: str,
    facts: str = "",
    grounds: Sequence[Ground] = (),
    by: Staff,
    at: datetime,
    token: uuid.UUID | None = None,
) -> Case:
    """Prepare the notice, or the reasoned refusal with its grounds from the edition's list and the facts of this case."""

    def change(doing: Doing) -> None:
        _check_decision(doing.case, kind, facts, grounds)
        decision = Decision.objects.create(
            case=doing.case, kind=kind, text=text, facts=facts, prepared_by=doing.user, prepared_at=at
        )
        DecisionGround.objects.bulk_create(DecisionGround(decision=decision, ground=ground) for ground in grounds)
        doing.payload.update(decision=decision.pk, kind=str(kind), grounds=[ground.pk for ground in grounds])

    body = [str(kind), text, facts, [ground.pk for ground in grounds]]
    return perform(PREPARE, case, by=by, at=at, token=token, change=change, body=body)


def return_for_rework(case: Case, *, reason: str, by: Staff, at: datetime, token: uuid.UUID | None = None) -> Case:
    """Give the prepared paper back to the executor with a reason."""

    def change(doing: Doing) -> None:
        decision = latest_decision(doing.case)
        decision.returned_by, decision.returned_at, decision.return_reason = doing.user, at, reason
        decision.save(update_fields=["returned_by", "returned_at", "return_reason"])
        doing.payload.update(decision=decision.pk, reason=reason)

    return perform(RETURN, case, by=by, at=at, token=token, change=change, body=reason)


def sign(case: Case, *, by: Staff, at: datetime, token: uuid.UUID | None = None) -> Case:
    """Sign the notice or the reasoned refusal. It gets its number here, so nothing signed can stay without one.

    Nobody signs what he prepared, unless the office has one person only.
    """

    def change(doing: Doing) -> None:
        decision = latest_decision(doing.case)
        _check_decision(
            doing.case, DecisionKind(decision.kind), decision.facts, [row.ground for row in decision.grounds.all()]
        )
        if decision.prepared_by_id == doing.user.pk and not works_alone(doing.case.office_id, doing.user):
            raise ActRefused(_("You prepared this paper yourself: another person must sign it."), status=403)
        decision.number = take_number(doing.case.office, Book.RECORD, at)
        decision.signed_by, decision.signed_at, decision.signed_for_id = doing.user, at, doing.power.acting_for_id
        decision.save()
        doing.case.signed_at = at
        kind = PaperKind.GRANT if decision.kind == DecisionKind.GRANT else PaperKind.REFUSAL
        notices.make(kind, doing.case, by=doing.user, at=at, decision=decision)
        doing.payload.update(decision=decision.pk, number=decision.number)

    return perform(SIGN, case, by=by, at=at, token=token, change=change)


def enter_in_record_book(case: Case, *, by: Staff, at: datetime, token: uuid.UUID | None = None) -> Case:
    """Enter the signed paper in the record book that the edition names."""

    def change(doing: Doing) -> None:
        doing.case.recorded_at = at
        doing.payload["number"] = latest_decision(doing.case).number

    return perform(ENTER, case, by=by, at=at, token=token, change=change)


def tell(case: Case, *, how: str, by: Staff, at: datetime, token: uuid.UUID | None = None) -> Case:
    """Tell the applicant that the result is ready.

    Both clocks end here: a paper that its owner does not fetch is kept and is not lateness (point 18, DOMAIN section 3).
    """

    def change(doing: Doing) -> None:
        doing.case.told_at = at
        _stop_both(doing, "told")
        doing.payload["how"] = how

    act = TELL_FROM_CENTRE if case.state == State.READY_AT_CENTRE else TELL
    return perform(act, case, by=by, at=at, token=token, change=change, body=how)


def hand_over(case: Case, *, way: str, note: str = "", by: Staff, at: datetime, token: uuid.UUID | None = None) -> Case:
    """Hand the result over in person, or send it in another way the edition knows."""

    def change(doing: Doing) -> None:
        if way not in ways_of(doing.case):
            raise ActRefused(_("The act does not know this way of handing over."), status=400, field="way")
        _close_delivered(doing, way)
        doing.payload.update(way=way, note=note)

    return perform(HAND_OVER, case, by=by, at=at, token=token, change=change, body=[way, note])


def hand_out_at_centre(case: Case, *, by: Staff, at: datetime, token: uuid.UUID | None = None) -> Case:
    """Hand the result out at the service centre."""
    return perform(HAND_OUT, case, by=by, at=at, token=token, change=lambda doing: _close_delivered(doing, "centre"))


def withdraw(case: Case, *, reason: str, by: Staff, at: datetime, token: uuid.UUID | None = None) -> Case:
    """Close the case at the applicant's wish. It is an outcome of its own, not a deletion."""
    return perform(
        WITHDRAW, case, by=by, at=at, token=token, change=lambda doing: _close(doing, reason, "withdrawn"), body=reason
    )


def annul(case: Case, *, reason: str, by: Staff, at: datetime, token: uuid.UUID | None = None) -> Case:
    """Annul a registration made by mistake. The number keeps its row with the reason, so the book has no hole."""
    return perform(
        ANNUL, case, by=by, at=at, token=token, change=lambda doing: _close(doing, reason, "annulled"), body=reason
    )


def reopen(
    case: Case,
    *,
    executor: User,
    reason: str,
    complaint: str,
    by: Staff,
    at: datetime,
    token: uuid.UUID | None = None,
) -> Case:
    """Set the decision aside after a complaint (its number in `complaint`) and give the case to `executor` to decide anew.

    The steps get new terms; the clock of the whole service, if it has ended, stays as it ended: the case counts once.
    """

    def change(doing: Doing) -> None:
        case, decision = doing.case, latest_decision(doing.case)
        decision.set_aside_at = at
        decision.save(update_fields=["set_aside_at"])
        _name(doing, executor)
        case.reopened_at = at
        case.signed_at = case.recorded_at = case.told_at = case.delivered_at = case.closed_at = None
        case.delivered_how = ""
        doing.payload.update(decision=decision.pk, number=decision.number, complaint=complaint, reason=reason)

    return perform(REOPEN, case, by=by, at=at, token=token, change=change, body=[executor.pk, reason, complaint])


def attach(case: Case, *, attachment: Attachment, by: Staff, at: datetime, token: uuid.UUID | None = None) -> Case:
    """Add a checked file to the case (the form has looked at its kind and size)."""

    def change(doing: Doing) -> None:
        attachment.case, attachment.added_by, attachment.added_at = doing.case, doing.user, at
        attachment.save()
        doing.payload.update(attachment=attachment.pk, sha256=attachment.sha256, reason=attachment.reason)

    with kept_if_done(attachment.file):
        return perform(ATTACH, case, by=by, at=at, token=token, change=change, body=attachment.sha256)


def ways_of(case: Case) -> list[str]:
    """The ways in which the department may hand the result over by this edition (the centre's way is a shipment)."""
    return [way for way in case.edition.delivery.get("ways", []) if way != "centre"] or ["in_person"]


def latest_decision(case: Case) -> Decision:
    """What was prepared last."""
    return case.decisions.prefetch_related("grounds__ground").order_by("-pk")[0]


def _name(doing: Doing, executor: User) -> None:
    if not eligible_executors(doing.case.office_id, doing.at).filter(pk=executor.pk).exists():
        raise ActRefused(_("This person is not an executor of the office."), status=400, field="executor")
    doing.case.executor = executor
    doing.payload["executor"] = executor.pk


def _check_decision(case: Case, kind: DecisionKind, facts: str, grounds: Sequence[Ground]) -> None:
    """A grant of a commission service needs its decision; a refusal needs a ground of the edition and the facts."""
    if kind == DecisionKind.GRANT:
        norm = clock.overall_norm(case)
        if norm and norm.trigger == Trigger.COMMISSION_DECISION and not case.commission_at:
            raise ActRefused(_("Record the decision of the commission first: the service is granted by it."))
        return
    if not grounds or any(ground.edition_id != case.edition_id for ground in grounds):
        raise ActRefused(_("A refusal needs a ground from the list of this service."), status=400, field="grounds")
    if not facts.strip():
        raise ActRefused(_("A refusal needs the facts of this case."), status=400, field="facts")


def _close_delivered(doing: Doing, way: str) -> None:
    doing.case.delivered_at, doing.case.delivered_how = doing.at, way
    _stop_both(doing, "delivered")
    doing.case.closed_at = doing.at


def _close(doing: Doing, reason: str, ended_by: str) -> None:
    doing.case.closed_at, doing.case.closing_reason = doing.at, reason
    clock.stop(doing.case, ClockKind.OVERALL, doing.at, ended_by, doing.user)
    doing.payload["reason"] = reason


def _stop_both(doing: Doing, ended_by: str) -> None:
    for kind in (ClockKind.STEP, ClockKind.OVERALL):
        clock.stop(doing.case, kind, doing.at, ended_by, doing.user)
    if doing.case.served_on is None:
        doing.case.served_on = clock.office_day(doing.case.office, doing.at)
