"""Pages of the catalogue for everybody: what there is, who may get it, with which papers, within what time."""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import groupby
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from offices.models import Office
from offices.policy import public
from offices.text import in_language
from offices.worktime import WEEKDAYS
from services import search
from services.models import (
    Edition,
    EditionKind,
    EditionUse,
    Indicator,
    IndicatorGeneration,
    Norm,
    NormKey,
)
from services.queries import papers_for, questions_of
from services.text import norm_words

_MOST_OFFICES = 20
_CHANNELS: dict[str, Any] = {
    "any": "",
    "department": _("at the department"),
    "centre": _("at a service centre"),
    "rural_akim": _("through the akim of a rural district"),
}
_GROUND_KINDS: dict[str, Any] = {
    "refusal": _("refusal"),
    "suspension": _("suspension"),
    "refusal_or_suspension": _("refusal or suspension"),
}
_BLANK_FIELDS = (_("Surname, name, patronymic"), _("IIN"), _("Date of birth"), _("Address"), _("Phone"), _("E-mail"))
_WAYS: dict[str, Any] = {
    "in_person": _("in person"),
    "post": _("by post"),
    "email": _("by e-mail"),
    "centre": _("at a service centre"),
}


@public
@require_safe
def service_list(request: HttpRequest) -> HttpResponse:
    """All services in today's words; `q` finds them by whatever people call them, in any of the three languages."""
    typed = request.GET.get("q", "")[:120]
    found = {hit.key: place for place, hit in enumerate(search.find(typed, "service"))} if typed else None
    return render(request, "services/service_list.html", {"rows": service_rows(found), "q": typed})


@public
@require_safe
def find(request: HttpRequest) -> HttpResponse:
    """One box for everything: services and offices that fit what somebody typed, in whatever words."""
    typed = request.GET.get("q", "")[:120]
    hits = search.find(typed) if typed else []
    services = {hit.key: place for place, hit in enumerate(hits) if hit.kind == "service"}
    keys = [hit.key for hit in hits if hit.kind == "office"][:_MOST_OFFICES]
    offices = {office.key: office for office in Office.objects.filter(key__in=keys, active=True)} if keys else {}
    context = {
        "q": typed,
        "rows": service_rows(services) if services else [],
        "offices": [offices[key] for key in keys if key in offices],
    }
    return render(request, "services/find.html", context)


@public
@require_safe
def checklist(request: HttpRequest, code: str) -> HttpResponse:
    """The papers of one's own situation as a sheet to print and tick off."""
    edition = _published(code)
    fits = situation(request, edition)
    context = {"edition": edition, "area": area_of(edition), "papers": papers_for(edition, fits), "fits": fits}
    return render(request, "services/checklist.html", {**context, "unverified": _has_unverified(edition)})


@public
@require_safe
def blank(request: HttpRequest, code: str) -> HttpResponse:
    """An empty application to print and fill in by hand, made of what the edition says: nothing is added to the law."""
    edition = _published(code)
    papers = papers_for(edition, situation(request, edition))
    context = {"edition": edition, "papers": papers, "fields": _BLANK_FIELDS}
    return render(request, "services/blank.html", context)


@public
@require_safe
def service_detail(request: HttpRequest, code: str) -> HttpResponse:
    """One service as one act rules it: papers, terms, steps, grounds for refusal, where to go, the act itself."""
    edition = _published(code, "steps", "indicator_values", "points")
    offices = _offices(edition)
    fits = situation(request, edition)
    context = {
        "edition": edition,
        "area": area_of(edition),
        "papers": papers_for(edition, fits),
        "questions": questions_of(edition),
        "fits": fits,
        "terms": [_norm(norm) for norm in edition.norms.all() if norm.key == NormKey.OVERALL],
        "limits": [_norm(norm) for norm in edition.norms.all() if norm.key != NormKey.OVERALL],
        "steps": [(step, step.term and norm_words(step.term.amount, step.term.unit)) for step in edition.steps.all()],
        "common_order": edition.kind == EditionKind.STANDARD,
        "grounds": [(ground, _GROUND_KINDS[ground.kind]) for ground in edition.grounds.all()],
        "offices": offices,
        "centres": _centres(edition, offices),
        "complaints": _complaints(edition),
        "own_hours": _own_hours(edition),
        "ways": [_WAYS.get(way, way) for way in edition.delivery.get("ways", [])],
        "indicators": _indicators(edition),
        "unverified": _has_unverified(edition),
    }
    return _tight(render(request, "services/service_detail.html", context))


def _tight(response: HttpResponse) -> HttpResponse:
    """Without the indentation of the templates, which a slow line need not carry (the heaviest page, 4 % of it)."""
    response.content = re.sub(rb"\n +", b"\n", response.content)
    return response


