"""An installation of the first release comes up to the present one with nothing lost, however often the power fails meanwhile.

`first_release.json.gz` is what `dumpdata` of the first release gave (without content types, permissions, sessions and two
tables of history): its law and eleven cases that its own actions made, in all states, with talons, notices, a refusal, a file
handed in later, a form's token and a package on its way from the service centre.
"""

from __future__ import annotations

import gzip
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps as today
from django.conf import settings as configured
from django.contrib.auth.models import Permission
from django.contrib.contenttypes.models import ContentType
from django.core.management import call_command
from django.core.management.color import no_style
from django.db import DatabaseError, connection, transaction
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.recorder import MigrationRecorder
from django.utils import timezone

from applications import actions, chain, guards, intake, queries
from applications.models import Case, PaperBytes, Person
from applications.workflow import State
from kpi.actions import months
from kpi.models import MonthCell
from offices import calendars, vault
from offices.models import User
from offices.policy import Staff, staff_at
from services import public, search
from services import queries as law
from services.models import Edition
from tests.copies import empty_database
from tests.factories import FRIDAY, Team, make_intake, office
from tests.pages import sign_in, visit

FIRST_RELEASE = [("applications", "0003_events_append_only"), ("offices", "0001_initial"), ("services", "0001_initial")]
ROWS: list[dict[str, Any]] = json.loads(gzip.decompress((Path(__file__).parent / "first_release.json.gz").read_bytes()))
# Counted otherwise since: how an overall term ended is told more exactly.
CHANGED = {"applications.clock": {"ended_by"}}
# Of every applicant: IIN, address, phone, e-mail and old identifier; words of decisions; the beginning of a PDF.
PERSONAL = ("9901015", "Тәуке хан", "+7 701", "example.kz", "РНН", "Тағайындалды", "дерекқормен", "%PDF")
SEALED = ("applications_person", "applications_decision", "applications_paper", "applications_paperbytes")
# A child that dies when a function is called for the n-th time, in the middle of a migration and of its transaction.
DYING = """
import itertools, os, sys
from importlib import import_module
import django
django.setup()
from django.core.management import call_command
where, name, last = sys.argv[1:]
module = import_module(where)
function, calls = getattr(module, name), itertools.count(1)
def dying(*args, **kwargs):
    return os._exit(9) if next(calls) == int(last) else function(*args, **kwargs)
setattr(module, name, dying)
import_module("applications.migrations.0009_seal_rows").PORTION = 1
call_command("migrate", verbosity=0, skip_checks=True)
"""


@pytest.fixture
def db(django_db_setup: None, django_db_blocker: Any, tmp_path: Path) -> Iterator[set[str]]:
    """In place of pytest-django's: the first release with data in it. Gives the triggers of a new installation."""
    with django_db_blocker.unblock():
        guarded = triggers()
        with empty_database(tmp_path):
            _forget()
            _fill(MigrationExecutor(connection))
            yield guarded
    _forget()


def _forget() -> None:
    """Nothing that was read from one database is known in another."""
    ContentType.objects.clear_cache()
    for module in (law, public):
        for function in vars(module).values():
            if hasattr(function, "cache_clear"):
                function.cache_clear()
    calendars._cache.clear()


def _fill(executor: MigrationExecutor) -> None:
    old = executor.migrate(FIRST_RELEASE).apps
    rows: dict[Any, list[Any]] = {}
    for row in ROWS:
        model = old.get_model(row["model"])
        rows.setdefault(model, []).append(_built(model, row))
    with connection.constraint_checks_disabled():
        for model, built in rows.items():
            model._base_manager.bulk_create(built)
        serves = old.get_model("offices", "Office").serves.through
        serves._base_manager.bulk_create(
            serves(from_office_id=row["pk"], to_office_id=other)
            for row in ROWS
            for other in row["fields"].get("serves", ())
        )
    connection.check_constraints()
    with connection.cursor() as cursor:
        for statement in connection.ops.sequence_reset_sql(no_style(), [*rows, serves]):
            cursor.execute(statement)
    _part_that_is_gone()


