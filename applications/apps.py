from __future__ import annotations

import threading
from typing import Any

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

_pending = threading.local()


class ApplicationsConfig(AppConfig):
    """Casework. When hours or days change, the terms that run are counted anew, once a transaction."""

    name = "applications"
    verbose_name = _("Waiting hall")  # of what is kept in it as reference data

    def ready(self) -> None:
        """Declare the jobs; listen to the tables that due dates are counted by."""
        from django.db.models.signals import post_delete, post_migrate, post_save, pre_save

        from applications import jobs  # noqa: F401 - declares the handlers of the outbox
        from applications.data_rights import case_erased
        from offices.models import CalendarDay, Office, OfficeHours

        case_erased.connect(_forget_followers)
        for model in (CalendarDay, OfficeHours):
            for signal in (post_save, post_delete):
                signal.connect(_days_changed, sender=model)
        pre_save.connect(_office_changes, sender=Office)
        post_migrate.connect(_migrated, sender=self)


def _migrated(sender: Any, using: str, **kwargs: Any) -> None:
    """Set the index of names, and on SQLite the triggers that keep it."""
    from django.db import connections

    from applications.search import set_index

    if "applications_person" in connections[using].introspection.table_names():
        set_index(connections[using])


def _forget_followers(sender: Any, case: Any, **kwargs: Any) -> None:
    from applications.following import forget

    forget(case)


def _days_changed(sender: Any, instance: Any, **kwargs: Any) -> None:
    _recount_later(instance.office_id)


def _office_changes(sender: Any, instance: Any, **kwargs: Any) -> None:
    """The zone of an office and the runs of a centre are part of its calendar; its other fields are not."""
    names = ("time_zone", "collection_runs", "dispatch_runs")
    before = sender.objects.filter(pk=instance.pk).values_list(*names).first()
    if before is not None and before != tuple(getattr(instance, name) for name in names):
        _recount_later(instance.pk)


def _recount_later(office_id: int | None) -> None:
    """Note that the calendar of an office (None: of all) changes, and recount after the commit.

    What a rolled-back transaction noted is recounted with the next one: that costs time, never a wrong date.
    """
    from django.db import transaction

    from offices.calendars import calendar_changed

    calendar_changed()
    _pending.offices = {*getattr(_pending, "offices", ()), office_id}
    transaction.on_commit(_recount)


def _recount() -> None:
    from django.db import transaction

    from applications.clock import days_changed, open_clocks, recompute_open

    offices: set[int | None] = getattr(_pending, "offices", set())
    _pending.offices = set()
    if not offices:
        return
    concerned = None if None in offices else [office_id for office_id in offices if office_id is not None]
    with transaction.atomic():
        recompute_open(open_clocks(concerned))
        days_changed.send(sender=None, offices=frozenset(offices))
