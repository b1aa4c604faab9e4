"""Backup and restore: taken while people work, put back whole and equal, refused when anything is wrong with it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as configured
from django.core.files.base import ContentFile
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction
from django.db.migrations.recorder import MigrationRecorder

from applications import actions, intake, notices
from applications.models import Attachment, Case, Event, Paper, PaperBytes
from applications.workflow import State
from config import backup
from config.backup import container, manifest, restoring, rows
from offices.models import User
from tests.factories import FRIDAY, Team, make_case, make_intake, make_person, make_team
from tests.pages import post, sign_in, visit

SENTINEL = "Құпиясыбаева"


pytestmark = pytest.mark.django_db
_made: dict[str, Any] = {}


@pytest.fixture(autouse=True)
def _key(settings: Any) -> None:
    settings.BACKUP_KEY = "a key of the test"


@dataclass
class Saved:
    """An installation that somebody worked in, and its backup."""

    team: Team
    case: Case
    path: Path
    manifest: manifest.Manifest


@pytest.fixture
def saved(tmp_path: Path, settings: Any) -> Saved:
    """A backup of an installation that somebody worked in; here and now the installation is empty again."""
    if not _made:
        with transaction.atomic():
            _made.update(_work_and_save(tmp_path))
            transaction.set_rollback(True)
    path = tmp_path / "offices.backup"
    path.write_bytes(_made["content"])
    settings.MEDIA_ROOT = tmp_path / "restored media"
    return Saved(_made["team"], _made["case"], path, _made["manifest"])


def _work_and_save(folder: Path) -> dict[str, Any]:
    team = make_team()
    case = make_case(team, state=State.SIGNED, person=make_person(last_name=SENTINEL))
    scan = Attachment(name="scan.pdf", content_type="application/pdf", size=8, sha256="0", reason="—")
    scan.file.save("scan.pdf", ContentFile(b"%PDF-1.7 " + b"x" * 600_000), save=False)
    case = actions.attach(case, attachment=scan, by=team.clerk, at=FRIDAY + timedelta(hours=1))
    for paper in Paper.objects.all():
        notices.render(paper)
    manifest = backup.take(folder / "first.backup")
    return {"team": team, "case": case, "manifest": manifest, "content": (folder / "first.backup").read_bytes()}


# ------------------------------------------------------------------ what is put back


def test_what_is_put_back_is_what_was_saved(saved: Saved, tmp_path: Path) -> None:
    backup.restore(saved.path)
    again = backup.take(tmp_path / "again.backup")
    assert manifest.differences(again, saved.manifest) == []
    assert again["media"] == saved.manifest["media"] != {}
    assert again["heads"]["south:shymkent"][0] == Event.objects.count() > 3
    with Attachment.objects.get().file.open() as file:
        assert file.read(8) == b"%PDF-1.7"
    assert bytes(PaperBytes.objects.first().pdf)[:5] == b"%PDF-"  # type: ignore[union-attr]


def test_after_a_restore_people_sign_in_and_go_on_working(saved: Saved) -> None:
    backup.restore(saved.path)
    clerk = User.objects.get(pk=saved.team.clerk.user.pk)
    assert clerk.check_password("correct horse battery")
    assert SENTINEL in visit(sign_in(saved.team.clerk), f"/cases/{saved.case.pk}/").words
    assert post(sign_in(saved.team.clerk), "/search/", q=SENTINEL).response["Location"] == f"/cases/{saved.case.pk}/"
    actions.enter_in_record_book(Case.objects.get(), by=saved.team.executor, at=FRIDAY + timedelta(hours=2))
    new = intake.take_in(make_intake(saved.team), by=saved.team.clerk, at=FRIDAY + timedelta(hours=2))
    assert new.number.endswith("-00002")
    assert new.pk > saved.case.pk


@pytest.mark.skipif(connection.vendor != "postgresql", reason="needs both databases: runs with PostgreSQL's tests")
def test_an_installation_moves_to_the_other_database_and_back_unchanged(saved: Saved, tmp_path: Path) -> None:
    there = {
        **os.environ, "DATABASE_URL": f"sqlite:///{tmp_path / 'db.sqlite3'}", "DATA_DIR": str(tmp_path / "data"),
        "BACKUP_KEY": "a key of the test", "INDEX_KEY": configured.INDEX_KEY, "TALON_KEY": configured.TALON_KEY,
        "FIELD_KEYS": Path(configured.FIELD_KEYS_FILE).read_text(),
    }  # fmt: skip
    back = tmp_path / "back.backup"
    for command in (["migrate", "-v0"], ["restore", saved.path], ["backup", back]):
        subprocess.run([sys.executable, "manage.py", *map(str, command)], env=there, check=True, capture_output=True)
    assert manifest.differences(backup.restore(back), saved.manifest) == []


def test_nobody_who_finds_the_file_reads_it_and_no_key_is_in_it(saved: Saved) -> None:
    content = saved.path.read_bytes()
    assert SENTINEL.encode() not in content
    with saved.path.open("rb") as file:
        plain = b"".join(container.read(file, "a key of the test"))
    keys = [configured.INDEX_KEY, configured.TALON_KEY, configured.SECRET_KEY, "a key of the test"]
    keys += Path(configured.FIELD_KEYS_FILE).read_text().split()
    assert b"south:shymkent" in plain
    assert not [key for key in keys if key.split(":")[-1].encode() in plain]
    assert saved.case.person.iin.encode() not in plain


def test_the_database_guards_what_was_put_back(saved: Saved) -> None:
    before = guards()
    backup.restore(saved.path)
    assert guards() == before
    assert len(before) > 10
    for statement in (
        "UPDATE applications_event SET kind = 'x'", "DELETE FROM applications_event", "DELETE FROM services_step",
    ):  # fmt: skip
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)


def guards() -> list[Any]:
    """The triggers of the database, with whether they are on."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' ORDER BY name"
            if connection.vendor == "sqlite"
            else "SELECT tgname, tgenabled FROM pg_trigger WHERE NOT tgisinternal ORDER BY tgname"
        )
        return list(cursor.fetchall())


