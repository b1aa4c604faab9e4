"""The counter's pages where an application is taken in: choice of the service, and the whole registration on one page."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET

from applications import drafts, forms, intake, openings, queries
from applications.casework import ActRefused
from applications.models import Case, FollowChannel, OpeningKind, Person, Visit
from applications.views import refused, whole_number
from offices.models import Office
from offices.policy import Staff, staff_of, staff_only
from offices.vault import keyed_hash
from offices.workflow import Role
from services.models import Edition

COUNTER = (Role.CLERK, Role.EXECUTOR, Role.CENTRE_INSPECTOR)


@staff_only(*COUNTER)
@require_GET
def register(request: HttpRequest) -> HttpResponse:
    """Choose the service: those that this person takes in, at the department's counter and at the centre's window."""
    # Called from the hall for a service he has not named, the visitor comes along to the form that is chosen here.
    visit = whole_number(request.GET.get("visit", ""))
    desks = queries.all_desks(staff_of(request))
    return render(request, "applications/register.html", {"desks": desks, "visit": visit})


@staff_only(*COUNTER)
def take_in(request: HttpRequest, office_id: int, edition_id: int) -> HttpResponse:
    """The whole registration on one page: person, papers, number and talon."""
    staff, now = staff_of(request), timezone.now()
    office, edition, centre = _desk(request, staff, office_id, edition_id)
    visitor = visitor_of(request, centre or office)
    form = forms.IntakeForm(
        request.POST or None,
        initial={"language": "kk", "received_at": timezone.localtime(now).replace(second=0, microsecond=0)},
    )
    form.add_checklist(edition)
    button, known = request.POST.get("do", ""), None
    if button == "find":
        form, known = _with_known_person(request, edition)
        if known:
            openings.note(OpeningKind.FILLED_IN, by=staff, at=now, person=known)
    elif request.method == "POST" and form.is_valid():
        forms.check_button(form, button)
        if not form.errors:
            data = intake.Intake(
                office,
                edition,
                form.person(),
                form.found(),
                form.cleaned_data["received_at"],
                form.cleaned_data["language"],
                centre,
                visitor,
                drafts.of_code(form.cleaned_data["prepared"]),
                [FollowChannel(channel) for channel in form.cleaned_data["tell_by"]],
            )
            try:
                made = intake.take_in(data, by=staff, at=now, token=form.cleaned_data["token"])
            except ActRefused as refusal:
                context = locals_of(office, edition, centre, known, visitor)
                return refused(request, refusal, form, "applications/take_in.html", context)
            return redirect("case", made.pk)
    status = 400 if request.method == "POST" and button != "find" else 200
    context = {"form": form, **locals_of(office, edition, centre, known, visitor)}
    return render(request, "applications/take_in.html", context, status=status)


def locals_of(
    office: Office, edition: Edition, centre: Office | None, known: Person | None, visitor: Visit | None
) -> dict[str, Any]:
    """What the registration page shows besides its form."""
    every = Case.objects.everywhere("of a double in another office the warning at intake names the office alone")
    doubles = every.duplicates_of(known.pk, edition.pk) if known else ()
    names = {"centre": centre and centre.pk, "visit": visitor and visitor.pk}
    query = urlencode({name: pk for name, pk in names.items() if pk})
    action = reverse("take_in", args=[office.pk, edition.pk]) + (f"?{query}" if query else "")
    return {
        "office": office, "edition": edition, "centre": centre, "known": known, "doubles": doubles, "visitor": visitor,
        "action": action, "language_next": action, "other_versions": queries.other_versions(edition),
    }  # fmt: skip


def visitor_of(request: HttpRequest, place: Office) -> Visit | None:
    """The visitor of the waiting hall for whom the page was opened (?visit=), if he was called in this office."""
    pk = whole_number(request.GET.get("visit", ""))
    called = Visit.objects.filter(office=place, window__isnull=False).select_related("window")
    return called.filter(pk=pk).first() if pk else None


def _desk(request: HttpRequest, staff: Staff, office_id: int, edition_id: int) -> tuple[Office, Edition, Office | None]:
    """The desk at which the person may take this edition in; anything else is not there."""
    mine, chosen = Office.objects.filter(pk__in=staff.offices(Role.CENTRE_INSPECTOR)), request.GET.get("centre", "")
    centre = get_object_or_404(mine, pk=whole_number(chosen)) if chosen else None
    # Nearly always it is an edition in force; an application of an earlier day is taken in under the version of that day.
    for only in (edition_id, None):
        for office, edition in queries.desks(staff, at_window=centre is not None, office=office_id, edition=only):
            versions = [edition] if only else queries.other_versions(edition)
            asked = next((version for version in versions if version.pk == edition_id), None)
            if asked and (centre is None or centre.serves.contains(office)):
                return office, asked, centre
    raise Http404


def fill_in_known(data: Any) -> Person | None:
    """Fill the particulars of the person whose IIN stands in `data` (a form's values) in where nothing stands; gives him."""
    iin = "".join(data.get("iin", "").split())
    everybody = Person.objects.everywhere("who knows the IIN fills in the form of its owner; it is written down")
    known = everybody.filter(iin_hash=keyed_hash(iin), merged_into=None).first() if iin else None
    for name in intake.PersonData.__dataclass_fields__ if known else ():
        value = getattr(known, name)
        if value and not data.get(name):
            data[name] = value.isoformat() if hasattr(value, "isoformat") else str(value)
    return known


def _with_known_person(request: HttpRequest, edition: Edition) -> tuple[forms.IntakeForm, Person | None]:
    """The same form with the particulars of a known person filled in where nothing was typed."""
    data = request.POST.copy()
    known = fill_in_known(data)
    form = forms.IntakeForm(initial={name: value for name, value in data.items() if name != "csrfmiddlewaretoken"})
    form.add_checklist(edition)
    for name in form.fields:
        if data.get(name):
            form.initial[name] = data[name]
    return form, known