def _part_that_is_gone() -> None:
    """What a part of that release, which nobody has today, left in the database: tables, and what names it elsewhere."""
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE axes_accessattempt (id integer PRIMARY KEY, username varchar(255))")
        cursor.execute("CREATE TABLE axes_accesslog (id integer PRIMARY KEY)")
        cursor.execute(
            "CREATE TABLE axes_accessattemptexpiration "
            "(access_attempt_id integer PRIMARY KEY REFERENCES axes_accessattempt (id))"
        )
        cursor.execute("INSERT INTO axes_accessattempt VALUES (1, 'a.seitkali')")
        cursor.execute("INSERT INTO axes_accessattemptexpiration VALUES (1)")
    MigrationRecorder(connection).record_applied("axes", "0001_initial")
    kind = ContentType.objects.create(app_label="axes", model="accessattempt")
    Permission.objects.create(content_type=kind, codename="view_accessattempt", name="Can view access attempt")
    ContentType.objects.clear_cache()


def _nothing_is_left_of_it() -> None:
    assert not [name for name in connection.introspection.table_names() if name.startswith("axes_")]
    assert "axes" not in {app for app, _name in MigrationRecorder(connection).applied_migrations()}
    assert not ContentType.objects.filter(app_label="axes").exists()


def _built(model: Any, row: dict[str, Any]) -> Any:
    many = {field.name for field in model._meta.many_to_many}
    fields = {name: value for name, value in row["fields"].items() if name not in many}
    values = {model._meta.get_field(name).attname: _python(model, name, value) for name, value in fields.items()}
    return model(pk=row["pk"], **values)


def _python(model: Any, name: str, value: Any) -> Any:
    field = model._meta.get_field(name)
    return value if field.is_relation else field.to_python(value)


def migrate() -> None:
    """As the person who brings the installation up to date does."""
    call_command("migrate", verbosity=0, skip_checks=True)


def killed(tmp_path: Path, where: str, name: str, last: int) -> None:
    """The same in a process that dies when it calls that function for the last time."""
    vault.keyring()
    database = connection.settings_dict["NAME"]
    url = f"sqlite:///{database}"
    if connection.vendor == "postgresql":
        url = os.environ["DATABASE_URL"].split("?")[0].rpartition("/")[0] + f"/{database}"
    there = {
        **os.environ, "DATABASE_URL": url, "DATA_DIR": str(tmp_path / "data"), "INDEX_KEY": configured.INDEX_KEY,
        "DJANGO_SETTINGS_MODULE": "config.settings", "FIELD_KEYS": Path(configured.FIELD_KEYS_FILE).read_text(),
    }  # fmt: skip
    connection.close()
    command = [sys.executable, "-c", DYING, where, name, str(last)]
    ended = subprocess.run(command, check=False, env=there, capture_output=True, text=True, cwd=configured.BASE_DIR)
    assert ended.returncode == 9, ended.stderr


def last_migration() -> str:
    """The last one of this app that is done."""
    names = MigrationRecorder(connection).applied_migrations()
    return max(name for app, name in names if app == "applications")


def lost() -> list[str]:
    """What stood in the first release and does not stand in today's models with the same contents."""
    found = []
    for row in ROWS:
        model = today.get_model(row["model"])
        now = model._base_manager.filter(pk=row["pk"]).first()
        if now is None:
            found.append(f"{row['model']} {row['pk']}")
            continue
        for name in row["fields"].keys() - CHANGED.get(row["model"], set()):
            was, is_now = row["fields"][name], getattr(now, model._meta.get_field(name).attname)
            if model._meta.get_field(name).many_to_many:
                same = sorted(was) == sorted(is_now.values_list("pk", flat=True))
            else:
                same = _plain(_python(model, name, was)) == _plain(is_now)
            if not same:
                found.append(f"{row['model']} {row['pk']} {name}")
    return found


def _plain(value: Any) -> Any:
    return bytes(value) if isinstance(value, memoryview) else value


def in_plain_text() -> list[str]:
    """The tables in which a personal word can be read by somebody who has the database and no key."""
    found = []
    with connection.cursor() as cursor:
        for table in SEALED:
            cursor.execute(f"SELECT * FROM {table}")  # noqa: S608 - names of this file
            text = str([[bytes(cell) if isinstance(cell, memoryview) else cell for cell in row] for row in cursor])
            found += [f"{table} {word}" for word in PERSONAL if word in text]
    return found


