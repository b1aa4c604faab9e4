"""What search engines are told: which pages there are, in which languages, and which are none of their business."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from offices.models import Office
from offices.policy import public
from services.models import Edition

_OPEN = ("home", "service_list", "office_list", "open_index")
# What asks for a number and a code, changes something, or belongs to the staff.
_CLOSED = (
    "status", "prepared", "complain", "find", "login", "my_work", "register", "search", "journal", "packages", "admin:index",
    "set_language",
)  # fmt: skip


@public
@require_safe
@cache_control(public=True, max_age=3600)
def robots(request: HttpRequest) -> HttpResponse:
    """robots.txt: the catalogue is open, the rest is not."""
    lines = ["User-agent: *", *(f"Disallow: {reverse(name)}" for name in _CLOSED), f"Sitemap: {_address('sitemap')}"]
    return HttpResponse("\n".join(lines) + "\n", content_type="text/plain; charset=utf-8")


@public
@require_safe
@cache_control(public=True, max_age=3600)
def sitemap(request: HttpRequest) -> HttpResponse:
    """sitemap.xml: each page of the catalogue in each of the three languages."""
    codes = Edition.objects.published().order_by("code").values_list("code", flat=True).distinct()
    keys = Office.objects.filter(active=True).order_by("key").values_list("key", flat=True)
    pages = [
        *map(_address, _OPEN),
        *(_address("service_detail", code) for code in codes),
        *(_address("office_detail", key) for key in keys),
    ]
    return render(
        request,
        "sitemap.xml",
        {"pages": pages, "codes": dict(settings.LANGUAGES)},
        content_type="application/xml; charset=utf-8",
    )


def _address(name: str, *args: str) -> str:
    return settings.BASE_URL + reverse(name, args=args)
