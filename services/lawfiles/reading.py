"""Reading the files: YAML in which `no` is a word, with the line of every place, and nothing that could unfold itself."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path as FilePath
from typing import Any

import yaml
from django.conf import settings
from django.utils.translation import gettext as _

from services.lawfiles.form import Fault, Path, faults

LARGEST = 2 * 1024 * 1024


class LawFileError(Exception):
    """A file that cannot be loaded; the message names the file and the place. `faults` are its places one by one."""

    def __init__(self, message: str, faults: list[Fault] | None = None) -> None:
        super().__init__(message)
        self.faults = faults or []


_Safe: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class _Loader(_Safe):
    """YAML in which `no` is a word, not a boolean: it is the name of a field here."""


_Loader.yaml_implicit_resolvers = {
    letter: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:bool"]
    for letter, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
_Loader.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile("^(?:true|false)$"), list("tf"))


def text_of(path: FilePath) -> str:
    """The text of a file. LawFileError where it is not UTF-8."""
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError as problem:
        raise LawFileError(f"{path.name}: {problem}") from problem


def read_yaml(path: FilePath) -> Any:
    """Read one file. LawFileError names file and line where it is not YAML."""
    try:
        return yaml.load(text_of(path), Loader=_Loader)  # noqa: S506 - a SafeLoader
    except yaml.YAMLError as problem:
        raise LawFileError(f"{path.name}: {problem}") from problem


def parse(text: str, name: str) -> dict[str, Any]:
    """The definition in the text of a file called `name`; dates become text. LawFileError lists each fault with its line."""
    try:
        lines, found = _lines(text)
        data: Any = None if found else yaml.load(text, Loader=_Loader)  # noqa: S506 - a SafeLoader
    except yaml.MarkedYAMLError as problem:
        line = problem.problem_mark.line + 1 if problem.problem_mark else 0
        said = f"{problem.context or ''} {problem.problem or ''}".strip()
        raise _error(name, [Fault((), said, line)]) from problem
    except (yaml.YAMLError, ValueError, RecursionError) as problem:
        raise _error(name, [Fault((), str(problem).splitlines()[0])]) from problem
    if not found:
        data = json.loads(json.dumps(data, default=str))
        found = [Fault(fault.path, fault.text, _line_of(fault.path, lines)) for fault in faults(data)]
    if found:
        raise _error(name, found)
    definition: dict[str, Any] = data
    return definition


def _error(name: str, found: list[Fault]) -> LawFileError:
    return LawFileError(f"{name}: " + "; ".join(map(str, found)), found)


def _line_of(path: Path, lines: dict[Path, int]) -> int:
    """The line of a place, or of the nearest place around it that the file has."""
    while path and path not in lines:
        path = path[:-1]
    return lines.get(path, 1)


def _lines(text: str) -> tuple[dict[Path, int], list[Fault]]:
    """The line of each place of a file, and what no file of ours has: references, a field twice, too much text."""
    if len(text) > LARGEST:
        return {}, [Fault((), _("The file is too large."))]
    for event in yaml.parse(text, Loader=_Loader):
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            return {}, [Fault((), _("References (& and *) are not used in these files."), _line(event))]
    root = yaml.compose(text, Loader=_Loader)
    if not isinstance(root, yaml.MappingNode):
        return {}, [Fault((), _("fields with their names are expected"), 1)]
    places = list(_walk(root, ()))
    seen: dict[Path, int] = {}
    found = []
    for path, line in places:
        if path in seen:
            found.append(Fault(path, _("stands twice"), line))
        seen[path] = line
    return seen, found


def _line(event: yaml.Event) -> int:
    return event.start_mark.line + 1 if event.start_mark else 1


def _walk(node: yaml.Node, path: Path) -> Iterator[tuple[Path, int]]:
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            here = (*path, str(key.value))
            yield here, key.start_mark.line + 1
            yield from _walk(value, here)
    elif isinstance(node, yaml.SequenceNode):
        for number, value in enumerate(node.value):
            yield (*path, number), value.start_mark.line + 1
            yield from _walk(value, (*path, number))


@lru_cache(maxsize=8)
def _procedure(path: FilePath) -> str:
    return json.dumps(read_yaml(path))


def procedure(name: str, folder: FilePath | None = None) -> list[dict[str, Any]]:
    """The steps of a chain for acts without a step table, from the files of `folder` (those of the program by default)."""
    if folder is not None:
        return read_yaml(folder / "procedures" / f"{name}.yaml")  # type: ignore[no-any-return]
    shipped = FilePath(settings.BASE_DIR) / "fixtures" / "law" / "procedures" / f"{name}.yaml"
    return json.loads(_procedure(shipped))  # type: ignore[no-any-return]
