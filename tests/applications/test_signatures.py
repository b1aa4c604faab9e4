"""Signatures under papers: with the head's own key, made elsewhere, by hand; and what anybody can check about a paper."""

from __future__ import annotations

import json
import subprocess
import threading
from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
import time_machine
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import translation

from applications import actions, signatures, signing
from applications.casework import ActRefused
from applications.models import Case, Paper, PaperSignature
from applications.notices import pdf_of
from applications.signing import SigningError, check_detached, check_pdf, open_key, sign_pdf
from applications.workflow import State
from tests.applications.keys import PASSWORD, Owner, head, head_with, root
from tests.factories import FRIDAY, Team, make_case, make_person, make_staff, make_team
from tests.pages import sign_in, visit

pytestmark = pytest.mark.django_db
SENTINEL = "Құпиясыбаева"


@pytest.fixture(autouse=True)
def _friday() -> Iterator[None]:
    with time_machine.travel(FRIDAY + timedelta(hours=2), tick=False), translation.override("en"):
        yield


@pytest.fixture
def team() -> Team:
    """The people of Shymkent."""
    return make_team()


@pytest.fixture
def paper(team: Team) -> Paper:
    """The notice of a signed decision."""
    case = make_case(team, state=State.SIGNED, person=make_person(last_name=SENTINEL))
    return case.papers.get(kind="grant")


@pytest.fixture
def trusted(settings: Any, tmp_path: Path) -> None:
    """The office trusts the root."""
    (tmp_path / "root.pem").write_bytes(root().pem)
    settings.SIGNATURE_ROOTS = str(tmp_path)


def upload(content: bytes, name: str = "key.p12") -> SimpleUploadedFile:
    """A file as a browser sends it."""
    return SimpleUploadedFile(name, content)


def with_key(client: Client, paper: Paper, owner: Owner, password: str = PASSWORD) -> Any:
    """The form of the page, sent with a key."""
    data = {"do": "key", "key": upload(owner.p12), "password": password}
    return client.post(f"/papers/{paper.key}/signature/", data)


def somebody() -> Client:
    """A browser of anybody, in English."""
    return Client(headers={"accept-language": "en"})


# ------------------------------------------------------------------ with a key


@pytest.mark.usefixtures("trusted")
def test_a_signed_notice_is_valid_for_the_library_and_for_another_program(
    team: Team, paper: Paper, tmp_path: Path
) -> None:
    assert with_key(sign_in(team.head), paper, head()).status_code == 302
    pdf = pdf_of(paper)
    found = check_pdf(pdf)
    assert (found.intact, found.trusted, found.subject) == (True, True, "Сейітқали Нұрлан")
    (tmp_path / "a.pdf").write_bytes(pdf)
    told = subprocess.run(["pdfsig", "-nocert", tmp_path / "a.pdf"], capture_output=True, text=True, check=False).stdout
    assert "Signature is Valid" in told
    assert "Total document signed" in told
    row = PaperSignature.objects.get(paper=paper)
    assert (row.signer, row.kind, row.trusted) == (team.head.user, "embedded", True)
    event = paper.case.events.latest("seq")
    assert (event.kind, event.payload["sha256"]) == ("paper_signed", row.sha256)


@pytest.mark.usefixtures("trusted")
@pytest.mark.parametrize("where", [0.3, 0.6, 0.9])
def test_one_flipped_byte_makes_it_invalid(paper: Paper, where: float, tmp_path: Path) -> None:
    key = open_key(head().p12, PASSWORD, FRIDAY)
    original = pdf_of(paper)
    pdf = bytearray(sign_pdf(original, key, name="Сейітқали", place="Шымкент"))
    pdf[int(len(original) * where)] ^= 1
    with suppress(SigningError):  # not even readable any more
        assert not check_pdf(bytes(pdf)).intact
    (tmp_path / "a.pdf").write_bytes(pdf)
    told = subprocess.run(["pdfsig", "-nocert", tmp_path / "a.pdf"], capture_output=True, text=True, check=False).stdout
    assert "Signature is Valid" not in told


@pytest.mark.usefixtures("trusted")
def test_what_is_added_behind_the_signature_is_seen(paper: Paper) -> None:
    signed = sign_pdf(pdf_of(paper), open_key(head().p12, PASSWORD, FRIDAY), name="С", place="Ш")
    assert check_pdf(signed).intact
    assert not check_pdf(signed + b"\n% more\n").intact


