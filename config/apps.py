from django.apps import AppConfig
from django.contrib.admin import apps as admin_apps


class ConfigConfig(AppConfig):
    """The project itself: error pages, tags of all templates, what is looked at before it starts."""

    name = "config"
    default = True

    def ready(self) -> None:
        """Checks and alerts of the whole installation."""
        from config import durability, watching  # noqa: F401 - they register themselves


class OfficesAdminConfig(admin_apps.AdminConfig):
    """Django's admin under our own site: administrators of the reference data only."""

    default = False
    default_site = "config.admin_site.OfficesAdminSite"
