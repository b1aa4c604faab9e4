"""After the answer: telling, handing over, carrying out what was granted; and taking a complaint back."""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext as _

from applications import actions as on_cases
from applications.casework import ActRefused
from applications.models import Attachment
from complaints import acts, clock
from complaints.actions.rules import (
    Token,
    close,
)
from complaints.casework import Doing, perform
from complaints.models import Complaint, TermKind
from offices.models import User
from offices.policy import Staff
from offices.storage import kept_if_done


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
            close(doing, "delivered")

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
            close(doing, "executed")

    act = acts.EXECUTE_AND_CLOSE if complaint.delivered_at else acts.EXECUTE
    return perform(act, complaint, by=by, at=at, token=token, change=change, body=note)


def withdraw(complaint: Complaint, *, reason: str, by: Staff, at: datetime, token: Token = None) -> Complaint:
    """Close it at the person's wish. It stays in the journal."""

    def change(doing: Doing) -> None:
        close(doing, "withdrawn")
        doing.payload["reason"] = reason

    return perform(acts.WITHDRAW, complaint, by=by, at=at, token=token, change=change, body=reason)


def attach(complaint: Complaint, *, attachment: Attachment, by: Staff, at: datetime, token: Token = None) -> Complaint:
    """Add a checked file."""

    def change(doing: Doing) -> None:
        attachment.subject, attachment.added_by, attachment.added_at = doing.case.subject, doing.user, at
        attachment.save()
        doing.payload.update(attachment=attachment.pk, sha256=attachment.sha256, reason=attachment.reason)

    with kept_if_done(attachment.file):
        return perform(acts.ATTACH, complaint, by=by, at=at, token=token, change=change, body=attachment.sha256)