def test_the_commands_say_what_they_did(saved: Saved, tmp_path: Path, capsys: Any) -> None:
    call_command("restore", saved.path, "--check")
    assert "The backup is whole." in capsys.readouterr().out
    assert not User.objects.exists()
    call_command("restore", saved.path)
    assert "every hash is equal" in capsys.readouterr().out
    call_command("backup", tmp_path / "again.backup")
    assert (tmp_path / "again.backup").stat().st_mode & 0o077 == 0
    assert f"head {saved.manifest['heads']['south:shymkent'][1]}" in capsys.readouterr().out
    with pytest.raises(CommandError, match="exists already"):
        call_command("backup", tmp_path / "again.backup")
    with pytest.raises(CommandError, match="no file"):
        call_command("restore", tmp_path / "nothing")


def test_a_file_that_is_not_there_is_named(tmp_path: Path, capsys: Any) -> None:
    team = make_team()
    case = make_case(team)
    case.attachments.create(
        file="gone.pdf", name="a", content_type="a", size=1, sha256="0", reason="", added_at=FRIDAY,
        added_by=team.clerk.user,
    )  # fmt: skip
    call_command("backup", tmp_path / "offices.backup")
    assert "gone.pdf" in capsys.readouterr().err
    assert backup.check(tmp_path / "offices.backup")["missing"] == ["gone.pdf"]


# ------------------------------------------------------------------ what is refused


def refused(saved: Saved, reason: str) -> None:
    """The restore is refused for this reason and leaves nothing behind."""
    with pytest.raises(backup.BackupError, match=reason):
        backup.restore(saved.path)
    assert not User.objects.exists()
    assert not list(Path(configured.MEDIA_ROOT).rglob("*.pdf"))


@pytest.mark.parametrize("where", [0, 20, 40, 45, 1_000, -1])
def test_a_changed_byte_is_found_wherever_it_is(saved: Saved, where: int) -> None:
    content = bytearray(saved.path.read_bytes())
    content[where] ^= 1
    saved.path.write_bytes(content)
    refused(saved, "not a backup|damaged|another key")


