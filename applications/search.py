"""Finding people by parts of their names among a million: an index of trigrams in both databases.

PostgreSQL reads `search LIKE '%…%'` from a GIN index by itself. SQLite has its words in an FTS5 table beside the persons, which
triggers keep; they are set anew after every migration, because SQLite loses them when a column of the table changes.
"""

from __future__ import annotations

from typing import Any

from django.db import connection
from django.db.models import Q
from django.db.models.expressions import RawSQL

from offices.text import fold

_TABLE = "applications_person_words"
_SHORTEST = 3  # letters: shorter parts have no trigram
_POSTGRES = (
    "CREATE EXTENSION IF NOT EXISTS pg_trgm",
    "CREATE INDEX IF NOT EXISTS person_search_trigrams ON applications_person USING gin (search gin_trgm_ops)"
    " WITH (fastupdate = off)",
)
_SQLITE_TABLE = f"CREATE VIRTUAL TABLE IF NOT EXISTS {_TABLE} USING fts5(search, tokenize='trigram')"
_ADD = f"INSERT OR REPLACE INTO {_TABLE} (rowid, search) VALUES (NEW.id, NEW.search);"  # noqa: S608 - no word of it is typed by anybody
_TRIGGERS = {
    "insert": f"AFTER INSERT ON applications_person BEGIN {_ADD} END",
    "update": f"AFTER UPDATE OF search ON applications_person WHEN NEW.search <> OLD.search BEGIN {_ADD} END",
    "delete": f"AFTER DELETE ON applications_person BEGIN DELETE FROM {_TABLE} WHERE rowid = OLD.id; END",  # noqa: S608
}


def named(text: str) -> Q:
    """A condition on rows with a `person`: every part of `text` stands in his name, wherever and in whatever order."""
    found = Q()
    for word in fold(text).split():
        if connection.vendor == "sqlite" and len(word) >= _SHORTEST:
            quoted = '"' + word.replace('"', '""') + '"'
            found &= Q(person__in=RawSQL(f"SELECT rowid FROM {_TABLE} WHERE {_TABLE} MATCH %s", (quoted,)))  # noqa: S608, S611
        found &= Q(person__search__contains=word)
    return found


def set_index(using: Any) -> None:
    """Make the index if it is not there, and set SQLite's triggers anew."""
    with using.cursor() as cursor:
        if using.vendor == "postgresql":
            for statement in _POSTGRES:
                cursor.execute(statement)
            return
        new = _TABLE not in using.introspection.table_names(cursor)
        cursor.execute(_SQLITE_TABLE)
        if new:
            cursor.execute(f"INSERT INTO {_TABLE} (rowid, search) SELECT id, search FROM applications_person")  # noqa: S608
        for name, body in _TRIGGERS.items():
            cursor.execute(f"DROP TRIGGER IF EXISTS person_words_{name}")
            cursor.execute(f"CREATE TRIGGER person_words_{name} {body}")
