"""An act is done whole or not at all: whatever breaks after whichever of its statements, nothing of it stays."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.db import connection

from tests.config import deeds
from tests.config.test_access import undone

APPS = ("applications", "complaints", "kpi", "offices", "services")
# Not acts: the frame in which acts run, and what writes one row or paper inside of it.
INSIDE_OF_ACTS = {
    "applications.casework.perform", "applications.casework.perform_in", "complaints.casework.perform",
    "applications.notices.make", "applications.notices.make_dispatch_list", "complaints.notices.talon",
    "complaints.notices.notice", "complaints.notices.answer", "applications.openings.note", "services.versions.note",
}  # fmt: skip
MOST = 12  # of the statements of an act, after how many it is broken off
_WRITES = re.compile(r"\s*(INSERT|UPDATE|DELETE)")
_FLEETING = {"offices.ratecounter", "services.wordindex"}


class Broken(Exception):
    """Stands for whatever goes wrong."""


def acts_of_the_house() -> set[str]:
    """Every public function that is done by somebody at a moment (`by` and `at`), as app.module.function."""
    found = set()
    for app in APPS:
        for info in pkgutil.walk_packages(importlib.import_module(app).__path__, f"{app}."):
            if ".migrations" in info.name:
                continue
            for name, function in vars(importlib.import_module(info.name)).items():
                if name.startswith("_") or not inspect.isfunction(function) or function.__module__ != info.name:
                    continue
                parameters = inspect.signature(function).parameters.values()
                if {"by", "at"} <= {one.name for one in parameters if one.kind == one.KEYWORD_ONLY}:
                    module = re.sub(r"^complaints\.actions\.\w+$", "complaints.actions", info.name)
                    found.add(f"{module.replace('.actions.', '.')}.{name}")
    return found


def test_every_act_of_the_house_is_broken_off_here() -> None:
    assert acts_of_the_house() - INSIDE_OF_ACTS == set(deeds.names()) - {"applications.data_rights.erase"}


def everything_kept(media: Path) -> dict[str, Any]:
    """All rows of all tables of ours, and the files."""
    rows: dict[str, Any] = {
        model._meta.label_lower: sorted(map(repr, model._base_manager.values_list()))
        for app in APPS
        for model in apps.get_app_config(app).get_models()
        if model._meta.label_lower not in _FLEETING and model._meta.managed
    }
    return rows | {"files": sorted(str(path) for path in media.rglob("*") if path.is_file())}


@contextmanager
def broken_after(statement: int | None = None) -> Iterator[list[str]]:
    """Within this the writing statements are listed; after the one of that number everything breaks."""
    seen: list[str] = []

    def look(execute: Any, sql: str, *rest: Any) -> Any:
        answer = execute(sql, *rest)
        if _WRITES.match(sql):
            seen.append(sql)
            if len(seen) == statement:
                raise Broken
        return answer

    with connection.execute_wrapper(look):
        yield seen


@pytest.mark.django_db
@pytest.mark.parametrize("name", deeds.names())
def test_what_breaks_in_the_middle_of_an_act_leaves_nothing_of_it(name: str, settings: Any) -> None:
    deed, media = deeds.ready(name), Path(settings.MEDIA_ROOT)
    before = everything_kept(media)
    with undone(), broken_after() as written:
        deed()
        assert everything_kept(media) != before, "the act as it is does something"
    for path in set(everything_kept(media)["files"]) - set(before["files"]):
        Path(path).unlink()  # a row can be taken back from here, its file cannot
    count = len(written)
    if count == 1:
        return  # one statement is whole by itself
    for statement in sorted({max(1, round(count * part / MOST)) for part in range(1, MOST + 1)}):
        with broken_after(statement), pytest.raises(Broken):
            deed()
        after = everything_kept(media)
        assert [table for table in before if before[table] != after[table]] == [], written[statement - 1]
