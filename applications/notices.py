"""Papers: the data they are made from, taken in the act's transaction, and their PDF, made once after the commit."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from django.conf import settings
from django.db import transaction
from django.template.loader import select_template
from django.utils import timezone, translation
from django.utils.formats import date_format
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from applications.clock import clocks_of, overall_norm
from applications.codes import bar_code, qr_code
from applications.models import (
    Case,
    Channel,
    Clock,
    ClockKind,
    Decision,
    DecisionKind,
    Direction,
    DocumentStatus,
    Paper,
    PaperBytes,
    PaperKind,
    PaperSignature,
    Shipment,
)
from offices.models import Membership, Office, OfficeKind, Substitution, User
from offices.outbox import enqueue
from offices.pdf import html_to_pdf
from offices.text import in_language
from offices.workflow import Role
from services.models import Norm, Step
from services.text import norm_words
from services.workflow import Trigger

TEMPLATE_VERSION = "2"
_STANDARD = "N394"  # the source of what stands in the Government's standard, not in the act itself
# Kept papers are archival and tagged, so that a screen reader can read them too.
_PDF_VARIANTS = dict.fromkeys(
    (PaperKind.GRANT, PaperKind.REFUSAL, PaperKind.COMPLAINT_ANSWER, PaperKind.COMPLAINT_NOTICE), "pdf/a-2a"
)

_TITLES: dict[str, Any] = {
    PaperKind.RECEIPT: gettext_lazy("Receipt of documents"),
    PaperKind.MISSING: gettext_lazy("List of missing documents"),
    PaperKind.REFUSAL: gettext_lazy("Reasoned refusal"),
    PaperKind.DISPATCH: gettext_lazy("Dispatch list"),
    # What the acts call the slip that an applicant leaves with; where they give none, ours says what it is for.
    "talon": gettext_lazy("Talon"),
    "tear_off_talon": gettext_lazy("Tear-off talon"),
    "stub": gettext_lazy("Stub of the application"),
}


def make(kind: PaperKind, case: Case, *, by: User, at: datetime, decision: Decision | None = None) -> Paper:
    """Write the row of a paper of `case` in the applicant's language; its PDF follows after the commit."""
    with translation.override(case.language):
        data = _common(case, by, at) | _SPECIFIC[kind](case, decision)
    key = uuid.uuid4()
    if decision is not None:
        # Whoever holds the paper can look whether it is what the office issued.
        data["verify_link"] = f"{settings.BASE_URL}/verify/{key}/"
    return write_row(key=key, kind=kind, case=case, language=case.language, data=data, made_by=by, made_at=at)


def make_dispatch_list(shipment: Shipment, *, by: User, at: datetime) -> Paper:
    """Write the row of a dispatch list (тізілім) in the page's language."""
    language = "ru" if translation.get_language() == "ru" else "kk"
    with translation.override(language):
        items = shipment.items.select_related("case__person", "case__edition__service").order_by("pk")
        rows = [
            {"number": case.any_number, "person": case.person.full_name, "service": case.edition.service.name}
            for case in (item.case for item in items)
        ]
        sent_out = shipment.direction == Direction.TO_DEPARTMENT
        centre, office = office_data(shipment.centre), office_data(shipment.office)
        data = {
            "number": shipment.number, "direction": shipment.direction, "rows": rows, "made_at": moment(at),
            "centre": centre, "office": office, "issuer": centre if sent_out else office,
            "receiver": office if sent_out else centre, "made_by": by.get_full_name(), "made_by_post": by.post,
        }  # fmt: skip
    return write_row(kind=PaperKind.DISPATCH, shipment=shipment, language=language, data=data, made_by=by, made_at=at)


def pdf_of(paper: Paper) -> bytes:
    """The paper's bytes with the signature that was put into them, else as they were made.

    Rendered now if the process died between the commit and the rendering.
    """
    signed = PaperSignature.objects.filter(paper=paper, signed_pdf__isnull=False).first()
    return bytes(signed.signed_pdf) if signed and signed.signed_pdf else render(paper)


def render(paper: Paper) -> bytes:
    """Render a paper that has no bytes yet and keep them with their hash; one that has them is not rendered again."""
    if kept := PaperBytes.objects.filter(paper=paper).first():
        return bytes(kept.pdf)
    pdf = html_to_pdf(as_html(paper), variant=_PDF_VARIANTS.get(PaperKind(paper.kind), "pdf/ua-1"))
    with transaction.atomic():
        # Of two renderings at the same time the first is kept.
        row, made = PaperBytes.objects.get_or_create(paper=paper, defaults={"pdf": pdf})
        if made:
            Paper.objects.anew(paper).update(sha256=hashlib.sha256(pdf).hexdigest())
    return pdf if made else bytes(row.pdf)


