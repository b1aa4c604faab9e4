"""Telling people of terms that end soon or have passed: rows that pages show, and e-mail where the office wants it.

A sweep looks at the stored due moments of the open clocks. It moves no case and may run as often as it likes: each due moment
of a clock is announced once.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone, translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from applications.models import Announcement, AnnouncementKind, Clock, ClockKind
from applications.queries import MINUTES_OF_A_DAY
from offices.calendars import calendar_of
from offices.models import Membership, User
from offices.outbox import enqueue
from offices.sending import send_mail
from offices.workflow import Role

MOST = 5000  # of one sweep; the next one takes the rest
# The longest row of days off between two working days is shorter than this.
_AHEAD = timedelta(days=14)


def announce_passed(at: datetime) -> int:
    """Announce the open clocks whose due moment has passed at `at`. Gives the number."""
    clocks = list(_unannounced(AnnouncementKind.PASSED).filter(due_at__lt=at).order_by("due_at")[:MOST])
    _write(clocks, AnnouncementKind.PASSED, at)
    if settings.ANNOUNCE_BY_MAIL:
        for clock in clocks:
            enqueue("late_mail", key=f"late_mail:{clock.pk}:{clock.due_at:%Y%m%dT%H%M}", payload={"clock": clock.pk})
    return len(clocks)


def announce_soon(at: datetime) -> int:
    """Announce whole services that end within one working day of their office. Gives the number."""
    ahead = _unannounced(AnnouncementKind.SOON).filter(kind=ClockKind.OVERALL, due_at__range=(at, at + _AHEAD))
    near = [clock for clock in ahead.select_related("office").order_by("due_at")[:MOST] if _is_near(clock, at)]
    _write(near, AnnouncementKind.SOON, at)
    return len(near)


def mail_that_it_passed(clock_id: int, key: str) -> int:
    """Tell the executor and the heads by e-mail, unless the step was done meanwhile. Names nobody but the case's number."""
    clock = (
        Clock.objects.everywhere("a job names its clock")
        .select_related("case", "office", "step")
        .filter(pk=clock_id, stopped_at=None)
        .first()
    )
    if clock is None or clock.due_at is None:
        return 0
    heads = Membership.objects.on(timezone.localdate()).filter(
        office=clock.office_id, role__in=(Role.HEAD, Role.DEPUTY)
    )
    people = User.objects.filter(is_active=True, pk__in=[*heads.values_list("user", flat=True), clock.case.executor_id])
    texts = []
    for language in ("kk", "ru"):
        with translation.override(language):
            facts = {"number": clock.case.any_number, "due": date_format(timezone.localtime(clock.due_at), "d.m.Y H:i")}
            sentence = _("The term of the whole service in case %(number)s ended on %(due)s.")
            if clock.step is not None:
                facts["no"] = str(clock.step.no)
                sentence = _("The term of step %(no)s in case %(number)s ended on %(due)s.")
            texts.append((_("Term passed: %(number)s") % facts, sentence % facts))
    (subject, kk), (_subject, ru) = texts
    body = f"{kk}\n{ru}\n\n{settings.BASE_URL}/cases/{clock.case_id}/\n"
    return send_mail(key=key, to=sorted({user.email for user in people if user.email}), subject=subject, body=body)


def _unannounced(kind: AnnouncementKind) -> QuerySet[Clock]:
    told = Announcement.objects.filter(clock=OuterRef("pk"), kind=kind, due_at=OuterRef("due_at"))
    return Clock.objects.everywhere("terms are announced in all offices").filter(
        ~Exists(told), stopped_at=None, due_at__isnull=False
    )


def _write(clocks: Iterable[Clock], kind: AnnouncementKind, at: datetime) -> None:
    rows = [
        Announcement(clock=clock, kind=kind, due_at=clock.due_at, announced_at=at) for clock in clocks if clock.due_at
    ]
    # Of two sweeps at the same time the first one's row stands.
    Announcement.objects.bulk_create(rows, ignore_conflicts=True, batch_size=500)


def _is_near(clock: Clock, at: datetime) -> bool:
    assert clock.due_at is not None  # noqa: S101 - asked for in the query
    return calendar_of(clock.office, for_show=True).minutes_between(at, clock.due_at) <= MINUTES_OF_A_DAY
