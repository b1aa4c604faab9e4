"""The acts of an office on a case: which move of the machine each makes, and which row of table 1 it belongs to."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from applications.models import Case
from offices.workflow import CASEWORK_ROLES, Role
from services.workflow import StepTransition


@dataclass(frozen=True)
class Act:
    """An office act. The unit of `step` does it; acts that no row of the table covers name their `roles` instead.

    `on_closed`: it may be done on a closed case.
    """

    name: str
    move: Callable[[Any], None] | None = None
    step: StepTransition | None = None
    roles: tuple[str, ...] = ()
    on_closed: bool = False


REGISTER = Act("register", Case.register, StepTransition.REGISTER)
AT_WINDOW = Act("accept_at_window", Case.accept_at_window, StepTransition.ACCEPT_AT_WINDOW)
INCOMPLETE = Act("find_incomplete", Case.find_incomplete, StepTransition.REGISTER)
INCOMPLETE_AT_WINDOW = Act("find_incomplete", Case.find_incomplete, StepTransition.ACCEPT_AT_WINDOW)
COLLECT = Act("collect", Case.collect, StepTransition.COLLECT)
DISPATCH = Act("dispatch", Case.dispatch, StepTransition.DISPATCH)
ASSIGN = Act("assign", Case.assign, StepTransition.ASSIGN)
REASSIGN = Act("reassign", None, StepTransition.ASSIGN)
RECORD_COMMISSION = Act("record_commission", None, StepTransition.PREPARE)
PREPARE = Act("prepare", Case.prepare, StepTransition.PREPARE)
RETURN = Act("return_for_rework", Case.return_for_rework, StepTransition.SIGN)
SIGN = Act("sign", Case.sign, StepTransition.SIGN)
ENTER = Act("enter_in_record_book", Case.enter_in_record_book, StepTransition.HAND_OVER)
TELL = Act("tell", Case.tell, StepTransition.HAND_OVER)
HAND_OVER = Act("hand_over", Case.hand_over, StepTransition.HAND_OVER)
SEND_BACK = Act("send_to_centre", Case.send_to_centre, StepTransition.HAND_OVER)
RECEIVE_BACK = Act("receive_at_centre", Case.receive_at_centre, StepTransition.HAND_OUT_AT_CENTRE)
TELL_FROM_CENTRE = Act("tell_from_centre", Case.tell_from_centre, StepTransition.HAND_OUT_AT_CENTRE)
HAND_OUT = Act("hand_out_at_centre", Case.hand_out_at_centre, StepTransition.HAND_OUT_AT_CENTRE)
WITHDRAW = Act(
    "withdraw", Case.withdraw, roles=(Role.CLERK, Role.EXECUTOR, Role.HEAD, Role.DEPUTY, Role.CENTRE_INSPECTOR)
)
ANNUL = Act("annul", Case.annul, StepTransition.REGISTER)
REOPEN = Act("reopen", Case.reopen, roles=(Role.HEAD, Role.DEPUTY), on_closed=True)
ATTACH = Act("attach", None, roles=CASEWORK_ROLES)