def as_html(paper: Paper) -> str:
    """The paper as HTML from its own data only; an edition may bring a template of its own."""
    with translation.override(paper.language):
        edition = paper.data.get("edition", "")
        template = select_template([f"notices/{edition}/{paper.kind}.html", f"notices/{paper.kind}.html"])
        return str(template.render(_context(paper)))


def why_in_short(clock: Clock | None) -> str:
    """The reason of a due date in one line: the norm with its point, from when, and the days off left out by name."""
    if clock is None or clock.due_at is None:
        return ""
    return _why(clock, overall_norm(clock.case) if clock.kind == ClockKind.OVERALL else clock.step)


def appeal_bodies(case: Case) -> list[str]:
    """Where a decision can be appealed, with addresses where the contact tables have them.

    The bodies that the edition names and the akimat that helps with complaints; where it names none, the office itself,
    its higher body, and the court.
    """
    office, paths = case.office, case.edition.complaint_paths
    if not paths:
        higher = [with_contacts(office.parent.name, office.parent)] if office.parent else []
        return [office.name, *higher, _("court")]
    named_offices = Office.objects.filter(key__in=[path["office"] for path in paths if path["office"]])
    known = {row.key: row for row in named_offices}
    named = [with_contacts(in_language(path["to"]).rstrip(" ."), known.get(path["office"])) for path in paths]
    helps = office.appeal_body
    return [*named, *([with_contacts(helps.name, helps)] if helps and helps.key not in known else [])]


# ------------------------------------------------------------------ the data of a paper


def write_row(**fields: Any) -> Paper:
    """Write the row of a paper; its PDF follows after the commit."""
    paper = Paper.objects.create(template_version=TEMPLATE_VERSION, **fields)
    enqueue("paper", key=f"paper:{paper.key}", payload={"paper": paper.pk})
    if settings.PAPERS_AT_ONCE:
        # A failure here must not undo the act: a worker renders the paper, or its first opening.
        transaction.on_commit(lambda: render(paper), robust=True)
    return paper


def _common(case: Case, by: User, at: datetime) -> dict[str, Any]:
    overall = next((row for row in clocks_of(case) if row.kind == ClockKind.OVERALL), None)
    norm = overall_norm(case)
    due_at = overall.due_at if overall else None
    office = office_data(case.office)
    return {
        "edition": case.edition.code, "service": case.edition.name, "service_today": case.edition.service.name,
        "act": _act(case), "office": office, "issuer": office, "person": case.person.full_name,
        "number": case.number, "centre_number": case.centre_number,
        "registered_at": moment(case.registered_at or at), "received_at": moment(case.received_at),
        "made_at": moment(at), "made_by": by.get_full_name(), "made_by_post": by.post,
        # By the names that the acts' lists of fields use.
        "taker": {
            "taker_surname": by.last_name, "taker_name": f"{by.last_name} {by.first_name}".strip(),
            "taker_full_name": by.get_full_name(),
        },
        "due_at": moment(due_at) if due_at else "", "due_why": _why(overall, norm) if overall and due_at else "",
        "term": _norm_and_point(norm) if norm else "",
        "waits_for_commission": overall is None and norm is not None and norm.trigger == Trigger.COMMISSION_DECISION,
    }  # fmt: skip


def _slip(case: Case, kinds: Iterable[str]) -> dict[str, Any]:
    """What talon and receipt share: the fields that the act asks for, and the way to the status page."""
    row: dict[str, Any] = next((row for row in case.edition.receipts if row["kind"] in kinds), {})
    # The code travels in the fragment, which browsers never send: no log of any server holds it.
    link = f"{settings.BASE_URL}/status/#{case.any_number}/{case.code}"
    return {
        "fields": row.get("fields", []), "kind": row.get("kind", "none"), "act": _act(case, row.get("point", "")),
        "code": case.code, "status_link": link, "status_page": f"{settings.BASE_URL}/status/",
    }  # fmt: skip


def _talon(case: Case, decision: Decision | None) -> dict[str, Any]:
    return _slip(case, ("talon", "tear_off_talon", "stub", "journal", "none"))


def _receipt(case: Case, decision: Decision | None) -> dict[str, Any]:
    here = case.documents.filter(status__in=(DocumentStatus.HANDED_IN, DocumentStatus.SHOWN))
    papers = [row.requirement.name for row in here.select_related("requirement")]
    return _slip(case, ("receipt",)) | {"papers": papers} | _at_the_window(case)


