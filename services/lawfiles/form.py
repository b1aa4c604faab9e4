"""The form of an edition's file: which parts and fields it has, in which order, and what may stand in them.

`faults` names every place that a file of this form could not have; whether the definition is complete enough to be published
is another question (services/checks.py).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from services.deadlines import Unit
from services.models import EditionKind, NormKey
from services.workflow import ResultKind, StepTransition, StructuralUnit, Trigger

Path = tuple[str | int, ...]
Check = Callable[[Any], str]
_MOST = 30_000  # the largest amount or number that a column takes


@dataclass(frozen=True)
class Fault:
    """A place that is wrong, and why. `line` is that of the file it was read from, 0 where there is none."""

    path: Path
    text: str
    line: int = 0

    @property
    def place(self) -> str:
        """The place as a person writes it."""
        return place(self.path)

    def __str__(self) -> str:
        where = _("line %(line)d, ") % {"line": self.line} if self.line else ""
        return f"{where}{place(self.path) or _('file')}: {self.text}"


@dataclass(frozen=True)
class Maybe:
    """A value that may be null, or of the given form."""

    form: Any


@dataclass(frozen=True)
class OneOrMany:
    """One value of the form, or a list of them."""

    form: Any


def place(path: Path) -> str:
    """A place as a person writes it: `steps[3].norm.amount`, rows counted from 1."""
    text = ""
    for part in path:
        text += f"[{part + 1}]" if isinstance(part, int) else f".{part}" if text else part
    return text


# ------------------------------------------------------------------ what may stand in a field


def _text(value: Any) -> str:
    return "" if isinstance(value, str) else _("text is expected")


def _code(value: Any) -> str:
    fits = isinstance(value, str) and re.fullmatch(r"[a-z0-9][a-z0-9_-]{0,59}", value)
    return "" if fits else _("small Latin letters, digits and hyphens are expected, 60 at most")


def _up_to(length: int) -> Check:
    def check(value: Any) -> str:
        if not isinstance(value, str):
            return _text(value)
        return "" if len(value) <= length else _("at most %(n)d letters") % {"n": length}

    return check


def _number(value: Any) -> str:
    return "" if type(value) is int and 0 <= value <= _MOST else _("a whole number is expected")


def _positive(value: Any) -> str:
    return "" if type(value) is int and 1 <= value <= _MOST else _("a whole number from 1 on is expected")


def _figure(value: Any) -> str:
    fits = type(value) in (int, float) and abs(value) < 10_000
    return "" if fits else _("a figure is expected")


def _flag(value: Any) -> str:
    return "" if isinstance(value, bool) else _("true or false is expected")


def _day(value: Any) -> str:
    try:
        date.fromisoformat(value)
    except (TypeError, ValueError):
        return _("a date such as 2026-03-13 is expected")
    return ""


def _time(value: Any) -> str:
    fits = isinstance(value, str) and re.fullmatch(r"([01]\d|2[0-3]):[0-5]\d", value)
    return "" if fits else _("a time such as 09:00 is expected")


def _one_of(*words: str) -> Check:
    def check(value: Any) -> str:
        if isinstance(value, str) and value in words:
            return ""
        return _("“%(word)s” is not known; known: %(words)s") % {"word": value, "words": ", ".join(words)}

    return check


# ------------------------------------------------------------------ the form

_LABEL = {"kk": Maybe(_text), "ru": Maybe(_text), "en": Maybe(_text)}
_SOURCE = _one_of("decree", "N394", "project")
_UNIT = _one_of(*StructuralUnit.values)
_TRANSITION = _one_of(*StepTransition.values)
_AMOUNT = {"amount": _positive, "unit": _one_of(*(unit.value for unit in Unit)), "kk?": Maybe(_up_to(100))}
_RECEIPT = {
    "kind": _one_of("talon", "tear_off_talon", "stub", "journal", "receipt", "none"),
    "fields": [
        _one_of(
            "number", "registered", "registered_time", "due", "service_date", "taker_surname", "taker_name",
            "taker_full_name", "service", "documents",
        )
    ],
    "kk?": Maybe(_text),
    "point?": Maybe(_text),
}  # fmt: skip
_HOURS = {
    "kind": _one_of("work", "office", "reception"),
    "days": [_positive],
    "opens": _time,
    "closes": _time,
    "lunch?": Maybe([_time]),
    "kk?": Maybe(_text),
    "point?": Maybe(_text),
}
_ACT = {"number": _up_to(40), "date": _day, "kk": _text, "ru": _text, "en?": Maybe(_text)}
STEP = {
    "no": _positive,
    "block?": Maybe(_positive),
    "unit": Maybe(_UNIT),
    "unit_kk": Maybe(_up_to(200)),
    "act": _LABEL,
    "completion": _LABEL,
    "norm?": Maybe(_AMOUNT),
    "next?": Maybe(_positive),
    "point?": Maybe(_up_to(60)),
    "transition": _TRANSITION,
    "note?": Maybe(_text),
}
PATH = {
    "title_kk": _up_to(200),
    "groups": [{"no": _positive, "unit": _UNIT, "kk": _up_to(200), "heading_kk?": Maybe(_up_to(60))}],
    "acts": [{"no": _positive, "group": _positive, "act": _LABEL, "transition": _TRANSITION, "note?": Maybe(_text)}],
}
NORM = {
    "key": _one_of(*NormKey.values),
    "channel?": Maybe(_one_of("any", "department", "centre", "rural_akim")),
    "amount": _positive,
    "unit": _AMOUNT["unit"],
    "trigger?": Maybe(_one_of(*Trigger.values)),
    "ends_with?": Maybe(_one_of("handed_over", "called", "signed", "told")),
    "kk?": Maybe(_text),
    "point": _up_to(60),
    "source": _SOURCE,
    "note?": Maybe(_text),
}
DOCUMENT = {
    "no": _up_to(12),
    "name": _LABEL,
    "mode": _one_of("handed_in", "shown"),
    "required?": _flag,
    "condition?": Maybe({"code": _code, **_LABEL}),
    "alternative_group?": Maybe(_up_to(10)),
    "point": _up_to(60),
    "source": _SOURCE,
    "note?": Maybe(_text),
}
GROUND = {
    "no": _up_to(12),
    "kind": _one_of("refusal", "suspension", "refusal_or_suspension"),
    "name": _LABEL,
    "point": _up_to(60),
    "source": _SOURCE,
}
INDICATOR = {
    "code": _up_to(4),
    "kk": _text,
    "normative": Maybe(_figure),
    "target": Maybe(_figure),
    "current": Maybe(_figure),
    "note?": Maybe(_text),
}
POINT = {"no": _up_to(12), "section?": Maybe(_up_to(300)), "kk": _text}
READING = {
    "code": _code,
    "places": [_text],
    "points": [_text],
    "follows": Maybe(_text),
    "date": Maybe(_day),
    "kk": Maybe(_text),
    "ru": Maybe(_text),
    "en?": Maybe(_text),
}
EDITION: dict[str, Any] = {
    "code": _code,
    "label": _up_to(4),
    "version": _positive,
    "kind": _one_of(*EditionKind.values),
    "service": _code,
    "decree": _code,
    "annex": Maybe(_positive),
    "valid_from?": Maybe(_day),
    "amended_by?": Maybe(_ACT),
    "name": {language: Maybe(_up_to(400)) for language in ("kk", "ru", "en")},
    "form?": Maybe(
        {
            "code": _one_of("not_automated", "partly_automated", "fully_automated"),
            "kk?": Maybe(_text),
            "point?": Maybe(_text),
        }
    ),
    "free?": Maybe({"value": _flag, "kk?": Maybe(_text), "point?": Maybe(_text)}),
    "result": {"kind": _one_of(*ResultKind.values), **_LABEL, "point?": Maybe(_text)},
    "recipients?": Maybe({**_LABEL, "point?": Maybe(_text)}),
    "legal_basis?": Maybe({"kk": Maybe(_text), "point?": Maybe(_text)}),
    "channels": [_one_of("department", "centre")],
    "book?": Maybe({**{language: Maybe(_up_to(300)) for language in ("kk", "ru", "en")}, "point?": Maybe(_text)}),
    "receipt?": Maybe(OneOrMany(_RECEIPT)),
    "delivery?": Maybe(
        {"ways": [_one_of("in_person", "post", "centre", "email")], "kk?": Maybe(_text), "point?": Maybe(_text)}
    ),
    "hours?": Maybe(_HOURS),
    "premises?": Maybe({**{f"{language}?": Maybe(_text) for language in ("kk", "ru", "en")}, "point?": Maybe(_text)}),
    "norms": [NORM],
    "documents": [DOCUMENT],
    "grounds": [GROUND],
    "suspension?": Maybe({"allowed": _flag, "kk?": Maybe(_text), "point?": Maybe(_text)}),
    "principles?": [_LABEL],
    "complaints?": [
        {
            "to": _LABEL,
            "office?": Maybe(_text),
            "ways": [_one_of("in_person", "post", "email")],
            "point?": Maybe(_text),
        }
    ],
    "procedure?": _one_of("common"),
    "steps?": [STEP],
    "table2?": Maybe(PATH),
    "table3?": Maybe(PATH),
    "indicators?": Maybe([INDICATOR]),
    "points?": [POINT],
    "notes?": [_text],
    "amendments?": [{"point": _text, **_ACT, "old_kk?": Maybe(_text), "new_kk?": Maybe(_text)}],
    "readings?": [READING],
}
# Rows of a part that may not have the same value here.
_ONCE: dict[str, tuple[str, ...]] = {
    "norms": ("key", "channel"), "steps": ("no",), "indicators": ("code",), "table2.groups": ("no",),
    "table3.groups": ("no",), "documents": ("no",),
}  # fmt: skip


def faults(definition: Any) -> list[Fault]:
    """Every place of a definition that its form does not allow, in the order of the form."""
    found = list(_faults(definition, EDITION, ()))
    if not found:
        found = [*_doubles(definition), *_transitions_twice(definition)]
        if "steps" not in definition and "procedure" not in definition:
            found.append(Fault(("steps",), _("is missing")))
    return found


def _faults(value: Any, form: Any, path: Path) -> Iterator[Fault]:
    if isinstance(form, Maybe):
        if value is not None:
            yield from _faults(value, form.form, path)
    elif isinstance(form, OneOrMany):
        yield from _faults(value, [form.form] if isinstance(value, list) else form.form, path)
    elif isinstance(form, dict):
        yield from _mapping_faults(value, form, path)
    elif isinstance(form, list):
        yield from _list_faults(value, form[0], path)
    elif problem := form(value):
        yield Fault(path, problem)


def _list_faults(value: Any, form: Any, path: Path) -> Iterator[Fault]:
    if not isinstance(value, list):
        yield Fault(path, _("a list is expected"))
        return
    for index, row in enumerate(value):
        yield from _faults(row, form, (*path, index))


def _mapping_faults(value: Any, form: dict[str, Any], path: Path) -> Iterator[Fault]:
    if not isinstance(value, dict):
        yield Fault(path, _("fields with their names are expected"))
        return
    known = {name.removesuffix("?"): name for name in form}
    for name in value:
        if name not in known:
            yield Fault((*path, str(name)), _("there is no such field here"))
    for name, full in known.items():
        if name in value:
            yield from _faults(value[name], form[full], (*path, name))
        elif not full.endswith("?"):
            yield Fault((*path, name), _("is missing"))


def _doubles(definition: dict[str, Any]) -> Iterator[Fault]:
    for part, names in _ONCE.items():
        rows: Any = definition
        for step in part.split("."):
            rows = (rows or {}).get(step)
        seen: set[Any] = set()
        for number, row in enumerate(rows or []):
            key = tuple(row.get(name) for name in names)
            if key in seen:
                text = _("the same as in another row: %(key)s") % {"key": ", ".join(map(str, key))}
                yield Fault((*part.split("."), number, names[0]), text)
            seen.add(key)


def _transitions_twice(definition: dict[str, Any]) -> Iterator[Fault]:
    seen: set[str] = set()
    for number, step in enumerate(definition.get("steps") or []):
        if step["transition"] in seen:
            text = _("another step does this already: %(word)s") % {"word": step["transition"]}
            yield Fault(("steps", number, "transition"), text)
        seen.add(step["transition"])


def ordered(value: Any, form: Any = None) -> Any:
    """The same definition with its fields in the order of the form (a database may keep them in another)."""
    form = EDITION if form is None else form
    while isinstance(form, Maybe | OneOrMany):
        form = [form.form] if isinstance(form, OneOrMany) and isinstance(value, list) else form.form
    if isinstance(value, dict) and isinstance(form, dict):
        forms = {name.removesuffix("?"): inner for name, inner in form.items()}
        return {name: ordered(value[name], inner) for name, inner in forms.items() if name in value}
    if isinstance(value, list) and isinstance(form, list):
        return [ordered(row, form[0]) for row in value]
    return value
