"""The "Complain" pages of the site: a form for each kind, the talon at its end, progress by number and code."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_http_methods

from applications.casework import ActRefused
from applications.notices import pdf_of
from applications.public import StatusForm, count_failed_try, key_of, tries_used_up
from applications.queries import due_badge
from complaints import forms, intake, queries
from complaints.models import Complaint, Regime
from complaints.notices import MISSING, next_bodies, paths_of, terms
from complaints.workflow import STAGES, ComplaintKind
from offices.limits import address_of
from offices.policy import public
from offices.text import current_language
from services.models import Edition

_SENT = "complain"  # what is counted, so that one place cannot flood an office
_TOO_MANY = _("Too many tries from your place. Wait a minute, then send the form again.")

# What each kind is for.
KINDS: dict[str, dict[str, Any]] = {
    ComplaintKind.SERVICE: {
        "title": _("Complaint about a service"),
        "for": _("You were served late, rudely or wrongly, waited too long, or the paper was made with mistakes."),
    },
    ComplaintKind.COMPLAINT: {
        "title": _("Complaint against a decision"),
        "for": _("You were refused, or you do not agree with a decision, or the office does not decide at all."),
    },
    ComplaintKind.APPEAL: {
        "title": _("Appeal to the body"),
        "for": _("You ask for something, report something, or propose something."),
    },
}


@public
@require_GET
def start(request: HttpRequest) -> HttpResponse:
    """Which kind fits, what it must hold, within what time it is answered; and the ways that the act of a service names."""
    today = timezone.localdate()
    kinds = [
        {"code": str(kind), "regime": Regime.objects.ruling(kind, today), **words} for kind, words in KINDS.items()
    ]
    for row in kinds:
        row["holds"] = [MISSING[name] for name in row["regime"].must_hold]
    editions = Edition.objects.published().select_related("service", "decree")
    chosen = editions.filter(code=request.GET.get("service", "")).order_by("-version").first()
    context = {"kinds": kinds, "editions": editions, "chosen": chosen}
    if chosen is not None:
        context["paths"] = paths_of(chosen.complaint_paths)
    return render(request, "complaints/start.html", context)


@public
@require_http_methods(["GET", "HEAD", "POST"])
def complain(request: HttpRequest, kind: str) -> HttpResponse:
    """The form of one kind; when it is sent, the complaint is registered and its talon stands on the page."""
    if kind not in KINDS:
        raise Http404
    now = timezone.now()
    code = request.GET.get("service", "")
    edition = Edition.objects.published().filter(code=code).order_by("-version").first() if code else None
    office = request.GET.get("office", "")
    initial = {"office": int(office)} if _is_key(office) else {}
    form = forms.PublicForm(
        request.POST or None,
        request.FILES or None,
        kind=kind,
        edition=edition,
        initial=initial,
        sender=address_of(request),
    )
    context: dict[str, Any] = {
        "form": form, "kind": {"code": kind, **KINDS[kind]}, "edition": edition,
        "regime": Regime.objects.ruling(kind, timezone.localdate(now)), "language_next": request.get_full_path(),
    }  # fmt: skip
    if request.method != "POST":
        return render(request, "complaints/complain.html", context)
    if tries_used_up(request, _SENT):
        form.add_error(None, _TOO_MANY)
        return _answer(request, "complaints/complain.html", context, 429)
    count_failed_try(request, _SENT)
    if not form.is_valid():
        return _answer(request, "complaints/complain.html", context, 400)
    try:
        made = intake.register(form.received(now, _paper_language()), by=None, at=now, token=form.cleaned_data["token"])
    except ActRefused as refusal:
        form.add_error(refusal.field if refusal.field in form.fields else None, refusal.message)
        return _answer(request, "complaints/complain.html", context, refusal.status)
    return _answer(request, "complaints/talon.html", {"complaint": made, **terms(made), "kind": context["kind"]}, 200)


@public
@require_http_methods(["GET", "HEAD", "POST"])
def status(request: HttpRequest) -> HttpResponse:
    """Progress by number and code of the talon; with `paper`, that paper. An unknown number and a wrong code answer the same."""
    form = StatusForm(request.POST or None)
    context: dict[str, Any] = {"form": form, "language_next": reverse("complain_status")}
    if request.method != "POST" or not form.is_valid():
        return _answer(request, "complaints/status.html", context, 200)
    if tries_used_up(request):
        form.add_error(None, _TOO_MANY)
        return _answer(request, "complaints/status.html", context, 429)
    found = find(form.cleaned_data["number"], form.cleaned_data["code"])
    if found is None:
        count_failed_try(request)
        form.add_error(None, _("No complaint has this number together with this code. Check both on the talon."))
        return _answer(request, "complaints/status.html", context, 200)
    if wanted := request.POST.get("paper", ""):
        return _paper(found, wanted)
    if "stop" in request.POST:
        Complaint.objects.anew(found).update(wants_notices=False)
        found.wants_notices = False
    context |= {"found": _shown(found), "empty_form": StatusForm(), "typed": form.cleaned_data}
    return _answer(request, "complaints/status.html", context, 200)


def find(number: str, code: str) -> Complaint | None:
    """The complaint of that number if `code` is its code; one whose personal data were erased is as if it had never been."""
    everywhere = Complaint.objects.everywhere("number and code of the talon")
    if (key := key_of(everywhere.numbered(number).filter(case__erasure=None), code)) is None:
        return None
    found: Complaint = everywhere.for_detail().get(pk=key)
    return found


def _shown(row: Complaint) -> dict[str, Any]:
    """What the page may know: stage, terms with their sums, papers, where to go on. No official's name."""
    now = timezone.now()
    shown = [term for term in row.clocks.all() if term.stopped_at is None and term.kind != "notice" and row.is_open]
    return {
        "complaint": row,
        "stage": STAGES[row.state],
        "clocks": [(term, due_badge(term.due_at, now, term.office)) for term in shown],
        "silence_since": queries.silence_since(row),
        "papers": row.papers.order_by("pk"),
        "next_bodies": next_bodies(row) if row.answered_at or queries.silence_since(row) else [],
        "answered": row.answered_at is not None,
    }


def _paper(row: Complaint, wanted: str) -> HttpResponse:
    try:
        key = UUID(wanted)
    except ValueError as problem:
        raise Http404 from problem
    paper = get_object_or_404(row.papers, key=key)
    response = HttpResponse(pdf_of(paper), content_type="application/pdf")
    response["Content-Disposition"] = f'attachment; filename="{paper.kind}-{row.number}.pdf"'
    response["Cache-Control"] = "no-store"
    return response


def _answer(request: HttpRequest, template: str, context: dict[str, Any], status: int) -> HttpResponse:
    response = render(request, template, context, status=status)
    response["Cache-Control"] = "no-store"
    if status == 429:
        response["Retry-After"] = "60"
    return response


def _paper_language() -> str:
    """Papers are made in Kazakh or Russian; who reads English gets Kazakh."""
    return "ru" if current_language() == "ru" else "kk"


def _is_key(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 10
