"""The guard of published editions in the database itself: triggers refuse what the models refuse, whoever asks.

While an edition is not a draft, nothing of it or of its parts changes, except that its validity ends (`valid_to`) and that it is
withdrawn; its file may be filled in once where an older installation has none. Two versions of an edition are never in
force on the same day.

SQLite drops the triggers of a table with every change of its columns, and cannot rename a table that a trigger elsewhere
names. So a migration that changes a table of this list lifts the guard first and sets it again:
`operations = [lifted, AddField(...), guarded]`. PostgreSQL keeps its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from django.db import migrations

EDITION = "services_edition"
PARTS = (
    "services_norm", "services_step", "services_pathgroup", "services_documentrequirement", "services_ground",
    "services_point", "services_indicatorvalue",
)  # fmt: skip
CELLS = "services_pathact"
WHOLE = "services_wholedefinition"
_FREE = ("state", "valid_to")
_FIXED = "a published edition cannot change"
_TWICE = "two versions of an edition in force at once"
_PARENT = {
    **dict.fromkeys(PARTS, "{row}.edition_id"),
    CELLS: "(SELECT edition_id FROM services_pathgroup WHERE id = {row}.group_id)",
    WHOLE: "{row}.edition_id",
}
_OVERLAP = """EXISTS (
  SELECT 1 FROM services_edition other WHERE other.code = NEW.code AND other.version <> NEW.version
  AND other.state = 'published'
  AND (other.valid_from IS NULL OR NEW.valid_to IS NULL OR other.valid_from <= NEW.valid_to)
  AND (NEW.valid_from IS NULL OR other.valid_to IS NULL OR NEW.valid_from <= other.valid_to))"""
_UNLOCKED = "NEW.state = 'draft' OR (OLD.state = 'withdrawn' AND NEW.state <> 'withdrawn')"


def _published(table: str, row: str) -> str:
    parent = _PARENT[table].format(row=row)
    return f"EXISTS (SELECT 1 FROM services_edition WHERE id = {parent} AND state <> 'draft')"  # noqa: S608 - own words


def _verbs(table: str) -> tuple[str, ...]:
    """The file of an edition may be put in where there is none."""
    return ("UPDATE", "DELETE") if table == WHOLE else ("INSERT", "UPDATE", "DELETE")


def _sqlite(columns: list[str], tables: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Name and statement of each trigger. `columns` are those of the table of editions, `tables` those of the parts."""
    changed = " OR ".join(f'NEW."{name}" IS NOT OLD."{name}"' for name in columns if name not in _FREE)
    refuse = f"BEGIN SELECT RAISE(ABORT, '{_FIXED}'); END"
    name = f"{EDITION}_fixed"
    when = f"OLD.state <> 'draft' AND ({_UNLOCKED} OR {changed})"
    yield f"{name}_update", f"CREATE TRIGGER {name}_update BEFORE UPDATE ON {EDITION} WHEN {when} {refuse}"
    when = "OLD.state <> 'draft'"
    yield f"{name}_delete", f"CREATE TRIGGER {name}_delete BEFORE DELETE ON {EDITION} WHEN {when} {refuse}"
    for verb in ("INSERT", "UPDATE"):
        name = f"{EDITION}_once_{verb.lower()}"
        when = f"NEW.state = 'published' AND {_OVERLAP}"
        twice = f"BEGIN SELECT RAISE(ABORT, '{_TWICE}'); END"
        yield name, f"CREATE TRIGGER {name} BEFORE {verb} ON {EDITION} WHEN {when} {twice}"
    rows_of = {"INSERT": ["NEW"], "UPDATE": ["OLD", "NEW"], "DELETE": ["OLD"]}
    for table in tables:
        for verb in _verbs(table):
            rows, name = rows_of[verb], f"{table}_fixed_{verb.lower()}"
            when = " OR ".join(_published(table, row) for row in rows)
            yield name, f"CREATE TRIGGER {name} BEFORE {verb} ON {table} WHEN {when} {refuse}"


def _postgres(tables: Iterable[str]) -> Iterator[str]:
    free = ", ".join(f"'{name}'" for name in _FREE)
    yield f"""
CREATE FUNCTION refuse_edition_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'DELETE' THEN
    IF OLD.state <> 'draft' THEN RAISE EXCEPTION '{_FIXED}' USING ERRCODE = 'integrity_constraint_violation'; END IF;
    RETURN OLD;
  END IF;
  IF TG_OP = 'UPDATE' AND OLD.state <> 'draft' AND ({_UNLOCKED}
      OR to_jsonb(NEW) - ARRAY[{free}] IS DISTINCT FROM to_jsonb(OLD) - ARRAY[{free}]) THEN
    RAISE EXCEPTION '{_FIXED}' USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  IF NEW.state = 'published' AND {_OVERLAP} THEN
    RAISE EXCEPTION '{_TWICE}' USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NEW;
END $$"""
    yield f"""CREATE TRIGGER {EDITION}_fixed BEFORE INSERT OR UPDATE OR DELETE ON {EDITION}
FOR EACH ROW EXECUTE FUNCTION refuse_edition_change()"""
    for table in tables:
        refuse = f"RAISE EXCEPTION '{_FIXED}' USING ERRCODE = 'integrity_constraint_violation'"
        yield f"""
CREATE FUNCTION refuse_{table}_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP <> 'INSERT' AND {_published(table, "OLD")} THEN {refuse}; END IF;
  IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
  IF {_published(table, "NEW")} THEN {refuse}; END IF;
  RETURN NEW;
END $$"""
        yield f"""CREATE TRIGGER {table}_fixed BEFORE {" OR ".join(_verbs(table))} ON {table}
FOR EACH ROW EXECUTE FUNCTION refuse_{table}_change()"""


def _columns(schema_editor: Any) -> list[str]:
    with schema_editor.connection.cursor() as cursor:
        return [row.name for row in schema_editor.connection.introspection.get_table_description(cursor, EDITION)]


def _tables(schema_editor: Any) -> list[str]:
    """The tables of the parts that are there yet: this module serves older migrations too."""
    with schema_editor.connection.cursor() as cursor:
        there = schema_editor.connection.introspection.table_names(cursor)
    return [table for table in (*PARTS, CELLS, WHOLE) if table in there]


def guard(apps: Any, schema_editor: Any) -> None:
    """Set the triggers."""
    if schema_editor.connection.vendor == "sqlite":
        for _name, statement in _sqlite(_columns(schema_editor), _tables(schema_editor)):
            schema_editor.execute(statement)
    else:
        for statement in _postgres(_tables(schema_editor)):
            schema_editor.execute(statement)


def lift(apps: Any, schema_editor: Any) -> None:
    """Take the triggers away."""
    if schema_editor.connection.vendor == "sqlite":
        for name, _statement in _sqlite(_columns(schema_editor), _tables(schema_editor)):
            schema_editor.execute(f"DROP TRIGGER IF EXISTS {name}")
    else:
        for table in ("edition", *PARTS, CELLS, WHOLE):
            schema_editor.execute(f"DROP FUNCTION IF EXISTS refuse_{table}_change CASCADE")


lifted = migrations.RunPython(lift, guard)
guarded = migrations.RunPython(guard, lift)
