"""What the outbox does for casework: papers, announcements, e-mails to staff, tidying up."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.db import connection

from applications import announcing, chain, data_rights, drafts, following, hall, notices
from applications.guards import unguarded
from applications.models import Attachment, Paper
from offices import alerts
from offices.models import Job
from offices.outbox import handler, periodic
from offices.outbox.running import forget_old
from offices.sending import send_mail

log = logging.getLogger("applications.record")


@handler("paper", outside=True)
def render_paper(job: Job, at: datetime) -> None:
    """Make the PDF of a paper, unless somebody who opened it was quicker."""
    paper = Paper.objects.everywhere("a job names its paper").filter(pk=job.payload["paper"]).first()
    if paper is not None and paper.data:
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


@handler("record", outside=True, lease=timedelta(minutes=30))
def watch_the_record(job: Job, at: datetime) -> None:
    """Look through the event chains; when they are in order their heads leave the database, to a file and by e-mail."""
    faults = list(chain.find_faults(chain.read_heads(settings.HEADS_FILE)))
    for fault in faults:
        log.error("record of events: %s", fault)
    alerts.settle("record", {"count": len(faults)} if faults else None, at)
    lines = faults or chain.export_heads(settings.HEADS_FILE, at)
    if lines:
        subject = "The record of events was tampered with" if faults else "Heads of the record of events"
        send_mail(key=job.key, to=settings.HEADS_MAIL, subject=subject, body="\n".join(map(str, lines)))


@alerts.watch("guard")
def look_at_guards(at: datetime) -> alerts.Facts | None:
    """Without its guards the record can be changed unseen until the next look through the chains."""
    missing = unguarded(connection)
    return {"count": len(missing)} if missing else None


@handler("case_news")
def spread_news(job: Job, at: datetime) -> None:
    """A followed case has moved: one message to each follower."""
    following.hand_out(job.payload["case"], job.payload["state"], job.key)


@handler("tell_follower", outside=True)
def tell_follower(job: Job, at: datetime) -> None:
    """Send one follower the message."""
    following.tell(job.payload["follower"], job.payload["state"], job.key)


@handler("forget_drafts")
def forget_drafts(job: Job, at: datetime) -> None:
    """Remove the preliminary applications that nobody brought in time."""
    drafts.forget_old(at)


@handler("forget_jobs")
def forget_jobs(job: Job, at: datetime) -> None:
    """Remove jobs done long ago."""
    forget_old(at)


@handler("close_halls")
def close_halls(job: Job, at: datetime) -> None:
    """End the visits of days that are over: who still waits at closing time has left unserved."""
    hall.close_day(at)


@handler("erased_file", outside=True)
def remove_erased_file(job: Job, at: datetime) -> None:
    """Remove a file of an erased case from the disk."""
    data_rights.remove_file(job.payload["file"])


@handler("erased", outside=True)
def list_erasure(job: Job, at: datetime) -> None:
    """Put an erased case on the list outside the database."""
    data_rights.put_on_list(job.payload)


@handler("forget_orphans", outside=True)
def forget_orphans(job: Job, at: datetime) -> None:
    """Remove files that no row names: their act was killed before its commit. Those of today may still be under way."""
    yesterday = (at - timedelta(days=1)).timestamp()
    every = Attachment.objects.everywhere("a file on the disk may be of any office")
    for path in (Path(settings.MEDIA_ROOT) / "attachments").rglob("*.*"):
        name = path.relative_to(settings.MEDIA_ROOT).as_posix()
        if path.stat().st_mtime < yesterday and not every.filter(file=name).exists():
            path.unlink(missing_ok=True)


periodic("close_halls", every=timedelta(minutes=15))
periodic("sweep", every=timedelta(minutes=1))
periodic("sweep_soon", every=timedelta(minutes=15))
periodic("record", every=timedelta(days=1))
periodic("forget_drafts", every=timedelta(days=1))
periodic("forget_jobs", every=timedelta(days=1))
periodic("forget_orphans", every=timedelta(days=1))
