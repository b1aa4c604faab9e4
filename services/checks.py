"""What keeps a definition from being published: each finding with its place, so that a page can lead to the field.

A contradiction inside the act is no fault of the definition: it is answered by a *reading*, which names the points that
contradict each other, the point followed, its day and its reason. Without the reading it is a finding.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _

from offices.models import Membership, Office
from offices.workflow import ROLES_OF_UNIT
from services import contradictions
from services.lawfiles import Path, place, resolved
from services.lawfiles import faults as form_faults
from services.models import Condition, Edition, Indicator, IndicatorGeneration
from services.queries import departments_of
from services.text import PART_NAMES, field_name, part_of, row_name
from services.workflow import StepTransition, StructuralUnit

Definition = dict[str, Any]
# Every path runs through these rows; a regulation may add others (E7: the service centre's).
NEEDED = (
    StepTransition.REGISTER,
    StepTransition.ASSIGN,
    StepTransition.PREPARE,
    StepTransition.SIGN,
    StepTransition.HAND_OVER,
)
_ORDER = list(StepTransition)
_LAST = (StepTransition.HAND_OVER, StepTransition.HAND_OUT_AT_CENTRE)
_AT_CENTRE = (StepTransition.ACCEPT_AT_WINDOW, StepTransition.COLLECT, StepTransition.DISPATCH)
_LANGUAGES = ("kk", "ru")
_LABELS = ("name", "result", "recipients", "book", "act", "completion", "condition", "to")


@dataclass(frozen=True)
class Finding:
    """What is missing or wrong, where: `path` is the place in the definition."""

    code: str
    path: Path
    text: str
    row: str = ""

    @property
    def part(self) -> str:
        """The part of the edition."""
        return part_of(self.path)

    @property
    def where(self) -> str:
        """The place in words."""
        return ", ".join(filter(None, (str(PART_NAMES[self.part]), self.row, field_name(self.path))))

    def __str__(self) -> str:
        return f"{place(self.path)}: {self.text}"


@dataclass(frozen=True)
class Known:
    """The words that a definition may use: codes of the catalogues, and units that no office in use can fill."""

    indicators: frozenset[str]
    conditions: frozenset[str]
    unfilled: frozenset[str] = field(default=frozenset())


def findings(edition: Edition, *, staffed: bool = True) -> list[Finding]:
    """What keeps the edition from being published; `staffed`: also units for which no office in use has a person."""
    return findings_in(edition.definition, known_words(edition if staffed else None))


def known_words(edition: Edition | None = None) -> Known:
    """The words known now; with the edition, whether its offices have the people for its units."""
    return Known(
        frozenset(
            Indicator.objects.filter(generation=IndicatorGeneration.TWELVE).values_list("code", flat=True).distinct()
        ),
        frozenset(Condition.objects.values_list("code", flat=True)),
        _unfilled(edition) if edition else frozenset(),
    )


def findings_in(definition: Definition, known: Known) -> list[Finding]:
    """The findings of a definition, in the order of its parts."""
    if wrong := form_faults(definition):
        return [Finding("form", fault.path, fault.text, row_name(definition, fault.path)) for fault in wrong]
    full = resolved(definition)
    found = [
        *_step_findings(full),
        *_order_findings(full),
        *_path_findings(full, "table2"),
        *_path_findings(full, "table3"),
        *_norm_findings(full),
        *_label_findings(full, ()),
        *_word_findings(full, known),
        *_reading_findings(full),
    ]
    order = list(PART_NAMES)
    found.sort(key=lambda finding: order.index(finding.part))
    return [Finding(one.code, one.path, one.text, row_name(full, one.path)) for one in found]


# ------------------------------------------------------------------ steps and paths


def _step_findings(definition: Definition) -> Iterator[Finding]:
    for index, step in enumerate(definition["steps"]):
        path: Path = ("steps", index)
        if not step["unit"]:
            yield Finding("no_unit", (*path, "unit"), _("The step names no unit."))
        if "norm" not in step:
            text = _("The step has no norm. Say how long it may take, or that the act sets no norm.")
            yield Finding("no_norm", (*path, "norm"), text)
        if step.get("point") == "":
            yield Finding("no_point", (*path, "point"), _("The step names no point of the act."))


def _order_findings(definition: Definition) -> Iterator[Finding]:
    steps = definition["steps"]
    there = {step["transition"] for step in steps}
    for need in NEEDED:
        if need not in there:
            text = _("The path does not end: there is no step “%(step)s”.") % {"step": need.label}
            yield Finding("no_end", ("steps",), text)
    if there & set(_AT_CENTRE):
        for need in (*_AT_CENTRE, StepTransition.HAND_OUT_AT_CENTRE):
            if need not in there:
                text = _("The path through the service centre does not end: there is no step “%(step)s”.")
                yield Finding("no_end", ("steps",), text % {"step": need.label})
    yield from _backward(steps, ("steps",))
    yield from _loops(steps)


def _backward(rows: list[Definition], path: Path) -> Iterator[Finding]:
    """Rows that stand after a row to which the case would have to go back."""
    reached, last = -1, ""
    for index, row in enumerate(rows):
        here = _ORDER.index(StepTransition(row["transition"]))
        if here < reached:
            text = _("The order goes round: “%(step)s” stands after “%(last)s”.")
            names = {"step": StepTransition(row["transition"]).label, "last": last}
            yield Finding("loop", (*path, index, "transition"), text % names)
        elif here > reached:
            reached, last = here, str(StepTransition(row["transition"]).label)


def _loops(steps: list[Definition]) -> Iterator[Finding]:
    """A `next` that leads nowhere, or back."""
    numbers = {step["no"] for step in steps}
    for index, step in enumerate(steps):
        following = step.get("next")
        if following is None:
            continue
        if following not in numbers:
            text = _("The next action is no. %(no)d, and there is none.") % {"no": following}
            yield Finding("no_end", ("steps", index, "next"), text)
        elif following <= step["no"]:
            text = _("The order goes round: after no. %(no)d comes no. %(next)d.")
            yield Finding("loop", ("steps", index, "next"), text % {"no": step["no"], "next": following})


def _path_findings(definition: Definition, table: str) -> Iterator[Finding]:
    path = definition.get(table)
    if not path:
        return
    groups = {group["no"] for group in path["groups"]}
    for index, act in enumerate(path["acts"]):
        if act["group"] not in groups:
            text = _("There is no group no. %(no)d in this table.") % {"no": act["group"]}
            yield Finding("no_group", (table, "acts", index, "group"), text)
    if not path["acts"] or path["acts"][-1]["transition"] not in _LAST:
        yield Finding("no_end", (table, "acts"), _("The path does not end: its last act hands nothing over."))
    yield from _backward(path["acts"], (table, "acts"))
    steps = {step["transition"] for step in definition["steps"]}
    for index, act in enumerate(path["acts"]):
        if act["transition"] not in steps:
            text = _("Table 1 has no step that does this.")
            yield Finding("no_step", (table, "acts", index, "transition"), text)


# ------------------------------------------------------------------ norms, labels, words


def _norm_findings(definition: Definition) -> Iterator[Finding]:
    if not any(norm["key"] == "overall" for norm in definition["norms"]):
        yield Finding("no_norm", ("norms",), _("There is no term of the whole service."))
    for part in ("norms", "documents", "grounds"):
        for index, row in enumerate(definition[part]):
            if not row["point"]:
                yield Finding("no_point", (part, index, "point"), _("The row names no point of the act."))
    if not definition["grounds"]:
        yield Finding("no_ground", ("grounds",), _("There is no ground for refusal, so nothing could be refused."))


def _label_findings(value: Any, path: Path) -> Iterator[Finding]:
    """Labels without their Kazakh or Russian words, wherever they stand."""
    if isinstance(value, list):
        for index, row in enumerate(value):
            yield from _label_findings(row, (*path, index))
    elif isinstance(value, dict):
        labelled = bool(path) and (path[-1] in _LABELS or (len(path) > 1 and path[-2] in ("readings", "principles")))
        for language in _LANGUAGES if labelled else ():
            if not (value.get(language) or "").strip():
                yield Finding(f"no_{language}", (*path, language), _("The words are missing."))
        for name, inner in value.items():
            yield from _label_findings(inner, (*path, name))
        if path[:1] == ("steps",) and len(path) == 2 and not value["unit_kk"]:
            yield Finding("no_kk", (*path, "unit_kk"), _("The words are missing."))


def _word_findings(definition: Definition, known: Known) -> Iterator[Finding]:
    for index, row in enumerate(definition.get("indicators") or []):
        if row["code"] not in known.indicators:
            yield Finding("unknown_indicator", ("indicators", index, "code"), _("There is no such indicator."))
    for index, paper in enumerate(definition["documents"]):
        condition = paper.get("condition")
        if condition and condition["code"] not in known.conditions:
            text = _("There is no such condition in the list of conditions.")
            yield Finding("unknown_condition", ("documents", index, "condition", "code"), text)
    for index, step in enumerate(definition["steps"]):
        if step["unit"] in known.unfilled:
            text = _("No office in use has a person for this unit: %(unit)s.")
            unit = StructuralUnit(step["unit"]).label
            yield Finding("no_role", ("steps", index, "unit"), text % {"unit": unit})


def _unfilled(edition: Edition) -> frozenset[str]:
    """Units of the edition for which no office in use, or no centre that serves one, has a person in office."""
    uses = departments_of(edition).values("pk")
    centres = Office.objects.centres().filter(serves__in=uses, active=True).values("pk")
    at_work = Q(office__in=uses) | Q(office__in=centres)
    held = set(Membership.objects.filter(at_work).values_list("role", flat=True))
    units = {step["unit"] for step in resolved(edition.definition)["steps"] if step["unit"]}
    return frozenset(unit for unit in units if not held & set(ROLES_OF_UNIT[unit]))


# ------------------------------------------------------------------ readings


def _reading_findings(definition: Definition) -> Iterator[Finding]:
    readings = definition.get("readings") or []
    answered = {name for reading in readings for name in reading["places"]}
    for contradiction in contradictions.found_in(definition):
        if contradiction.name not in answered:
            text = _("The act contradicts itself or leaves this open: %(what)s. Write down how it is read.")
            yield Finding("no_reading", contradiction.path, text % {"what": contradiction.text})
    for index, reading in enumerate(readings):
        for name in ("follows", "date"):
            if not reading[name]:
                yield Finding("no_reading", ("readings", index, name), _("The reading must name it."))
        for name in reading["places"]:
            if contradictions.place_of(definition, name) is None:
                text = _("There is no such place: %(name)s.") % {"name": name}
                yield Finding("no_place", ("readings", index, "places"), text)
