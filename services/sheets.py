"""The sheet of a standard for the stand in the waiting hall: its 25 points, our words first, the act's words as quotations."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from offices.text import current_language, in_language
from offices.worktime import WEEKDAYS
from services.models import Edition, EditionKind, Norm, NormKey
from services.text import norm_words

# What each point of a standard answers: the order is the same in every standard of that model.
HEADINGS: tuple[Any, ...] = (
    gettext_lazy("What this service is"),
    gettext_lazy("How it is provided"),
    gettext_lazy("On what law it rests"),
    gettext_lazy("Who provides it"),
    gettext_lazy("What you get"),
    gettext_lazy("Who may get it"),
    gettext_lazy("How long it takes"),
    gettext_lazy("What it costs"),
    gettext_lazy("Where to read and ask about it"),
    gettext_lazy("Working hours"),
    gettext_lazy("What the premises offer"),
    gettext_lazy("Which documents you need"),
    gettext_lazy("Where to get the form"),
    gettext_lazy("Where to hand in the documents"),
    gettext_lazy("What confirms that you handed them in"),
    gettext_lazy("How you get the result"),
    gettext_lazy("When the service may be suspended or refused"),
    gettext_lazy("How we treat you"),
    gettext_lazy("How the quality is measured"),
    gettext_lazy("Who sets the targets"),
    gettext_lazy("Who explains how to complain"),
    gettext_lazy("Where to complain"),
    gettext_lazy("What happens with your complaint"),
    gettext_lazy("Contacts"),
    gettext_lazy("Other useful information"),
)
_FORMS: dict[str, Any] = {
    "not_automated": gettext_lazy("Everything is done on paper, at the office."),
    "partly_automated": gettext_lazy("Part of the work is done by computer; documents are handed in at the office."),
    "fully_automated": gettext_lazy("The work is done by computer; you get the result at the office."),
}
_WAYS: dict[str, Any] = {
    "in_person": gettext_lazy("in person"),
    "post": gettext_lazy("by post"),
    "email": gettext_lazy("by e-mail"),
    "centre": gettext_lazy("at a service centre"),
}
_RECEIPTS: dict[str, Any] = {
    "talon": gettext_lazy("You get a talon."),
    "tear_off_talon": gettext_lazy("You get a tear-off talon."),
    "stub": gettext_lazy("You get the stub of your application."),
    "journal": gettext_lazy("Your application is entered in a journal."),
    "receipt": gettext_lazy("You get a receipt of your documents."),
}
_TERMS: dict[str, Any] = {
    NormKey.OVERALL: gettext_lazy("the whole service: %(term)s"),
    NormKey.QUEUE_IN: gettext_lazy("queue when handing in: at most %(term)s"),
    NormKey.QUEUE_OUT: gettext_lazy("queue when collecting: at most %(term)s"),
    NormKey.SERVING: gettext_lazy("serving at the counter: at most %(term)s"),
}


@dataclass(frozen=True)
class Row:
    """A point on the sheet: number, what it answers, our words (a line each), the act's words."""

    no: str
    heading: str
    words: list[str]
    quote: str


def has_sheet(edition: Edition) -> bool:
    """Whether the act is a standard with the 25 points of its model (E3 adds a 26th with one more address)."""
    return bool(edition.kind == EditionKind.STANDARD) and len(edition.points.all()) >= len(HEADINGS)


def rows(edition: Edition) -> list[Row]:
    """The 25 points in the page's language. What only the act says in Kazakh is not said twice on a Kazakh sheet."""
    said = {number: words(edition) for number, words in _WORDS.items()}
    headings = [*HEADINGS, *[gettext_lazy("Contacts")] * (len(edition.points.all()) - len(HEADINGS))]
    return [
        Row(point.no, str(heading), [line for line in dict.fromkeys(said.get(number, [])) if line], point.text_kk)
        for number, (point, heading) in enumerate(zip(edition.points.all(), headings, strict=True), start=1)
    ]


def _translated(*lines: str) -> list[str]:
    """Our wording of the act; on a Kazakh sheet the act's own words say it."""
    return [] if current_language() == "kk" else [line[:1].upper() + line[1:] for line in lines if line]


def _terms(edition: Edition) -> list[str]:
    return [_term(norm) for norm in edition.norms.all()]


def _term(norm: Norm) -> str:
    words = str(_TERMS[norm.key]) % {"term": norm_words(norm.amount, norm.unit)}
    if norm.key == NormKey.OVERALL and norm.trigger:
        words += ", " + _("counted from: %(trigger)s") % {"trigger": norm.get_trigger_display()}
    return words[:1].upper() + words[1:]


def _hours(edition: Edition) -> list[str]:
    hours = edition.hours
    if not hours:
        return []
    days = ", ".join(in_language(dict(WEEKDAYS[day])) for day in hours["days"])
    line = f"{days}: {hours['opens']}–{hours['closes']}"
    if hours.get("lunch"):
        line += ", " + _("lunch break %(hours)s") % {"hours": "–".join(hours["lunch"])}
    return [_("Visitors are received:"), line] if hours["kind"] == "reception" else [line]


def _documents(edition: Edition) -> list[str]:
    lines = []
    for paper in edition.documents.all():
        notes = [paper.condition] if paper.condition else []
        notes += [_("shown and given back")] if paper.mode == "shown" else []
        lines.append(f"{paper.name} ({'; '.join(notes)})" if notes else paper.name)
    return _translated(*lines)


def _complaints(edition: Edition) -> list[str]:
    return [in_language(path["to"]).rstrip(" .") for path in edition.complaint_paths]


def _indicators(edition: Edition) -> list[str]:
    count = len(edition.indicator_values.all())
    return [
        ngettext(
            "By %(n)d indicator of quality and accessibility.",
            "By %(n)d indicators of quality and accessibility.",
            count,
        )
        % {"n": count}
    ]


_WORDS: dict[int, Callable[[Edition], list[str]]] = {
    1: lambda edition: [edition.service.name, edition.service.everyday],
    2: lambda edition: [str(_FORMS[edition.data["form"]["code"]])],
    5: lambda edition: [_capital(edition.get_result_kind_display()), *_translated(edition.result)],
    6: lambda edition: _translated(edition.recipients),
    7: _terms,
    8: lambda edition: [_("Free of charge.")] if edition.data["free"]["value"] else [],
    9: lambda edition: [
        _("Ask at the office, read its stand, or open this site: %(path)s")
        % {"path": f"{settings.BASE_URL}/services/{edition.code}/"}
    ],
    10: _hours,
    11: lambda edition: _translated(in_language(edition.data.get("premises") or {})),
    12: _documents,
    15: lambda edition: [
        str(_RECEIPTS[receipt["kind"]]) for receipt in edition.receipts if receipt["kind"] in _RECEIPTS
    ],
    16: lambda edition: [_capital(", ".join(str(_WAYS.get(way, way)) for way in edition.delivery.get("ways", [])))],
    17: lambda edition: _translated(*(ground.name for ground in edition.grounds.all())),
    18: lambda edition: _translated(*(in_language(principle) for principle in edition.data.get("principles") or [])),
    19: _indicators,
    20: lambda edition: [_("Working groups, every year.")],
    22: _complaints,
    23: lambda edition: [_("It is always accepted and registered. You may ask at any time how far it has got.")],
    24: lambda edition: [
        _("Addresses and telephones of all departments: %(path)s") % {"path": f"{settings.BASE_URL}/offices/"}
    ],
}


def _capital(words: str) -> str:
    return words[:1].upper() + words[1:]