def _missing(case: Case, decision: Decision | None) -> dict[str, Any]:
    lacking = case.documents.filter(status__in=(DocumentStatus.MISSING, DocumentStatus.DEFECTIVE))
    rows = [
        {
            "name": row.requirement.name, "condition": row.requirement.condition, "point": _point(row.requirement),
            "group": row.requirement.alternative_group, "status": row.get_status_display(), "defect": row.defect,
        }
        for row in lacking.select_related("requirement")
    ]  # fmt: skip
    return {"rows": rows, "alternatives": any(row["group"] for row in rows)} | _at_the_window(case)


def _at_the_window(case: Case) -> dict[str, Any]:
    """A paper given at a window of the service centre bears the centre's head."""
    centre = office_data(case.centre) if case.centre and case.channel == Channel.CENTRE else None
    return {"centre": centre, "issuer": centre} if centre else {"centre": {}}


def _decision(case: Case, decision: Decision | None) -> dict[str, Any]:
    if decision is None or decision.signed_by is None or decision.signed_at is None:
        raise ValueError("a notice is made from a signed decision")
    delivery = case.edition.delivery
    data: dict[str, Any] = {
        "act": _act(case, delivery.get("point", "")), "iin": case.person.iin,
        # An address only where the act lets the paper go by post.
        "address": case.person.address if "post" in delivery.get("ways", []) else "",
        "decision_number": decision.number, "decided_at": moment(decision.signed_at),
        "result_kind": case.edition.get_result_kind_display(), "result": case.edition.result,
        "text": decision.text, "executor": decision.prepared_by.get_full_name(),
        "commission_number": case.commission_number,
        "commission_at": moment(case.commission_at)[:10] if case.commission_at else "",
        "appeal_to": appeal_bodies(case), "taker_on_the_result": _taker_on_the_result(case),
        **signature(case.office, decision.signed_by, decision.signed_for, decision.signed_at), **_survey(case),
    }  # fmt: skip
    if decision.kind == DecisionKind.REFUSAL:
        grounds = [row.ground for row in decision.grounds.all()]
        data["facts"] = decision.facts
        data["grounds"] = [{"name": ground.name, "point": _point(ground)} for ground in grounds]
        data["by_the_standard"] = any(ground.source == _STANDARD for ground in grounds)
    return data


def _survey(case: Case) -> dict[str, str]:
    """The way to the survey; number and code travel in the fragment, as those of the talon do."""
    page = f"{settings.BASE_URL}/survey/"
    return {
        "survey_code": case.survey_code,
        "survey_page": page,
        "survey_link": f"{page}#{case.number}/{case.survey_code}",
    }


def signature(office: Office, signer: User, absent: User | None, at: datetime) -> dict[str, str]:
    """Who signs: name, post or else role, and the order by which he acts for an absent person."""
    day = timezone.localdate(at)
    orders = Substitution.objects.on(day).filter(office=office, deputy=signer, absent=absent)
    order = orders.first() if absent else None
    held = Membership.objects.on(day).filter(office=office, user=absent or signer)
    roles = [] if signer.post else held.filter(role__in=(Role.HEAD, Role.DEPUTY)).values_list("role", flat=True)
    return {
        "signed_by": signer.get_full_name(),
        "signed_by_post": signer.post or next((str(Role(role).label) for role in roles), ""),
        "signed_for": absent.get_full_name() if absent else "",
        "signed_by_order": f"№ {order.order_number}, {order.order_date:%d.%m.%Y}" if order else "",
    }


def _taker_on_the_result(case: Case) -> dict[str, str]:
    """Who took the papers in, where the act gives no talon and wants his name on the result itself."""
    row = next((row for row in case.edition.receipts if row["kind"] == "none"), None)
    slip = case.papers.filter(kind=PaperKind.TALON).last() if row else None
    if row is None or slip is None:
        return {}
    return {field: name for field, name in slip.data["taker"].items() if field in row["fields"]}


_SPECIFIC = {
    PaperKind.TALON: _talon, PaperKind.RECEIPT: _receipt, PaperKind.MISSING: _missing,
    PaperKind.GRANT: _decision, PaperKind.REFUSAL: _decision,
}  # fmt: skip


def office_data(office: Office) -> dict[str, Any]:
    """What the head of a paper needs of an office."""
    names = ("name", "name_kk", "name_ru", "address", "address_kk", "address_ru", "rooms")
    is_centre = office.kind == OfficeKind.CENTRE
    own = {"phones": office.phone_list[:3], "emails": office.email_list[:1], "is_centre": is_centre}
    return {name: getattr(office, name) for name in names} | own


