"""The life of an edition: a draft is copied, edited, published; an amendment ends the version before it; then withdrawn.

Each act takes `by` (who) and `at` (when) by keyword, runs in one transaction and leaves a row in the edition's history.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F
from django.utils import timezone, translation
from django.utils.text import slugify
from django.utils.translation import gettext
from django.utils.translation import gettext as _
from django_fsm import TransitionNotAllowed

from offices.models import Oblast, User
from services import lawfiles, search
from services.checks import findings
from services.differences import between
from services.lawfiles import Fault
from services.models import Decree, Edition, EditionChange, EditionUse, Service
from services.queries import departments_of

Definition = dict[str, Any]


class EditRefused(Exception):
    """An act on an edition that may not be done. `field` is the form's, `status` the HTTP status that fits."""

    def __init__(
        self, message: str, *, field: str | None = None, status: int = 400, faults: list[Fault] | None = None
    ) -> None:
        super().__init__(message)
        self.message, self.field, self.status, self.faults = message, field, status, faults or []


# ------------------------------------------------------------------ writing


def write(edition: Edition, definition: Definition, *, folder: Path | None = None) -> Edition:
    """Write a draft's columns and parts from its definition. ValidationError names each fault of the form."""
    if wrong := lawfiles.faults(definition):
        raise ValidationError([str(fault) for fault in wrong])
    full = lawfiles.resolved(definition, folder)
    for name, value in lawfiles.edition_columns(full).items():
        setattr(edition, name, value)
    edition.valid_from = _day(definition.get("valid_from"))
    edition.save()
    edition.definition = definition
    lawfiles.write_parts(edition, full)
    return edition


def note(
    edition: Edition, act: str, *, by: User | None, at: datetime, part: str = "", details: list[Any] | None = None
) -> None:
    """Add a row to the edition's history."""
    EditionChange.objects.create(edition=edition, act=act, part=part, by=by, at=at, details=details or [])


# ------------------------------------------------------------------ drafts


@transaction.atomic
def copy_as(
    edition: Edition, *, code: str, label: str, service: Service, decree: Decree, annex: int | None = None,
    name: dict[str, str], by: User | None, at: datetime,
) -> Edition:  # fmt: skip
    """A draft of another edition, with everything that `edition` says: another code, service, decree and title.

    Raises EditRefused (400, field) where the code or label is taken.
    """
    if Edition.objects.filter(code=code).exists():
        raise EditRefused(_("There is an edition with this code already."), field="code")
    if Edition.objects.filter(short=label).exists():
        raise EditRefused(_("There is an edition with this label already."), field="label")
    definition = _definition_of(edition) | {
        "code": code, "label": label, "version": 1, "service": service.code, "decree": decree.code, "annex": annex,
        "name": name,
    }  # fmt: skip
    for part in ("valid_from", "amended_by", "amendments"):
        definition.pop(part, None)
    draft = write(Edition(code=code, version=1), definition)
    note(draft, "copied", by=by, at=at, details=[{"from": edition.code, "version": edition.version}])
    return draft


@transaction.atomic
def amend(
    edition: Edition, *, number: str, day: date, text: dict[str, str], valid_from: date, by: User | None, at: datetime
) -> Edition:
    """A draft of the next version of a published edition: the act that amends it (number, day, words), and from which day.

    Raises EditRefused: 409 when the edition is a draft or has one in work, 400 when the day does not come after the start of the
    version in force.
    """
    last = Edition.objects.filter(code=edition.code).order_by("-version").first()
    if last is None or last.is_draft or edition.is_draft:
        raise EditRefused(_("There is a draft of this edition already: edit or delete it first."), status=409)
    _check_start(last, valid_from)
    definition = _definition_of(edition) | {
        "version": last.version + 1,
        "valid_from": valid_from.isoformat(),
        "amended_by": {"number": number, "date": day.isoformat(), **text},
    }
    draft = write(Edition(code=edition.code, version=last.version + 1), definition)
    note(draft, "amended", by=by, at=at, details=[{"from": edition.code, "version": edition.version}])
    return draft


def add_service(*, code: str, name: dict[str, str], everyday: dict[str, str]) -> Service:
    """A new service, after the others. Raises EditRefused (400, field) where its code is taken."""
    if Service.objects.filter(code=code).exists():
        raise EditRefused(_("There is a service with this code already."), field="service_code")
    last = Service.objects.order_by("-position").first()
    columns = lawfiles.service_columns((last.position if last else 0) + 1, {"name": name, "everyday": everyday})
    service: Service = Service.objects.create(code=code, **columns)
    return service


def add_decree(*, oblast: str, offices: list[str], number: str, day: date, title: dict[str, str]) -> Decree:
    """A decree entered at the desk: for all departments of its oblast, or for `offices` only."""
    akimat = {}
    for language in ("kk", "ru", "en"):
        with translation.override(language):
            akimat[language] = gettext("Akimat: %(oblast)s") % {"oblast": Oblast(oblast).label}
    row: dict[str, Any] = {
        "code": _free_code(f"{oblast}-{day:%Y}-{number}"), "oblast": oblast, "body": akimat, "title": title,
        "number": number, "date": day, "registered_number": "", "registered_date": None,
    }  # fmt: skip
    if offices:
        row["offices"] = offices
    decree: Decree = Decree.objects.create(code=row["code"], **lawfiles.decree_columns(row))
    return decree


