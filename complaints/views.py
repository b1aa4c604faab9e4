"""The staff's pages of complaints: my complaints, registering, the complaint, its acts, the journal, search."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_http_methods

from applications import notices as papers
from applications import openings
from applications.casework import ActRefused
from applications.forms import AttachForm, SearchForm
from applications.models import OpeningKind
from applications.queries import due_badge
from applications.views import PAGE, ActPage, page_of, refused, run_act, standing
from complaints import actions, forms, intake, queries
from complaints.acts import HOUSE
from complaints.models import Complaint
from offices.exports import KINDS, table_response
from offices.policy import Staff, fresh, heavy, staff_of, staff_only
from offices.workflow import Role

# The one table behind all buttons: act name → form and function. Nothing is looked up from an address but a key of this table.
ACTS: dict[str, ActPage] = {
    "take_over": ActPage(_("Register here"), actions.take_over),
    "assign": ActPage(_("Give resolution"), actions.assign, forms.ConsidererForm),
    "consider": ActPage(_("Consider and write the answer"), actions.consider, forms.ConsiderForm),
    "answer": ActPage(_("Sign the answer"), actions.answer),
    "complete": ActPage(_("What was missing has come"), actions.complete, forms.CompleteForm),
    "record_answer": ActPage(_("Record the answer of that body"), actions.record_answer, forms.OutsideAnswerForm),
    "tell": ActPage(_("Complainant told"), actions.tell, forms.TellForm, "secondary"),
    "deliver": ActPage(_("Hand over or send the answer"), actions.deliver, forms.DeliverForm),
    "remedy": ActPage(_("Begin what was granted"), actions.begin_remedy, forms.RemedyForm, "secondary"),
    "execute": ActPage(_("Carried out"), actions.execute, forms.NoteForm, "secondary"),
    "preliminary": ActPage(_("Preliminary decision"), actions.give_preliminary, forms.PreliminaryForm, "secondary"),
    "objection": ActPage(_("Write down an objection"), actions.record_objection, forms.TextForm, "secondary"),
    "forward": ActPage(_("Pass on"), actions.forward, forms.ForwardForm, "secondary"),
    "extend": ActPage(_("Extend the term"), actions.extend, forms.ExtendForm, "secondary"),
    "tell_extension": ActPage(_("Told of the extension"), actions.tell_extension, forms.TellForm, "secondary"),
    "ask": ActPage(_("Ask for what is missing"), actions.ask_for_missing, forms.AskForm, "secondary"),
    "send_back": ActPage(_("Return with reasons"), actions.send_back, forms.ReasonForm, "warning"),
    "return_for_rework": ActPage(_("Return for rework"), actions.return_for_rework, forms.ReturnForm, "secondary"),
    "reassign": ActPage(_("Give to somebody else"), actions.reassign, forms.ReconsidererForm, "secondary"),
    "attach": ActPage(_("Add a file"), actions.attach, AttachForm, "secondary"),
    "withdraw": ActPage(_("Withdrawn by the complainant"), actions.withdraw, forms.ReasonForm, "secondary"),
}
house = staff_only(*HOUSE, Role.OBSERVER)


@house
@require_GET
def my_complaints(request: HttpRequest) -> HttpResponse:
    """Complaints that wait for me, in the same list as cases; filters stand in the address."""
    staff, now = staff_of(request), timezone.now()
    only = request.GET.get("only", "mine")
    rows = Complaint.objects.visible_to(staff).open() if only == "all" else Complaint.objects.on_the_desk_of(staff)
    if only == "overdue":
        rows = Complaint.objects.visible_to(staff).overdue(now)
    page, more = page_of(rows.for_list().worst_first(), request)
    context = {"rows": [(row, due_badge(row.due_at, now, row.office)) for row in page], "more": more, "only": only}
    return render(request, "complaints/my_complaints.html", context)


@staff_only(*HOUSE)
@require_http_methods(["GET", "POST"])
def register(request: HttpRequest) -> HttpResponse:
    """Register a complaint that came on paper, by post, or was told at the reception. It cannot be refused here."""
    staff = staff_of(request)
    form = forms.RegisterForm(request.POST or None, request.FILES or None, staff=staff, roles=HOUSE)
    if request.method == "GET" or not form.is_valid():
        status = 400 if request.method == "POST" else 200
        return render(request, "complaints/register.html", {"form": form}, status=status)
    try:
        made = intake.register(form.received(), by=staff, at=timezone.now(), token=form.cleaned_data["token"])
    except ActRefused as refusal:
        return refused(request, refusal, form, "complaints/register.html", {})
    messages.success(request, gettext("Registered: %(number)s") % {"number": made.number})
    return redirect(made)


@house
@require_GET
def complaint(request: HttpRequest, pk: int) -> HttpResponse:
    """A complaint: what may be done now, its terms, what it is tied to, papers, timeline."""
    staff = staff_of(request)
    found = _visible(staff, pk)
    openings.note(
        OpeningKind.OPENED, by=staff, at=timezone.now(), case=found.case, person=found.person, what=found.number
    )
    return render(request, "complaints/complaint.html", _context(found, staff))


@house
@fresh(when=lambda request, act, **_: act == "answer" and request.method == "POST")
@require_http_methods(["GET", "POST"])
def act(request: HttpRequest, pk: int, act: str) -> HttpResponse:
    """The one view behind all buttons: fetch scoped, form, one act, back to the complaint."""
    staff = staff_of(request)
    found = _visible(staff, pk)
    page = ACTS.get(act)
    if page is None:
        raise Http404
    if request.method == "GET":
        openings.note(
            OpeningKind.OPENED,
            by=staff,
            at=timezone.now(),
            case=found.case,
            person=found.person,
            what=f"{found.number} {act}",
        )
    return run_act(request, found, act, page)


@house
@require_GET
def paper(request: HttpRequest, pk: int, key: UUID) -> HttpResponse:
    """A paper of a complaint as it was made."""
    staff = staff_of(request)
    found = _visible(staff, pk)
    row = get_object_or_404(found.papers, key=key)
    openings.note(
        OpeningKind.PRINTED, by=staff, at=timezone.now(), case=found.case, person=found.person, what=found.number
    )
    response = HttpResponse(papers.pdf_of(row), content_type="application/pdf")
    response["Content-Disposition"] = f'inline; filename="{row.kind}-{found.number}.pdf"'
    return response


@house
@require_GET
def attachment(request: HttpRequest, pk: int, attachment_id: int) -> HttpResponse | FileResponse:
    """A file of a complaint, to be saved, never shown inside the site."""
    found = _visible(staff_of(request), pk)
    row = get_object_or_404(found.attachments, pk=attachment_id)
    staff = staff_of(request)
    openings.note(
        OpeningKind.DOWNLOADED, by=staff, at=timezone.now(), case=found.case, person=found.person, what=found.number
    )
    if not row.file.storage.exists(str(row.file.name)):
        raise Http404
    response = FileResponse(row.file.open("rb"), as_attachment=True, filename=row.name, content_type=row.content_type)
    response["Content-Security-Policy"] = "sandbox"
    return response


@house
@fresh(when=lambda request: request.GET.get("format") in KINDS)
@heavy(when=lambda request: request.GET.get("format") in KINDS)
@require_GET
def journal(request: HttpRequest) -> HttpResponseBase:
    """The journal of registration, by filters in the address, exported as XLSX or CSV."""
    staff, now = staff_of(request), timezone.now()
    form = forms.JournalFilter(request.GET or None)
    if form.is_bound and not form.is_valid():
        return render(request, "complaints/journal.html", {"form": form, "rows": ()}, status=400)
    data = form.cleaned_data if form.is_bound else {}
    rows = queries.journal(staff, **{name: data[name] for name in ("start", "end", "kind", "state") if data.get(name)})
    if (kind := request.GET.get("format", "")) in KINDS:
        openings.note(OpeningKind.EXPORTED, by=staff, at=now, what="complaints")
        return table_response("journal-complaints", kind, queries.journal_lines(rows.iterator(500)))
    page, more = page_of(rows, request, key="-pk")
    shown = [(row, due_badge(row.due_at, now, row.office)) for row in page]
    return render(request, "complaints/journal.html", {"form": form, "rows": shown, "more": more})


@house
@require_http_methods(["GET", "POST"])
def search(request: HttpRequest) -> HttpResponse:
    """Find complaints by number, IIN or name. By POST: what people search for must not stand in addresses and logs."""
    form, now, rows = SearchForm(request.POST or None), timezone.now(), None
    if form.is_valid():
        found = list(queries.search(form.cleaned_data["q"], staff_of(request))[: PAGE + 1])
        if len(found) == 1:
            return redirect(found[0])
        rows = [(row, due_badge(row.due_at, now, row.office)) for row in found[:PAGE]]
    more = rows is not None and len(found) > PAGE
    return render(request, "complaints/search.html", {"form": form, "rows": rows, "more": more})


def _visible(staff: Staff, pk: int) -> Complaint:
    found: Complaint = get_object_or_404(Complaint.objects.visible_to(staff).for_detail(), pk=pk)
    return found


def _context(found: Complaint, staff: Staff) -> dict[str, Any]:
    possible = [(name, ACTS[name]) for name in queries.possible_acts(found, staff)]
    return {
        **standing(found, possible, queries.events_of(found)),
        "silence_since": queries.silence_since(found),
        "goes_up": queries.goes_up(found) and found.answer_pending,
        "papers": found.papers.order_by("pk"),
        "files": found.attachments.order_by("pk"),
    }
