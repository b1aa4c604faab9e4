"""How long a session lives, and what it must have shown: password, second factor, a confirmation that is still fresh."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, cast

from allauth.account.internal.flows.login import get_authentication_records, record_authentication
from django.conf import settings
from django.contrib.auth import logout
from django.contrib.auth.signals import user_logged_in, user_logged_out
from django.http import HttpRequest, HttpResponse

from offices.models import User
from offices.security import note

_BEGAN, _SEEN = "began_at", "seen_at"
_STEP = 60  # seconds: the last sign of life is written once a minute at most


class SessionLimits:
    """End a session that nobody used for `SESSION_IDLE` seconds, and every one after `SESSION_ABSOLUTE` seconds."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.user.is_authenticated:
            now = time.time()
            began, seen = request.session.get(_BEGAN, 0.0), request.session.get(_SEEN, 0.0)
            if now - seen > settings.SESSION_IDLE or now - began > settings.SESSION_ABSOLUTE:
                note("session_ended", user=request.user.pk)
                request.session_ended = True  # type: ignore[attr-defined]
                logout(request)
            elif now - seen > _STEP:
                request.session[_SEEN] = now
        return self.get_response(request)


def has_second_factor(request: HttpRequest) -> bool:
    """Whether this session has shown a second factor."""
    return any(record["method"] == "mfa" for record in _records(request))


def is_fresh(request: HttpRequest) -> bool:
    """Whether the person showed a factor within the last `settings.FRESH_FOR` seconds."""
    return any(time.time() - record["at"] < settings.FRESH_FOR for record in _records(request))


def confirm(request: HttpRequest, method: str, **facts: Any) -> None:
    """Note that the person has just shown a factor again; the session gets a new id."""
    record_authentication(request, request.user, method, reauthenticated=True, **facts)
    request.session.cycle_key()


def _records(request: HttpRequest) -> list[dict[str, Any]]:
    return cast(list[dict[str, Any]], get_authentication_records(request, request.user))


def _begin(request: HttpRequest, user: User, **kwargs: Any) -> None:
    request.session[_BEGAN] = request.session[_SEEN] = time.time()
    note("logged_in", user=user.pk)


def _end(request: HttpRequest, user: User | None, **kwargs: Any) -> None:
    if user is not None:
        note("logged_out", user=user.pk)


user_logged_in.connect(_begin, dispatch_uid="session-begins")
user_logged_out.connect(_end, dispatch_uid="session-ends")
