"""What docs/security.md says of limits, keys, files, lines and neighbours is what the program does."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

import pytest
from django.conf import settings

from applications import public, signing_pages
from applications.planning import days
from config.signin import factors, forms
from offices import alerts, confined, pdf, unpacked
from offices.resources import tables
from services.editing import transfer as law_pages
from services.lawfiles import reading

HOUSE = Path(__file__).resolve().parents[2]
APPS = ("applications", "complaints", "config", "kpi", "offices", "services")
MEGABYTE = 1024 * 1024
WORDS = {5: "five", 10: "ten", 20: "twenty", 24: "24", 60: "sixty"}


@cache
def section(title: str) -> str:
    """A section of the page, in single spaces."""
    page = (HOUSE / "docs" / "security.md").read_text(encoding="utf-8")
    return " ".join(page.split(f"\n## {title}\n")[1].split("\n## ")[0].split())


def sources() -> str:
    """All modules of the program."""
    paths = (path for app in APPS for path in (HOUSE / app).rglob("*.py"))
    return "\n".join(path.read_text(encoding="utf-8") for path in paths)


LIMITS = [
    ("Coming in", "{five} for an account from an address, {twenty} from an address, in three minutes",
     {"five": (forms.ACCOUNT_TRIES.tries, 5), "twenty": (forms.PLACE_TRIES.tries, 20),
      "minutes": (forms.PLACE_TRIES.seconds, 180)}),
    ("Coming in", "wrong codes: {ten} for an account in {ten} minutes",
     {"ten": (factors.CODE_TRIES.tries, 10), "window": (factors.CODE_TRIES.seconds, 600)}),
    ("Coming in", "sets a password once (24 hours)", {"hours": (settings.PASSWORD_RESET_TIMEOUT, 24 * 3600)}),
    ("Sessions", "Half an hour without use ends one, twelve hours end every one",
     {"idle": (settings.SESSION_IDLE, 1800), "whole": (settings.SESSION_ABSOLUTE, 12 * 3600)}),
    ("Sessions", "not older than {twenty} minutes", {"twenty": (settings.FRESH_FOR // 60, 20)}),
    ("Files", "10 MB, 50 a case", {"size": (settings.UPLOAD_LIMIT_BYTES, 10 * MEGABYTE), "count": (settings.FILES_A_CASE, 50)}),
    ("Files", "300 a person and day", {"count": (settings.UPLOADS_A_DAY, 300)}),
    ("Files", "40 million points, 2,000 pages", {"points": (confined.PIXELS, 40_000_000), "pages": (confined._PDF_PAGES, 2_000)}),
    ("Files", "2 MB, 200 parts, 20 MB unpacked, ratio 100, 1,000 lines, 60 columns",
     {"size": (tables.SIZE_LIMIT, 2 * MEGABYTE), "parts": (unpacked._ENTRY_LIMIT, 200), "lines": (tables.LINE_LIMIT, 1_000),
      "unpacked": (unpacked._UNPACKED_LIMIT, 20 * MEGABYTE), "ratio": (unpacked._RATIO_LIMIT, 100),
      "columns": (tables.COLUMN_LIMIT, 60)}),
    ("Files", "an XLSX is read in a child of 4 s and 512 MB",
     {"seconds": (tables.SECONDS, 4), "memory": (tables.MEGABYTES, 512)}),
    ("Files", "10 MB, 2,000 parts, 64 MB unpacked, an edition 2 MB, depth 40",
     {"size": (law_pages._LARGEST, 10 * MEGABYTE), "parts": (unpacked._MOST_FILES, 2_000), "depth": (unpacked._DEEPEST, 40),
      "unpacked": (unpacked._MOST_BYTES, 64 * MEGABYTE), "edition": (reading.LARGEST, 2 * MEGABYTE)}),
    ("Files", "read in a child of 4 s (and more for many files) and 512 MB",
     {"seconds": (reading.SECONDS, 4), "memory": (reading.MEGABYTES, 512)}),
    ("Files", "| calendar of a year | YAML | 200 kB;", {"size": (days._FILE_LIMIT, 200_000)}),
    ("Files", "100 kB, 1 MB",
     {"key": (signing_pages._KEY_BYTES, 100_000), "signature": (signing_pages._SIGNATURE_BYTES, 1_000_000)}),
    ("Files", "only its hash is looked at | 12 MB", {"size": (signing_pages._PDF_BYTES, 12_000_000)}),
    ("Limits", "a page longer than 200,000 signs (a child, 20 s of the processor, 512 MB;",
     {"signs": (pdf.HERE, 200_000), "seconds": (pdf.SECONDS, 20), "memory": (pdf.MEGABYTES, 512)}),
    ("Limits", "more than 12 MB or 600 fields",
     {"size": (settings.DATA_UPLOAD_MAX_MEMORY_SIZE, 12 * MEGABYTE), "fields": (settings.DATA_UPLOAD_MAX_NUMBER_FIELDS, 600)}),
    ("Limits", "10 a minute from an address, 60 from its network",
     {"place": (public.TRIES_A_MINUTE, 10), "network": (public.TRIES_A_MINUTE_OF_A_NETWORK, 60)}),
    ("Limits", "two at once and thirty in ten minutes a person",
     {"places": (settings.HEAVY_AT_ONCE, 2), "begun": (settings.HEAVY_IN_TEN_MINUTES, 30)}),
    ("What is written down", "sixty refusals in a minute", {"burst": (alerts.BURST, 60)}),
]  # fmt: skip


@pytest.mark.parametrize(("title", "sentence", "figures"), LIMITS, ids=[row[1][:40] for row in LIMITS])
def test_the_limits_that_are_written_down_are_those_of_the_program(
    title: str, sentence: str, figures: dict[str, tuple[int, int]]
) -> None:
    for name, (real, written) in figures.items():
        assert real == written, f"{name} is {real}: change the page and this line"
    assert sentence.format(**{word: word for word in WORDS.values()}) in section(title)


def test_every_key_stands_on_the_page() -> None:
    text = (HOUSE / "config" / "settings.py").read_text(encoding="utf-8")
    keys = set(re.findall(r"^([A-Z_]+_KEYS?) = ", text, re.MULTILINE))
    assert keys >= {"SECRET_KEY", "TALON_KEY", "FIELD_KEYS", "INDEX_KEY", "BACKUP_KEY"}
    told = section("Keys")
    assert not [key for key in keys if f"| {key} |" not in told and key != "BACKUP_KEY"]
    assert "| backup key |" in told


def test_every_kind_of_line_stands_on_the_page() -> None:
    kinds = {
        node.args[0].value
        for node in ast.walk(ast.parse(sources().replace("from __future__ import annotations\n", "")))
        if isinstance(node, ast.Call)
        and getattr(node.func, "id", "") == "note"
        and node.args
        and isinstance(node.args[0], ast.Constant)
    }
    assert len(kinds) > 12
    told = section("What is written down")
    assert not [kind for kind in kinds if f"`{kind}`" not in told]


FILES = {
    "papers of a case": {"applications/forms/acts.py"},
    "complaints, also from the site": {"complaints/forms/receiving.py"},
    "law": {"services/forms/whole.py"},
    "calendar of a year": {"applications/planning/calendar.py"},
    "signatures": {"applications/signing_pages.py"},
}


def test_every_kind_of_file_that_is_taken_stands_on_the_page() -> None:
    takers = {
        str(path.relative_to(HOUSE))
        for app in APPS
        for path in (HOUSE / app).rglob("*.py")
        if "forms.FileField(" in path.read_text(encoding="utf-8")
    }
    assert takers == set().union(*FILES.values()), "a new field for files: say on the page what it takes"
    assert not [
        row for row in (*FILES, "contact tables", "a paper to be compared") if f"| {row} |" not in section("Files")
    ]


def test_every_way_in_stands_on_the_page() -> None:
    told = section("Coming in")
    for way in ("an app for one-time codes", "a security key", "a recovery code", "code of a talon",
                "code of a prepared application",
                "code of a tablet or screen", "code of a notice", "address of a paper", "link in a message",
                "link for a password"):  # fmt: skip
        assert way in told
    # Who is signed in is decided in one place; other secrets that open something are compared in these.
    compared = {
        str(path.relative_to(HOUSE))
        for app in APPS
        for path in (HOUSE / app).rglob("*.py")
        if re.search(r"compare_digest|same_code\(", path.read_text(encoding="utf-8"))
    }
    assert compared == {
        "applications/hall_devices.py", "applications/identifiers.py", "applications/public.py", "config/backup/container.py",
        "config/signin/factors.py", "kpi/queries/surveys.py",
    }  # fmt: skip


def test_everything_that_is_spoken_to_stands_on_the_page() -> None:
    told = section("What it speaks to")
    for neighbour in ("The database", "mail server", "queue", "SMS gateway", "verifying service", "scanner"):
        assert neighbour in told


def test_what_is_left_to_the_operator_is_told_to_him() -> None:
    import csv

    with (HOUSE / "docs" / "asvs.csv").open(encoding="utf-8", newline="") as file:
        left = {row["requirement"] for row in csv.DictReader(file) if row["verdict"] == "operator"}
    told = set(re.findall(r"V\d+\.\d+\.\d+", section("What the operator sees to")))
    assert told == left
    assert "What the operator sees to" in (HOUSE / "docs" / "operating.md").read_text(encoding="utf-8")
