"""Decisions, files and texts that cannot be: refused beside the field, never half done, never an error of the site."""

from __future__ import annotations

import re
import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import translation
from django.utils.html import escape

from applications import intake
from applications.models import Attachment, Case
from applications.workflow import State
from offices.uploads import checked
from tests.factories import FRIDAY, Team, decide, edition, found, make_case, make_intake, make_staff, make_team
from tests.files import PDF
from tests.pages import Page, sign_in, visit

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("moment")]
PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x06\x00\x00\x00\x1f\x15\xc4\x89"
ILLEGIBLE = "Мәтін\x00 ішінде\x0b көрінбейтін\x1f таңба"


@pytest.fixture
def team() -> Team:
    return make_team()


def page_of(team: Team, act: str, *, state: str = State.ASSIGNED) -> Page:
    """The page of an act of the executor on a fresh case."""
    case = make_case(team, state=state)
    return visit(sign_in(team.executor), f"/cases/{case.pk}/{act}/")


# ------------------------------------------------------------------ decisions


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"facts": "Деректер"}, "grounds"),
        ({"grounds": "own"}, "facts"),
        ({"grounds": "own", "facts": " \n "}, "facts"),
        ({"grounds": "own", "facts": "Деректер", "text": ""}, "text"),
        ({"kind": ""}, "kind"),
        ({"kind": "maybe"}, "kind"),
        ({"kind": "grant", "grounds": "own"}, "grounds"),
    ],
)
def test_a_decision_without_its_parts_is_refused_beside_the_field(
    team: Team, typed: dict[str, Any], field: str
) -> None:
    page = page_of(team, "prepare")
    own = Case.objects.get().edition.grounds.all()[0].pk
    values = {"kind": "refusal", "text": "Бас тартылды.", **typed}
    values |= {"grounds": str(own)} if typed.get("grounds") else {}
    refused = page.send(**values)
    assert refused.status == 400
    assert field in refused.errors
    assert refused.typed("text") == values["text"]
    assert refused.typed("facts").strip() == values.get("facts", "").strip()
    assert not Case.objects.get().decisions.exists()


def test_grounds_of_another_edition_and_people_of_another_office_cannot_be_chosen(team: Team) -> None:
    foreign_ground = edition("E13").grounds.all()[0].pk
    refused = page_of(team, "prepare").send(kind="refusal", text="Бас", facts="Деректер", grounds=foreign_ground)
    assert (refused.status, "grounds" in refused.errors) == (400, True)
    case = make_case(team)
    stranger = make_staff("south:arys", "executor")
    page = visit(sign_in(team.head), f"/cases/{case.pk}/assign/")
    for nobody in (stranger.user.pk, team.clerk.user.pk, 999_999, "x", "9" * 40):
        refused = page.send(executor=nobody)
        assert (refused.status, "executor" in refused.errors) == (400, True), nobody
    assert Case.objects.get(pk=case.pk).executor is None


@pytest.mark.parametrize(
    "when", ["2026-03-13T11:01", "2026-03-13T09:59", "0001-01-01T00:00", "9999-12-31T23:59", "now"]
)
def test_the_commission_decides_between_the_registration_and_now(when: str) -> None:
    team = make_team("akmola:kokshetau")
    case = make_case(team, "E13", state=State.ASSIGNED)
    page = visit(sign_in(team.executor), f"/cases/{case.pk}/record_commission/")
    refused = page.send(number="7", decided_at=when)
    assert refused.status == 400
    assert refused.errors["decided_at"]
    assert refused.typed("decided_at") == when


def test_the_commission_is_recorded_while_the_executor_has_the_case_not_after_the_answer_is_written() -> None:
    team = make_team("akmola:kokshetau")
    case = make_case(team, "E13", state=State.ASSIGNED)
    page = visit(sign_in(team.executor), f"/cases/{case.pk}/record_commission/")
    case = decide(case, team, refused=True, at=FRIDAY + timedelta(minutes=30))
    refused = page.send(number="7", decided_at="2026-03-13T10:20", version=case.version)
    assert refused.status == 409
    assert "The case is no longer at this step" in refused.summary
    assert not case.clocks.filter(kind="overall").exists()


