"""Taking a complaint: at the office, by post, or through the site. It is registered at once, whatever it lacks."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from applications.casework import ActRefused, append_event, repeated_in, used_for
from applications.intake import PersonData, save_person
from applications.models import Attachment, Case, Decision, Person
from applications.numbering import Book, take_number
from applications.queries import persons_with
from complaints import clock, notices
from complaints.acts import REGISTER
from complaints.casework import is_head_of
from complaints.models import About, Complaint, Regime, ReplyWay
from complaints.workflow import AWAITED
from offices.models import Office, User
from offices.policy import Staff
from offices.storage import kept_if_done
from offices.text import fold
from services.models import Edition


@dataclass(frozen=True)
class Received:
    """A complaint as it came. Without `person` it is anonymous; `proved` says that the talon's code of `case` was given."""

    kind: str
    office: Office
    way: str
    about: str
    essence: str
    received_at: datetime
    person: PersonData | None = None
    demand: str = ""
    reply_way: str = ReplyWay.POST
    wants_notices: bool = False
    language: str = "kk"
    case: Case | None = None
    proved: bool = False
    edition: Edition | None = None
    challenged: User | None = None
    about_head: bool = False
    concerns: str = ""
    files: Sequence[Attachment] = field(default=())

    def body(self) -> list[Any]:
        """What makes two forms the same form: what a person typed, not the moment."""
        return [
            self.kind, self.office.pk, self.way, self.about, self.essence, self.demand, self.reply_way, self.language,
            asdict(self.person) if self.person else None, self.case.pk if self.case else None,
            self.challenged.pk if self.challenged else None, self.about_head, [file.sha256 for file in self.files],
        ]  # fmt: skip


def register(received: Received, *, by: Staff | None, at: datetime, token: uuid.UUID | None = None) -> Complaint:
    """Register a complaint and give its talon. `by` is None for a visitor of the site.

    The law of its kind on the day of registration rules it; after hours and on days off that is the next working day.
    Raises ActRefused: 403 for somebody without a role in the office, 400 for a moment ahead or a day no law of the file rules.
    """
    if received.received_at > at:
        raise ActRefused(_("The time of receipt lies in the future."), status=400, field="received_at")
    registered_at = clock.registration_moment(received.office, received.received_at)
    regime = Regime.objects.ruling(received.kind, timezone.localdate(registered_at))
    if regime is None:
        raise ActRefused(_("No law of that day rules a complaint of this kind."), status=400, field="kind")
    with kept_if_done(*(file.file for file in received.files)), transaction.atomic():
        user = by.user if by else None
        done: Complaint | None = repeated_in(Complaint.objects.all(), token, user, received.body(), at)
        if done:
            return done
        power = by.power(received.office.pk, REGISTER.roles) if by else None
        if by and power is None:
            raise ActRefused(_("This belongs to another office."), status=403)
        complaint: Complaint = _write(received, regime, registered_at, by)
        clock.start_at_registration(complaint)
        clock.refresh_due(complaint)
        complaint.save()
        _keep_files(complaint, received, user, at)
        append_event(
            REGISTER.name, office=received.office, subject=complaint.subject, actor=user, recorded_at=at,
            acting_for_id=power.acting_for_id if power else None, happened_at=received.received_at,
            payload={"number": complaint.number, "way": received.way, "missing": complaint.missing},
        )  # fmt: skip
        notices.talon(complaint, by=user, at=at)
        used_for(token, complaint)
        return complaint


def missing_in(regime: Regime, received: Received, person: Person | None) -> list[str]:
    """What the law wants in a complaint and this one does not hold. Who signs what cannot be seen here is not asked."""
    given = {
        "name": received.person is not None or person is not None,
        "iin": bool(received.person and received.person.iin) or bool(person and person.iin),
        "address": bool(received.person and received.person.address) or bool(person and person.address),
        "essence": bool(received.essence.strip()),
    }
    return [name for name in regime.must_hold if not given.get(name, True)]


def _write(received: Received, regime: Regime, registered_at: datetime, by: Staff | None) -> Complaint:
    person = _person(received, by)
    decision = _challenged_decision(received)
    edition = received.edition or (received.case.edition if received.case else None)
    told = received.person
    contacts = {"address": told.address, "phone": told.phone, "email": told.email, "iin": told.iin} if told else {}
    complaint: Complaint = Complaint(
        kind=received.kind, regime=regime, about_office=received.office, office=received.office, way=received.way,
        number=take_number(received.office, Book.COMPLAINT, registered_at), person=person,
        contacts={name: value for name, value in contacts.items() if value}, reply_way=received.reply_way,
        wants_notices=received.wants_notices, about=received.about, essence=received.essence, demand=received.demand,
        case=received.case, decision=decision, concerns=received.concerns, edition=edition,
        challenged=received.challenged, about_head=received.about_head or _is_about_head(received, registered_at),
        language=received.language, received_at=received.received_at, registered_at=registered_at,
        missing=missing_in(regime, received, person),
    )  # fmt: skip
    complaint.awaiting_unit = AWAITED[complaint.state]
    complaint.save()
    return complaint


def _is_about_head(received: Received, registered_at: datetime) -> bool:
    """A decision is the office's, and another official can look at it again; conduct and idleness are the head's own."""
    if received.challenged is None or received.about == About.DECISION:
        return False
    return is_head_of(received.challenged, received.office, timezone.localdate(registered_at))


def _challenged_decision(received: Received) -> Decision | None:
    """The signed decision that a complaint against a decision is about: the last one of the case."""
    if received.case is None or received.about != About.DECISION:
        return None
    signed: Decision | None = received.case.decisions.filter(signed_at__isnull=False).order_by("-pk").first()
    return signed


def _person(received: Received, by: Staff | None) -> Person | None:
    """Who complains. What a visitor of the site types never changes what the office knows about anybody."""
    if received.case is not None and received.proved:
        owner: Person = received.case.person
        return owner
    told = received.person
    if told is None:
        return None
    if by is not None:
        return save_person(told)
    everybody = Person.objects.everywhere("an identifier finds its person; what is shown of him is scoped")
    known: Person | None = (
        everybody.filter(pk__in=persons_with(told.iin), merged_into=None).first() if told.iin else None
    )
    if known is None:
        return Person.objects.create(**{name: value for name, value in asdict(told).items() if value})
    if (fold(known.last_name), fold(known.first_name)) == (fold(told.last_name), fold(told.first_name)):
        return known
    # The number stays with the complaint (`contacts`), for an official to look at.
    names = {"last_name": told.last_name, "first_name": told.first_name, "patronymic": told.patronymic}
    return Person.objects.create(**names, iin_reason=_("typed on the site, to be checked"))


def _keep_files(complaint: Complaint, received: Received, user: User | None, at: datetime) -> None:
    for file in received.files:
        file.subject, file.added_by, file.added_at = complaint.subject, user, at
        file.save()
