"""The desk of those who keep the law: the list of editions, an edition with its check, its parts as tables, its rows as forms."""

from __future__ import annotations

from collections.abc import Callable
from itertools import groupby
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from offices.policy import staff_of, staff_only
from offices.workflow import Role
from services import actions, checks, differences
from services.actions import EditRefused
from services.diagrams import as_svg, diagram_of
from services.editing import parts
from services.editing.parts import PARTS, Part
from services.forms import FORMS, RowForm
from services.lawfiles import Path, resolved
from services.models import Edition
from services.policy import decrees_of, keeps, readable
from services.text import row_name

keeper = staff_only(Role.ADMINISTRATOR)
Change = Callable[[dict[str, Any]], None]
# Findings with which there is no path to draw.
_UNDRAWN = {"form", "no_unit", "no_end", "no_group", "no_step", "loop"}


@keeper
@require_GET
def law_list(request: HttpRequest) -> HttpResponse:
    """All editions with their versions, by service."""
    staff = staff_of(request)
    kept = {decree.pk for decree in decrees_of(staff)}
    rows = readable(staff).select_related("service", "decree").order_by("service__position", "code", "-version")
    services = [
        (service, [(edition, edition.decree_id in kept) for edition in editions])
        for service, editions in groupby(rows, key=lambda edition: edition.service)
    ]
    return render(request, "services/law/list.html", {"services": services, "keeps_some": bool(kept)})


@keeper
@require_http_methods(["GET", "POST"])
def law_edition(request: HttpRequest, pk: int) -> HttpResponse:
    """One version: its parts, what the check says, and what may be done with it."""
    edition = _edition(request, pk)
    if request.method == "POST":
        _must_keep(request, edition)
        return _done(request, edition)
    return render(request, "services/law/edition.html", _context(request, edition))


@keeper
@require_http_methods(["GET", "POST"])
def law_part(request: HttpRequest, pk: int, part: str) -> HttpResponse:
    """A part as a table; its buttons move and remove rows without a mouse or a script."""
    edition, chosen = _edition(request, pk), _part(part)
    status, refusal, focus = 200, "", request.GET.get("focus", "")
    if request.method == "POST":
        _must_keep(request, edition)
        try:
            edition = _edit(request, edition, _pressed(request, chosen), chosen.path[0])
            focus = _focus(request, len(chosen.rows(edition.definition)))
            if not request.headers.get("HX-Request"):
                return redirect(f"{request.path}?focus={focus}")
        except EditRefused as refused:
            status, refusal, edition = refused.status, refused.message, _edition(request, pk)
    rows = [
        {"no": str(number), "cells": [get(row) for _head, get in chosen.columns]}
        for number, row in enumerate(chosen.rows(edition.definition), start=1)
    ]
    context = _context(request, edition) | {"part": chosen, "rows": rows, "refusal": refusal, "focus": focus}
    return render(request, "services/law/part.html", context, status=status)


@keeper
@require_http_methods(["GET", "POST"])
def law_row(request: HttpRequest, pk: int, part: str, row: str) -> HttpResponse:
    """A row of a part as a form; `new` adds one at the end."""
    edition, chosen = _edition(request, pk), _part(part)
    _must_keep(request, edition)
    if request.method == "GET" and not edition.is_draft:
        return redirect("law_part", edition.pk, chosen.key)
    rows = chosen.rows(edition.definition)
    index = None if row == "new" else int(row) - 1 if row.isdecimal() and len(row) < 6 else -1
    if index is not None and not 0 <= index < len(rows):
        raise Http404
    before = None if index is None else rows[index]
    form = _form(request, edition, chosen.form, before)
    if request.method == "POST" and form.is_valid():
        wanted = form.row()
        at: Path = (*chosen.path, len(rows) if index is None else index)
        if _saved(request, edition, form, parts.save(chosen, index, wanted), at):
            return redirect("law_part", edition.pk, chosen.key)
    at = (*chosen.path, index or 0)
    name = str(chosen.name) if before is None else f"{chosen.name}, {row_name(resolved(edition.definition), at)}"
    context = _context(request, _edition(request, pk)) | {
        "part": chosen,
        "form": form,
        "name": name,
        "new": index is None,
    }
    return render(request, "services/law/row.html", context, status=400 if form.errors else 200)


@keeper
@require_http_methods(["GET", "POST"])
def law_main(request: HttpRequest, pk: int) -> HttpResponse:
    """The edition's own fields."""
    edition = _edition(request, pk)
    _must_keep(request, edition)
    if request.method == "GET" and not edition.is_draft:
        return redirect("law_edition", edition.pk)
    form = _form(request, edition, "main", edition.definition)
    if request.method == "POST" and form.is_valid():
        wanted = form.row()
        change: Change = lambda definition: definition.update(wanted)  # noqa: E731
        if _saved(request, edition, form, change, ()):
            return redirect("law_edition", edition.pk)
    context = _context(request, _edition(request, pk)) | {"form": form, "name": _("The service and its act")}
    return render(request, "services/law/row.html", context, status=400 if form.errors else 200)


