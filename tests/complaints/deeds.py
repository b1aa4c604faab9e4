"""Every act on a complaint, ready to be done. ADD A LINE FOR A NEW ACT."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

from complaints import actions as do
from complaints import intake
from complaints.intake import Received
from complaints.models import Complaint
from complaints.workflow import State
from tests.complaints.makers import SOON, bring_to, make_complaint, make_refused_complaint
from tests.config.people_for_deeds import LATER, NEXT_WEEK, Deed, People, file
from tests.factories import FRIDAY, make_person, make_staff


def on_complaints(p: People) -> dict[str, Callable[[], Deed]]:  # noqa: C901 - a table
    """Acts on a complaint."""
    t, reason = p.team, "Себебі бар."

    def row(
        state: str, act: Callable[[Complaint], Any], before: Callable[[], Complaint] | None = None, **more: Any
    ) -> Callable[[], Deed]:
        def make() -> Deed:
            read = p.complaint(state, before() if before else None, **more)
            return lambda: act(read())

        return make

    def then(*acts: Callable[[Complaint], Complaint], kind: str = "service", state: str = "", **more: Any) -> Any:
        """A complaint that some acts were done to; `bring_to` is not asked to move it on."""

        def make(act: Callable[[Complaint], Any]) -> Callable[[], Deed]:
            def deed() -> Deed:
                made = make_complaint(t, kind, at=FRIDAY, **more)
                made = bring_to(made, t, state, at=FRIDAY) if state else made
                for step in acts:
                    made = step(made)
                return lambda: act(Complaint.objects.get(pk=made.pk))

            return deed

        return make

    def forwarded(**to: Any) -> Callable[[Complaint], Complaint]:
        return lambda made: do.forward(made, **to, reason="91-бап", by=t.head, at=SOON)

    def remedied() -> Deed:
        made = make_refused_complaint(t, at=FRIDAY)
        pk = bring_to(made, t, State.ANSWERED, at=SOON, other=p.other).pk
        return lambda: do.begin_remedy(
            Complaint.objects.get(pk=pk), reopen=True, executor=p.other.user, by=t.head, at=NEXT_WEEK
        )

    def executed() -> Deed:
        pk = bring_to(make_complaint(t, at=FRIDAY), t, State.ANSWERED, at=FRIDAY).pk
        do.begin_remedy(Complaint.objects.get(pk=pk), reopen=False, note="Шара", by=t.head, at=SOON)
        return lambda: do.execute(Complaint.objects.get(pk=pk), note="Жасалды", by=t.head, at=NEXT_WEEK)

    lacking = {"missing": ["name"], "until": date(2026, 3, 17), "by": t.clerk}
    found_so = {"substantiated": True, "outcome": "satisfied", "text": "Негізді."}
    extension = {"extension": "longer", "until": date(2026, 4, 10), "reason": reason}
    over = make_staff("south:arys", "head", "clerk")
    outside = {"outcome": "cancel", "substantiated": True, "text": "Жойылды.", "decided_at": LATER}
    asked = then(lambda made: do.ask_for_missing(made, **lacking, at=SOON), kind="appeal", person=None)
    extended = then(lambda made: do.extend(made, **extension, by=t.head, at=SOON), kind="appeal", state=State.ASSIGNED)
    return {
        "intake.register": lambda: (
            lambda: intake.register(
                Received(
                    "service", t.office, "counter", "queue", "Күттім.", LATER, person=make_person(), files=[file()]
                ),
                by=t.clerk,
                at=LATER,
            )
        ),
        "actions.assign": row(
            State.REGISTERED, lambda c: do.assign(c, executor=t.executor.user, by=t.deputy, at=LATER)
        ),
        "actions.reassign": row(
            State.ASSIGNED, lambda c: do.reassign(c, executor=p.other.user, reason=reason, by=t.head, at=LATER)
        ),
        "actions.ask_for_missing": then(kind="appeal", person=None)(
            lambda c: do.ask_for_missing(c, **lacking, at=SOON)
        ),
        "actions.complete": asked(
            lambda c: do.complete(c, person=make_person(), text="Тағы", by=t.clerk, at=NEXT_WEEK)
        ),
        "actions.send_back": asked(lambda c: do.send_back(c, reason=reason, by=t.head, at=NEXT_WEEK)),
        "actions.forward": then(kind="complaint")(
            lambda c: do.forward(c, to=None, to_body="Әкімдік", reason=reason, by=t.head, at=LATER)
        ),
        "actions.take_over": then(forwarded(to=over.user.memberships.first().office), kind="complaint")(
            lambda c: do.take_over(c, by=over, at=LATER)
        ),
        "actions.record_answer": then(forwarded(to=None, to_body="Әкімдік"), kind="complaint")(
            lambda c: do.record_answer(c, **outside, by=t.clerk, at=LATER + timedelta(hours=1))
        ),
        "actions.extend": then(kind="appeal", state=State.ASSIGNED)(
            lambda c: do.extend(c, **extension, by=t.head, at=SOON)
        ),
        "actions.tell_extension": extended(lambda c: do.tell_extension(c, how="phone", by=t.clerk, at=LATER)),
        "actions.give_preliminary": then(kind="appeal", state=State.ASSIGNED)(
            lambda c: do.give_preliminary(c, text="Негізсіз.", by=t.executor, at=SOON)
        ),
        "actions.record_objection": then(
            lambda c: do.give_preliminary(c, text="Негізсіз.", by=t.executor, at=SOON),
            kind="appeal",
            state=State.ASSIGNED,
        )(lambda c: do.record_objection(c, text="Келіспеймін.", by=t.clerk, at=LATER)),
        "actions.consider": row(State.ASSIGNED, lambda c: do.consider(c, **found_so, by=t.executor, at=LATER)),
        "actions.return_for_rework": row(
            State.CONSIDERED, lambda c: do.return_for_rework(c, reason=reason, by=t.deputy, at=LATER)
        ),
        "actions.answer": row(State.CONSIDERED, lambda c: do.answer(c, by=t.deputy, at=LATER)),
        "actions.tell": row(State.ANSWERED, lambda c: do.tell(c, how="phone", by=t.clerk, at=LATER)),
        "actions.deliver": row(State.TOLD, lambda c: do.deliver(c, way="in_person", by=t.clerk, at=LATER)),
        "actions.begin_remedy": remedied,
        "actions.execute": executed,
        "actions.withdraw": row(State.REGISTERED, lambda c: do.withdraw(c, reason=reason, by=t.clerk, at=LATER)),
        "actions.attach": row(State.REGISTERED, lambda c: do.attach(c, attachment=file(), by=t.clerk, at=LATER)),
    }
