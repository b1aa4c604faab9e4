"""Malformed forms and files: never a failure of ours, and nothing is stored of what was refused.

A short run in the ordinary suite; FUZZ=10000 makes the long one (`make fuzz`), which tells how far it is and leaves a line of
JSON for forms and one for files in .cache/fuzz.json. The seeds are fixed: a find can be repeated.
"""

from __future__ import annotations

import importlib
import os
import random
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.client import BOUNDARY, MULTIPART_CONTENT, encode_multipart
from django.urls import reverse
from django.utils import translation
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from applications.models import Attachment
from applications.views import ACTS
from offices import uploads
from offices.confined import Unfit, confined
from offices.resources import tables
from services import actions, lawfiles
from tests.config.fuzzed import HOSTILE, NAMES, Brought, Tally, made, mutated, samples
from tests.config.test_access import WRITTEN_BY_READING, table, undone
from tests.config.world import World, addresses, everything, make_world
from tests.factories import FRIDAY, edition, make_staff
from tests.offices.admin_pages import administrator
from tests.pages import Fields, _Reader, sign_in

pytestmark = pytest.mark.django_db
RUNS, LONG = int(os.environ.get("FUZZ", "150")), "FUZZ" in os.environ
FORM = "application/x-www-form-urlencoded"
# Hypothesis remembers every example of a run: in portions, a long run needs no more memory than a short one.
PORTION = 500
# A little more than the largest body that is read: what is larger is refused all the same, and only costs the one who makes it.
LARGEST = 13 * 1024 * 1024
words = st.one_of(
    st.sampled_from(HOSTILE),
    st.text(max_size=60),
    st.integers().map(str),
    st.binary(max_size=30).map(lambda raw: raw.decode("latin-1")),
)


@pytest.fixture
def world() -> World:
    return make_world()


@pytest.fixture(autouse=True)
def _quiet(caplog: Any, monkeypatch: Any) -> None:
    """Thousands of refusals are the subject here, and nobody keeps them; the watch for names sees every line all the same."""
    monkeypatch.setattr("logging.StreamHandler.emit", lambda *args: None)
    monkeypatch.setattr(caplog.handler, "emit", lambda record: None)
    monkeypatch.setattr("_pytest.logging.LogCaptureHandler.emit", lambda *args: None)


@contextmanager
def written() -> Iterator[list[str]]:
    """The statements within this that changed rows and still stand: what an act has rolled back itself was not written."""
    seen: list[str] = []
    marks: dict[str, int] = {}

    def look(execute: Any, sql: str, *rest: Any) -> Any:
        if found := re.match(r"(ROLLBACK TO )?SAVEPOINT (\S+)", sql):
            back, name = found.groups()
            if back:
                del seen[marks[name] :]
            else:
                marks[name] = len(seen)
        elif re.match(r"\s*(INSERT|UPDATE|DELETE)", sql) and not WRITTEN_BY_READING.search(sql[:200]):
            seen.append(sql[:200])
        return execute(sql, *rest)

    with connection.execute_wrapper(look):
        yield seen


def send(client: Client, path: str, **options: Any) -> tuple[int, list[str]]:
    """The status of a POST, and what it wrote; all is taken back."""
    kept = client.cookies.copy()
    with undone(), written() as stands:
        response: Any = client.generic("POST", path, **options)
        status = response.status_code
        if response.streaming:
            b"".join(response.streaming_content)
    client.cookies = kept
    return status, stands


# ------------------------------------------------------------------ forms


