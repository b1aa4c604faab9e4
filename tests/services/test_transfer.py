"""The law in and out: byte for byte, and nothing changes where a file is wrong, with the place named."""

from __future__ import annotations

import hashlib
import json
import zipfile
from collections.abc import Callable
from datetime import date
from functools import cache
from io import BytesIO, StringIO
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command

from offices.confined import confined
from offices.models import CalendarDay, Office
from services import actions, lawfiles
from services.lawfiles import LawFileError
from services.models import Decree, Edition, EditionUse, Service
from tests.conftest import unguarded_events
from tests.factories import FRIDAY, edition, make_case, make_staff, make_team
from tests.pages import sign_in, visit

pytestmark = pytest.mark.django_db
FILES = sorted((Path(settings.BASE_DIR) / "fixtures/law/editions").glob("*.yaml"))
CODE = "south-2012-370-4"


def everybody(decree: Decree) -> bool:
    """Leave to do everything."""
    return True


def rows() -> dict[str, list[Any]]:
    """All that the law and the contact tables hold."""
    models = (Edition, Decree, Service, Office, CalendarDay, EditionUse)
    return {model.__name__: list(model._default_manager.order_by("pk").values()) for model in models}


def law(*arguments: str) -> str:
    """What `manage.py law` prints."""
    out = StringIO()
    call_command("law", *arguments, stdout=out)
    return out.getvalue()


# ------------------------------------------------------------------ one edition


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_an_export_equals_the_file_that_was_loaded_byte_for_byte(path: Path) -> None:
    assert law("export", path.stem).encode() == path.read_bytes()


def text_of_draft(**changed: Any) -> str:
    """The file of E8 as its second version."""
    definition = Edition.objects.get(code=CODE, version=1).definition | {
        "version": 2,
        "valid_from": "2026-04-01",
        **changed,
    }
    return lawfiles.dump(definition)


def test_a_file_becomes_a_draft_and_again_another_draft(tmp_path: Path) -> None:
    path = tmp_path / "new.yaml"
    path.write_text(text_of_draft())
    assert law("import", str(path)) == f"draft {CODE} version 2\n"
    assert law("export", CODE) == path.read_text()
    path.write_text(text_of_draft(annex=9))
    law("import", str(path))
    draft = Edition.objects.get(code=CODE, version=2)
    assert (draft.state, draft.annex, draft.revision) == ("draft", 9, 2)
    assert draft.changes.count() == 2


WRONG: list[tuple[str, str, str, str]] = [
    ("a norm of nothing", "amount: 7", "amount: 0", "line 65, norms[1].amount: a whole number from 1 on is expected"),
    ("a norm below nothing", "amount: 7", "amount: -1", "line 65, norms[1].amount: a whole number from 1 on is expected"),
    ("half a day", "amount: 7", "amount: 7.5", "line 65, norms[1].amount: a whole number from 1 on is expected"),
    ("a unit of time unknown", "unit: working_day", "unit: fortnight", "line 66, norms[1].unit: “fortnight” is not known"),
    ("a transition unknown", "transition: sign", "transition: burn", "transition: “burn” is not known"),
    ("a field unknown", "legal_basis:", "legal_grounds:", "legal_grounds: there is no such field here"),
    ("a field missing", "channels: [department]\n", "", "line 1, channels: is missing"),
    ("a field twice", "label: E8", "label: E8\nlabel: E8", "line 3, label: stands twice"),
    ("a reference", "label: E8", "label: &a E8", "line 2, file: References"),
    ("not YAML", "norms:", "norms: [", "file: while parsing"),
    ("a list that is none", "channels: [department]", "channels: department", "channels: a list is expected"),
    ("two steps of one number", "'no': 1\n    block: 1", "'no': 2\n    block: 1", "the same as in another row: 2"),
    ("a date that is none", "valid_from: '2026-04-01'", "valid_from: 'tomorrow'", "valid_from: a date such as"),
    ("the wrong kind of flag", "value: true", "value: maybe", "free.value: true or false is expected"),
    ("a service unknown", "service: targeted-social-assistance", "service: nothing", "There is no service nothing"),
    ("a decree unknown", "decree: south-2012-370", "decree: nothing", "The decree nothing is not one of yours"),
    ("a label that another has", "label: E8", "label: E9", "There is an edition with this label already"),
    ("a published version", "version: 2", "version: 1", "Version 1 of south-2012-370-4 is published and cannot change"),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "said"), [row[1:] for row in WRONG], ids=[row[0] for row in WRONG])
