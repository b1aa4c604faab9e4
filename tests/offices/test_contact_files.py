"""Contact tables as files: looked at first, taken in whole or not at all, never carrying a formula."""

from __future__ import annotations

import csv
import io
import os
import zipfile
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from django.contrib.admin.models import LogEntry

from offices import unpacked
from offices.confined import confined
from offices.models import Office
from offices.resources import tables
from tests.factories import office
from tests.offices.admin_pages import (
    HEADS,
    NEW,
    administrator,
    as_csv,
    as_xlsx,
    download,
    of_oblast,
    page,
    problems,
    send,
    take_in,
)

pytestmark = pytest.mark.django_db


# ------------------------------------------------------------------ files in and out


def test_a_preview_shows_what_will_change_and_changes_nothing() -> None:
    row = office("akmola:akkol")
    answer = send(of_oblast(), as_csv([row.key, "8 (71638) 2-00-00; 2-00-01"], heads=["key", "phones"]))
    assert answer.context["result"].rows[0].diff == [
        ("Phones", "; ".join(row.phone_list), "8 (71638) 2-00-00; 2-00-01")
    ]
    assert "<ins>8 (71638) 2-00-00; 2-00-01</ins>" in answer.content.decode()
    row.refresh_from_db()
    assert "2-00-00" not in row.phones


def test_a_confirmed_file_changes_and_adds_offices() -> None:
    client, existing = of_oblast(), office("akmola:akkol")
    same = [getattr(existing, name) for name in HEADS]
    same[HEADS.index("phones")] = "8 (71638) 2-00-00; 2-00-01"
    same[HEADS.index("emails")] = "; ".join(existing.email_list)
    answer = take_in(client, send(client, as_xlsx(NEW, same), "offices.xlsx"))
    assert answer.status_code == 302
    assert office("akmola:akkol").phone_list == ["8 (71638) 2-00-00", "2-00-01"]
    assert office("akmola:novy").hours.exists()
    assert office("akmola:novy").history.first().history_change_reason == "offices.xlsx"
    assert LogEntry.objects.filter(object_id=str(office("akmola:novy").pk)).exists()


def test_a_bad_line_is_named_by_its_number_and_column() -> None:
    bad = dict(zip(HEADS, NEW, strict=True)) | {"kind": "shop", "emails": "not an address", "parent": "akmola:nowhere"}
    bad["key"], bad["code"] = "akmola:bad", office("akmola:akkol").code
    answer = send(of_oblast(), as_csv([*NEW, ""], list(bad.values()), heads=[*HEADS, "parent"]))
    found = {(line, column) for line, column, _message in problems(answer)}
    assert found == {(3, "Kind"), (3, "E-mails"), (3, "Higher body"), (3, "Code")}
    assert "akmola:nowhere" in answer.content.decode()


def test_an_unknown_oblast_is_named_too() -> None:
    bad = [*NEW[:3], "Atlantis", *NEW[4:]]
    assert [(line, column) for line, column, _why in problems(send(of_oblast(), as_csv(bad)))] == [(2, "Oblast")]


def test_blank_lines_do_not_shift_the_numbers() -> None:
    blank = [""] * len(HEADS)
    bad = [*NEW[:2], "shop", *NEW[3:]]
    assert [line for line, _column, _why in problems(send(of_oblast(), as_xlsx(blank, blank, bad), "a.xlsx"))] == [4]


def test_the_same_office_on_two_lines_is_refused() -> None:
    assert [(line, column) for line, column, _why in problems(send(of_oblast(), as_csv(NEW, NEW)))] == [(3, "Key")]


def test_one_bad_line_keeps_the_good_ones_out_too() -> None:
    client, before = of_oblast(), Office.objects.count()
    answer = send(client, as_csv(NEW, [*NEW[:1], "NO2", "shop", *NEW[3:]]))
    assert "confirm_form" not in answer.context
    assert Office.objects.count() == before


def test_what_became_wrong_since_the_preview_takes_nothing_in() -> None:
    client, before = of_oblast(), Office.objects.count()
    second = ["akmola:other", "OTH", *NEW[2:]]
    preview = send(client, as_csv(NEW, second))
    Office.objects.filter(key="akmola:akkol").update(code="OTH")
    answer = take_in(client, preview)
    assert answer.status_code == 409
    assert [(line, column) for line, column, _why in problems(answer)] == [(3, "Code")]
    assert Office.objects.count() == before