def test_malformed_forms_never_break_anything(world: World) -> None:
    client = everything()
    rows = table()
    open_to_post = {
        name: path for name, path in addresses(world).items() if rows.get((name, "POST"), {}).get("clerk") != 405
    }
    del open_to_post["logout"]
    paths = sorted({*open_to_post.values(), *(f"/cases/{world.case.pk}/{act}/" for act in ACTS)})
    fields = {path: fields_on(client, path) for path in paths}
    tally = Tally("malformed forms", RUNS, LONG)

    def one(data: Any) -> None:
        path = data.draw(st.sampled_from(paths))
        names = st.sampled_from(sorted({*dict(fields[path]), *NAMES}))
        pairs = data.draw(st.lists(st.tuples(names, words), max_size=12))
        body = body_of(pairs, fields[path], data.draw(st.integers(0, 14)), data)
        with tally.one(path):
            status, stands = send(client, path, **body)
        # What counts tries and the session may be written; nothing else, where the answer was no.
        told = [sql for sql in stands if "ratecounter" not in sql and "django_session" not in sql]
        tally.note(status, "", f"{path} {str(pairs)[:500]}", stored=told if status >= 400 else [])

    for portion, first in enumerate(range(0, RUNS, PORTION)):
        plan = settings(
            max_examples=min(PORTION, RUNS - first), database=None, deadline=None, derandomize=False,
            phases=[Phase.generate], suppress_health_check=list(HealthCheck), print_blob=False,
        )  # fmt: skip
        seed(2026 + portion)(plan(given(st.data())(one)))()
    tally.runs = tally.done  # where a portion has fewer different examples, it ends earlier
    assert tally.done > RUNS * 0.95
    tally.end()


def fields_on(client: Client, path: str) -> Fields:
    """The fields that stand on the page, as a browser would send them."""
    with undone():
        response: Any = client.get(path)
        body = b"".join(response.streaming_content) if response.streaming else response.content
    reader = _Reader()
    reader.feed(body.decode(errors="replace"))
    own = [form for form in reader.forms if not form.action.startswith(("/language/", "/logout/"))]
    return [pair for form in own for pair in (*form.fields, *form.buttons)]


def body_of(pairs: Fields, shown: Fields, kind: int, data: Any) -> dict[str, Any]:
    """The fields as a body: as a browser sends them, or broken in one of several ways."""
    if kind <= 3:
        return urlencoded(pairs)
    if kind <= 7:
        return urlencoded(spoilt(pairs, shown, data))
    if kind == 8:
        kinds = st.sampled_from([FORM, MULTIPART_CONTENT])
        return {"data": data.draw(st.binary(max_size=400)), "content_type": data.draw(kinds)}
    if kind == 9:
        parts = encode_multipart(BOUNDARY, dict(pairs) | {"file": SimpleUploadedFile("a\r\n.pdf", b"x")})
        return {"data": parts[: data.draw(st.integers(0, len(parts)))], "content_type": MULTIPART_CONTENT}
    if kind == 10:
        kinds = st.sampled_from(["application/json", "text/xml", "", "a/b; charset=\xff"])
        return {"data": b'{"a": [1, {"b": ', "content_type": data.draw(kinds)}
    return too_much(pairs, shown, kind)


