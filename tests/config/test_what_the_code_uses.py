"""What the code and the scripts use, and what they must not: chance, ciphers, parsers, the network, the browser's stores."""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

HOUSE = Path(__file__).resolve().parents[2]
APPS = ("applications", "complaints", "config", "kpi", "offices", "services")
SCRIPTS = sorted((HOUSE / "static" / "js").glob("*.js"))


@cache
def trees() -> dict[str, ast.Module]:
    """The modules of the program by their paths."""
    paths = (path for app in APPS for path in (HOUSE / app).rglob("*.py") if "migrations" not in path.parts)
    return {str(path.relative_to(HOUSE)): ast.parse(path.read_text(encoding="utf-8")) for path in paths}


def imports() -> Iterator[tuple[str, str]]:
    """(module of ours, what it imports), names of a `from` included."""
    for path, tree in trees().items():
        for node in ast.walk(tree):
            if isinstance(node, ast.Import):
                yield from ((path, alias.name) for alias in node.names)
            elif isinstance(node, ast.ImportFrom) and node.module:
                yield from ((path, f"{node.module}.{alias.name}") for alias in node.names)


def importers(*names: str) -> dict[str, set[str]]:
    """Name → the modules of ours that import it or something in it."""
    found: dict[str, set[str]] = {}
    for path, what in imports():
        for name in names:
            if what == name or what.startswith(f"{name}."):
                found.setdefault(name, set()).add(path)
    return found


def attributes(of: str) -> set[str]:
    """What is taken of a module that is imported whole: `yaml.safe_load` gives safe_load."""
    return {
        node.attr
        for tree in trees().values()
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == of
    }


def test_nothing_that_must_not_be_guessed_is_drawn_by_chance_that_can_be_reckoned() -> None:
    invented = {  # the past of the demonstration, answers of a survey, shuffled by the machine's own source, and a nap
        "applications/management/commands/demo.py", "complaints/management/commands/demo_complaints.py",
        "kpi/management/commands/demo_kpi.py", "kpi/management/plan.py", "kpi/actions/surveys.py",
        "config/sqlite/turns.py",
    }  # fmt: skip
    assert importers("random")["random"] == invented
    survey = ast.unparse(trees()["kpi/actions/surveys.py"])
    assert re.findall(r"\brandom\.(\w+)", survey) == ["SystemRandom"]
    assert attributes("uuid") <= {"uuid4", "UUID"}


def test_ciphers_and_hashes_are_the_approved_ones_of_kept_libraries() -> None:
    used = {what for _path, what in imports() if what.startswith("cryptography.")}
    assert used == {
        "cryptography.exceptions.InvalidTag",
        "cryptography.hazmat.primitives.ciphers.aead.AESGCM",
        "cryptography.hazmat.primitives.hashes.SHA256",
        "cryptography.hazmat.primitives.kdf.hkdf.HKDF",
    }
    assert not importers("Crypto", "Cryptodome", "nacl", "rsa", "ecdsa", "passlib", "bcrypt", "jwt", "jose")
    named = {what.rpartition(".")[2] for _path, what in imports() if what.startswith("hashlib.")}
    assert named | attributes("hashlib") <= {"sha256", "sha512"}
    words = re.compile(r"\b(md5|sha1|sha-1|des3?|rc4|blowfish|ecb)\b", re.IGNORECASE)
    for path, tree in trees().items():
        strings = (
            node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)
        )
        assert not [text for text in strings if len(text) < 40 and words.fullmatch(text.strip())], path