def _published(code: str, *related: str) -> Edition:
    """The version of an edition in force today with its papers, terms and grounds; 404 where there is none."""
    editions = Edition.objects.in_force(timezone.localdate()).select_related("service", "decree")
    editions = editions.prefetch_related("norms", "documents", "grounds", *related)
    edition: Edition | None = editions.filter(code=code).order_by("-version").first()
    if edition is None:
        raise Http404
    return edition


def situation(request: HttpRequest, edition: Edition) -> list[str] | None:
    """The conditions that the visitor said fit him; None where he was not asked or has not answered yet."""
    if "narrow" not in request.GET:
        return None
    known = [question.code for question in questions_of(edition)]
    return [code for code in known if code in request.GET.getlist("fits")]


# ------------------------------------------------------------------ the list


def service_rows(found: dict[str, int] | None = None) -> list[dict[str, Any]]:
    """The services with their editions by area: all in their order, or those `found`, by their place there."""
    published = Edition.objects.in_force(timezone.localdate()).select_related("service", "decree")
    if found is not None:
        published = published.filter(service__code__in=found)
    editions = _newest(published.order_by("service__position", "decree__oblast", "code", "-version"))
    localities = _localities(editions)
    rows = [
        {"service": service, "editions": [(edition, _area(edition, localities)) for edition in group]}
        for service, group in groupby(editions, key=lambda edition: edition.service)
    ]
    return sorted(rows, key=lambda row: found[row["service"].code]) if found else rows


def area_of(edition: Edition) -> str:
    """For whom the act of one edition was made."""
    return _area(edition, _localities([edition]))


def _newest(editions: Iterable[Edition]) -> list[Edition]:
    """One edition a code, the newest version (they come ordered by it)."""
    return [next(group) for _code, group in groupby(editions, key=lambda edition: edition.code)]


def _localities(editions: Iterable[Edition]) -> dict[str, Office]:
    """The offices of decrees that were made for some districts only, by key."""
    keys = {key for edition in editions for key in edition.decree.data.get("offices") or ()}
    return {office.key: office for office in Office.objects.filter(key__in=keys)} if keys else {}


def _area(edition: Edition, localities: dict[str, Office]) -> str:
    """For whom the act was made: an oblast, or districts of it."""
    named = [localities[key].locality for key in edition.decree.data.get("offices") or () if key in localities]
    return ", ".join([edition.decree.get_oblast_display(), *named])


# ------------------------------------------------------------------ one service


def _has_unverified(edition: Edition) -> bool:
    """Whether a person has still to compare a fact of this page with the Government standard it is taken from."""
    rows: list[Any] = [*edition.norms.all(), *edition.documents.all(), *edition.grounds.all()]
    return any(row.source == "N394" for row in rows)


def _norm(norm: Norm) -> dict[str, Any]:
    return {
        "norm": norm,
        "words": norm_words(norm.amount, norm.unit),
        "channel": _CHANNELS.get(norm.channel, norm.channel),
    }


def _offices(edition: Edition) -> list[Office]:
    """The departments that work by the edition."""
    uses = EditionUse.objects.filter(edition=edition, in_use=True, office__active=True).values("office")
    return list(Office.objects.filter(pk__in=uses).in_order())


def _centres(edition: Edition, offices: list[Office]) -> list[Office]:
    """The service centres of those departments, where the act lets applications come through one."""
    if not edition.through_centre:
        return []
    return list(Office.objects.centres().filter(serves__in=offices, active=True).distinct().in_order())


def _complaints(edition: Edition) -> list[dict[str, Any]]:
    """The act's own path of complaint, with the page of each body that has one."""
    keys = [path["office"] for path in edition.complaint_paths if path.get("office")]
    known = {office.key: office for office in Office.objects.filter(key__in=keys)} if keys else {}
    return [
        {
            "to": path["to"],
            "office": known.get(path.get("office") or ""),
            "own_hours": _own_hours(edition),
            "ways": [_WAYS.get(way, way) for way in path.get("ways") or ()],
        }
        for path in edition.complaint_paths
    ]


def _own_hours(edition: Edition) -> dict[str, Any] | None:
    """Hours that the act sets for this service alone, None where the office's own hours hold."""
    hours = edition.hours
    if not hours or hours.get("kind") == "office":
        return None
    days = [in_language(dict(WEEKDAYS[day])) for day in hours["days"]]
    return {
        "days": days,
        "opens": hours["opens"],
        "closes": hours["closes"],
        "lunch": hours.get("lunch"),
        "kind": hours["kind"],
    }


def _indicators(edition: Edition) -> list[dict[str, Any]]:
    """The indicator table of a standard, each line with its meaning in the page's language."""
    values = list(edition.indicator_values.all())
    if not values:
        return []
    lines = {line.code: line for line in Indicator.objects.filter(generation=IndicatorGeneration.TWELVE)}
    return [{"value": value, "line": lines.get(value.code)} for value in values]