@pytest.mark.parametrize("when", ["2026-03-13T09:59", "2026-03-13T11:01", "0001-01-01T00:00", "9999-12-31T23:59", ""])
def test_the_second_hand_in_comes_after_the_first_and_not_in_the_future(team: Team, when: str) -> None:
    data = make_intake(team, documents=found(edition("E8"), no1="missing"))
    case = intake.take_in(data, by=team.clerk, at=FRIDAY)
    paper = case.documents.get(status="missing").requirement_id
    page = visit(sign_in(team.clerk), f"/cases/{case.pk}/take_in_again/")
    refused = page.send(received_at=when, **{f"paper_{paper}": "handed_in"})
    assert refused.status == 400
    assert refused.errors["received_at"]
    assert refused.typed(f"paper_{paper}") == "handed_in"


def test_a_way_of_handing_over_that_the_act_does_not_know_is_refused(team: Team) -> None:
    refused = page_of(team, "hand_over", state=State.RECORDED).send(way="post")
    assert (refused.status, "way" in refused.errors) == (400, True)


# ------------------------------------------------------------------ files


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.exe", b"MZ\x90\x00" + b"\x00" * 60, "Only PDF, JPEG and PNG"),
        ("a.pdf", b"MZ\x90\x00" + b"\x00" * 60, "Only PDF, JPEG and PNG"),
        ("a.pdf", PNG, "Only PDF, JPEG and PNG"),
        ("a.png", PDF, "Only PDF, JPEG and PNG"),
        ("a.pdf.html", b"<script>alert(1)</script>", "Only PDF, JPEG and PNG"),
        ("a.svg", b"<svg xmlns='http://www.w3.org/2000/svg'/>", "Only PDF, JPEG and PNG"),
        ("a", PDF, "Only PDF, JPEG and PNG"),
        ("a.pdf", b"", "The submitted file is empty."),
        ("a.pdf", PDF + b"0" * (10 * 1024 * 1024), "The file is larger than 10 MB."),
    ],
    ids=["program", "renamed program", "renamed picture", "renamed PDF", "page", "drawing", "no ending", "empty", "big"],
)  # fmt: skip
def test_a_file_that_is_not_what_it_should_be_is_not_taken(
    team: Team, settings: Any, name: str, content: bytes, message: str
) -> None:
    page = page_of(team, "attach")
    refused = page.send(file=SimpleUploadedFile(name, content, "application/pdf"), reason="Табыс туралы анықтама")
    assert refused.status == 400
    assert message in refused.errors["file"]
    assert refused.typed("reason") == "Табыс туралы анықтама"
    assert not Attachment.objects.exists()
    assert not settings.MEDIA_ROOT.exists()


@pytest.mark.parametrize(
    ("language", "words"),
    [("en", "No more than 2 files a day"), ("kk", "күніне 2 файлдан артық"), ("ru", "не более 2 файлов в день")],
)
def test_a_person_brings_only_so_many_files_a_day_and_is_told_beside_the_field(
    team: Team, settings: Any, language: str, words: str
) -> None:
    settings.UPLOADS_A_DAY = 2
    first, second = (make_case(team, state=State.ASSIGNED) for _ in range(2))
    executor = sign_in(team.executor, language)

    def attach(client: Client, case: Case, content: bytes = PDF) -> Page:
        file = SimpleUploadedFile("a.pdf", content, "application/pdf")
        return visit(client, f"/cases/{case.pk}/attach/").send(file=file, reason="Табыс туралы анықтама")

    assert attach(executor, first).status == 302
    assert attach(executor, second, b"no file of ours").status == 400, "what is refused was looked through too"
    refused = attach(executor, second)
    assert (refused.status, words in refused.errors["file"]) == (400, True), refused.errors
    assert refused.typed("reason") == "Табыс туралы анықтама"
    assert Attachment.objects.count() == 1
    assert attach(sign_in(team.clerk), second).status == 302, "the others go on"


