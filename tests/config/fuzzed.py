"""What the malformed forms and files are made of, and the account of a run: answers, the slowest, memory."""

from __future__ import annotations

import io
import json
import os
import random
import resource
import time
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pikepdf

from tests.files import PDF, a_pdf, a_picture
from tests.offices.admin_pages import HEADS, NEW, as_csv, as_xlsx

RESULT = Path(".cache/fuzz.json")
SECONDS, MEGABYTES = 5, 512  # what one answer may take, above what the process had before
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


# ------------------------------------------------------------------ the account


@dataclass
class Tally:
    """What came of a run. Nothing stops it: what was wrong is collected, and the test fails at the end."""

    what: str
    runs: int
    long: bool
    statuses: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)
    stored_after_refusal: int = 0
    slowest: float = 0.0
    slowest_what: str = ""
    too_slow: int = 0
    largest: float = 0.0
    largest_what: str = ""
    done: int = 0
    began: float = field(default_factory=time.monotonic)
    at_first: float = field(default_factory=lambda: memory("VmRSS"))

    @contextmanager
    def one(self, what: str) -> Iterator[None]:
        """Processor time (children included: others may be at work on this machine) and memory of one answer."""
        Path("/proc/self/clear_refs").write_text("5", encoding="ascii")  # the peak is counted anew
        before, began = memory("VmRSS"), sum(os.times()[:4])
        yield
        took, more = sum(os.times()[:4]) - began, memory("VmHWM") - before
        if took > self.slowest:
            self.slowest, self.slowest_what = took, what
        if more > self.largest:
            self.largest, self.largest_what = more, what
        self.too_slow += took > SECONDS
        self.done += 1
        if self.long and self.done % 500 == 0:
            print(
                f"{self.done} {self.what}, {time.monotonic() - self.began:.0f} s, {memory('VmRSS'):.0f} MB", flush=True
            )

    def note(self, status: int, where: str, what: str, *, stored: list[str]) -> None:
        """An answer. `stored` is what was written although nothing may be, where the answer was no."""
        self.statuses[f"{where} {status}".strip()] += 1
        if status >= 500:
            self.wrong.append(f"{status} {what}")
        if stored:
            self.stored_after_refusal += 1
            self.wrong.append(f"stored after {status}: {what} {stored[:2]}")

    def end(self) -> None:
        """The line of a long run; fails where anything was wrong."""
        line: dict[str, Any] = {
            "what": self.what, "runs": self.done, "answers": dict(sorted(self.statuses.items())),
            "server_errors": sum(n for name, n in self.statuses.items() if name.split()[-1] >= "500"),
            "stored_after_refusal": self.stored_after_refusal, "seconds": round(time.monotonic() - self.began, 1),
            "slowest_seconds": round(self.slowest, 2), "slowest": self.slowest_what, "over_5_s": self.too_slow,
            "most_mb_for_one": round(self.largest), "most_mb": self.largest_what,
            "mb_at_first": round(self.at_first), "mb_at_last": round(memory("VmRSS")),
            "most_mb_of_a_child": resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024,
            "wrong": self.wrong[:20],
        }  # fmt: skip
        if self.long:
            print(json.dumps(line, ensure_ascii=False))
            with RESULT.open("a", encoding="utf-8") as file:
                file.write(json.dumps(line, ensure_ascii=False) + "\n")
        assert not self.wrong, self.wrong[:5]
        assert self.done == self.runs
        assert self.largest < MEGABYTES, self.largest_what


def memory(name: str) -> float:
    """A figure of this process in megabytes: VmRSS now, VmHWM at the highest."""
    for line in Path("/proc/self/status").read_text(encoding="ascii").splitlines():
        if line.startswith(f"{name}:"):
            return int(line.split()[1]) / 1024
    return 0.0


# ------------------------------------------------------------------ files


