"""Pages of the catalogue for everybody: what there is, who may get it, with which papers, within what time."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from itertools import groupby
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from offices.models import Office
from offices.policy import public
from offices.text import fold, in_language
from offices.worktime import WEEKDAYS
from services.models import (
    DocumentRequirement,
    Edition,
    EditionKind,
    EditionUse,
    Indicator,
    IndicatorGeneration,
    Norm,
    NormKey,
    Service,
)
from services.text import norm_words

# People without a Kazakh keyboard type the nearest Russian letter.
_PLAIN = str.maketrans("әғқңөұүһі", "агкноуухи")
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
_WAYS: dict[str, Any] = {
    "in_person": _("in person"),
    "post": _("by post"),
    "email": _("by e-mail"),
    "centre": _("at a service centre"),
}


@public
@require_safe
def service_list(request: HttpRequest) -> HttpResponse:
    """All services in today's words; `q` finds them by name or everyday name in any of the three languages."""
    typed = request.GET.get("q", "")[:120]
    published = Edition.objects.published().select_related("service", "decree")
    editions = _newest(published.order_by("service__position", "decree__oblast", "code", "-version"))
    localities = _localities(editions)
    rows = [
        {"service": service, "editions": [(edition, _area(edition, localities)) for edition in group]}
        for service, group in groupby(editions, key=lambda edition: edition.service)
        if _fits(service, typed)
    ]
    return render(request, "services/service_list.html", {"rows": rows, "q": typed})


@public
@require_safe
def service_detail(request: HttpRequest, code: str) -> HttpResponse:
    """One service as one act rules it: papers, terms, steps, grounds for refusal, where to go, the act itself."""
    related = ("steps", "norms", "documents", "grounds", "indicator_values", "points")
    editions = Edition.objects.published().select_related("service", "decree").prefetch_related(*related)
    edition = editions.filter(code=code).order_by("-version").first()
    if edition is None:
        raise Http404
    offices = _offices(edition)
    context = {
        "edition": edition,
        "area": _area(edition, _localities([edition])),
        "documents": _documents(edition),
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
    return render(request, "services/service_detail.html", context)


# ------------------------------------------------------------------ the list


def _fits(service: Service, typed: str) -> bool:
    """Whether every typed word stands in a name of the service, with or without the Kazakh letters."""
    names = [getattr(service, f"{name}_{language}") for name in ("name", "everyday") for language in ("kk", "ru", "en")]
    hay = fold(" ".join(names))
    plain = hay.translate(_PLAIN)
    return all(word in hay or word in plain for word in fold(typed).split())


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


def _documents(edition: Edition) -> list[list[DocumentRequirement]]:
    """The list of papers; those of which one is enough stand together."""
    places: dict[str, list[DocumentRequirement]] = defaultdict(list)
    for paper in edition.documents.all():
        places[paper.alternative_group or f"#{paper.pk}"].append(paper)
    return list(places.values())


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
