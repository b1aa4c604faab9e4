"""Taking an application in: at the counter of the department, or at a window of a service centre.

Complete: it is registered, gets its number and talon, and the clocks start. Incomplete: nothing is registered, and the whole
list of what is missing is given at once; the same case is taken in again when the person comes back.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from applications import clock, drafts, following, hall, notices
from applications.acts import AT_WINDOW, INCOMPLETE, INCOMPLETE_AT_WINDOW, REGISTER, Act
from applications.casework import ActRefused, Doing, finish, move, moved_on, perform, power_for, repeated, step_for
from applications.identifiers import check_iin
from applications.models import (
    Case,
    CaseDocument,
    Channel,
    DocumentStatus,
    Draft,
    FollowChannel,
    PaperKind,
    Person,
    Visit,
)
from applications.numbering import Book, take_number
from applications.workflow import State
from offices.calendars import one_calendar
from offices.models import Office
from offices.policy import Staff
from offices.text import fold
from offices.vault import keyed_hash
from services.models import DocumentRequirement, Edition
from services.workflow import Trigger

_LACKING = (DocumentStatus.MISSING, DocumentStatus.DEFECTIVE)


@dataclass(frozen=True)
class PersonData:
    """What the counter takes down about the applicant."""

    last_name: str
    first_name: str
    patronymic: str = ""
    iin: str = ""
    iin_reason: str = ""
    birth_date: date | None = None
    address: str = ""
    phone: str = ""
    email: str = ""
    old_identifier: str = ""


@dataclass(frozen=True)
class Found:
    """One line of the checklist as the counter found it."""

    requirement: DocumentRequirement
    status: str
    defect: str = ""

    @property
    def lacking(self) -> bool:
        """Whether the package is incomplete because of it."""
        return self.status in _LACKING


@dataclass(frozen=True)
class Intake:
    """An application as handed in. `centre`: taken at a window of that service centre; `draft`: it was prepared at home."""

    office: Office
    edition: Edition
    person: PersonData
    documents: Sequence[Found]
    received_at: datetime
    language: str = "kk"
    centre: Office | None = None
    visit: Visit | None = None  # the visitor of the waiting hall who brought it
    draft: Draft | None = None  # it was prepared at home
    tell_by: Sequence[FollowChannel] = ()  # how the applicant asked to be told of each change

    @property
    def complete(self) -> bool:
        """Whether no required paper is missing or defective."""
        return not any(found.lacking for found in self.documents)

    def body(self) -> list[Any]:
        """What makes two forms the same form."""
        papers = [(found.requirement.pk, found.status, found.defect) for found in self.documents]
        centre = self.centre.pk if self.centre else None
        tied = [row.pk for row in (self.visit, self.draft) if row]
        return [
            self.office.pk,
            self.edition.pk,
            asdict(self.person),
            papers,
            self.received_at,
            self.language,
            centre,
            *tied,
            *map(str, self.tell_by),
        ]


def take_in(intake: Intake, *, by: Staff, at: datetime, token: uuid.UUID | None = None) -> Case:
    """Take an application in; the case given back is registered (or at the centre), or `incomplete` with its list.

    Raises ActRefused: 403 when the person may not register this edition here, 400 for a hand-in in the future or on a day of
    another version of the edition, 409 for a token used with another body.
    """
    if intake.received_at > at:
        raise ActRefused(_("The time of hand-in lies in the future."), status=400, field="received_at")
    if not intake.edition.holds_on(timezone.localdate(intake.received_at)):
        text = _("On this day another version of the act was in force. Register the application under that one.")
        raise ActRefused(text, status=400, field="received_at")
    with transaction.atomic(), one_calendar():
        if done := repeated(token, by.user, intake.body(), at):
            return done
        case: Case = Case(
            office=intake.office,
            centre=intake.centre,
            edition=intake.edition,
            channel=Channel.CENTRE if intake.centre else Channel.DEPARTMENT,
            language=intake.language,
            received_at=intake.received_at,
            complete_first_time=intake.complete,
            first_handed_in_on=timezone.localdate(intake.received_at),
        )
        act = _act_for(intake.complete, at_window=intake.centre is not None)
        step = step_for(act, case)
        power = power_for(act, case, step, by)
        if power is None:
            raise ActRefused(_("Taking in this application belongs to another role or office."), status=403)
        case.person = save_person(intake.person)
        case.save()
        clock.begin(case)
        if intake.draft:
            drafts.use(intake.draft, case, at=at)
        for channel in intake.tell_by:
            address = intake.person.email if channel == FollowChannel.EMAIL else intake.person.phone
            following.follow(case, channel, address, language=intake.language, at=at)
        doing = Doing(case, by, power, at, step, {"happened_at": intake.received_at, "complete": intake.complete})
        # A visit that ended meanwhile, or leads elsewhere already, must not keep anybody from being registered.
        if intake.visit is not None and hall.tie(intake.visit, case):
            doing.payload["visit"] = intake.visit.pk
        _take(doing, act, intake.documents)
        finish(doing, act.name, token)
        return case


def take_in_again(
    case: Case,
    documents: Sequence[Found],
    *,
    received_at: datetime,
    by: Staff,
    at: datetime,
    token: uuid.UUID | None = None,
) -> Case:
    """Take in a package that was incomplete before. The terms run from this, complete, hand-in."""
    complete = not any(found.lacking for found in documents)
    if not case.received_at <= received_at <= at:
        raise ActRefused(
            _("The time of hand-in must lie after the first one and not in the future."),
            status=400,
            field="received_at",
        )

    def change(doing: Doing) -> None:
        if doing.case.state != State.INCOMPLETE:
            raise moved_on(doing.case)
        doing.case.received_at = received_at
        doing.case.submissions += 1
        doing.payload.update(happened_at=received_at, complete=complete, submission=doing.case.submissions)
        doing.case.documents.all().delete()
        _take(doing, act, documents)

    act = _act_for(complete, at_window=case.channel == Channel.CENTRE)
    body = [[(found.requirement.pk, found.status, found.defect) for found in documents], received_at]
    # The machine moves inside `_take`, because number and talon need the new state's clocks.
    return perform(Act(act.name, None, act.step), case, by=by, at=at, token=token, change=change, body=body)


def register_from_centre(case: Case, *, by: Staff, at: datetime, token: uuid.UUID | None = None) -> Case:
    """Register at the department a package that came from the service centre with a dispatch list."""

    def change(doing: Doing) -> None:
        # The machine also lets a package be registered that was incomplete: that is `take_in_again`, by its checklist.
        if doing.case.state != State.DISPATCHED:
            raise moved_on(doing.case)
        doing.case.number = take_number(doing.case.office, Book.REGISTRATION, at)
        doing.case.registered_at = at
        clock.start_overall(doing.case, Trigger.REGISTRATION, at)
        doing.case.shipment_items.filter(received_at=None).update(received_at=at)
        doing.payload["number"] = doing.case.number

    return perform(REGISTER, case, by=by, at=at, token=token, change=change)


def save_person(data: PersonData) -> Person:
    """The person of that IIN with his particulars brought up to date, or a new one (always new without an IIN).

    A number that fails its check tells people apart only together with the surname: ActRefused (400) for another's.
    """
    # An empty field at the counter means "not asked", it does not erase what is known.
    given = {name: value for name, value in asdict(data).items() if value}
    if not data.iin:
        return Person.objects.create(**given)
    everybody = Person.objects.everywhere("one person an IIN").select_for_update()
    person: Person
    person, new = everybody.get_or_create(iin_hash=keyed_hash(data.iin), merged_into=None, defaults=given)
    if new:
        return person
    if check_iin(data.iin).problem and fold(person.last_name) != fold(data.last_name):
        raise ActRefused(
            _("This doubtful number belongs to another person. Leave it empty and say why."), status=400, field="iin"
        )
    for name, value in given.items():
        setattr(person, name, value)
    person.save()
    return person


def _act_for(complete: bool, *, at_window: bool) -> Act:
    if complete:
        return AT_WINDOW if at_window else REGISTER
    return INCOMPLETE_AT_WINDOW if at_window else INCOMPLETE


def _take(doing: Doing, act: Act, documents: Sequence[Found]) -> None:
    case = doing.case
    CaseDocument.objects.bulk_create(
        CaseDocument(case=case, requirement=found.requirement, status=found.status, defect=found.defect)
        for found in documents
    )
    lacking = [found for found in documents if found.lacking]
    if lacking:
        move(doing, act)
        doing.payload["lacking"] = [found.requirement.pk for found in lacking]
        notices.make(PaperKind.MISSING, case, by=doing.user, at=doing.at)
        return
    _number(doing)
    if doing.step is not None:
        # The step of taking in ran since the hand-in; the move below ends it.
        clock.start_step(case, doing.step, case.received_at)
    move(doing, act)
    clock.start_overall(case, Trigger.DOCUMENTS_HANDED_IN, case.received_at)
    doing.payload["number"] = case.any_number
    notices.make(
        PaperKind.RECEIPT if case.channel == Channel.CENTRE else PaperKind.TALON, case, by=doing.user, at=doing.at
    )


def _number(doing: Doing) -> None:
    case = doing.case
    if case.channel == Channel.CENTRE and case.centre is not None:
        case.centre_number = take_number(case.centre, Book.REGISTRATION, doing.at)
    else:
        case.number = take_number(case.office, Book.REGISTRATION, doing.at)
        case.registered_at = doing.at
