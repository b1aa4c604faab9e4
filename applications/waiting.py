"""Readings of the waiting hall: who waits how long against the edition's limit, what the screen shows, which services."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.utils import timezone
from django.utils.translation import gettext as _

from applications.models import HallWindow, Purpose, Visit
from applications.queries import Badge
from offices.calendars import calendar_of
from offices.models import Office, OfficeKind
from services.models import Edition, NormKey
from services.queries import norms_of

_MINUTE = 60
_WARN_FROM = 0.75  # of the limit
SHOWN_AT_WINDOWS, SHOWN_WAITING = 8, 12


@dataclass(frozen=True)
class InQueue:
    """A visitor with the minutes he has waited and how near the limit of the act is."""

    visit: Visit
    minutes: int
    limit: int | None
    badge: Badge


def editions_here(office: Office, day: date) -> list[Edition]:
    """The editions for which people come to this hall: those of the department; at a centre those it passes on."""
    if office.kind != OfficeKind.CENTRE:
        return list(Edition.objects.offered(office.pk, day))
    found: dict[int, Edition] = {}
    for served in office.serves.all():
        found |= {row.pk: row for row in Edition.objects.offered(served.pk, day) if row.through_centre}
    return list(found.values())


def queue_limit(edition: Edition | None, purpose: str, *, at_centre: bool = False) -> int | None:
    """The most minutes that the edition lets a visitor wait in the queue; None where it sets no limit."""
    if edition is None:
        return None
    key = NormKey.QUEUE_IN if purpose == Purpose.HAND_IN else NormKey.QUEUE_OUT
    limits = {norm.channel: norm.amount for norm in norms_of(edition) if norm.key == key and norm.unit == "minute"}
    return limits.get("centre" if at_centre else "department") or limits.get("any")


def in_queue(visit: Visit, at: datetime, office: Office) -> InQueue:
    """How long the visitor has waited (until his first call, if he was called) and how that stands to the limit."""
    until = visit.called_at or visit.ended_at or at
    minutes = max(0, int((until - visit.issued_at).total_seconds()) // _MINUTE)
    limit = queue_limit(visit.edition, visit.purpose, at_centre=office.kind == OfficeKind.CENTRE)
    if limit is None:
        return InQueue(visit, minutes, None, Badge("met", _("%(n)d min") % {"n": minutes}))
    words = _("%(n)d / %(limit)d min") % {"n": minutes, "limit": limit}
    kind = (
        "late"
        if until - visit.issued_at > timedelta(minutes=limit)
        else "soon"
        if minutes >= limit * _WARN_FROM
        else "ok"
    )
    return InQueue(visit, minutes, limit, Badge(kind, words))


def queue_of(office: Office, at: datetime) -> list[InQueue]:
    """Everybody who waits in the hall today, the earliest talon first."""
    rows = Visit.objects.waiting().for_list().filter(office=office, day=timezone.localdate(at))
    return [in_queue(row, at, office) for row in rows]


def ahead_of(visit: Visit) -> int:
    """How many people wait before this one."""
    earlier = Visit.objects.waiting().of_offices([visit.office_id]).filter(day=visit.day, number__lt=visit.number)
    return earlier.count()


@dataclass(frozen=True)
class Screen:
    """What the big screen shows: whom the windows call, and who is next. Numbers only."""

    called: list[Visit]
    waiting: list[Visit]
    more: int
    stamp: str


def screen_of(office: Office, at: datetime) -> Screen:
    """The state of the hall; `stamp` changes with every call, so that the screen knows when to sound."""
    today = Visit.objects.filter(office=office, day=timezone.localdate(at))
    called = list(today.at_windows().select_related("window")[:SHOWN_AT_WINDOWS])
    waiting = list(today.waiting()[: SHOWN_WAITING + 1])
    more = today.waiting().count() - SHOWN_WAITING if len(waiting) > SHOWN_WAITING else 0
    stamp = f"{called[0].pk}-{called[0].calls}" if called else ""
    return Screen(called, waiting[:SHOWN_WAITING], more, stamp)


def at_window(window: HallWindow) -> Visit | None:
    """The visitor who stands at the window."""
    return Visit.objects.at_windows().for_list().filter(window=window).first()


def closing_of(office: Office, day: date) -> datetime:
    """When the office closes on `day`; on a day off midnight after it."""
    calendar = calendar_of(office)
    if calendar.is_working_day(day):
        return calendar.closing(day)
    return timezone.make_aware(datetime.combine(day + timedelta(days=1), time.min))
