"""Deny by default, a clear page when the database is away, and the language that an address names."""

from collections.abc import Callable
from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.core.exceptions import BadRequest, PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.shortcuts import resolve_url
from django.urls import ResolverMatch, reverse

from config.signin import step_up
from config.signin.sessions import has_kept_form, has_second_factor
from offices.limits import client_address
from offices.querysets import guarded
from offices.security import note

LANGUAGE_PARAMETER = "lang"
Handler = Callable[[HttpRequest], HttpResponse]
# Django's own views, which cannot carry a declaration: the admin asks its own site, the language switch is for everybody.
_FOREIGN_POLICIES: dict[str, str] = {"admin": "asks its own site"}


# No page of ours knows another method: the table of access has two columns, and nothing stands behind a third.
_METHODS = ("GET", "HEAD", "POST")
_REFUSALS = frozenset({400, 403, 405, 413, 429})


class DenyByDefault:
    """Refuse every view that declares no policy, and whom the policy does not let in; within, no query runs without a scope."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if "\0" in request.path_info or "%00" in request.META.get("QUERY_STRING", ""):
            raise BadRequest("no address of ours holds a null")
        if request.method not in _METHODS:
            return HttpResponseNotAllowed(_METHODS)
        with guarded():
            response = self.get_response(request)
        # What is open to caches for everybody is kept nowhere for those who are signed in.
        if request.user.is_authenticated and "public" in response.get("Cache-Control", "public"):
            response["Cache-Control"] = "no-store"
        return response

    def process_view(
        self, request: HttpRequest, view: Callable[..., Any], args: Any, kwargs: Any
    ) -> HttpResponse | None:
        """Ask the policy before the view runs, then for the second factor, then for a fresh confirmation."""
        if not has_foreign_policy(request.resolver_match):
            policy = getattr(view, "policy", None)
            if policy is None:
                raise PermissionDenied("this route declares no policy")
            if not policy(request):
                return self._refuse(request)
        if not request.user.is_authenticated:
            return None
        if not has_second_factor(request) and not getattr(view, "before_second_factor", False):
            return HttpResponseRedirect(resolve_url("mfa_index"))
        return step_up.ask(request) if step_up.needed(request, view, kwargs) else None

    def _refuse(self, request: HttpRequest) -> HttpResponse:
        if not request.user.is_authenticated:
            to = reverse("kept_form") if has_kept_form(request) else request.get_full_path()
            query = urlencode({"next": to}) if request.method == "GET" or has_kept_form(request) else ""
            return HttpResponseRedirect(f"{resolve_url(settings.LOGIN_URL)}?{query}")
        raise PermissionDenied


def has_foreign_policy(match: ResolverMatch | None) -> bool:
    """Whether a route belongs to a part that guards itself."""
    return bool(match and match.app_names and match.app_names[0] in _FOREIGN_POLICIES)


class Browser:
    """What every answer tells the browser besides the content policy, files and errors included."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response.headers.setdefault("Permissions-Policy", settings.PERMISSIONS_POLICY)
        response.headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        self._note_refusal(request, response.status_code)
        return response

    def _note_refusal(self, request: HttpRequest, status: int) -> None:
        match, person = request.resolver_match, getattr(request, "user", None)
        user = person.pk if person is not None and person.is_authenticated else None
        # To somebody signed in, a row of a foreign office is not there.
        if status in _REFUSALS or (status == HTTPStatus.NOT_FOUND and user and match and match.kwargs):
            route = (match.view_name or match.route) if match else None
            note("refused", status=status, route=route, user=user)


class DatabaseTrouble:
    """A database that is away or too busy, or a full disk, gives 503 with the typed form kept, never 500."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, problem: Exception) -> HttpResponse | None:
        """Turn such an error into the page "later"."""
        from config.views import is_passing_trouble, later

        return later(request) if is_passing_trouble(problem) else None


class LanguageByAddress:
    """`?lang=ru` opens a page in that language and keeps it as the switch of languages does.

    So search engines see each page once a language under an address of its own; people need no such address.
    """

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        asked = request.GET.get(LANGUAGE_PARAMETER, "") if request.method in ("GET", "HEAD") else ""
        if asked not in dict(settings.LANGUAGES):
            return self.get_response(request)
        request.COOKIES[settings.LANGUAGE_COOKIE_NAME] = asked
        response = self.get_response(request)
        response.set_cookie(
            settings.LANGUAGE_COOKIE_NAME,
            asked,
            samesite="Lax",
            secure=settings.SERVED_BY_HTTPS,
            httponly=settings.LANGUAGE_COOKIE_HTTPONLY,
        )
        return response


# Whoever was sent the link sets his password by it, wherever he sits.
_LINKS = "set-password/"


class AdminAddresses:
    """Where ADMIN_ADDRESSES names any, /admin/ is not there for anybody who comes from elsewhere."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if settings.ADMIN_ADDRESSES and _is_admin(request.path_info):
            address = client_address(request)
            if address is None or not any(address in network for network in settings.ADMIN_ADDRESSES):
                raise Http404
        return self.get_response(request)


def _is_admin(path: str) -> bool:
    admin = reverse("admin:index")
    return f"{path}/".startswith(admin) and not path.startswith(admin + _LINKS)
