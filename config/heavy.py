"""Heavy work in measure: of one person only so much at once and in ten minutes, in whichever process it is done.

Views declare it (`offices.policy.heavy`). A place is a row with a lease: it is left when the answer is closed, a streamed one at
its end or when the client goes away; the place of a worker that was killed is free when the lease runs out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.utils.translation import gettext, ngettext

from config.views import too_much
from offices.limits import Limit, Place, address_of, take_place

_TEN_MINUTES = 600
_SOON = 15  # seconds after which it is worth asking for a place again
# The reference data come from other parts, whose views cannot carry a declaration: files in and out, when they are sent.
_ADMIN = ("offices_office_export", "offices_office_import", "offices_office_process_import")


class HeavyWork:
    """Takes a place before a heavy view runs and leaves it when the answer is closed; without a free place it answers 429."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        place: Place | None = getattr(request, "_place", None)
        if place is not None and isinstance(response, StreamingHttpResponse):
            parts: Any = response.streaming_content
            response.streaming_content = _Held(parts, place)
        elif place is not None:
            place.leave()
        return response

    def process_view(
        self, request: HttpRequest, view: Callable[..., Any], args: Any, kwargs: dict[str, Any]
    ) -> HttpResponse | None:
        """Take a place, if the view asks for one."""
        if not _is_heavy(request, view, kwargs):
            return None
        who = request.user.pk if request.user.is_authenticated else address_of(request)
        place = take_place("place", who, places=settings.HEAVY_AT_ONCE, seconds=settings.HEAVY_LEASE_SECONDS)
        if place is None:
            return too_much(request, _busy(), _SOON)
        begun = Limit("heavy", settings.HEAVY_IN_TEN_MINUTES, _TEN_MINUTES)
        if not begun.take(who):
            place.leave()
            return too_much(request, _often(begun.seconds_left()), begun.seconds_left())
        request._place = place  # type: ignore[attr-defined]
        return None


class _Held:
    """The parts of a streamed answer; while they are taken the place is kept, and closing the answer leaves it."""

    def __init__(self, parts: Iterator[Any], place: Place) -> None:
        self.parts, self.place = parts, place

    def __iter__(self) -> _Held:
        return self

    def __next__(self) -> Any:
        self.place.keep()
        return next(self.parts)

    def close(self) -> None:
        """Called by the server when all is sent, and when the client has gone away."""
        self.place.leave()


def _is_heavy(request: HttpRequest, view: Callable[..., Any], arguments: dict[str, Any]) -> bool:
    match = request.resolver_match
    if match and match.app_names and match.app_names[0] == "admin":
        return request.method == "POST" and match.url_name in _ADMIN
    rule = getattr(view, "heavy", None)
    return rule is not None and bool(rule(request, **arguments))


def _busy() -> str:
    return gettext("What you asked for before is still being made. Wait until it has come, then ask for this again.")


def _often(seconds: int) -> str:
    minutes = -(-seconds // 60)
    words = ngettext(
        "You have asked for very much in a short time. Ask for this again in %(n)d minute.",
        "You have asked for very much in a short time. Ask for this again in %(n)d minutes.",
        minutes,
    )
    return words % {"n": minutes}
