"""Personal data: who looked is written down, requests have their term, and what is over its term is erased without a trace."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.management import call_command
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from applications import actions, data_rights
from applications.casework import ActRefused
from applications.chain import find_faults
from applications.models import Attachment, Case, DataRequest, Opening, PaperBytes, Person, RequestKind, Retention
from applications.notices import pdf_of
from applications.queries import persons_with
from applications.workflow import State
from offices.outbox import drain
from tests.factories import ALMATY, FRIDAY, Team, make_case, make_person, make_staff, make_team
from tests.pages import post, sign_in, visit

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("_friday")]
NAME, STREET, PHONE, REASON = "Құпиясыбаева", "Жасырын көшесі", "+77015550123", "Табысы туралы құпия анықтама"


@pytest.fixture
def _friday(monkeypatch: Any) -> None:
    monkeypatch.setattr("django.utils.timezone.now", lambda: FRIDAY)


@pytest.fixture
def team() -> Team:
    """The people of Shymkent."""
    return make_team()


@pytest.fixture
def case(team: Team) -> Case:
    """A refused case of a person with a known name, handed over, with a file, its papers and a return for rework."""
    made = make_case(
        team, state=State.PREPARED, refused=True, person=make_person(last_name=NAME, address=STREET, phone=PHONE)
    )
    file = Attachment(name="құпия.pdf", content_type="application/pdf", size=4, sha256="0" * 64, reason=REASON)
    file.file.save("a.pdf", ContentFile(b"%PDF"), save=False)
    made = actions.attach(made, attachment=file, by=team.clerk, at=FRIDAY)
    made = actions.return_for_rework(made, reason=REASON, by=team.head, at=FRIDAY)
    grounds = list(made.edition.grounds.exclude(kind="suspension")[:1])
    made = actions.prepare(made, kind="refusal", text="x", facts=REASON, grounds=grounds, by=team.executor, at=FRIDAY)
    made = actions.sign(made, by=team.head, at=FRIDAY)
    made = actions.enter_in_record_book(made, by=team.executor, at=FRIDAY)
    made = actions.hand_over(made, way="in_person", by=team.executor, at=FRIDAY)
    for paper in made.papers.all():
        pdf_of(paper)
    return made


def rows() -> list[tuple[str, str]]:
    """The openings that were written down: what and why."""
    return [(row.kind, row.purpose) for row in Opening.objects.order_by("pk")]


# ------------------------------------------------------------------ who looked


def test_every_opening_print_and_download_leaves_exactly_one_row(team: Team, case: Case) -> None:
    clerk, head = sign_in(team.clerk), sign_in(team.head)
    visit(head, f"/cases/{case.pk}/")
    visit(clerk, f"/cases/{case.pk}/")
    clerk.get(f"/papers/{case.papers.last().key}.pdf")
    for path in (f"/cases/{case.pk}/files/{case.attachments.get().pk}", "/journal/?format=csv"):
        response: Any = clerk.get(path)
        assert b"".join(response.streaming_content)
    assert rows() == [
        ("opened", "supervision"), ("opened", "office"), ("printed", "office"), ("downloaded", "office"), ("exported", "office"),
    ]  # fmt: skip
    assert {row.person_id for row in Opening.objects.exclude(kind="exported")} == {case.person_id}


def test_whose_step_it_is_looks_for_his_own_step(team: Team) -> None:
    case = make_case(team, state=State.PREPARED)
    for staff in (team.head, team.executor, make_staff("south:arys", "observer")):
        assert visit(sign_in(staff), f"/cases/{case.pk}/").status == 200
    assert rows() == [("opened", "step"), ("opened", "office"), ("opened", "oversight")]


def test_a_stranger_sees_nothing_and_leaves_no_row_about_the_person(case: Case) -> None:
    stranger = sign_in(make_staff("south:arys", "clerk", "head"))
    for path in (f"/cases/{case.pk}/", f"/cases/{case.pk}/data/"):
        assert visit(stranger, path).status == 404
    assert stranger.post(f"/cases/{case.pk}/iin/").status_code == 404
    assert rows() == []


def test_the_iin_is_masked_until_a_click_that_is_written_down(team: Team, case: Case) -> None:
    client, iin = sign_in(team.clerk), Person.objects.get(pk=case.person_id).iin
    page = visit(client, f"/cases/{case.pk}/")
    assert iin not in page.html
    assert f"•••• {iin[-4:]}" in page.words
    shown: Any = client.post(f"/cases/{case.pk}/iin/")
    assert iin in shown.content.decode()
    assert client.get(f"/cases/{case.pk}/iin/").status_code == 405
    assert rows()[-1] == ("full_iin", "office")


def test_particulars_filled_in_at_the_counter_are_an_opening_too(team: Team, case: Case) -> None:
    counter = visit(sign_in(team.clerk), f"/register/{team.office.pk}/{case.edition_id}/")
    iin = Person.objects.get(pk=case.person_id).iin
    assert NAME in counter.send(do="find", iin=iin).html
    assert rows() == [("filled_in", "intake")]
    assert Opening.objects.get().person_id == case.person_id


def test_the_person_can_be_told_who_looked(team: Team, case: Case) -> None:
    visit(sign_in(team.head), f"/cases/{case.pk}/")
    page = visit(sign_in(team.clerk), f"/cases/{case.pk}/data/")
    assert team.head.user.get_full_name() in page.words
    assert "supervision by the head" in page.words


@pytest.mark.parametrize(
    "statement", ["UPDATE applications_opening SET what = 'x'", "DELETE FROM applications_opening"]
)
def test_the_database_refuses_to_change_or_delete_an_opening(team: Team, case: Case, statement: str) -> None:
    visit(sign_in(team.clerk), f"/cases/{case.pk}/")
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


# ------------------------------------------------------------------ requests


def test_a_request_has_one_working_day_and_its_date_explains_itself(team: Team, case: Case) -> None:
    clerk = sign_in(team.clerk)
    page = visit(clerk, f"/cases/{case.pk}/data/").send(do="request", kind="correct", text="Тегім қате жазылған")
    assert page.status == 302
    row = DataRequest.objects.get()
    assert row.due_at == datetime(2026, 3, 16, 18, 0, tzinfo=ALMATY)  # handed in on a Friday
    page = visit(clerk, f"/data-requests/{row.pk}/")
    assert "Why this date?" in page.words
    assert page.send(outcome="").status == 400
    assert page.send(outcome="Түзетілді").status == 302
    answered = DataRequest.objects.get()
    assert (answered.done_by, answered.outcome) == (team.clerk.user, "Түзетілді")
    assert [event.kind for event in case.events.order_by("-pk")[:2]] == ["data_request_done", "data_request"]
    with pytest.raises(ActRefused, match="already"):
        data_rights.answer_request(row, outcome="қайта", by=team.head, at=FRIDAY)


def test_a_breach_belongs_to_the_office_and_what_was_typed_survives_an_error(team: Team) -> None:
    clerk = sign_in(team.clerk)
    wrong = visit(clerk, "/data-requests/").send(kind="breach", text="")
    assert wrong.status == 400
    assert wrong.form.values()["kind"] == "breach"
    assert wrong.send(text="Хат басқа адамға жіберілді").status == 302
    assert "Хат" not in visit(sign_in(make_staff("south:arys", "clerk")), "/data-requests/").words
    row = DataRequest.objects.get()
    assert visit(sign_in(make_staff("south:arys", "clerk")), f"/data-requests/{row.pk}/").status == 404
    foreign = post(clerk, "/data-requests/", office=make_team("south:arys").office.pk, kind="breach", text="x")
    assert foreign.status == 400


# ------------------------------------------------------------------ keeping and erasing

OVER = datetime(2032, 1, 1, 9, 0, tzinfo=ALMATY)


def keep(case: Case, *, years: int = 5, verified: bool = True) -> None:
    """A retention term for the case's edition."""
    Retention.objects.create(edition=case.edition, years=years, source="Тізбе, 1-бап", verified=verified)


