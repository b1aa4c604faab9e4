"""Papers: the data they are made from, taken in the act's transaction, and their PDF, made once after the commit."""

from __future__ import annotations

import hashlib
from datetime import datetime
from functools import partial
from typing import Any

import segno
from barcode import Code128
from barcode.writer import SVGWriter
from django.conf import settings
from django.db import transaction
from django.template.loader import select_template
from django.utils import timezone, translation
from django.utils.formats import date_format
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from weasyprint import HTML
from weasyprint.text.fonts import FontConfiguration
from weasyprint.urls import URLFetchingError

from applications.clock import overall_norm
from applications.models import (
    Case,
    Clock,
    ClockKind,
    Decision,
    DecisionKind,
    DocumentStatus,
    Paper,
    PaperBytes,
    PaperKind,
    Shipment,
)
from offices.models import Office, User
from offices.text import in_language
from services.text import norm_words
from services.workflow import Trigger

TEMPLATE_VERSION = "1"
# Kept papers are archival and tagged, so that a screen reader can read them too.
_PDF_VARIANTS = {PaperKind.GRANT: "pdf/a-2a", PaperKind.REFUSAL: "pdf/a-2a"}
_fonts = FontConfiguration()


def make(kind: PaperKind, case: Case, *, by: User, at: datetime, decision: Decision | None = None) -> Paper:
    """Write the row of a paper of `case` in the applicant's language; its PDF follows after the commit."""
    with translation.override(case.language):
        data = _common(case, by, at) | _SPECIFIC[kind](case, decision)
    return _create(kind=kind, case=case, language=case.language, data=data, made_by=by, made_at=at)


def make_dispatch_list(shipment: Shipment, *, by: User, at: datetime) -> Paper:
    """Write the row of a dispatch list (тізілім) in the page's language."""
    language = translation.get_language() if translation.get_language() == "ru" else "kk"
    with translation.override(language):
        rows = [
            {
                "number": item.case.any_number,
                "person": item.case.person.full_name,
                "service": item.case.edition.service.name,
            }
            for item in shipment.items.select_related("case__person", "case__edition__service").order_by("pk")
        ]
        data = {
            "number": shipment.number, "direction": shipment.direction, "rows": rows, "made_at": _moment(at),
            "centre": _office(shipment.centre), "office": _office(shipment.office), "made_by": by.get_full_name(),
        }  # fmt: skip
    return _create(kind=PaperKind.DISPATCH, shipment=shipment, language=language, data=data, made_by=by, made_at=at)


def pdf_of(paper: Paper) -> bytes:
    """The paper's bytes, as they were made; rendered now if the process died between the commit and the rendering."""
    kept = PaperBytes.objects.filter(paper=paper).first()
    return bytes(kept.pdf) if kept else render(paper)


def render(paper: Paper) -> bytes:
    """Render a paper that has no bytes yet and keep them with their hash. A second rendering is never kept."""
    pdf = html_to_pdf(as_html(paper), variant=_PDF_VARIANTS.get(PaperKind(paper.kind), "pdf/ua-1"))
    with transaction.atomic():
        row, made = PaperBytes.objects.get_or_create(paper=paper, defaults={"pdf": pdf})
        if made:
            Paper.objects.filter(pk=paper.pk).update(sha256=hashlib.sha256(pdf).hexdigest())
    return pdf if made else bytes(row.pdf)


def as_html(paper: Paper) -> str:
    """The paper as HTML from its own data only; an edition may bring a template of its own."""
    with translation.override(paper.language):
        edition = paper.data.get("edition", "")
        template = select_template([f"notices/{edition}/{paper.kind}.html", f"notices/{paper.kind}.html"])
        return template.render(_with_codes(paper))


def html_to_pdf(html: str, *, variant: str) -> bytes:
    """Turn HTML into a PDF. Nothing is fetched from anywhere while rendering."""
    document = HTML(string=html, url_fetcher=_deny)
    return document.write_pdf(pdf_variant=variant, font_config=_fonts)  # type: ignore[no-any-return]


def why_in_short(clock: Clock | None) -> str:
    """The reason of a due date in one line: the norm with its point, from when, and the days off left out by name."""
    if clock is None or clock.due_at is None:
        return ""
    term = clock.step.term if clock.step else None
    if clock.kind == ClockKind.OVERALL and (norm := overall_norm(clock.case)):
        term = norm.term
    if term is None:
        return ""
    start = date_format(timezone.localtime(clock.started_at), "d.m.Y H:i")
    parts = [
        _("%(norm)s (point %(point)s) from %(start)s")
        % {"norm": norm_words(term.amount, term.unit), "point": term.point, "start": start}
    ]
    names = dict.fromkeys(
        in_language(line.get("reason")) for line in clock.trace if line["kind"] in ("skipped", "moved")
    )
    if days := ", ".join(name for name in names if name):
        parts.append(_("days off not counted: %(days)s") % {"days": days})
    return "; ".join(parts)


def appeal_bodies(case: Case) -> list[str]:
    """Where a refusal can be appealed: the bodies the edition names, else the higher body of the office, and the court."""
    named = [in_language(path["to"]) for path in case.edition.complaint_paths]
    if named:
        return named
    bodies = [case.office.name, *([case.office.parent.name] if case.office.parent else [])]
    return [*bodies, _("court")]