@pytest.mark.usefixtures("trusted")
def test_a_key_of_an_unknown_authority_is_kept_and_said_to_be_untrusted(team: Team, paper: Paper) -> None:
    with_key(sign_in(team.head), paper, head(trusted=False))
    assert PaperSignature.objects.get().trusted is False
    assert "not issued by an authority" in visit(sign_in(team.head), f"/papers/{paper.key}/signature/").words


def test_without_trusted_roots_only_the_file_is_vouched_for(team: Team, paper: Paper) -> None:
    with_key(sign_in(team.head), paper, head())
    assert PaperSignature.objects.get().trusted is None


@pytest.mark.parametrize(
    ("owner", "password", "words"),
    [(head(), "басқа", "wrong password"), (head("Ескі", days=50), PASSWORD, "not in force today")],
)
def test_a_key_that_cannot_be_used_is_refused_beside_its_field(
    team: Team, paper: Paper, owner: Owner, password: str, words: str
) -> None:
    response = with_key(sign_in(team.head), paper, owner, password)
    assert response.status_code == 400
    assert words in response.content.decode()
    assert password not in response.content.decode()
    assert not PaperSignature.objects.exists()


def test_what_is_no_key_is_refused(team: Team, paper: Paper) -> None:
    for content in (b"", b"PK\x03\x04", b"\x30\x82" + b"\0" * 50, b"x" * 200_000):
        data = {"do": "key", "key": upload(content), "password": "x"}
        assert sign_in(team.head).post(f"/papers/{paper.key}/signature/", data).status_code == 400


@pytest.mark.parametrize(
    ("key", "fits"),
    [
        (lambda: rsa.generate_private_key(65537, 1024), False),  # noqa: S505 - refused
        (lambda: rsa.generate_private_key(65537, 2048), True),
        (lambda: ec.generate_private_key(ec.SECP192R1()), False),
        (lambda: ec.generate_private_key(ec.SECP256R1()), True),
    ],
    ids=["RSA 1024", "RSA 2048", "P-192", "P-256"],
)
def test_a_key_that_is_too_short_is_refused(key: Any, fits: bool) -> None:
    p12 = head_with(key()).p12
    if fits:
        assert open_key(p12, PASSWORD, FRIDAY)
    else:
        with pytest.raises(SigningError, match="too short"):
            open_key(p12, PASSWORD, FRIDAY)


def test_only_who_signed_the_decision_signs_its_paper_and_no_stranger_sees_it(team: Team, paper: Paper) -> None:
    assert with_key(sign_in(team.deputy), paper, head()).status_code == 403
    assert with_key(sign_in(team.executor), paper, head()).status_code == 403
    assert with_key(sign_in(make_staff("south:arys", "head")), paper, head()).status_code == 404
    talon = paper.case.papers.get(kind="talon")
    assert sign_in(team.head).get(f"/papers/{talon.key}/signature/").status_code == 404
    assert not PaperSignature.objects.exists()


# ------------------------------------------------------------------ made elsewhere, by hand


def test_a_signature_made_elsewhere_is_kept_when_it_is_of_this_file(team: Team, paper: Paper) -> None:
    client, path = sign_in(team.head), f"/papers/{paper.key}/signature/"
    other = head().signature_of(b"another file")
    assert client.post(path, {"do": "detached", "signature": upload(other, "a.p7s")}).status_code == 400
    for rubbish in (b"", b"not a signature", b"\x30\x03\x02\x01\x05"):
        assert client.post(path, {"do": "detached", "signature": upload(rubbish, "a.p7s")}).status_code == 400
    right = head().signature_of(pdf_of(paper))
    assert client.post(path, {"do": "detached", "signature": upload(right, "a.p7s")}).status_code == 302
    row = PaperSignature.objects.get()
    assert (row.kind, row.subject) == ("detached", "Сейітқали Нұрлан")
    assert check_detached(pdf_of(paper), bytes(row.detached)).intact


