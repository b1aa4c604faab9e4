"""What differs between two definitions, field by field; rows of a part are matched by what they are, not by their place."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from services.models import Edition
from services.text import PART_NAMES, field_name, part_of, row_name

Definition = dict[str, Any]
Path = tuple[str | int, ...]
# What says which version it is; a page names it in its head.
_IDENTITY = ("code", "label", "version", "valid_from", "amended_by")
_KEYS: dict[str, tuple[str, ...]] = {
    "steps": ("transition",), "norms": ("key", "channel"), "indicators": ("code",), "groups": ("no",), "acts": ("no",),
    "readings": ("code", "places"), "amendments": ("point", "number"),
}  # fmt: skip


@dataclass(frozen=True)
class Change:
    """One field that differs: its place in words, the old and the new value (None: not there)."""

    part: str
    row: str
    field: str
    old: Any
    new: Any
    path: Path = ()

    @property
    def part_name(self) -> str:
        """The part in the page's language."""
        return str(PART_NAMES[self.part])

    def as_dict(self) -> dict[str, Any]:
        """For the history of the edition."""
        return {"path": list(self.path), "old": self.old, "new": self.new}


def between(old: Definition, new: Definition) -> list[Change]:
    """Every field that differs, in the order of the parts. Which version they are is left out."""
    found = []
    for name in dict.fromkeys((*new, *old)):
        if name not in _IDENTITY:
            before, after = old.get(name), new.get(name)
            found += [_change(old, new, *one) for one in _pairs(before, after, (name,), (name,))]
    order = list(PART_NAMES)
    return sorted(found, key=lambda change: order.index(change.part))


def of_edition(edition: Edition, before: Edition) -> list[Change]:
    """What a version changed against the one before it."""
    return between(before.definition, edition.definition)


def _change(old: Definition, new: Definition, was: Any, now: Any, old_path: Path, new_path: Path) -> Change:
    path, definition = (new_path, new) if now is not None else (old_path, old)
    return Change(part_of(path), row_name(definition, path), field_name(path), was, now, path)


def _pairs(old: Any, new: Any, old_path: Path, new_path: Path) -> Iterator[tuple[Any, Any, Path, Path]]:
    if old == new or (not old and not new and not isinstance(old, bool | int) and not isinstance(new, bool | int)):
        return
    if isinstance(old or {}, dict) and isinstance(new or {}, dict) and (old or new):
        for name in dict.fromkeys((*(new or {}), *(old or {}))):
            was, now = (old or {}).get(name), (new or {}).get(name)
            yield from _pairs(was, now, (*old_path, name), (*new_path, name))
    elif _is_rows(old) or _is_rows(new):
        yield from _rows(old or [], new or [], old_path, new_path)
    else:
        yield old, new, old_path, new_path


def _is_rows(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and isinstance(value[0], dict)


def _rows(old: list[Any], new: list[Any], old_path: Path, new_path: Path) -> Iterator[tuple[Any, Any, Path, Path]]:
    keys = _KEYS.get(str(new_path[-1]), ("no",))
    before, after = _by_key(old, keys), _by_key(new, keys)
    for key in dict.fromkeys((*after, *before)):
        (i, was), (j, now) = before.get(key, (0, None)), after.get(key, (0, None))
        yield from _pairs(was, now, (*old_path, i), (*new_path, j))


def _by_key(rows: Iterable[Definition], keys: tuple[str, ...]) -> dict[str, tuple[int, Definition]]:
    """Rows by what they are; those that look alike keep their turn."""
    found: dict[str, tuple[int, Definition]] = {}
    for index, row in enumerate(rows):
        key, turn = repr([row.get(name) for name in keys]), 1
        while f"{key}{turn}" in found:
            turn += 1
        found[f"{key}{turn}"] = index, row
    return found
