"""The admin of standards: which office works by which edition. The editions themselves are read only."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from offices.admin.scope import OfficeFilter, ScopedAdmin
from services.models import Edition, EditionUse


class EditionFilter(admin.RelatedFieldListFilter):
    """By edition, each with its short label."""

    def field_choices(self, field: Any, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """All editions, in the order of the services."""
        return [
            (str(edition.pk), f"{edition.short} {edition}") for edition in Edition.objects.select_related("service")
        ]


@admin.register(EditionUse)
class EditionUseAdmin(ScopedAdmin):
    """By which editions the offices take new applications; running cases stay with the one they began under."""

    list_display = ("office", "short", "in_use", "edition", "state", "repealed")
    list_display_links = None
    list_editable = ("in_use",)
    list_filter = (("office", OfficeFilter), ("edition", EditionFilter), "in_use")
    list_select_related = ("office", "edition__decree")
    ordering = ("office__oblast", "office__sort_key", "edition__service__position", "edition__code")
    fields = ("office", "edition", "in_use")

    def choices_of(self, request: HttpRequest, model: type[Model]) -> QuerySet[Any] | None:
        """Published editions only."""
        return Edition.objects.published() if model is Edition else super().choices_of(request, model)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Switched off, not deleted."""
        return False

    @admin.display(description=_("label"), ordering="edition__short")
    def short(self, use: EditionUse) -> str:
        """E1-E13."""
        return use.edition.short

    @admin.display(description=_("state"))
    def state(self, use: EditionUse) -> str:
        """Draft, published, withdrawn."""
        return use.edition.get_state_display()

    @admin.display(description=_("decree repealed"))
    def repealed(self, use: EditionUse) -> Any:
        """That a decree has been repealed is shown; whether the office works by it is its own setting."""
        return use.edition.decree.repealed_date


@admin.register(Edition)
class EditionAdmin(ScopedAdmin):
    """The editions of the law, as loaded. A published edition is never changed."""

    list_display = ("short", "name", "kind", "version", "state", "decree", "repealed")
    list_filter = ("state", "kind")
    list_select_related = ("decree", "service")
    ordering = ("service__position", "code", "version")
    fields = (
        *("short", "code", "version", "kind", "service", "decree", "annex", "name_kk", "name_ru", "name_en", "state"),
        *("valid_from", "valid_to", "digest"),
    )
    readonly_fields = fields

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """The law is the same for everybody."""
        return super(ScopedAdmin, self).get_queryset(request)

    def manages(self, request: HttpRequest, obj: Any) -> bool:
        """Read only."""
        return False

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Every administrator reads it."""
        return True

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Loaded by a command."""
        return False

    @admin.display(description=_("name"))
    def name(self, edition: Edition) -> str:
        """In the page's language."""
        return edition.name

    @admin.display(description=_("decree repealed"), ordering="decree__repealed_date")
    def repealed(self, edition: Edition) -> Any:
        """The date, empty while in force."""
        return edition.decree.repealed_date
