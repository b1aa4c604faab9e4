"""Loading the contact tables and the calendar."""

from __future__ import annotations

from datetime import time
from pathlib import Path
from typing import Any

import yaml
from django.db import transaction

from offices.calendars import calendar_changed
from offices.models import CalendarDay, HoursPurpose, Office, OfficeHours
from offices.text import LANGUAGES


def load_offices(folder: Path) -> int:
    """Load every office of the files in `folder`; rows that exist are left as the administrators have them.

    Gives the number of offices. Links between offices are set after all are there.
    """
    rows = [row for path in sorted(folder.glob("*.yaml")) for row in yaml.safe_load(path.read_text(encoding="utf-8"))]
    take_offices(rows)
    return Office.objects.count()


@transaction.atomic
def take_offices(rows: list[dict[str, Any]]) -> int:
    """Make the offices of `rows` that are not there yet. Gives their number."""
    new = [row for row in rows if not Office.objects.filter(key=row["key"]).exists()]
    for row in new:
        office = Office.objects.create(key=row["key"], **_columns(row))
        write_hours(office, row.get("hours") or [])
    by_key = {office.key: office for office in Office.objects.all()}
    for row in new:
        office = by_key[row["key"]]
        office.parent, office.appeal_body = (
            by_key.get(row.get("parent") or ""),
            by_key.get(row.get("appeal_body") or ""),
        )
        office.save()
        office.serves.set([by_key[key] for key in row.get("serves") or []])
    if new:
        calendar_changed()
    return len(new)


def load_calendar(folder: Path) -> int:
    """Load the calendar years of `folder`; a day that exists is left as the administrators have it. Gives the number of days."""
    for path in sorted(folder.glob("*.yaml")):
        take_calendar(yaml.safe_load(path.read_text(encoding="utf-8")))
    return CalendarDay.objects.count()


@transaction.atomic
def take_calendar(rows: list[dict[str, Any]]) -> int:
    """Make the days of `rows` that are not there yet: of the country, or of the office that a row names. Gives their number."""
    made = 0
    for row in rows:
        office = Office.objects.get(key=row["office"]) if row.get("office") else None
        names = {f"name_{language}": row["name"].get(language) or "" for language in LANGUAGES}
        fields = {name: row.get(name) or None for name in ("transferred_from", "opens", "closes")}
        rest = {"kind": row["kind"], "source": row["source"], "verified": bool(row.get("verified"))}
        _day, new = CalendarDay.objects.get_or_create(
            day=row["date"], office=office, defaults={**names, **fields, **rest}
        )
        made += new
    if made:
        calendar_changed()
    return made


def office_row(office: Office) -> dict[str, Any]:
    """An office as a file writes it; the opposite of `take_offices`."""
    labels = {
        name: {language: getattr(office, f"{name}_{language}") for language in LANGUAGES}
        for name in ("name", "locality", "address")
    }
    hours = [
        {
            "days": [row.weekday],
            "opens": f"{row.opens:%H:%M}",
            "closes": f"{row.closes:%H:%M}",
            "lunch": [f"{row.lunch_from:%H:%M}", f"{row.lunch_to:%H:%M}"] if row.lunch_from and row.lunch_to else None,
        }
        for row in office.hours.filter(purpose=HoursPurpose.WORK).order_by("weekday")
    ]
    return {
        "key": office.key, "kind": office.kind, "code": office.code, "oblast": office.oblast, **labels,
        "head": office.head_name, "rooms": office.rooms, "phones": office.phone_list, "emails": office.email_list,
        "website": office.website, "hours_kk": office.hours_text, "reception_kk": office.reception_text, "hours": hours,
        "parent": office.parent.key if office.parent else None,
        "appeal_body": office.appeal_body.key if office.appeal_body else None,
        "serves": [served.key for served in office.serves.order_by("key")],
        "sources": office.sources.splitlines(), "note": office.note,
    }  # fmt: skip


def day_row(day: CalendarDay) -> dict[str, Any]:
    """A day of the calendar as a file writes it; the opposite of `take_calendar`."""
    return {
        "date": day.day.isoformat(), "office": day.office.key if day.office else None, "kind": day.kind,
        "name": {language: getattr(day, f"name_{language}") for language in LANGUAGES},
        "opens": day.opens.isoformat() if day.opens else None, "closes": day.closes.isoformat() if day.closes else None,
        "transferred_from": day.transferred_from.isoformat() if day.transferred_from else None, "source": day.source,
        "verified": day.verified,
    }  # fmt: skip


def _columns(row: dict[str, Any]) -> dict[str, Any]:
    columns = {
        f"{name}_{language}": (row.get(name) or {}).get(language) or ""
        for name in ("name", "locality", "address")
        for language in LANGUAGES
    }
    text = {name: row.get(name) or "" for name in ("rooms", "website", "note")}
    return (
        columns
        | text
        | {
            "kind": row["kind"],
            "code": row["code"],
            "oblast": row["oblast"],
            "head_name": row.get("head") or "",
            "phones": "\n".join(row.get("phones") or []),
            "emails": "\n".join(row.get("emails") or []),
            "hours_text": row.get("hours_kk") or "",
            "reception_text": row.get("reception_kk") or "",
            "sources": "\n".join(row.get("sources") or []),
        }
    )


# Where a table prints no hours, the ordinary ones of the standards hold until the administrator enters the office's own.
_ORDINARY: list[dict[str, Any]] = [
    {"days": [1, 2, 3, 4, 5], "opens": "09:00", "closes": "18:00", "lunch": ["13:00", "14:00"]}
]


def write_hours(office: Office, hours: list[dict[str, Any]]) -> None:
    """Give an office its hours as a file writes them; the ordinary ones where there are none."""
    OfficeHours.objects.bulk_create(
        OfficeHours(
            office=office,
            purpose=HoursPurpose.WORK,
            weekday=day,
            opens=time.fromisoformat(row["opens"]),
            closes=time.fromisoformat(row["closes"]),
            lunch_from=time.fromisoformat(row["lunch"][0]) if row.get("lunch") else None,
            lunch_to=time.fromisoformat(row["lunch"][1]) if row.get("lunch") else None,
        )
        for row in hours or _ORDINARY
        for day in row["days"]
    )
