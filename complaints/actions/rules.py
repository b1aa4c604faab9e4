"""Rules that the acts on a complaint share."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from applications.casework import ActRefused
from complaints import clock
from complaints.casework import Doing, impartial_people
from complaints.models import Complaint, TermKind
from complaints.models.regime import Outcome
from offices.calendars import calendar_of
from offices.models import User
from offices.workflow import Role
from services.deadlines import due

Token = uuid.UUID | None


def only_in(complaint: Complaint, state: str) -> None:
    """Refuse an act that belongs to another state."""
    if complaint.state != state:
        raise ActRefused(_("The case is no longer at this step: %(state)s.") % {"state": complaint.get_state_display()})


def name_considerer(doing: Doing, executor: User) -> None:
    """Name who considers; never somebody whom the complaint bars."""
    people = impartial_people(doing.case, timezone.localdate(doing.at), Role.EXECUTOR, Role.DEPUTY, Role.HEAD)
    if not people.filter(pk=executor.pk).exists():
        message = _("This person may not consider it: he is complained of, or does not belong to the office.")
        raise ActRefused(message, status=400, field="executor")
    doing.case.executor = executor
    doing.payload["executor"] = executor.pk


def find(doing: Doing, outcome: str, substantiated: bool, text: str) -> Outcome:
    """Take down what was found, and give the outcome of the law's list."""
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


def check_home(complaint: Complaint, found: Outcome) -> None:
    """Where the higher body considers, the body complained of may only grant in full."""
    if complaint.regime.goes_higher and complaint.at_the_body_complained_of and found.satisfies != "full":
        raise ActRefused(
            _("This body may only grant the complaint in full. Otherwise pass it on with the file to the higher body."),
            status=400,
            field="outcome",
        )


def check_hearing(complaint: Complaint, found: Outcome, at: datetime, *, only_given: bool = False) -> None:
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


def to_be_carried_out(doing: Doing) -> None:
    """Start the term within which what was granted is carried out."""
    row = doing.case
    if row.open_remedy:
        clock.start(row, TermKind.EXECUTION, doing.at, row.regime.norm("execution"), row.about_office)


def term_of(complaint: Complaint) -> Any:
    """The term of the answer."""
    return complaint.regime.norm("term")


def close(doing: Doing, ended_by: str) -> None:
    """End the complaint: no term runs any more."""
    doing.case.closed_at = doing.at
    clock.stop_all(doing.case, doing.at, ended_by, doing.user)
