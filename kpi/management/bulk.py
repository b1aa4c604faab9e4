"""The fast path: the rows that the real acts leave behind, made in memory and written in bulk, for volume.

Persons, cases, checklists, clocks with their sums, decisions, numbers and the chain of events are the same rows (a test compares
them); the machine, the terms, the power and the hash come from the same functions. Papers are not made: nobody reads a million.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from django.core.management.color import no_style
from django.db import connection, transaction
from django.db.models import Max, Model
from django.utils import timezone

from applications import acts as all_acts
from applications import clock
from applications.acts import Act
from applications.casework import event_hash, power_for, step_for, words_apart
from applications.models import (
    Case,
    CaseDocument,
    Clock,
    ClockKind,
    Decision,
    DecisionGround,
    Event,
    EventChain,
    EventWords,
    NumberBook,
    Person,
)
from applications.numbering import Book
from applications.workflow import AWAITED
from kpi.management.plan import Done, Planned
from kpi.management.real import in_order
from offices.models import Office, User
from offices.text import fold, sort_key
from offices.vault import keyed_hash
from services.models import Step
from services.workflow import Trigger

_ACTS: dict[str, Act] = {
    "annul": all_acts.ANNUL, "assign": all_acts.ASSIGN, "enter_in_record_book": all_acts.ENTER,
    "hand_over": all_acts.HAND_OVER, "prepare": all_acts.PREPARE, "record_commission": all_acts.RECORD_COMMISSION,
    "return_for_rework": all_acts.RETURN, "sign": all_acts.SIGN, "tell": all_acts.TELL, "withdraw": all_acts.WITHDRAW,
}  # fmt: skip
_TABLES: tuple[type[Model], ...] = (Person, Case, CaseDocument, Clock, Decision, DecisionGround, Event)


@transaction.atomic
def write(cases: Sequence[Planned]) -> int:
    """Write the rows of the plan; gives the number of acts. The offices must not work meanwhile: numbers are taken in memory."""
    ledger = Ledger()
    acts = in_order(cases)
    for place, act in acts:
        ledger.do(place, act, cases[place])
    ledger.save()
    return len(acts)


class Ledger:
    """Rows under construction, with the keys and numbers that the database would give next."""

    def __init__(self) -> None:
        self.rows: dict[type[Model], list[Any]] = defaultdict(list)
        self.next = {model: (model._default_manager.aggregate(last=Max("pk"))["last"] or 0) for model in _TABLES}
        self.words: list[EventWords] = []
        self.cases: dict[int, Case] = {}
        self.clocks: dict[int, list[Clock]] = defaultdict(list)
        self.papers: dict[int, list[CaseDocument]] = {}
        self.decisions: dict[int, list[Decision]] = defaultdict(list)
        self.chains: dict[int, EventChain] = {}
        self.books: dict[tuple[int, str, int], NumberBook] = {}

    def add(self, row: Any) -> Any:
        """Give a row the next key of its table."""
        self.next[type(row)] += 1
        row.pk = self.next[type(row)]
        self.rows[type(row)].append(row)
        return row

    def do(self, place: int, done: Done, planned: Planned) -> None:
        """Do one act of the plan in memory."""
        if done.name in ("take_in", "take_in_again"):
            self._take_in(place, done, planned)
            return
        case, act = self.cases[place], _ACTS[done.name]
        case.version += 1
        step = step_for(act, case)
        payload: dict[str, Any] = {}
        getattr(self, f"_{done.name}")(case, done, payload)
        self._move(case, act, done)
        self._finish(case, act, done, step, payload)

    # -------------------------------------------------------------- taking in

    def _take_in(self, place: int, done: Done, planned: Planned) -> None:
        received, lacking = done.data["received_at"], [row for row in done.data["found"] if row.lacking]
        payload: dict[str, Any] = {"happened_at": received, "complete": not lacking}
        act = all_acts.INCOMPLETE if lacking else all_acts.REGISTER
        case = self.cases.get(place)
        if case is None:
            case = self.cases[place] = self._new_case(planned, received, not lacking)
        else:
            case.version, case.submissions, case.received_at = case.version + 1, case.submissions + 1, received
            payload["submission"] = case.submissions
        step = step_for(act, case)
        self.papers[case.pk] = [
            CaseDocument(case=case, requirement=row.requirement, status=row.status, defect=row.defect)
            for row in done.data["found"]
        ]
        if lacking:
            payload["lacking"] = [row.requirement.pk for row in lacking]
            self._move(case, act, done)
        else:
            case.number, case.registered_at = self._number(case.office, Book.REGISTRATION, done.at), done.at
            if step is not None:
                self._start(case, step, received)
            self._move(case, act, done)
            self._start_overall(case, Trigger.DOCUMENTS_HANDED_IN, received)
            payload["number"] = case.number
        self._finish(case, act, done, step, payload)

    def _new_case(self, planned: Planned, received: datetime, complete: bool) -> Case:
        person = Person(**{name: value for name, value in asdict(planned.person).items() if value})
        person.iin_hash, person.old_hash = keyed_hash(person.iin), keyed_hash(fold(person.old_identifier))
        person.search, person.sort_key = fold(person.full_name), sort_key(person.full_name)
        return self.add(Case(  # type: ignore[no-any-return]
            office=planned.office, edition=planned.edition, language=planned.language, received_at=received,
            complete_first_time=complete, first_handed_in_on=timezone.localdate(received), person=self.add(person),
        ))  # fmt: skip

    # -------------------------------------------------------------- the other acts

    def _assign(self, case: Case, done: Done, payload: dict[str, Any]) -> None:
        case.executor = done.data["executor"]
        payload["executor"] = done.data["executor"].pk

    def _record_commission(self, case: Case, done: Done, payload: dict[str, Any]) -> None:
        case.commission_number, case.commission_at = done.data["number"], done.data["decided_at"]
        self._start_overall(case, Trigger.COMMISSION_DECISION, done.data["decided_at"])
        payload.update(number=done.data["number"], happened_at=done.data["decided_at"])

    def _prepare(self, case: Case, done: Done, payload: dict[str, Any]) -> None:
        data, grounds = done.data, done.data.get("grounds", [])
        decision = self.add(Decision(
            case=case, kind=data["kind"], text=data["text"], facts=data.get("facts", ""), prepared_by=done.by.user,
            prepared_at=done.at,
        ))  # fmt: skip
        self.decisions[case.pk].append(decision)
        for ground in grounds:
            self.add(DecisionGround(decision=decision, ground=ground))
        payload.update(decision=decision.pk, kind=str(data["kind"]), grounds=[ground.pk for ground in grounds])

    def _return_for_rework(self, case: Case, done: Done, payload: dict[str, Any]) -> None:
        decision, reason = self.decisions[case.pk][-1], done.data["reason"]
        decision.returned_by, decision.returned_at, decision.return_reason = done.by.user, done.at, reason
        payload.update(decision=decision.pk, reason=reason)

    def _sign(self, case: Case, done: Done, payload: dict[str, Any]) -> None:
        decision = self.decisions[case.pk][-1]
        decision.number = self._number(case.office, Book.RECORD, done.at)
        decision.signed_by, decision.signed_at, case.signed_at = done.by.user, done.at, done.at
        payload.update(decision=decision.pk, number=decision.number)

    def _enter_in_record_book(self, case: Case, done: Done, payload: dict[str, Any]) -> None:
        case.recorded_at = done.at
        payload["number"] = self.decisions[case.pk][-1].number

    def _tell(self, case: Case, done: Done, payload: dict[str, Any]) -> None:
        case.told_at = done.at
        self._stop_both(case, done, "told")
        payload["how"] = done.data["how"]

    def _hand_over(self, case: Case, done: Done, payload: dict[str, Any]) -> None:
        case.delivered_at, case.delivered_how, case.closed_at = done.at, done.data["way"], done.at
        self._stop_both(case, done, "delivered")
        payload.update(way=done.data["way"], note="")

    def _withdraw(self, case: Case, done: Done, payload: dict[str, Any]) -> None:
        self._close(case, done, payload, "withdrawn")

    def _annul(self, case: Case, done: Done, payload: dict[str, Any]) -> None:
        self._close(case, done, payload, "annulled")

    def _close(self, case: Case, done: Done, payload: dict[str, Any], ended_by: str) -> None:
        case.closed_at, case.closing_reason = done.at, done.data["reason"]
        self._stop(case, ClockKind.OVERALL, done.at, ended_by, done.by.user)
        payload["reason"] = done.data["reason"]

    # -------------------------------------------------------------- clocks, machine, numbers, events

    def _start(self, case: Case, step: Step, at: datetime) -> None:
        row = Clock(case=case, kind=ClockKind.STEP, step=step, office=case.office, edition=case.edition, started_at=at)
        earlier = next((each for each in self.clocks[case.pk] if each.step_id == step.pk), None)
        if earlier is not None:
            row.due_at, row.unmoved_on = earlier.due_at, earlier.unmoved_on
            row.trace = [{"kind": "returned", "at": at.isoformat()}, *earlier.trace]
        elif (term := step.term) is not None:
            clock.set_due(row, clock._due(row, term))
        self.clocks[case.pk].append(self.add(row))

    def _start_overall(self, case: Case, trigger: Trigger, at: datetime) -> None:
        norm = clock.overall_norm(case)
        if norm is not None and norm.trigger == trigger:
            row = Clock(case=case, kind=ClockKind.OVERALL, office=case.office, edition=case.edition, started_at=at)
            clock.set_due(row, clock._due(row, norm.term))
            self.clocks[case.pk].append(self.add(row))

    def _stop(self, case: Case, kind: ClockKind, at: datetime, ended_by: str, user: User) -> None:
        row = next((each for each in self.clocks[case.pk] if each.kind == kind and each.stopped_at is None), None)
        if row is not None:
            clock.freeze(row, at, ended_by, user, case.office)
            if kind == ClockKind.OVERALL and row.met is not False:
                row.counted_on = row.stopped_on

    def _stop_both(self, case: Case, done: Done, ended_by: str) -> None:
        for kind in (ClockKind.STEP, ClockKind.OVERALL):
            self._stop(case, kind, done.at, ended_by, done.by.user)
        if case.served_on is None:
            case.served_on = clock.office_day(case.office, done.at)

    def _move(self, case: Case, act: Act, done: Done) -> None:
        before = AWAITED.get(case.state)
        if act.move is not None:
            act.move(case)
        awaited = clock.awaited_step(case)
        if before != AWAITED.get(case.state):
            self._stop(case, ClockKind.STEP, done.at, act.name, done.by.user)
            if awaited is not None:
                self._start(case, awaited, done.at)
        case.awaiting_unit = awaited.unit if awaited else ""

    def _number(self, office: Office, book: Book, at: datetime) -> str:
        year = timezone.localdate(at).year
        key = (office.pk, book.value, year)
        if key not in self.books:
            self.books[key] = NumberBook.objects.get_or_create(office=office, book=book.value, year=year)[0]
        self.books[key].last += 1
        return "-".join(part for part in (office.code, book.value, str(year), f"{self.books[key].last:05d}") if part)

    def _finish(self, case: Case, act: Act, done: Done, step: Step | None, payload: dict[str, Any]) -> None:
        open_terms = [row.due_at for row in self.clocks[case.pk] if row.stopped_at is None and row.due_at]
        case.due_at = min(open_terms, default=None)
        power = power_for(act, case, step, done.by)
        office_id = power.office_id if power else case.office_id
        if office_id not in self.chains:
            self.chains[office_id] = EventChain.objects.get_or_create(office_id=office_id)[0]
        chain = self.chains[office_id]
        happened = payload.pop("happened_at", None) or done.at
        told, apart = words_apart(payload)
        event = self.add(Event(
            kind=act.name, office_id=office_id, seq=chain.seq + 1, previous=chain.head, recorded_at=done.at, step=step,
            actor=done.by.user, happened_at=happened, payload=told, case=case,
        ))  # fmt: skip
        event.hash = event_hash(event)
        chain.seq, chain.head = event.seq, event.hash
        if apart:
            self.words.append(EventWords(event=event, **apart))

    def save(self) -> None:
        """Write everything, the rows that others point to first, and let the tables go on from the last keys."""
        for rows in self.papers.values():
            for row in rows:
                self.add(row)
        for model in _TABLES:
            model._default_manager.bulk_create(self.rows[model], batch_size=500)
        EventWords.objects.bulk_create(self.words, batch_size=500)
        EventChain.objects.bulk_update(self.chains.values(), ["seq", "head"])
        NumberBook.objects.bulk_update(self.books.values(), ["last"])
        with connection.cursor() as cursor:
            for statement in connection.ops.sequence_reset_sql(no_style(), list(_TABLES)):
                cursor.execute(statement)
