from __future__ import annotations

from typing import Any

from django.apps import AppConfig


class KpiConfig(AppConfig):
    """Indicators. The database marks the months to be counted anew; its triggers are set after every migration."""

    name = "kpi"

    def ready(self) -> None:
        """Listen to the migrations and to the erasure of personal data, and know the jobs."""
        from django.db.models.signals import post_migrate

        from applications.data_rights import case_erased
        from kpi import jobs  # noqa: F401 - registers what it does
        from kpi.actions.surveys import forget

        post_migrate.connect(_migrated, sender=self)
        case_erased.connect(forget)


def _migrated(sender: Any, using: str, **kwargs: Any) -> None:
    from django.db import connections

    from kpi.guards import set_marks

    connection = connections[using]
    if "kpi_monthmark" in connection.introspection.table_names():
        set_marks(connection)