def triggers() -> set[str]:
    """The names of all triggers that stand and are on."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT name FROM sqlite_master WHERE type = 'trigger'"
            if connection.vendor == "sqlite"
            else "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal AND tgenabled IN ('O', 'A')"
        )
        return {name for (name,) in cursor.fetchall()}


def test_an_installation_of_the_first_release_comes_up_with_nothing_lost(db: set[str], tmp_path: Path) -> None:
    assert len(in_plain_text()) >= len(PERSONAL)
    # The power fails three times: while the eleventh value is sealed, while days are filled in, and before the indexes are set.
    # Sealing goes on where it was: it commits row by row here (a person has five values), two hundred rows at a time elsewhere.
    killed(tmp_path, "offices.vault", "seal", 11)
    assert last_migration() == "0008_sealed_fields"
    assert [row.split(".")[0] == vault.VERSION for row in _column("applications_person", "iin")].count(True) == 2
    killed(tmp_path, "django.utils.timezone", "localdate", 5)
    assert last_migration() == "0017_followers"
    killed(tmp_path, "django.core.management.commands.migrate", "emit_post_migrate_signal", 1)
    migrate()

    assert lost() == []
    assert in_plain_text() == []
    _nothing_is_left_of_it()
    _people_are_found()
    _the_record_is_whole(db)
    _published_law_stays()
    _figures_are_counted()
    _people_work_on()


def _column(table: str, name: str) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {name} FROM {table}")  # noqa: S608 - names of this file
        return [value for (value,) in cursor.fetchall()]


def _people_are_found() -> None:
    persons = [row for row in ROWS if row["model"] == "applications.person"]
    for row in persons:
        assert queries.persons_with(row["fields"]["iin"] or row["fields"]["old_identifier"]) == {row["pk"]}
    head = _somebody("head")
    seen = Case.objects.visible_to(head)
    assert len(seen) >= 9
    assert set(queries.search("нұрмұхам ақбөпе", head)) == set(queries.search("НҰРМҰХАММЕДОВА", head)) == set(seen)
    assert list(queries.search(Person.objects.get(pk=1).iin, head)) == [Case.objects.get(person=1)]


def _the_record_is_whole(guarded: set[str]) -> None:
    assert list(chain.find_faults()) == []
    assert guards.unguarded(connection) == []
    assert triggers() == guarded
    refused = (
        "UPDATE applications_event SET kind = 'x'", "DELETE FROM applications_event", "UPDATE services_step SET no = '9'",
        "DELETE FROM services_edition",
    )  # fmt: skip
    for statement in refused:
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)


def _figures_are_counted() -> None:
    assert months.count_marked(timezone.now()) > 0
    assert list(months.check(timezone.now())) == []
    assert MonthCell.objects.filter(measure="on_time").exists()


def _published_law_stays() -> None:
    assert not any(edition.definition for edition in Edition.objects.all())
    call_command("load_law", verbosity=0)
    assert all(edition.definition for edition in Edition.objects.published())
    assert {line.split()[0] for line in lost()} == {"services.indicator"}, "only how the lines are counted was added"
    assert search.find("шымкент", "office")


def _people_work_on() -> None:
    staff = {role: _somebody(role) for role in ("clerk", "head", "executor")}
    for case in Case.objects.visible_to(staff["head"]):
        assert visit(sign_in(staff["head"]), f"/cases/{case.pk}/").response.status_code == 200
    returned = visit(sign_in(staff["executor"]), "/cases/3/")
    assert "Отбасы құрамы туралы анықтама қаралмаған" in returned.words
    for kept in PaperBytes.objects.select_related("paper"):
        paper = visit(sign_in(staff["head"]), f"/papers/{kept.paper.key}.pdf")
        assert paper.response.status_code == 200
    known = set(Case.objects.values_list("number", flat=True))
    team = Team(office("south:shymkent"), staff["clerk"], staff["head"], staff["executor"], staff["head"])
    later = FRIDAY + timedelta(hours=6)
    new = intake.take_in(make_intake(team, at=later), by=staff["clerk"], at=later)
    assert new.number not in known
    actions.enter_in_record_book(Case.objects.get(state=State.SIGNED), by=staff["clerk"], at=later)
    assert list(chain.find_faults()) == []


def _somebody(role: str) -> Staff:
    return staff_at(User.objects.get(memberships__role=role), FRIDAY)
