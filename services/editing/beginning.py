"""How a draft begins: a copy for another service, or the next version by an amending act."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from offices.policy import Staff, staff_of
from services import actions
from services.actions import EditRefused
from services.editing.views import keeper
from services.forms import AmendForm, CopyForm
from services.models import Decree, Edition, Service
from services.policy import decrees_of, keeps, oblast_of, readable


@keeper
@require_http_methods(["GET", "POST"])
def law_copy(request: HttpRequest, pk: int) -> HttpResponse:
    """A new edition from a copy of this one."""
    staff = staff_of(request)
    edition: Edition = get_object_or_404(readable(staff), pk=pk)
    decrees = decrees_of(staff)
    if not decrees and oblast_of(staff) is None:
        raise Http404
    form = CopyForm(request.POST or None, decrees=decrees, initial={"label": _next_label()})
    if request.method == "POST" and form.is_valid():
        try:
            return redirect("law_edition", _copied(edition, form.cleaned_data, staff).pk)
        except EditRefused as refusal:
            form.add_error(refusal.field, refusal.message)
    status = 400 if form.errors else 200
    return render(request, "services/law/copy.html", {"edition": edition, "form": form}, status=status)


@keeper
@require_http_methods(["GET", "POST"])
def law_amend(request: HttpRequest, pk: int) -> HttpResponse:
    """The next version of an edition, by the act that amends it."""
    staff = staff_of(request)
    edition: Edition = get_object_or_404(readable(staff), pk=pk)
    if not keeps(staff, edition):
        raise Http404
    form = AmendForm(request.POST or None)
    status = 200
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            draft = actions.amend(
                edition,
                number=given["number"],
                day=given["date"],
                text={"kk": given["kk"], "ru": given["ru"]},
                valid_from=given["valid_from"],
                by=staff.user,
                at=timezone.now(),
            )
            return redirect("law_edition", draft.pk)
        except EditRefused as refusal:
            status = refusal.status
            form.add_error(refusal.field, refusal.message)
    status = 400 if form.errors and status == 200 else status
    return render(request, "services/law/amend.html", {"edition": edition, "form": form}, status=status)


def _next_label() -> str:
    """The next free one of E1, E2, …"""
    used = {int(label[1:]) for label in Edition.objects.values_list("short", flat=True) if label[1:].isdigit()}
    return f"E{max(used, default=0) + 1}"


@transaction.atomic
def _copied(edition: Edition, given: dict[str, Any], staff: Staff) -> Edition:
    """The draft, with its service and decree made on the way where they are new."""
    name = {language: given[f"name__{language}"] for language in ("kk", "ru", "en")}
    service = given["service"] or _new_service(given, name)
    return actions.copy_as(
        edition,
        code=given["code"],
        label=given["label"],
        service=service,
        decree=given["decree"] or _new_decree(given, staff),
        annex=given["annex"],
        name=name,
        by=staff.user,
        at=timezone.now(),
    )


def _new_service(given: dict[str, Any], name: dict[str, str]) -> Service:
    return actions.add_service(
        code=given["service_code"], name=name, everyday={"kk": given["everyday__kk"], "ru": given["everyday__ru"]}
    )


def _new_decree(given: dict[str, Any], staff: Staff) -> Decree:
    place = oblast_of(staff)
    if place is None:
        raise Http404
    day: date = given["decree_date"]
    title = {"kk": given["decree_title__kk"], "ru": given["decree_title__ru"]}
    return actions.add_decree(oblast=place[0], offices=place[1], number=given["decree_number"], day=day, title=title)
