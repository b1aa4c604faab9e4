"""Where an act contradicts itself, or leaves open what a program must know: found by comparing its own parts.

Each place has a name that a reading can answer: `steps.5`, `table3.acts.5`, `norms.overall.any`, `indicators.1.2`,
`points.11`, `hours`, `procedure`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

Definition = dict[str, Any]
Path = tuple[str | int, ...]
_MINUTES = {
    "minute": 1, "hour": 60, "working_day": 480, "calendar_day": 480, "within_working_day": 480, "within_day": 480,
    "times_a_day": 0,
}  # fmt: skip
_KEYS = {
    "steps": ("no",),
    "norms": ("key", "channel"),
    "indicators": ("code",),
    "points": ("no",),
    "documents": ("no",),
}
_BARE_DAY = re.compile(r"(?<!жұмыс )(?<!күнтізбелік )\bкүн\b")
_SUBPOINT = re.compile(r"^\s*(\d+)\)", re.MULTILINE)


@dataclass(frozen=True)
class Contradiction:
    """A place with its name, and what is contradictory or open there."""

    name: str
    path: Path
    text: str


def found_in(definition: Definition) -> list[Contradiction]:
    """All of them, each place once."""
    every = (
        *_silent(definition),
        *_noted(definition),
        *_other_units(definition),
        *_terms(definition),
        *_queue(definition),
        *_numbering(definition),
    )
    once: dict[str, Contradiction] = {}
    for one in every:
        once.setdefault(one.name, one)
    return list(once.values())


def place_of(definition: Definition, name: str) -> Path | None:
    """The place that a name means; None where the definition has none."""
    part, _dot, rest = name.partition(".")
    if part in ("table2", "table3"):
        acts = (definition.get(part) or {}).get("acts") or []
        numbers = [f"acts.{act['no']}" for act in acts]
        return (part, "acts", numbers.index(rest)) if rest in numbers else (part,) if acts and not rest else None
    if part in _KEYS and rest:
        names = [_name_of(part, row) for row in definition.get(part) or []]
        return (part, names.index(name)) if name in names else None
    return (part,) if not rest and definition.get(part) is not None else None


def _name_of(part: str, row: Definition) -> str:
    return ".".join([part, *(str(row.get(key) or "any") for key in _KEYS[part])])


def _silent(definition: Definition) -> Iterator[Contradiction]:
    if definition.get("procedure"):
        yield Contradiction("procedure", ("procedure",), _("the act has no table of steps"))
    hours = definition.get("hours") or {}
    if hours.get("kind") in ("work", "reception"):
        text = _("the act sets hours for this service that differ from those of the office")
        yield Contradiction("hours", ("hours",), text)


def _noted(definition: Definition) -> Iterator[Contradiction]:
    """Places whose transcription carries a note."""
    for part in ("steps", "norms", "indicators"):
        for index, row in enumerate(definition.get(part) or []):
            if row.get("note"):
                yield Contradiction(_name_of(part, row), (part, index), _("noted: %(note)s") % {"note": row["note"]})
    for table in ("table2", "table3"):
        for index, act in enumerate((definition.get(table) or {}).get("acts") or []):
            if act.get("note"):
                name = f"{table}.acts.{act['no']}"
                yield Contradiction(name, (table, "acts", index), _("noted: %(note)s") % {"note": act["note"]})


def _other_units(definition: Definition) -> Iterator[Contradiction]:
    """Steps that table 1 gives to one unit, table 2 or 3 to another."""
    units: dict[str, set[str]] = {}
    for table in ("table2", "table3"):
        path = definition.get(table) or {"groups": [], "acts": []}
        groups = {group["no"]: group["unit"] for group in path["groups"]}
        for act in path["acts"]:
            units.setdefault(act["transition"], set()).add(groups.get(act["group"], ""))
    for index, step in enumerate(definition["steps"]):
        if units.get(step["transition"], {step["unit"]}) != {step["unit"]}:
            text = _("table 1 and the tables of the paths give this step to different units")
            yield Contradiction(_name_of("steps", step), ("steps", index), text)


def _terms(definition: Definition) -> Iterator[Contradiction]:
    total = sum(_minutes(step["norm"]) for step in definition["steps"] if step.get("norm"))
    overall = [(index, norm) for index, norm in enumerate(definition["norms"]) if norm["key"] == "overall"]
    for index, norm in overall:
        if re.search(_BARE_DAY, norm.get("kk") or "") and norm["source"] == "decree":
            text = _("the act does not say which kind of days")
            yield Contradiction(_name_of("norms", norm), ("norms", index), text)
        elif total > _minutes(norm):
            text = _("the norms of the steps add up to more than the term of the whole service")
            yield Contradiction(_name_of("norms", norm), ("norms", index), text)


def _minutes(norm: Definition) -> int:
    return int(norm["amount"]) * _MINUTES[norm["unit"]]


def _queue(definition: Definition) -> Iterator[Contradiction]:
    """The indicator of waiting counts forty minutes, whatever the act's own limits are."""
    limits = {norm["amount"] for norm in definition["norms"] if norm["key"].startswith("queue")}
    for index, row in enumerate(definition.get("indicators") or []):
        counted = re.search(r"\b(\d+) минут", row["kk"])
        if counted and limits != {int(counted[1])}:
            text = _("the indicator counts another waiting time than the act's own limits")
            yield Contradiction(_name_of("indicators", row), ("indicators", index), text)


def _numbering(definition: Definition) -> Iterator[Contradiction]:
    """Subpoints that leave a number out."""
    for index, point in enumerate(definition.get("points") or []):
        numbers = [int(number) for number in re.findall(_SUBPOINT, point["kk"])]
        if numbers and sorted(set(numbers)) != list(range(1, max(numbers) + 1)):
            text = _("the subpoints leave a number out")
            yield Contradiction(_name_of("points", point), ("points", index), text)
