"""The calendar: days that differ from the weekly hours, of the whole country or of one office."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from offices.admin.scope import AdminForm, HistoryAdmin, OfficeFilter, ScopedAdmin, scope_of
from offices.models import CalendarDay
from offices.worktime import DayKind

KINDS = {
    DayKind.HOLIDAY: _("holiday"),
    DayKind.DAY_OFF: _("transferred day off"),
    DayKind.WORKING_DAY: _("working day off, such as a working Saturday"),
    DayKind.CLOSED: _("closed"),
    DayKind.SHORT: _("day with its own hours"),
}
_CLOSED_KINDS = (DayKind.HOLIDAY, DayKind.DAY_OFF, DayKind.CLOSED)


class DayForm(AdminForm):
    """One day. A row that contradicts itself would stop every due date of the office, so it is refused here."""

    def clean(self) -> dict[str, Any]:
        """Hours where the kind needs them, none where it has none; one rule a day."""
        data = super().clean() or {}
        kind, opens, closes = data.get("kind"), data.get("opens"), data.get("closes")
        if kind in _CLOSED_KINDS and (opens or closes):
            self.add_error("opens", _("A day that is not worked has no hours."))
        elif kind == DayKind.SHORT and not (opens and closes):
            self.add_error("opens", _("Give the hours of this day."))
        elif bool(opens) != bool(closes):
            self.add_error("closes", _("Give both hours, or neither."))
        elif opens and closes and opens >= closes:
            self.add_error("closes", _("Closing must come after opening."))
        if data.get("day") and "office" in data and self._is_double(data):
            self.add_error("day", _("This day stands in the calendar already. Change that row."))
        return data

    def _is_double(self, data: dict[str, Any]) -> bool:
        same = CalendarDay.objects.filter(day=data["day"], office=data["office"])
        return same.exclude(pk=self.instance.pk).exists()


class PlaceFilter(OfficeFilter):
    """The whole country, or one office."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.empty_value_display = _("whole country")  # type: ignore[assignment]


class KindFilter(admin.SimpleListFilter):
    """By kind, in words."""

    title = _("kind")
    parameter_name = "kind"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """The kinds."""
        return [(kind.value, words) for kind, words in KINDS.items()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Days of the chosen kind."""
        return queryset.filter(kind=self.value()) if self.value() else queryset


@admin.register(CalendarDay)
class CalendarDayAdmin(HistoryAdmin):
    """The national days are seen by all and changed by oblast bodies; each office adds its own exceptions."""

    form = DayForm
    date_hierarchy = "day"
    list_display = ("date", "kind_in_words", "name", "place", "hours", "source", "verified")
    list_filter = (KindFilter, "verified", ("office", PlaceFilter))
    list_select_related = ("office",)
    ordering = ("-day",)
    fieldsets = (
        (None, {"fields": ("day", "office", "kind", "transferred_from")}),
        (_("Names"), {"fields": ("name_kk", "name_ru", "name_en")}),
        (_("Hours of the day"), {"fields": (("opens", "closes"),)}),
        (_("Where this is from"), {"fields": ("source", "verified")}),
    )

    @admin.display(description=_("day"), ordering="day")
    def date(self, row: CalendarDay) -> str:
        """With the day of the week."""
        return date_format(row.day, "d.m.Y, l")

    @admin.display(description=_("kind"), ordering="kind")
    def kind_in_words(self, row: CalendarDay) -> Any:
        """In the page's language."""
        return KINDS[DayKind(row.kind)]

    @admin.display(description=_("name"))
    def name(self, row: CalendarDay) -> str:
        """In the page's language."""
        return row.name

    @admin.display(description=_("office"))
    def place(self, row: CalendarDay) -> Any:
        """Where it holds."""
        return row.office or _("whole country")

    @admin.display(description=_("hours"))
    def hours(self, row: CalendarDay) -> str:
        """The day's own hours."""
        return f"{row.opens:%H:%M}–{row.closes:%H:%M}" if row.opens and row.closes else ""

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """The national days and those of the offices managed."""
        everything = super(ScopedAdmin, self).get_queryset(request)
        return everything.filter(Q(office=None) | Q(office_id__in=scope_of(request).offices))

    def manages(self, request: HttpRequest, obj: Any) -> bool:
        """A national day is changed by administrators of an oblast body only."""
        scope = scope_of(request)
        if obj is not None and obj.office_id is None:
            return bool(scope.oblasts)
        return super().manages(request, obj)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Everybody sees the national days."""
        return self.manages(request, obj) or obj.office_id is None

    def formfield_for_choice_field(self, db_field: Any, request: Any, **kwargs: Any) -> Any:
        """Kinds in words."""
        kwargs["choices"] = [("", "---------"), *((kind.value, words) for kind, words in KINDS.items())]
        return super().formfield_for_choice_field(db_field, request, **kwargs)

    def formfield_for_foreignkey(self, db_field: Any, request: Any, **kwargs: Any) -> Any:
        """An administrator of a district must name his office."""
        field = super().formfield_for_foreignkey(db_field, request, **kwargs)
        if field is not None:
            field.required = not scope_of(request).oblasts
            field.empty_label = "---------" if field.required else _("whole country")
        return field
