"""Who keeps the law: which editions an administrator may change, and under which decrees he may make new ones.

The administrator of an oblast body keeps the editions of his oblast's decrees; the administrator of a department those of decrees
that were made for his department alone. Everybody who is an administrator reads the published ones.
"""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import Q, QuerySet

from offices.models import Office, OfficeKind
from offices.policy import Staff
from offices.workflow import Role
from services.models import Decree, Edition
from services.workflow import EditionState


def decrees_of(staff: Staff) -> list[Decree]:
    """The decrees whose editions the person keeps."""
    mine = list(Office.objects.filter(pk__in=staff.offices(Role.ADMINISTRATOR)))
    oblasts = {office.oblast for office in mine if office.kind == OfficeKind.OBLAST_BODY}
    keys = {office.key for office in mine}
    return [decree for decree in Decree.objects.order_by("code") if decree.oblast in oblasts or _only_for(decree, keys)]


def _only_for(decree: Decree, keys: Iterable[str]) -> bool:
    offices = set(decree.data.get("offices") or ())
    return bool(offices) and offices <= set(keys)


def keeps(staff: Staff, edition: Edition) -> bool:
    """Whether the person may change, publish and withdraw the edition."""
    return edition.decree_id in {decree.pk for decree in decrees_of(staff)}


def readable(staff: Staff) -> QuerySet[Edition]:
    """Published and withdrawn editions, and the drafts that the person keeps; any other draft is not there (404)."""
    kept = [decree.pk for decree in decrees_of(staff)]
    rows: QuerySet[Edition] = Edition.objects.filter(~Q(state=EditionState.DRAFT) | Q(decree__in=kept))
    return rows


def oblast_of(staff: Staff) -> tuple[str, list[str]] | None:
    """The oblast for which the person may enter a decree, and the offices it is for: all (none named), or his own."""
    mine = list(Office.objects.filter(pk__in=staff.offices(Role.ADMINISTRATOR)).order_by("kind", "pk"))
    for office in mine:
        if office.kind == OfficeKind.OBLAST_BODY:
            return office.oblast, []
    departments = [office for office in mine if office.kind == OfficeKind.DEPARTMENT]
    return (departments[0].oblast, [departments[0].key]) if departments else None