def test_a_wrong_file_is_refused_with_line_and_field_and_nothing_changes(
    tmp_path: Path, old: str, new: str, said: str
) -> None:
    path, text = tmp_path / "new.yaml", text_of_draft()
    assert old in text
    path.write_text(text.replace(old, new, 1))
    before = rows()
    with pytest.raises(CommandError) as problem:
        law("import", str(path))
    assert said in str(problem.value)
    assert rows() == before


@pytest.mark.parametrize(
    "content",
    [b"", b"\xff\xfe", b"[]", b"a: b", b"\0", b"- " * 3000, b"a: &a [*a]", b"code: !!python/object:os.system x"],
)
def test_what_is_no_edition_at_all_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "new.yaml"
    path.write_bytes(content)
    with pytest.raises(CommandError, match=r"^new.yaml: "):
        law("import", str(path))


def test_the_page_lists_each_fault_with_its_line_and_field() -> None:
    jurist = sign_in(make_staff("zhambyl:oblast", "administrator"))
    text = lawfiles.dump(edition("E1").definition | {"version": 2, "valid_from": "2026-04-01"})
    wrong = text.replace("amount: 10", "amount: 0", 1).replace("unit: minute", "unit: moment", 1)
    file = SimpleUploadedFile("e1.yaml", wrong.encode(), "application/yaml")
    page = visit(jurist, "/law/import/").send(file=file)
    assert page.status == 400
    assert "norms[1].amount a whole number from 1 on is expected" in page.words
    assert "norms[2].unit" in page.words
    assert not Edition.objects.filter(version=2).exists()
    right = visit(jurist, "/law/import/").send(file=SimpleUploadedFile("e1.yaml", text.encode()))
    draft = Edition.objects.get(version=2)
    assert right.response["Location"] == f"/law/{draft.pk}/"
    assert jurist.get(f"/law/{draft.pk}/file.yaml").content.decode() == text


def test_a_file_of_another_decree_is_not_taken_in() -> None:
    jurist = sign_in(make_staff("zhambyl:oblast", "administrator"))
    page = visit(jurist, "/law/import/").send(file=SimpleUploadedFile("e8.yaml", text_of_draft().encode()))
    assert page.status == 400
    assert "is not one of yours" in page.errors["file"]


def test_an_edition_on_which_cases_run_is_not_deleted() -> None:
    case = make_case(make_team())
    with pytest.raises(actions.EditRefused):
        actions.discard(case.edition)


# ------------------------------------------------------------------ everything


@pytest.fixture
def archive() -> bytes:
    """Everything, with a withdrawn edition, an amended one and a draft."""
    actions.withdraw(edition("E5"))
    act: dict[str, Any] = {"number": "1", "day": date(2026, 3, 1), "text": {"kk": "Қ", "ru": "П"}}
    draft = actions.amend(edition("E8"), **act, valid_from=date(2026, 4, 1), by=None, at=FRIDAY)
    actions.publish(draft, at=FRIDAY, staffed=False)
    actions.amend(edition("E9"), **act, valid_from=date(2026, 5, 1), by=None, at=FRIDAY)
    return actions.export_all(at=FRIDAY)


@pytest.fixture
def shipped() -> bytes:
    """Everything as it was loaded; the same in every test, so made once."""
    return _made_once()


@cache
def _made_once() -> bytes:
    return actions.export_all(at=FRIDAY)


def test_an_archive_brings_everything_to_an_empty_installation(archive: bytes) -> None:
    before = rows()
    with unguarded_events():
        EditionUse.objects.all().delete()
        Edition.objects.all().delete()
        Decree.objects.all().delete()
        Service.objects.all().delete()
        CalendarDay.objects.all().delete()
        Office.objects.update(parent=None, appeal_body=None)
        Office.objects.all().delete()
    counts = actions.import_all(archive, may=everybody, at=FRIDAY)
    assert (counts["editions"], counts["decrees"], counts["services"]) == (15, 5, 11)
    after = rows()
    for name, columns in KEPT.items():
        assert sorted(pick(before[name], columns)) == sorted(pick(after[name], columns)), name
    assert actions.export_all(at=FRIDAY) == archive


