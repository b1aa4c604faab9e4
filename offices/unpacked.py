"""What strangers send packed, opened: workbooks, archives and YAML. Work for the child of `confined`: bytes in, JSON out.

It knows neither Django nor languages: what is wrong is said in one word (Unfit), which the caller puts into a sentence.
"""

from __future__ import annotations

import base64
import io
import json
import re
import stat
import zipfile
from collections.abc import Iterable, Iterator
from typing import Any

import yaml

from offices.confined import Unfit

LINE_LIMIT, COLUMN_LIMIT = 1000, 60
_ENTRY_LIMIT, _UNPACKED_LIMIT, _RATIO_LIMIT = 200, 20 * 1024 * 1024, 100
_PARTS = {"[Content_Types].xml", "xl/workbook.xml"}
_FORMULA, _FAULT = "f", "e"
_MOST_FILES, _MOST_BYTES = 2_000, 64 * 1024 * 1024
_ENCRYPTED = 0x1
_DEEPEST = 40  # the files of the law have a depth of six
Place = tuple[str | int, ...]


# ------------------------------------------------------------------ workbooks


def workbook(data: bytes) -> bytes:
    """The lines of the first sheet of an XLSX, a list of texts each.

    Unfit: bomb, macros, links, kind (it is no such workbook), "formula LINE COLUMN".
    """
    _check_workbook(data)
    from openpyxl import load_workbook

    try:
        book = load_workbook(io.BytesIO(data), read_only=True, keep_links=False)
        sheet = book.worksheets[0]
        rows = list(sheet.iter_rows(max_row=LINE_LIMIT + 2, max_col=COLUMN_LIMIT + 1))
    except MemoryError:
        raise
    except Exception:
        # A broken workbook fails in many ways, all of them the fault of the file.
        raise Unfit("kind") from None
    return _json([_cells(number, row) for number, row in enumerate(rows, start=1)])


def _check_workbook(data: bytes) -> None:
    """Refuse what is no plain workbook by its directory alone, then every part that defines entities."""
    try:
        packed = zipfile.ZipFile(io.BytesIO(data))
    except (zipfile.BadZipFile, ValueError, NotImplementedError, EOFError):
        raise Unfit("kind") from None
    entries = packed.infolist()
    names = {entry.filename for entry in entries}
    unpacked = sum(entry.file_size for entry in entries)
    if len(entries) > _ENTRY_LIMIT or unpacked > min(_UNPACKED_LIMIT, _RATIO_LIMIT * len(data)):
        raise Unfit("bomb")
    hidden = any(row.flag_bits & _ENCRYPTED or ".." in row.filename or row.filename[:1] == "/" for row in entries)
    if not names >= _PARTS or hidden:
        raise Unfit("kind")
    if any(name.endswith("vbaProject.bin") for name in names):
        raise Unfit("macros")
    if any(name.startswith("xl/externalLinks/") for name in names):
        raise Unfit("links")
    _check_parts(packed)


def _check_parts(packed: zipfile.ZipFile) -> None:
    from xml.sax.handler import ContentHandler

    import defusedxml.sax

    try:
        for name in packed.namelist():
            if name.endswith((".xml", ".rels")):
                with packed.open(name) as part:
                    defusedxml.sax.parse(part, ContentHandler(), forbid_dtd=True)
    except MemoryError:
        raise
    except Exception:
        raise Unfit("kind") from None


def _cells(number: int, row: Iterable[Any]) -> list[str]:
    cells = []
    for place, cell in enumerate(row, start=1):
        if cell.data_type in (_FORMULA, _FAULT):
            from openpyxl.utils import get_column_letter

            raise Unfit(f"formula {number} {get_column_letter(place)}")
        cells.append(_plain(cell.value))
    while cells and not cells[-1]:
        cells.pop()
    return cells


