"""How long a session lives, and what it must have shown: password, second factor, a confirmation that is still fresh."""

from __future__ import annotations

import json
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
from offices.vault import seal, unseal

_BEGAN, _SEEN = "began_at", "seen_at"
_KEPT = "kept_form"
_KEPT_LIMIT = 200_000
_UNKEPT = {
    "csrfmiddlewaretoken", "password", "old_password", "new_password1", "new_password2", settings.CONFIRM_FIELD,
    settings.CONFIRM_KEY_FIELD,
}  # fmt: skip
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
                self._end(request)
            elif now - seen > _STEP:
                request.session[_SEEN] = now
        return self.get_response(request)

    def _end(self, request: HttpRequest) -> None:
        """Log out; a form that was just sent is kept, sealed, for the same person's next log-in."""
        user = request.user.pk
        note("session_ended", user=user)
        kept = kept_fields(request) if request.method == "POST" else []
        logout(request)
        text = json.dumps({"user": user, "path": request.get_full_path(), "kept": kept})
        if kept and len(text) < _KEPT_LIMIT:
            request.session[_KEPT] = seal(text, _KEPT)


def kept_fields(request: HttpRequest) -> list[tuple[str, str]]:
    """What was typed into the form that was sent, without secrets."""
    return [(name, value) for name, values in request.POST.lists() if name not in _UNKEPT for value in values]


def has_kept_form(request: HttpRequest) -> bool:
    """Whether a form waits for this browser's next log-in."""
    return _KEPT in request.session


def take_kept_form(request: HttpRequest) -> dict[str, Any] | None:
    """The form that this very person had sent when his session had ended: path and fields, given once."""
    sealed = request.session.pop(_KEPT, None)
    found: dict[str, Any] = json.loads(unseal(sealed, _KEPT)) if sealed else {}
    return found if found.get("user") == request.user.pk else None


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
