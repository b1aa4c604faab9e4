"""docs/security.md says of every requirement what shows it, and says nothing that is not so."""

from __future__ import annotations

import ast
import runpy
from functools import cache
from pathlib import Path
from typing import Any

import pytest

HOUSE = Path(__file__).resolve().parents[2]
PAGE: Any = runpy.run_path(str(HOUSE / "bin" / "security_page"))
VERDICTS = {"test", "not applicable", "written", "operator", "deviation"}


@cache
def named_in(path: str) -> set[str]:
    """The names of the tests in a file."""
    tree = ast.parse((HOUSE / path).read_text(encoding="utf-8"))
    return {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}


@pytest.mark.parametrize("name", ["requirements.csv", "experiments.csv", "asvs.csv"])
def test_every_named_test_exists(name: str) -> None:
    for row in PAGE["rows"](name):
        for named in row["tests"].split():
            path, _colons, test = named.partition("::")
            assert test in named_in(path), f"{next(iter(row.values()))} names {named}"


def test_every_named_experiment_exists_and_each_has_its_line() -> None:
    tree = ast.parse((HOUSE / "tests" / "faults" / "experiments.py").read_text(encoding="utf-8"))
    known = {key.value for node in ast.walk(tree) if isinstance(node, ast.Dict) for key in node.keys if key}  # type: ignore[attr-defined]
    lines = PAGE["rows"]("experiments.csv")
    assert [row["experiment"] for row in lines] == [f"E{n}" for n in range(1, 21)]
    assert {name for row in lines for name in row["faults"].split()} <= known
    assert all(row["faults"] or row["tests"] for row in lines)


def test_no_row_is_empty_and_none_is_missing() -> None:
    asvs, own = PAGE["rows"]("asvs.csv"), PAGE["rows"]("requirements.csv")
    assert [row["requirement"] for row in own] == [f"R{n}" for n in range(1, 54)]
    assert len({row["requirement"] for row in asvs}) == len(asvs) == 253
    assert sum(row["level"] == "1" for row in asvs) == 70
    for row in asvs:
        assert row["verdict"] in VERDICTS
        assert row["tests"] if row["verdict"] == "test" else row["note"], row
    assert all(row["tests"] for row in own)


def test_the_page_is_made_from_the_tables() -> None:
    assert (HOUSE / "docs" / "security.md").read_text(encoding="utf-8") == PAGE["page"](), "run bin/security_page"