@keeper
@require_GET
def law_difference(request: HttpRequest, pk: int) -> HttpResponse:
    """A version against the one before it, point by point, and which act amends."""
    edition = _edition(request, pk)
    before = get_object_or_404(Edition, code=edition.code, version=edition.version - 1)
    context = {"edition": edition, "before": before, "changes": differences.of_edition(edition, before)}
    return render(request, "services/law/difference.html", context)


@keeper
@require_GET
def law_history(request: HttpRequest, pk: int) -> HttpResponse:
    """Who changed what in a version, when; the newest first."""
    edition = _edition(request, pk)
    rows = edition.changes.select_related("by").order_by("-pk")[:200]
    return render(request, "services/law/history.html", {"edition": edition, "rows": rows})


# ------------------------------------------------------------------ what they share


def _edition(request: HttpRequest, pk: int) -> Edition:
    rows = readable(staff_of(request)).select_related("service", "decree")
    edition: Edition = get_object_or_404(rows, pk=pk)
    return edition


def _must_keep(request: HttpRequest, edition: Edition) -> None:
    """An edition of another's decree is there to be read only (404 for a change)."""
    if not keeps(staff_of(request), edition):
        raise Http404


def _part(key: str) -> Part:
    if key not in PARTS:
        raise Http404
    return PARTS[key]


def _context(request: HttpRequest, edition: Edition) -> dict[str, Any]:
    """What every page of an edition shows beside its own."""
    found = checks.findings(edition) if edition.is_draft else []
    drawn = not {one.code for one in found} & _UNDRAWN
    return {
        "edition": edition,
        "keeps": keeps(staff_of(request), edition),
        "findings": [(one, parts.address(edition, one.path)) for one in found],
        "parts": [(part, len(part.rows(edition.definition))) for part in PARTS.values()],
        "versions": list(readable(staff_of(request)).filter(code=edition.code).order_by("-version")),
        "svg": as_svg(diagram_of(edition)) if drawn else "",
    }


def _form(request: HttpRequest, edition: Edition, name: str, row: dict[str, Any] | None) -> RowForm:
    data = request.POST if request.method == "POST" else None
    return FORMS[name](data, definition=edition.definition, row=row, initial={"revision": edition.revision})


def _edit(request: HttpRequest, edition: Edition, change: Change, part: str) -> Edition:
    revision = request.POST.get("revision", "")
    return actions.edit(
        edition,
        change,
        revision=int(revision) if revision.isdecimal() and len(revision) < 9 else -1,
        part=part,
        by=staff_of(request).user,
        at=timezone.now(),
    )


def _saved(request: HttpRequest, edition: Edition, form: RowForm, change: Change, at: Any) -> bool:
    """Whether the row was saved; where not, the form says why and keeps what was typed, to be sent again."""
    try:
        _edit(request, edition, change, at[0] if at else "main")
    except EditRefused as refusal:
        if refusal.faults:
            form.show_faults(refusal.faults, at)
        else:
            form.add_error(None, refusal.message)
            form.data = request.POST.copy()
            form.data["revision"] = str(_edition(request, edition.pk).revision)
        return False
    return True


def _pressed(request: HttpRequest, part: Part) -> Change:
    """The change that a button of the table stands for, such as `up:3`."""
    verb, _colon, number = request.POST.get("do", "").partition(":")
    if not number.isdecimal() or len(number) > 5 or verb not in ("up", "down", "remove"):
        raise Http404
    index = int(number) - 1
    return parts.remove(part, index) if verb == "remove" else parts.move(part, index, -1 if verb == "up" else 1)


def _focus(request: HttpRequest, rows: int) -> str:
    """The button on which the focus goes on: the same one of the row that was moved, so that it can be pressed again."""
    verb, _colon, number = request.POST["do"].partition(":")
    row = min(max(int(number) + {"up": -1, "down": 1}.get(verb, 0), 1), max(rows, 1))
    if verb != "up":
        verb = "up" if row == rows else "down"
    return f"{'down' if row == 1 and verb == 'up' and rows > 1 else verb}:{row}"


def _done(request: HttpRequest, edition: Edition) -> HttpResponse:
    """Publish, withdraw or delete, as the button says."""
    by, at, verb = staff_of(request).user, timezone.now(), request.POST.get("do", "")
    try:
        if verb == "publish":
            fresh = actions.publish(edition, by=by, at=at)
            if not fresh.uses.exists():
                actions.offer(fresh)
            messages.success(request, _("Published. New applications follow it from its first day."))
        elif verb == "withdraw":
            actions.withdraw(edition, by=by, at=at)
            messages.success(request, _("Withdrawn. Running cases go on under it."))
        elif verb == "discard":
            actions.discard(edition)
            messages.success(request, _("The draft was deleted."))
            return redirect("law_list")
        else:
            raise Http404
    except ValidationError as problem:
        context = _context(request, _edition(request, edition.pk)) | {"refusals": problem.messages}
        return render(request, "services/law/edition.html", context, status=409)
    except EditRefused as refusal:
        context = _context(request, _edition(request, edition.pk)) | {"refusals": [str(refusal)]}
        return render(request, "services/law/edition.html", context, status=409)
    return redirect("law_edition", edition.pk)
