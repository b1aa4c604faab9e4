"""How often something may be tried: counted in the database, so in every process at once, and without a lock on anybody.

A limit holds for a window of time and for what it is asked about: an account together with an address, an address alone, a
code. Nothing of that stands in the rows: they are named by a keyed hash.
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import F, Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone

from offices.models import RateCounter
from offices.security import note


@dataclass(frozen=True)
class Limit:
    """At most `tries` in a window of `seconds`."""

    name: str
    tries: int
    seconds: int

    def used_up(self, *about: object) -> bool:
        """Whether no try is left in the current window."""
        return RateCounter.objects.filter(self.full(*about)).exists()

    def full(self, *about: object) -> Q:
        """What finds its row where no try is left, so that several limits are asked in one statement."""
        return Q(key=self._key(about), count__gte=self.tries)

    def count(self, *about: object) -> None:
        """Note a try. Two at the same moment count as two."""
        key, now = self._key(about), timezone.now()
        if not RateCounter.objects.filter(key=key).update(count=F("count") + 1):
            RateCounter.objects.filter(expires_at__lt=now).delete()
            RateCounter.objects.get_or_create(
                key=key, defaults={"expires_at": now + timedelta(seconds=2 * self.seconds)}
            )
            RateCounter.objects.filter(key=key).update(count=F("count") + 1)
        if RateCounter.objects.filter(key=key, count=self.tries).exists():
            note("limit", limit=self.name)

    def take(self, *about: object) -> bool:
        """Note a try if one is left, and say whether one was. Of many at the same moment no more come through than are left."""
        key, now = self._key(about), timezone.now()
        left = RateCounter.objects.filter(key=key, count__lt=self.tries)
        if left.update(count=F("count") + 1):
            return True
        RateCounter.objects.filter(expires_at__lt=now).delete()
        RateCounter.objects.get_or_create(key=key, defaults={"expires_at": now + timedelta(seconds=2 * self.seconds)})
        taken = bool(left.update(count=F("count") + 1))
        if not taken:
            note("limit", limit=self.name)
        return taken

    def seconds_left(self) -> int:
        """When the current window ends."""
        return self.seconds - int(timezone.now().timestamp()) % self.seconds

    def _key(self, about: tuple[object, ...]) -> str:
        return f"{self.name}:{_hashed(about)}:{int(timezone.now().timestamp()) // self.seconds}"


@dataclass
class Place:
    """One of the few places somebody has for heavy work: his until he leaves it, or until the lease runs out after his death."""

    key: str
    until: datetime
    seconds: int

    def keep(self) -> None:
        """Prolong the lease when a third of it is over; to be called all the while the work goes on."""
        now = timezone.now()
        if self.until - now > timedelta(seconds=self.seconds) * 2 / 3:
            return
        until = now + timedelta(seconds=self.seconds)
        if self._row().update(expires_at=until):
            self.until = until

    def leave(self) -> None:
        """Give the place free. One whose lease ran out, and which another has by now, stays his."""
        self._row().delete()

    def _row(self) -> QuerySet[RateCounter]:
        # The end of the lease, to the microsecond, says whose it is.
        return RateCounter.objects.filter(key=self.key, expires_at=self.until)


def take_place(name: str, *about: object, places: int, seconds: int) -> Place | None:
    """One of the `places` that `about` has, leased for `seconds`; None when all are taken. No two ever get the same one."""
    until = timezone.now() + timedelta(seconds=seconds)
    keys = (f"{name}:{_hashed((*about, number))}" for number in range(places))
    return next((Place(key, until, seconds) for key in keys if _claimed(key, until)), None)


def claim(name: str, *about: object, seconds: int) -> bool:
    """Whether this is the first to claim what `about` names within `seconds`: of two at the same moment only one is."""
    return _claimed(f"{name}:{_hashed(about)}", timezone.now() + timedelta(seconds=seconds))


def _claimed(key: str, until: datetime) -> bool:
    RateCounter.objects.filter(expires_at__lt=timezone.now()).delete()
    try:
        with transaction.atomic():
            RateCounter.objects.create(key=key, count=1, expires_at=until)
    except IntegrityError:
        return False
    return True


def is_claimed(name: str, *about: object) -> bool:
    """Whether somebody has claimed it and the time is not over."""
    return RateCounter.objects.filter(key=f"{name}:{_hashed(about)}", expires_at__gte=timezone.now()).exists()


def address_of(request: HttpRequest) -> str:
    """Where the visitor comes from, as limits count it: an IPv6 network counts as one address."""
    address = client_address(request)
    if address is None:
        return _named_address(request)
    return str(ip_network((address, 64), strict=False)) if address.version == 6 else str(address)


def client_address(request: HttpRequest) -> IPv4Address | IPv6Address | None:
    """The visitor's own address, None where it is none: behind our proxy the last one it names, those before it may be forged."""
    try:
        address = ip_address(_named_address(request))
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address


def _named_address(request: HttpRequest) -> str:
    text: str = request.META.get("REMOTE_ADDR", "")
    if settings.SERVED_BY_HTTPS and (forwarded := request.META.get("HTTP_X_FORWARDED_FOR")):
        text = forwarded.rpartition(",")[2].strip()
    return text


def network_of(request: HttpRequest) -> str:
    """The network of the visitor's address, of which one person may have many: /24 of IPv4, /48 of IPv6."""
    address = address_of(request).partition("/")[0]
    try:
        return str(ip_network((address, 48 if ":" in address else 24), strict=False))
    except ValueError:
        return address


def _hashed(about: tuple[object, ...]) -> str:
    words = "\n".join(map(str, about))
    return hmac.new(settings.SECRET_KEY.encode(), words.encode(), "sha256").hexdigest()[:32]
