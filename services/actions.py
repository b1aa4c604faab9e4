"""Acts on the catalogue: loading the law files, publishing and withdrawing an edition."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.exceptions import ObjectDoesNotExist, ValidationError
from django.db import transaction

from offices.models import Office
from services import lawfiles, search
from services.lawfiles import LawFileError
from services.models import Decree, Edition, EditionUse, Indicator, Service
from services.workflow import EditionState, StepTransition

# Every path runs through these rows; a regulation may add others (E7: the service centre's).
_NEEDED = {
    StepTransition.REGISTER,
    StepTransition.ASSIGN,
    StepTransition.PREPARE,
    StepTransition.SIGN,
    StepTransition.HAND_OVER,
}


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
    for path in sorted((folder / "editions").glob("*.yaml")):
        load_edition(lawfiles.read_yaml(path), folder=folder, name=path.name)
    search.rebuild()
    return {model.__name__: model._default_manager.count() for model in (Decree, Service, Edition, Indicator)}


def load_edition(row: dict[str, Any], *, folder: Path, name: str) -> Edition:
    """Load one edition as read from its file `name`, publish it and let the offices of its decree use it.

    Raises LawFileError where a word is unknown, or where the edition is already published with other contents.
    """
    if procedure := row.get("procedure"):
        row = row | {"steps": lawfiles.read_yaml(folder / "procedures" / f"{procedure}.yaml")}
    existing = Edition.objects.filter(code=row["code"], version=row["version"]).first()
    if existing and existing.state != EditionState.DRAFT:
        if existing.digest != lawfiles.digest_of(row):
            raise LawFileError(
                f"{name}: {row['code']} version {row['version']} is published and cannot change; raise its version"
            )
        return existing
    try:
        columns = lawfiles.edition_columns(row)
        edition, _made = Edition.objects.update_or_create(code=row["code"], version=row["version"], defaults=columns)
        lawfiles.write_parts(edition, row)
        edition.clean_fields(exclude={field.name for field in edition._meta.fields} - {"kind", "result_kind"})
        for part in (*edition.norms.all(), *edition.steps.all(), *edition.documents.all(), *edition.grounds.all()):
            part.clean_fields()
        publish(edition)
    except (KeyError, TypeError, ValidationError, ObjectDoesNotExist) as problem:
        raise LawFileError(f"{name}: {problem!r}") from problem
    _offer(edition)
    return edition


def publish(edition: Edition) -> Edition:
    """Put a draft into force for new cases. ValidationError lists what is missing in it."""
    if missing := findings(edition):
        raise ValidationError(missing)
    edition.publish()
    edition.save()
    search.index_service(edition.service)
    return edition


def withdraw(edition: Edition) -> Edition:
    """Close an edition for new cases; the running ones go on under it."""
    edition.withdraw()
    edition.save()
    search.index_service(edition.service)
    return edition


def findings(edition: Edition) -> list[str]:
    """What keeps a draft from being published: a path that does not end, a step or label without its words."""
    steps = list(edition.steps.all())
    found = [f"no step for {need}" for need in sorted(_NEEDED - {step.transition for step in steps})]
    labelled = [*steps, *edition.documents.all(), *edition.grounds.all(), edition]
    for row in labelled:
        names = [field.name for field in row._meta.fields if field.name.endswith(("_kk", "_ru"))]
        empty = [
            name for name in names if name.split("_")[0] in ("name", "act", "completion") and not getattr(row, name)
        ]
        found += [f"{row._meta.verbose_name} {row.pk}: {name} is empty" for name in empty]
    return found


def _offer(edition: Edition) -> None:
    """Let the departments for which the decree was made work by the edition; the administrator may change it later."""
    departments = Office.objects.departments().filter(oblast=edition.decree.oblast)
    if keys := edition.decree.data.get("offices"):
        departments = departments.filter(key__in=keys)
    EditionUse.objects.bulk_create(
        (EditionUse(office=office, edition=edition) for office in departments), ignore_conflicts=True
    )