def test_a_file_of_an_administrator_changes_no_foreign_office_and_adds_none() -> None:
    client = administrator("akmola:akkol")
    foreign = send(client, as_csv(["akmola:arshaly", "1-11-11"], heads=["key", "phones"]))
    assert problems(foreign)
    assert any(column == "Key" for _line, column, _why in problems(send(client, as_csv(NEW))))
    own = send(client, as_csv(["akmola:akkol", "oblast_body"], heads=["key", "kind"]))
    assert problems(own) == [(2, "Kind", "Only the administrator of the oblast body changes this.")]


def test_an_office_never_changes_its_code_because_its_numbers_begin_with_it() -> None:
    answer = send(of_oblast(), as_csv(["akmola:akkol", "NEU"], heads=["key", "code"]))
    assert [column for _line, column, _why in problems(answer)] == ["Code"]


def test_an_office_may_name_one_that_stands_further_down_in_the_file() -> None:
    child = ["akmola:child", "CHI", *NEW[2:], "akmola:novy"]
    client = of_oblast()
    take_in(client, send(client, as_csv(child, [*NEW, ""], heads=[*HEADS, "parent"])))
    assert office("akmola:child").parent == office("akmola:novy")


@pytest.mark.parametrize("language", ["kk", "ru", "en"])
@pytest.mark.parametrize("kind", ["xlsx", "csv"])
def test_an_exported_file_comes_back_as_it_left(kind: str, language: str) -> None:
    data = download(of_oblast(language), kind)
    answer = send(of_oblast("ru"), data, f"offices.{kind}")
    assert answer.context["result"].totals["skip"] == Office.objects.filter(oblast="akmola").count()
    assert answer.context["result"].totals["update"] == 0


@pytest.mark.parametrize("start", ["=", "+", "-", "@"])
def test_an_exported_cell_is_never_a_formula_and_comes_back(start: str) -> None:
    row = office("akmola:akkol")
    row.head_name, row.phones = f"{start}HYPERLINK(1)", f"{start}7 71638 2-00-00"
    row.save()
    client = of_oblast()
    sheet = openpyxl.load_workbook(io.BytesIO(download(client, "xlsx"))).active
    cells = [cell for line in sheet.iter_rows() for cell in line]
    assert all(cell.data_type == "s" for cell in cells if cell.value is not None)
    assert f"'{start}HYPERLINK(1)" in {cell.value for cell in cells}
    lines = csv.reader(io.StringIO(download(client, "csv").decode("utf-8-sig")))
    assert not [cell for line in lines for cell in line if cell.startswith(("=", "+", "-", "@"))]
    assert send(client, download(client, "xlsx"), "a.xlsx").context["result"].totals["update"] == 0
    assert send(client, download(client, "csv"), "a.csv").context["result"].totals["update"] == 0


# ------------------------------------------------------------------ files that are refused


def packed(**parts: bytes) -> bytes:
    """A workbook with parts replaced or added, by their names with / and . written as __ and _."""
    source, out = zipfile.ZipFile(io.BytesIO(as_xlsx(NEW))), io.BytesIO()
    extra = {name.replace("__", "/").replace("_", "."): data for name, data in parts.items()}
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for entry in source.infolist():
            archive.writestr(entry.filename, extra.pop(entry.filename, None) or source.read(entry))
        for name, data in extra.items():
            archive.writestr(name, data)
    return out.getvalue()


LAUGHS = b"""<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY lol "lol">
<!ENTITY lol1 "&lol;&lol;&lol;&lol;&lol;&lol;&lol;&lol;">]><sheet>&lol1;</sheet>"""
WIDE = (
    b'<?xml version="1.0"?><worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
    b'<dimension ref="A1:XFD1048576"/><sheetData><row r="1"><c r="A1" t="inlineStr"><is><t>key</t></is></c></row>'
    b'<row r="1048576"><c r="XFD1048576" t="inlineStr"><is><t>x</t></is></c></row></sheetData></worksheet>'
)


