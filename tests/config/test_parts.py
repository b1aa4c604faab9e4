"""The inventory of parts: made from the lock files alone, whole, valid, and a gate against parts that are too old."""

from __future__ import annotations

import json
import re
import runpy
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

HOUSE = Path(__file__).resolve().parents[2]
LOCKS = ("requirements.lock", "requirements-dev.lock", "package.json", "package-lock.json", "pyproject.toml")


def sbom(*args: object) -> subprocess.CompletedProcess[str]:
    """What `make sbom` does."""
    command = [sys.executable, str(HOUSE / "bin" / "sbom"), *map(str, args)]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=540)


@pytest.fixture(scope="module")
def made(tmp_path_factory: Any) -> dict[str, Any]:
    """The inventories of this repository; valid, or the command would have failed."""
    folder = tmp_path_factory.mktemp("sbom")
    done = sbom("--to", folder)
    assert done.returncode == 0, done.stderr
    return {path.name.partition(".")[0]: json.loads(path.read_text()) for path in folder.iterdir()}


def normal(name: str) -> str:
    """A Python part by the name that the index knows it by."""
    return re.sub(r"[-_.]+", "-", name).lower()


@pytest.mark.parametrize(("name", "lock"), [("server", "requirements.lock"), ("tools", "requirements-dev.lock")])
def test_every_locked_python_part_is_in_the_inventory_with_its_hashes(made: Any, name: str, lock: str) -> None:
    locked = re.findall(r"^([A-Za-z0-9._-]+)(?:\[.*?\])?==([^\s;\\]+)", (HOUSE / lock).read_text(), re.MULTILINE)
    assert len(locked) > 60
    parts = made[name]["components"]
    assert sorted((normal(part["name"]), part["version"]) for part in parts) == sorted(
        (normal(part), version) for part, version in locked
    )
    assert all("SHA-256" in json.dumps(part) for part in parts)


def test_every_locked_npm_part_is_in_the_inventory(made: Any) -> None:
    lock = json.loads((HOUSE / "package-lock.json").read_text())["packages"]
    locked = {(path.rpartition("node_modules/")[2], part["version"]) for path, part in lock.items() if path}
    parts = made["pages"]["components"]
    found = {
        (f"{part['group']}/{part['name']}" if part.get("group") else part["name"], part["version"]) for part in parts
    }
    assert found == locked


def test_the_inventory_is_cyclonedx_and_tells_nothing_of_the_machine_or_the_moment(made: Any) -> None:
    assert {found["bomFormat"] for found in made.values()} == {"CycloneDX"}
    for found in made.values():
        assert "timestamp" not in found["metadata"]
        assert str(HOUSE) not in json.dumps(found)


def test_an_inventory_that_is_none_is_seen() -> None:
    look: Any = runpy.run_path(str(HOUSE / "bin" / "sbom"))["invalid"]
    [told] = look('{"bomFormat": "CycloneDX", "specVersion": "1.6", "components": [{"name": "weasyprint"}]}')
    assert "not valid" in told


@pytest.mark.parametrize(("lock", "name"), [("requirements.lock", "server"), ("requirements-dev.lock", "tools")])
def test_a_planted_old_weasyprint_fails_the_gate(tmp_path: Path, lock: str, name: str) -> None:
    for file in LOCKS:
        shutil.copy(HOUSE / file, tmp_path)
    text = (tmp_path / lock).read_text()
    planted = re.sub(r"^weasyprint==\S+", "weasyprint==60.1", text, flags=re.MULTILINE)
    assert planted != text
    (tmp_path / lock).write_text(planted)
    done = sbom("--of", tmp_path, "--to", tmp_path / "sbom")
    assert (done.returncode, done.stderr.partition(":")[0]) == (1, name)
    assert "weasyprint 60.1 is older than 70" in done.stderr
