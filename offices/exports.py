"""Tables out of the house: CSV and XLSX, streamed line by line, never carrying a formula."""

from __future__ import annotations

import csv
import re
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from django.http import FileResponse, HttpResponseBase, StreamingHttpResponse
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\0")
KINDS = ("csv", "xlsx")
# A sheet is XML, which cannot hold them: one such sign in a name would break the whole export.
_UNPRINTABLE = re.compile("[\\x00-\\x08\\x0b\\x0c\\x0e-\\x1f\\ufffe\\uffff]")


def harmless(value: Any) -> str:
    """A cell as text; one that a spreadsheet would take for a formula gets a quote in front."""
    text = "" if value is None else _UNPRINTABLE.sub("", str(value))
    return f"'{text}" if text.startswith(FORMULA_STARTS) else text


def table_response(
    name: str, kind: str, lines: Iterable[Sequence[Any]], *, more: Mapping[str, Iterable[Sequence[Any]]] | None = None
) -> HttpResponseBase:
    """`lines` (the head line first) as a file `name`.`kind` to save; `more` sheets by title. ValueError for an unknown kind.

    A CSV has one table only: there the other sheets follow after an empty line.
    """
    others = more or {}
    if kind == "csv":
        response: HttpResponseBase = StreamingHttpResponse(_csv(lines, others), content_type="text/csv; charset=utf-8")
    elif kind == "xlsx":
        sheet = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
        response = FileResponse(_xlsx(lines, others), content_type=sheet)
    else:
        raise ValueError(kind)
    response["Content-Disposition"] = f'attachment; filename="{name}.{kind}"'
    response["Cache-Control"] = "no-store"
    return response


class _Echo:
    """A file that gives back what is written into it."""

    def write(self, text: str) -> str:
        return text


def _csv(lines: Iterable[Sequence[Any]], more: Mapping[str, Iterable[Sequence[Any]]]) -> Iterator[str]:
    writer = csv.writer(_Echo())
    # The mark at the front tells spreadsheets that the file is UTF-8; without it Kazakh letters come out as noise.
    yield "\ufeff"
    for line in lines:
        yield writer.writerow([harmless(value) for value in line])
    for title, rows in more.items():
        yield writer.writerow([])
        for line in ([title], *rows):
            yield writer.writerow([harmless(value) for value in line])


def _xlsx(lines: Iterable[Sequence[Any]], more: Mapping[str, Iterable[Sequence[Any]]]) -> Any:
    book = Workbook(write_only=True)
    try:
        _fill(book.create_sheet(), lines)
        for title, rows in more.items():
            _fill(book.create_sheet(title[:31]), rows)
        file = tempfile.TemporaryFile()  # noqa: SIM115 - closed by the response when it is sent
        book.save(file)
    except OSError:
        # The disk is full: its rows, which wait in files of openpyxl, must not keep it so.
        for sheet in book.worksheets:
            if sheet._writer is not None:
                sheet._writer.cleanup()
        raise
    file.seek(0)
    return file


def _fill(sheet: Any, lines: Iterable[Sequence[Any]]) -> None:
    for line in lines:
        cells = []
        for value in line:
            cell = WriteOnlyCell(sheet, value=harmless(value))
            cell.data_type = "s"
            cells.append(cell)
        sheet.append(cells)
