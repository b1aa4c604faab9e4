"""The form of a calendar year: a row a day, each with its source; a file of the year fills it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.forms import BaseFormSet, formset_factory
from django.utils.translation import gettext_lazy as _

from applications.forms import DayInput
from applications.recount import Days
from offices.admin.calendar import KINDS
from offices.models import CalendarDay, Office
from offices.worktime import DayKind
from services import lawfiles

_CLOSED = (DayKind.HOLIDAY, DayKind.DAY_OFF, DayKind.CLOSED)
FIELDS = ("day", "kind", "name_kk", "name_ru", "name_en", "opens", "closes", "transferred_from", "source", "verified")
_FILE_LIMIT = 200_000


class DayForm(forms.Form):
    """A day that differs from the weekly hours. The source may be left to the one given for the whole change."""

    mark_optional = False

    row = forms.IntegerField(required=False, widget=forms.HiddenInput)
    day = forms.DateField(label=_("Day"), widget=DayInput)
    kind = forms.ChoiceField(
        label=_("Kind"), choices=[("", "—"), *((kind.value, words) for kind, words in KINDS.items())]
    )
    name_kk = forms.CharField(label=_("Name in Kazakh"), max_length=200)
    name_ru = forms.CharField(label=_("Name in Russian"), max_length=200)
    name_en = forms.CharField(label=_("Name in English"), max_length=200, required=False)
    opens = forms.TimeField(
        label=_("Opens"), required=False, widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M")
    )
    closes = forms.TimeField(
        label=_("Closes"), required=False, widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M")
    )
    transferred_from = forms.DateField(label=_("Transferred from"), required=False, widget=DayInput)
    source = forms.CharField(label=_("Source"), max_length=300, required=False)
    verified = forms.BooleanField(label=_("verified by a person"), required=False)

    def clean(self) -> dict[str, Any]:
        """Hours where the kind needs them, none where it has none."""
        data = super().clean() or {}
        kind, opens, closes = data.get("kind"), data.get("opens"), data.get("closes")
        if kind in _CLOSED and (opens or closes):
            self.add_error("opens", _("A day that is not worked has no hours."))
        elif kind == DayKind.SHORT and not (opens and closes):
            self.add_error("opens", _("Give the hours of this day."))
        elif bool(opens) != bool(closes):
            self.add_error("closes", _("Give both hours, or neither."))
        elif opens and closes and opens >= closes:
            self.add_error("closes", _("Closing must come after opening."))
        return data


class BaseYear(BaseFormSet):
    """The days of one year: each once, all within it, each with a source."""

    year = 0
    common_source = ""

    def clean(self) -> None:
        """What no row can see alone."""
        seen: set[date] = set()
        for form in self.forms:
            data = getattr(form, "cleaned_data", None) or {}
            day = data.get("day")
            if not day or data.get("DELETE"):
                continue
            if day.year != self.year:
                form.add_error("day", _("This day lies in another year."))
            if day in seen:
                form.add_error("day", _("This day stands in the calendar already. Change that row."))
            seen.add(day)
            if not (data.get("source") or self.common_source):
                form.add_error("source", _("Say where this is from: here, or once for the whole change."))


Year: Any = formset_factory(DayForm, formset=BaseYear, extra=2, can_delete=True, max_num=200, absolute_max=250)


def initial_rows(rows: Iterable[CalendarDay]) -> list[dict[str, Any]]:
    """The rows of the table as the form shows them."""
    return [{"row": row.pk, **{name: getattr(row, name) for name in FIELDS}} for row in rows]


def from_file(file: Any, year: int, existing: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The rows of a year's file (format of fixtures/calendar) laid over those that there are. ValidationError names the place."""
    if file.size > _FILE_LIMIT:
        raise ValidationError(_("The file is too large for a calendar."))
    try:
        name_of_file = str(file.name)
        read = lawfiles.table(lawfiles.apart({name_of_file: file.read().decode("utf-8")})[name_of_file], name_of_file)
    except (UnicodeDecodeError, lawfiles.LawFileError) as problem:
        raise ValidationError(_("The file cannot be read: %(why)s"), params={"why": str(problem)[:200]}) from None
    rows = {row["day"]: row for row in existing}
    for number, row in enumerate(read, start=1):
        day, name = _day(row.get("date")), row.get("name")
        if day is None or day.year != year or not isinstance(name, dict):
            raise ValidationError(_("Row %(n)s: no day of %(year)s with its name."), params={"n": number, "year": year})
        known = {
            name_: row.get(name_) for name_ in ("kind", "opens", "closes", "transferred_from", "source", "verified")
        }
        names = {f"name_{language}": name.get(language) or "" for language in ("kk", "ru", "en")}
        rows[day] = {"row": rows.get(day, {}).get("row"), "day": day, **known, **names}
    return [rows[day] for day in sorted(rows)]


def _day(value: Any) -> date | None:
    try:
        return date.fromisoformat(value)
    except (TypeError, ValueError):
        return None


def days_of(formset: Any, office: Office | None, existing: dict[int, CalendarDay]) -> Days:
    """What the form changes: rows that differ from those of the table, and rows taken away."""
    saved, removed, before = [], [], set()
    for form in formset.forms:
        data = getattr(form, "cleaned_data", None) or {}
        row = existing.get(data.get("row") or 0)
        if data.get("DELETE"):
            if row is not None:
                removed.append(row)
                before.add(row.day)
            continue
        if not data.get("day"):
            continue
        values = {name: data[name] for name in FIELDS}
        values["source"] = values["source"] or formset.common_source
        if row is not None and all(getattr(row, name) == value for name, value in values.items()):
            continue
        if row is not None:
            before.add(row.day)
        saved.append(CalendarDay(pk=row.pk if row else None, office=office, **values))
    return Days(office, saved, removed, frozenset(before))


def digest(days: Days) -> str:
    """What is confirmed is what was looked at: the same change has the same digest."""
    rows = [[str(getattr(row, name)) for name in ("pk", *FIELDS)] for row in days.saved]
    return hashlib.sha256(repr([rows, sorted(row.pk for row in days.removed)]).encode()).hexdigest()
