"""Preliminary applications: written at home, opened by code, registered once at the counter or forgotten."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

from applications.casework import ActRefused
from applications.identifiers import CODE_LENGTH, normal_code, talon_code
from applications.models import Case, Draft
from offices.models import Office
from offices.vault import keyed_hash
from services.models import Edition
from services.queries import Papers, papers_for


@dataclass(frozen=True)
class Prepared:
    """What the citizen wrote: who he is, which conditions fit him, where he will come, in which language."""

    office: Office
    edition: Edition
    person: dict[str, Any]
    fits: Sequence[str]
    language: str


def save(prepared: Prepared, key: uuid.UUID, *, at: datetime) -> Draft:
    """Keep what was written under `key` (the form's token: the same form again is the same draft) for DRAFT_DAYS.

    Raises ActRefused (409) where the draft of that key has been registered meanwhile.
    """
    columns = {
        "office": prepared.office,
        "edition": prepared.edition,
        "language": prepared.language,
        "contents": _contents(prepared),
        "saved_at": at,
        "expires_at": at + timedelta(days=settings.DRAFT_DAYS),
    }
    first = Draft(key=key, code_hash=_hash(code_of(key)), **columns)
    Draft.objects.bulk_create([first], ignore_conflicts=True)
    if not Draft.objects.filter(key=key, used_at=None).update(**columns):
        raise used_up()
    return Draft.objects.select_related("office", "edition__service").get(key=key)


def opened(code: str, *, at: datetime) -> Draft | None:
    """The draft of that code while it can be used; None for a wrong, used or expired one alike."""
    draft = of_code(code)
    return draft if draft and draft.used_at is None and draft.expires_at > at else None


def of_code(code: str) -> Draft | None:
    """The draft of that code, whatever became of it. Takes what a scanner reads too: the address with the code at its end."""
    code = normal_code(code.rpartition("#")[2])
    if len(code) <= CODE_LENGTH:
        return None
    return Draft.objects.select_related("office", "edition__service").filter(code_hash=_hash(code)).first()


def use(draft: Draft, case: Case, *, at: datetime) -> None:
    """Turn the draft into `case`, in the transaction of the registration; what it held is in the case now.

    Raises ActRefused (409) where it was registered meanwhile or belongs to another office or edition.
    """
    mine = Draft.objects.filter(pk=draft.pk, used_at=None, office=case.office_id, edition__code=case.edition.code)
    if not mine.update(used_at=at, case=case, contents={}):
        raise used_up()


def forget(draft: Draft) -> None:
    """Delete a draft because its writer wants it."""
    Draft.objects.filter(pk=draft.pk, used_at=None).delete()


def forget_old(at: datetime) -> int:
    """Delete the drafts whose days are over. Gives the number."""
    count, _by_model = Draft.objects.filter(expires_at__lte=at).delete()
    return count


def code_of(key: uuid.UUID) -> str:
    """The code of a draft: 50 bits of a keyed hash over its random key, so it can be shown again and stands nowhere."""
    return talon_code(settings.TALON_KEY, f"draft:{key}")


def person_of(draft: Draft) -> dict[str, Any]:
    """The particulars as a form takes them."""
    person: dict[str, Any] = dict(draft.contents.get("person", {}))
    return person


def papers_of(draft: Draft, edition: Edition | None = None) -> Papers:
    """The papers to bring in the situation that was ticked; by a newer version of the edition where one is given."""
    return papers_for(edition or draft.edition, draft.contents.get("fits", []))


def used_up() -> ActRefused:
    """The draft is no more."""
    return ActRefused(_("This prepared application was registered already or has expired."))


def _hash(code: str) -> str:
    return keyed_hash(f"draft:{code}")


def _contents(prepared: Prepared) -> dict[str, Any]:
    person = {name: value for name, value in prepared.person.items() if value}
    person = {name: value.isoformat() if isinstance(value, date) else value for name, value in person.items()}
    return {"person": person, "fits": list(prepared.fits)}
