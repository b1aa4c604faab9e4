"""Norms, parts and fields of an edition in words, in the page's language."""

from typing import Any

from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy


def norm_words(amount: int, unit: str) -> str:
    """Say a norm such as "10 working days"; `unit` is one of `services.deadlines.Unit`."""
    if unit == "within_working_day":
        return _("within the working day")
    if unit == "within_day":
        return _("within one day")
    forms = {
        "minute": ngettext("%(n)d minute", "%(n)d minutes", amount),
        "hour": ngettext("%(n)d hour", "%(n)d hours", amount),
        "working_day": ngettext("%(n)d working day", "%(n)d working days", amount),
        "calendar_day": ngettext("%(n)d calendar day", "%(n)d calendar days", amount),
        "times_a_day": ngettext("%(n)d time a day", "%(n)d times a day", amount),
    }
    return forms[unit] % {"n": amount}


PART_NAMES: dict[str, Any] = {
    "main": _lazy("The service and its act"),
    "steps": _lazy("Steps (table 1)"),
    "table2": _lazy("Main path (table 2)"),
    "table3": _lazy("Alternative path (table 3)"),
    "norms": _lazy("Terms and limits"),
    "documents": _lazy("Documents"),
    "grounds": _lazy("Grounds for refusal"),
    "indicators": _lazy("Indicator table"),
    "points": _lazy("Text of the act"),
    "readings": _lazy("Readings of contradictions"),
    "amendments": _lazy("Amendments of points"),
}
FIELD_NAMES: dict[str, Any] = {
    "act": _lazy("act"), "amount": _lazy("amount"), "alternative_group": _lazy("group of which one is enough"),
    "annex": _lazy("annex of the decree"), "block": _lazy("block of the printed table"), "book": _lazy("record book"),
    "channel": _lazy("where it holds"), "channels": _lazy("where applications are taken"), "code": _lazy("code"),
    "completion": _lazy("form of completion"), "complaints": _lazy("path of complaint"), "condition": _lazy("condition"),
    "current": _lazy("current value"), "date": _lazy("date"), "days": _lazy("days"), "decree": _lazy("decree"),
    "delivery": _lazy("how the answer is given"), "ends_with": _lazy("what ends it"), "fields": _lazy("what stands on it"),
    "follows": _lazy("point followed"), "form": _lazy("form of the service"), "free": _lazy("price"),
    "group": _lazy("group"), "groups": _lazy("groups"), "heading_kk": _lazy("heading (kk)"), "hours": _lazy("own hours"),
    "key": _lazy("what it limits"), "kind": _lazy("kind"), "kk": _lazy("Kazakh"), "ru": _lazy("Russian"),
    "en": _lazy("English"), "label": _lazy("label"), "legal_basis": _lazy("legal ground"), "mode": _lazy("handed in or shown"),
    "name": _lazy("name"), "new_kk": _lazy("new text (kk)"), "next": _lazy("number of the next action"),
    "no": _lazy("number"), "norm": _lazy("norm"), "normative": _lazy("normative value"), "note": _lazy("note"),
    "notes": _lazy("oddities of the act"), "number": _lazy("number"), "office": _lazy("body"),
    "old_kk": _lazy("old text (kk)"), "places": _lazy("places"), "point": _lazy("point of the act"),
    "points": _lazy("points that contradict each other"), "premises": _lazy("premises"), "principles": _lazy("principles"),
    "procedure": _lazy("order of work"), "receipt": _lazy("receipt"), "recipients": _lazy("recipients"),
    "required": _lazy("required"), "result": _lazy("result"), "section": _lazy("section"), "service": _lazy("service"),
    "source": _lazy("source"), "suspension": _lazy("suspension"), "target": _lazy("target value"),
    "title_kk": _lazy("title (kk)"), "transition": _lazy("what it does to a case"), "trigger": _lazy("what starts it"),
    "unit": _lazy("unit"), "unit_kk": _lazy("unit in the act (kk)"), "valid_from": _lazy("in force from"),
    "amended_by": _lazy("amending act"), "version": _lazy("version"), "ways": _lazy("ways"), "value": _lazy("value"),
    "acts": _lazy("acts"), "allowed": _lazy("allowed"), "opens": _lazy("opens"), "closes": _lazy("closes"),
    "lunch": _lazy("lunch"), "to": _lazy("body or official"),
}  # fmt: skip


def part_of(path: tuple[str | int, ...]) -> str:
    """The part of an edition to which a place of its definition belongs."""
    return str(path[0]) if path and path[0] in PART_NAMES else "main"


def row_name(definition: dict[str, Any], path: tuple[str | int, ...]) -> str:
    """How a person calls the row of a place: "no. 3", "1.2", "term of the service"; empty where it is in no row."""
    value: Any = definition
    for depth, key in enumerate(path):
        try:
            value = value[key]
        except (KeyError, IndexError, TypeError):
            return ""
        if isinstance(key, int) and isinstance(value, dict):
            name = value.get("no") or value.get("code") or value.get("key") or value.get("point")
            return gettext("no. %(no)s") % {"no": name if name is not None else key + 1}
        if isinstance(key, int) and depth + 1 == len(path):
            return gettext("no. %(no)s") % {"no": key + 1}
    return ""


def field_name(path: tuple[str | int, ...]) -> str:
    """The field of a place in words, such as "norm, amount"."""
    names = [key for key in path if isinstance(key, str) and key not in PART_NAMES]
    return ", ".join(str(FIELD_NAMES.get(name, name)) for name in names)