def zipped(files: dict[str, bytes]) -> bytes:
    """An archive."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return out.getvalue()


def workbook(parts: dict[str, bytes]) -> bytes:
    """A sound workbook with parts put in the place of its own, or added."""
    with zipfile.ZipFile(io.BytesIO(as_xlsx(NEW))) as sound:
        return zipped({name: sound.read(name) for name in sound.namelist()} | parts)


_XXE = b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>'
_LAUGHS = b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;">]><a>&b;</a>'
_SHEET = "xl/worksheets/sheet1.xml"
_MAIN = b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
_WIDE = (
    _MAIN
    + b'<dimension ref="A1:XFD1048576"/><sheetData><row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData></worksheet>'
)
_EICAR = "X5O!P%@AP[4\\PZX54(P^)7CC)7}$EICAR-" + "STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
_UP = "../../x.xml"


def samples(edition: bytes, law: bytes) -> dict[str, bytes]:
    """Files to begin with: sound ones, and small ones that are made to harm. `edition` and `law` are such as were exported."""
    parts = {"[Content_Types].xml": _XXE, "xl/workbook.xml": _XXE}
    return {
        "a.pdf": PDF, "names.pdf": a_pdf(OpenAction=0), "a.jpg": a_picture(), "b.jpeg": a_picture("JPEG", (300, 200)),
        "a.png": a_picture("PNG"), "b.png": a_picture("PNG", (200, 300)), "a.xlsx": as_xlsx(NEW), "a.csv": as_csv(NEW),
        "b.xlsx": as_xlsx(*[NEW] * 40), "b.csv": as_csv(*[NEW] * 40),
        "a.docx": zipped({"word/document.xml": b"<w/>"}), "xxe.xlsx": zipped(parts), "up.xlsx": zipped({_UP: b"<a/>", **parts}),
        "a.svg": b"<svg onload='alert(1)'/>", "virus.pdf": _EICAR.encode(), "poly.pdf": a_picture() + PDF,
        "poly.png": PDF + a_picture("PNG"), "dots.pdf": b"%PDF-1.7\n" + b"<<" * 5_000, "nul.csv": b"key,code\n\0,1",
        "wide.csv": b"key" + b",x" * 5_000, "utf16.csv": "key\na".encode("utf-16"),
        "formula.csv": as_csv([*NEW[:4], "=1+1", *NEW[5:]]), "a.yaml": edition, "law.zip": law,
    }  # fmt: skip


def made(edition: bytes, law: bytes, limit: int) -> list[tuple[str, bytes]]:
    """Files each of which is one attack, sent once as they are; papers of one byte less and more than `limit` among them."""
    script = pikepdf.Dictionary(S=pikepdf.Name.JavaScript, JS=pikepdf.String("app.alert(1)"))
    twice = zlib.compress(zlib.compress(b"\0" * 200_000_000, 9), 9)
    unfolding = (
        b"%%PDF-1.7\n1 0 obj\n<</Type/ObjStm/N 1/First 4/Filter[/FlateDecode/FlateDecode]/Length %d>>\nstream\n"
        % len(twice)
    )
    links = {"xl/externalLinks/externalLink1.xml": b"<a/>"}
    picture, table = a_picture(), as_csv(NEW)
    link = zipfile.ZipInfo("law/decrees.yaml")
    link.external_attr = 0o120777 << 16
    linked = io.BytesIO()
    with zipfile.ZipFile(linked, "w") as archive:
        archive.writestr(link, "/etc/passwd")
    return [
        *samples(edition, law).items(),
        ("empty.pdf", b""), ("empty.jpg", b""), ("empty.xlsx", b""), ("empty.csv", b""), ("empty.yaml", b""), ("empty.zip", b""),
        ("script.pdf", a_pdf(OpenAction=script)), ("unfolding.pdf",
         unfolding + twice + b"\nendstream\nendobj\ntrailer\n<<>>\n%%EOF"),
        ("deep.pdf", b"%PDF-1.7\n1 0 obj\n" + b"[" * 200_000), ("flood.png", flood(60_000, 60_000)),
        ("wide.png", flood(2**31 - 1, 3)),
        ("program.pdf", b"MZ" + b"\0" * 400), ("macro.docx", zipped({"word/vbaProject.bin": b"x"})), ("macro.docm", b"PK\3\4"),
        ("bomb.xlsx", workbook({_SHEET: b"0" * 30_000_000})), ("laughs.xlsx", workbook({_SHEET: _LAUGHS})),
        ("all cells.xlsx", workbook({_SHEET: _WIDE})), ("links.xlsx", workbook(links)),
        ("macro.xlsx", workbook({"xl/vbaProject.bin": b"x"})),
        ("workbook in it.xlsx", workbook({_SHEET: as_xlsx(NEW)})), ("parts.xlsx", workbook({f"x{n}": b"x" for n in range(300)})),
        ("formula.xlsx", as_xlsx(["akmola:akkol", "=1+1"], heads=HEADS[:2])), ("deep.xlsx", workbook({_SHEET: b"<a>" * 300_000})),
        ("laughs.yaml", b"a: &a [x]\nb: &b [*a, *a]\nc: [*b, *b]"), ("deep.yaml", b"[" * 300_000),
        ("python.yaml", b"a: !!python/object:os.x"),
        ("bomb.zip", zipped({"manifest.json": b"0" * 70_000_000})), ("in it.zip", zipped({"manifest.json": law})),
        ("up.zip", zipped({_UP: b"x"})), ("link.zip", linked.getvalue()),
        ("under.jpg", picture.ljust(limit - 1, b"\0")), ("limit.jpg", picture.ljust(limit, b"\0")),
        ("over.jpg", picture.ljust(limit + 1, b"\0")), ("far over.jpg", picture.ljust(limit + 4 * 1024 * 1024, b"\0")),
        *((f"{n}.csv", table.ljust(2 * 1024 * 1024 + n, b"\n")) for n in (-1, 0, 1)),
        *((name, PDF) for name in NAMES_OF_FILES),
    ]  # fmt: skip


def flood(width: int, height: int) -> bytes:
    """A PNG of a few bytes that says it is huge."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return len(data).to_bytes(4, "big") + kind + data + zlib.crc32(kind + data).to_bytes(4, "big")

    head = width.to_bytes(4, "big") + height.to_bytes(4, "big") + b"\x08\x02\x00\x00\x00"
    rows = zlib.compress(b"\0" * 100_000)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


class Brought(io.BytesIO):
    """A file as a browser sends it, whatever it is called."""

    def __init__(self, name: str, content: bytes) -> None:
        super().__init__(content)
        self.name = name


NAMES_OF_FILES = [
    "a.pdf", "a.PDF", "a.png", "a.jpg", "a.xlsx", "a.csv", "a.yaml", "a.exe", "a.pdf.exe", "../../a.pdf", "..\\..\\a.pdf",
    "a\0.pdf", "\u202efdp.png", "a\r\nSet-Cookie: a=b.pdf", "", ".", "..", "/etc/passwd", "CON.pdf", f"{'я' * 3000}.pdf",
]  # fmt: skip


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
        name = rng.choice(NAMES_OF_FILES)
    return name, bytes(content)
