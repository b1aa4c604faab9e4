"""Pages of the devices that stand in a hall: the tablet that gives talons, the big screen, the tablet with the survey.

A device is set up once by a code that staff make: it works one time within an hour, travels in the fragment of the address
(which no log ever holds) or is typed, and leaves a cookie that opens the device's own pages. Nothing personal stands on them.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
import uuid
from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.conf import settings
from django.db import transaction
from django.db.models import F, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone, translation
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from django.views.decorators.http import require_GET, require_http_methods

from applications import hall, waiting
from applications.casework import ActRefused
from applications.forms import OnceForm
from applications.identifiers import normal_code
from applications.models import DeviceKind, HallDevice, Purpose, Visit
from applications.public import count_failed_try, tries_used_up
from offices.models import Office, RateCounter, User
from offices.policy import public
from services.models import Edition

COOKIE = "__Host-hall" if settings.SERVED_BY_HTTPS else "hall"
TALONS_A_MINUTE = 30  # of one tablet: more is somebody playing
_OPENS_WITHIN = timedelta(hours=1)
_COOKIE_AGE = 400 * 24 * 3600  # as long as browsers keep one
_PAGES = {DeviceKind.KIOSK: "hall_kiosk", DeviceKind.SCREEN: "hall_screen", DeviceKind.SURVEY: "hall_survey"}


def set_up(*, office: Office, kind: str, name: str, by: User, at: datetime) -> tuple[HallDevice, str]:
    """A new device and the code that opens its page, which is shown once and kept as a hash only."""
    code = base64.b32encode(secrets.token_bytes(7)).decode()[:10]
    device = HallDevice.objects.create(
        office=office, kind=kind, name=name, link_hash=_hash(normal_code(code)), link_expires_at=at + _OPENS_WITHIN,
        made_by=by, made_at=at,
    )  # fmt: skip
    return device, normal_code(code)


class CodeForm(forms.Form):
    """The code that staff made for the device."""

    code = forms.CharField(
        label=_("Code of the device"),
        max_length=20,
        widget=forms.TextInput({"class": "govuk-input--width-20", "autocomplete": "off", "spellcheck": "false"}),
    )


@public
@require_http_methods(["GET", "POST"])
def open_device(request: HttpRequest) -> HttpResponse:
    """Make this browser the device of that code. An unknown, used or old code gets the same answer."""
    form = CodeForm(request.POST or None)
    status = 200
    if request.method == "POST" and form.is_valid():
        if tries_used_up(request):
            form.add_error(None, _("Too many tries from your place. Wait a minute, then send the form again."))
            status = 429
        elif opened := _open(form.cleaned_data["code"], timezone.now()):
            return _as_device(*opened)
        else:
            count_failed_try(request)
            form.add_error("code", _("This code opens no device: it was used, is older than an hour, or is misspelt."))
    response = render(request, "hall/open.html", {"form": form}, status=status)
    response["Cache-Control"] = "no-store"
    return response


def _open(code: str, now: datetime) -> tuple[HallDevice, str] | None:
    """The device of the code with its new secret; the code is used up by that."""
    secret = secrets.token_urlsafe(32)
    with transaction.atomic():
        fresh = HallDevice.objects.filter(
            link_hash=_hash(normal_code(code)), link_expires_at__gte=now, withdrawn_at=None
        )
        device = fresh.first()
        used_up = {"link_hash": "", "secret_hash": _hash(secret), "opened_at": now}
        if device is None or not fresh.filter(pk=device.pk).update(**used_up):
            return None
    return device, secret


def _as_device(device: HallDevice, secret: str) -> HttpResponse:
    response = redirect(_PAGES[DeviceKind(device.kind)])
    response.set_cookie(
        COOKIE,
        f"{device.pk}:{secret}",
        max_age=_COOKIE_AGE,
        httponly=True,
        samesite="Lax",
        secure=settings.SERVED_BY_HTTPS,
    )
    return response


def device_of(request: HttpRequest, kind: DeviceKind) -> HallDevice | None:
    """The device that this browser is, if it is one of that kind and still in use."""
    number, _colon, secret = request.COOKIES.get(COOKIE, "").partition(":")
    if not (number.isascii() and number.isdigit() and len(number) <= 18):
        return None
    row = HallDevice.objects.select_related("office").filter(pk=int(number), kind=kind, withdrawn_at=None).first()
    if row is None or not row.secret_hash or not hmac.compare_digest(row.secret_hash, _hash(secret)):
        return None
    return row


def _no_device(request: HttpRequest) -> HttpResponse:
    return render(request, "hall/no_device.html", status=403)


# ------------------------------------------------------------------ the tablet that gives talons


class KioskForm(OnceForm):
    """One of the big buttons: purpose and service, "0" for a visitor who has not decided."""

    purpose = forms.ChoiceField(choices=Purpose.choices)
    edition = forms.CharField(max_length=18, required=False)


@public
@require_http_methods(["GET", "POST"])
def kiosk(request: HttpRequest) -> HttpResponse:
    """First what the visitor comes for, then the service; the second button gives the talon."""
    device = device_of(request, DeviceKind.KIOSK)
    if device is None:
        return _no_device(request)
    now = timezone.now()
    editions = waiting.editions_here(device.office, timezone.localdate(now))
    if request.method == "GET":
        purpose = request.GET.get("purpose", "")
        chosen = purpose if purpose in Purpose.values else ""
        return _kiosk_page(request, device, {"purpose": chosen, "editions": editions, "form": KioskForm()})
    form = KioskForm(request.POST)
    if not form.is_valid():
        return redirect("hall_kiosk")
    if not _may_give_one_more(device, now):
        return _kiosk_page(request, device, {"busy": True}, status=429)
    edition = next((row for row in editions if str(row.pk) == form.cleaned_data["edition"]), None)
    return _give(request, device, form, edition, now)


def _give(
    request: HttpRequest, device: HallDevice, form: KioskForm, edition: Edition | None, now: datetime
) -> HttpResponse:
    key, purpose = form.cleaned_data["token"], Purpose(form.cleaned_data["purpose"])
    try:
        visit = hall.issue(device.office, purpose=purpose, edition=edition, key=key, by=None, at=now)
    except ActRefused:
        return redirect("hall_kiosk")
    return redirect("hall_kiosk_talon", visit.key)


@public
@require_GET
def kiosk_talon(request: HttpRequest, key: uuid.UUID) -> HttpResponse:
    """The talon on the tablet: number, service, people before you, time; it is printed and goes away by itself."""
    device = device_of(request, DeviceKind.KIOSK)
    if device is None:
        return _no_device(request)
    today = Visit.objects.for_list().filter(office=device.office, day=timezone.localdate())
    visit = get_object_or_404(today, key=key)
    return _kiosk_page(request, device, {"visit": visit, "ahead": waiting.ahead_of(visit)})


def _kiosk_page(request: HttpRequest, device: HallDevice, context: dict[str, Any], status: int = 200) -> HttpResponse:
    template = "hall/kiosk_talon.html" if "visit" in context else "hall/kiosk.html"
    response = render(request, template, {"device": device, "office": device.office, **context}, status=status)
    response["Cache-Control"] = "no-store"
    return response


def _may_give_one_more(device: HallDevice, now: datetime) -> bool:
    key = f"kiosk:{device.pk}:{int(now.timestamp()) // 60}"
    if not RateCounter.objects.filter(key=key).update(count=F("count") + 1):
        RateCounter.objects.get_or_create(key=key, defaults={"expires_at": now + timedelta(minutes=2), "count": 1})
    return not RateCounter.objects.filter(Q(key=key), Q(count__gt=TALONS_A_MINUTE)).exists()


# ------------------------------------------------------------------ the big screen


@public
@require_GET
def screen(request: HttpRequest) -> HttpResponse:
    """The page of the big screen. It asks for the state every few seconds; without a script the browser loads it anew."""
    return _screen(request, "hall/screen.html")


@public
@require_GET
def screen_now(request: HttpRequest) -> HttpResponse:
    """The part of the screen that changes."""
    return _screen(request, "hall/screen_now.html")


_SCREEN_WORDS: dict[str, Any] = {
    "come": _("Come to the window"),
    "next": pgettext_lazy("queue", "Next"),
    "old": _("No connection: this may be old, look to the windows"),
    "sound": _("Sound"),
    "window": _("window"),
}


def _in_both(text: Any) -> dict[str, str]:
    """A text in the two languages of the hall."""
    words = {}
    for language in ("kk", "ru"):
        with translation.override(language):
            words[language] = str(text)
    return words


def _screen(request: HttpRequest, template: str) -> HttpResponse:
    device = device_of(request, DeviceKind.SCREEN)
    if device is None:
        return _no_device(request)
    now = timezone.now()
    both = {name: _in_both(text) for name, text in _SCREEN_WORDS.items()}
    context = {"office": device.office, "screen": waiting.screen_of(device.office, now), "now": now, "both": both}
    response = render(request, template, context)
    response["Cache-Control"] = "no-store"
    return response


@public
@require_GET
def survey_tablet(request: HttpRequest) -> HttpResponse:
    """The tablet with the survey leads to it, and the survey comes back here."""
    if device_of(request, DeviceKind.SURVEY) is None:
        return _no_device(request)
    return redirect("/survey/?tablet=1")


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
