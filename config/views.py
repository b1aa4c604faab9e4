"""The front page, log-in, health, and the pages for what goes wrong: one for each status, in the page's language."""

from __future__ import annotations

import errno
import sys
from collections.abc import Iterable, Iterator
from contextlib import suppress
from http import HTTPStatus
from typing import Any

from django.contrib.sessions.exceptions import SessionInterrupted
from django.core.exceptions import RequestDataTooBig, TooManyFieldsSent
from django.db import DatabaseError, InterfaceError, OperationalError, connection
from django.http import HttpRequest, HttpResponse, JsonResponse, RawPostDataException
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from config.signin.sessions import kept_fields
from offices.models import Job
from offices.policy import before_second_factor, public, staff_of
from offices.security import note
from offices.workflow import Role
from services.models import Service

_NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EROFS})
_MESSAGES = {
    400: (_("The request could not be read"), _("Open the page again and send the form once more.")),
    403: (_("This page is not for you"), _("Your role does not open this page. If it should, ask your administrator.")),
    404: (_("There is no such page"), _("Check the address. A case of another office is not shown either.")),
    413: (
        _("That was too much at once"),
        _("The form or file is larger than we take. Send less of it, or a smaller file."),
    ),
    429: (
        _("That is too much at a time"),
        _("Large files and reports are made for everybody on the same machine, so each of us gets a part of it."),
    ),
    500: (
        _("Something went wrong with us"),
        _("Nothing of what you sent was half done. Try again; if it happens again, tell the administrator."),
    ),
    503: (
        _("The records cannot be reached now"),
        _("Nothing was lost or half done. What you typed stands below: send it again in a minute."),
    ),
}


@public
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """The front page: staff go to their work, citizens see what they can get here."""
    if request.user.is_authenticated:
        roles = staff_of(request).roles
        return redirect("admin:index" if roles == {Role.ADMINISTRATOR} else "my_work")
    services = Service.objects.filter(editions__state="published").distinct()
    return render(request, "home.html", {"services": services})


@before_second_factor
@public
@require_safe
def health(request: HttpRequest) -> JsonResponse:
    """Whether the database answers: 200 or 503, for a supervisor; and whether work after the acts is done in time."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        late = Job.objects.late(timezone.now()).exists()
    except (DatabaseError, InterfaceError):
        return JsonResponse({"database": "away"}, status=503)
    return JsonResponse({"database": "here", "jobs": "late" if late else "in time"})


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """400; 413 where more was sent than we take; 503 where the database went away while the session was being kept."""
    if isinstance(exception, SessionInterrupted) and any(map(is_passing_trouble, _chain(exception))):
        return later(request)
    return _problem(request, 413 if isinstance(exception, RequestDataTooBig | TooManyFieldsSent) else 400)


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    """403."""
    return _problem(request, 403)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """404."""
    return _problem(request, 404)


def broken(request: HttpRequest) -> HttpResponse:
    """500; or 503 where the database was away before any view could run, when session and person are read."""
    return later(request) if is_passing_trouble(sys.exc_info()[1]) else _problem(request, 500)


def _chain(problem: BaseException | None) -> Iterator[BaseException]:
    """An error and what led to it: Django tells of a session that could not be written as of one that somebody has ended."""
    while problem is not None:
        yield problem
        problem = problem.__context__


def is_passing_trouble(problem: BaseException | None) -> bool:
    """Whether the database is away or too busy, or a disk is full, so that the same request may work in a while."""
    if isinstance(problem, OSError) and problem.errno in _NO_ROOM:
        note("alert", what="disk")
        return True
    return isinstance(problem, OperationalError | InterfaceError)


def no_secret(request: HttpRequest, reason: str = "") -> HttpResponse:
    """403 for a form whose secret is missing or old: the log-in changed meanwhile in another tab, or the form is not ours.

    What was sent is not shown again: a form of another site must not come back as one of ours.
    """
    return _problem(
        request, 403, message=_("The form was too old. Go back, open the page again and send it once more.")
    )


def too_much(request: HttpRequest, message: str, seconds: int) -> HttpResponse:
    """429: this person's heavy work has to wait for `seconds`, because of what `message` says."""
    response = _problem(request, 429, message=message)
    response["Retry-After"], response["Cache-Control"] = str(seconds), "no-store"
    return response


def later(request: HttpRequest) -> HttpResponse:
    """503, with the form that was sent, so that it can be sent again."""
    kept: Iterable[tuple[str, str]] = ()
    if request.method == "POST":
        # Where the disk was full while the form was still being read, there is nothing to keep.
        with suppress(OSError, RawPostDataException, AttributeError):
            kept = kept_fields(request)
    response = _problem(request, 503, kept=kept)
    response["Retry-After"] = "30"
    return response


def _problem(request: HttpRequest, status: int, **context: Any) -> HttpResponse:
    title, advice = _MESSAGES[status]
    # The page of a failure of ours must not need what may just have failed: no session, no user, no query.
    about = {"title": title, "advice": advice} | ({"staff": None} if status >= HTTPStatus.INTERNAL_SERVER_ERROR else {})
    return render(request, "problem.html", {**about, **context}, status=status)
