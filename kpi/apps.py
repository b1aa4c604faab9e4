from __future__ import annotations

from typing import Any

from django.apps import AppConfig


class KpiConfig(AppConfig):
    """Indicators. The database marks the months to be counted anew; its triggers are set after every migration."""

    name = "kpi"

    def ready(self) -> None:
        """Listen to the migrations, and know the jobs."""
        from django.db.models.signals import post_migrate

        from kpi import jobs  # noqa: F401 - registers what it does

        post_migrate.connect(_migrated, sender=self)


def _migrated(sender: Any, using: str, **kwargs: Any) -> None:
    from django.db import connections

    from kpi.guards import set_marks

    connection = connections[using]
    if "kpi_monthmark" in connection.introspection.table_names():
        set_marks(connection)
