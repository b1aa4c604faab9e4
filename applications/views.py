"""The staff's pages: my work, case, acts, packages, journals, search, papers. An application is taken in by `receiving`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db.models import Q
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_http_methods

from applications import actions, forms, intake, notices, openings, queries, shipping, waiting
from applications.casework import ActRefused
from applications.models import Case, Event, OpeningKind, Paper, Shipment
from applications.workflow import State
from offices.exports import KINDS, table_response
from offices.policy import Staff, casework, fresh, heavy, staff_of
from offices.workflow import Role

PAGE = 25
_DIGITS = 18  # of the longest number that both databases keep
# Acts that put a name under a paper: they ask for a fresh confirmation.
_SIGNING = frozenset({"sign"})


@dataclass(frozen=True)
class ActPage:
    """A workflow button: what it says, the form behind it and the act it calls."""

    label: Any
    run: Callable[..., Any]
    form: type[forms.ActForm] = forms.ActForm
    style: str = ""
    extra: dict[str, Any] = field(default_factory=dict)


# The one table behind all buttons: act name → form and function. Nothing is looked up from an address but a key of this table.
ACTS: dict[str, ActPage] = {
    "take_in_again": ActPage(_("Take in again"), intake.take_in_again, forms.AgainForm),
    "register": ActPage(_("Register"), intake.register_from_centre),
    "assign": ActPage(_("Give resolution"), actions.assign, forms.AssignForm),
    "record_commission": ActPage(
        _("Record the commission's decision"), actions.record_commission, forms.CommissionForm
    ),
    "prepare": ActPage(_("Prepare the paper"), actions.prepare, forms.PrepareForm),
    "sign": ActPage(_("Sign"), actions.sign),
    "enter_in_record_book": ActPage(_("Enter in the record book"), actions.enter_in_record_book),
    "hand_over": ActPage(_("Hand over"), actions.hand_over, forms.HandOverForm),
    "hand_out_at_centre": ActPage(_("Hand out"), actions.hand_out_at_centre),
    "tell": ActPage(_("Applicant told"), actions.tell, forms.TellForm, "secondary"),
    "return_for_rework": ActPage(_("Return for rework"), actions.return_for_rework, forms.ReturnForm, "secondary"),
    "reassign": ActPage(_("Give to another executor"), actions.reassign, forms.ReassignForm, "secondary"),
    "attach": ActPage(_("Add a file"), actions.attach, forms.AttachForm, "secondary"),
    "withdraw": ActPage(_("Withdrawn by the applicant"), actions.withdraw, forms.ReasonForm, "secondary"),
    "annul": ActPage(_("Annul the registration"), actions.annul, forms.ReasonForm, "warning"),
}


@casework
@require_GET
def my_work(request: HttpRequest) -> HttpResponse:
    """What lies on my desk, the nearest due moment first; filters stand in the address."""
    staff, now = staff_of(request), timezone.now()
    only = request.GET.get("only", "mine")
    rows = Case.objects.visible_to(staff).open() if only == "all" else Case.objects.on_the_desk_of(staff)
    if only == "overdue":
        rows = Case.objects.visible_to(staff).overdue(now)
    elif only == "announced":
        rows = Case.objects.visible_to(staff).told_late(now - timedelta(days=1))
    page, more = page_of(rows.for_list().worst_first(), request)
    context = {
        "rows": [(row, queries.due_badge(row.due_at, now, row.office)) for row in page],
        "more": more,
        "only": only,
    }
    return render(request, "applications/my_work.html", context)


@casework
@require_GET
def case(request: HttpRequest, pk: int) -> HttpResponse:
    """A case: what may be done now, who is next, both clocks, documents, timeline."""
    staff = staff_of(request)
    found = get_object_or_404(Case.objects.visible_to(staff).for_detail(), pk=pk)
    openings.note(OpeningKind.OPENED, by=staff, at=timezone.now(), case=found)
    return render(request, "applications/case.html", case_context(found, staff))


@casework
@fresh(when=lambda request, act, **_: act in _SIGNING and request.method == "POST")
@require_http_methods(["GET", "POST"])
def act(request: HttpRequest, pk: int, act: str) -> HttpResponse:
    """The one view behind all workflow buttons: fetch scoped, form, one act, back to the case."""
    staff = staff_of(request)
    rows = Case.objects.visible_to(staff)
    found = get_object_or_404(rows.for_detail() if request.method == "GET" else rows.for_act(), pk=pk)
    page = ACTS.get(act)
    if page is None:
        raise Http404
    if request.method == "GET":
        openings.note(OpeningKind.OPENED, by=staff, at=timezone.now(), case=found, what=act)
    return run_act(request, found, act, page)


def run_act(request: HttpRequest, found: Any, act: str, page: ActPage) -> HttpResponse:
    """Show the form of an act on a case or a complaint; when it is sent, do the act and lead back to the page of it."""
    form = page.form(request.POST or None, request.FILES or None, case=found, by=staff_of(request).user)
    context = {"act": act, "page": page, "case": found}
    if request.method == "GET":
        return render(request, "components/act.html", {**context, "form": form})
    if not form.is_valid():
        return render(request, "components/act.html", {**context, "form": form}, status=400)
    found.version = form.cleaned_data["version"]
    try:
        done = page.run(
            found, **form.arguments(), by=staff_of(request), at=timezone.now(), token=form.cleaned_data["token"]
        )
    except ActRefused as refusal:
        if refusal.status == HTTPStatus.CONFLICT:
            form.on_newest()
        return refused(request, refusal, form, "components/act.html", context)
    messages.success(request, gettext("%(act)s: %(number)s") % {"act": page.label, "number": done.any_number})
    return redirect(done)


@casework
@require_GET
def paper(request: HttpRequest, key: UUID) -> HttpResponse:
    """A paper as it was made."""
    staff = staff_of(request)
    cases = Case.objects.visible_to(staff).values("pk")
    mine = Paper.objects.filter(Q(case__in=cases) | Q(shipment__items__case__in=cases)).distinct()
    found = get_object_or_404(mine.select_related("case"), key=key)
    if not found.data:  # erased when its retention term was over
        raise Http404
    openings.note(OpeningKind.PRINTED, by=staff, at=timezone.now(), case=found.case, what=found.kind)
    response = HttpResponse(notices.pdf_of(found), content_type="application/pdf")
    name = f"{found.kind}-{found.data.get('decision_number') or found.data.get('number') or found.pk}.pdf"
    response["Content-Disposition"] = f'inline; filename="{name}"'
    return response


@casework
@require_GET
def attachment(request: HttpRequest, pk: int, attachment_id: int) -> HttpResponse | FileResponse:
    """A file of a case, to be saved, never shown inside the site."""
    staff = staff_of(request)
    found = get_object_or_404(Case.objects.visible_to(staff), pk=pk)
    row = get_object_or_404(found.attachments, pk=attachment_id)
    if not row.file.storage.exists(row.file.name):
        raise Http404
    openings.note(OpeningKind.DOWNLOADED, by=staff, at=timezone.now(), case=found, what=f"#{row.pk}")
    response = FileResponse(row.file.open("rb"), as_attachment=True, filename=row.name, content_type=row.content_type)
    response["Content-Security-Policy"] = "sandbox"
    return response


@dataclass(frozen=True)
class ScanPage:
    """A scanning page: its title, whose it is, the act, and the state in which cases wait for it."""

    title: Any
    roles: tuple[str, ...]
    run: Callable[..., Any]
    waits_in: State


SCANS: dict[str, ScanPage] = {
    "collect": ScanPage(_("Collect from the windows"), (Role.CENTRE_ACCUMULATOR,), shipping.collect, State.AT_CENTRE),
    "dispatch": ScanPage(_("Send to the department"), (Role.CENTRE_ACCUMULATOR,), shipping.dispatch, State.COLLECTED),
    "send_to_centre": ScanPage(
        _("Send results to the centre"), (Role.CLERK, Role.EXECUTOR), shipping.send_to_centre, State.RECORDED
    ),
    "receive_at_centre": ScanPage(
        _("Take in results at the centre"), (Role.CENTRE_INSPECTOR,), shipping.receive_at_centre, State.SENT_TO_CENTRE
    ),
}


@casework
@require_GET
def packages(request: HttpRequest) -> HttpResponse:
    """What travels between the centre and the department: what waits for scanning, and the last dispatch lists."""
    staff = staff_of(request)
    mine = [
        (name, page, _waiting(staff, page).count()) for name, page in SCANS.items() if staff.roles & set(page.roles)
    ]
    cases = Case.objects.visible_to(staff).values("pk")
    lists = (
        Shipment.objects.filter(items__case__in=cases)
        .distinct()
        .select_related("centre", "office")
        .prefetch_related("papers", "items")
    )
    return render(request, "applications/packages.html", {"scans": mine, "lists": lists[:PAGE]})


@casework
@require_http_methods(["GET", "POST"])
def scan(request: HttpRequest, act: str) -> HttpResponse:
    """Scan packages for one act; all of them move or none."""
    staff, page = staff_of(request), SCANS.get(act)
    if page is None or not staff.roles & set(page.roles):
        raise Http404
    form = forms.ScanForm(request.POST or None)
    context = {"act": act, "page": page, "form": form, "waiting": _waiting(staff, page)[:100]}
    if request.method == "GET" or not form.is_valid():
        return render(request, "applications/scan.html", context, status=400 if request.method == "POST" else 200)
    try:
        page.run(
            form.cleaned_data["numbers"].splitlines(), by=staff, at=timezone.now(), token=form.cleaned_data["token"]
        )
    except ActRefused as refusal:
        return refused(request, refusal, form, "applications/scan.html", context)
    messages.success(request, page.title)
    return redirect("packages")


@casework
@fresh(when=lambda request: request.GET.get("format") in KINDS)
@heavy(when=lambda request: request.GET.get("format") in KINDS)
@require_GET
def journal(request: HttpRequest) -> HttpResponseBase:
    """The journal of registration and the record book, by filters in the address, exported as XLSX or CSV."""
    staff = staff_of(request)
    form = forms.JournalFilter(request.GET or None)
    if form.is_bound and not form.is_valid():
        return render(request, "applications/journal.html", {"form": form, "rows": ()}, status=400)
    data = form.cleaned_data if form.is_bound else {}
    book = data.get("book") or "registration"
    edition = data["edition"].pk if data.get("edition") else None
    rows = queries.journal(book, staff, start=data.get("start"), end=data.get("end"), edition=edition)
    if (kind := request.GET.get("format", "")) in KINDS:
        openings.note(OpeningKind.EXPORTED, by=staff, at=timezone.now(), what=f"{book}: {request.GET.urlencode()}")
        return table_response(f"journal-{book}", kind, queries.journal_lines(rows.iterator(500), staff))
    page, more = page_of(rows, request, key="-pk")
    return render(request, "applications/journal.html", {"form": form, "rows": page, "more": more, "book": book})


@casework
@require_http_methods(["GET", "POST"])
def search(request: HttpRequest) -> HttpResponse:
    """Find cases by number, IIN or name. By POST: what people search for must not stand in addresses and logs."""
    form, now = forms.SearchForm(request.POST or None), timezone.now()
    rows = None
    if form.is_valid():
        found = list(queries.search(form.cleaned_data["q"], staff_of(request))[: PAGE + 1])
        if len(found) == 1:
            return redirect("case", found[0].pk)
        rows = [(row, queries.due_badge(row.due_at, now, row.office)) for row in found[:PAGE]]
    return render(request, "applications/search.html", {"form": form, "rows": rows, "more": rows and len(found) > PAGE})


def standing(found: Any, possible: list[tuple[str, ActPage]], events: Any) -> dict[str, Any]:
    """What the page of a case or a complaint shows of it: its clocks, what may be done now, and what was done."""
    now = timezone.now()
    clocks = [(clock, queries.due_badge(clock.due_at, now, clock.office)) for clock in found.clocks.all()]
    first = possible[0] if possible and not possible[0][1].style else None
    return {
        "case": found,
        "clocks": clocks,
        "open_clocks": [row for row in clocks if row[0].stopped_at is None],
        "possible": possible,
        "first": first,
        "first_form": first[1].form(case=found) if first else None,
        "events": list(events.select_related("actor", "acting_for", "words").order_by("pk")),
    }


def case_context(found: Case, staff: Staff) -> dict[str, Any]:
    """What the case page shows to this person."""
    possible = [(name, ACTS[name]) for name in queries.possible_acts(found, staff)]
    context = standing(found, possible, found.events)
    return {
        **context,
        "shows_data": bool(staff.roles & {Role.CLERK, Role.HEAD, Role.DEPUTY, Role.EXECUTOR}),
        "own_paper": found.state == State.PREPARED and queries.prepared_it(found, staff),
        "doubles": Case.objects.visible_to(staff).duplicates_of(found.person_id, found.edition_id).exclude(pk=found.pk),
        "visits": _visits(found, context["events"], timezone.now()),
    }


def _visits(found: Case, events: list[Event], now: datetime) -> list[waiting.InQueue]:
    """The visits of the waiting hall that led to the case; most cases have none, and their events say so."""
    if not any("visit" in event.payload or event.kind == "visit_attached" for event in events):
        return []
    rows = found.visits.select_related("office", "window", "edition")
    return [waiting.in_queue(row, now, row.office) for row in rows]


def refused(
    request: HttpRequest, refusal: ActRefused, form: Any, template: str, context: dict[str, Any]
) -> HttpResponse:
    """The same page with what was typed, and the refusal beside its field or above the form."""
    form.add_error(refusal.field if refusal.field in form.fields else None, refusal.message)
    return render(request, template, {**context, "form": form}, status=refusal.status)


def page_of(rows: Any, request: HttpRequest, key: str = "") -> tuple[list[Any], str]:
    """One page of rows and the address of the next: by key for journals, by place for worklists, never counting all."""
    after, start = whole_number(request.GET.get("after", "")), 0
    if key and after:
        rows = rows.filter(pk__lt=after)
    elif after:
        start = min(after, 10_000)
    found = list(rows[start : start + PAGE + 1])
    if len(found) <= PAGE:
        return found, ""
    query = request.GET.copy()
    query["after"] = str(found[PAGE - 1].pk if key else start + PAGE)
    return found[:PAGE], f"?{query.urlencode()}"


def whole_number(text: str) -> int:
    """A number out of an address; 0 for all that no database could count to."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= _DIGITS else 0


def _waiting(staff: Staff, page: ScanPage) -> Any:
    rows = Case.objects.visible_to(staff).filter(state=page.waits_in).exclude(centre=None)
    return rows.for_list().order_by("pk")