def test_the_term_runs_from_the_first_of_january_after_the_closing(case: Case) -> None:
    keep(case)
    assert not data_rights.due_for_erasure(OVER - timedelta(days=1)).exists()
    assert data_rights.due_for_erasure(OVER).get() == case


def test_an_unverified_term_a_hold_or_an_open_request_keeps_the_case(team: Team, case: Case) -> None:
    keep(case, verified=False)
    assert not data_rights.due_for_erasure(OVER).exists()
    Retention.objects.update(verified=True)
    data_rights.hold(case, reason="Сот, 12.01.2031 № 7", by=team.head, at=FRIDAY)
    assert not data_rights.due_for_erasure(OVER).exists()
    data_rights.lift_hold(case, by=team.head, at=FRIDAY)
    row = data_rights.take_request(RequestKind.KNOW, office=case.office, text="?", case=case, by=team.clerk, at=FRIDAY)
    assert not data_rights.due_for_erasure(OVER).exists()
    data_rights.answer_request(row, outcome="Айтылды", by=team.clerk, at=FRIDAY)
    assert data_rights.due_for_erasure(OVER).exists()


def test_only_the_head_holds_a_case_and_once(team: Team, case: Case) -> None:
    refused = post(sign_in(team.clerk), f"/cases/{case.pk}/data/", do="hold", reason="Сот")
    assert refused.status == 403
    head = sign_in(team.head)
    assert visit(head, f"/cases/{case.pk}/data/").forms[-1].method == "post"
    assert post(head, f"/cases/{case.pk}/data/", do="hold", reason="").status == 400
    assert post(head, f"/cases/{case.pk}/data/", do="hold", reason="Сот, № 7").status == 302
    assert "Сот, № 7" in visit(head, f"/cases/{case.pk}/data/").words
    assert post(head, f"/cases/{case.pk}/data/", do="hold", reason="Сот").status == 409
    assert post(head, f"/cases/{case.pk}/data/", do="lift").status == 302


