"""The file of the regimes of complaints, fixtures/law/complaints.yaml; fixtures/README.md is the format."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError

from complaints.models import Complaint, Regime
from services.lawfiles import LawFileError, digest_of, labels, read_yaml

NAME = "complaints.yaml"
_NEEDED = {
    "code",
    "kinds",
    "valid_from",
    "valid_to",
    "law",
    "term",
    "considered_by",
    "extensions",
    "must_hold",
    "outcomes",
}


def load_regimes(folder: Path) -> None:
    """Load the regimes of `folder`, if it has any; a second time changes nothing.

    Raises LawFileError where a rule is missing, or changes by which complaints are already considered.
    """
    path = folder / NAME
    for row in read_yaml(path) if path.exists() else ():
        if lacking := _NEEDED - row.keys():
            raise LawFileError(f"{NAME}: {row.get('code')}: {', '.join(sorted(lacking))} is missing")
        for kind in row["kinds"]:
            _load(row, kind)


def _load(row: dict[str, Any], kind: str) -> None:
    digest = digest_of(row)
    existing = Regime.objects.filter(code=row["code"], kind=kind).first()
    if existing and existing.digest == digest:
        return
    if existing and Complaint.objects.everywhere("whether a regime is in use").filter(regime=existing).exists():
        raise LawFileError(
            f"{NAME}: complaints are considered by {row['code']}; give the change a code and dates of its own"
        )
    rest = {name: value for name, value in row.items() if name not in ("valid_from", "valid_to", "law", "kinds")}
    columns = {
        "valid_from": row["valid_from"], "valid_to": row["valid_to"], "source": row["source"], "data": rest, "digest": digest,
        "silence_refuses": (row.get("silence") or {}).get("means") == "refusal", **labels("law", row["law"]),
    }  # fmt: skip
    regime, _new = Regime.objects.update_or_create(code=row["code"], kind=kind, defaults=columns)
    try:
        # What cannot be counted fails here, not at the counter.
        regime.clean_fields()
        counted = (regime.norm("term"), regime.norm("forward"), regime.hearing, regime.extensions, regime.outcomes)
    except (KeyError, TypeError, ValueError, ValidationError) as problem:
        raise LawFileError(f"{NAME}: {row['code']}: {problem!r}") from problem
    if counted[0] is None:
        raise LawFileError(f"{NAME}: {row['code']}: the term is missing")