def too_much(pairs: Fields, shown: Fields, kind: int) -> dict[str, Any]:
    """A body in which everything stands many times, of 2,000 fields, with a megabyte in a field, or in no encoding."""
    if kind == 11:
        encoded = urlencode(pairs, errors="replace").encode() or b"a=b"
        return {"data": b"&".join([encoded] * min(400, 1 + LARGEST // len(encoded))), "content_type": FORM}
    if kind == 12:
        return urlencoded([*shown, *((f"x{number}", "1") for number in range(2_000))])
    if kind == 13 and shown:
        name = max(shown)[0]
        return urlencoded([*(pair for pair in shown if pair[0] != name), (name, "ұ" * 500_000)])
    names = [name.encode() for name, _value in (*shown, *pairs)][:50]
    return {"data": b"&".join(name + b"=%ff%c0%80%ed%a0%80" + b"\xfe\xff" for name in names), "content_type": FORM}


def urlencoded(pairs: Fields) -> dict[str, Any]:
    """The body that a browser makes of the fields."""
    return {"data": urlencode(pairs, errors="replace").encode(), "content_type": FORM}


def spoilt(pairs: Fields, shown: Fields, data: Any) -> Fields:
    """The form as the page shows it, with some fields taken away, some twice, and some with a wrong value."""
    if not shown:
        return pairs
    fields = list(shown)
    for _ in range(data.draw(st.integers(1, 4))):
        place = data.draw(st.integers(0, len(fields) - 1))
        name = fields[place][0]
        change = data.draw(st.sampled_from(["wrong", "wrong", "missing", "repeated"]))
        if change == "missing" and len(fields) > 1:
            del fields[place]
        elif change == "repeated":
            fields.insert(place, (name, data.draw(words)))
        else:
            fields[place] = (name, data.draw(words))
    return fields


# ------------------------------------------------------------------ files


class Near:
    """Most files are looked at in this process: a child for each would take hours. One in fifty is not, nor are the attacks."""

    def __init__(self) -> None:
        self.calls, self.far = 0, True

    def __call__(self, work: str, data: bytes, **limits: Any) -> bytes:
        """In place of `confined`."""
        self.calls += 1
        if self.far or self.calls % 50 == 0:
            return confined(work, data, **limits)
        module, name = work.split(":")
        done: Callable[[bytes], bytes] = getattr(importlib.import_module(module), name)
        try:
            return done(data)
        except (MemoryError, RecursionError):
            raise Unfit("large") from None


@pytest.fixture
def near(monkeypatch: Any) -> Near:
    here = Near()
    for module in (uploads, tables, lawfiles.reading):
        monkeypatch.setattr(module, "confined", here)
    return here


def test_malformed_files_never_break_anything(world: World, near: Near, settings: Any) -> None:
    with translation.override("en"):
        law = actions.export_all(at=FRIDAY)
    one = actions.export_edition(edition("E2")).encode()
    doors, rng, media = doors_of(world), random.Random(2026), Path(settings.MEDIA_ROOT)
    attacks, pool = made(one, law, settings.UPLOAD_LIMIT_BYTES), samples(one, law)
    tally = Tally("malformed files", max(RUNS, len(attacks)), LONG)
    for number in range(tally.runs):
        near.far = number < len(attacks)
        name, content = attacks[number] if near.far else mutated(rng, pool)
        door = _door(name, 0.0 if near.far else rng.random())
        client, where, field, data = doors[door]
        body = encode_multipart(BOUNDARY, data | {field: Brought(name, content)})
        before = {path for path in media.rglob("*") if path.is_file()}
        with tally.one(f"{name[:60]!r} of {len(content)} bytes to {door}"):
            status, stands = send(client, where, data=body, content_type=MULTIPART_CONTENT)
        new = {path for path in media.rglob("*") if path.is_file()} - before
        outside = [str(path) for path in new if not path.resolve().is_relative_to(media.resolve())]
        kept = [*stands, *map(str, new)] if status >= 400 or door in ("table", "archive") else []
        if door == "table" and status == 200:  # a preview waits for its confirmation
            kept = [line for line in kept if "/imports/" not in line]
        tally.note(status, door, f"{name[:60]!r} of {len(content)} bytes", stored=kept + outside)
        for path in new:
            path.unlink()
    assert not Attachment.objects.exists()
    tally.end()


def doors_of(world: World) -> dict[str, tuple[Client, str, str, dict[str, Any]]]:
    """The pages that take files: who sends, where, in which field, with what beside it."""
    client, attach = everything(), f"/cases/{world.case.pk}/attach/"
    with undone():
        form: Any = client.get(attach).context["form"]
        hidden = {name: form[name].value() for name in ("token", "version")}
    jurist = sign_in(make_staff("zhambyl:oblast", "administrator"))
    return {
        "paper": (client, attach, "file", {"reason": "анықтама", **hidden}),
        "table": (administrator(), reverse("admin:offices_office_import"), "import_file", {"resource": "0"}),
        "edition": (jurist, "/law/import/", "file", {}),
        "archive": (jurist, "/law/archive/", "file", {}),
    }


def _door(name: str, chance: float) -> str:
    """Where a file belongs; one in five goes to a wrong door."""
    ending = name.rpartition(".")[2]
    right = {"xlsx": "table", "csv": "table", "yaml": "edition", "zip": "archive"}.get(ending, "paper")
    return right if chance < 0.8 else {"paper": "table", "table": "edition"}.get(right, "paper")