def _plain(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


# ------------------------------------------------------------------ archives


def archive(data: bytes) -> bytes:
    """The files of an archive: name → contents in base64.

    Unfit: many, twice, "odd NAME" (a folder, a link, a path, a locked file), "broken WHY".
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as opened:
            for problem in _tricks(opened):
                raise Unfit(problem)
            return _json({row.filename: base64.b64encode(opened.read(row)).decode() for row in opened.infolist()})
    except (Unfit, MemoryError):
        raise
    except Exception as problem:
        # A broken archive fails in many ways, those of its packing included.
        raise Unfit(f"broken {_on_one_line(problem)}") from None


def _tricks(opened: zipfile.ZipFile) -> Iterator[str]:
    """What no archive of ours has."""
    rows = opened.infolist()
    if len(rows) > _MOST_FILES or sum(row.file_size for row in rows) > _MOST_BYTES:
        yield "many"
    if len({row.filename for row in rows}) != len(rows):
        yield "twice"
    for row in rows:
        parts = row.filename.split("/")
        odd = row.filename.startswith("/") or "\\" in row.filename or ".." in parts or ":" in row.filename
        if odd or row.is_dir() or row.flag_bits & _ENCRYPTED or stat.S_ISLNK(row.external_attr >> 16):
            yield f"odd {_on_one_line(row.filename)}"


def _on_one_line(what: object) -> str:
    """Short, and without signs that nobody could print."""
    return " ".join(str(what).split())[:200].encode(errors="replace").decode()


# ------------------------------------------------------------------ YAML

_Safe: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # libyaml's, where it is there: ten times as quick


class Loader(_Safe):
    """YAML in which `no` is a word, not a boolean: it is the name of a field in the files of the law."""


Loader.yaml_implicit_resolvers = {
    letter: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:bool"]
    for letter, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
Loader.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile("^(?:true|false)$"), list("tf"))


def documents(data: bytes) -> bytes:
    """`document` of each text: JSON, name → text, to JSON, name → document."""
    return _json({name: document(text) for name, text in json.loads(data).items()})


def document(text: str) -> dict[str, Any]:
    """What stands in a YAML text: `data` (dates as text) and `lines`, [[path, line]]; or what is wrong, [[path, what, line]].

    Wrong is what is no YAML, and what could unfold itself or hide something: references, a field that stands twice.
    """
    try:
        if trick := _trick(text):
            return trick
        root = yaml.compose(text, Loader=Loader)
        lines: dict[Place, int] = {}
        twice = []
        for path, line in _walk(root, ()) if root else ():
            if path in lines:
                twice.append([path, "twice", line])
            lines[path] = line
        data = json.loads(json.dumps(yaml.load(text, Loader=Loader), default=str))  # noqa: S506 - a SafeLoader
        json.dumps(data, ensure_ascii=False).encode()  # halves of signs fail here, not in the database
    except yaml.MarkedYAMLError as problem:
        line = problem.problem_mark.line + 1 if problem.problem_mark else 0
        return _wrong(f"{problem.context or ''} {problem.problem or ''}".strip(), line)
    except (yaml.YAMLError, ValueError, TypeError, RecursionError) as problem:
        return _wrong(_on_one_line(problem), 0)
    if twice:
        return {"wrong": twice}
    return {"data": data, "lines": [[path, line] for path, line in lines.items()], "wrong": []}


def _trick(text: str) -> dict[str, Any] | None:
    """What could unfold itself, or what a reader goes down into without end, before anything is built of it."""
    depth = 0
    for event in yaml.parse(text, Loader=Loader):
        line = event.start_mark.line + 1 if event.start_mark else 1
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            return _wrong("reference", line)
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > _DEEPEST:
            return _wrong("deep", line)
    return None


def _wrong(what: str, line: int) -> dict[str, Any]:
    return {"wrong": [[[], what, line]]}


def _walk(node: yaml.Node, path: Place) -> Iterator[tuple[Place, int]]:
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            here = (*path, str(key.value))
            yield here, key.start_mark.line + 1
            yield from _walk(value, here)
    elif isinstance(node, yaml.SequenceNode):
        for number, value in enumerate(node.value):
            yield (*path, number), value.start_mark.line + 1
            yield from _walk(value, (*path, number))


def _json(value: Any) -> bytes:
    return json.dumps(value).encode()
