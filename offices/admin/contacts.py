"""Offices with their contacts and hours."""

from __future__ import annotations

from datetime import date
from itertools import pairwise
from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import ManyToManyField
from django.forms import CheckboxSelectMultiple
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from offices.actions import write_hours
from offices.admin.scope import AdminForm, HistoryAdmin, RowForm, RowFormSet, ScopedInline, scope_of
from offices.admin.transfer import TransferMixin
from offices.models import HoursPurpose, Oblast, Office, OfficeHours, OfficeKind
from offices.resources import FIXED, OBLAST_ONLY, faults_of
from offices.text import fold, in_language
from offices.worktime import WEEKDAYS


class HoursForm(RowForm):
    """Hours of one day of the week."""

    def clean(self) -> dict[str, Any]:
        """Refuse hours out of which no working time is left, and a term that ends before it begins."""
        data = super().clean() or {}
        if data.get("lunch_from") and (data["lunch_from"], data.get("lunch_to")) == (
            data.get("opens"),
            data.get("closes"),
        ):
            self.add_error("lunch_to", _("The lunch break leaves no working time."))
        if data.get("valid_from") and data.get("valid_to") and data["valid_from"] > data["valid_to"]:
            self.add_error("valid_to", _("The last day must not come before the first."))
        return data


class HoursFormSet(RowFormSet):
    """All hours of an office. A calendar with terms that overlap, or with no hours at all, could not be counted by."""

    def clean(self) -> None:
        """Refuse a week that contradicts itself."""
        super().clean()
        if any(self.errors):
            return
        rows = [form.cleaned_data for form in self.forms if form.cleaned_data and not form.cleaned_data.get("DELETE")]
        for purpose in HoursPurpose:
            _check_week(purpose, [row for row in rows if row["purpose"] == purpose])
        lasting = [row for row in rows if row["purpose"] == HoursPurpose.WORK and row["valid_to"] is None]
        if (self.instance.pk or rows) and not lasting:
            raise ValidationError(_("The office needs hours without a last day, or no due date could be counted."))


def _check_week(purpose: HoursPurpose, rows: list[dict[str, Any]]) -> None:
    days = [(row["valid_from"], row["valid_to"], row["weekday"]) for row in rows]
    if len(set(days)) < len(days):
        raise ValidationError(_("%(purpose)s: a day of the week stands twice."), params={"purpose": purpose.label})
    terms = sorted({(start or date.min, end or date.max) for start, end, _weekday in days})
    for earlier, later in pairwise(terms):
        if earlier[1] >= later[0]:
            raise ValidationError(
                _("%(purpose)s: two terms overlap. End the earlier hours the day before the later ones begin."),
                params={"purpose": purpose.label},
            )


class HoursInline(ScopedInline):
    """Office hours, reception, reception by the head."""

    model = OfficeHours
    form, formset = HoursForm, HoursFormSet
    fields = ("purpose", "weekday", "opens", "closes", "lunch_from", "lunch_to", "valid_from", "valid_to")
    ordering = ("purpose", "valid_from", "weekday")

    def formfield_for_choice_field(self, db_field: Any, request: Any, **kwargs: Any) -> Any:
        """Days of the week by their names."""
        if db_field.name == "weekday":
            kwargs["choices"] = [
                ("", "---------"),
                *((day, in_language(dict(words))) for day, words in WEEKDAYS.items()),
            ]
        return super().formfield_for_choice_field(db_field, request, **kwargs)


class OfficeForm(AdminForm):
    """An office's own row."""

    oblasts: frozenset[str] = frozenset()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "oblast" in self.fields:
            self.fields["oblast"] = forms.ChoiceField(
                label=self.fields["oblast"].label,
                choices=[(value, label) for value, label in Oblast.choices if value in self.oblasts],
            )

    def _post_clean(self) -> None:
        super()._post_clean()  # type: ignore[misc]
        for name, why in faults_of(self.instance):
            self.add_error(name if name in self.fields else None, why)


@admin.register(Office)
class OfficeAdmin(TransferMixin, HistoryAdmin):
    """Offices: an administrator changes his own; the oblast body adds them and says what stands where."""

    office_path = "pk"
    form = OfficeForm
    inlines = (HoursInline,)
    list_display = ("name", "locality", "kind", "oblast", "active")
    list_filter = ("oblast", "kind", "active")
    search_fields = ("search",)
    ordering = ("oblast", "sort_key")
    fieldsets = (
        (None, {"fields": ("key", "code", "oblast", "kind", "active")}),
        (_("Names"), {"fields": ("name_kk", "name_ru", "name_en", "locality_kk", "locality_ru", "locality_en")}),
        (
            _("Contacts"),
            {
                "fields": (
                    *("address_kk", "address_ru", "address_en", "head_name", "rooms", "phones", "emails", "website"),
                    *("hours_text", "reception_text"),
                )
            },
        ),
        (_("Its place"), {"fields": ("parent", "appeal_body", "time_zone")}),
        (_("Service centre"), {"fields": ("serves", "collection_runs", "dispatch_runs")}),
        (_("Where this is from"), {"fields": ("sources", "note")}),
    )

    @admin.display(description=_("name"), ordering="sort_key")
    def name(self, office: Office) -> str:
        """In the page's language."""
        return office.name

    @admin.display(description=_("district or city"))
    def locality(self, office: Office) -> str:
        """In the page's language."""
        return office.locality

    def has_add_permission(self, request: HttpRequest) -> bool:
        """The oblast body adds offices."""
        return bool(scope_of(request).oblasts)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Never: an office that closed is marked as not in work, its cases stay."""
        return False

    def get_fieldsets(self, request: HttpRequest, obj: Office | None = None) -> Any:
        """Only a centre serves departments and sends packages to them."""
        everything = super().get_fieldsets(request, obj)
        if obj is None or obj.kind == OfficeKind.CENTRE:
            return everything
        return [part for part in everything if "serves" not in part[1]["fields"]]

    def get_readonly_fields(self, request: HttpRequest, obj: Office | None = None) -> tuple[str, ...]:
        """What names an office never changes; what it is, only the oblast body says."""
        if obj is None:
            return ()
        if obj.oblast not in scope_of(request).oblasts:
            return (*FIXED, *OBLAST_ONLY)
        # Nobody takes away from himself the body that he administers the oblast by.
        return (*FIXED, "kind", "active") if obj.kind == OfficeKind.OBLAST_BODY else FIXED

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        """The form, with the oblasts in which the person may add offices."""
        form = super().get_form(request, obj, change=change, **kwargs)
        form.oblasts = scope_of(request).oblasts  # type: ignore[attr-defined]
        return form

    def formfield_for_manytomany(self, db_field: ManyToManyField, request: Any, **kwargs: Any) -> Any:
        """Boxes to tick, which need neither script nor a key held down."""
        kwargs["widget"] = CheckboxSelectMultiple
        return super().formfield_for_manytomany(db_field, request, **kwargs)

    def formfield_for_dbfield(self, db_field: Any, request: Any, **kwargs: Any) -> Any:
        """A centre serves departments."""
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if db_field.name == "serves":
            field.queryset = field.queryset.departments()
        return field

    def get_search_results(self, request: HttpRequest, queryset: Any, search_term: str) -> tuple[Any, bool]:
        """Search in the folded column: the same on every database."""
        return super().get_search_results(request, queryset, fold(search_term))

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """Give a new office the ordinary hours where none were entered."""
        super().save_related(request, form, formsets, change)
        if not form.instance.hours.filter(purpose=HoursPurpose.WORK).exists():
            write_hours(form.instance, [])
