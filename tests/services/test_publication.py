"""The publication check: what it finds, where, and that all thirteen editions pass it with their readings."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.exceptions import ValidationError

from offices.models import Office
from services import contradictions, lawfiles
from services.actions import publish, withdraw
from services.checks import findings, findings_in, known_words
from services.models import Edition
from tests.factories import edition, make_centre_team, make_staff, make_team

pytestmark = pytest.mark.django_db
FILES = sorted((Path(settings.BASE_DIR) / "fixtures/law/editions").glob("*.yaml"))
Definition = dict[str, Any]


def definition(label: str = "E8") -> Definition:
    """A copy of the definition of an edition."""
    return lawfiles.parse(lawfiles.dump(edition(label).definition), label)


def found(changed: Definition) -> dict[str, str]:
    """Place → code of the findings."""
    return {lawfiles.place(one.path): one.code for one in findings_in(changed, known_words())}


# ------------------------------------------------------------------ the thirteen


def test_there_are_thirteen_files() -> None:
    assert len(FILES) == 13


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_edition_passes_the_check(path: Path) -> None:
    loaded = Edition.objects.get(code=path.stem)
    assert [str(one) for one in findings(loaded, staffed=False)] == []


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_contradiction_is_answered_by_a_dated_reading_that_names_the_point_followed(path: Path) -> None:
    read = lawfiles.parse(path.read_text(encoding="utf-8"), path.name)
    places = {one.name for one in contradictions.found_in(lawfiles.resolved(read))}
    answered = {name for reading in read["readings"] for name in reading["places"]}
    assert places <= answered
    for reading in read["readings"]:
        assert all(reading[name] for name in ("points", "follows", "date", "kk", "ru", "en")), reading["code"]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_without_its_readings_no_edition_passes(path: Path) -> None:
    read = lawfiles.parse(path.read_text(encoding="utf-8"), path.name) | {"readings": []}
    codes = {one.code for one in findings_in(read, known_words())}
    assert codes == {"no_reading"}


# ------------------------------------------------------------------ what it finds


def without(name: str, *keys: Any) -> Callable[[Definition], None]:
    """Leaves out the field at a place."""

    def change(read: Definition) -> None:
        inner: Any = read
        for key in keys:
            inner = inner[key]
        del inner[name]

    return change


def put(value: Any, *keys: Any) -> Callable[[Definition], None]:
    """Puts a value at a place."""

    def change(read: Definition) -> None:
        inner: Any = read
        for key in keys[:-1]:
            inner = inner[key]
        inner[keys[-1]] = value

    return change


def swap(read: Definition) -> None:
    """The head gives his resolution before anything is registered."""
    read["steps"][0], read["steps"][1] = read["steps"][1], read["steps"][0]


FINDINGS: list[tuple[str, Callable[[Definition], None], str, str]] = [
    ("a step without a unit", put(None, "steps", 1, "unit"), "steps[2].unit", "no_unit"),
    ("a step without a norm", without("norm", "steps", 1), "steps[2].norm", "no_norm"),
    ("a step without a point", put("", "steps", 1, "point"), "steps[2].point", "no_point"),
    ("a norm without a point", put("", "norms", 0, "point"), "norms[1].point", "no_point"),
    ("a step that is missing", lambda read: read["steps"].pop(), "steps", "no_end"),
    ("a path that hands nothing over", lambda read: read["table3"]["acts"].pop(), "table3.acts", "no_end"),
    ("a next action that is not there", put(9, "steps", 1, "next"), "steps[2].next", "no_end"),
    ("a next action that leads back", put(1, "steps", 3, "next"), "steps[4].next", "loop"),
    ("steps in an order that goes round", swap, "steps[2].transition", "loop"),
    ("a path that goes round", put("prepare", "table2", "acts", 4, "transition"), "table2.acts", "no_end"),
    ("a group that is not there", put(7, "table2", "acts", 0, "group"), "table2.acts[1].group", "no_group"),
    ("a title without Russian", put("", "name", "ru"), "name.ru", "no_ru"),
    ("an act without Kazakh", put(None, "steps", 2, "act", "kk"), "steps[3].act.kk", "no_kk"),
    ("a paper without Russian", put("  ", "documents", 0, "name", "ru"), "documents[1].name.ru", "no_ru"),
    ("a reading without Kazakh", put("", "readings", 0, "kk"), "readings[1].kk", "no_kk"),
    (
        "a condition without words", put({"code": "foreigner", "kk": "", "ru": "для", "en": ""}, "documents", 0, "condition"),
        "documents[1].condition.kk", "no_kk",
    ),
    (
        "a condition out of the list", put({"code": "tall", "kk": "a", "ru": "b", "en": ""}, "documents", 0, "condition"),
        "documents[1].condition.code", "unknown_condition",
    ),
    (
        "an unknown indicator",
        put([{"code": "9.9", "kk": "a", "normative": 1, "target": 1, "current": 1}], "indicators"),
        "indicators[1].code", "unknown_indicator",
    ),
    ("no term of the service", lambda read: read["norms"].__delitem__(slice(0, 2)), "norms", "no_norm"),
    ("no ground", put([], "grounds"), "grounds", "no_ground"),
    ("a note that no reading answers", put("Odd.", "steps", 1, "note"), "steps[2]", "no_reading"),
    ("a reading without the point followed", put("", "readings", 0, "follows"), "readings[1].follows", "no_reading"),
    ("a reading of nothing", put(["steps.77"], "readings", 3, "places"), "readings[4].places", "no_place"),
    ("a norm of nothing", put(0, "norms", 0, "amount"), "norms[1].amount", "form"),
    ("a norm below nothing", put(-1, "steps", 0, "norm", "amount"), "steps[1].norm.amount", "form"),
    ("an unknown unit of time", put("fortnight", "steps", 0, "norm", "unit"), "steps[1].norm.unit", "form"),
    ("two steps that do the same", put("sign", "steps", 0, "transition"), "steps[4].transition", "form"),
    ("two steps of one number", put(2, "steps", 0, "no"), "steps[2].no", "form"),
]  # fmt: skip


@pytest.mark.parametrize(("change", "where", "code"), [row[1:] for row in FINDINGS], ids=[row[0] for row in FINDINGS])
def test_it_finds(change: Callable[[Definition], None], where: str, code: str) -> None:
    changed = definition()
    change(changed)
    assert found(changed).get(where) == code, found(changed)


def test_an_explicit_no_norm_in_the_act_is_no_finding() -> None:
    changed = definition()
    changed["steps"][1]["norm"] = None
    assert found(changed) == {}


def test_a_path_through_the_centre_needs_all_its_steps() -> None:
    changed = definition("E7")
    changed["steps"] = [step for step in changed["steps"] if step["transition"] != "dispatch"]
    assert found(changed)["steps"] == "no_end"


def test_a_step_that_two_tables_give_to_different_units_needs_a_reading() -> None:
    changed = definition("E6")
    changed["table2"]["groups"][0]["unit"] = "clerk"
    assert found(changed)["steps[5]"] == "no_reading"


def test_a_unit_that_no_office_in_use_can_fill_is_found_until_somebody_is_appointed() -> None:
    chosen = edition("E7")
    units = {one.path[1] for one in findings(chosen) if one.code == "no_role"}
    assert units == set(range(9))
    make_team()
    assert {one.path[1] for one in findings(chosen) if one.code == "no_role"} == {0, 1, 2, 8}
    make_centre_team()
    assert findings(chosen) == []
    make_staff("north:zhambyl", "clerk")
    Office.objects.filter(key="south:shymkent").update(active=False)
    assert {"no_role"} == {one.code for one in findings(chosen)}


def test_a_finding_says_its_place_in_words() -> None:
    changed = definition()
    changed["steps"][2]["act"]["ru"] = ""
    (one,) = findings_in(changed, known_words())
    assert one.part == "steps"
    assert "3" in one.row
    assert one.where


def test_publishing_what_is_published_or_withdrawn_is_refused() -> None:
    make_team()
    with pytest.raises(ValidationError):
        publish(edition("E8"))
    with pytest.raises(ValidationError):
        publish(withdraw(edition("E8")))
