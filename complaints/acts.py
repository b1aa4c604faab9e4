"""The acts of an office on a complaint: which move of the machine each makes, and who may do it."""

from __future__ import annotations

from dataclasses import dataclass

from applications import acts
from complaints.models import Complaint
from offices.workflow import Role

_HEADS = (Role.HEAD, Role.DEPUTY)
HOUSE = (Role.CLERK, Role.EXECUTOR, Role.HEAD, Role.DEPUTY)


@dataclass(frozen=True)
class Act(acts.Act):
    """An act on a complaint. `impartial`: never by the official complained of; `own`: by who was named to consider it.

    `at_home`: in the office complained of, whoever considered it.
    """

    impartial: bool = False
    own: bool = False
    at_home: bool = False


REGISTER = Act("complaint_register", roles=HOUSE)
ASK_FOR_MISSING = Act("complaint_ask", Complaint.ask_for_missing, roles=HOUSE)
COMPLETE = Act("complaint_complete", Complaint.complete, roles=HOUSE)
SEND_BACK = Act("complaint_send_back", Complaint.send_back, roles=_HEADS, impartial=True)
ASSIGN = Act("complaint_assign", Complaint.assign, roles=_HEADS, impartial=True)
REASSIGN = Act("complaint_reassign", roles=_HEADS, impartial=True)
EXTEND = Act("complaint_extend", roles=_HEADS, impartial=True)
TELL_EXTENSION = Act("complaint_tell_extension", roles=HOUSE)
FORWARD = Act("complaint_forward", Complaint.forward, roles=(*_HEADS, Role.CLERK))
TAKE_OVER = Act("complaint_take_over", Complaint.take_over, roles=HOUSE)
RECORD_ANSWER = Act("complaint_record_answer", Complaint.record_answer, roles=HOUSE)
PRELIMINARY = Act("complaint_preliminary", roles=HOUSE, impartial=True, own=True)
OBJECTION = Act("complaint_objection", roles=HOUSE)
CONSIDER = Act("complaint_consider", Complaint.consider, roles=HOUSE, impartial=True, own=True)
RETURN = Act("complaint_return", Complaint.return_for_rework, roles=_HEADS, impartial=True)
ANSWER = Act("complaint_answer", Complaint.answer, roles=_HEADS, impartial=True)
TELL = Act("complaint_tell", Complaint.tell, roles=HOUSE)
DELIVER = Act("complaint_deliver", Complaint.deliver, roles=HOUSE)
DELIVER_AND_CLOSE = Act("complaint_deliver", Complaint.close, roles=HOUSE)
REMEDY = Act("complaint_remedy", roles=_HEADS, at_home=True)
EXECUTE = Act("complaint_execute", roles=HOUSE, at_home=True)
EXECUTE_AND_CLOSE = Act("complaint_execute", Complaint.close, roles=HOUSE, at_home=True)
WITHDRAW = Act("complaint_withdraw", Complaint.withdraw, roles=HOUSE)
ATTACH = Act("complaint_attach", roles=HOUSE)
