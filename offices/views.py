"""The contact tables as pages for everybody: where the offices are, when they are open, what they do."""

from __future__ import annotations

from itertools import groupby
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db.models import Prefetch, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from offices import cards, queries
from offices.models import Oblast, Office, OfficeKind
from offices.policy import public
from offices.text import fold, sort_key

_KINDS = (OfficeKind.DEPARTMENT, OfficeKind.OBLAST_BODY, OfficeKind.AKIMAT, OfficeKind.CENTRE)


@public
@require_safe
def office_list(request: HttpRequest) -> HttpResponse:
    """All offices by oblast and kind, in the order of the Kazakh alphabet; filters stand in the address."""
    typed, oblast = request.GET.get("q", "")[:120], request.GET.get("oblast", "")
    offices = Office.objects.filter(active=True)
    if oblast in Oblast.values:
        offices = offices.filter(oblast=oblast)
    for word in fold(typed).split():
        offices = offices.filter(search__contains=word)
    if service := request.GET.get("service", "")[:60]:
        offices = offices.filter(pk__in=_taking(service))
    context = {
        "groups": _grouped(offices),
        "q": typed,
        "oblast": oblast,
        "oblasts": Oblast.choices,
        "service": service,
    }
    return render(request, "offices/office_list.html", context)


@public
@require_safe
def office_detail(request: HttpRequest, key: str) -> HttpResponse:
    """One office: address, phones, hours, whether it is open now, services, and the bodies above it."""
    related = (
        Prefetch("serves", queryset=Office.objects.in_order()),
        Prefetch("centres", queryset=Office.objects.in_order()),
    )
    offices = Office.objects.select_related("parent", "appeal_body").prefetch_related(*related)
    office = get_object_or_404(offices, key=key, active=True)
    now = timezone.now()
    today = timezone.localdate(now)
    week = queries.week(office, today)
    context = {
        "office": office,
        "phones": queries.phones(office),
        "emails": [(email, _is_email(email)) for email in office.email_list],
        "website": _address_of(office.website),
        "opening": queries.opening(office, now),
        "week": week,
        "purposes": _purposes(week),
        "exceptions": list(queries.exceptions(office, today, week)),
        "services": _services(office),
    }
    return render(request, "offices/office_detail.html", context)


@public
@require_safe
def office_card(request: HttpRequest, key: str) -> HttpResponse:
    """The contact card of an office, to be kept in a telephone."""
    card = cards.contact_card(get_object_or_404(Office, key=key, active=True))
    return _file(card, "text/vcard; charset=utf-8", f"{key.replace(':', '-')}.vcf")


@public
@require_safe
def office_calendar(request: HttpRequest, key: str) -> HttpResponse:
    """The opening hours of the coming weeks, to be taken into a calendar."""
    office, now = get_object_or_404(Office, key=key, active=True), timezone.now()
    if queries.opening(office, now) is None:
        raise Http404
    return _file(cards.opening_hours(office, now), "text/calendar; charset=utf-8", f"{key.replace(':', '-')}.ics")


def _file(text: str, content_type: str, name: str) -> HttpResponse:
    response = HttpResponse(text, content_type=content_type)
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _taking(service: str) -> list[int]:
    """The offices that take applications for a service: departments, and centres where an edition comes through one."""
    published = {"edition_uses__in_use": True, "edition_uses__edition__state": "published"}
    departments = Office.objects.filter(edition_uses__edition__service__code=service, **published)
    found = dict.fromkeys(departments.values_list("pk", flat=True), False)
    for pk, channels in departments.values_list("pk", "edition_uses__edition__channels"):
        found[pk] = found[pk] or "centre" in channels
    through = [pk for pk, centre in found.items() if centre]
    return [*found, *Office.objects.centres().filter(serves__in=through).values_list("pk", flat=True)]


def _grouped(offices: QuerySet[Office]) -> list[dict[str, Any]]:
    """Offices by oblast, in it by kind; the names of the oblasts and of the offices follow the Kazakh alphabet."""
    ordered = sorted(
        offices, key=lambda office: (sort_key(office.get_oblast_display()), _KINDS.index(office.kind), office.sort_key)
    )
    return [
        {
            "oblast": oblast,
            "kinds": [
                {"kind": OfficeKind(kind).label, "offices": list(same_kind)}
                for kind, same_kind in groupby(list(group), key=lambda office: office.kind)
            ],
        }
        for oblast, group in groupby(ordered, key=lambda office: office.get_oblast_display())
    ]


def _services(office: Office) -> list[Any]:
    """The editions by which applications are taken here: the office's own, at a centre those of its departments."""
    providers = list(office.serves.all()) if office.kind == OfficeKind.CENTRE else [office]
    offered = {
        use.edition_id: use.edition
        for provider in providers
        for use in provider.edition_uses.filter(in_use=True, edition__state="published").select_related(
            "edition__service"
        )
        if office.kind != OfficeKind.CENTRE or use.edition.through_centre
    }
    return sorted(offered.values(), key=lambda edition: (edition.service.position, edition.code))


def _purposes(week: list[queries.Days]) -> list[str]:
    """The kinds of hours that the office has, office hours first."""
    return [purpose for purpose in ("work", "reception", "head") if any(purpose in day.hours for day in week)]


def _is_email(text: str) -> bool:
    """Whether a printed e-mail can be written to; some are garbled in print."""
    try:
        validate_email(text)
    except ValidationError:
        return False
    return True


def _address_of(website: str) -> str:
    """The address behind a printed site name."""
    return website if website.startswith(("http://", "https://")) or not website else f"http://{website}"
