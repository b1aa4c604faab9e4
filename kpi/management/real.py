"""The plan lived through the real acts, with the moving clock of the plan: all offices' acts in the order of time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from django.db import transaction

from applications import actions, intake
from applications.intake import Intake
from applications.models import Case
from kpi.management.plan import Done, Planned


def in_order(cases: Sequence[Planned]) -> list[tuple[int, Done]]:
    """All acts with the place of their case, the earliest first."""
    acts = [(act.at, place, number, act) for place, case in enumerate(cases) for number, act in enumerate(case.acts)]
    return [(place, act) for _at, place, _number, act in sorted(acts, key=lambda row: row[:3])]


def live(cases: Sequence[Planned], tick: Callable[[int], None] = lambda done: None) -> int:
    """Do every act of the plan; gives the number of acts."""
    made: dict[int, Case] = {}
    acts = in_order(cases)
    for done, (place, act) in enumerate(acts, start=1):
        with transaction.atomic():
            made[place] = _do(act, cases[place], made.get(place))
        tick(done)
    return len(acts)


def _do(act: Done, planned: Planned, case: Case | None) -> Case:
    if act.name == "take_in" or case is None:
        data = Intake(
            planned.office,
            planned.edition,
            planned.person,
            act.data["found"],
            act.data["received_at"],
            planned.language,
        )
        return intake.take_in(data, by=act.by, at=act.at)
    if act.name == "take_in_again":
        found, received_at = act.data["found"], act.data["received_at"]
        return intake.take_in_again(case, found, received_at=received_at, by=act.by, at=act.at)
    run: Callable[..., Any] = _ACTS[act.name]
    done: Case = run(case, **act.data, by=act.by, at=act.at)
    return done


_ACTS: dict[str, Callable[..., Any]] = {
    "annul": actions.annul,
    "assign": actions.assign,
    "enter_in_record_book": actions.enter_in_record_book,
    "hand_over": actions.hand_over,
    "prepare": actions.prepare,
    "record_commission": actions.record_commission,
    "return_for_rework": actions.return_for_rework,
    "sign": actions.sign,
    "tell": actions.tell,
    "withdraw": actions.withdraw,
}
