"""What every act on a case has in common: one transaction, the right person, the right state, clocks, event, token.

The acts themselves stand in actions.py; this module is the frame they are put in.
"""

from __future__ import annotations

import hashlib
import json
import secrets
import uuid
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Generic, TypeVar

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _
from django_fsm import ConcurrentTransition, TransitionNotAllowed, can_proceed

from applications import clock
from applications.acts import Act
from applications.models import Case, ClockKind, Event, EventChain, EventWords, FormToken, Matter
from applications.workflow import AWAITED, State
from offices.calendars import one_calendar
from offices.models import Office, User
from offices.outbox import enqueue
from offices.policy import Power, Staff
from offices.querysets import ScopedQuerySet
from offices.vault import keyed_hash
from offices.workflow import ROLES_OF_UNIT
from services.models import Step

# The columns of an event that its hash covers, in this order.
LINKED = (
    "office_id", "seq", "kind", "case_id", "step_id", "actor_id", "acting_for_id", "happened_at", "recorded_at", "payload",
    "previous", "subject",
)  # fmt: skip
_IN_WORDS = ("reason", "note")


class ActRefused(Exception):
    """An act that may not be done. `message` is for the page, `status` is the HTTP status that fits, `field` the form's."""

    def __init__(self, message: str, *, status: int = 409, field: str | None = None) -> None:
        super().__init__(message)
        self.message, self.status, self.field = message, status, field


M = TypeVar("M", bound=Matter)


@dataclass
class Acting(Generic[M]):
    """One act under way: the case (or complaint), who does it by which power, when, and what goes into the event."""

    case: M
    by: Staff
    power: Power
    at: datetime
    step: Step | None
    payload: dict[str, Any] = field(default_factory=dict)

    @property
    def user(self) -> User:
        """The person who acts."""
        return self.by.user


Doing = Acting[Case]
Change = Callable[[Doing], None]


@dataclass(frozen=True)
class Frame(Generic[M]):
    """What differs between acts on cases and on complaints: the row, the step, the power, and the clocks that a move turns."""

    rows: Callable[[], ScopedQuerySet]
    step: Callable[[Act, M], Step | None]
    power: Callable[[Act, M, Step | None, Staff], Power | None]
    moved: Callable[[Acting[M], str, Act], None]  # after the transition, with the state before it
    keep_clocks: Callable[[M], None]  # write those that began, set the nearest due moment


def perform(
    act: Act, case: Case, *, by: Staff, at: datetime, token: uuid.UUID | None, change: Change, body: Any = None
) -> Case:
    """Do `act` on `case` as the caller saw it: check, change, move, stop and start clocks, log. All or nothing.

    A repeated form (`token` with the same `body`) changes nothing and gives the case as it stands. Raises ActRefused:
    403 not this person's step, 409 the case has moved on meanwhile or the token came with another body.
    """
    return perform_in(CASES, act, case, by=by, at=at, token=token, change=change, body=body)


def perform_in(
    frame: Frame[M],
    act: Act,
    case: M,
    *,
    by: Staff,
    at: datetime,
    token: uuid.UUID | None,
    change: Callable[[Acting[M]], None],
    body: Any,
) -> M:
    """`perform` for whatever moves in `frame`: the one way in which anything moves."""
    with transaction.atomic(), one_calendar():
        done: M | None = repeated_in(frame.rows(), token, by.user, (act.name, case.pk, body), at)
        if done:
            return done
        _claim_version(frame, case)
        fresh: M = frame.rows().anew(case).get()
        step = frame.step(act, fresh)
        power = frame.power(act, fresh, step, by)
        if power is None:
            raise ActRefused(_("This step belongs to another role or another person."), status=403)
        if not (fresh.is_open or act.on_closed) or not can_move(fresh, act):
            raise moved_on(fresh)
        doing = Acting(fresh, by, power, at, step)
        change(doing)
        move(doing, act, frame)
        finish(doing, act.name, token, frame)
        return fresh


def step_for(act: Act, case: Case) -> Step | None:
    """The step of the edition's table 1 that the act belongs to; for acts without one of their own, the awaited step."""
    return clock.step_of(case, act.step) if act.step else clock.awaited_step(case)


