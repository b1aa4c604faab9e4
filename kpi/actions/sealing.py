"""Closing a period: the table with everything it rests on is kept, hashed; what changes later becomes an amendment."""

from __future__ import annotations

import hashlib
import json
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from applications.casework import ActRefused, append_event
from applications.clock import office_day
from applications.models import EventChain
from kpi.models import SealedTable
from kpi.queries.asking import Period, Scope
from kpi.queries.seals import differences, row_identities
from kpi.queries.tables import Table, table_of
from offices.calendars import current_version
from offices.models import Office
from offices.policy import Staff
from offices.workflow import Role


def seal(office: Office, code: str, period: Period, *, by: Staff, at: datetime) -> SealedTable:
    """Close a period that is over, for one edition of an office. A closed one is given as it is.

    Raises ActRefused: 403 for anybody but the head or the deputy, 409 while the period still runs.
    """
    _may(office, by)
    if period.end >= office_day(office, at):
        raise ActRefused(_("The period is not over yet."))
    with transaction.atomic():
        done = SealedTable.objects.filter(office=office, edition_code=code, period=period.code, number=0).first()
        return done or _keep(table_of(code, Scope.office(office), period, at), office, by=by, at=at)


def amend(sealed: SealedTable, *, reason: str, by: Staff, at: datetime) -> SealedTable:
    """Put what is counted now beside the closed table, line by line, with the reason; the closed table stays as it is.

    Raises ActRefused (409) where nothing differs, or somebody has amended meanwhile.
    """
    _may(sealed.office, by)
    with transaction.atomic():
        newest = SealedTable.objects.filter(
            office=sealed.office, edition_code=sealed.edition_code, period=sealed.period
        ).latest("number")
        if newest.pk != sealed.pk:
            raise ActRefused(_("A newer amendment exists. Open the page again."))
        table = table_of(sealed.edition_code, Scope.office(sealed.office), Period.parse(sealed.period), at)
        changes = differences(sealed, table)
        if not changes:
            raise ActRefused(_("Nothing differs from the closed table."))
        return _keep(table, sealed.office, by=by, at=at, amends=sealed, reason=reason, changes=changes)


def seal_hash(row: SealedTable) -> str:
    """SHA-256 over all that a closed table keeps."""
    fields = [
        row.office_id, row.edition_code, row.period, row.number, row.table, row.rows, row.formulas, row.calendar_version,
        int(row.cut_at.timestamp() * 1_000_000), row.cut_event, row.differences, row.reason, row.previous,
    ]  # fmt: skip
    return hashlib.sha256(json.dumps(fields, ensure_ascii=False, sort_keys=True).encode()).hexdigest()


def _keep(
    table: Table, office: Office, *, by: Staff, at: datetime, amends: SealedTable | None = None, reason: str = "",
    changes: list[dict[str, Any]] | None = None,
) -> SealedTable:  # fmt: skip
    row = SealedTable(
        office=office,
        edition_code=table.edition.code,
        period=table.period.code,
        number=amends.number + 1 if amends else 0,
        table=table.as_dict(),
        rows=row_identities(table),
        formulas={line.line.code: line.line.data["version"] for line in table.rows},
        calendar_version=current_version(),
        cut_at=at,
        cut_event=EventChain.objects.filter(office=office).values_list("seq", flat=True).first() or 0,
        differences=changes or [],
        reason=reason,
        previous=amends.hash if amends else "",
        sealed_by=by.user,
        sealed_at=at,
    )
    row.hash = seal_hash(row)
    row.save(force_insert=True)
    kind = "amend_period" if amends else "close_period"
    payload = {"edition": row.edition_code, "period": row.period, "number": row.number, "hash": row.hash}
    append_event(kind, office=office, recorded_at=at, subject=f"period:{row.pk}", actor=by.user, payload=payload)
    return row


def _may(office: Office, by: Staff) -> None:
    if by.power(office.pk, (Role.HEAD, Role.DEPUTY)) is None:
        raise ActRefused(_("Only the head of the office or the deputy may do this."), status=403)
