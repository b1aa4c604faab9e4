"""Tables into the house: a CSV or XLSX upload as lines of text, refused before anything harmful is unpacked."""

from __future__ import annotations

import csv
import io
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any
from xml.sax import SAXException
from xml.sax.handler import ContentHandler

import defusedxml.sax
import filetype
from defusedxml import DefusedXmlException
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from openpyxl import load_workbook
from openpyxl.utils import get_column_letter

from offices.exports import FORMULA_STARTS

SIZE_LIMIT = 2 * 1024 * 1024
LINE_LIMIT = 1000
COLUMN_LIMIT = 60
_ENTRY_LIMIT = 200
_UNPACKED_LIMIT = 20 * 1024 * 1024
_RATIO_LIMIT = 100
_PARTS = {"[Content_Types].xml", "xl/workbook.xml"}
_FORMULA, _FAULT = "f", "e"


@dataclass(frozen=True)
class Line:
    """A line of a table that is not blank: its number as a spreadsheet shows it, and its cells as text."""

    number: int
    cells: tuple[str, ...]


def read_table(name: str, data: bytes) -> list[Line]:
    """The lines of an uploaded file, the head line first. ValidationError says why it is refused and what to do."""
    if len(data) > SIZE_LIMIT:
        raise ValidationError(_("The file is larger than 2 MB. Send it in several parts."))
    ending = PurePath(name).suffix.lower()
    if ending == ".xlsx":
        rows: Iterable[tuple[str, ...]] = _xlsx(data)
    elif ending == ".csv":
        rows = _csv(data)
    else:
        raise ValidationError(_("Only XLSX and CSV files are read. Save the table as one of these."))
    lines = [
        Line(number, cells) for number, cells in enumerate(_within_limits(rows), start=1) if any(cell for cell in cells)
    ]
    if len(lines) < 2:
        raise ValidationError(_("The table is empty: it needs a line of column names and at least one line below it."))
    return lines


def _within_limits(rows: Iterable[tuple[str, ...]]) -> Iterator[tuple[str, ...]]:
    for count, row in enumerate(rows):
        if count > LINE_LIMIT or len(row) > COLUMN_LIMIT:
            raise ValidationError(
                _("The table is too large: at most %(lines)d lines and %(columns)d columns are read."),
                params={"lines": LINE_LIMIT, "columns": COLUMN_LIMIT},
            )
        yield tuple(_text(cell) for cell in row)


def _text(cell: str) -> str:
    """A cell without the quote that `exports.harmless` puts before what a spreadsheet would take for a formula."""
    cell = cell.strip(" \n\xa0")
    return cell[1:] if cell[:1] == "'" and cell[1:].startswith(FORMULA_STARTS) else cell


def _another_kind() -> ValidationError:
    return ValidationError(
        _("The file is not what its name says. Open it in a spreadsheet and save it as XLSX or CSV.")
    )


def _csv(data: bytes) -> list[tuple[str, ...]]:
    if b"\0" in data or filetype.guess(data) is not None:
        raise _another_kind()
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        # Other code pages have no Kazakh letters: guessing one would spoil the names without anybody seeing it.
        raise ValidationError(_("The file is not in UTF-8. Save it as “CSV UTF-8” or as XLSX.")) from None
    head = text.partition("\n")[0]
    delimiter = max(",;\t", key=head.count)
    try:
        return [tuple(row) for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)]
    except csv.Error:
        raise _another_kind() from None


def _xlsx(data: bytes) -> list[tuple[str, ...]]:
    _check_archive(data)
    try:
        book = load_workbook(io.BytesIO(data), read_only=True, keep_links=False)
        sheet = book.worksheets[0]
        rows = list(sheet.iter_rows(max_row=LINE_LIMIT + 2, max_col=COLUMN_LIMIT + 1))
    except Exception:
        # A broken workbook fails in many ways, all of them the fault of the file.
        raise _another_kind() from None
    return [_cells(number, row) for number, row in enumerate(rows, start=1)]


def _check_archive(data: bytes) -> None:
    """Refuse what is no plain workbook by its directory alone, then every part that defines entities."""
    try:
        archive = zipfile.ZipFile(io.BytesIO(data))
    except (zipfile.BadZipFile, ValueError, NotImplementedError, EOFError):
        raise _another_kind() from None
    entries = archive.infolist()
    names = {entry.filename for entry in entries}
    unpacked = sum(entry.file_size for entry in entries)
    if len(entries) > _ENTRY_LIMIT or unpacked > min(_UNPACKED_LIMIT, _RATIO_LIMIT * len(data)):
        raise ValidationError(_("The file unpacks to far more than a table of this kind. Save it anew as XLSX."))
    hidden = any(entry.flag_bits & 1 or ".." in entry.filename or entry.filename.startswith("/") for entry in entries)
    if not names >= _PARTS or hidden:
        raise _another_kind()
    if any(name.endswith("vbaProject.bin") for name in names):
        raise ValidationError(_("The file contains macros. Save it as a plain XLSX."))
    try:
        for entry in entries:
            if entry.filename.endswith((".xml", ".rels")):
                with archive.open(entry) as part:
                    defusedxml.sax.parse(part, ContentHandler(), forbid_dtd=True)
    except (
        DefusedXmlException,
        SAXException,
        zipfile.BadZipFile,
        zlib.error,
        OSError,
        EOFError,
        RuntimeError,
        ValueError,
    ):
        raise _another_kind() from None


def _cells(number: int, row: Iterable[Any]) -> tuple[str, ...]:
    cells = []
    for place, cell in enumerate(row, start=1):
        if cell.data_type in (_FORMULA, _FAULT):
            raise ValidationError(
                _("Line %(line)d, column %(column)s: a formula stands here. Put its result there as plain text."),
                params={"line": number, "column": get_column_letter(place)},
            )
        cells.append(_plain(cell.value))
    while cells and not cells[-1]:
        cells.pop()
    return tuple(cells)


def _plain(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)
