"""The annexes of the regulations: printed back from what runs, and compared with what the decree prints."""

from __future__ import annotations

import copy
import io
import json
import re
from html import unescape
from typing import Any

import pikepdf
import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import translation

from services import annexes
from services.models import Edition
from tests.factories import edition

pytestmark = pytest.mark.django_db
REGULATIONS = [f"E{n}" for n in range(5, 13)]
CODES = {label: f"south-2012-370-{n}" for n, label in enumerate(REGULATIONS, start=1)}


def words(client: Client, path: str, language: str = "en") -> str:
    client.cookies["django_language"] = language
    response = client.get(path)
    assert response.status_code == 200, path
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", response.content.decode())).split())


def compared(label: str) -> list[annexes.Compared]:
    with translation.override("en"):
        return annexes.compare(Edition.objects.for_detail().get(short=label))


# ------------------------------------------------------------------ the decree beside what runs


@pytest.mark.parametrize("label", REGULATIONS)
def test_what_runs_is_what_the_decree_prints_or_the_difference_has_its_reading(label: str) -> None:
    cells = compared(label)
    assert len(cells) > 50
    assert [cell.place for cell in cells if not cell.same and not cell.reading] == []


def test_every_reading_explains_a_difference_that_there_is() -> None:
    used = {(CODES[label], cell.place) for label in REGULATIONS for cell in compared(label) if cell.reading is not None}
    written = {
        (code, place) for reading in annexes.readings() for code, places in reading["cells"].items() for place in places
    }
    assert written == used


def test_every_reading_is_dated_names_the_place_it_follows_and_speaks_three_languages() -> None:
    for reading in annexes.readings():
        assert reading["date"].year >= 2026, reading["key"]
        assert reading["follows"], reading["key"]
        assert all(len(reading["text"][language]) > 40 for language in ("kk", "ru", "en")), reading["key"]