@pytest.mark.parametrize("left", [0, 10, 41, 43, 200, -1, -20])
def test_a_file_that_was_cut_off_is_refused(saved: Saved, left: int) -> None:
    saved.path.write_bytes(saved.path.read_bytes()[:left])
    refused(saved, "not a backup|damaged")


def test_a_file_with_something_behind_its_end_is_refused(saved: Saved) -> None:
    saved.path.write_bytes(saved.path.read_bytes() + b"more")
    refused(saved, "damaged")


def test_pieces_cannot_be_left_out_or_change_places(tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.setattr(container, "PIECE", 64)
    path = tmp_path / "pieces"
    with path.open("wb") as file:
        writer = container.Writer(file, "k")
        writer.write(bytes(range(256)) * 2)
        writer.close()
    whole, head, step = path.read_bytes(), len(container.MAGIC) + 24, 4 + 64 + 16
    with path.open("rb") as file:
        assert b"".join(container.read(file, "k")) == bytes(range(256)) * 2
    first, second, rest = whole[head : head + step], whole[head + step : head + 2 * step], whole[head + 2 * step :]
    for changed in (second + first + rest, second + rest, first + rest, first + second, first + first + rest):
        path.write_bytes(whole[:head] + changed)
        with pytest.raises(backup.BackupError, match="damaged"), path.open("rb") as file:
            list(container.read(file, "k"))


def test_a_backup_made_with_another_key_is_refused(saved: Saved, settings: Any) -> None:
    settings.BACKUP_KEY = "another"
    refused(saved, "another key")


def test_a_backup_whose_sealed_values_could_not_be_opened_here_is_refused(saved: Saved, settings: Any) -> None:
    settings.INDEX_KEY = "another"
    refused(saved, "other keys than the one of the backup: INDEX_KEY")


def test_a_backup_of_another_version_is_refused(saved: Saved) -> None:
    MigrationRecorder.Migration.objects.create(app="applications", name="9999_later")
    refused(saved, r"another version \(applications\)")


def test_an_installation_in_which_somebody_worked_is_left_alone(saved: Saved) -> None:
    make_team("south:arys")
    with pytest.raises(backup.BackupError, match="worked in this installation already"):
        backup.restore(saved.path)
    assert User.objects.count() == 4


def test_what_arrives_differently_undoes_the_whole_restore(saved: Saved, monkeypatch: Any) -> None:
    insert = rows.Table.insert

    def lossy(table: rows.Table, given: Iterator[rows.Row]) -> None:
        kept = list(given)
        insert(table, kept[:-1] if table.name == "applications_clock" else kept)

    monkeypatch.setattr(rows.Table, "insert", lossy)
    refused(saved, "is not what was saved: tables applications_clock")


def test_a_manifest_that_does_not_fit_is_found_before_anything_is_changed(saved: Saved, monkeypatch: Any) -> None:
    monkeypatch.setattr(restoring, "_digest", lambda lines: {"rows": len(list(lines)), "hash": "0"})
    refused(saved, "does not hold what its manifest says")


def test_a_file_name_cannot_lead_out_of_the_folder_for_files(saved: Saved) -> None:
    for name in ("../outside", "/etc/passwd", "a/../../outside"):
        with pytest.raises(backup.BackupError, match="outside"):
            restoring._inside_media(name)


def test_a_full_disk_leaves_no_half_a_backup(tmp_path: Path, monkeypatch: Any) -> None:
    def full(self: Any, plain: bytes, *, last: bool) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(container.Writer, "_piece", full)
    with pytest.raises(backup.BackupError, match="No space left"):
        backup.take(tmp_path / "offices.backup")
    assert not list(tmp_path.glob("*offices.backup*"))


# ------------------------------------------------------------------ values


def test_no_table_is_forgotten() -> None:
    with connection.cursor() as cursor:
        there = set(connection.introspection.table_names(cursor))
    left_out = {name for name in there if name.startswith(("django_session", "django_migrations"))}
    # The index of words is no data: its triggers fill it again row by row.
    left_out |= {name for name in there if "_words" in name and name.startswith("applications_person_")}
    assert {table.name for table in rows.tables()} == there - left_out
