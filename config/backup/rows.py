"""Rows as neutral values: the same on SQLite and on PostgreSQL, sealed fields still sealed."""

from __future__ import annotations

import base64
import json
import uuid
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from decimal import Decimal
from hashlib import sha512
from itertools import islice
from typing import Any

from django.apps import apps
from django.db import connection
from django.db.models import Field, FileField, ForeignKey, Model

Row = list[Any]
# Who is signed in, and who tried to, is not worth keeping: after a restore everybody signs in anew.
_LEFT_OUT = {"sessions"}
_AT_ONCE = 1000  # rows read by one statement
_ENCODERS: dict[str, Callable[[Any], Any]] = {
    "DateTimeField": lambda value: value.astimezone(UTC).isoformat(),
    "DateField": lambda value: value.isoformat(),
    "TimeField": lambda value: value.isoformat(),
    "DecimalField": str,
    "UUIDField": lambda value: value.hex,
    "BinaryField": lambda value: base64.b64encode(bytes(value)).decode(),
    # In a list, which tells JSON's null from none at all.
    "JSONField": lambda value: [json.loads(value) if isinstance(value, str) else value],
}


@dataclass
class Table:
    """A table of the installation, with the columns in the order of the dump."""

    model: type[Model]
    fields: list[Field] = field(init=False)

    def __post_init__(self) -> None:
        self.fields = list(self.model._meta.concrete_fields)

    @property
    def name(self) -> str:
        """The table's name."""
        return self.model._meta.db_table

    @property
    def columns(self) -> list[str]:
        """The names of its columns."""
        return [str(column.column) for column in self.fields]

    @property
    def files(self) -> list[tuple[int, FileField]]:
        """The columns that name a file, with their places."""
        return [(place, column) for place, column in enumerate(self.fields) if isinstance(column, FileField)]

    def rows(self) -> Iterator[Row]:
        """All rows as neutral values, as the open transaction sees them."""
        key = self.fields.index(self.model._meta.pk)
        readers = [_reader(column) for column in self.fields]
        quote = connection.ops.quote_name
        names, table, pk = ", ".join(map(quote, self.columns)), quote(self.name), quote(self.columns[key])
        after, last = "", list[Any]()
        while True:
            with connection.cursor() as cursor:
                cursor.execute(f"SELECT {names} FROM {table}{after} ORDER BY {pk} LIMIT {_AT_ONCE}", last)  # noqa: S608
                found = cursor.fetchall()
            yield from ([read(value) for read, value in zip(readers, row, strict=True)] for row in found)
            if len(found) < _AT_ONCE:
                return
            after, last = f" WHERE {pk} > %s", [found[-1][key]]

    def insert(self, rows: Iterable[Row]) -> None:
        """Write neutral rows into the table."""
        writers = [_writer(column) for column in self.fields]
        quote = connection.ops.quote_name
        one = f"({', '.join(['%s'] * len(writers))})"
        into = f"INSERT INTO {quote(self.name)} ({', '.join(map(quote, self.columns))}) VALUES "  # noqa: S608
        most = (connection.features.max_query_params or 5000) // len(writers)
        with connection.cursor() as cursor:
            waiting = iter(rows)
            while some := list(islice(waiting, most)):
                values = [write(value) for row in some for write, value in zip(writers, row, strict=True)]
                cursor.execute(into + ", ".join([one] * len(some)), values)

    def empty(self) -> None:
        """Remove all rows."""
        with connection.cursor() as cursor:
            cursor.execute(f"DELETE FROM {connection.ops.quote_name(self.name)}")  # noqa: S608


class Digest:
    """A hash over the rows of a table that does not depend on their order, in which databases differ."""

    def __init__(self) -> None:
        self.rows, self._sum = 0, 0

    def add(self, line: bytes) -> None:
        """Add a row, as its line in the dump."""
        self.rows += 1
        self._sum += int.from_bytes(sha512(line).digest(), "big")

    def as_dict(self) -> dict[str, Any]:
        """Number of rows and hash, as they stand in the manifest."""
        return {"rows": self.rows, "hash": f"{self._sum % 2**512:0128x}"}


def tables() -> list[Table]:
    """All tables that belong to a backup."""
    models = [model for model in apps.get_models(include_auto_created=True) if model._meta.managed]
    kept = [model for model in models if model._meta.app_label not in _LEFT_OUT and not model._meta.proxy]
    return sorted((Table(model) for model in kept), key=lambda table: table.name)


def line_of(row: Sequence[Any]) -> bytes:
    """A row as its line in the dump: the same values give the same bytes."""
    return json.dumps(row, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def _kind(column: Field) -> str:
    return column.target_field.get_internal_type() if isinstance(column, ForeignKey) else column.get_internal_type()


def _reader(column: Field) -> Callable[[Any], Any]:
    """A function from what the driver gives to the neutral value; a field's own conversion (unsealing) is left out."""
    expression = column.get_col(column.model._meta.db_table)
    converters = connection.ops.get_db_converters(expression)
    encode = _ENCODERS.get(_kind(column))

    def read(value: Any) -> Any:
        for convert in converters:
            value = convert(value, expression, connection)
        return value if value is None or encode is None else encode(value)

    return read


def _writer(column: Field) -> Callable[[Any], Any]:
    """A function from the neutral value to what the driver takes."""
    ops, database = connection.ops, connection.Database  # type: ignore[attr-defined]
    decoders: dict[str, Callable[[Any], Any]] = {
        "DateTimeField": lambda value: ops.adapt_datetimefield_value(datetime.fromisoformat(value)),
        "DateField": lambda value: ops.adapt_datefield_value(date.fromisoformat(value)),
        "TimeField": lambda value: ops.adapt_timefield_value(time.fromisoformat(value)),
        "DecimalField": lambda value: ops.adapt_decimalfield_value(Decimal(value)),
        "UUIDField": lambda value: uuid.UUID(value) if connection.features.has_native_uuid_field else value,
        "BinaryField": lambda value: database.Binary(base64.b64decode(value)),
        "JSONField": lambda value: ops.adapt_json_value(value[0], None),
    }
    decode = decoders.get(_kind(column), lambda value: value)
    return lambda value: None if value is None else decode(value)