@pytest.fixture
def service(settings: Any) -> Iterator[dict[str, Any]]:
    """The office's own service that knows the national keys."""
    answers: dict[str, Any] = {
        "valid": True,
        "trusted": True,
        "subject": "ГОСТ иесі",
        "serial": "7",
        "fingerprint": "ab",
    }

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            answers["asked"] = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(answers.get("status", 200))
            self.send_header("Location", "/elsewhere/")
            self.end_headers()
            self.wfile.write(json.dumps(answers).encode())

        def do_GET(self) -> None:
            answers["led to"] = self.path
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b'{"valid": true}')

        def log_message(self, *args: Any) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    settings.SIGNATURE_SERVICE = f"http://127.0.0.1:{server.server_port}/"
    yield answers
    server.shutdown()
    server.server_close()


def test_a_kind_of_key_that_the_library_does_not_know_is_checked_by_the_offices_own_service(
    service: dict[str, Any],
) -> None:
    found = check_detached(b"%PDF", b"\x30\x03\x02\x01\x05")
    assert (found.subject, found.trusted) == ("ГОСТ иесі", True)
    assert bytes.fromhex(service["asked"]["data"]) == b"%PDF"
    service["valid"] = "yes"  # only a plain yes counts
    with pytest.raises(SigningError, match="does not belong"):
        check_detached(b"%PDF", b"\x30\x03\x02\x01\x05")


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308, 500])
def test_a_service_that_leads_elsewhere_or_fails_is_not_believed(service: dict[str, Any], status: int) -> None:
    service["status"] = status
    with pytest.raises(SigningError, match="does not answer"):
        check_detached(b"%PDF", b"\x30\x03\x02\x01\x05")
    assert "led to" not in service


def test_only_a_service_on_the_network_is_asked(settings: Any, tmp_path: Path) -> None:
    (tmp_path / "told.json").write_text('{"valid": true}')
    settings.SIGNATURE_SERVICE = (tmp_path / "told.json").as_uri()
    with pytest.raises(SigningError, match="does not answer"):
        check_detached(b"%PDF", b"\x30\x03\x02\x01\x05")


def test_a_service_that_is_away_is_said_to_be_away(settings: Any) -> None:
    settings.SIGNATURE_SERVICE = "http://127.0.0.1:9/"
    with pytest.raises(SigningError, match="does not answer"):
        check_detached(b"%PDF", b"\x30\x03\x02\x01\x05")


def test_signed_by_hand_is_recorded_with_its_own_day(team: Team, paper: Paper) -> None:
    path = f"/papers/{paper.key}/signature/"
    page = visit(sign_in(team.clerk), path)
    early = page.send(do="by_hand", signed_at="2026-03-12T10:00")
    assert early.status == 400
    assert early.form.values()["signed_at"] == "2026-03-12T10:00"
    assert page.send(do="by_hand", signed_at="2026-03-13T11:30").status == 302
    row = PaperSignature.objects.get()
    assert (row.kind, row.signer, row.recorded_by) == ("by_hand", team.head.user, team.clerk.user)
    again = signatures.waiting_for_key(team.head)
    assert not again.exists()


def test_a_paper_is_signed_once_and_the_second_is_told_by_whom(team: Team, paper: Paper) -> None:
    key = open_key(head().p12, PASSWORD, FRIDAY)
    signatures.sign_with_key(paper, key, by=team.head, at=FRIDAY + timedelta(hours=1))
    with pytest.raises(ActRefused, match=team.head.user.last_name):
        signatures.sign_with_key(paper, key, by=team.head, at=FRIDAY + timedelta(hours=1))
    assert paper.case.events.filter(kind="paper_signed").count() == 1


# ------------------------------------------------------------------ many at once


def chosen(*cases: Case) -> list[str]:
    """The boxes of the page, ticked."""
    return [f"{case.pk}:{case.version}" for case in cases]


def test_many_are_signed_with_one_key_and_one_refusal_does_not_hold_up_the_rest(team: Team) -> None:
    cases = [make_case(team, state=State.PREPARED) for _ in range(3)]
    late = make_case(team, state=State.PREPARED)
    page = visit(sign_in(team.head), "/sign/")
    assert all(case.number in page.words for case in cases)
    assert "Тағайындалды." in page.words
    boxes = chosen(*cases, late)
    late = actions.return_for_rework(late, reason="Қайта", by=team.deputy, at=FRIDAY + timedelta(hours=1))
    data = {"case": boxes, "key": upload(head().p12), "password": PASSWORD}
    assert sign_in(team.head).post("/sign/", data).status_code == 302
    assert {Case.objects.get(pk=case.pk).state for case in cases} == {State.SIGNED}
    assert PaperSignature.objects.filter(kind="embedded").count() == 3
    assert Case.objects.get(pk=late.pk).state == State.ASSIGNED


