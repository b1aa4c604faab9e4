"""What the outbox does for the indicators: months that something was done to are counted anew."""

from __future__ import annotations

from datetime import datetime, timedelta

from kpi.actions import months
from offices.models import Job
from offices.outbox import handler, periodic


@handler("months")
def count_months(job: Job, at: datetime) -> None:
    """Count the marked months."""
    months.count_marked(at)


periodic("months", every=timedelta(minutes=5))
