"""The parts of a definition as tables of rows: reading, moving and removing them, and the address of every place."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from offices.text import in_language
from services.forms import CHANNELS, FORMS
from services.lawfiles import Path, resolved
from services.models import Edition, NormKey
from services.text import FIELD_NAMES, PART_NAMES, norm_words
from services.workflow import StepTransition, StructuralUnit

Row = dict[str, Any]
_NEW_PATH = {
    "table2": "2-кесте. Пайдалану нұсқалары. Негізгі үдеріс.",
    "table3": "3-кесте. Пайдалану нұсқалары. Балама үдеріс.",
}


@dataclass(frozen=True)
class Part:
    """A part that is edited as a table: where its rows stand, its form, and what the table shows of a row."""

    key: str
    path: tuple[str, ...]
    form: str
    name: Any
    columns: tuple[tuple[Any, Callable[[Row], Any]], ...]
    numbered: bool = False  # the rows are counted from 1, whatever their order

    def rows(self, definition: Row) -> list[Row]:
        """The rows of the part; those of the common chain where the act has no table of steps."""
        inner: Any = resolved(definition) if self.key == "steps" else definition
        for name in self.path:
            inner = (inner or {}).get(name)
        return inner or []

    def put(self, definition: Row, rows: list[Row]) -> None:
        """Put the rows into the definition; own steps take the place of the common chain."""
        inner = definition
        for name in self.path[:-1]:
            if not inner.get(name):
                inner[name] = {"title_kk": _NEW_PATH[name], "groups": [], "acts": []}
            inner = inner[name]
        inner[self.path[-1]] = rows
        if self.key == "steps":
            definition.pop("procedure", None)


def _words(name: str) -> Callable[[Row], str]:
    return lambda row: in_language(row.get(name) or {}) or "—"


def _plain(name: str) -> Callable[[Row], Any]:
    return lambda row: row.get(name) if row.get(name) not in (None, "") else "—"


def _choice(name: str, words: dict[Any, Any]) -> Callable[[Row], Any]:
    return lambda row: words.get(row.get(name), row.get(name) or "—")


def _norm(row: Row) -> Any:
    if "norm" not in row:
        return "—"
    norm = row["norm"]
    return norm_words(norm["amount"], norm["unit"]) if norm else _("no norm in the act")


def _step_point(row: Row) -> str:
    return str(row["point"]) if "point" in row else f"1-кесте № {row['no']}"


_UNITS, _MOVES = dict(StructuralUnit.choices), dict(StepTransition.choices)
_NO, _POINT = (FIELD_NAMES["no"], _plain("no")), (FIELD_NAMES["point"], _plain("point"))
_NAME, _ACT = (FIELD_NAMES["name"], _words("name")), (FIELD_NAMES["act"], _words("act"))
_GROUPS = (_NO, (FIELD_NAMES["unit"], _choice("unit", _UNITS)), (FIELD_NAMES["unit_kk"], _plain("kk")))
_ACTS = (_NO, (FIELD_NAMES["group"], _plain("group")), _ACT, (FIELD_NAMES["transition"], _choice("transition", _MOVES)))
_PARTS = (
    Part(
        "steps", ("steps",), "steps", PART_NAMES["steps"],
        (
            _NO, (FIELD_NAMES["unit"], _choice("unit", _UNITS)), _ACT, (FIELD_NAMES["completion"], _words("completion")),
            (FIELD_NAMES["norm"], _norm), (FIELD_NAMES["point"], _step_point),
        ),
        numbered=True,
    ),
    Part("main-units", ("table2", "groups"), "groups", _("Units of the main path"), _GROUPS),
    Part("main-path", ("table2", "acts"), "acts", PART_NAMES["table2"], _ACTS, numbered=True),
    Part("other-units", ("table3", "groups"), "groups", _("Units of the alternative path"), _GROUPS),
    Part("other-path", ("table3", "acts"), "acts", PART_NAMES["table3"], _ACTS, numbered=True),
    Part(
        "norms", ("norms",), "norms", PART_NAMES["norms"],
        (
            (FIELD_NAMES["key"], _choice("key", dict(NormKey.choices))), (FIELD_NAMES["channel"], _choice("channel", CHANNELS)),
            (FIELD_NAMES["norm"], lambda row: norm_words(row["amount"], row["unit"])), _POINT,
        ),
    ),
    Part(
        "documents", ("documents",), "documents", PART_NAMES["documents"],
        (_NO, _NAME, (FIELD_NAMES["condition"], _words("condition")), _POINT),
    ),
    Part("grounds", ("grounds",), "grounds", PART_NAMES["grounds"], (_NO, _NAME, _POINT)),
    Part(
        "indicators", ("indicators",), "indicators", PART_NAMES["indicators"],
        (
            (FIELD_NAMES["code"], _plain("code")), (FIELD_NAMES["name"], _plain("kk")),
            *((FIELD_NAMES[name], _plain(name)) for name in ("normative", "target", "current")),
        ),
    ),
    Part("points", ("points",), "points", PART_NAMES["points"], (_NO, (FIELD_NAMES["kk"], _plain("kk")))),
    Part(
        "readings", ("readings",), "readings", PART_NAMES["readings"],
        (
            (FIELD_NAMES["places"], lambda row: ", ".join(row["places"])), (FIELD_NAMES["follows"], _plain("follows")),
            (FIELD_NAMES["date"], _plain("date")), (_("reason"), in_language),
        ),
    ),
    Part(
        "amendments", ("amendments",), "amendments", PART_NAMES["amendments"],
        (_POINT, (FIELD_NAMES["number"], _plain("number")), (FIELD_NAMES["date"], _plain("date"))),
    ),
)  # fmt: skip
PARTS = {part.key: part for part in _PARTS}


# ------------------------------------------------------------------ changes of the order


def move(part: Part, index: int, by: int) -> Callable[[Row], None]:
    """A change that moves a row up (-1) or down (1); at the edge nothing moves."""

    def change(definition: Row) -> None:
        rows = [*part.rows(definition)]
        if 0 <= index < len(rows) and 0 <= index + by < len(rows):
            rows[index], rows[index + by] = rows[index + by], rows[index]
        _renumbered(part, definition, rows)

    return change


def remove(part: Part, index: int) -> Callable[[Row], None]:
    """A change that takes a row out, and what readings say of it."""

    def change(definition: Row) -> None:
        rows = part.rows(definition)
        _renumbered(part, definition, [row for place, row in enumerate(rows) if place != index])

    return change


def save(part: Part, index: int | None, row: Row) -> Callable[[Row], None]:
    """A change that puts a row in its place; None adds it at the end."""

    def change(definition: Row) -> None:
        rows = [*part.rows(definition)]
        if index is None:
            rows.append(row)
        else:
            rows[index] = row
        _renumbered(part, definition, rows)

    return change


def _renumbered(part: Part, definition: Row, rows: list[Row]) -> None:
    """Count the rows anew where they are counted; `next` and the readings follow their rows."""
    if part.numbered:
        old = [row["no"] for row in rows]
        new = dict(zip(old, range(1, len(rows) + 1), strict=True))
        gone = {row["no"] for row in part.rows(definition)} - set(old)
        prefix = "steps." if part.key == "steps" else f"{part.path[0]}.acts."
        rows = [row | {"no": number} for number, row in enumerate(rows, start=1)]
        if part.key == "steps":
            rows = [row | {"next": new.get(row["next"])} if row.get("next") else row for row in rows]
        names = {f"{prefix}{was}": f"{prefix}{now}" for was, now in new.items() if was}
        _follow(definition, names, {f"{prefix}{number}" for number in gone})
    part.put(definition, rows)


def _follow(definition: Row, names: dict[str, str], gone: set[str]) -> None:
    kept = []
    for reading in definition.get("readings") or []:
        places = [names.get(name, name) for name in reading["places"] if name not in gone]
        if places:
            kept.append(reading | {"places": places})
    if "readings" in definition:
        definition["readings"] = kept


# ------------------------------------------------------------------ addresses


def address(edition: Edition, path: Path) -> str:
    """The address of the field at a place of the definition."""
    part = next((one for one in _PARTS if path[: len(one.path)] == one.path), None)
    if part is None and path[:1] in (("table2",), ("table3",)):
        part = PARTS["main-path" if path[0] == "table2" else "other-path"]
    if part is None:
        return reverse("law_main", args=[edition.pk]) + _anchor("main", path)
    rest = path[len(part.path) :]
    if not rest or not isinstance(rest[0], int):
        return reverse("law_part", args=[edition.pk, part.key])
    return reverse("law_row", args=[edition.pk, part.key, str(rest[0] + 1)]) + _anchor(part.form, rest[1:])


def _anchor(form: str, path: Path) -> str:
    """The field of the form that shows the place."""
    name = "__".join(str(step) for step in path)
    fields = FORMS[form].base_fields
    found = name if name in fields else next((field for field in fields if name and field.startswith(f"{name}__")), "")
    return f"#id_{found}" if found else ""
