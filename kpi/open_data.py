"""Open data: what anybody may take away and use, under keys that stay. Nothing here is about a person."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.db.models import Exists, OuterRef, Prefetch
from django.urls import reverse

from kpi.models import SealedTable
from offices.models import Office, OfficeHours
from offices.text import LANGUAGES
from services.models import Edition, EditionUse, Indicator, IndicatorGeneration, Service

Row = dict[str, Any]
PAGE = 500  # closed tables a page


def offices() -> list[Row]:
    """Every office in work, with contacts and weekly hours."""
    hours = Prefetch("hours", queryset=OfficeHours.objects.order_by("purpose", "valid_from", "weekday"))
    rows = Office.objects.filter(active=True).select_related("parent", "appeal_body").order_by("key")
    return [_office(row) for row in rows.prefetch_related(hours, "serves")]


def services() -> list[Row]:
    """The services with the editions in force that rule them."""
    editions = Prefetch("editions", queryset=Edition.objects.published().order_by("code", "version"))
    return [
        {
            "code": row.code,
            "name": _labels(row, "name"),
            "everyday": _labels(row, "everyday"),
            "editions": list(dict.fromkeys(edition.code for edition in row.editions.all())),
        }
        for row in Service.objects.prefetch_related(editions).order_by("code")
    ]


def editions() -> list[Row]:
    """The newest published version of every edition: papers, terms, steps, grounds, and the offices that work by it."""
    related = ("norms", "steps", "documents", "grounds")
    rows = Edition.objects.published().select_related("service", "decree").prefetch_related(*related)
    newest: dict[str, Edition] = {edition.code: edition for edition in rows.order_by("code", "version")}
    users: dict[int, list[str]] = defaultdict(list)
    uses = EditionUse.objects.filter(in_use=True, office__active=True, edition__in=newest.values())
    for edition, key in uses.order_by("office__key").values_list("edition", "office__key"):
        users[edition].append(key)
    return [_edition(edition, users[edition.pk]) for edition in newest.values()]


def indicators(*, office: str = "", edition: str = "", period: str = "", after: int = 0) -> tuple[list[Row], int]:
    """Lines of closed tables, newest amendment only; a page of tables, and the place of the next page (0: none).

    A figure that rests on too few cases is left out (`suppressed`): it says little, and may tell on somebody.
    """
    newer = SealedTable.objects.filter(
        office=OuterRef("office"), edition_code=OuterRef("edition_code"), period=OuterRef("period"), number__gt=OuterRef("number")
    )  # fmt: skip
    tables = SealedTable.objects.filter(~Exists(newer), pk__gt=after).select_related("office").order_by("pk")
    given = {"office__key": office, "edition_code": edition, "period": period}
    tables = tables.filter(**{name: value for name, value in given.items() if value})
    page = list(tables.defer("rows")[: PAGE + 1])
    small = {(row.generation, row.code): int(row.data.get("small_below", 0)) for row in Indicator.objects.all()}
    printed = set(Edition.objects.filter(indicator_values__isnull=False).values_list("code", flat=True).distinct())
    rows = [
        _figure(table, line, small[_generation(table.edition_code in printed), line["code"]])
        for table in page[:PAGE]
        for line in table.table["rows"]
    ]
    return rows, page[PAGE - 1].pk if len(page) > PAGE else 0


def flat(rows: Iterable[Row]) -> Iterable[list[Any]]:
    """Rows as a table, the head first: labels one column a language, lists in one cell, what is nested deeper left out."""
    lines = [_flat(row) for row in rows]
    head = list(dict.fromkeys(name for line in lines for name in line))
    yield head
    for line in lines:
        yield [line.get(name, "") for name in head]


def _office(row: Office) -> Row:
    return {
        "key": row.key,
        "kind": row.kind,
        "oblast": row.oblast,
        "name": _labels(row, "name"),
        "locality": _labels(row, "locality"),
        "address": _labels(row, "address"),
        "rooms": row.rooms,
        "phones": row.phone_list,
        "emails": row.email_list,
        "website": row.website,
        "time_zone": row.time_zone,
        "higher_body": row.parent.key if row.parent else None,
        "helps_with_complaints": row.appeal_body.key if row.appeal_body else None,
        "serves": sorted(office.key for office in row.serves.all()),
        "hours": [_hours(hours) for hours in row.hours.all()],
        "page": settings.BASE_URL + reverse("office_detail", args=[row.key]),
    }


def _hours(row: OfficeHours) -> Row:
    return {
        "purpose": row.purpose,
        "weekday": row.weekday,
        "opens": f"{row.opens:%H:%M}",
        "closes": f"{row.closes:%H:%M}",
        "lunch": [f"{row.lunch_from:%H:%M}", f"{row.lunch_to:%H:%M}"] if row.lunch_from and row.lunch_to else None,
        "valid_from": _day(row.valid_from),
        "valid_to": _day(row.valid_to),
    }


def _edition(row: Edition, users: list[str]) -> Row:
    decree = row.decree
    return {
        "code": row.code,
        "version": row.version,
        "short": row.short,
        "kind": row.kind,
        "service": row.service.code,
        "name": _labels(row, "name"),
        "recipients": _labels(row, "recipients"),
        "result": {"kind": row.result_kind, **_labels(row, "result")},
        "channels": row.channels,
        "decree": {
            "code": decree.code,
            "number": decree.number,
            "date": _day(decree.date),
            "registered_number": decree.registered_number,
            "registered_on": _day(decree.registered_date),
            "repealed_on": _day(decree.repealed_date),
        },
        "norms": [
            {"key": norm.key, "channel": norm.channel, "amount": norm.amount, "unit": norm.unit, "trigger": norm.trigger,
             "point": norm.point, "source": norm.source}
            for norm in row.norms.all()
        ],
        "documents": [
            {"no": paper.no, "name": _labels(paper, "name"), "mode": paper.mode, "required": paper.required,
             "condition": paper.condition_code or None, "condition_words": _labels(paper, "condition"),
             "alternative_group": paper.alternative_group or None, "point": paper.point, "source": paper.source}
            for paper in row.documents.all()
        ],
        "steps": [
            {"no": step.no, "unit": step.unit, "act": _labels(step, "act"), "norm_amount": step.norm_amount,
             "norm_unit": step.norm_unit or None, "point": step.point}
            for step in row.steps.all()
        ],
        "grounds": [
            {"no": ground.no, "kind": ground.kind, "name": _labels(ground, "name"), "point": ground.point,
             "source": ground.source}
            for ground in row.grounds.all()
        ],
        "offices": users,
        "valid_from": _day(row.valid_from),
        "valid_to": _day(row.valid_to),
        "page": settings.BASE_URL + reverse("service_detail", args=[row.code]),
    }  # fmt: skip


def _figure(table: SealedTable, line: Row, small_below: int) -> Row:
    few = 0 < (line["denominator"] or 0) < small_below
    return {
        "office": table.office.key,
        "edition": table.edition_code,
        "period": table.period,
        "amendment": table.number,
        "indicator": line["code"],
        "normative": line["normative"],
        "target": line["target"],
        "current": None if few else line["current"],
        "numerator": None if few else line["numerator"],
        "denominator": None if few else line["denominator"],
        "suppressed": few,
        "closed_at": table.sealed_at.isoformat(),
        "table_hash": table.hash,
    }


def _generation(printed: bool) -> str:
    """The twelve lines where the act prints them, else the six that came later."""
    return IndicatorGeneration.TWELVE if printed else IndicatorGeneration.SIX


def _labels(row: Any, name: str) -> dict[str, str]:
    return {language: getattr(row, f"{name}_{language}") for language in LANGUAGES}


def _day(day: Any) -> str | None:
    return day.isoformat() if day else None


def _flat(row: Row) -> Row:
    found: Row = {}
    for name, value in row.items():
        if isinstance(value, dict):
            found |= {f"{name}_{inner}": cell for inner, cell in value.items()}
        elif not isinstance(value, list):
            found[name] = value
        elif not any(isinstance(item, dict) for item in value):
            found[name] = " | ".join(map(str, value))
    return found
