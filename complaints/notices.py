"""The papers of a complaint: talon, notices (what is missing, extension, passing on, return, preliminary decision), answer."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from applications.models import Paper, PaperKind
from applications.notices import days_left_out, moment, office_data, signature, with_contacts, write_row
from complaints.models import Complaint, ComplaintTerm, TermKind
from offices.models import Office, User
from offices.text import in_language
from services.deadlines import Norm
from services.text import norm_words

MISSING: dict[str, Any] = {
    "name": gettext_lazy("surname, name and patronymic"), "iin": gettext_lazy("individual identification number (IIN)"),
    "address": gettext_lazy("postal address"), "body": gettext_lazy("the body it is addressed to"),
    "essence": gettext_lazy("what it is about"), "date": gettext_lazy("date"),
    "signature": gettext_lazy("signature, or electronic digital signature"),
}  # fmt: skip
_TITLES: dict[str, Any] = {
    "missing": gettext_lazy("What is missing in your complaint"),
    "returned": gettext_lazy("Your complaint is returned"),
    "extended": gettext_lazy("The term of your complaint is longer"),
    "forwarded": gettext_lazy("Your complaint was passed on"),
    "preliminary": gettext_lazy("Preliminary decision on your complaint"),
}


def talon(complaint: Complaint, *, by: User | None, at: datetime) -> Paper:
    """The talon: number, date and time, who took it and his post, term and place of the answer, who knows the progress."""
    with translation.override(complaint.language):
        link = f"{settings.BASE_URL}/complain/status/#{complaint.number}/{complaint.code}"
        taker = {"name": by.get_full_name(), "post": by.post} if by else {"name": _("the site, by itself"), "post": ""}
        data = _common(complaint, at) | {
            "title": _("Talon of the complaint"), "way": complaint.get_way_display(), "taker": taker, "code": complaint.code,
            "status_link": link, "status_page": f"{settings.BASE_URL}/complain/status/", **terms(complaint),
            "missing": [str(MISSING[name]) for name in complaint.missing], "reply_way": complaint.get_reply_way_display(),
        }  # fmt: skip
    return _write(PaperKind.COMPLAINT_TALON, complaint, data, by, at)


def notice(
    complaint: Complaint, what: str, *, by: User, at: datetime, text: str = "", until: date | None = None, to: str = ""
) -> Paper:
    """A notice about the complaint while it is considered; `what` is missing, returned, extended, forwarded or preliminary."""
    with translation.override(complaint.language):
        data = _common(complaint, at) | {
            "title": str(_TITLES[what]), "what": what, "text": text, "until": f"{until:%d.%m.%Y}" if until else "", "to": to,
            "missing": [str(MISSING[name]) for name in complaint.missing], "appeal_to": next_bodies(complaint),
            "objection_until": _due(complaint, TermKind.OBJECTION), "first_due": _first_due(complaint),
            "executor": by.get_full_name(), "made_by_post": by.post, "made_by": by.get_full_name(),
        }  # fmt: skip
    return _write(PaperKind.COMPLAINT_NOTICE, complaint, data, by, at)


def answer(complaint: Complaint, *, by: User, at: datetime) -> Paper:
    """The signed answer: body, official, what was found, the outcome, and where and how to go on."""
    with translation.override(complaint.language):
        prepared_by = complaint.prepared_by or by
        data = _common(complaint, at) | {
            "title": _("Answer to the complaint"), "outcome": complaint.outcome_name, "text": complaint.answer_text,
            "substantiated": complaint.substantiated, "satisfied": complaint.satisfied, "decided_at": moment(at),
            "appeal_to": next_bodies(complaint), "executor": prepared_by.get_full_name(),
            "execution_due": _due(complaint, TermKind.EXECUTION), "heard": bool(complaint.preliminary_at),
            **signature(complaint.office, by, complaint.answered_for, at),
        }  # fmt: skip
    return _write(PaperKind.COMPLAINT_ANSWER, complaint, data, by, at)


def terms(complaint: Complaint) -> dict[str, str]:
    """The terms that run, for talon and pages: the due moments with their reasons, in the language in force."""
    found = {"answer_due": "", "answer_why": "", "forward_due": "", "forward_why": "", "answer_term": ""}
    term = complaint.regime.norm("term")
    found["answer_term"] = norm_words(term.amount, term.unit) if term else ""
    for row in ComplaintTerm.objects.filter(complaint=complaint, kind__in=(TermKind.ANSWER, TermKind.FORWARD)):
        if row.stopped_at is None and row.due_at is not None:
            found[f"{row.kind}_due"] = moment(row.due_at)
            found[f"{row.kind}_why"] = why(
                row, complaint.regime.norm("term" if row.kind == TermKind.ANSWER else "forward")
            )
    return found


def why(term: ComplaintTerm, norm: Norm | None) -> str:
    """The reason of a due moment in one line."""
    if norm is None:
        return ""
    words = norm_words(norm.amount, norm.unit)
    if norm.point:
        words = _("%(norm)s (article %(article)s)") % {"norm": words, "article": norm.point}
    parts = [_("%(norm)s from the registration on %(start)s") % {"norm": words, "start": moment(term.started_at)}]
    if days := days_left_out(term.trace):
        parts.append(_("days off not counted: %(days)s") % {"days": days})
    return "; ".join(parts)


def next_bodies(complaint: Complaint) -> list[str]:
    """Where one can go on from here: the bodies above the one that considers, then the court."""
    office = complaint.office
    above = [body for body in (office.parent, office.appeal_body) if body is not None]
    return [*(with_contacts(body.name, body) for body in above), _("court")]


def paths_of(complaint_paths: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The act's own path of complaints (`Edition.complaint_paths`): to whom, by which ways, with the contacts of that body."""
    keys = [path["office"] for path in complaint_paths if path["office"]]
    known = {row.key: row for row in Office.objects.filter(key__in=keys)}
    return [_path(path, in_language(path["to"]), known.get(path["office"])) for path in complaint_paths]


