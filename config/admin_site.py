"""The admin of reference data: offices and contacts, staff and roles, calendar. No case is ever edited here."""

from django.contrib.admin import AdminSite
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from offices.policy import staff_of
from offices.workflow import Role


class OfficesAdminSite(AdminSite):
    """Open to administrators by role; log-in is the ordinary one, with its throttling."""

    site_title = site_header = _("Reference data")
    index_title = _("Offices, staff, calendar")
    login_template = None

    def has_permission(self, request: HttpRequest) -> bool:
        """Whether the person is an administrator of some office at this moment."""
        return (
            request.user.is_authenticated and request.user.is_active and Role.ADMINISTRATOR in staff_of(request).roles
        )