KEPT = {
    "Edition": ["code", "version", "state", "valid_from", "valid_to", "digest", "short"],
    "Decree": ["code", "number", "title_kk", "registered_date"],
    "Service": ["code", "name_ru", "everyday_kk"],
    "Office": ["key", "name_kk", "phones", "emails", "address_ru", "hours_text"],
    "CalendarDay": ["day", "kind", "name_kk", "verified", "source"],
}


def pick(rows_of: list[dict[str, Any]], columns: list[str]) -> list[str]:
    """What is compared of each row."""
    return [str([row[name] for name in columns]) for row in rows_of]


def test_an_archive_changes_nothing_that_is_there(archive: bytes) -> None:
    Office.objects.filter(key="south:shymkent").update(phones="changed")
    before = rows()
    counts = actions.import_all(archive, may=everybody, at=FRIDAY)
    assert set(counts.values()) == {0}
    assert rows() == before


def rebuilt(archive: bytes, change: Callable[[dict[str, bytes]], None], *, honest: bool = True) -> bytes:
    """An archive with other files; `honest`: its list names their digests."""
    with zipfile.ZipFile(BytesIO(archive)) as old:
        files = {name: old.read(name) for name in old.namelist()}
    change(files)
    manifest = json.loads(files.pop("manifest.json"))
    if honest:
        manifest["files"] = {name: hashlib.sha256(content).hexdigest() for name, content in files.items()}
    out = BytesIO()
    with zipfile.ZipFile(out, "w") as new:
        new.writestr("manifest.json", json.dumps(manifest))
        for name, content in files.items():
            new.writestr(name, content)
    return out.getvalue()


def put(name: str, old: bytes, new: bytes) -> Callable[[dict[str, bytes]], None]:
    """Changes a file of the archive."""

    def change(files: dict[str, bytes]) -> None:
        assert old in files[name]
        files[name] = files[name].replace(old, new, 1)

    return change


E2 = "law/editions/zhambyl-2008-120-2.yaml"


def other(name: str, content: bytes | None, *, honest: bool = True) -> Callable[[bytes], bytes]:
    """The archive with another file of this name, or without it."""

    def change(files: dict[str, bytes]) -> None:
        files.pop(name, None)
        files |= {name: content} if content is not None else {}

    return lambda data: rebuilt(data, change, honest=honest)


def edited(name: str, old: bytes, new: bytes, *, honest: bool = True) -> Callable[[bytes], bytes]:
    """The archive with a file changed in one place."""
    return lambda data: rebuilt(data, put(name, old, new), honest=honest)