def power_for(act: Act, case: Case, step: Step | None, by: Staff) -> Power | None:
    """The power by which the person may do the act on this case, None if he may not.

    The unit comes from the definition: in E6, E9 and E11 the executor registers. After the resolution an executor's step is
    that of the executor named in it.
    """
    if act.roles:
        return by.power(case.office_id, act.roles) or by.power(case.centre_id, act.roles)
    if step is None:
        return None
    power = by.power(clock.place_of(case, step).pk, ROLES_OF_UNIT[step.unit])
    if power and step.unit == "executor" and case.executor_id and not by.acts_as(case.executor_id):
        return None
    return power


def can_move(case: Matter, act: Act) -> bool:
    """Whether the machine lets the act's move begin in the case's state; asked before anything is changed."""
    return act.move is None or bool(can_proceed(getattr(case, act.move.__name__)))


def move(doing: Acting[M], act: Act, frame: Frame[M] | None = None) -> None:
    """Make the act's transition; stop the clock of the step that ended and start that of the step now awaited."""
    before = doing.case.state
    if act.move is not None:
        try:
            act.move(doing.case)
        except TransitionNotAllowed as refusal:
            raise moved_on(doing.case) from refusal
    _frame_of(frame).moved(doing, before, act)


def _case_moved(doing: Doing, state_before: str, act: Act) -> None:
    case, before = doing.case, AWAITED.get(state_before)
    awaited = clock.awaited_step(case)
    if before != AWAITED.get(case.state):
        clock.stop(case, ClockKind.STEP, doing.at, act.name, doing.user)
        if awaited is not None:
            clock.start_step(case, awaited, doing.at)
    case.awaiting_unit = awaited.unit if awaited else ("centre_inspector" if case.state == State.SENT_TO_CENTRE else "")


def finish(doing: Acting[M], kind: str, token: uuid.UUID | None, frame: Frame[M] | None = None) -> None:
    """Save the case and write its event; the token now leads to this case."""
    _frame_of(frame).keep_clocks(doing.case)
    try:
        doing.case.save()
    except ConcurrentTransition as conflict:
        raise stale() from conflict
    event = log(kind, doing)
    used_for(token, doing.case)
    if isinstance(doing.case, Case) and doing.case.followed:
        news = {"case": doing.case.pk, "state": str(doing.case.state)}
        enqueue("case_news", key=f"case_news:{event.pk}", payload=news)


def used_for(token: uuid.UUID | None, matter: Matter) -> None:
    """Let the token of a form lead to what the form made or changed."""
    if token is not None:
        FormToken.objects.filter(pk=token).update(**about(matter))


def about(matter: Matter) -> dict[str, Any]:
    """How the rows of events, papers, files and forms say what they belong to: the case itself, else the subject."""
    return {"case": matter} if isinstance(matter, Case) else {"subject": matter.subject}


def log(kind: str, doing: Acting[Any]) -> Event:
    """Append an event to the chain of the office where the act was done."""
    happened = doing.payload.pop("happened_at", None) or doing.at
    return append_event(
        kind,
        office=Office(pk=doing.power.office_id),
        step=doing.step,
        actor=doing.user,
        acting_for_id=doing.power.acting_for_id,
        happened_at=happened,
        recorded_at=doing.at,
        payload=doing.payload,
        **about(doing.case),
    )


def append_event(kind: str, *, office: Office, recorded_at: datetime, **fields: Any) -> Event:
    """Append one event; the chain's row of the office is locked until the transaction ends, so places are dense."""
    chain = _locked_chain(office)
    event, apart = _next_event(chain, kind=kind, office=office, recorded_at=recorded_at, **fields)
    event.save(force_insert=True)
    if apart:
        EventWords.objects.create(event=event, **apart)
    EventChain.objects.filter(office=office).update(seq=chain.seq, head=chain.head)
    return event


def append_events(kind: str, *, office: Office, recorded_at: datetime, rows: Iterable[dict[str, Any]]) -> int:
    """Append one event for each of `rows` (its fields), as `append_event` would, in a few statements. Gives their number."""
    chain = _locked_chain(office)
    made = [_next_event(chain, kind=kind, office=office, recorded_at=recorded_at, **fields) for fields in rows]
    Event.objects.bulk_create([event for event, _apart in made], batch_size=500)
    words = [EventWords(event=event, **apart) for event, apart in made if apart]
    EventWords.objects.bulk_create(words, batch_size=500)
    EventChain.objects.filter(office=office).update(seq=chain.seq, head=chain.head)
    return len(made)


