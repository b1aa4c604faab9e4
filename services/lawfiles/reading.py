"""Reading the files: YAML in which `no` is a word, with the line of every place, and nothing that could unfold itself."""

from __future__ import annotations

import base64
import json
from functools import lru_cache
from pathlib import Path as FilePath
from typing import Any

import yaml
from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from offices import unpacked
from offices.confined import Unfit, confined
from services.lawfiles.form import Fault, Path, faults

LARGEST = 2 * 1024 * 1024
SECONDS, MEGABYTES = 4, 512  # of a child that reads what a person brought


class LawFileError(Exception):
    """A file that cannot be loaded; the message names the file and the place. `faults` are its places one by one."""

    def __init__(self, message: str, faults: list[Fault] | None = None) -> None:
        super().__init__(message)
        self.faults = faults or []


def text_of(path: FilePath) -> str:
    """The text of a file. LawFileError where it is not UTF-8."""
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError as problem:
        raise LawFileError(f"{path.name}: {problem}") from problem


def read_yaml(path: FilePath) -> Any:
    """Read one file. LawFileError names file and line where it is not YAML."""
    try:
        return yaml.load(text_of(path), Loader=unpacked.Loader)  # noqa: S506 - a SafeLoader
    except yaml.YAMLError as problem:
        raise LawFileError(f"{path.name}: {problem}") from problem


def parse(text: str, name: str) -> dict[str, Any]:
    """The definition in the text of a file called `name`; dates become text. LawFileError lists each fault with its line."""
    return definition(unpacked.document(text), name, len(text))


def apart(texts: dict[str, str]) -> dict[str, dict[str, Any]]:
    """`unpacked.document` of each text that a person brought, read in a child. LawFileError where it outgrows its limits."""
    seconds = SECONDS + len(texts) // 4
    return json.loads(_in_a_child("documents", json.dumps(texts).encode(), seconds))  # type: ignore[no-any-return]


def files_of(archive: bytes) -> dict[str, bytes]:
    """The files of an archive that a person brought, by name; unpacked in a child with limits. LawFileError says why not."""
    found = json.loads(_in_a_child("archive", archive))
    return {name: base64.b64decode(content) for name, content in found.items()}


def definition(document: dict[str, Any], name: str, length: int) -> dict[str, Any]:
    """The definition in a document read from a text of `length` signs. LawFileError lists each fault with its line."""
    if length > LARGEST:
        raise _error(name, [Fault((), _("The file is too large."))])
    data = _data_of(document, name)
    if not isinstance(data, dict):
        raise _error(name, [Fault((), _("fields with their names are expected"), 1)])
    lines = {tuple(path): line for path, line in document["lines"]}
    if found := [Fault(fault.path, fault.text, _line_of(fault.path, lines)) for fault in faults(data)]:
        raise _error(name, found)
    return data


def table(document: dict[str, Any], name: str) -> list[dict[str, Any]]:
    """The rows in a document that is a list of them. LawFileError where it is none."""
    rows = _data_of(document, name)
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise LawFileError(f"{name}: {_('a list is expected')}")
    return rows


_WORDS: dict[str, Any] = {
    "reference": gettext_lazy("References (& and *) are not used in these files."),
    "twice": gettext_lazy("stands twice"),
    "deep": gettext_lazy("It is nested too deeply."),
}
_REFUSALS: dict[str, Any] = {
    "many": gettext_lazy("The archive is too large."),
    "twice": gettext_lazy("The archive has a file twice."),
    "odd": gettext_lazy("The archive has a file that no archive of ours has: %(name)s"),
    "broken": gettext_lazy("The archive is not whole: %(problem)s"),
}
_TOO_MUCH = gettext_lazy("The file takes too long to read, or unfolds to far more than a file of this kind.")


def _in_a_child(work: str, data: bytes, seconds: int = SECONDS) -> bytes:
    try:
        return confined(f"offices.unpacked:{work}", data, seconds=seconds, megabytes=MEGABYTES)
    except Unfit as unfit:
        word, _space, what = unfit.why.partition(" ")
        raise LawFileError(str(_REFUSALS.get(word, _TOO_MUCH)) % {"name": what, "problem": what}) from None


def _data_of(document: dict[str, Any], name: str) -> Any:
    if document["wrong"]:
        raise _error(name, [Fault(tuple(path), _WORDS.get(what, what), line) for path, what, line in document["wrong"]])
    return document["data"]


def _error(name: str, found: list[Fault]) -> LawFileError:
    return LawFileError(f"{name}: " + "; ".join(map(str, found)), found)


def _line_of(path: Path, lines: dict[Path, int]) -> int:
    """The line of a place, or of the nearest place around it that the file has."""
    while path and path not in lines:
        path = path[:-1]
    return lines.get(path, 1)


@lru_cache(maxsize=8)
def _procedure(path: FilePath) -> str:
    return json.dumps(read_yaml(path))


def procedure(name: str, folder: FilePath | None = None) -> list[dict[str, Any]]:
    """The steps of a chain for acts without a step table, from the files of `folder` (those of the program by default)."""
    if folder is not None:
        return read_yaml(folder / "procedures" / f"{name}.yaml")  # type: ignore[no-any-return]
    shipped = FilePath(settings.BASE_DIR) / "fixtures" / "law" / "procedures" / f"{name}.yaml"
    return json.loads(_procedure(shipped))  # type: ignore[no-any-return]
