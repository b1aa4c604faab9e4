"""Every act of an office, ready to be done: by the module and name of its function."""

from __future__ import annotations

from collections.abc import Callable

from tests.applications.deeds import around_cases, on_cases
from tests.complaints.deeds import on_complaints
from tests.config.people_for_deeds import Deed, People
from tests.kpi.deeds import on_figures
from tests.services.deeds import on_the_law

_PARTS: dict[str, Callable[[People], dict[str, Callable[[], Deed]]]] = {
    "applications": lambda p: {**on_cases(p), **around_cases(p)},
    "complaints": on_complaints,
    "kpi": on_figures,
    "services": on_the_law,
}
# By name, because the tables above need a database.
_NAMES = {
    "applications": """
        actions.assign actions.reassign actions.record_commission actions.prepare actions.return_for_rework
        actions.sign actions.enter_in_record_book actions.tell actions.hand_over actions.hand_out_at_centre
        actions.withdraw actions.annul actions.reopen actions.attach intake.take_in intake.take_in_again
        intake.register_from_centre recount.change_calendar shipping.collect shipping.dispatch
        shipping.send_to_centre shipping.receive_at_centre data_rights.take_request data_rights.answer_request
        data_rights.hold data_rights.lift_hold data_rights.erase signatures.sign_with_key
        signatures.attach_signature signatures.record_by_hand hall.issue hall.call_next hall.call_again
        hall.finish hall.pass_on hall.attach hall_devices.set_up
    """,
    "complaints": """
        intake.register actions.assign actions.reassign actions.ask_for_missing actions.complete
        actions.send_back actions.forward actions.take_over actions.record_answer actions.extend
        actions.tell_extension actions.give_preliminary actions.record_objection actions.consider
        actions.return_for_rework actions.answer actions.tell actions.deliver actions.begin_remedy
        actions.execute actions.withdraw actions.attach
    """,
    "kpi": """
        quality.draw quality.check sealing.seal sealing.amend targets.propose targets.approve
    """,
    "services": """
        versions.copy_as versions.amend versions.edit versions.publish versions.withdraw transfer.import_draft
        transfer.import_all
    """,
}


def names() -> list[str]:
    """Every act that stands here: app, module (complaints keep theirs in parts of `actions`), function."""
    return [f"{app}.{name}" for app in _NAMES for name in _NAMES[app].split()]


def ready(name: str) -> Deed:
    """The act, once what it is done to has been made."""
    app, _dot, rest = name.partition(".")
    return _PARTS[app](People())[rest]()
