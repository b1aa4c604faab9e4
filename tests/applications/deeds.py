"""Every act on a case and around it, ready to be done. ADD A LINE FOR A NEW ACT."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

from applications import (
    actions,
    data_rights,
    hall,
    hall_devices,
    intake,
    notices,
    recount,
    shipping,
    signatures,
    signing,
)
from applications.models import Case, DecisionKind, Outcome, Purpose, RequestKind
from applications.workflow import State
from offices.calendars import current_version
from offices.models import CalendarDay
from tests.applications.keys import PASSWORD, head
from tests.applications.test_acts import at_the_centre
from tests.config.people_for_deeds import LATER, Deed, People, file
from tests.factories import (
    FRIDAY,
    decide,
    edition,
    found,
    make_case,
    make_centre_case,
    make_intake,
    make_staff,
    make_team,
    make_visit,
    make_window,
)


def on_cases(p: People) -> dict[str, Callable[[], Deed]]:  # noqa: C901 - a table
    """Acts on a case."""
    t, reason = p.team, "Күні жоқ."
    grounds = list(edition("E8").grounds.exclude(kind="suspension")[:1])

    def commission() -> Deed:
        akmola = make_team("akmola:kokshetau")
        pk = make_case(akmola, "E13", state=State.ASSIGNED).pk
        return lambda: actions.record_commission(
            Case.objects.get(pk=pk), number="7", decided_at=LATER, by=akmola.executor, at=LATER
        )

    def again() -> Deed:
        lacking = make_intake(t, documents=found(edition("E8"), no1="missing"))
        pk, whole = intake.take_in(lacking, by=t.clerk, at=FRIDAY).pk, found(edition("E8"))
        return lambda: intake.take_in_again(Case.objects.get(pk=pk), whole, received_at=LATER, by=t.clerk, at=LATER)

    def recounted() -> Deed:
        p.case()
        by = make_staff("south:shymkent", "administrator")

        def act() -> Any:
            day = CalendarDay(
                office=t.office, day=date(2026, 3, 18), kind="closed", name_kk="Ж", name_ru="Р", source="№ 5"
            )
            return recount.change_calendar(
                recount.Days(t.office, [day]), reason="x", version=current_version(), by=by, at=LATER
            )

        return act

    def centre(label: str, state: str) -> Case:
        return at_the_centre(t, p.centre, state) if label == "back" else make_centre_case(t, p.centre, state=state)

    def simple(state: str, act: Callable[[Case], Any], **more: Any) -> Callable[[], Deed]:
        def make() -> Deed:
            row = p.case(state, **more)
            return lambda: act(row())

        return make

    def through_the_centre(state: str, act: Callable[[Case], Any], label: str = "") -> Callable[[], Deed]:
        def make() -> Deed:
            pk = centre(label, state).pk
            return lambda: act(Case.objects.get(pk=pk))

        return make

    return {
        "actions.assign": simple(
            State.REGISTERED, lambda row: actions.assign(row, executor=t.executor.user, by=t.head, at=LATER)
        ),
        "actions.reassign": simple(
            State.ASSIGNED, lambda row: actions.reassign(row, executor=p.other.user, reason=reason, by=t.head, at=LATER)
        ),
        "actions.record_commission": commission,
        "actions.prepare": simple(
            State.ASSIGNED,
            lambda row: actions.prepare(
                row, kind=DecisionKind.REFUSAL, text="Бас", facts="Жоқ", grounds=grounds, by=t.executor, at=LATER
            ),
        ),
        "actions.return_for_rework": simple(
            State.PREPARED, lambda row: actions.return_for_rework(row, reason=reason, by=t.head, at=LATER)
        ),
        "actions.sign": simple(State.PREPARED, lambda row: actions.sign(row, by=t.head, at=LATER)),
        "actions.enter_in_record_book": simple(
            State.SIGNED, lambda row: actions.enter_in_record_book(row, by=t.executor, at=LATER)
        ),
        "actions.tell": simple(State.RECORDED, lambda row: actions.tell(row, how="sms", by=t.executor, at=LATER)),
        "actions.hand_over": simple(
            State.TOLD, lambda row: actions.hand_over(row, way="in_person", by=t.executor, at=LATER)
        ),
        "actions.hand_out_at_centre": through_the_centre(
            State.READY_AT_CENTRE,
            lambda row: actions.hand_out_at_centre(row, by=p.centre.inspector, at=LATER),
            "back",
        ),
        "actions.withdraw": simple(
            State.ASSIGNED, lambda row: actions.withdraw(row, reason=reason, by=t.clerk, at=LATER)
        ),
        "actions.annul": simple(State.REGISTERED, lambda row: actions.annul(row, reason=reason, by=t.clerk, at=LATER)),
        "actions.reopen": simple(
            State.HANDED_OVER,
            lambda row: actions.reopen(
                row, executor=p.other.user, reason=reason, complaint="SHM-C-2026-00001", by=t.head, at=LATER
            ),
            refused=True,
        ),
        "actions.attach": simple(
            State.ASSIGNED, lambda row: actions.attach(row, attachment=file(), by=t.clerk, at=LATER)
        ),
        "intake.take_in": lambda: lambda: intake.take_in(make_intake(t), by=t.clerk, at=LATER, token=uuid.uuid4()),
        "intake.take_in_again": again,
        "intake.register_from_centre": through_the_centre(
            State.DISPATCHED, lambda row: intake.register_from_centre(row, by=t.clerk, at=LATER)
        ),
        "recount.change_calendar": recounted,
        "shipping.collect": through_the_centre(
            State.AT_CENTRE, lambda row: shipping.collect([row.centre_number], by=p.centre.accumulator, at=LATER)
        ),
        "shipping.dispatch": through_the_centre(
            State.COLLECTED, lambda row: shipping.dispatch([row.centre_number], by=p.centre.accumulator, at=LATER)
        ),
        "shipping.send_to_centre": lambda: _sent_back(p),
        "shipping.receive_at_centre": through_the_centre(
            State.SENT_TO_CENTRE,
            lambda row: shipping.receive_at_centre([row.number], by=p.centre.inspector, at=LATER),
            "back",
        ),
    }


def _sent_back(p: People) -> Deed:
    team, at = p.team, FRIDAY + timedelta(minutes=40)
    case = make_centre_case(team, p.centre, state=State.REGISTERED)
    case = actions.assign(case, executor=team.executor.user, by=team.head, at=at)
    case = actions.sign(decide(case, team, at=at), by=team.head, at=at)
    number = actions.enter_in_record_book(case, by=team.clerk, at=at).number
    return lambda: shipping.send_to_centre([number], by=team.clerk, at=LATER)


def around_cases(p: People) -> dict[str, Callable[[], Deed]]:  # noqa: C901 - a table
    """Rights of persons, signatures, the waiting hall."""
    t = p.team

    def held() -> Deed:
        row = p.case()
        data_rights.hold(row(), reason="Сот", by=t.head, at=FRIDAY)
        return lambda: data_rights.lift_hold(row(), by=t.head, at=LATER)

    def asked() -> Deed:
        row = data_rights.take_request(RequestKind.KNOW, office=t.office, text="?", by=t.clerk, at=FRIDAY)
        return lambda: data_rights.answer_request(row, outcome="Айтылды", by=t.clerk, at=LATER)

    def hold() -> Deed:
        row = p.case()
        return lambda: data_rights.hold(row(), reason="Сот", by=t.head, at=LATER)

    def erase() -> Deed:
        row = p.case(State.HANDED_OVER)
        return lambda: data_rights.erase(row(), reason="term", at=LATER)

    def with_key() -> Deed:
        paper, key = p.paper(), signing.open_key(head().p12, PASSWORD, FRIDAY)
        return lambda: signatures.sign_with_key(paper, key, by=t.head, at=LATER)

    def elsewhere() -> Deed:
        paper = p.paper()
        made = head().signature_of(notices.pdf_of(paper))
        return lambda: signatures.attach_signature(paper, made, by=t.head, at=LATER)

    def by_hand() -> Deed:
        paper = p.paper()
        return lambda: signatures.record_by_hand(paper, signed_at=LATER, by=t.clerk, at=LATER)

    def called() -> Deed:
        window, _visit = make_window(number=1), make_visit()
        return lambda: hall.call_next(window, turn=0, by=t.clerk, at=LATER)

    def at_window(act: Callable[[Any], Any]) -> Callable[[], Deed]:
        def make() -> Deed:
            visit = p.visit()
            return lambda: act(visit)

        return make

    def passed_on() -> Deed:
        visit, window = p.visit(), make_window(number=2)
        return lambda: hall.pass_on(visit, window=window, by=t.clerk, at=LATER)

    def tied() -> Deed:
        visit, row = p.visit(), p.case()
        return lambda: hall.attach(visit, case=row(), by=t.clerk, at=LATER)

    issue = {"purpose": Purpose.HAND_IN, "edition": edition("E8"), "by": t.clerk, "at": LATER}
    return {
        "data_rights.take_request": lambda: (
            lambda: data_rights.take_request(RequestKind.BREACH, office=t.office, text="?", by=t.clerk, at=LATER)
        ),
        "data_rights.answer_request": asked,
        "data_rights.hold": hold,
        "data_rights.lift_hold": held,
        "data_rights.erase": erase,
        "signatures.sign_with_key": with_key,
        "signatures.attach_signature": elsewhere,
        "signatures.record_by_hand": by_hand,
        "hall.issue": lambda: lambda: hall.issue(t.office, key=uuid.uuid4(), **issue),
        "hall.call_next": called,
        "hall.call_again": at_window(lambda visit: hall.call_again(visit, calls=visit.calls, by=t.clerk, at=LATER)),
        "hall.finish": at_window(lambda visit: hall.finish(visit, outcome=Outcome.SERVED, by=t.clerk, at=LATER)),
        "hall.pass_on": passed_on,
        "hall.attach": tied,
        "hall_devices.set_up": lambda: (
            lambda: hall_devices.set_up(office=t.office, kind="kiosk", name="", by=t.clerk.user, at=LATER)
        ),
    }
