"""The annexes of a regulation printed back from the definition that runs, and compared with what the decree prints.

The decree's side comes from `fixtures/law/printed`, typed from the decree apart from the definitions. Wherever the two differ
(a cell left blank in print, a unit that table 1 and table 2 name differently) a dated reading in `readings.yaml` there says
which place of the act is followed and why; a test lets no difference go unexplained.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fnmatch import fnmatch
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from django.conf import settings
from django.utils.translation import gettext as _

from offices.text import current_language, in_language
from services.models import Edition, EditionKind, PathAct, PathGroup, Step
from services.queries import steps_of
from services.text import norm_words
from services.workflow import StepTransition, StructuralUnit

PRINTED = Path(settings.BASE_DIR) / "fixtures" / "law" / "printed"
FIELDS = ("no", "unit", "act", "completion", "norm", "next")
# The heads of table 1 as most regulations word them; where an act's own are known, those are printed.
HEADS = {
    "no": "Әрекет (жұмыстар барысының, ағынның) №",
    "unit": "ҚФБ атауы",
    "act": "Әрекеттің (үдерістің, рәсімдеудің, операцияның) атауы және олардың сипаттамасы",
    "completion": "Аяқтау нысаны (деректер, құжат, ұйымдық-басшылық ету шешімі)",
    "norm": "Орындау мерзімдері",
    "next": "Келесі әрекеттің нөмірі",
}
TITLE = "1-кесте. ҚФБ әрекеттерінің сипаттамасы"
BLOCK = "Негізгі үдерістің (жұмыстар барысының, ағынның) әрекеті"
_NUMBERS = {"бір": 1, "екі": 2, "үш": 3, "бес": 5, "жеті": 7, "он": 10}
_TERMS = (
    (re.compile(r"(\S+) минут"), "minute"),
    (re.compile(r"(\S+) сағат"), "hour"),
    (re.compile(r"(\S+) жұмыс күні? ішінде"), "working_day"),
    (re.compile(r"(\S+) күнтізбелік күн ішінде"), "calendar_day"),
    (re.compile(r"жұмыс күні? ішінде"), "within_working_day"),
    (re.compile(r"бір күн ішінде"), "within_day"),
    (re.compile(r"күніне (\S+) рет(?:тен кем емес)?"), "times_a_day"),
)


def has_tables(edition: Edition) -> bool:
    """Whether the act itself has step tables; a standard has none and runs in the common order, which is our reading."""
    return bool(edition.kind == EditionKind.REGULATION)


# ------------------------------------------------------------------ as the act lays it out


def annex_tables(edition: Edition) -> dict[str, Any]:
    """Tables 1-3 for machines: a row a step and a row an act, the act's words (kk) with ours (ru, en) beside."""
    return {
        "edition": edition.code,
        "version": edition.version,
        "label": edition.short,
        "source": "act" if has_tables(edition) else "project",
        "table1": [_step_row(step) for step in edition.steps.all()],
        "table2": _path_rows(edition, 2),
        "table3": _path_rows(edition, 3),
    }


def annex_data(edition: Edition, path: str | None = None) -> dict[str, Any]:
    """`annex_tables`, or with `path` (main, alternative) the table of that path alone."""
    tables = annex_tables(edition)
    if path is None:
        return tables
    kept = "table2" if path == "main" else "table3"
    return {key: value for key, value in tables.items() if key in ("edition", kept)}


def table1_title(edition: Edition) -> str:
    """The title of table 1 as the act prints it."""
    return str((printed(edition.code) or {}).get("table1", {}).get("title", TITLE))


