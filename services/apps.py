from typing import Any

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ServicesConfig(AppConfig):
    """The catalogue of standards. An office that changes is found by its new words at once."""

    name = "services"
    verbose_name = _("Services and their editions")

    def ready(self) -> None:
        """Listen to the table of offices."""
        from django.db.models.signals import post_delete, post_save

        from offices.models import Office

        post_save.connect(_office_saved, sender=Office)
        post_delete.connect(_office_deleted, sender=Office)


def _office_saved(sender: Any, instance: Any, **kwargs: Any) -> None:
    from services.search import index_office

    index_office(instance)


def _office_deleted(sender: Any, instance: Any, **kwargs: Any) -> None:
    from services.search import forget_office

    forget_office(instance.key)