@pytest.mark.parametrize(
    ("field", "value", "place"),
    [
        ("act_kk", "Құжаттарды қабылдау", "1/1/act"),
        ("unit_kk", "Уәкілетті органның басшысы", "1/1/unit"),
        ("norm_kk", "2 сағат", "1/1/norm"),
        ("norm_amount", 2, "1/1/term"),
        ("unit", "executor", "2/1/doer"),
    ],
)
def test_a_definition_that_strays_from_the_decree_is_found_out(
    field: str, value: Any, place: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert place not in [cell.place for cell in compared("E8") if not cell.same]
    strayed = Edition.objects.for_detail().get(short="E8")
    steps = list(strayed.steps.all())
    setattr(steps[0], field, value)
    monkeypatch.setattr(annexes, "steps_of", lambda edition: tuple(steps))
    found = next(cell for cell in annexes.compare(strayed) if cell.place == place)
    assert not found.same
    assert not found.reading


def test_an_act_left_out_or_moved_to_another_group_is_found_out() -> None:
    strayed = Edition.objects.for_detail().get(short="E8")
    first, second, _third, _fourth = strayed.path_groups.all()
    acts: list[dict[str, list[Any]]] = [group._prefetched_objects_cache for group in strayed.path_groups.all()]  # type: ignore[attr-defined]
    assert (first.table, second.table) == (2, 2)
    act = next(act for act in first.acts.all() if act.no == 3)
    acts[1]["acts"] = [*second.acts.all(), act]
    acts[0]["acts"] = [other for other in first.acts.all() if other is not act]
    acts[2]["acts"] = [other for other in acts[2]["acts"] if other.no != 5]
    with translation.override("en"):
        places = [cell.place for cell in annexes.compare(strayed) if not cell.same and not cell.reading]
    assert places == ["2/3/group", "3/5/act"]


@pytest.mark.parametrize(
    ("said", "term"),
    [
        ("30 минут", (30, "minute")), ("1 сағат", (1, "hour")), ("Он жұмыс күн ішінде", (10, "working_day")),
        ("Жеті жұмыс күні ішінде", (7, "working_day")), ("15 күнтізбелік күн ішінде", (15, "calendar_day")),
        ("Жұмыс күн ішінде", (1, "within_working_day")), ("Бір күн ішінде", (1, "within_day")),
        ("Күніне 3 рет", (3, "times_a_day")), ("Күніне екі реттен кем емес", (2, "times_a_day")),
        ("тез арада", None), ("", None), (None, None),
    ],
)  # fmt: skip
def test_the_acts_words_for_a_term_are_read_without_the_definition(said: str | None, term: Any) -> None:
    assert annexes.read_term(said) == term


def test_the_printed_tables_are_not_made_from_the_definitions() -> None:
    """E10 leaves cells blank in print and E12 prints a column too many: a copy of the definition would not show it."""
    wheelchairs, help_ = annexes.printed(CODES["E10"]), annexes.printed(CODES["E12"])
    assert wheelchairs
    assert help_
    assert wheelchairs["table2"]["acts"][0]["text"] is None
    assert [column["no"] for column in help_["table1"]["blocks"][1]["columns"]] == ["4", None, "5"]


@pytest.mark.parametrize("language", ["kk", "ru", "en"])
def test_the_comparison_page_counts_and_shows_every_difference(client: Client, language: str) -> None:
    for label in ("E8", "E10", "E12"):
        client.cookies["django_language"] = language
        html = client.get(f"/services/{CODES[label]}/comparison/").content.decode()
        differ = [cell for cell in compared(label) if not cell.same]
        assert html.count("app-compared--other") == len(differ)
        assert html.count("app-compared--same") == len(compared(label)) - len(differ)


def test_the_comparison_page_says_with_a_sign_and_words_what_is_equal_and_why_not(client: Client) -> None:
    page = words(client, f"/services/{CODES['E9']}/comparison/")
    assert "✓ equal" in page
    assert "≠ read differently Table 3 ends with registering the refusal" in page
    assert "Reading of 21.11.2026; followed: 11-тармақ 6)" in page
    assert "0 without a reason" in page


def test_a_standard_has_nothing_to_compare(client: Client) -> None:
    assert client.get("/services/akmola-2008-428/comparison/").status_code == 404


# ------------------------------------------------------------------ printed back


def test_the_annex_prints_the_acts_own_cells_heads_and_layout(client: Client) -> None:
    page = words(client, f"/services/{CODES['E6']}/annex/", "kk")
    assert "1- Кесте. ҚФБ іс-әрекеттерінің сипаттамасы" in page
    assert "Келесі әрекеттің нөмірі 2 3 4" in page
    assert "3-кесте. Пайдалану нұсқалары. Баламалы үдеріс. Топ 2 ҚФБ" in page
    assert "30 minutes" not in page


def test_translations_stand_beside_the_acts_words(client: Client) -> None:
    page = words(client, f"/services/{CODES['E8']}/annex/", "ru")
    assert "Құжаттарды қабылдап, тіркеу Принять и зарегистрировать документы" in page
    assert "Жеті жұмыс күні ішінде 7 рабочих дней" in page


def test_acts_of_a_path_stand_in_the_columns_of_their_groups() -> None:
    with translation.override("kk"):
        grid = annexes.path_grid(Edition.objects.for_detail().get(short="E7"), 2, "kk")
    assert grid
    heads = [[cell.head if cell else "" for cell in row] for row in grid["rows"]]
    assert heads == [
        ["№ 1-әрекет", "№ 2-әрекет", "№ 3-әрекет"],
        ["", "№ 4-әрекет", "№ 5-әрекет"],
        ["", "№ 6-әрекет", ""],
        ["", "№ 7-әрекет", ""],
        ["№ 8-әрекет", "", ""],
    ]


def test_an_edition_without_tables_says_that_the_order_is_ours(client: Client) -> None:
    assert "Offices work in this common order, which is our reading" in words(
        client, "/services/akmola-2008-428/annex/"
    )
    data = json.loads(client.get("/services/akmola-2008-428/annex.json").content)
    assert data["source"] == "project"
    assert data["table2"] == data["table3"] == []


@pytest.mark.parametrize(("label", "language"), [("E7", "ru"), ("E10", "kk")])
def test_the_pdf_has_tables_and_diagram_in_the_decrees_order(client: Client, label: str, language: str) -> None:
    client.cookies["django_language"] = language
    response = client.get(f"/services/{CODES[label]}/annex.pdf")
    assert response["Content-Type"] == "application/pdf"
    with pikepdf.open(io.BytesIO(response.content)) as pdf:
        first, last = pdf.pages[0].mediabox, pdf.pages[-1].mediabox
        assert float(first[2]) > float(first[3])
        assert float(last[2]) > 1100 if label == "E7" else float(last[2]) < 900


@pytest.mark.parametrize("suffix", ["json", "pdf", "svg", "bpmn"])
def test_one_path_can_be_had_alone_and_an_unknown_one_not(client: Client, suffix: str) -> None:
    path = f"/services/{CODES['E8']}/annex.{suffix}"
    assert client.get(path, {"path": "main"}).content != client.get(path, {"path": "alternative"}).content
    assert client.get(path, {"path": "third"}).status_code == 404


@pytest.mark.parametrize("version", ["1", "2", "0", "x", "-1", "99999", "²"])
def test_a_version_is_shown_when_there_is_one(client: Client, version: str) -> None:
    expected = 200 if version == "1" else 404
    assert client.get(f"/services/{CODES['E8']}/annex/", {"version": version}).status_code == expected


def test_the_viewer_is_loaded_only_where_somebody_asks_for_it(client: Client) -> None:
    plain = client.get(f"/services/{CODES['E8']}/annex/").content.decode()
    asked = client.get(f"/services/{CODES['E8']}/annex/?viewer=1").content.decode()
    assert "viewer.js" not in plain
    assert "viewer.js" in asked
    assert "<svg" in plain
    assert "<svg" in asked


# ------------------------------------------------------------------ the command


@pytest.mark.parametrize("label", REGULATIONS)
def test_the_command_serves_every_format_of_every_regulation(label: str, tmp_path: Any) -> None:
    starts = {"json": b"{", "html": b"<!DOCTYPE", "svg": b"<svg", "bpmn": b"<?xml"}
    for suffix, start in starts.items():
        for path in ((), ("--path", "main"), ("--path", "alternative")):
            file = tmp_path / f"annex.{suffix}"
            call_command("annex", CODES[label], *path, "--format", suffix, "--output", str(file))
            assert file.read_bytes().startswith(start)


def test_the_command_writes_a_pdf_and_says_where_it_cannot(tmp_path: Any) -> None:
    file = tmp_path / "annex.pdf"
    call_command("annex", CODES["E5"], "--format", "pdf", "--output", str(file))
    assert file.read_bytes().startswith(b"%PDF")
    with pytest.raises(CommandError, match="No such file"):
        call_command("annex", CODES["E5"], "--format", "svg", "--output", str(tmp_path / "no" / "a.svg"))


def test_the_command_says_that_a_standard_has_no_step_table() -> None:
    out, err = io.StringIO(), io.StringIO()
    call_command("annex", "akmola-2008-428", stdout=out, stderr=err)
    assert "no step table" in err.getvalue()
    assert json.loads(out.getvalue())["source"] == "project"


def test_what_is_shown_does_not_change_what_is_read() -> None:
    before = copy.deepcopy(annexes.printed(CODES["E8"]))
    compared("E8")
    assert annexes.printed(CODES["E8"]) == before


def test_the_comparison_page_shows_how_contradictions_of_the_act_are_read(client: Client) -> None:
    page = words(client, f"/services/{CODES['E5']}/comparison/")
    assert "How the act is read where its points contradict each other" in page
    readings = edition("E5").definition["readings"]
    assert readings
    assert all(" ".join(reading["en"].split()) in page for reading in readings)
