"""A disk that is full: a clear page, nothing half kept, what can be read is read, and no repair afterwards (SECURITY E5 b to d).

The disk of the database is filled by `make faults` (disk_full).
"""

from __future__ import annotations

import contextlib
import gc
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from applications.jobs import forget_orphans
from applications.models import Attachment, Case
from applications.workflow import State
from complaints.models import Complaint
from offices.models import Job
from tests.factories import make_case, make_team
from tests.faults.disks import small_disk
from tests.files import PDF
from tests.pages import Page, sign_in, visit

HOUSE = Path(__file__).resolve().parents[2]


@pytest.fixture
def full() -> Iterator[Path]:
    """A disk of a megabyte on which nothing is left."""
    if os.geteuid() != 0:
        pytest.skip("only root mounts a small disk")
    with small_disk(1) as place:
        filler = os.open(place / "filler", os.O_WRONLY | os.O_CREAT)
        with contextlib.suppress(OSError):
            while True:
                os.write(filler, b"\0" * 4096)
        os.close(filler)
        more = place / "more"
        with pytest.raises(OSError, match="No space left"):
            more.write_bytes(b"x" * 4096)
        more.unlink()
        yield place


def files(folder: Path) -> list[Path]:
    """What lies on the disk besides what fills it, once nobody holds it any more."""
    gc.collect()
    return [path for path in folder.rglob("*") if path.is_file() and path.name != "filler"]


def is_later(page: Page) -> None:
    """The page that says "later"."""
    assert page.status == 503
    assert page.response["Retry-After"] == "30"
    assert "Traceback" not in page.html


@pytest.mark.django_db
def test_a_file_that_has_no_room_is_kept_nowhere_and_comes_in_when_there_is_room_again(
    full: Path, settings: Any
) -> None:
    settings.MEDIA_ROOT = full / "media"
    team = make_team()
    case = make_case(team, state=State.ASSIGNED)
    page = visit(sign_in(team.executor, raise_request_exception=False), f"/cases/{case.pk}/attach/")
    later = page.send(file=SimpleUploadedFile("a.pdf", PDF, "application/pdf"), reason="анықтама")
    is_later(later)
    assert later.typed("reason") == "анықтама"
    assert (files(full), Attachment.objects.count(), Case.objects.get(pk=case.pk).version) == ([], 0, case.version)
    assert visit(page.client, f"/cases/{case.pk}/").status == 200, "what can be read is read"
    (full / "filler").unlink()
    again = later.send(file=SimpleUploadedFile("a.pdf", PDF, "application/pdf"))
    assert again.status == 302
    assert Attachment.objects.get().file.open("rb").read() == PDF
    assert len(files(full)) == 1


@pytest.mark.django_db
def test_a_complaint_whose_file_has_no_room_is_not_registered_either(full: Path, settings: Any, client: Any) -> None:
    settings.MEDIA_ROOT = full / "media"
    client.raise_request_exception = False
    office = make_team().office
    page = visit(client, f"/complain/service/?office={office.pk}")
    typed = {"about": "queue", "essence": "Үш сағат күттім.", "last_name": "Әбенова", "first_name": "Ұлжан",
             "address": "Шымкент", "reply_way": "post"}  # fmt: skip
    later = page.send(file=SimpleUploadedFile("a.pdf", PDF, "application/pdf"), **typed)
    assert later.status == 503, later.errors
    assert (files(full), Complaint.objects.count()) == ([], 0)


@pytest.mark.django_db
def test_a_large_body_that_has_no_room_while_it_is_read_is_told_so(full: Path, settings: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(full))
    settings.FILE_UPLOAD_TEMP_DIR = str(full)
    team = make_team()
    case = make_case(team, state=State.ASSIGNED)
    page = visit(sign_in(team.executor, raise_request_exception=False), f"/cases/{case.pk}/attach/")
    large = SimpleUploadedFile("a.pdf", PDF + b" " * 3_000_000, "application/pdf")
    is_later(page.send(file=large, reason="анықтама"))
    assert list(full.glob("*.upload*")) == [], "the half that came is not left to the sweeping of the memory"
    assert (files(Path(settings.MEDIA_ROOT)), Attachment.objects.count()) == ([], 0)
    assert visit(page.client, f"/cases/{case.pk}/").status == 200


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # a ZipFile that cannot write its end
@pytest.mark.django_db
def test_a_table_that_has_no_room_is_told_so(full: Path, monkeypatch: Any) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(full))
    team = make_team()
    make_case(team)
    client = sign_in(team.clerk, raise_request_exception=False)
    is_later(visit(client, "/journal/?format=xlsx"))
    assert files(full) == []
    assert visit(client, "/journal/").status == 200


_PROGRAM = """
import sys
import django; django.setup()
import logging
from django.conf import settings
from django.test import Client
settings.STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
logging.getLogger("security").error("a line that has no room")
client = Client()
answers = [client.get(path).status_code for path in ("/nothing/", "/robots.txt", "/robots.txt")]
sys.stdout.write(repr(answers))
"""


def test_logs_that_have_no_room_stop_nobody(tmp_path: Path) -> None:
    variables = {"PATH": os.environ["PATH"], "DATA_DIR": str(tmp_path), "DJANGO_SETTINGS_MODULE": "config.settings",
                 "ALLOWED_HOSTS": "testserver"}  # fmt: skip
    with Path("/dev/full").open("wb") as nowhere:
        done = subprocess.run(
            [sys.executable, "-c", _PROGRAM],
            cwd=HOUSE,
            env=variables,
            stdout=subprocess.PIPE,
            stderr=nowhere,
            check=False,
        )
    assert done.stdout.decode() == "[404, 200, 200]"


@pytest.mark.django_db
def test_a_file_whose_act_was_killed_before_its_commit_is_swept_away_a_day_later(settings: Any) -> None:
    team = make_team()
    case = make_case(team, state=State.ASSIGNED)
    page = visit(sign_in(team.executor), f"/cases/{case.pk}/attach/")
    assert page.send(file=SimpleUploadedFile("a.pdf", PDF, "application/pdf"), reason="анықтама").status == 302
    kept = Path(Attachment.objects.get().file.path)
    orphan, half = kept.with_name("orphan.pdf"), kept.with_name("b.pdf.half")
    for path in (orphan, half):
        path.write_bytes(b"x")
    now = timezone.now()
    forget_orphans(Job(), now + timedelta(hours=23))
    assert {kept, orphan, half} <= set(files(Path(settings.MEDIA_ROOT))), "an act of today may still be under way"
    forget_orphans(Job(), now + timedelta(hours=25))
    assert files(Path(settings.MEDIA_ROOT)) == [kept]
