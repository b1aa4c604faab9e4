"""The calendar of a year: its days with their source; what a change moves is shown before it is confirmed."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe

from applications.planning.days import Year, days_of, digest, from_file, initial_rows
from applications.recount import CalendarMovedError, change_calendar, moves
from offices.admin.calendar import KINDS
from offices.admin.scope import scope_of
from offices.calendars import current_version
from offices.models import CalendarDay, Office
from offices.policy import staff_of, staff_only
from offices.workflow import Role
from offices.worktime import DayKind

_SHOWN = 200  # moved terms listed; all are counted
_YEARS = range(2000, 2101)


class ChangeForm(forms.Form):
    """What belongs to the change as a whole: a source for rows without one, the file, the reason, what was looked at."""

    mark_optional = False

    common_source = forms.CharField(
        label=_("Source of the change"),
        required=False,
        max_length=300,
        help_text=_("number and date of the act; for rows without one"),
    )
    file = forms.FileField(
        label=_("File of the year"), required=False, help_text=_("fills the rows below; nothing is written yet")
    )
    reason = forms.CharField(
        label=_("Reason"),
        required=False,
        max_length=300,
        help_text=_("stays with every term that moves, and in each case"),
    )
    version = forms.IntegerField(required=False, widget=forms.HiddenInput)
    digest = forms.CharField(required=False, widget=forms.HiddenInput)


@staff_only(Role.ADMINISTRATOR)
@require_safe
def calendar(request: HttpRequest) -> HttpResponse:
    """The calendar of this year: of the whole country, or of the one office managed."""
    scope = scope_of(request)
    office = None if scope.oblasts else scope.rows().first()
    address = reverse("calendar_year", args=[timezone.localdate().year])
    return redirect(f"{address}?office={office.pk}" if office else address)


@staff_only(Role.ADMINISTRATOR)
@require_http_methods(["GET", "HEAD", "POST"])
def calendar_year(request: HttpRequest, year: int) -> HttpResponse:
    """The days of a year; `do` is import (fill from a file), preview (what would move) or confirm."""
    page = _Page(request, year)
    if request.method != "POST":
        return page.shown()
    if not page.may_change:
        raise Http404
    return {"import": page.imported, "confirm": page.confirmed}.get(request.POST.get("do", ""), page.previewed)()


class _Page:
    """One request for a year of one office, or of the whole country."""

    def __init__(self, request: HttpRequest, year: int) -> None:
        if year not in _YEARS:
            raise Http404
        self.request, self.year = request, year
        self.office = self._office()
        rows = CalendarDay.objects.filter(day__year=year).order_by("day")
        self.existing = {row.pk: row for row in rows.filter(office=self.office)}
        self.national = list(rows.filter(office=None)) if self.office else []
        self.may_change = self.office is not None or bool(scope_of(request).oblasts)

    def _office(self) -> Office | None:
        chosen = self.request.GET.get("office", "")
        if not chosen:
            return None
        office = (
            scope_of(self.request).rows().filter(pk=chosen).first() if chosen.isdecimal() and len(chosen) < 10 else None
        )
        if office is None:
            raise Http404
        return office

    def shown(self, **more: Any) -> HttpResponse:
        """The page as it stands in the table."""
        return self._render(ChangeForm(), self._formset(), **more)

    def imported(self) -> HttpResponse:
        """The rows of a file in the form; nothing is written."""
        change = ChangeForm(self.request.POST, self.request.FILES)
        change.is_valid()
        existing = initial_rows(self.existing.values())
        try:
            if not change.cleaned_data.get("file"):
                raise ValidationError(_("Choose the file of the year."))
            formset = self._formset(initial=from_file(change.cleaned_data["file"], self.year, existing))
        except ValidationError as problem:
            change.add_error("file", problem)
            return self._render(change, self._formset(self.request.POST), status=400)
        return self._render(ChangeForm(initial=change.cleaned_data), formset, filled=True)

    def previewed(self, *, warning: str = "") -> HttpResponse:
        """What would move, with the form as it was typed."""
        change, formset = self._sent()
        if not (change.is_valid() and formset.is_valid()):
            return self._render(change, formset, status=400)
        days = days_of(formset, self.office, self.existing)
        found = moves(days)
        change.data = change.data.copy()  # type: ignore[attr-defined]
        change.data["version"], change.data["digest"] = str(current_version()), digest(days)  # type: ignore[index]
        more = {"days": days, "moves": found[:_SHOWN], "moved": len(found), "warning": warning}
        return self._render(change, formset, previewed=True, status=409 if warning else 200, **more)

    def confirmed(self) -> HttpResponse:
        """Write what was looked at; anything else is shown first."""
        change, formset = self._sent()
        if not (change.is_valid() and formset.is_valid()):
            return self.previewed()
        days, data = days_of(formset, self.office, self.existing), change.cleaned_data
        if not (days.saved or days.removed):
            messages.info(self.request, _("Nothing was changed."))
            return redirect(self.request.get_full_path())
        if data["digest"] != digest(days):
            return self.previewed(
                warning=str(_("The rows were changed after they were looked at. Look again at what moves."))
            )
        if not data["reason"].strip():
            change.add_error("reason", _("Give the reason: it stays with every term that moves."))
            found = moves(days)
            more = {"days": days, "moves": found[:_SHOWN], "moved": len(found), "previewed": True}
            return self._render(change, formset, status=400, **more)
        try:
            found = change_calendar(
                days,
                reason=data["reason"].strip(),
                version=data["version"] or 0,
                by=staff_of(self.request),
                at=timezone.now(),
            )
        except CalendarMovedError:
            return self.previewed(warning=str(_("The calendar was changed meanwhile. Look again at what moves.")))
        words = ngettext(
            "The calendar is changed; %(n)d term moved.", "The calendar is changed; %(n)d terms moved.", len(found)
        )
        messages.success(self.request, words % {"n": len(found)})
        return redirect(self.request.get_full_path())

    def _sent(self) -> tuple[ChangeForm, Any]:
        return ChangeForm(self.request.POST), self._formset(self.request.POST)

    def _formset(self, data: Any = None, initial: list[dict[str, Any]] | None = None) -> Any:
        rows = initial_rows(self.existing.values()) if initial is None else initial
        formset = Year(data, initial=rows, prefix="days")
        formset.year = self.year
        formset.common_source = (data or {}).get("common_source", "").strip()[:300]
        return formset

    def _render(self, change: ChangeForm, formset: Any, *, status: int = 200, **more: Any) -> HttpResponse:
        scope = scope_of(self.request)
        context = {
            "year": self.year,
            "office": self.office,
            "offices": scope.rows(),
            "change": change,
            "formset": formset,
            "rows": [
                (form, KINDS.get(DayKind(kind)) if (kind := form["kind"].value()) in set(DayKind) else "")
                for form in formset
            ],
            "national": [
                (row, KINDS[DayKind(row.kind)])
                for row in self.national or (() if self.may_change else self.existing.values())
            ],
            "may_change": self.may_change,
            "version": current_version(),
        }
        return render(self.request, "planning/calendar.html", {**context, **more}, status=status)