def test_without_a_key_the_decisions_are_signed_and_their_papers_wait(team: Team) -> None:
    case = make_case(team, state=State.PREPARED)
    client = sign_in(team.head)
    assert client.post("/sign/", {"case": chosen(case)}).status_code == 302
    assert Case.objects.get(pk=case.pk).state == State.SIGNED
    assert not PaperSignature.objects.exists()
    paper = case.papers.get(kind="grant")
    data = {"paper": [str(paper.key)], "key": upload(head().p12), "password": PASSWORD}
    assert client.post("/sign/", data).status_code == 302
    assert PaperSignature.objects.get().paper == paper


def test_nothing_chosen_half_a_key_or_an_old_page_signs_nothing(team: Team) -> None:
    case = make_case(team, state=State.PREPARED)
    client = sign_in(team.head)
    stale = [f"{case.pk}:{case.version + 1}"]
    tries: list[dict[str, Any]] = [
        {},
        {"case": stale},
        {"case": chosen(case), "password": "x"},
        {"case": ["x", "9" * 30]},
    ]
    for data in tries:
        assert client.post("/sign/", data).status_code == 400, data
    assert Case.objects.get(pk=case.pk).state == State.PREPARED


def test_nobody_is_offered_what_he_prepared_or_what_is_another_offices(team: Team) -> None:
    both = make_staff("south:shymkent", "head", "executor", user=team.executor.user)
    case = make_case(team, state=State.PREPARED)
    assert case.number not in visit(sign_in(both), "/sign/").words
    sign_in(both).post("/sign/", {"case": chosen(case)})
    sign_in(make_staff("south:arys", "head")).post("/sign/", {"case": chosen(case)})
    assert Case.objects.get(pk=case.pk).state == State.PREPARED


# ------------------------------------------------------------------ checked by anybody


def test_who_holds_the_paper_sees_number_date_state_and_hash_and_no_name(team: Team, paper: Paper) -> None:
    pdf_of(paper)
    link = paper.data["verify_link"]
    page = visit(somebody(), link.removeprefix("http://127.0.0.1:8000"))
    paper.refresh_from_db()
    for told in (paper.data["decision_number"], "13.03.2026", "in force", paper.sha256):
        assert told in page.words
    names = [SENTINEL, team.head.user.last_name, team.executor.user.last_name, paper.case.person.iin]
    assert [name for name in names if name in page.html] == []
    assert visit(somebody(), "/verify/00000000-0000-4000-8000-000000000000/").status == 404
    talon = paper.case.papers.get(kind="talon")
    assert visit(somebody(), f"/verify/{talon.key}/").status == 404


def test_a_file_is_compared_with_what_was_issued_before_and_after_signing(team: Team, paper: Paper) -> None:
    path, plain = f"/verify/{paper.key}/", pdf_of(paper)
    signatures.sign_with_key(paper, open_key(head().p12, PASSWORD, FRIDAY), by=team.head, at=FRIDAY)
    signed = pdf_of(paper)
    changed = signed[:-1] + b"x"
    for pdf, words in ((plain, "unchanged"), (signed, "unchanged"), (changed, "another paper"), (b"", "another paper")):
        response = somebody().post(path, {"file": upload(pdf, "a.pdf")})
        assert words in response.content.decode()
    assert "another paper" in somebody().post(path).content.decode()


def test_a_notice_replaced_after_a_complaint_says_so(team: Team, paper: Paper) -> None:
    paper.case.decisions.update(signed_at=None)
    assert "in force" in visit(somebody(), f"/verify/{paper.key}/").words
    case = paper.case
    case.decisions.create(
        kind="grant", text="x", number="SHM-R-2026-00099", prepared_by=team.executor.user, prepared_at=FRIDAY,
        signed_by=team.head.user, signed_at=FRIDAY,
    )  # fmt: skip
    assert "replaced by a later decision" in visit(somebody(), f"/verify/{paper.key}/").words


def test_a_signing_key_that_may_not_sign_is_refused() -> None:
    with pytest.raises(SigningError, match="not for signing"):
        open_key(root().p12, PASSWORD, FRIDAY)
    assert signing.open_key(head().p12, PASSWORD, FRIDAY).certificate
