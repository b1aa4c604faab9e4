"""The admin of reference data: offices and contacts, staff and roles, calendar. No case is ever edited here."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.contrib.admin import AdminSite
from django.contrib.auth.views import PasswordResetConfirmView, redirect_to_login
from django.core.exceptions import PermissionDenied
from django.db.models import F, Q
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, URLResolver, path, reverse, reverse_lazy
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from offices import alerts
from offices.models import Alert
from offices.policy import before_second_factor, staff_of
from offices.workflow import Role

_ELSEWHERE = ("view_on_site", "password_change", "password_change_done", "autocomplete")
_OWN_APPS = ("offices", "services", "applications", "complaints", "kpi")


class OfficesAdminSite(AdminSite):
    """Open to administrators by role; log-in is the ordinary one, with its throttling."""

    site_title = site_header = _("Reference data")
    index_title = _("Offices, staff, calendar")
    enable_nav_sidebar = False

    def register(self, model_or_iterable: Any, admin_class: Any = None, **options: Any) -> None:
        """Take in the models of our own apps only: groups, log-in attempts and the like of other parts have no page here."""
        models: list[Any] = [model_or_iterable] if isinstance(model_or_iterable, type) else list(model_or_iterable)
        if own := [model for model in models if model._meta.app_label in _OWN_APPS]:
            super().register(own, admin_class, **options)

    def has_permission(self, request: HttpRequest) -> bool:
        """Whether the person is an administrator of some office at this moment."""
        return (
            request.user.is_authenticated and request.user.is_active and Role.ADMINISTRATOR in staff_of(request).roles
        )

    def index(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> TemplateResponse:
        """Django's first page, and above it what an administrator must look at: alerts that stand, then those of this week."""
        lately = Q(over_at=None) | Q(over_at__gte=timezone.now() - timedelta(days=7))
        found = Alert.objects.filter(lately).order_by(F("over_at").desc(nulls_first=True), "-raised_at")[:20]
        rows = [{"row": alert, "words": alerts.words(alert)} for alert in found]
        return super().index(request, {**(extra_context or {}), "alerts": rows})

    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Send strangers to the ordinary log-in; refuse those who are signed in without the role."""
        if request.user.is_authenticated:
            raise PermissionDenied
        return redirect_to_login(request.GET.get("next") or reverse("admin:index"))

    def get_urls(self) -> list[URLResolver | URLPattern]:
        """Django's pages but for those that stand elsewhere in this house, and the page for setting one's password."""
        urls = [url for url in super().get_urls() if getattr(url, "name", None) not in _ELSEWHERE]
        return [path("set-password/<uidb64>/<token>/", set_password, name="set_password"), *urls]


# Open to whoever holds the link: it names the person, works once and for a time only.
set_password = before_second_factor(
    PasswordResetConfirmView.as_view(
        template_name="admin/set_password.html", success_url=reverse_lazy("login"), title=_("Set a password")
    )
)
