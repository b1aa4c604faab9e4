"""Packages between the service centre and the department, scanned on their way; papers and files as they are opened."""

from __future__ import annotations

import uuid
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from applications import actions, shipping
from applications.models import Attachment, Case, Paper, Shipment
from applications.workflow import State
from tests.factories import (
    FRIDAY,
    CentreTeam,
    Team,
    decide,
    make_case,
    make_centre_case,
    make_centre_team,
    make_staff,
    make_team,
)
from tests.files import PDF
from tests.pages import sign_in, visit

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("moment")]


@pytest.fixture
def team() -> Team:
    return make_team()


@pytest.fixture
def centre() -> CentreTeam:
    return make_centre_team()


def recorded(team: Team, centre: CentreTeam) -> Case:
    """A case of the centre whose result is entered in the record book."""
    case, at = make_centre_case(team, centre, state=State.REGISTERED), FRIDAY + timedelta(minutes=40)
    case = actions.assign(case, executor=team.executor.user, by=team.head, at=at)
    case = actions.sign(decide(case, team, at=at), by=team.head, at=at)
    return actions.enter_in_record_book(case, by=team.clerk, at=at)


def states(*cases: Case) -> list[str]:
    """Where the cases stand now."""
    return [Case.objects.get(pk=case.pk).state for case in cases]


# ------------------------------------------------------------------ scanning


def test_packages_go_from_the_window_to_the_department_by_scanner(team: Team, centre: CentreTeam) -> None:
    cases = [make_centre_case(team, centre) for _ in range(3)]
    client = sign_in(centre.accumulator)
    assert "Collect from the windows 3 wait" in visit(client, "/packages/").words
    # A scanner ends each number with a new line, and reads one twice.
    scanned = "\r\n".join([*(case.centre_number.lower() for case in cases), cases[0].centre_number, ""])
    for act, state in [("collect", State.COLLECTED), ("dispatch", State.DISPATCHED)]:
        page = visit(client, f"/packages/{act}/")
        assert all(case.centre_number in page.words for case in cases)
        answer = page.send(numbers=scanned)
        assert (answer.status, answer.response.headers["Location"]) == (302, "/packages/")
        assert states(*cases) == [state] * 3
    shipment = Shipment.objects.get()
    assert shipment.items.count() == 3
    words = visit(client, "/packages/").words
    assert f"{shipment.number} 13.03.2026 11:00" in words
    assert f"{centre.centre.name_en} → {team.office.name_en}" in words


def test_results_go_back_to_the_centre_and_are_scanned_in_there(team: Team, centre: CentreTeam) -> None:
    case = recorded(team, centre)
    page = visit(sign_in(team.clerk), "/packages/send_to_centre/").send(numbers=case.number)
    assert page.status == 302
    assert states(case) == [State.SENT_TO_CENTRE]
    page = visit(sign_in(centre.inspector), "/packages/receive_at_centre/").send(numbers=case.centre_number)
    assert page.status == 302
    assert states(case) == [State.READY_AT_CENTRE]


def test_the_same_scan_sent_twice_is_one_dispatch(team: Team, centre: CentreTeam) -> None:
    cases = [make_centre_case(team, centre, state=State.COLLECTED) for _ in range(2)]
    page = visit(sign_in(centre.accumulator), "/packages/dispatch/")
    numbers = "\n".join(case.centre_number for case in cases)
    assert [page.send(numbers=numbers).status for _ in range(2)] == [302, 302]
    assert Shipment.objects.count() == 1
    assert Paper.objects.filter(kind="dispatch").count() == 1


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        ("{0}\n\nABC-2026-00009\n{1}", "Line 3: no case here has the number ABC-2026-00009."),
        ("{0}\n{1}\n{2}", "Line 3, {2}: the case is at another step (Taken at the service centre)."),
        ("{0}\n{3}", "Line 2: no case here has the number {3}."),
    ],
    ids=["unknown number", "another step", "another office"],
)
def test_a_wrong_line_is_named_and_stops_all_and_everything_typed_stays(
    team: Team, centre: CentreTeam, typed: str, message: str
) -> None:
    ready = [make_centre_case(team, centre, state=State.COLLECTED) for _ in range(2)]
    early, foreign = make_centre_case(team, centre), make_case(make_team("south:arys"))
    numbers = [*(case.centre_number for case in ready), early.centre_number, foreign.number]
    page = visit(sign_in(centre.accumulator), "/packages/dispatch/").send(numbers=typed.format(*numbers))
    assert page.status in (400, 409)
    assert message.format(*numbers) in page.errors["numbers"]
    assert page.typed("numbers").split() == typed.format(*numbers).split()
    assert states(*ready) == [State.COLLECTED] * 2
    assert not Shipment.objects.exists()


def test_nothing_scanned_is_said_so(team: Team, centre: CentreTeam) -> None:
    client = sign_in(centre.accumulator)
    for typed in ("", "  \n\t\n "):
        page = visit(client, "/packages/collect/").send(numbers=typed)
        assert (page.status, "numbers" in page.errors) == (400, True)


