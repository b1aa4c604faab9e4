"""Small words for templates, loaded in every one."""

from datetime import datetime
from typing import Any

from django import template
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from offices.text import in_language

register = template.Library()


@register.filter
def words(labels: dict[str, str] | None) -> str:
    """A label {kk, ru, en} in the page's language."""
    return in_language(labels)


@register.filter
def moment(at: datetime | str | None) -> str:
    """A moment in office time, such as 13.03.2026 10:00."""
    if isinstance(at, str):
        at = datetime.fromisoformat(at)
    return date_format(timezone.localtime(at), "d.m.Y H:i") if at else ""


@register.filter
def get(mapping: Any, key: Any) -> Any:
    """An item of a mapping by a key that is itself a variable."""
    return mapping.get(key)


@register.filter
def event_words(kind: str) -> str:
    """An event's kind in words."""
    return str(_EVENTS.get(kind, kind))


_EVENTS = {
    "recount": _("The calendar changed, the terms were counted anew"),
    "register": _("Registered"),
    "accept_at_window": _("Taken at the service centre"),
    "find_incomplete": _("Papers were missing, the list was given"),
    "collect": _("Collected from the window"),
    "dispatch": _("Sent to the department"),
    "assign": _("Resolution: executor named"),
    "reassign": _("Given to another executor"),
    "record_commission": _("Decision of the commission received"),
    "prepare": _("Paper prepared"),
    "return_for_rework": _("Returned for rework"),
    "sign": _("Signed"),
    "enter_in_record_book": _("Entered in the record book"),
    "tell": _("Applicant told"),
    "tell_from_centre": _("Applicant told by the centre"),
    "send_to_centre": _("Sent to the centre"),
    "receive_at_centre": _("Taken in at the centre"),
    "hand_over": _("Handed over"),
    "hand_out_at_centre": _("Handed out at the centre"),
    "withdraw": _("Withdrawn by the applicant"),
    "annul": _("Registration annulled"),
    "attach": _("File added"),
    "reopen": _("Reopened after a complaint"),
    "complaint_register": _("Complaint registered"),
    "complaint_ask": _("What is missing was asked for"),
    "complaint_complete": _("What was missing has come"),
    "complaint_send_back": _("Returned with reasons"),
    "complaint_assign": _("Resolution: who considers it was named"),
    "complaint_reassign": _("Given to somebody else to consider"),
    "complaint_extend": _("Term extended"),
    "complaint_tell_extension": _("Told of the extension"),
    "complaint_forward": _("Passed on"),
    "complaint_take_over": _("Registered by the body that considers it"),
    "complaint_record_answer": _("Answer of another body recorded"),
    "complaint_preliminary": _("Preliminary decision given"),
    "complaint_objection": _("Objection written down"),
    "complaint_consider": _("Considered, answer written"),
    "complaint_return": _("Returned for rework"),
    "complaint_answer": _("Answer signed"),
    "complaint_tell": _("Complainant told"),
    "complaint_deliver": _("Answer handed over or sent"),
    "complaint_remedy": _("What was granted was begun"),
    "complaint_execute": _("What was granted is carried out"),
    "complaint_withdraw": _("Withdrawn by the complainant"),
    "complaint_attach": _("File added"),
    "quality_drawn": _("Sample for the quality check drawn"),
    "quality_checked": _("Quality of the paper checked by a second official"),
    "visit_issued": _("Queue number given"),
    "visit_called": _("Called to a window"),
    "visit_called_again": _("Called once more"),
    "visit_passed_on": _("Passed on to another window"),
    "visit_attached": _("Came to the window for this case"),
    "visit_ended": _("Visit ended"),
    "visit_closed": _("Visit ended at closing time"),
    "paper_signed": _("Paper signed"),
    "data_request": _("Request about personal data"),
    "data_request_done": _("Request about personal data answered"),
    "hold": _("Held from erasure"),
    "lift_hold": _("No longer held"),
    "erase": _("Personal data erased"),
}