def _step_row(step: Step) -> dict[str, Any]:
    norm = None
    if step.norm_amount is not None:
        norm = {"amount": step.norm_amount, "unit": step.norm_unit, "text": step.norm_kk}
    row = {
        "no": step.no,
        "block": step.block,
        "unit": step.unit,
        "unit_text": step.unit_kk,
        "act": step.act_kk,
        "act_ru": step.act_ru,
        "act_en": step.act_en,
        "completion": step.completion_kk,
        "completion_ru": step.completion_ru,
        "completion_en": step.completion_en,
        "norm": norm,
        "transition": step.transition,
        "point": step.point,
    }
    return row | ({"next": step.next_no} if step.next_no else {})


def _path_rows(edition: Edition, table: int) -> list[dict[str, Any]]:
    rows = [
        {
            "no": act.no,
            "group": group.no,
            "unit": group.unit,
            "unit_text": group.unit_kk,
            "act": act.act_kk,
            "act_ru": act.act_ru,
            "act_en": act.act_en,
            "transition": act.transition,
        }
        for group, act in _acts(edition, table)
    ]
    return sorted(rows, key=lambda row: row["no"])


def _acts(edition: Edition, table: int) -> list[tuple[PathGroup, PathAct]]:
    groups = (group for group in edition.path_groups.all() if group.table == table)
    return sorted(((group, act) for group in groups for act in group.acts.all()), key=lambda pair: pair[1].no)


@dataclass(frozen=True)
class Cell:
    """A cell of an annex: the act's words, and ours in the page's language (empty on a Kazakh page)."""

    text: str
    gloss: str = ""
    head: str = ""


def table1_blocks(edition: Edition, language: str) -> list[dict[str, Any]]:
    """Table 1 in its blocks: each with its heading, and rows of a head and a cell for every step."""
    known = (printed(edition.code) or {}).get("table1", {}).get("blocks", [])
    steps = list(edition.steps.all())
    blocks = []
    for number in sorted({step.block for step in steps}):
        own = [step for step in steps if step.block == number]
        print_of: dict[str, Any] = known[number - 1] if number <= len(known) else {"heading": BLOCK, "heads": HEADS}
        names = [name for name in FIELDS if name != "next" or any(step.next_no for step in own)]
        rows = [
            (name, print_of["heads"].get(name, HEADS[name]), [_cell(step, name, language) for step in own])
            for name in names
        ]
        blocks.append({"heading": print_of["heading"], "rows": rows, "count": len(own)})
    return blocks


def _cell(step: Step, name: str, language: str) -> Cell:
    term = step.term
    words = {
        "no": (str(step.no), ""),
        "unit": (step.unit_kk, str(StructuralUnit(step.unit).label)),
        "act": (step.act_kk, step.act),
        "completion": (step.completion_kk, step.completion),
        "norm": (step.norm_kk or "—", norm_words(term.amount, term.unit) if term else ""),
        "next": (str(step.next_no or ""), ""),
    }
    text, gloss = words[name]
    return Cell(text, "" if language == "kk" or gloss == text else gloss)


def path_grid(edition: Edition, table: int, language: str) -> dict[str, Any] | None:
    """Table 2 or 3 as printed: a column a group, acts in reading order (a row goes on while the columns go right)."""
    groups = [group for group in edition.path_groups.all() if group.table == table]
    if not groups:
        return None
    places = {group.pk: place for place, group in enumerate(groups)}
    rows: list[list[Cell | None]] = []
    last = len(groups)
    for group, act in _acts(edition, table):
        place = places[group.pk]
        if place <= last:
            rows.append([None] * len(groups))
        head = f"№ {act.no}-әрекет"
        # Where the act leaves a cell blank but for its heading (E10), the heading is not printed twice.
        text = "" if act.act_kk == head else act.act_kk
        rows[-1][place] = Cell(text, "" if language == "kk" else act.act, head)
        last = place
    heads = [Cell(group.unit_kk, _group_gloss(group, language), group.heading_kk) for group in groups]
    return {"title": groups[0].title_kk, "groups": heads, "rows": rows}


def _group_gloss(group: PathGroup, language: str) -> str:
    return "" if language == "kk" else str(StructuralUnit(group.unit).label)


