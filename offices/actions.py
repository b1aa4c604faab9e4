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


@transaction.atomic
def load_offices(folder: Path) -> int:
    """Load every office of the files in `folder`; rows that exist are left as the administrators have them.

    Gives the number of offices. Links between offices are set after all are there.
    """
    rows = [row for path in sorted(folder.glob("*.yaml")) for row in yaml.safe_load(path.read_text(encoding="utf-8"))]
    new = [row for row in rows if not Office.objects.filter(key=row["key"]).exists()]
    for row in new:
        office = Office.objects.create(key=row["key"], **_columns(row))
        write_hours(office, row.get("hours") or [])
    by_key = {office.key: office for office in Office.objects.all()}
    for row in new:
        office = by_key[row["key"]]
        office.parent, office.appeal_body = by_key.get(row.get("parent")), by_key.get(row.get("appeal_body"))
        office.save()
        office.serves.set([by_key[key] for key in row.get("serves") or []])
    if new:
        calendar_changed()
    return len(by_key)


@transaction.atomic
def load_calendar(folder: Path) -> int:
    """Load the calendar years of `folder`; a day that exists is left as the administrators have it. Gives the number of days."""
    made = 0
    for path in sorted(folder.glob("*.yaml")):
        for row in yaml.safe_load(path.read_text(encoding="utf-8")):
            names = {f"name_{language}": row["name"].get(language) or "" for language in LANGUAGES}
            fields = {"kind": row["kind"], "transferred_from": row.get("transferred_from"), "source": row["source"]}
            _day, new = CalendarDay.objects.get_or_create(
                day=row["date"], office=None, defaults={**names, **fields, "verified": bool(row.get("verified"))}
            )
            made += new
    if made:
        calendar_changed()
    return CalendarDay.objects.count()


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