def _locked_chain(office: Office) -> EventChain:
    chain = EventChain.objects.select_for_update().filter(office=office).first()
    if chain is None:
        EventChain.objects.get_or_create(office=office)
        chain = EventChain.objects.select_for_update().get(office=office)
    return chain


def _next_event(chain: EventChain, **fields: Any) -> tuple[Event, dict[str, Any]]:
    """The next event of a chain (moved on in memory, the caller saves both), and the words that are kept apart from it."""
    fields.setdefault("happened_at", fields["recorded_at"])
    fields["payload"], apart = words_apart(fields.get("payload", {}))
    event = Event(seq=chain.seq + 1, previous=chain.head, **fields)
    event.hash = event_hash(event)
    chain.seq, chain.head = event.seq, event.hash
    return event, apart


def words_apart(payload: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Split what people wrote in words off the payload: the chain keeps its salted hash, the text can be erased."""
    words = {name: payload[name] for name in _IN_WORDS if payload.get(name)}
    if not words:
        return payload, {}
    salt = secrets.token_hex(16)
    rest = {name: value for name, value in payload.items() if name not in _IN_WORDS}
    return {**rest, "words": words_hash(salt, words)}, {"salt": salt, "words": words}


def words_hash(salt: str, words: dict[str, Any]) -> str:
    """SHA-256 of the words under their salt."""
    return hashlib.sha256((salt + json.dumps(words, ensure_ascii=False, sort_keys=True)).encode()).hexdigest()


def event_hash(event: Event) -> str:
    """SHA-256 over the event's fields and the hash before it."""
    return link_hash(*(getattr(event, name) for name in LINKED))


def link_hash(*values: Any) -> str:
    """SHA-256 over the values of LINKED, in that order; an empty subject is left out."""
    *fields, happened_at, recorded_at, payload, previous, subject = values
    moments = (int(at.timestamp() * 1_000_000) for at in (happened_at, recorded_at))
    told = [*fields, *moments, payload, previous, *([subject] if subject else [])]
    return hashlib.sha256(json.dumps(told, ensure_ascii=False, sort_keys=True).encode()).hexdigest()


def repeated(token: uuid.UUID | None, user: User, body: Any, at: datetime) -> Case | None:
    """The case that this form has already made or changed; None when it comes for the first time.

    Raises ActRefused (409) when the token was used with another body or by another person.
    """
    made: Case | None = repeated_in(Case.objects.all(), token, user, body, at)
    return made


def repeated_in(rows: ScopedQuerySet, token: uuid.UUID | None, user: User | None, body: Any, at: datetime) -> Any:
    """`repeated` for whatever stands in `rows`; `user` is None for a visitor of the site."""
    if token is None:
        return None
    # Under a key: an identification number could be guessed from a plain hash of the form.
    fingerprint = keyed_hash(json.dumps(body, sort_keys=True, default=str))
    mine = FormToken(token=token, fingerprint=fingerprint, user=user, used_at=at)
    # Waits for another transaction with the same token; a row that leads to nothing yet is the one just written here.
    FormToken.objects.bulk_create([mine], ignore_conflicts=True)
    row = FormToken.objects.get(token=token)
    if row.fingerprint != fingerprint or row.user_id != (user.pk if user else None):
        raise ActRefused(_("This form was already sent with other contents. Open the page again."))
    key = row.subject.rpartition(":")[2] or row.case_id
    if not key:
        return None
    return rows.everywhere("a form's token leads its own sender to what the form made").get(pk=key)


def moved_on(case: Matter) -> ActRefused:
    """The act does not belong to the state in which the case (or complaint) is."""
    return ActRefused(_("The case is no longer at this step: %(state)s.") % {"state": case.get_state_display()})


def stale() -> ActRefused:
    """Somebody was quicker."""
    return ActRefused(_("Somebody else has just worked on this case. See what was done, then decide again."))


def _claim_version(frame: Frame[M], case: M) -> None:
    # On PostgreSQL this also locks the row; SQLite's transaction holds the write lock already.
    mine = frame.rows().model._default_manager.anew(case).filter(version=case.version, state=case.state)
    if not mine.update(version=F("version") + 1):
        raise stale()


def _case_rows() -> ScopedQuerySet:
    rows: ScopedQuerySet = Case.objects.for_act()
    return rows


CASES: Frame[Case] = Frame(_case_rows, step_for, power_for, _case_moved, clock.keep)


def _frame_of(frame: Frame[M] | None) -> Frame[Any]:
    return frame or CASES
