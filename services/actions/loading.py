"""Loading the law files: idempotent by natural key; what is published never changes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.exceptions import ObjectDoesNotExist, ValidationError
from django.db import DatabaseError, transaction
from django.dispatch import Signal
from django.utils import timezone

from services import lawfiles, search
from services.actions.versions import offer, publish, write
from services.lawfiles import LawFileError
from services.models import Condition, Decree, Edition, Indicator, Service

# Sent when the files of a `folder` were loaded, in the same transaction: what else lies there belongs to the apps above.
law_loaded = Signal()


@transaction.atomic
def load_law(folder: Path) -> dict[str, int]:
    """Load every file of the law; a second time changes nothing. Gives the number of rows of each kind.

    Raises LawFileError, with nothing loaded, where a file is wrong or changes an edition that is published.
    """
    for row in lawfiles.read_yaml(folder / "decrees.yaml"):
        Decree.objects.update_or_create(code=row["code"], defaults=lawfiles.decree_columns(row))
    for position, row in enumerate(lawfiles.read_yaml(folder / "services.yaml"), start=1):
        Service.objects.update_or_create(code=row["code"], defaults=lawfiles.service_columns(position, row))
    for row in lawfiles.read_yaml(folder / "indicators.yaml"):
        key = {"generation": row["generation"], "code": row["code"]}
        Indicator.objects.update_or_create(**key, defaults=lawfiles.indicator_columns(row))
    for position, row in enumerate(lawfiles.read_yaml(folder / "conditions.yaml"), start=1):
        columns = {"position": position, **lawfiles.labels("name", row["name"])}
        Condition.objects.update_or_create(code=row["code"], defaults=columns)
    read = [
        (lawfiles.parse(lawfiles.text_of(path), path.name), path.name) for path in (folder / "editions").glob("*.yaml")
    ]
    for definition, name in sorted(read, key=lambda one: (one[0]["code"], one[0]["version"])):
        load_edition(definition, folder=folder, name=name)
    law_loaded.send(sender=None, folder=folder)
    search.rebuild()
    kinds = (Decree, Service, Edition, Indicator, Condition)
    return {model.__name__: model._default_manager.count() for model in kinds}


def load_edition(definition: dict[str, Any], *, folder: Path | None = None, name: str) -> Edition:
    """Load one edition as read from its file `name`, publish it and let the offices of its decree use it.

    Readings and notes on amendments are taken in once by an edition that was published before they were written. Raises
    LawFileError where a word is unknown, or where the edition is already there with other contents.
    """
    existing = Edition.objects.filter(code=definition["code"], version=definition["version"]).first()
    if existing:
        return _unchanged(existing, definition, folder, name)
    try:
        with transaction.atomic():
            edition = write(Edition(code=definition["code"], version=definition["version"]), definition, folder=folder)
            before = Edition.objects.published().filter(code=edition.code).order_by("-version").first()
            publish(edition, at=timezone.now(), staffed=False)
    except ObjectDoesNotExist as problem:
        raise LawFileError(f"{name}: {problem}") from problem
    except ValidationError as problem:
        raise LawFileError(f"{name}: {'; '.join(problem.messages)}") from problem
    except DatabaseError as problem:
        raise LawFileError(f"{name}: {problem}") from problem
    if before is None:
        offer(edition)
    return edition


def _unchanged(existing: Edition, definition: dict[str, Any], folder: Path | None, name: str) -> Edition:
    """The edition as it stands, after making sure that the file says the same."""
    which = f"{name}: {existing.code} version {existing.version}"
    if existing.is_draft:
        raise LawFileError(f"{which} is a draft that somebody edits here; publish or delete it first")
    if existing.digest != lawfiles.digest_of(lawfiles.resolved(definition, folder)):
        raise LawFileError(f"{which} is published and cannot change; raise its version")
    if not existing.definition:
        existing.definition = definition
    return existing
