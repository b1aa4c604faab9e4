"""Malformed forms and files: never a failure of ours, and nothing is stored of what was refused.

A short run in the ordinary suite; FUZZ=10000 makes the long one (`make fuzz`). The seeds are fixed: a find can be repeated.
"""

from __future__ import annotations

import importlib
import io
import os
import random
import re
import time
import zipfile
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.test.client import BOUNDARY, MULTIPART_CONTENT, encode_multipart
from django.urls import reverse
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from applications.models import Attachment
from applications.views import ACTS
from offices import uploads
from offices.confined import Unfit, confined
from tests.config.test_access import table, undone, writes
from tests.config.world import World, addresses, everything, make_world
from tests.files import PDF, a_pdf, a_picture
from tests.offices.admin_pages import NEW, administrator, as_csv, as_xlsx

pytestmark = pytest.mark.django_db
RUNS, LONG = int(os.environ.get("FUZZ", "150")), "FUZZ" in os.environ
HOSTILE = [
    "", " ", "\0", "a\0b", "\r\nSet-Cookie: a=b", "\ud800".encode("utf-16", "surrogatepass").decode("utf-16",
    "replace"), "%00", "../../etc/passwd",
    "' OR 1=1 --", "1; DROP TABLE offices_user", "<script>alert(1)</script>", "{{ settings.SECRET_KEY }}",
    "{% include 'x' %}", "${7*7}",
    "=cmd|' /C calc'!A0", "@SUM(1)", "-1", "0", "1", "9" * 18, "9" * 400, "1e999", "NaN", "Infinity", "٣٤",
    "²", "0x10", "1.5", "true",
    "2026-02-30", "9999-12-31T23:59", "0001-01-01", "10000-01-01", "2026-03-13T10:00", "24:61", "on", "None",
    "null", "[]", "{}", "[1]",
    "ﷺ" * 50, "ı" * 100, "\u202e\u2066", "\ufeff", "\uffff", "😀" * 300, "A" * 21_000, "т" * 100_000,
]  # fmt: skip
_COMMON = """
q number code token version state office executor grounds kind text facts reason how way iin last_name first_name
birth_date phone email received_at language do numbers book start end edition format next csrfmiddlewaretoken username
password confirm_code _confirm_get memberships-TOTAL_FORMS form-TOTAL_FORMS form-INITIAL_FORMS form-0-id action
_selected_action index post import_file_name all_here centre name rating score value year month quarter service date
time file credential page after
"""
NAMES = _COMMON.split()
words = st.one_of(
    st.sampled_from(HOSTILE),
    st.text(max_size=60),
    st.integers().map(str),
    st.binary(max_size=30).map(lambda raw: raw.decode("latin-1")),
)
long_run = settings(
    max_examples=RUNS, database=None, deadline=None, derandomize=False, phases=[Phase.generate],
    suppress_health_check=list(HealthCheck), print_blob=False,
)  # fmt: skip


@pytest.fixture(scope="module")
def seen() -> Counter[int]:
    """How often each status was answered, told at the end of a long run."""
    return Counter()


@pytest.fixture
def world() -> World:
    return make_world()


@pytest.fixture(autouse=True)
def _quiet(caplog: Any, monkeypatch: Any) -> None:
    """Thousands of refusals are the subject here, and nobody keeps them; the watch for names sees every line all the same."""
    monkeypatch.setattr("logging.StreamHandler.emit", lambda *args: None)
    monkeypatch.setattr(caplog.handler, "emit", lambda record: None)
    monkeypatch.setattr("_pytest.logging.LogCaptureHandler.emit", lambda *args: None)


def send(client: Client, path: str, **options: Any) -> tuple[int, list[str]]:
    """The status of a POST, and what it wrote; all is taken back."""
    kept = client.cookies.copy()
    with undone(), writes() as written:
        response: Any = client.generic("POST", path, **options)
        status = response.status_code
        if response.streaming:
            b"".join(response.streaming_content)
    client.cookies = kept
    return status, written


