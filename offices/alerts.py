"""Alerts: what a person must look at before anybody complains. Told once when it begins and once when it is over.

Every app declares with `@watch(cause)` how one thing is looked at; workers sweep through all of them once a minute
(offices.outbox.worker), and so does `manage.py watch` where somebody else must see that no worker runs. What was found dear
(the record of events) is reported by whoever finds it, through `settle`. An alert is a row, so one cause is told once whatever
the number of processes; it leaves as a line of the log `security` and as an e-mail to ALERT_MAIL, and holds figures only.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial

from django.conf import settings
from django.db import DatabaseError, IntegrityError, InterfaceError, connection, transaction
from django.db.models import F
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from offices.models import Alert, Job, RateCounter
from offices.security import note
from offices.sending import send_mail

log = logging.getLogger("offices.alerts")
Facts = dict[str, int]
Check = Callable[[datetime], Facts | None]

EVERY = timedelta(minutes=1)
JUMP = timedelta(minutes=5)
BURST = 60  # refusals in a minute
_LASTING = timedelta(minutes=10)  # how long a moment (a jump, a burst) stands as an alert
_TURN = "watch"
_WORDS = {
    "refusals": gettext_noop("%(count)s requests were refused within a minute: somebody tries what he may not."),
    "queue": gettext_noop("Work after the acts is late: %(count)s jobs have been due for more than ten minutes."),
    "parked": gettext_noop("%(count)s jobs failed ten times and wait for somebody to look."),
    "clock": gettext_noop("The clock of the machine jumped by %(minutes)s minutes."),
    "record": gettext_noop("The record of events was tampered with: %(count)s faults. Run verify_events."),
    "guard": gettext_noop("The database no longer guards the record of events: %(count)s guards are missing."),
    "backup": gettext_noop("The last backup was made %(hours)s hours ago."),
    "no_backup": gettext_noop("No backup has been made yet."),
}
checks: dict[str, Check] = {}


def watch(cause: str) -> Callable[[Check], Check]:
    """Declare that the function looks whether `cause` stands at a moment; it gives the figures, or None where all is well."""

    if cause not in _WORDS:
        raise ValueError(f"no words for {cause}")

    def declare(check: Check) -> Check:
        checks[cause] = check
        return check

    return declare


def settle(cause: str, facts: Facts | None, at: datetime) -> None:
    """Raise the alert of `cause` with these figures unless it stands; with None end it if it stands."""
    standing = Alert.objects.filter(cause=cause, over_at=None)
    if facts is None:
        if standing.exists() and standing.update(over_at=at):
            note("alert_over", what=cause)
        return
    if standing.exists():
        return
    try:
        with transaction.atomic():
            Alert.objects.create(cause=cause, facts=facts, raised_at=at)
    except IntegrityError:
        return  # another process was quicker
    note("alert", what=cause, **facts)


def sweep(at: datetime) -> bool:
    """Look at everything that is watched and tell what began or ended. Gives False where another process did within the minute.

    A check that fails does not keep the others from being made; where the database is away its exceptions go through.
    """
    if not _is_my_turn(at):
        return False
    for cause, check in checks.items():
        try:
            settle(cause, check(at), at)
        except (DatabaseError, InterfaceError):
            raise
        except Exception as problem:
            log.error("%s could not be looked at: %s", cause, type(problem).__name__)
    tell(at)
    return True


def tell(at: datetime) -> None:
    """Send what nobody was told yet, oldest first. What the mail server does not take is sent with the next sweep."""
    for alert in Alert.objects.filter(told_at=None).order_by("pk"):
        if not _mail(alert, "raised"):
            return
        Alert.objects.filter(pk=alert.pk).update(told_at=at)
    for alert in Alert.objects.filter(over_at__isnull=False, over_told_at=None).order_by("pk"):
        if not _mail(alert, "over"):
            return
        Alert.objects.filter(pk=alert.pk).update(over_told_at=at)


def words(alert: Alert) -> str:
    """What an alert says, in the language of the reader."""
    return str(_(_WORDS[alert.cause]) % alert.facts)


def _mail(alert: Alert, when: str) -> bool:
    texts = []
    for language in ("kk", "ru"):
        with translation.override(language):
            texts.append((_("Alert: %(what)s") if when == "raised" else _("Over: %(what)s")) % {"what": words(alert)})
    body = "\n".join([*texts, "", f"{settings.BASE_URL}/admin/", ""])
    try:
        send_mail(key=f"alert:{alert.pk}:{when}", to=settings.ALERT_MAIL, subject=texts[0], body=body)
    except Exception as problem:  # whatever the mail server does, the sweep goes on
        log.warning("an alert could not be sent, again in a minute: %s", type(problem).__name__)
        return False
    return True


def _is_my_turn(at: datetime) -> bool:
    """Of all processes one sweeps in each minute: who moves the mark. A mark far ahead shows that the clock went back."""
    mark = RateCounter.objects.filter(key=_TURN).first()
    if mark is None:
        try:
            with transaction.atomic():
                RateCounter.objects.create(key=_TURN, expires_at=at + EVERY)
        except IntegrityError:
            return False
        return True
    ahead = mark.expires_at - at
    if timedelta(0) < ahead <= EVERY:
        return False
    if not RateCounter.objects.filter(key=_TURN, expires_at=mark.expires_at).update(expires_at=at + EVERY):
        return False
    if ahead > EVERY + JUMP:
        note_jump(EVERY - ahead, at)
    return True


# ------------------------------------------------------------------ clocks


class Clock:
    """Sees the wall clock jump against the steady clock of the machine, which runs on while the machine sleeps."""

    def __init__(self) -> None:
        self._apart: float | None = None

    def jumped(self, wall: float, steady: float) -> timedelta:
        """How far the wall clock has moved by itself since the last look; both in seconds. Nothing at the first."""
        before, self._apart = self._apart, wall - steady
        return timedelta(seconds=0 if before is None else self._apart - before)


def steady() -> float:
    """Seconds of the clock that nobody sets."""
    return time.clock_gettime(getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC))


def note_jump(jump: timedelta, at: datetime) -> None:
    """Raise the alert where the clock has jumped by more than five minutes."""
    if abs(jump) > JUMP:
        settle("clock", {"minutes": round(jump / timedelta(minutes=1))}, at)


@watch("clock")
def look_at_clocks(at: datetime) -> Facts | None:
    """A jump of which somebody was told lately; else how far this machine and the one of the database are apart."""
    standing = Alert.objects.filter(cause="clock", over_at=None).first()
    if standing is not None and abs(at - standing.raised_at) < _LASTING:
        return dict(standing.facts)
    apart = timezone.now() - database_clock()
    return {"minutes": round(apart / timedelta(minutes=1))} if abs(apart) > JUMP else None


def database_clock() -> datetime:
    """What the database takes for now; SQLite has no clock of its own."""
    if connection.vendor != "postgresql":
        return timezone.now()
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        found: datetime = cursor.fetchone()[0]
    return found


# ------------------------------------------------------------------ jobs


@watch("queue")
def look_at_queue(at: datetime) -> Facts | None:
    """Jobs that nobody takes up, or that workers cannot keep up with."""
    count = Job.objects.late(at).count()
    return {"count": count} if count else None


@watch("parked")
def look_at_parked(at: datetime) -> Facts | None:
    """Jobs given up; `manage.py work --again` takes them up once more."""
    count = Job.objects.parked().count()
    return {"count": count} if count else None


# ------------------------------------------------------------------ refusals


class Refusals:
    """Counts the refusals of all processes by the minute, without a statement for each of them.

    A process keeps what came since its last statement, and sends it with the first refusal a second later, or the twentieth.
    """

    def __init__(self) -> None:
        self._lock, self._waiting, self._sent = threading.Lock(), 0, float("-inf")

    def count(self, at: datetime, steady_now: float) -> None:
        """Note one. In a transaction it is written after the commit; where the database is away it is not counted."""
        with self._lock:
            self._waiting += 1
            if self._waiting < 20 and steady_now - self._sent < 1:
                return
            number, self._waiting, self._sent = self._waiting, 0, steady_now
        try:
            transaction.on_commit(partial(_add_refusals, number, at), robust=True)
        except (DatabaseError, InterfaceError):
            log.warning("%s refusals were not counted: the database is away", number)


def _add_refusals(number: int, at: datetime) -> None:
    key = _minute(at)
    RateCounter.objects.get_or_create(key=key, defaults={"expires_at": at + 2 * _LASTING})
    # The column is a small one; more than that is a burst anyhow.
    RateCounter.objects.filter(key=key, count__lt=30_000).update(count=F("count") + number)


def _minute(at: datetime) -> str:
    return f"refusals:{int(at.timestamp()) // 60}"


@watch("refusals")
def look_at_refusals(at: datetime) -> Facts | None:
    """The worst of the last ten minutes, where it is a burst: over when for ten minutes there was none."""
    keys = [_minute(at - minutes * timedelta(minutes=1)) for minutes in range(_LASTING // timedelta(minutes=1))]
    worst = RateCounter.objects.filter(key__in=keys, count__gte=BURST).order_by("-count").first()
    return {"count": worst.count} if worst else None


refusals = Refusals()


def count_refusal() -> None:
    """Hear of a refusal (offices.security)."""
    refusals.count(timezone.now(), steady())