# ------------------------------------------------------------------ as the decree prints it


@cache
def printed(code: str) -> dict[str, Any] | None:
    """What the decree prints in the tables of the edition, None where it has no tables."""
    path = PRINTED / f"{code}.yaml"
    return (
        yaml.safe_load(path.read_text(encoding="utf-8"))
        if re.fullmatch(r"[a-z0-9-]+", code) and path.exists()
        else None
    )


@cache
def readings() -> list[dict[str, Any]]:
    """The dated readings: for which cells of which editions, the place of the act that is followed, and why."""
    return yaml.safe_load((PRINTED / "readings.yaml").read_text(encoding="utf-8"))  # type: ignore[no-any-return]


def place_words(place: str) -> str:
    """A cell's address in the page's language: "act 3: who does it"."""
    names = {
        "no": _("number"), "unit": _("unit"), "act": _("act"), "completion": _("form of completion"), "norm": _("term, words"),
        "next": _("next act"), "term": _("term, as counted"), "group": _("group"), "doer": _("who does it"),
        "title": _("title of the table"), "heading": _("heading"), "end": _("how the path ends"),
    }  # fmt: skip
    _table, *parts = place.split("/")
    if parts[0].startswith("+"):
        return _("printed beyond the numbered acts")
    if parts[0].startswith("group"):
        return _("group %(n)s: %(what)s") % {"n": parts[0].removeprefix("group"), "what": names[parts[1]]}
    if len(parts) == 1:
        return names.get(parts[0]) or _("act %(n)s") % {"n": parts[0]}
    return _("act %(n)s: %(what)s") % {"n": parts[0], "what": names[parts[1]]}


@dataclass(frozen=True)
class Compared:
    """A cell of the decree beside what runs. `place` is its address, such as 1/5/unit or 2/3/doer."""

    place: str
    decree: str
    runs: str
    reading: dict[str, Any] | None = None

    @property
    def same(self) -> bool:
        """Whether what runs is what the decree prints."""
        return self.decree == self.runs

    @property
    def language(self) -> str:
        """The language of its words: the act's, or the page's where it holds a term or a unit in our words."""
        ours = self.place.endswith(("/term", "/doer", "/end"))
        return current_language() if ours else "kk"

    @property
    def why(self) -> str:
        """Why the two differ, in the page's language; empty where nobody has said."""
        return in_language(self.reading["text"]) if self.reading else ""


def compare(edition: Edition) -> list[Compared]:
    """Every cell that the decree prints for tables 1-3, beside what runs; differences carry their reading if there is one."""
    act = printed(edition.code)
    if act is None:
        return []
    rows = [*_compare_steps(edition, act["table1"]), *_compare_path(edition, act, 2), *_compare_path(edition, act, 3)]
    return [
        Compared(place, decree or "", runs or "", None if decree == runs else _reading(edition.code, place))
        for place, decree, runs in rows
    ]


def _reading(code: str, place: str) -> dict[str, Any] | None:
    for reading in readings():
        if any(fnmatch(place, pattern) for pattern in reading["cells"].get(code, ())):
            return reading
    return None


_Row = tuple[str, str | None, str | None]


def _compare_steps(edition: Edition, table: dict[str, Any]) -> Iterator[_Row]:
    """Table 1 column by column: by their numbers, and those printed without one in the order in which they stand."""
    steps = {str(step.no): step for step in steps_of(edition)}
    columns = [column for block in table["blocks"] for column in block["columns"]]
    left = [step for number, step in steps.items() if number not in {column["no"] for column in columns}]
    extra = 0
    for column in columns:
        step = steps.pop(column["no"], None) if column["no"] else (left.pop(0) if left else None)
        if step is None:
            extra += 1
            yield f"1/+{extra}", " / ".join(str(column[name]) for name in FIELDS if column.get(name)), None
            continue
        yield from _compare_step(step, column)
    yield from (
        (f"1/{step.no}", None, step.act_kk) for step in [*left, *(s for s in steps.values() if s.no > len(columns))]
    )


