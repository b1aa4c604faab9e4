"""Tables into the house: a CSV or XLSX upload as lines of text, refused before anything harmful is unpacked."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import PurePath

import filetype
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from offices.confined import Unfit, confined
from offices.exports import FORMULA_STARTS
from offices.unpacked import COLUMN_LIMIT, LINE_LIMIT

SIZE_LIMIT = 2 * 1024 * 1024
SECONDS, MEGABYTES = 4, 512  # of the child that reads a workbook


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


_FORMULA = _("Line %(line)d, column %(column)s: a formula stands here. Put its result there as plain text.")
_REFUSALS = {
    "bomb": _("The file unpacks to far more than a table of this kind. Save it anew as XLSX."),
    "macros": _("The file contains macros. Save it as a plain XLSX."),
    "links": _("The file has links to other workbooks. Save it as XLSX without them, or as CSV."),
    "kind": _("The file is not what its name says. Open it in a spreadsheet and save it as XLSX or CSV."),
    "slow": _("The file takes too long to read, or too much memory. Save it anew as XLSX or CSV."),
}


def _another_kind() -> ValidationError:
    return ValidationError(_REFUSALS["kind"])


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


@lru_cache(maxsize=2)
def _xlsx(data: bytes) -> list[tuple[str, ...]]:
    """Read in a child with limits. Kept for a moment: a page looks at the same file when it is checked and when it is shown."""
    try:
        rows = json.loads(confined("offices.unpacked:workbook", data, seconds=SECONDS, megabytes=MEGABYTES))
    except Unfit as unfit:
        word, *place = unfit.why.split()
        if word == "formula":
            raise ValidationError(_FORMULA, params={"line": int(place[0]), "column": place[1]}) from None
        raise ValidationError(_REFUSALS.get(word, _REFUSALS["slow"])) from None
    return [tuple(row) for row in rows]
