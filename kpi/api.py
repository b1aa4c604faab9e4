"""The pages and files of the open data under /open/, cacheable by anybody, described by OpenAPI."""

from __future__ import annotations

import csv
import hashlib
import io
import json
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.cache import get_conditional_response, patch_cache_control
from django.utils.http import quote_etag
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from kpi import open_data
from offices.exports import harmless
from offices.policy import public

_HOUR = 3600
_LONGEST = 80
SETS: dict[str, tuple[Any, Callable[[], list[open_data.Row]]]] = {
    "offices": (_("Offices: addresses, phones, hours, who serves whom"), open_data.offices),
    "services": (_("Services: names in three languages and what people call them"), open_data.services),
    "editions": (
        _("Standards and regulations in force: papers, terms, steps, grounds for refusal"),
        open_data.editions,
    ),
}
INDICATORS = _("Quality and accessibility indicators of closed periods")


@public
@require_safe
def open_index(request: HttpRequest) -> HttpResponse:
    """What there is to take, in words."""
    sets = [*((name, words) for name, (words, _rows) in SETS.items()), ("indicators", INDICATORS)]
    return render(request, "kpi/open_data.html", {"sets": sets})


@public
@require_safe
def open_description(request: HttpRequest) -> HttpResponse:
    """The description by OpenAPI 3.1."""
    return _cacheable(request, json.dumps(description(), ensure_ascii=False, indent=1), "application/json")


@public
@require_safe
def open_set(request: HttpRequest, name: str, suffix: str) -> HttpResponse:
    """One set as JSON or CSV."""
    if name == "indicators":
        return _indicators(request, suffix)
    if name not in SETS:
        raise Http404
    return _answer(request, name, SETS[name][1](), suffix)


@lru_cache(maxsize=1)
def description() -> dict[str, Any]:
    """The description as it is served: the kept file with the address of this installation."""
    kept: dict[str, Any] = yaml.safe_load((Path(__file__).parent / "openapi.yaml").read_text(encoding="utf-8"))
    return kept | {"servers": [{"url": settings.BASE_URL}]}


def _indicators(request: HttpRequest, suffix: str) -> HttpResponse:
    asked = {name: request.GET.get(name, "")[:_LONGEST] for name in ("office", "edition", "period")}
    after = request.GET.get("after", "0")
    if not (after.isascii() and after.isdigit() and len(after) < 16):
        return _refused("after: a number out of the field next of the page before")
    rows, following = open_data.indicators(**asked, after=int(after))
    if not following:
        return _answer(request, "indicators", rows, suffix)
    query = request.GET.copy()
    query["after"] = str(following)
    address = reverse("open_set", args=["indicators", suffix])
    return _answer(request, "indicators", rows, suffix, f"{settings.BASE_URL}{address}?{query.urlencode()}")


def _answer(
    request: HttpRequest, name: str, rows: list[open_data.Row], suffix: str, following: str | None = None
) -> HttpResponse:
    if suffix == "json":
        body = json.dumps({name: rows, "next": following}, ensure_ascii=False, separators=(",", ":"))
        return _cacheable(request, body, "application/json")
    sheet = io.StringIO()
    writer = csv.writer(sheet)
    # The mark at the front tells spreadsheets that the file is UTF-8.
    sheet.write("\ufeff")
    for line in open_data.flat(rows):
        writer.writerow([_cell(value) for value in line])
    response = _cacheable(request, sheet.getvalue(), "text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    if following:
        response["Link"] = f'<{following}>; rel="next"'
    return response


def _cell(value: Any) -> str:
    """A number stays a number; a text is never a formula."""
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else harmless(value)


def _cacheable(request: HttpRequest, body: str, content_type: str) -> HttpResponse:
    """The answer with its tag, or 304 where the asker has it already. Open to scripts of other sites: it is open data."""
    content = body.encode()
    response: HttpResponse = HttpResponse(content, content_type=content_type)
    tag = quote_etag(hashlib.sha256(content).hexdigest()[:32])
    response["ETag"] = tag
    patch_cache_control(response, public=True, max_age=_HOUR)
    response["Access-Control-Allow-Origin"] = "*"
    return get_conditional_response(request, tag, None, response) or response


def _refused(message: str) -> HttpResponse:
    return HttpResponse(json.dumps({"error": message}), status=400, content_type="application/json")