def test_malformed_forms_never_break_anything(world: World, seen: Counter[int]) -> None:
    client = everything()
    rows = table()
    open_to_post = {
        name: path for name, path in addresses(world).items() if rows.get((name, "POST"), {}).get("clerk") != 405
    }
    del open_to_post["logout"]
    paths = sorted({*open_to_post.values(), *(f"/cases/{world.case.pk}/{act}/" for act in ACTS)})
    fields = {path: names_on(client, path) for path in paths}

    @seed(2026)
    @long_run
    @given(st.data())
    def one(data: Any) -> None:
        path = data.draw(st.sampled_from(paths))
        names = st.sampled_from(sorted({*fields[path], *NAMES}))
        pairs = data.draw(st.lists(st.tuples(names, words), max_size=12))
        status, written = send(client, path, **body_of(pairs, data.draw(st.integers(0, 9)), data))
        seen[status] += 1
        assert status < 500, (path, pairs)
        # What counts tries and the session may be written; nothing else, where the answer was no.
        if status >= 400:
            assert not [sql for sql in written if "ratecounter" not in sql and "django_session" not in sql], (
                path,
                status,
                written,
            )

    one()
    if LONG:
        print(f"\n{RUNS} malformed forms to {len(paths)} addresses: {dict(sorted(seen.items()))}")


def names_on(client: Client, path: str) -> set[str]:
    """The names of the fields that stand on the page."""
    with undone():
        response: Any = client.get(path)
        body = b"".join(response.streaming_content) if response.streaming else response.content
    return set(re.findall(r'name="([^"]+)"', body.decode(errors="replace")))


def body_of(pairs: list[tuple[str, str]], kind: int, data: Any) -> dict[str, Any]:
    """The fields as a body: as a browser sends them, or broken in one of several ways."""
    encoded = urlencode(pairs, errors="replace").encode()
    form = "application/x-www-form-urlencoded"
    if kind <= 4:
        return {"data": encoded, "content_type": form}
    if kind == 5:
        return {"data": data.draw(st.binary(max_size=400)), "content_type": form}
    if kind == 6:
        return {"data": data.draw(st.binary(max_size=400)), "content_type": f"{MULTIPART_CONTENT}"}
    if kind == 7:
        parts = encode_multipart(BOUNDARY, dict(pairs) | {"file": SimpleUploadedFile("a\r\n.pdf", b"x")})
        return {"data": parts[: data.draw(st.integers(0, len(parts)))], "content_type": MULTIPART_CONTENT}
    if kind == 8:
        return {"data": b"&".join([encoded] * 400), "content_type": form}
    return {
        "data": b'{"a": [1, {"b": ',
        "content_type": data.draw(st.sampled_from(["application/json", "text/xml", "", "a/b; charset=\xff"])),
    }


# ------------------------------------------------------------------ files