def test_files_are_counted_anew_the_next_day(team: Team, settings: Any, monkeypatch: Any) -> None:
    settings.UPLOADS_A_DAY = 1
    file = SimpleUploadedFile("a.pdf", PDF, "application/pdf")
    checked(file, sender=team.clerk.user.pk)
    with translation.override("en"), pytest.raises(ValidationError, match="files a day"):
        checked(file, sender=team.clerk.user.pk)
    monkeypatch.setattr("django.utils.timezone.now", lambda: FRIDAY + timedelta(days=1))
    assert checked(file, sender=team.clerk.user.pk).content == PDF


@pytest.mark.parametrize("name", ["../../etc/passwd.pdf", "\u202efdp.exe.pdf", "А" * 300 + ".pdf"])
def test_a_file_keeps_a_harmless_name(team: Team, name: str) -> None:
    page = page_of(team, "attach")
    assert page.send(file=SimpleUploadedFile(name, PDF, "application/pdf"), reason="анықтама").status == 302
    row = Attachment.objects.get()
    assert len(row.name) <= 200
    assert not set(row.name) & set("/\r\n\u202e\0")
    response: Any = page.client.get(f"/cases/{row.case_id}/files/{row.pk}")
    assert b"".join(response.streaming_content) == PDF


@pytest.mark.parametrize(
    "name",
    ["../../etc/passwd.pdf", "C:\\\\a\\\\b.pdf", "\u202efdp.exe.pdf", "a\u0000b.pdf", "a%0d%0aSet-Cookie: x=y.pdf", "а;b=\"c.pdf",
     "\u2066x\u2069.pdf", "анықтама.pdf"],
    ids=["up", "Windows", "right to left", "null", "line break", "quote", "isolated", "Kazakh"],
)  # fmt: skip
def test_a_file_leaves_under_its_harmless_name_as_an_attachment_that_can_do_nothing(team: Team, name: str) -> None:
    page = page_of(team, "attach")
    typed = {**page.form.values(), "reason": "анықтама"}
    head = f'Content-Disposition: form-data; name="file"; filename="{name.replace(chr(34), "%22")}"'
    body = b"".join(
        f'--x\r\nContent-Disposition: form-data; name="{field}"\r\n\r\n{value}\r\n'.encode()
        for field, value in typed.items()
    )
    body += f"--x\r\n{head}\r\nContent-Type: application/pdf\r\n\r\n".encode() + PDF + b"\r\n--x--\r\n"
    sent = page.client.generic("POST", page.path, body, content_type="multipart/form-data; boundary=x")
    assert sent.status_code == 302
    row = Attachment.objects.get()
    assert not set(row.name) & set("/\\\r\n\0\u202e\u2066\u2069")
    assert re.fullmatch(r"attachments/\d{4}/\d{2}/[0-9a-f]{32}\.pdf", row.file.name), (
        "nothing of the name is on the disk"
    )
    answer: Any = page.client.get(f"/cases/{row.case_id}/files/{row.pk}")
    told = answer["Content-Disposition"]
    assert told.startswith("attachment; filename")
    assert not re.search(r"[\r\n\0]|[^\x20-\x7e]", told), "what is not ASCII is encoded (RFC 6266)"
    assert "Set-Cookie" not in answer.headers
    assert "x" not in answer.cookies
    assert (answer["Content-Security-Policy"], answer["X-Content-Type-Options"]) == ("sandbox", "nosniff")
    assert answer["Content-Type"] == "application/pdf"
    assert b"".join(answer.streaming_content) == PDF


# ------------------------------------------------------------------ texts


