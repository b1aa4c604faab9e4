"""The data of a released version, many times over: the same cases again and again, each with numbers and keys of its own."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from typing import Any

from django.core.management.color import no_style
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from applications.casework import event_hash
from applications.models import Event
from tests.config.test_upgrade import CHANGED, FIRST_RELEASE, ROWS, _built, _plain, _python, today

Row = dict[str, Any]
RELEASES = {"first": (FIRST_RELEASE, ROWS)}
AGAIN = ("person", "case", "clock", "casedocument", "decision", "decisionground", "paper", "paperbytes", "event")
_STEP = 100  # more than any of these tables has rows
_AT_ONCE = 500


def fill(name: str, cases: int) -> list[Row]:
    """Migrate an empty database to the release, write `cases` applications into it, give all rows."""
    leaves, first = RELEASES[name]
    old = MigrationExecutor(connection).migrate(leaves).apps
    rows = [*first, *_again(first, cases)]
    _continue_chains(rows)
    _continue_books(rows)
    by_model: dict[Any, list[Any]] = {}
    for row in rows:
        model = old.get_model(row["model"])
        by_model.setdefault(model, []).append(_built(model, row))
    with connection.constraint_checks_disabled():
        for model, built in by_model.items():
            model._base_manager.bulk_create(built, batch_size=_AT_ONCE)
        serves = old.get_model("offices", "Office").serves.through
        serves._base_manager.bulk_create(
            serves(from_office_id=row["pk"], to_office_id=other)
            for row in first
            for other in row["fields"].get("serves", ())
        )
    connection.check_constraints()
    with connection.cursor() as cursor:
        for statement in connection.ops.sequence_reset_sql(no_style(), [*by_model, serves]):
            cursor.execute(statement)
    return rows


def _again(first: list[Row], cases: int) -> Iterator[Row]:
    models = {f"applications.{name}" for name in AGAIN}
    some = [row for row in first if row["model"] in models]
    highest: dict[str, int] = {}
    for number in _numbers(some):
        book, _, last = number.rpartition("-")
        highest[book] = max(highest.get(book, 0), int(last))
    each = sum(row["model"] == "applications.case" for row in some)
    for time in range(1, -(-cases // each)):
        for row in some:
            yield {**row, "pk": row["pk"] + time * _STEP, "fields": _changed(row, time, models, highest)}


def _numbers(rows: list[Row]) -> Iterator[str]:
    for row in rows:
        yield from (row["fields"][name] for name in ("number", "centre_number") if row["fields"].get(name))


def _changed(row: Row, time: int, models: set[str], highest: dict[str, int]) -> Row:
    """The fields of a row as it stands for the `time`-th time."""
    model, fields = today.get_model(row["model"]), dict(row["fields"])
    for name, value in fields.items():
        field = model._meta.get_field(name)
        if value and field.is_relation and field.related_model._meta.label_lower in models:
            fields[name] = value + time * _STEP
        elif name == "key":
            fields[name] = str(uuid.uuid5(uuid.UUID(value), str(time)))
        elif name in ("number", "centre_number") and value:
            book, _, last = value.rpartition("-")
            fields[name] = f"{book}-{int(last) + time * highest[book]:05d}"
        elif name == "iin" and value:
            fields[name] = f"{int(value) + time * 1_000_000:012d}"
        elif name == "old_identifier" and value:
            fields[name] = f"{value}-{time}"
    return fields


def _continue_chains(rows: list[Row]) -> None:
    """Events follow each other, each on the hash of the one before, and the heads know it."""
    heads: dict[int, tuple[int, str]] = {}
    for row in rows:
        if row["model"] != "applications.event":
            continue
        fields = row["fields"]
        seq, head = heads.get(fields["office"], (0, "0" * 64))
        fields.update(seq=seq + 1, previous=head)
        values = {Event._meta.get_field(name).attname: _python(Event, name, value) for name, value in fields.items()}
        fields["hash"] = event_hash(Event(pk=row["pk"], **values))
        heads[fields["office"]] = seq + 1, fields["hash"]
    for row in rows:
        if row["model"] == "applications.eventchain":
            row["fields"].update(zip(("seq", "head"), heads[row["pk"]], strict=True))


def _continue_books(rows: list[Row]) -> None:
    highest: dict[str, int] = {}
    for number in _numbers([row for row in rows if row["model"] in ("applications.case", "applications.decision")]):
        book, _, last = number.rpartition("-")
        highest[book] = max(highest.get(book, 0), int(last))
    codes = {row["pk"]: row["fields"]["code"] for row in rows if row["model"] == "offices.office"}
    for row in rows:
        if row["model"] == "applications.numberbook":
            fields = row["fields"]
            parts = (codes[fields["office"]], fields["book"], str(fields["year"]))
            fields["last"] = highest.get("-".join(part for part in parts if part), fields["last"])


def lost(rows: list[Row], versions: dict[int, int]) -> list[str]:
    """What was written and does not stand in today's models with the same contents. `versions` were counted on meanwhile."""
    by_model: dict[str, list[Row]] = {}
    for row in rows:
        by_model.setdefault(row["model"], []).append(row)
    found = []
    for label, some in by_model.items():
        model = today.get_model(label)
        for first in range(0, len(some), _AT_ONCE):
            portion = some[first : first + _AT_ONCE]
            there = {str(row.pk): row for row in model._base_manager.filter(pk__in=[row["pk"] for row in portion])}
            found += [line for row in portion for line in _differs(model, row, there.get(str(row["pk"])), versions)]
    return found


def _differs(model: Any, row: Row, now: Any, versions: dict[int, int]) -> Iterator[str]:
    if now is None:
        yield f"{row['model']} {row['pk']} is not there"
        return
    for name in row["fields"].keys() - CHANGED.get(row["model"], set()):
        field = model._meta.get_field(name)
        if field.many_to_many:
            continue
        was = _python(model, name, row["fields"][name])
        if row["model"] == "applications.case" and name == "version":
            was += versions.get(row["pk"], 0)
        if _plain(was) != _plain(getattr(now, field.attname)):
            yield f"{row['model']} {row['pk']} {name}"