def _compare_step(step: Step, column: dict[str, Any]) -> Iterator[_Row]:
    runs = {
        "no": str(step.no), "unit": step.unit_kk, "act": step.act_kk, "completion": step.completion_kk, "norm": step.norm_kk,
        "next": str(step.next_no) if step.next_no else None,
    }  # fmt: skip
    for name in FIELDS:
        if name in column or runs[name]:
            yield f"1/{step.no}/{name}", column.get(name), runs[name]
    yield (
        f"1/{step.no}/term",
        _said(read_term(column.get("norm"))),
        _said((step.term.amount, step.term.unit) if step.term else None),
    )


def _compare_path(edition: Edition, act: dict[str, Any], table: int) -> Iterator[_Row]:
    """Table 2 or 3: title, groups, and each act with its column and the unit that does it."""
    source = act[f"table{table}"]
    running = {pair[1].no: pair for pair in _acts(edition, table)}
    groups = {group.no: group for group in edition.path_groups.all() if group.table == table}
    yield f"{table}/title", source["title"], next((group.title_kk for group in groups.values()), None)
    for group in source["groups"]:
        own = groups.pop(group["no"], None)
        yield f"{table}/group{group['no']}/heading", group["heading"], own.heading_kk if own else None
        yield f"{table}/group{group['no']}/unit", group["unit"], own.unit_kk if own else None
    units = {group["no"]: group["unit"] for group in source["groups"]}
    doers = {step.transition: step for step in steps_of(edition)}
    extra = 0
    for cell in source["acts"]:
        if cell["heading"] is None:
            extra += 1
            yield f"{table}/+{extra}", cell["text"], None
            continue
        number = int(re.findall(r"\d+", cell["heading"])[0])
        pair = running.pop(number, None)
        yield f"{table}/{number}/act", cell["text"], pair[1].act_kk if pair else None
        if pair:
            yield f"{table}/{number}/group", str(cell["group"]), str(pair[0].no)
            step = doers.get(pair[1].transition)
            yield (
                f"{table}/{number}/doer",
                unit_named(units[cell["group"]]),
                str(StructuralUnit(step.unit).label) if step else None,
            )
    yield from ((f"{table}/{number}/act", None, pair[1].act_kk) for number, pair in running.items())
    handed_over = StepTransition.HAND_OVER in doers
    yield f"{table}/end", _ending("беру" in source["acts"][-1]["text"]), _ending(handed_over)


def _ending(handed_over: bool) -> str:
    return _("handed over to the person") if handed_over else _("registered only")


def unit_named(words: str) -> str:
    """The unit that the act's words name, in the page's language; the words themselves where they name none of ours."""
    folded = words.casefold()
    known: Iterable[tuple[str, StructuralUnit]] = (
        ("кеңсе", StructuralUnit.CLERK),
        ("жинақтау", StructuralUnit.CENTRE_ACCUMULATOR),
        ("орталық", StructuralUnit.CENTRE_INSPECTOR),
        ("орындаушы", StructuralUnit.EXECUTOR),
        ("жауапты маман", StructuralUnit.EXECUTOR),
        ("басшы", StructuralUnit.HEAD),
    )
    return next((str(unit.label) for stem, unit in known if stem in folded), words)


def read_term(words: str | None) -> tuple[int, str] | None:
    """The norm that the act's words mean, such as "Он жұмыс күні ішінде" → (10, "working_day"); None for none."""
    folded = (words or "").casefold().strip()
    for pattern, unit in _TERMS:
        if found := pattern.fullmatch(folded):
            said = found[1] if found.groups() else "бір"
            amount = _NUMBERS.get(said) or (int(said) if said.isdigit() else None)
            if amount:
                return amount, unit
    return None


def _said(term: tuple[int, str] | None) -> str | None:
    return norm_words(*term) if term else None