def zipped(**files: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return out.getvalue()


def samples() -> dict[str, bytes]:
    """Files to begin with: sound ones, and such as are made to harm."""
    bomb = zipped(**{"xl/worksheets/sheet1.xml": b"0" * 30_000_000})
    xxe = b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>'
    parts = {"[Content_Types].xml": xxe, "xl/workbook.xml": xxe}
    return {
        "a.pdf": PDF, "names.pdf": a_pdf(OpenAction=0), "a.jpg": a_picture(), "b.jpeg": a_picture("JPEG", (300, 200)),
        "a.png": a_picture("PNG"), "b.png": a_picture("PNG", (200, 300)), "a.xlsx": as_xlsx(NEW), "a.csv": as_csv(NEW),
        "a.docx": zipped(**{"word/document.xml": b"<w/>"}), "bomb.xlsx": bomb, "xxe.xlsx": zipped(**parts),
        "up.xlsx": zipped(**{"../../x.xml": b"<a/>", **parts}), "a.svg": b"<svg onload='alert(1)'/>", "empty.pdf": b"",
        "virus.pdf": b"X5O!P%@AP[4\\PZX54(P^)7CC)7}$EICAR-TEST-FILE", "poly.pdf": a_picture() + PDF,
        "poly.png": PDF + a_picture("PNG"),
        "dots.pdf": b"%PDF-1.7\n" + b"<<" * 5_000, "nul.csv": b"key,code\n\0,1",
        "wide.csv": b"key" + b",x" * 5_000, "utf16.csv": "key\na".encode("utf-16"),
        "formula.csv": as_csv([*NEW[:4], "=1+1", *NEW[5:]]),
    }  # fmt: skip


class Brought(io.BytesIO):
    """A file as a browser sends it, whatever it is called."""

    def __init__(self, name: str, content: bytes) -> None:
        super().__init__(content)
        self.name = name


def mutated(rng: random.Random, pool: dict[str, bytes]) -> tuple[str, bytes]:
    """A sample with bits turned, pieces cut out, doubled or taken from another one, under its own name or a wrong one."""
    name = rng.choice(list(pool))
    content = bytearray(pool[name])
    for _ in range(rng.randrange(4)):
        if not content:
            break
        place, length = rng.randrange(len(content)), rng.randrange(1, 200)
        match rng.randrange(5):
            case 0:
                content[place] ^= 1 << rng.randrange(8)
            case 1:
                del content[place : place + length]
            case 2:
                content[place:place] = rng.choice(list(pool.values()))[: length * 4]
            case 3:
                del content[place:]
            case _:
                content[place : place + length] = rng.randbytes(length)
    if rng.random() < 0.3:
        name = rng.choice(
            [
                "a.pdf",
                "a.PDF",
                "a.png",
                "a.jpg",
                "a.xlsx",
                "a.csv",
                "a.exe",
                "a.pdf.exe",
                "../../a.pdf",
                "a\0.pdf",
                "\u202efdp.png",
                "",
                ".",
            ]
        )
    return name, bytes(content)


@pytest.fixture
def _near(monkeypatch: Any) -> None:
    """In a long run most files are looked at in this process: a child for each would take hours."""
    counter = iter(range(10**9))

    def here(work: str, data: bytes, **limits: Any) -> bytes:
        if next(counter) % 50 == 0:
            return confined(work, data, **limits)
        module, name = work.split(":")
        done: Callable[[bytes], bytes] = getattr(importlib.import_module(module), name)
        try:
            return done(data)
        except MemoryError:
            raise Unfit("large") from None

    if LONG:
        monkeypatch.setattr(uploads, "confined", here)


@pytest.mark.usefixtures("_near")
def test_malformed_files_never_break_anything(world: World, settings: Any) -> None:
    client, admin = everything(), administrator()
    attach, tables = f"/cases/{world.case.pk}/attach/", reverse("admin:offices_office_import")
    with undone():
        form: Any = client.get(attach).context["form"]
        hidden = {name: form[name].value() for name in ("token", "version")}
    rng, pool, answers, slowest = random.Random(2026), samples(), Counter[str](), 0.0
    media = Path(settings.MEDIA_ROOT)
    for _ in range(RUNS):
        name, content = mutated(rng, pool)
        began = time.monotonic()
        to_tables = rng.random() < (0.8 if name.endswith(("xlsx", "csv")) else 0.1)
        where, data = (tables, {}) if to_tables else (attach, {"reason": "анықтама", **hidden})
        body = encode_multipart(BOUNDARY, data | {"import_file" if to_tables else "file": Brought(name, content)})
        before = {path for path in media.rglob("*") if path.is_file()}
        status, written = send(admin if to_tables else client, where, data=body, content_type=MULTIPART_CONTENT)
        slowest = max(slowest, time.monotonic() - began)
        answers[f"{'table' if to_tables else 'paper'} {status}"] += 1
        assert status < 500, (name, len(content))
        new = {path for path in media.rglob("*") if path.is_file()} - before
        if status >= 400 or to_tables:
            assert not written, (name, written)
        if status >= 400:
            assert not new, name
        for path in new:
            assert path.resolve().is_relative_to(media.resolve())
            path.unlink()
    assert not Attachment.objects.exists()
    if LONG:
        print(f"\n{RUNS} malformed files: {dict(sorted(answers.items()))}, the slowest {slowest:.1f} s")