def _create(**fields: Any) -> Paper:
    paper = Paper.objects.create(template_version=TEMPLATE_VERSION, **fields)
    # A failure here must not undo the act: the paper is rendered when it is opened.
    transaction.on_commit(partial(render, paper), robust=True)
    return paper


def _common(case: Case, by: User, at: datetime) -> dict[str, Any]:
    overall = Clock.objects.filter(case=case, kind=ClockKind.OVERALL).select_related("case", "step").first()
    return {
        "edition": case.edition.code,
        "service": case.edition.name,
        "service_today": case.edition.service.name,
        "act": _act(case),
        "office": _office(case.office),
        "person": case.person.full_name,
        "number": case.number,
        "centre_number": case.centre_number,
        "registered_at": _moment(case.registered_at or at),
        "received_at": _moment(case.received_at),
        "made_at": _moment(at),
        "made_by": by.get_full_name(),
        "made_by_post": by.post,
        "due_at": _moment(overall.due_at) if overall and overall.due_at else "",
        "due_why": why_in_short(overall),
        "waits_for_commission": _waits_for_commission(case, overall),
    }


def _waits_for_commission(case: Case, overall: Clock | None) -> bool:
    norm = overall_norm(case)
    return overall is None and norm is not None and norm.trigger == Trigger.COMMISSION_DECISION


def _talon(case: Case, decision: Decision | None) -> dict[str, Any]:
    receipt = next((row for row in case.edition.receipts if row["kind"] != "receipt"), {})
    return {"fields": receipt.get("fields", []), "kind": receipt.get("kind", "none"), **_status_access(case)}


def _receipt(case: Case, decision: Decision | None) -> dict[str, Any]:
    receipt = next((row for row in case.edition.receipts if row["kind"] == "receipt"), {})
    papers = [
        row.requirement.name
        for row in case.documents.all()
        if row.status in (DocumentStatus.HANDED_IN, DocumentStatus.SHOWN)
    ]
    centre = _office(case.centre) if case.centre else {}
    return {"fields": receipt.get("fields", []), "papers": papers, "centre": centre, **_status_access(case)}


def _missing(case: Case, decision: Decision | None) -> dict[str, Any]:
    rows = case.documents.filter(status__in=(DocumentStatus.MISSING, DocumentStatus.DEFECTIVE)).select_related(
        "requirement"
    )
    return {
        "rows": [
            {
                "name": row.requirement.name,
                "point": row.requirement.point,
                "status": row.get_status_display(),
                "defect": row.defect,
            }
            for row in rows
        ],
        "centre": _office(case.centre) if case.centre else {},
    }


def _decision(case: Case, decision: Decision | None) -> dict[str, Any]:
    if decision is None or decision.signed_by is None or decision.signed_at is None:
        raise ValueError("a notice is made from a signed decision")
    data = {
        "decision_number": decision.number,
        "decided_at": _moment(decision.signed_at),
        "result_kind": case.edition.get_result_kind_display(),
        "result": case.edition.result,
        "text": decision.text,
        "executor": decision.prepared_by.get_full_name(),
        "signed_by": decision.signed_by.get_full_name(),
        "signed_by_post": decision.signed_by.post,
        "signed_for": decision.signed_for.get_full_name() if decision.signed_for else "",
        "commission_number": case.commission_number,
        "commission_at": _moment(case.commission_at)[:10] if case.commission_at else "",
        "appeal_to": appeal_bodies(case),
    }
    if decision.kind == DecisionKind.REFUSAL:
        data["facts"] = decision.facts
        data["grounds"] = [{"name": row.ground.name, "point": row.ground.point} for row in decision.grounds.all()]
    return data


_SPECIFIC = {
    PaperKind.TALON: _talon,
    PaperKind.RECEIPT: _receipt,
    PaperKind.MISSING: _missing,
    PaperKind.GRANT: _decision,
    PaperKind.REFUSAL: _decision,
}


def _status_access(case: Case) -> dict[str, str]:
    # The code travels in the fragment, which browsers never send: no log of any server holds it.
    link = f"{settings.BASE_URL}/status/#{case.any_number}/{case.code}"
    return {"code": case.code, "status_link": link, "status_page": f"{settings.BASE_URL}/status/"}


def _office(office: Office) -> dict[str, Any]:
    return {"name": office.name, "address": office.address, "rooms": office.rooms, "phones": office.phone_list[:3]}


def _act(case: Case) -> str:
    decree = case.edition.decree
    return f"{decree.body}, {decree.date:%d.%m.%Y} № {decree.number}"


def _moment(at: datetime) -> str:
    return date_format(timezone.localtime(at), "d.m.Y H:i")


def _with_codes(paper: Paper) -> dict[str, Any]:
    """The template's context. QR and bar code are drawn from the paper's own data by libraries, so they are safe as SVG."""
    context = {"paper": paper, **paper.data}
    if link := paper.data.get("status_link"):
        qr = segno.make(link, error="m").svg_inline(scale=3, border=2)
        context["qr"] = SafeString(qr)
    if number := paper.data.get("number") or paper.data.get("centre_number"):
        svg = Code128(number, writer=SVGWriter()).render(
            {"module_height": 9, "module_width": 0.3, "font_size": 0, "write_text": False}
        )
        context["barcode"] = SafeString(svg.decode()[svg.decode().index("<svg") :])
    return context


def _deny(url: str, *args: Any, **kwargs: Any) -> dict[str, Any]:
    raise URLFetchingError(f"papers fetch nothing: {url[:40]}")