def with_contacts(name: str, body: Office | None) -> str:
    """The name of a body with its address and phones, unless the act's own wording holds them already."""
    phones = body.phone_list[:2] if body else []
    if body is None or any(phone in name for phone in phones):
        return name
    phone = _("tel. %(phones)s") % {"phones": ", ".join(phones)} if phones else ""
    return ", ".join(part for part in (name, body.address, phone) if part)


def _act(case: Case, point: str = "") -> str:
    """The act with its point, such as "Akimat of ..., 14.12.2012 № 370, annex 4, «...», point 13"."""
    edition, decree = case.edition, case.edition.decree
    annex = _("annex %(number)d") % {"number": edition.annex} if edition.annex else ""
    point = _("point %(point)s") % {"point": _together(point)} if point else ""
    parts = (f"{decree.body}, {decree.date:%d.%m.%Y} № {decree.number}", annex, f"«{edition.name}»", point)
    return ", ".join(part for part in parts if part)


def _point(row: Any) -> str:
    """The place of a norm, document or ground in the act, or in the Government's standard to which the act points."""
    if isinstance(row, Step):
        return _("table 1, row %(number)d") % {"number": row.no}
    text = _("point %(point)s of the service standard") if row.source == _STANDARD else _("point %(point)s")
    return text % {"point": _together(row.point)} if row.point else ""


def _together(point: str) -> str:
    return point.replace(" ", "\N{NO-BREAK SPACE}")


def _norm_and_point(norm: Norm | Step) -> str:
    term = norm.term
    if term is None:
        return ""
    words = norm_words(term.amount, term.unit)
    return _("%(norm)s (%(point)s)") % {"norm": words, "point": point} if (point := _point(norm)) else words


def _why(clock: Clock, norm: Norm | Step | None) -> str:
    if norm is None or norm.term is None:
        return ""
    words = {"norm": _norm_and_point(norm), "start": moment(clock.started_at)}
    parts = [_("%(norm)s from %(start)s") % words]
    if days := days_left_out(clock.trace):
        parts.append(_("days off not counted: %(days)s") % {"days": days})
    if clock.unmoved_on:
        words = {"day": f"{clock.unmoved_on:%d.%m.%Y}"}
        parts.append(_("the last day, %(day)s, is a day off, so the term ends on the next working day") % words)
    return "; ".join(parts)


def days_left_out(trace: list[dict[str, Any]]) -> str:
    """The days off inside the term by name, each with its dates. Those after its last day belong to its moving."""
    names: dict[str, list[str]] = {}
    for line in trace:
        if line["kind"] == "moved":
            break
        if line["kind"] == "skipped":
            dates = names.setdefault(in_language(line["reason"]), [])
            dates.extend([f"{date.fromisoformat(line['date']):%d.%m}"] if line.get("date") else [])
    return ", ".join(f"{name} ({', '.join(dates)})" if dates else name for name, dates in names.items())


def moment(at: datetime) -> str:
    """A moment as papers write it."""
    return date_format(timezone.localtime(at), "d.m.Y H:i")


def _context(paper: Paper) -> dict[str, Any]:
    """The template's context: the paper's own data, its heading and number, and its codes as drawings."""
    data = paper.data
    number = data.get("decision_number") or data.get("number") or data.get("centre_number") or ""
    bars = _("Bar code of the number")
    context = {"paper": paper, **data, "title": _title(paper), "paper_number": number}
    if link := data.get("status_link"):
        context["qr"] = SafeString(qr_code(link, _("Address of the status page")))
    if link := data.get("verify_link"):
        context["verify_qr"] = SafeString(qr_code(link, _("Address where this paper can be checked")))
    if link := data.get("survey_link"):
        context["survey_qr"] = SafeString(qr_code(link, _("Address of the survey")))
    if paper.kind in (PaperKind.TALON, PaperKind.RECEIPT, PaperKind.DISPATCH, PaperKind.COMPLAINT_TALON):
        context["barcode"] = SafeString(bar_code(number, bars))
    if paper.kind == PaperKind.DISPATCH:
        context["rows"] = [{**row, "barcode": SafeString(bar_code(row["number"], bars))} for row in data["rows"]]
    return context


def _title(paper: Paper) -> str:
    if "title" in paper.data:
        return str(paper.data["title"])
    if paper.kind == PaperKind.GRANT:
        return str(capfirst(paper.data["result_kind"]))
    kind = paper.data["kind"] if paper.kind == PaperKind.TALON else paper.kind
    return str(_TITLES.get(kind, _("Slip for following the application")))
