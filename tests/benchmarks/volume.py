"""A great past for benchmarks, written by the database itself: persons, finished cases and their terms, nothing else.

Every case has its terms as a real one: five to six steps and the whole service, one in nine late, over all departments, editions
and three years. Names come from lists, so that a part of a name finds some, not all.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.core.management.color import no_style
from django.db import connection
from django.db.models import Model

from applications.models import Case, Clock, Person
from kpi.guards import drop_marks, set_marks
from offices.models import Office
from services.models import Edition

CASES = int(os.environ.get("BENCH_CASES", "20000"))
OFFICES = 45


def fill(cases: int = CASES) -> None:
    """Write `cases` finished cases, and set what the database keeps about its tables."""
    editions = list(Edition.objects.published().order_by("short").values_list("pk", flat=True))
    offices = list(Office.objects.departments().order_by("pk").values_list("pk", flat=True))[:OFFICES]
    with _unwatched(), connection.cursor() as cursor:
        cursor.execute("CREATE TEMPORARY TABLE n (n bigint PRIMARY KEY)")
        cursor.execute(
            f"WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r WHERE n < {cases}) INSERT INTO n SELECT n FROM r"  # noqa: S608
        )
        cursor.execute("CREATE TEMPORARY TABLE o (place integer PRIMARY KEY, id integer)")
        cursor.executemany("INSERT INTO o VALUES (%s, %s)", list(enumerate(offices)))
        cursor.execute("CREATE TEMPORARY TABLE e (place integer PRIMARY KEY, id integer)")
        cursor.executemany("INSERT INTO e VALUES (%s, %s)", list(enumerate(editions)))
        for statement in _statements():
            cursor.execute(_words(statement, len(offices), len(editions)))
        for statement in connection.ops.sequence_reset_sql(no_style(), [Person, Case, Clock]):
            cursor.execute(statement)
        for table in ("n", "o", "e"):
            cursor.execute(f"DROP TABLE {table}")
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE" if connection.vendor == "sqlite" else "VACUUM ANALYZE")


@contextmanager
def _unwatched() -> Iterator[None]:
    """Without marks and checks of foreign keys: everything is counted anew afterwards."""
    drop_marks(connection)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET session_replication_role = replica; SET work_mem = '256MB'")
        else:
            cursor.execute("PRAGMA foreign_keys = OFF")
    yield
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET session_replication_role = DEFAULT")
        else:
            cursor.execute("PRAGMA foreign_keys = ON")
    set_marks(connection)


def _words(statement: str, offices: int, editions: int) -> str:
    """The statement in the words of the database. `{at:x}` is a moment x minutes after 2024 began, `{day:x}` its date."""
    postgres = connection.vendor == "postgresql"
    moment = (
        r"(TIMESTAMPTZ '2024-01-01' + (\1) * interval '1 minute')"
        if postgres
        else r"strftime('%Y-%m-%d %H:%M:00', '2024-01-01', '+' || (\1) || ' minutes')"
    )
    day = (
        r"(DATE '2024-01-01' + CAST((\1) / 1440 AS integer))"
        if postgres
        else r"date('2024-01-01', '+' || ((\1) / 1440) || ' days')"
    )
    true, false = ("TRUE", "FALSE") if postgres else ("1", "0")
    text = re.sub(r"\{at:([^}]*)\}", moment, statement)
    text = re.sub(r"\{day:([^}]*)\}", day, text)
    for name, value in (("OFFICES", offices), ("EDITIONS", editions), ("TRUE", true), ("FALSE", false)):
        text = text.replace(f"<{name}>", str(value))
    return text.replace("<KEY>", "md5(n.n::text)::uuid" if postgres else "lower(printf('%032x', n.n))")


# A case begins at minute b, is due 14 days later and ends after 3 to 12 days, one in nine after 16.
_B = "(n.n * 7919) % 1520000"
_END = f"({_B}) + CASE WHEN n.n % 9 = 4 THEN 23040 ELSE 4320 + (n.n * 31) % 12960 END"
_NAME = (
    "CASE n.n % 23 WHEN 0 THEN 'ахмет' WHEN 1 THEN 'сейітқали' WHEN 2 THEN 'нұрмұхаммед' WHEN 3 THEN 'қасым'"
    " WHEN 4 THEN 'өтеген'"
    " WHEN 5 THEN 'жұмабек' WHEN 6 THEN 'ыбырай' WHEN 7 THEN 'тоқтар' WHEN 8 THEN 'үсен' WHEN 9 THEN 'дәулет'"
    " WHEN 10 THEN 'оразбай' ELSE 'құдайберген' END"
    " || CASE n.n % 7 WHEN 0 THEN 'ов' WHEN 1 THEN 'ова' WHEN 2 THEN 'ев' ELSE 'ұлы' END"
    " || substr('абвгдежзиклмнопрст', CAST(1 + n.n % 18 AS integer), 1)"
    " || substr('аәбвгғдежзиклмнңоө', CAST(1 + (n.n / 18) % 18 AS integer), 1)"
    " || substr('рстуүұфхцчшщыіэюя', CAST(1 + (n.n / 324) % 17 AS integer), 1)"
)
_PLACES = "FROM n JOIN o ON o.place = n.n % <OFFICES> JOIN e ON e.place = (n.n / 7) % <EDITIONS>"
_STEPS_OF = f"{_PLACES} JOIN services_step s ON s.edition_id = e.id AND s.no <= 6"
_LATE = "n.n % 9 = 4"


def _statements() -> list[str]:
    """The inserts: persons, cases, the term of the whole service, the terms of the steps."""
    words = f"{_NAME} || ' гүлшат'"
    begin, end, due = f"{{at:{_B}}}", f"{{at:{_END}}}", f"{{at:({_B}) + 20160}}"
    place = {"office_id": "o.id", "edition_id": "e.id"}
    person = {"id": "n.n", "last_name": _NAME, "first_name": "'гүлшат'", "search": words}
    case = {
        "id": "n.n", "state": "'handed_over'", "key": "<KEY>", "version": "7", **place, "person_id": "n.n",
        "number": "'BEN-2026-' || n.n", "complete_first_time": "n.n % 6 <> 0", "first_handed_in_on": f"{{day:{_B}}}",
        "served_on": f"{{day:{_END}}}", "received_at": begin, "registered_at": begin, "delivered_how": "'in_person'",
        **dict.fromkeys(("signed_at", "recorded_at", "told_at", "delivered_at", "closed_at"), end),
    }  # fmt: skip
    counted = f"CASE WHEN {_LATE} THEN {{day:({_B}) + 20160}} ELSE {{day:{_END}}} END"
    overall = {
        "id": "n.n", "case_id": "n.n", "kind": "'overall'", **place, "started_at": begin, "due_at": due, "stopped_at": end,
        "stopped_on": f"{{day:{_END}}}", "counted_on": counted, "ended_by": "'told'", "met": f"NOT ({_LATE})",
    }  # fmt: skip
    start = f"({_B}) + s.no * 60"
    step = {
        "id": f"{CASES} + n.n * 8 + s.no", "case_id": "n.n", "kind": "'step'", "step_id": "s.id", **place,
        "started_at": f"{{at:{start}}}", "due_at": f"{{at:{start} + 240}}", "met": "(n.n * s.no) % 300 <= 210",
        "stopped_at": f"{{at:{start} + 30 + (n.n * s.no) % 300}}", "stopped_on": f"{{day:{start} + 30}}",
        "ended_by": "s.transition",
    }  # fmt: skip
    made = [(Person, person, "FROM n"), (Case, case, _PLACES), (Clock, overall, _PLACES), (Clock, step, _STEPS_OF)]
    return [_insert(model, given, source) for model, given, source in made]


def _insert(model: type[Model], given: dict[str, str], source: str) -> str:
    """An insert of `given`; every other column that may not be empty gets its default."""
    columns = dict(given)
    for field in model._meta.concrete_fields:
        if field.column not in columns and not field.null:
            columns[field.column] = _literal(field.get_default())
    names = ", ".join(columns)
    return f"INSERT INTO {model._meta.db_table} ({names}) SELECT {', '.join(columns.values())} {source}"


def _literal(value: Any) -> str:
    if isinstance(value, bool):
        return f"<{str(value).upper()}>"
    return str(value) if isinstance(value, int) else "'[]'" if isinstance(value, list) else f"'{value or ''}'"