@pytest.mark.parametrize(
    ("name", "data"),
    [
        pytest.param("offices.xlsx", as_csv(NEW), id="a text called a workbook"),
        pytest.param("offices.csv", as_xlsx(NEW), id="a workbook called a text"),
        pytest.param("offices.csv", b"%PDF-1.7\nkey", id="a paper called a text"),
        pytest.param("offices.ods", as_csv(NEW), id="another kind of file"),
        pytest.param("offices.csv", as_csv(NEW).decode().encode("utf-16"), id="another encoding"),
        pytest.param("offices.csv", "ключ".encode("cp1251"), id="an old code page"),
        pytest.param("offices.csv", b"key\n" + b"x" * (2 * 1024 * 1024), id="over 2 MB"),
        pytest.param("offices.csv", b"", id="empty"),
        pytest.param("offices.csv", b"key,code\n", id="nothing but the head line"),
        pytest.param("offices.csv", b'key,code\n"akmola', id="a quote that never ends"),
        pytest.param("offices.csv", b"key,code\na,b,c\n", id="more cells than heads"),
        pytest.param("offices.csv", b"key,nonsense\na,b\n", id="an unknown column"),
        pytest.param("offices.csv", b"key,key\na,b\n", id="a column twice"),
        pytest.param("offices.csv", b"code\na\n", id="no key"),
        pytest.param("offices.csv", b"key\n" + b"a\n" * 2001, id="too many lines"),
        pytest.param("offices.xlsx", packed(xl__bomb_xml=b"<a>" + b" " * 30_000_000 + b"</a>"), id="a zip bomb"),
        pytest.param("offices.xlsx", packed(xl__worksheets__sheet1_xml=LAUGHS), id="a billion laughs"),
        pytest.param("offices.xlsx", packed(xl__worksheets__sheet1_xml=WIDE), id="a sheet of all cells"),
        pytest.param("offices.xlsx", packed(xl__vbaProject_bin=b"x"), id="macros"),
        pytest.param(
            "offices.xlsx", packed(xl__externalLinks__externalLink1_xml=b"<a/>"), id="links to other workbooks"
        ),
        pytest.param("offices.xlsx", packed(xl__worksheets__sheet1_xml=packed()), id="a workbook in a workbook"),
        pytest.param("offices.xlsx", packed(**{f"x{n}": b"x" for n in range(200)}), id="too many parts"),
        pytest.param("offices.xlsx", as_xlsx(NEW)[:-30], id="cut off"),
        pytest.param("offices.xlsx", as_xlsx(["akmola:akkol", "=1+1"], heads=["key", "phones"]), id="a formula"),
    ],
)
def test_a_file_that_is_no_table_is_refused_with_a_message(name: str, data: bytes) -> None:
    answer = send(of_oblast(), data, name)
    assert answer.status_code == 200
    assert answer.context["form"].errors["import_file"]
    assert "confirm_form" not in answer.context


def test_a_workbook_that_never_ends_or_takes_all_memory_is_refused_beside_the_field(monkeypatch: Any) -> None:
    client = of_oblast()
    for doing in ("forever", "everything"):

        def hostile(work: str, data: bytes, doing: str = doing, **limits: int) -> bytes:
            return confined(f"tests.offices.test_uploads:{doing}", data, seconds=1, megabytes=limits["megabytes"])

        monkeypatch.setattr(tables, "confined", hostile)
        tables._xlsx.cache_clear()
        answer = send(client, as_xlsx(NEW), "offices.xlsx")
        assert answer.status_code == 200
        assert "takes too long to read" in answer.context["form"].errors["import_file"][0]


def test_a_workbook_is_opened_in_another_process_only(monkeypatch: Any) -> None:
    def never(data: bytes) -> bytes:
        raise AssertionError("opened here")

    monkeypatch.setattr(unpacked, "workbook", never)
    tables._xlsx.cache_clear()
    assert send(of_oblast(), as_xlsx(NEW), "offices.xlsx").context["confirm_form"]


def test_a_preview_opens_no_other_file_of_the_machine() -> None:
    client = of_oblast()
    kept = send(client, as_csv(NEW)).context["confirm_form"].initial
    for name in ("passwd", "../etc/passwd", kept["import_file_name"] + "x"):
        answer = client.post(page("offices_office_process_import"), {**kept, "import_file_name": name})
        assert answer.status_code == 409
    assert not Office.objects.filter(key="akmola:novy").exists()


def test_a_file_that_is_never_confirmed_is_thrown_away(settings: Any) -> None:
    client = of_oblast()
    send(client, as_csv(NEW))
    (waiting,) = (Path(settings.MEDIA_ROOT) / "imports").iterdir()
    os.utime(waiting, (0, 0))
    send(client, as_csv(NEW))
    assert not waiting.exists()
