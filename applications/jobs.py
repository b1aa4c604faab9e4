"""What the outbox does for casework: papers, announcements, e-mails to staff, tidying up."""

from __future__ import annotations

from datetime import datetime, timedelta

from applications import announcing, notices
from applications.models import Paper
from offices.models import Job
from offices.outbox import handler, periodic
from offices.outbox.running import forget_old


@handler("paper", outside=True, lease=timedelta(minutes=2))
def render_paper(job: Job, at: datetime) -> None:
    """Make the PDF of a paper, unless somebody who opened it was quicker."""
    paper = Paper.objects.filter(pk=job.payload["paper"]).first()
    if paper is not None:
        notices.render(paper)


@handler("sweep")
def sweep(job: Job, at: datetime) -> None:
    """Announce the terms that have passed."""
    announcing.announce_passed(at)


@handler("sweep_soon")
def sweep_soon(job: Job, at: datetime) -> None:
    """Announce the services that end within a working day."""
    announcing.announce_soon(at)


@handler("late_mail", outside=True)
def late_mail(job: Job, at: datetime) -> None:
    """Send staff the e-mail that a term has passed."""
    announcing.mail_that_it_passed(job.payload["clock"], job.key)


@handler("forget_jobs")
def forget_jobs(job: Job, at: datetime) -> None:
    """Remove jobs done long ago."""
    forget_old(at)


periodic("sweep", every=timedelta(minutes=1))
periodic("sweep_soon", every=timedelta(minutes=15))
periodic("forget_jobs", every=timedelta(days=1))