def test_nothing_is_read_in_that_could_become_more_than_data() -> None:
    assert not importers("pickle", "marshal", "shelve", "dill", "jsonpickle", "cPickle", "lxml", "xml.dom", "xmlrpc")
    assert importers("xml.etree").get("xml.etree") == {"services/diagrams/bpmn.py"}, "it only writes"
    assert {name for name in attributes("yaml") if "oad" in name} <= {"safe_load", "SafeLoader", "load"}
    for path, tree in trees().items():
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and ast.unparse(node.func) in ("yaml.load", "yaml.load_all"):
                assert "Loader" in ast.unparse(node), path
            if isinstance(node, ast.Call) and getattr(node.func, "attr", "") in ("format_map", "from_string"):
                pytest.fail(f"{path}: {ast.unparse(node)}")
    assert importers("django.template.Template", "django.template.Engine", "jinja2", "string.Template") == {}


def test_other_programs_are_called_in_two_places_only() -> None:
    assert importers("subprocess")["subprocess"] == {"offices/confined.py", "offices/uploads.py"}
    assert not attributes("os") & {"system", "popen", "spawnl", "spawnv", "execv", "execvp", "execl"}
    assert not importers("pty", "ctypes", "commands")


def test_the_network_is_spoken_to_in_named_places_only() -> None:
    assert importers(
        "socket", "ssl", "http.client", "urllib.request", "smtplib", "ftplib", "requests", "httpx", "aiohttp", "celery",
        "urllib3", "imaplib", "telnetlib", "xmlrpc",
    ) == {
        "urllib.request": {"applications/signing.py"},  # SIGNATURE_SERVICE, at its own address
        "smtplib": {"offices/sending.py"},  # the name of its error only: letters leave by Django's backend
        "socket": {"offices/outbox/running.py"},  # the machine's own name
        "celery": {"offices/outbox/distributed.py"},  # CELERY_BROKER_URL
    }  # fmt: skip
    assert attributes("socket") <= {"gethostname"}


def test_patterns_come_from_the_code_and_not_from_what_people_type() -> None:
    reviewed = {"config/templatetags/pages.py", "services/text.py", "services/search.py", "offices/text.py"}
    for path, tree in trees().items():
        for node in ast.walk(tree):
            called = ast.unparse(node.func) if isinstance(node, ast.Call) else ""
            if re.fullmatch(r"re\.(compile|match|search|sub|fullmatch|split|findall|finditer)", called):
                pattern = node.args[0]  # type: ignore[attr-defined]
                fixed = isinstance(pattern, ast.Constant) or all(
                    not isinstance(part, ast.FormattedValue) for part in ast.walk(pattern)
                )
                assert fixed or path in reviewed or "re.escape" in ast.unparse(pattern), f"{path}: {ast.unparse(node)}"


def test_the_scripts_build_no_html_keep_nothing_and_talk_to_nobody_else() -> None:
    assert SCRIPTS
    forbidden = re.compile(
        r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function|localStorage|sessionStorage|indexedDB|"
        r"caches\.|postMessage|__proto__|prototype\[|document\.cookie|Object\.assign|https?://|\"paste\"|onpaste|[^=!]==[^=]|!=[^=]"
    )
    for path in SCRIPTS:
        assert not forbidden.findall(path.read_text(encoding="utf-8")), path.name


def test_types_are_checked_strictly_before_anything_is_taken_in() -> None:
    mypy = tomllib.loads((HOUSE / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["mypy"]
    assert mypy["strict"] is True
    assert set(mypy["packages"]) == set(APPS)
    assert "mypy" in (HOUSE / "bin" / "check").read_text(encoding="utf-8")
    assert "make check" in (HOUSE / ".ci" / "run").read_text(encoding="utf-8")


def test_what_is_installed_on_a_server_holds_no_test_part() -> None:
    locked = set(
        re.findall(r"^([a-z0-9-]+)==", (HOUSE / "requirements.lock").read_text(encoding="utf-8"), re.MULTILINE)
    )
    assert not locked & {"pytest", "pytest-django", "hypothesis", "playwright", "coverage", "mypy", "ruff",
                         "django-debug-toolbar", "ipython", "time-machine", "factory-boy"}  # fmt: skip
    assert not [path for path, what in imports() if what.split(".")[0] in ("tests", "pytest", "hypothesis", "unittest")]
