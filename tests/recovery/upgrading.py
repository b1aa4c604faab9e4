"""E14: an installation of each released version with 10,000 applications comes up while people go on working on it.

The people are the statements of the released program, those of its lists and those of its acts. The longest that one of them
waits is the longest lock; those that the new tables refuse are counted: they say whether the old program can go on. Then
down again as far as the migrations lead back, and up once more.
"""

from __future__ import annotations

import os
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tests.faults.house import House, house
from tests.recovery.commands import run

if TYPE_CHECKING:
    from tests.recovery.release import Row

CASES, LONGEST_LOCK = 10_000, 1.0
NEWCOMER = "Жаңа өтініш беруші"
OURS = {"applications", "complaints", "kpi", "offices", "services"}


def experiment(database: str, cases: int | None) -> dict[str, Any]:
    """Upgrade from each release in turn, each in a process and a house of its own. Gives the figures and what was wrong."""
    with house(database) as place:
        os.environ.update({key: place.env[key] for key in ("DATABASE_URL", "DATA_DIR", "DEMO")})
        os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
        import django

        django.setup()
        from tests.recovery.release import RELEASES

        (name,) = RELEASES  # with a second one: a house for each, because Django knows one database a process
        return {"release": name, "cases": cases or CASES, **_upgraded(place, name, cases or CASES)}


def _upgraded(place: House, name: str, cases: int) -> dict[str, Any]:
    from django.core.management import call_command
    from django.db import connection

    from applications import chain
    from tests.recovery import release

    rows = release.fill(name, cases)
    connection.close()
    load = Load([row["pk"] for row in rows if row["model"] == "applications.case"])
    load.begin()
    try:
        migrated = run(place, "migrate", "-v0", "--skip-checks").figures()
    finally:
        load.end()
    wrong = _not_whole(rows, load, "up")
    down = _down()
    run(place, "migrate", "-v0", "--skip-checks")
    wrong += _not_whole(rows, load, "down and up again")
    call_command("load_law", verbosity=0)
    wrong += [f"chain: {fault}" for fault in list(chain.find_faults())[:3]]
    if load.longest_write > LONGEST_LOCK or load.longest_read > LONGEST_LOCK:
        wrong.append(f"somebody waited {max(load.longest_write, load.longest_read):.1f} s")
    return {"migrate": migrated, **load.figures(), **down, "wrong": wrong}


def _not_whole(rows: list[Row], load: Load, when: str) -> list[str]:
    from applications.models import Person
    from tests.recovery import release

    found = [f"{when}: {line}" for line in release.lost(rows, load.written)[:5]]
    there = Person.objects.filter(last_name=NEWCOMER).count()
    return found if there == load.taken_in else [*found, f"{when}: {there} newcomers of {load.taken_in}"]