def everything() -> str:
    """All that the tables hold, sealed fields opened."""
    from django.apps import apps

    found = []
    for model in apps.get_models():
        if model._meta.app_label in ("applications", "kpi", "complaints"):
            found += [str(row) for row in model._default_manager.values_list()]
    return " ".join(found)


def test_erasing_leaves_no_trace_of_the_person_and_the_record_whole(
    case: Case, settings: Any, tmp_path: Path, django_capture_on_commit_callbacks: Any
) -> None:
    settings.ERASURES_FILE = tmp_path / "erasures.jsonl"
    person, number = Person.objects.get(pk=case.person_id), case.number
    secrets = [NAME, STREET, PHONE, REASON, person.iin, "құпия.pdf"]
    before = everything()
    assert [secret for secret in secrets if secret not in before] == []
    path = Path(case.attachments.get().file.path)
    events, clocks = case.events.count(), list(case.clocks.values_list("due_at", "stopped_at", "met"))
    with django_capture_on_commit_callbacks(execute=True):
        data_rights.erase(case, reason="retention term", at=OVER)
    after = everything()
    assert [secret for secret in secrets if secret in after] == []
    assert not path.exists()
    assert not PaperBytes.objects.filter(paper__case=case).exists()
    assert persons_with(person.iin) == set()
    kept = Case.objects.get(pk=case.pk)
    assert (kept.number, kept.state) == (number, State.HANDED_OVER)
    assert case.events.count() == events + 1
    assert list(case.clocks.values_list("due_at", "stopped_at", "met")) == clocks
    assert list(find_faults()) == []
    assert json.loads(settings.ERASURES_FILE.read_text())["case"] == str(case.key)
    assert NAME not in settings.ERASURES_FILE.read_text()


def test_files_and_list_of_an_erasure_whose_process_died_are_seen_to_by_a_worker(
    case: Case, settings: Any, tmp_path: Path
) -> None:
    settings.ERASURES_FILE = tmp_path / "erasures.jsonl"
    path = Path(case.attachments.get().file.path)
    data_rights.erase(case, reason="retention term", at=OVER)  # what follows the commit is not run here
    assert (path.exists(), settings.ERASURES_FILE.exists()) == (True, False)
    for _ in range(2):
        drain(timezone.now())
    assert not path.exists()
    assert [json.loads(line)["case"] for line in settings.ERASURES_FILE.read_text().splitlines()] == [str(case.key)]


def test_an_erased_case_can_still_be_opened(team: Team, case: Case, settings: Any, tmp_path: Path) -> None:
    settings.ERASURES_FILE = tmp_path / "erasures.jsonl"
    data_rights.erase(case, reason="retention term", at=OVER)
    page = visit(sign_in(team.head), f"/cases/{case.pk}/")
    assert page.status == 200
    assert case.number in page.words
    assert "Personal data erased" in page.words
    for paper in case.papers.all():
        assert sign_in(team.head).get(f"/papers/{paper.key}.pdf").status_code == 404


def test_a_person_with_another_case_that_is_kept_stays_known(team: Team, settings: Any, tmp_path: Path) -> None:
    settings.ERASURES_FILE = tmp_path / "erasures.jsonl"
    somebody = make_person(last_name=NAME)
    old, young = (make_case(team, label, state=State.HANDED_OVER, person=somebody) for label in ("E8", "E10"))
    data_rights.erase(old, reason="retention term", at=OVER)
    assert Person.objects.get(pk=young.person_id).last_name == NAME
    data_rights.erase(young, reason="retention term", at=OVER)
    assert Person.objects.get(pk=young.person_id).last_name == data_rights.NOBODY


def test_what_was_erased_is_erased_again_after_a_restore(case: Case, settings: Any, tmp_path: Path) -> None:
    settings.ERASURES_FILE = tmp_path / "erasures.jsonl"
    settings.ERASURES_FILE.write_text(json.dumps({"case": str(case.key), "at": OVER.isoformat()}) + "\n")
    call_command("erase_due", after_restore=True, list=settings.ERASURES_FILE)
    assert NAME not in everything()


def test_the_commands_set_a_term_count_and_erase(
    case: Case, settings: Any, tmp_path: Path, monkeypatch: Any, capsys: Any
) -> None:
    settings.ERASURES_FILE = tmp_path / "erasures.jsonl"
    call_command("retention", case.edition.code, years=5, source="Тізбе, 1-бап")
    call_command("erase_due", dry_run=True)
    monkeypatch.setattr("django.utils.timezone.now", lambda: OVER)
    call_command("erase_due", dry_run=True)
    assert capsys.readouterr().out.splitlines()[1:] == ["0 cases are due for erasure", "1 cases are due for erasure"]
    call_command("erase_due")
    assert NAME not in everything()
