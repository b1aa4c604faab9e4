"""What every page knows."""

from typing import Any

from django.conf import settings
from django.db import DatabaseError, InterfaceError
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from config.middleware import LANGUAGE_PARAMETER
from offices.policy import Staff, staff_of
from offices.workflow import CASEWORK_ROLES, Role

_CASEWORK = frozenset({*CASEWORK_ROLES, Role.OBSERVER})
_COUNTER = frozenset({Role.CLERK, Role.EXECUTOR, Role.CENTRE_INSPECTOR})
_LEADING = frozenset({Role.HEAD, Role.DEPUTY, Role.OBSERVER})
_FIGURES = frozenset({Role.CLERK, Role.EXECUTOR, *_LEADING})
_CENTRE = frozenset({Role.CENTRE_INSPECTOR, Role.CENTRE_ACCUMULATOR, Role.CLERK})
_QUALITY = frozenset({Role.CLERK, Role.HEAD, Role.DEPUTY, Role.EXECUTOR, Role.OBSERVER})
_STAFF: list[tuple[str, Any, frozenset[str]]] = [
    ("my_work", _("My work"), _CASEWORK),
    ("sign_many", _("For my signature"), frozenset({Role.HEAD, Role.DEPUTY})),
    ("register", _("Registration"), _COUNTER),
    ("hall", _("Waiting hall"), _COUNTER | {Role.HEAD, Role.DEPUTY}),
    ("packages", _("Packages"), _CENTRE),
    ("journal", _("Journals"), _CASEWORK),
    ("search", _("Search"), _CASEWORK),
    ("complaints", _("Complaints"), _QUALITY),
    ("quality", _("Quality checks"), _QUALITY),
    ("morning", _("This morning"), _LEADING),
    ("indicators", _("Indicators"), _FIGURES),
    ("law_list", _("The law"), frozenset({Role.ADMINISTRATOR})),
    ("calendar", _("Calendar"), frozenset({Role.ADMINISTRATOR})),
    ("replay_choice", _("Try a draft"), frozenset({Role.ADMINISTRATOR})),
    ("admin:index", _("Reference data"), frozenset({Role.ADMINISTRATOR})),
]
_PUBLIC: list[tuple[str, Any, frozenset[str]]] = [
    ("service_list", _("Services"), frozenset()),
    ("office_list", _("Offices"), frozenset()),
    ("status", _("My application"), frozenset()),
    ("complain", _("Complain"), frozenset()),
]


def site(request: HttpRequest) -> dict[str, Any]:
    """The languages, whether this is the demonstration, and the signed-in person's powers."""
    staff = _staff(request)
    return {
        "languages": settings.LANGUAGES,
        "is_demo": settings.DEMO,
        "staff": staff,
        "staff_navigation": _items(request, [row for row in _STAFF if staff and row[2] & staff.roles]),
        "public_navigation": _items(request, _PUBLIC),
        "alternates": _alternates(request),
        "same_page": _without_language(request),
    }


def _alternates(request: HttpRequest) -> list[tuple[str, str]]:
    """The page's address in each language, for search engines; the one without a language lets the browser choose."""
    address = f"{settings.BASE_URL}{request.path}"
    return [
        *((code, f"{address}?{LANGUAGE_PARAMETER}={code}") for code, _name in settings.LANGUAGES),
        ("x-default", address),
    ]


def _without_language(request: HttpRequest) -> str:
    """The page's address without a language in it: the switch of languages leads there."""
    query = request.GET.copy()
    query.pop(LANGUAGE_PARAMETER, None)
    return f"{request.path}?{query.urlencode()}" if query else request.path


def _items(request: HttpRequest, rows: list[tuple[str, Any, frozenset[str]]]) -> list[dict[str, Any]]:
    items = [{"url": reverse(name), "name": text} for name, text, _roles in rows]
    return [{**item, "current": request.path == item["url"]} for item in items]


def _staff(request: HttpRequest) -> Staff | None:
    try:
        signed_in = getattr(request, "user", None) is not None and request.user.is_authenticated
        return staff_of(request) if signed_in else None
    except (DatabaseError, InterfaceError):
        # The page that says so must still come up.
        return None
