"""Norms, parts and fields of an edition in words, in the page's language."""

from typing import Any

from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _


def norm_words(amount: int, unit: str) -> str:
    """Say a norm such as "10 working days"; `unit` is one of `services.deadlines.Unit`."""
    if unit == "within_working_day":
        return gettext("within the working day")
    if unit == "within_day":
        return gettext("within one day")
    forms = {
        "minute": ngettext("%(n)d minute", "%(n)d minutes", amount),
        "hour": ngettext("%(n)d hour", "%(n)d hours", amount),
        "working_day": ngettext("%(n)d working day", "%(n)d working days", amount),
        "calendar_day": ngettext("%(n)d calendar day", "%(n)d calendar days", amount),
        "times_a_day": ngettext("%(n)d time a day", "%(n)d times a day", amount),
    }
    return forms[unit] % {"n": amount}


PART_NAMES: dict[str, Any] = {
    "main": _("The service and its act"),
    "steps": _("Steps (table 1)"),
    "table2": _("Main path (table 2)"),
    "table3": _("Alternative path (table 3)"),
    "norms": _("Terms and limits"),
    "documents": _("Documents"),
    "grounds": _("Grounds for refusal"),
    "indicators": _("Indicator table"),
    "points": _("Text of the act"),
    "readings": _("Readings of contradictions"),
    "amendments": _("Amendments of points"),
}
FIELD_NAMES: dict[str, Any] = {
    "act": _("act"), "amount": _("amount"), "alternative_group": _("group of which one is enough"),
    "annex": _("annex of the decree"), "block": _("block of the printed table"), "book": _("record book"),
    "channel": _("where it holds"), "channels": _("where applications are taken"), "code": _("code"),
    "completion": _("form of completion"), "complaints": _("path of complaint"), "condition": _("condition"),
    "current": _("current value"), "date": _("date"), "days": _("days"), "decree": _("decree"),
    "delivery": _("how the answer is given"), "ends_with": _("what ends it"), "fields": _("what stands on it"),
    "follows": _("point followed"), "form": _("form of the service"), "free": _("price"),
    "group": _("group"), "groups": _("groups"), "heading_kk": _("heading (kk)"), "hours": _("own hours"),
    "key": _("what it limits"), "kind": _("kind"), "kk": _("Kazakh"), "ru": _("Russian"),
    "en": _("English"), "label": _("label"), "legal_basis": _("legal ground"), "mode": _("handed in or shown"),
    "name": _("name"), "new_kk": _("new text (kk)"), "next": _("number of the next action"),
    "no": _("number"), "norm": _("norm"), "normative": _("normative value"), "note": _("note"),
    "notes": _("oddities of the act"), "number": _("number"), "office": _("body"),
    "old_kk": _("old text (kk)"), "places": _("places"), "point": _("point of the act"),
    "points": _("points that contradict each other"), "premises": _("premises"), "principles": _("principles"),
    "procedure": _("order of work"), "receipt": _("receipt"), "recipients": _("recipients"),
    "required": _("required"), "result": _("result"), "section": _("section"), "service": _("service"),
    "source": _("source"), "suspension": _("suspension"), "target": _("target value"),
    "title_kk": _("title (kk)"), "transition": _("what it does to a case"), "trigger": _("what starts it"),
    "unit": _("unit"), "unit_kk": _("unit in the act (kk)"), "valid_from": _("in force from"),
    "amended_by": _("amending act"), "version": _("version"), "ways": _("ways"), "value": _("value"),
    "acts": _("acts"), "allowed": _("allowed"), "opens": _("opens"), "closes": _("closes"),
    "lunch": _("lunch"), "to": _("body or official"),
}  # fmt: skip


NORM_NAMES: dict[str, Any] = {
    "overall": _("term of the service"), "queue_in": _("queue when handing in"), "queue_out": _("queue when collecting"),
    "serving": _("serving at the counter"),
}  # fmt: skip


def part_of(path: tuple[str | int, ...]) -> str:
    """The part of an edition to which a place of its definition belongs."""
    return str(path[0]) if path and path[0] in PART_NAMES else "main"


def row_name(definition: dict[str, Any], path: tuple[str | int, ...]) -> str:
    """How a person calls the row of a place: "no. 3", "term of the service"; empty where it is in no row."""
    value: Any = definition
    for depth, key in enumerate(path):
        try:
            value = value[key]
        except (KeyError, IndexError, TypeError):
            return ""
        if isinstance(key, int) and isinstance(value, dict):
            if "key" in value:
                return str(NORM_NAMES.get(value["key"], value["key"]))
            name = value.get("no") or value.get("code") or value.get("point")
            if isinstance(name, str) and name[:1].isalpha():
                return name
            return gettext("no. %(no)s") % {"no": name if name is not None else key + 1}
        if isinstance(key, int) and depth + 1 == len(path):
            return gettext("no. %(no)s") % {"no": key + 1}
    return ""


def field_name(path: tuple[str | int, ...]) -> str:
    """The field of a place in words, such as "norm, amount"."""
    names = [key for key in path if isinstance(key, str) and key not in PART_NAMES]
    return ", ".join(str(FIELD_NAMES.get(name, name)) for name in names)