def _free_code(wanted: str) -> str:
    """A code for a decree that no other has."""
    stem, turn = slugify(wanted)[:36], 1
    code = stem
    while Decree.objects.filter(code=code).exists():
        turn += 1
        code = f"{stem}-{turn}"
    return code


@transaction.atomic
def edit(
    edition: Edition, change: Callable[[Definition], None], *, revision: int, part: str, by: User | None, at: datetime
) -> Edition:
    """Change a draft: `change` alters its definition in place. `revision` is the one that the person saw.

    Raises EditRefused: 409 when it is published or somebody was quicker, 400 with `faults` where the form does not allow it.
    """
    seen = Edition.objects.filter(pk=edition.pk, revision=revision, state="draft")
    if not seen.update(revision=F("revision") + 1):
        raise EditRefused(
            _("Somebody else has changed this draft meanwhile, or it is published. See what stands there now."),
            status=409,
        )
    fresh: Edition = Edition.objects.get(pk=edition.pk)
    before, after = fresh.definition, json.loads(json.dumps(fresh.definition))
    change(after)
    if wrong := lawfiles.faults(after):
        raise EditRefused("; ".join(map(str, wrong)), faults=wrong)
    write(fresh, after)
    changes = [one.as_dict() for one in between(before, after)]
    note(fresh, "edited", by=by, at=at, part=part, details=changes)
    return fresh


@transaction.atomic
def discard(edition: Edition) -> None:
    """Delete a draft. Raises EditRefused (409) for anything else: cases may run on it."""
    if not edition.is_draft:
        raise EditRefused(_("A published edition cannot be deleted."), status=409)
    edition.delete()


# ------------------------------------------------------------------ publishing


@transaction.atomic
def publish(edition: Edition, *, by: User | None = None, at: datetime | None = None, staffed: bool = True) -> Edition:
    """Put a draft into force for new cases; the version before it ends on the day before.

    ValidationError lists what is missing in it; `staffed`: also units for which its offices have nobody.
    """
    at = at or timezone.now()
    versions = Edition.objects.select_for_update().filter(code=edition.code)
    before = max((one for one in versions if one.pk != edition.pk and not one.is_draft), key=_version, default=None)
    if before:
        if edition.valid_from is None:
            raise ValidationError(_("Two versions would be in force at once: say from which day this one is."))
        try:
            _check_start(before, edition.valid_from)
        except EditRefused as refusal:
            raise ValidationError(refusal.message) from refusal
        _hand_on(before, edition, by=by, at=at)
    if missing := findings(edition, staffed=staffed):
        raise ValidationError([str(finding) for finding in missing])
    try:
        edition.publish()
    except TransitionNotAllowed as refusal:
        raise ValidationError(_("Only a draft can be published.")) from refusal
    edition.save(update_fields=["state"])
    note(edition, "published", by=by, at=at)
    search.index_service(edition.service)
    return edition


@transaction.atomic
def withdraw(edition: Edition, *, by: User | None = None, at: datetime | None = None) -> Edition:
    """Close an edition for new cases; the running ones go on under it. Raises EditRefused (409) unless it is published."""
    try:
        edition.withdraw()
    except TransitionNotAllowed as refusal:
        raise EditRefused(_("Only a published edition can be withdrawn."), status=409) from refusal
    edition.save(update_fields=["state"])
    note(edition, "withdrawn", by=by, at=at or timezone.now())
    search.index_service(edition.service)
    return edition


def offer(edition: Edition) -> None:
    """Let the departments for which the decree was made work by the edition; the administrator may change it later."""
    EditionUse.objects.bulk_create(
        (EditionUse(office=office, edition=edition) for office in departments_of(edition)), ignore_conflicts=True
    )


def _hand_on(before: Edition, edition: Edition, *, by: User | None, at: datetime) -> None:
    """End the version before on the day before the new one begins; the same offices work by the new one."""
    last_day: date = edition.valid_from - timedelta(days=1)  # type: ignore[operator, assignment]
    if before.valid_to is None or before.valid_to > last_day:
        before.valid_to = last_day
        before.save(update_fields=["valid_to"])
        note(before, "ended", by=by, at=at, details=[{"valid_to": last_day.isoformat(), "version": edition.version}])
    uses = EditionUse.objects.filter(edition=before)
    EditionUse.objects.bulk_create(
        (EditionUse(office_id=use.office_id, edition=edition, in_use=use.in_use) for use in uses), ignore_conflicts=True
    )


def _check_start(before: Edition, valid_from: date) -> None:
    if before.valid_from and valid_from <= before.valid_from:
        raise EditRefused(
            _("Two versions would be in force at once: version %(version)d is in force from %(day)s on.")
            % {"version": before.version, "day": f"{before.valid_from:%d.%m.%Y}"},
            field="valid_from",
        )


def _definition_of(edition: Edition) -> Definition:
    """A copy of the definition that can be changed."""
    copied: Definition = json.loads(json.dumps(edition.definition))
    return copied


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def _version(edition: Edition) -> int:
    return int(edition.version)