def _path(path: dict[str, Any], words: str, office: Office | None) -> dict[str, Any]:
    # Some acts print address and phones inside the name of the body; then they are not said twice.
    printed = office is not None and any(phone in words for phone in office.phone_list)
    return {"to": words, "ways": path["ways"], "point": path["point"], "office": office, "printed": printed}


def _common(complaint: Complaint, at: datetime) -> dict[str, Any]:
    office, person = office_data(complaint.office), complaint.person
    return {
        "office": office, "issuer": office, "number": complaint.number, "made_at": moment(at),
        "person": person.full_name if person else _("anonymous"), "iin": person.iin if person else "",
        "address": complaint.contacts.get("address") or (person.address if person else ""),
        "kind": complaint.get_kind_display(), "about": complaint.get_about_display(), "law": complaint.regime.law,
        "about_office": complaint.about_office.name, "case_number": complaint.case.any_number if complaint.case else "",
        "received_at": moment(complaint.received_at), "registered_at": moment(complaint.registered_at),
    }  # fmt: skip


def _due(complaint: Complaint, kind: TermKind) -> str:
    row = ComplaintTerm.objects.filter(complaint=complaint, kind=kind, stopped_at=None).first()
    return moment(row.due_at) if row and row.due_at else ""


def _first_due(complaint: Complaint) -> str:
    row = ComplaintTerm.objects.filter(complaint=complaint, kind=TermKind.ANSWER, stopped_at=None).first()
    return moment(row.first_due_at) if row and row.first_due_at else ""


def _write(kind: PaperKind, complaint: Complaint, data: dict[str, Any], by: User | None, at: datetime) -> Paper:
    return write_row(
        kind=kind, subject=complaint.subject, language=complaint.language, data=data, made_by=by, made_at=at
    )