def test_signs_that_cannot_be_seen_are_left_out_and_every_export_still_works(team: Team) -> None:
    client = sign_in(team.clerk)
    page = visit(client, f"/register/{team.office.pk}/{edition('E8').pk}/")
    values = {
        "last_name": "Ахм\x00етов\x1d",
        "first_name": "Ерлан\x0bДәурен",
        "iin": "990101500016\x1d",
        "all_here": "on",
    }
    assert page.send(do="register", **values).status == 302
    person = Case.objects.get().person
    assert (person.last_name, person.first_name, person.iin) == ("Ахметов", "Ерлан Дәурен", "990101500016")
    response: Any = client.get("/journal/?format=xlsx")
    assert b"".join(response.streaming_content).startswith(b"PK")


def test_text_with_signs_of_a_machine_is_prepared_signed_and_printed(team: Team) -> None:
    page = page_of(team, "prepare")
    assert page.send(kind="grant", text=ILLEGIBLE).status == 302
    decision = Case.objects.get().decisions.get()
    assert decision.text.split() == ["Мәтін", "ішінде", "көрінбейтін", "таңба"]
    head = sign_in(team.head)
    assert visit(head, f"/cases/{decision.case_id}/sign/").send().status == 302
    paper = decision.case.papers.get(kind="grant")
    assert head.get(f"/papers/{paper.key}.pdf").content.startswith(b"%PDF-")


@pytest.mark.parametrize(
    ("act", "state", "field"),
    [("prepare", State.ASSIGNED, "text"), ("prepare", State.ASSIGNED, "facts"), ("withdraw", State.ASSIGNED, "reason"),
     ("attach", State.ASSIGNED, "reason"), ("hand_over", State.RECORDED, "note")],
)  # fmt: skip
def test_a_megabyte_of_text_is_named_as_too_long_and_kept(team: Team, act: str, state: str, field: str) -> None:
    huge = "Ұзақ мәтін " * 50_000
    case = make_case(team, state=state)
    refused = visit(sign_in(team.executor), f"/cases/{case.pk}/{act}/").send(**{"kind": "grant", field: huge})
    assert refused.status == 400
    assert "Ensure this value has at most" in refused.errors[field]
    assert refused.typed(field).strip() == huge.strip()
    assert Case.objects.get(pk=case.pk).version == case.version


def test_a_return_and_a_scan_of_a_megabyte_are_refused_too(team: Team) -> None:
    case = make_case(team, state=State.PREPARED)
    page = visit(sign_in(team.head), f"/cases/{case.pk}/return_for_rework/").send(reason="a" * 1_000_000)
    assert (page.status, "reason" in page.errors) == (400, True)
    page = visit(sign_in(team.clerk), "/packages/send_to_centre/").send(numbers="SHM-2026-00001\n" * 70_000)
    assert (page.status, "numbers" in page.errors) == (400, True)


@pytest.mark.parametrize(
    "text",
    ["مرحبا \u202eabc\u202c", "<script>alert(1)</script>", "{{ settings.SECRET_KEY }}", "{% include 'base.html' %}",
     "{{ x.__class__ }} {% debug %}", "{0.__class__} {settings} %s %(text)s $a ${a}", "%3Cb%3E &lt;b&gt; \\u0041",
     "👩‍👩‍👧 Ә\u0301"],
)  # fmt: skip
def test_text_of_any_script_comes_back_as_it_was_typed(team: Team, text: str) -> None:
    page = page_of(team, "prepare")
    assert page.send(kind="grant", text=text).status == 302
    case = Case.objects.get()
    assert case.decisions.get().text == text
    shown = visit(sign_in(team.head), f"/cases/{case.pk}/")
    assert text in shown.words or "<script>" in text or escape(text) in shown.html
    assert "<script>alert" not in shown.html
    assert visit(sign_in(team.head), f"/cases/{case.pk}/sign/").send(token=uuid.uuid4()).status == 302
    paper = case.papers.get(kind="grant")
    assert sign_in(team.head).get(f"/papers/{paper.key}.pdf").status_code == 200
    assert paper.made_at > FRIDAY + timedelta(minutes=1)
