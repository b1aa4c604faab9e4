from typing import Any

from django.apps import AppConfig
from django.db.models.signals import post_delete, post_save
from django.utils.translation import gettext_lazy as _


class OfficesConfig(AppConfig):
    name = "offices"
    verbose_name = _("Offices, staff, calendar")

    def ready(self) -> None:
        """A changed role or order ends the sessions of the person whose powers it changes; refusals are counted."""
        from offices import alerts, security
        from offices.models import Membership, Substitution, User

        security.on_refusal(alerts.count_refusal)

        def changed(instance: Any, **kwargs: Any) -> None:
            name = "deputy" if isinstance(instance, Substitution) else "user"
            # Whoever holds the person in hand sees the change, too; a person who is being deleted has no session to end.
            if (person := instance._state.fields_cache.get(name)) is None:
                person = User.objects.filter(pk=getattr(instance, f"{name}_id")).first()
            if person is not None:
                person.end_sessions()

        for model in (Membership, Substitution):
            for signal in (post_save, post_delete):
                signal.connect(
                    changed, sender=model, weak=False, dispatch_uid=f"{model.__name__}-sessions-{id(signal)}"
                )