def test_what_did_not_come_through_a_centre_cannot_be_sent_to_one(team: Team) -> None:
    case = make_case(team, "E10", state=State.RECORDED)
    page = visit(sign_in(team.clerk), "/packages/send_to_centre/").send(numbers=case.number)
    assert page.status == 400
    assert f"{case.number} did not come through a service centre." in page.errors["numbers"]
    assert states(case) == [State.RECORDED]


def test_each_scanning_page_is_there_for_its_people_only(team: Team, centre: CentreTeam) -> None:
    theirs = {
        team.clerk: {"send_to_centre"}, team.executor: {"send_to_centre"}, team.head: set[str](),
        centre.accumulator: {"collect", "dispatch"}, centre.inspector: {"receive_at_centre"},
    }  # fmt: skip
    for staff, acts in theirs.items():
        client = sign_in(staff)
        pages = ("collect", "dispatch", "send_to_centre", "receive_at_centre", "burn")
        assert {act for act in pages if visit(client, f"/packages/{act}/").status == 200} == acts


# ------------------------------------------------------------------ papers and files


def test_a_paper_is_opened_by_those_who_see_the_case_and_by_nobody_else(team: Team) -> None:
    paper = make_case(team).papers.get()
    response: Any = sign_in(team.head).get(f"/papers/{paper.key}.pdf")
    assert response.status_code == 200
    assert response.content.startswith(b"%PDF-")
    assert response["Content-Type"] == "application/pdf"
    assert response["Content-Disposition"].startswith('inline; filename="talon-')
    assert response["Cache-Control"] == "no-store"
    stranger = sign_in(make_staff("south:arys", "clerk", "head", "executor"))
    assert stranger.get(f"/papers/{paper.key}.pdf").status_code == 404


def test_a_dispatch_list_is_opened_at_both_ends_of_its_way(team: Team, centre: CentreTeam) -> None:
    case = make_centre_case(team, centre, state=State.COLLECTED)
    [shipment] = shipping.dispatch([case.centre_number], by=centre.accumulator, at=FRIDAY)
    path = f"/papers/{shipment.papers.get().key}.pdf"
    assert [sign_in(staff).get(path).status_code for staff in (centre.inspector, team.clerk)] == [200, 200]
    assert sign_in(make_staff("south:arys", "clerk")).get(path).status_code == 404


def test_a_file_is_saved_never_shown_and_only_by_those_who_see_the_case(team: Team, settings: Any) -> None:
    case = make_case(team, state=State.ASSIGNED)
    client = sign_in(team.executor)
    page = visit(client, f"/cases/{case.pk}/attach/")
    file = SimpleUploadedFile("Табыс туралы анықтама.pdf", PDF, "application/pdf")
    assert page.send(file=file, reason="табыс").status == 302
    row = Attachment.objects.get()
    response: Any = client.get(f"/cases/{case.pk}/files/{row.pk}")
    assert b"".join(response.streaming_content) == PDF
    assert response["Content-Disposition"].startswith("attachment; filename*=utf-8''%D0%A2%D0%B0%D0%B1%D1%8B%D1%81")
    assert (response["Content-Security-Policy"], response["X-Content-Type-Options"]) == ("sandbox", "nosniff")
    stored = Path(row.file.path)
    assert stored.is_relative_to(settings.MEDIA_ROOT)
    assert "Табыс" not in stored.name
    assert sign_in(make_staff("south:arys", "clerk")).get(f"/cases/{case.pk}/files/{row.pk}").status_code == 404
    other = make_case(team)
    assert client.get(f"/cases/{other.pk}/files/{row.pk}").status_code == 404


def test_a_file_that_is_gone_from_the_disk_is_not_there_rather_than_an_error(team: Team) -> None:
    case = make_case(team, state=State.ASSIGNED)
    client = sign_in(team.executor)
    page = visit(client, f"/cases/{case.pk}/attach/")
    page.send(file=SimpleUploadedFile("a.pdf", PDF, "application/pdf"), reason="табыс")
    row = Attachment.objects.get()
    Path(row.file.path).unlink()
    assert client.get(f"/cases/{case.pk}/files/{row.pk}").status_code == 404


def test_a_file_sent_twice_or_refused_leaves_no_second_copy_on_the_disk(team: Team, settings: Any) -> None:
    case = make_case(team, state=State.ASSIGNED)
    page = visit(sign_in(team.executor), f"/cases/{case.pk}/attach/")

    def file() -> SimpleUploadedFile:
        return SimpleUploadedFile("a.pdf", PDF, "application/pdf")

    assert [page.send(file=file(), reason="табыс").status for _ in range(2)] == [302, 302]
    observer = visit(sign_in(make_staff("south:arys", "observer")), f"/cases/{case.pk}/attach/")
    assert observer.send(file=file(), reason="табыс").status == 403
    assert page.send(file=file(), reason="басқа", token=uuid.uuid4()).status == 409
    stored = [path for path in Path(settings.MEDIA_ROOT).rglob("*") if path.is_file()]
    assert (Attachment.objects.count(), len(stored)) == (1, 1)
