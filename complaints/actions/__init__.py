"""The acts of an office on a complaint, one function each. This is the only place where a complaint moves.

As in applications: `by` (the person with his powers) and `at` (the moment) by keyword, one transaction, `ActRefused` when it
may not be done, and the same form (`token`) again changes nothing.
"""

from complaints.actions.afterwards import attach, begin_remedy, deliver, execute, tell, withdraw
from complaints.actions.considering import (
    answer,
    consider,
    extend,
    give_preliminary,
    record_objection,
    return_for_rework,
    tell_extension,
)
from complaints.actions.erasing import erase_of
from complaints.actions.passing import (
    ask_for_missing,
    assign,
    complete,
    forward,
    reassign,
    record_answer,
    send_back,
    take_over,
    takes_part,
)

__all__ = [
    "answer", "ask_for_missing", "assign", "attach", "begin_remedy", "complete", "consider", "deliver", "erase_of",
    "execute", "extend", "forward", "give_preliminary", "reassign", "record_answer", "record_objection",
    "return_for_rework", "send_back", "take_over", "takes_part", "tell", "tell_extension", "withdraw",
]  # fmt: skip
