"""Rows of the catalogue from the files, and the digest of a definition. fixtures/README.md is the format."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from services.lawfiles.reading import procedure
from services.models import (
    Decree,
    DocumentRequirement,
    Edition,
    Ground,
    IndicatorValue,
    Norm,
    PathAct,
    PathGroup,
    Point,
    Service,
    Step,
)

LANGUAGES = ("kk", "ru", "en")
# What explains the act and does not change what runs: outside the digest, so that an installation made before they were
# written takes them in once.
ANNOTATIONS = ("readings", "amendments")
# Columns of their own; all else of an edition's file is kept in `data`, so that pages find it without the definition.
_COLUMNS = {
    "code", "label", "version", "kind", "service", "decree", "annex", "name", "result", "recipients", "book", "channels",
    "receipt", "delivery", "hours", "suspension", "complaints", "norms", "documents", "grounds", "steps", "procedure",
    "table2", "table3", "indicators", "points", "valid_from", *ANNOTATIONS,
}  # fmt: skip


def resolved(definition: dict[str, Any], folder: Path | None = None) -> dict[str, Any]:
    """The definition with the steps of the common chain where its act has no step table."""
    if name := definition.get("procedure"):
        return definition | {"steps": procedure(name, folder)}
    return definition


def digest_of(data: Any) -> str:
    """SHA-256 of a definition with its steps, whatever the order of its keys; what only explains the act is left out."""
    data = {key: value for key, value in data.items() if key not in ANNOTATIONS}
    return hashlib.sha256(json.dumps(data, ensure_ascii=False, sort_keys=True, default=str).encode()).hexdigest()


def labels(name: str, value: dict[str, str] | None) -> dict[str, str]:
    """The columns `name_kk`, `name_ru`, `name_en` of a label; empty where the file has none."""
    return {f"{name}_{language}": (value or {}).get(language) or "" for language in LANGUAGES}


def decree_columns(row: dict[str, Any]) -> dict[str, Any]:
    """The columns of a decree."""
    repealed = row.get("repealed_by") or {}
    return {
        "oblast": row["oblast"],
        **labels("body", row["body"]),
        **labels("title", row["title"]),
        "number": row["number"],
        "date": row["date"],
        "registered_number": row["registered_number"],
        "registered_date": row["registered_date"],
        "repealed_number": repealed.get("number") or "",
        "repealed_date": repealed.get("date"),
        "data": json.loads(json.dumps(row, default=str)),
    }


def service_columns(position: int, row: dict[str, Any]) -> dict[str, Any]:
    """The columns of a service."""
    return {"position": position, **labels("name", row["name"]), **labels("everyday", row.get("everyday"))}


def indicator_columns(row: dict[str, Any]) -> dict[str, Any]:
    """The columns of a line of the indicator catalogue."""
    known = {"generation", "code", "group", "name", "better"}
    rest = {key: value for key, value in row.items() if key not in known}
    return {**labels("group", row["group"]), **labels("name", row["name"]), "better": row["better"], "data": rest}


def edition_columns(row: dict[str, Any]) -> dict[str, Any]:
    """The columns of an edition itself, without its parts."""
    receipt = row.get("receipt") or []
    return {
        "short": row["label"],
        "kind": row["kind"],
        "service": Service.objects.get(code=row["service"]),
        "decree": Decree.objects.get(code=row["decree"]),
        "annex": row.get("annex"),
        **labels("name", row["name"]),
        "result_kind": row["result"]["kind"],
        **labels("result", row["result"]),
        **labels("recipients", row.get("recipients")),
        **labels("book", row.get("book")),
        "channels": row["channels"],
        "receipts": receipt if isinstance(receipt, list) else [receipt],
        "delivery": row.get("delivery") or {},
        "hours": row.get("hours"),
        "suspension_allowed": bool((row.get("suspension") or {}).get("allowed")),
        "complaint_paths": row.get("complaints") or [],
        "data": {key: value for key, value in row.items() if key not in _COLUMNS},
        "valid_from": row.get("valid_from"),
        "digest": digest_of(row),
    }


def write_parts(edition: Edition, row: dict[str, Any]) -> None:
    """Write all parts of a draft anew."""
    for model in (Norm, DocumentRequirement, Ground, Step, PathGroup, IndicatorValue, Point):
        model._default_manager.filter(edition=edition).delete()
    Norm.objects.bulk_create(_norms(edition, row))
    DocumentRequirement.objects.bulk_create(_documents(edition, row))
    Ground.objects.bulk_create(_grounds(edition, row))
    Step.objects.bulk_create(_steps(edition, row))
    IndicatorValue.objects.bulk_create(_indicator_values(edition, row))
    Point.objects.bulk_create(_points(edition, row))
    for table in (2, 3):
        _write_path(edition, table, row.get(f"table{table}"))


def _norms(edition: Edition, row: dict[str, Any]) -> Iterator[Norm]:
    for norm in row["norms"]:
        yield Norm(
            edition=edition,
            key=norm["key"],
            channel=norm.get("channel") or "any",
            amount=norm["amount"],
            unit=norm["unit"],
            trigger=norm.get("trigger") or "",
            ends_with=norm.get("ends_with") or "",
            text_kk=norm.get("kk") or "",
            point=norm["point"],
            source=norm["source"],
            note=norm.get("note") or "",
        )


def _documents(edition: Edition, row: dict[str, Any]) -> Iterator[DocumentRequirement]:
    for position, document in enumerate(row["documents"], start=1):
        condition = document.get("condition") or {}
        yield DocumentRequirement(
            edition=edition,
            position=position,
            no=str(document["no"]),
            **labels("name", document["name"]),
            mode=document["mode"],
            required=document.get("required", True),
            condition_code=condition.get("code", ""),
            **labels("condition", condition),
            alternative_group=document.get("alternative_group") or "",
            point=document["point"],
            source=document["source"],
            note=document.get("note") or "",
        )


def _grounds(edition: Edition, row: dict[str, Any]) -> Iterator[Ground]:
    for position, ground in enumerate(row["grounds"], start=1):
        yield Ground(
            edition=edition,
            position=position,
            no=str(ground["no"]),
            kind=ground["kind"],
            **labels("name", ground["name"]),
            point=ground["point"],
            source=ground["source"],
        )


def _steps(edition: Edition, row: dict[str, Any]) -> Iterator[Step]:
    for step in row["steps"]:
        norm = step.get("norm") or {}
        yield Step(
            edition=edition,
            no=step["no"],
            block=step.get("block") or 1,
            unit=step["unit"] or "",
            unit_kk=step["unit_kk"] or "",
            **labels("act", step["act"]),
            **labels("completion", step["completion"]),
            norm_amount=norm.get("amount"),
            norm_unit=norm.get("unit") or "",
            norm_kk=norm.get("kk") or "",
            next_no=step.get("next"),
            point=step.get("point") or f"1-кесте № {step['no']}",
            transition=step["transition"],
            note=step.get("note") or "",
        )


def _indicator_values(edition: Edition, row: dict[str, Any]) -> Iterator[IndicatorValue]:
    for value in row.get("indicators") or []:
        yield IndicatorValue(
            edition=edition,
            code=value["code"],
            name_kk=value["kk"],
            normative=value["normative"],
            target=value["target"],
            current=value["current"],
            note=value.get("note") or "",
        )


def _points(edition: Edition, row: dict[str, Any]) -> Iterator[Point]:
    for position, point in enumerate(row.get("points") or [], start=1):
        yield Point(
            edition=edition,
            position=position,
            no=str(point["no"]),
            section=point.get("section") or "",
            text_kk=point["kk"],
        )


def _write_path(edition: Edition, table: int, path: dict[str, Any] | None) -> None:
    if not path:
        return
    groups = {}
    for group in path["groups"]:
        groups[group["no"]] = PathGroup.objects.create(
            edition=edition,
            table=table,
            title_kk=path["title_kk"],
            no=group["no"],
            unit=group["unit"],
            unit_kk=group["kk"],
            heading_kk=group.get("heading_kk") or "",
        )
    PathAct.objects.bulk_create(
        PathAct(
            group=groups[act["group"]],
            no=act["no"],
            **labels("act", act["act"]),
            transition=act["transition"],
            note=act.get("note") or "",
        )
        for act in path["acts"]
    )
