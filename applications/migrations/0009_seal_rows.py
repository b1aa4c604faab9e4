"""Seal what stands in plain text since the columns were widened, and write the hashes by which it is found."""

from typing import Any

from django.db import migrations, transaction

from offices.text import fold
from offices.vault import is_sealed, keyed_hash, seal, seal_bytes

COLUMNS = {
    "person": ("iin", "old_identifier", "birth_date", "address", "phone", "email"),
    "decision": ("text", "facts", "return_reason"),
    "paper": ("data",),
    "paperbytes": ("pdf",),
}


PORTION = 200  # rows sealed in one transaction: nobody waits longer than for these, and no more of them are in memory


def seal_rows(apps: Any, schema_editor: Any) -> None:
    """Row by row, by the column itself: the model would try to open what is not sealed yet. Broken off, it goes on where it was."""
    connection = schema_editor.connection
    for name, columns in COLUMNS.items():
        model = apps.get_model("applications", name)
        table, key = model._meta.db_table, model._meta.pk.column
        portion = f"SELECT {key}, {', '.join(columns)} FROM {table}"  # noqa: S608 - names of this file
        after, last = "", []
        while True:
            with transaction.atomic(using=connection.alias), connection.cursor() as cursor:
                cursor.execute(f"{portion}{after} ORDER BY {key} LIMIT {PORTION}", last)
                rows = cursor.fetchall()
                for row in rows:
                    _seal_row(cursor, name, (table, key), row)
            if len(rows) < PORTION:
                break
            after, last = f" WHERE {key} > %s", [rows[-1][0]]


def _seal_row(cursor: Any, name: str, place: tuple[str, str], row: tuple[Any, ...]) -> None:
    values = dict(zip(COLUMNS[name], row[1:], strict=True))
    changed = {column: _sealed(name, column, value) for column, value in values.items()}
    changed = {column: value for column, value in changed.items() if value is not None}
    if name == "person":
        changed |= _hashes(values)
    if changed:
        table, key = place
        sets = ", ".join(f"{column} = %s" for column in changed)
        cursor.execute(f"UPDATE {table} SET {sets} WHERE {key} = %s", [*changed.values(), row[0]])  # noqa: S608


def _sealed(model: str, column: str, value: Any) -> str | bytes | None:
    """The value sealed; None where there is none, or where it is sealed already."""
    context = f"applications.{model}.{column}"
    if isinstance(value, (bytes, memoryview)):
        return None if is_sealed(bytes(value)) else seal_bytes(bytes(value), context)
    text = str(value or "")
    return None if not text or is_sealed(text) else seal(text, context)


def _hashes(values: dict[str, Any]) -> dict[str, str]:
    plain = {"iin_hash": str(values["iin"] or ""), "old_hash": fold(str(values["old_identifier"] or ""))}
    return {name: keyed_hash(text) for name, text in plain.items() if text and not is_sealed(text)}


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("applications", "0008_sealed_fields")]
    operations = [migrations.RunPython(seal_rows, migrations.RunPython.noop)]
