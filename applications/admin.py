"""Reference data of casework: the windows of the waiting halls."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from applications.models import HallWindow
from offices.admin.scope import OfficeFilter, ScopedAdmin


@admin.register(HallWindow)
class HallWindowAdmin(ScopedAdmin):
    """A window that visitors were called to is taken out of work, never deleted: its visits stay."""

    list_display = ("office", "number", "purpose", "active")
    list_filter = ("active", ("office", OfficeFilter))
    list_select_related = ("office",)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Only what was never used."""
        return super().has_delete_permission(request, obj) and (obj is None or obj.turn == 0)