@dataclass
class Load:
    """A reader, a writer and a newcomer with the statements of the released program, until `end()`."""

    cases: list[int]
    reads: int = 0
    writes: int = 0
    longest_read: float = 0.0
    longest_write: float = 0.0
    waited_long: list[str] = field(default_factory=list)
    refused: Counter[str] = field(default_factory=Counter)
    written: dict[int, int] = field(default_factory=dict)
    taken_in: int = 0
    _over: threading.Event = field(default_factory=threading.Event)
    _threads: list[threading.Thread] = field(default_factory=list)

    def begin(self) -> None:
        """Start."""
        self._threads = [
            threading.Thread(target=each, daemon=True) for each in (self._read, self._write, self._take_in)
        ]
        for thread in self._threads:
            thread.start()
        time.sleep(1)

    def end(self) -> None:
        """Stop, and wait until both have."""
        self._over.set()
        for thread in self._threads:
            thread.join()

    def figures(self) -> dict[str, Any]:
        """For the line."""
        return {
            "reads": self.reads, "writes": self.writes, "taken_in": self.taken_in, "longest_read": round(self.longest_read, 2),
            "longest_write": round(self.longest_write, 2), "waited_long": self.waited_long[:10],
            "refused_by_the_new_tables": dict(self.refused),
        }  # fmt: skip

    def _read(self) -> None:
        statements = (
            "SELECT id, state, number, due_at FROM applications_case ORDER BY id DESC LIMIT 25",
            "SELECT last_name, first_name, iin, phone FROM applications_person ORDER BY id DESC LIMIT 25",
            "SELECT seq, kind, happened_at FROM applications_event ORDER BY id DESC LIMIT 25",
        )
        while not self._over.is_set():
            for statement in statements:
                took = self._does([(statement, [])])
                if took is not None:
                    self.reads += 1
                    self.longest_read = max(self.longest_read, took)
            time.sleep(0.02)

    def _write(self) -> None:
        place = 0
        while not self._over.is_set():
            case = self.cases[place % len(self.cases)]
            place += 7
            took = self._does([
                ("UPDATE applications_case SET version = version + 1 WHERE id = %s", [case]),
                ("UPDATE applications_clock SET unmoved_on = unmoved_on WHERE case_id = %s", [case]),
            ])  # fmt: skip
            if took is not None:
                self.writes += 1
                self.written[case] = self.written.get(case, 0) + 1
                self.longest_write = max(self.longest_write, took)
            time.sleep(0.02)

    def _take_in(self) -> None:
        columns = "last_name, first_name, patronymic, iin, iin_reason, old_identifier, address, phone, email, search, sort_key"
        insert = f"INSERT INTO applications_person ({columns}) VALUES (%s{', %s' * 10})"  # noqa: S608 - names of this file
        while not self._over.is_set():
            took = self._does([(insert, [NEWCOMER, *[""] * 10])], reading=False)
            if took is not None:
                self.taken_in += 1
                self.longest_write = max(self.longest_write, took)
            time.sleep(0.2)

    def _does(self, statements: list[tuple[str, list[Any]]], *, reading: bool = True) -> float | None:
        """Seconds that it took, waiting included; None where it was refused."""
        from django.db import DatabaseError, connection, transaction

        began = time.monotonic()
        try:
            if reading and len(statements) == 1:
                with connection.cursor() as cursor:
                    cursor.execute(*statements[0])
                    cursor.fetchall()
            else:
                with transaction.atomic(), connection.cursor() as cursor:
                    for statement in statements:
                        cursor.execute(*statement)
        except DatabaseError as problem:
            self.refused[f"{statements[0][0][:40]}…: {str(problem).splitlines()[0][:80]}"] += 1
            connection.close()
            return None
        took = time.monotonic() - began
        if took > LONGEST_LOCK:
            self.waited_long.append(f"{took:.1f} s: {statements[0][0][:40]}… until {_last_migration()}")
        return took


def _last_migration() -> str:
    """The migration that was done last: the one for which somebody waited."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT app, name FROM django_migrations ORDER BY id DESC LIMIT 1")
        return ".".join(cursor.fetchone())


def _down() -> dict[str, Any]:
    """Back step by step, as far as the migrations of ours lead; says how far that is and what stands in the way."""
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor
    from django.db.migrations.recorder import MigrationRecorder

    done, why = [], ""
    while not why:
        applied = [row for row in MigrationRecorder(connection).migration_qs.order_by("-id") if row.app in OURS]
        last = applied[0]
        earlier = next((row.name for row in applied[1:] if row.app == last.app), None)
        try:
            MigrationExecutor(connection).migrate([(last.app, earlier)])
        except Exception as problem:  # whatever a migration says when it cannot go back
            why = f"{last.app}.{last.name}: {type(problem).__name__}: {str(problem).splitlines()[0][:120]}"
            break
        done.append(f"{last.app}.{last.name}")
        if len(done) > 60:
            break
    connection.close()
    return {"down": len(done), "down_to": done[-1] if done else "", "not_further": why}