TRICKS: list[tuple[str, Callable[[bytes], bytes], str]] = [
    ("half of it", lambda data: data[: len(data) // 2], "The archive is not whole"),
    ("all but the end", lambda data: data[:-30], "The archive is not whole"),
    ("nothing", lambda data: b"", "The archive is not whole"),
    ("a picture", lambda data: b"\x89PNG" + data[4:60], "The archive is not whole"),
    ("another version", edited("manifest.json", b'"version": 1', b'"version": 2'), "another version (2)"),
    ("another program's", edited("manifest.json", b"employment-offices-law", b"other"), "another version"),
    ("a list that is none", edited("manifest.json", b'"editions"', b'"else"'), "manifest.json"),
    ("without a file", other("law/services.yaml", None), "law/services.yaml"),
    ("without an edition", other(E2, None), E2),
    ("a file changed on the way", edited(E2, b"amount: 3", b"amount: 4", honest=False), f"{E2}: this is not the file"),
    ("a published edition changed", edited(E2, b"amount: 3", b"amount: 4"), "is published and cannot change"),
    ("a norm of nothing", edited(E2, b"amount: 3", b"amount: 0"), "norms[1].amount: a whole number"),
    ("a way out", other("../evil.yaml", b"x"), "../evil.yaml"),
    ("a way to the root", other("/etc/passwd", b"x"), "/etc/passwd"),
    ("a file more", other("x.yaml", b"x", honest=False), "x.yaml"),
    ("a list of offices that is none", other("offices/offices.yaml", b"a: b"), "offices/offices.yaml"),
]  # fmt: skip


@pytest.mark.parametrize(("trick", "said"), [row[1:] for row in TRICKS], ids=[row[0] for row in TRICKS])
def test_an_archive_that_is_not_as_it_should_be_is_refused_whole(
    shipped: bytes, tmp_path: Path, trick: Callable[[bytes], bytes], said: str
) -> None:
    path = tmp_path / "law.zip"
    path.write_bytes(trick(shipped))
    before = rows()
    with pytest.raises(CommandError) as problem:
        law("unpack", str(path))
    assert said in str(problem.value)
    assert rows() == before


def test_links_and_bombs_are_refused() -> None:
    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        new.writestr("manifest.json", b"0" * (65 * 1024 * 1024))
    with pytest.raises(LawFileError, match=r"large|үлкен"):
        actions.import_all(out.getvalue(), may=everybody, at=FRIDAY)
    link = zipfile.ZipInfo("link")
    link.external_attr = 0o120777 << 16
    out = BytesIO()
    with zipfile.ZipFile(out, "w") as new:
        new.writestr(link, "/etc/passwd")
    with pytest.raises(LawFileError, match="link"):
        actions.import_all(out.getvalue(), may=everybody, at=FRIDAY)


def deep(opening: str) -> str:
    return "label: " + opening * 100_000


@pytest.mark.parametrize(
    "text",
    [
        "a: &a [x, x, x]\nb: &b [*a, *a, *a]\nc: [*b, *b, *b]\n", deep("["), deep("{a: "), "label: \"\\ud800\"", "2020-01-01: x",
        "? [a, b]\n: c", "a: " + "9" * 300_000,
    ],
    ids=["a billion laughs", "brackets without end", "braces without end", "half a sign", "a day as a name", "a list as a name",
         "a number without end"],
)  # fmt: skip
def test_text_made_to_harm_is_refused_beside_the_field(text: str) -> None:
    page = visit(sign_in(make_staff("zhambyl:oblast", "administrator")), "/law/import/")
    answer = page.send(file=SimpleUploadedFile("a.yaml", text.encode()))
    assert answer.status == 400
    assert answer.errors["file"]


def test_a_file_that_is_read_without_end_is_refused_beside_the_field(monkeypatch: Any) -> None:
    jurist, saved = sign_in(make_staff("zhambyl:oblast", "administrator")), actions.export_all(at=FRIDAY)

    def endless(work: str, data: bytes, **limits: int) -> bytes:
        return confined("tests.offices.test_uploads:forever", data, seconds=1)

    monkeypatch.setattr(lawfiles.reading, "confined", endless)
    for path, name, content in (("/law/import/", "a.yaml", b"a: b"), ("/law/archive/", "law.zip", saved)):
        answer = visit(jurist, path).send(file=SimpleUploadedFile(name, content))
        assert answer.status == 400
        assert "takes too long to read" in answer.errors["file"]


def test_an_archive_in_an_archive_stays_closed(shipped: bytes) -> None:
    with pytest.raises(LawFileError, match=r"law\.zip"):
        actions.import_all(other("law.zip", shipped, honest=False)(shipped), may=everybody, at=FRIDAY)


def test_packing_and_unpacking_by_command(tmp_path: Path) -> None:
    path = tmp_path / "law.zip"
    law("pack", str(path))
    assert [entry.name for entry in tmp_path.iterdir()] == ["law.zip"]
    assert "editions 0" in law("unpack", str(path))


def test_the_archive_page_gives_and_takes() -> None:
    jurist = sign_in(make_staff("zhambyl:oblast", "administrator"))
    saved = jurist.get("/law/archive/law.zip").content
    page = visit(jurist, "/law/archive/").send(file=SimpleUploadedFile("law.zip", saved))
    assert "Taken in. New here: editions 0" in page.words
    half = visit(jurist, "/law/archive/").send(file=SimpleUploadedFile("law.zip", saved[:5000]))
    assert half.status == 400
    assert "The archive is not whole" in half.errors["file"]


def test_an_archive_with_an_edition_of_another_decree_is_refused_on_the_page(shipped: bytes) -> None:
    jurist = sign_in(make_staff("zhambyl:oblast", "administrator"))
    new = lawfiles.dump(edition("E10").definition | {"code": "new-1", "label": "E77", "version": 1})

    def add(files: dict[str, bytes]) -> None:
        manifest = json.loads(files["manifest.json"])
        manifest["editions"].append(
            {"file": "law/editions/new-1.yaml", "state": "draft", "valid_to": None, "offices": []}
        )
        files |= {"manifest.json": json.dumps(manifest).encode(), "law/editions/new-1.yaml": new.encode()}

    file = SimpleUploadedFile("law.zip", rebuilt(shipped, add))
    page = visit(jurist, "/law/archive/").send(file=file)
    assert "is not one of yours" in page.errors["file"]
    assert not Edition.objects.filter(code="new-1").exists()
