"""Files in and out: an edition as YAML, everything as an archive."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from offices.policy import heavy, staff_of
from services import actions
from services.actions import EditRefused
from services.editing.views import keeper
from services.forms import FileForm
from services.lawfiles import LawFileError
from services.models import Edition
from services.policy import decrees_of, readable

_LARGEST = 10 * 1024 * 1024


@keeper
@require_GET
def law_export(request: HttpRequest, pk: int) -> HttpResponse:
    """The file of an edition."""
    edition: Edition = get_object_or_404(readable(staff_of(request)), pk=pk)
    response = HttpResponse(actions.export_edition(edition), content_type="application/yaml; charset=utf-8")
    name = edition.code if edition.version == 1 else f"{edition.code}.v{edition.version}"
    response["Content-Disposition"] = f'attachment; filename="{name}.yaml"'
    return response


@keeper
@heavy(when=lambda request: request.method == "POST")
@require_http_methods(["GET", "POST"])
def law_import(request: HttpRequest) -> HttpResponse:
    """Take an edition's file in as a draft; each fault is named with its line and field."""
    staff = staff_of(request)
    kept = {decree.pk for decree in decrees_of(staff)}
    if not kept:
        raise Http404
    form = FileForm(request.POST or None, request.FILES or None)
    status, faults = 200, []
    if request.method == "POST" and form.is_valid():
        file = form.cleaned_data["file"]
        try:
            draft = actions.import_draft(
                file.read(_LARGEST), file.name, may=lambda decree: decree.pk in kept, by=staff.user, at=timezone.now()
            )
            return redirect("law_edition", draft.pk)
        except LawFileError as problem:
            form.add_error("file", str(problem) if not problem.faults else _("This file cannot be taken in."))
            faults = problem.faults
        except EditRefused as refusal:
            form.add_error("file", refusal.message)
            status = refusal.status
    status = 400 if form.errors and status == 200 else status
    return render(request, "services/law/import.html", {"form": form, "faults": faults}, status=status)


@keeper
@heavy(when=lambda request: request.method == "POST")
@require_http_methods(["GET", "POST"])
def law_archive(request: HttpRequest) -> HttpResponse:
    """Everything as one archive; taking one in adds what is missing here and changes nothing that is."""
    staff = staff_of(request)
    kept = {decree.pk for decree in decrees_of(staff)}
    form = FileForm(request.POST or None, request.FILES or None)
    counts = None
    if request.method == "POST" and form.is_valid():
        if not kept:
            raise Http404
        file = form.cleaned_data["file"]
        try:
            counts = actions.import_all(
                file.read(_LARGEST), may=lambda decree: decree.pk in kept, by=staff.user, at=timezone.now()
            )
        except (LawFileError, EditRefused) as problem:
            form.add_error("file", str(problem))
    context = {"form": form, "counts": counts, "keeps_some": bool(kept)}
    return render(request, "services/law/archive.html", context, status=400 if form.errors else 200)


@keeper
@heavy
@require_GET
def law_everything(request: HttpRequest) -> HttpResponse:
    """The archive itself."""
    now = timezone.now()
    response = HttpResponse(actions.export_all(at=now), content_type="application/zip")
    response["Content-Disposition"] = f'attachment; filename="law-{timezone.localdate(now):%Y-%m-%d}.zip"'
    return response
