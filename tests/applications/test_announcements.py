"""Terms that end soon or have passed are announced once, and the papers of an act are made after it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.core import mail
from django.db import transaction

from applications import actions, jobs
from applications.announcing import announce_passed, announce_soon
from applications.models import Announcement, Case, Clock, PaperBytes
from applications.workflow import State
from offices import outbox
from offices.models import Job
from tests.factories import FRIDAY, Team, make_case, make_team
from tests.pages import sign_in, visit

pytestmark = pytest.mark.django_db


@pytest.fixture
def team() -> Team:
    return make_team()


def due(case: Case, kind: str) -> datetime:
    """When the open clock of the case ends."""
    moment = Clock.objects.get(case=case, kind=kind, stopped_at=None).due_at
    assert moment is not None
    return moment


def test_a_term_that_passed_is_announced_once_however_often_the_sweep_runs(team: Team) -> None:
    case = make_case(team)
    end = due(case, "step")
    assert announce_passed(end) == 0
    assert announce_passed(end + timedelta(minutes=1)) == 1
    assert announce_passed(end + timedelta(minutes=2)) == 0
    told = Announcement.objects.get()
    assert (told.clock.case, told.kind, told.due_at) == (case, "passed", end)


def test_a_step_that_was_done_is_not_announced(team: Team) -> None:
    case = make_case(team)
    end = due(case, "step")
    actions.assign(case, executor=team.executor.user, by=team.head, at=end + timedelta(hours=1))
    assert announce_passed(end + timedelta(hours=2)) == 0


def test_a_term_that_the_calendar_moved_is_announced_for_its_new_end(team: Team) -> None:
    clock = Clock.objects.get(case=make_case(team), kind="step", stopped_at=None)
    assert clock.due_at is not None
    assert announce_passed(clock.due_at + timedelta(minutes=1)) == 1
    Clock.objects.filter(pk=clock.pk).update(due_at=clock.due_at + timedelta(days=1))
    assert announce_passed(clock.due_at + timedelta(hours=2)) == 0
    assert announce_passed(clock.due_at + timedelta(days=1, minutes=1)) == 1


def test_a_service_is_announced_a_working_day_before_its_end_also_over_a_week_end(team: Team) -> None:
    case = make_case(team)
    end = due(case, "overall")
    monday = next(end - timedelta(days=n) for n in range(1, 9) if (end - timedelta(days=n)).weekday() == 4)
    assert announce_soon(FRIDAY) == 0
    assert announce_soon(end - timedelta(hours=1)) == 1
    assert announce_soon(end - timedelta(minutes=30)) == 0
    assert monday < end


def test_the_head_sees_what_was_announced_lately_and_a_stranger_does_not(team: Team, monkeypatch: Any) -> None:
    case = make_case(team)
    now = due(case, "step") + timedelta(minutes=5)
    monkeypatch.setattr("django.utils.timezone.now", lambda: now)
    path = "/work/?only=announced"
    assert case.number not in visit(sign_in(team.head), path).words
    announce_passed(now)
    page = visit(sign_in(team.head), path)
    assert case.number in page.words
    stranger = make_team("south:arys").head
    assert "no term has passed" in visit(sign_in(stranger), path).words
    monkeypatch.setattr("django.utils.timezone.now", lambda: now + timedelta(hours=25))
    assert case.number not in visit(sign_in(team.head), path).words


def test_staff_get_an_e_mail_that_names_nobody_when_the_office_wants_it(team: Team, settings: Any) -> None:
    settings.ANNOUNCE_BY_MAIL = True
    for person in (team.head, team.executor, team.clerk):
        type(person.user).objects.filter(pk=person.user.pk).update(email=f"u{person.user.pk}@example.kz")
    case = make_case(team, state=State.ASSIGNED)
    late = due(case, "step") + timedelta(minutes=1)
    announced = announce_passed(late)
    announce_passed(late)
    Job.objects.filter(kind="paper").delete()
    Job.objects.update(due_at=late)
    assert outbox.drain(late) == len(mail.outbox) == announced
    letter = mail.outbox[0]
    assert letter.to == sorted(f"u{person.user.pk}@example.kz" for person in (team.head, team.executor))
    assert case.number in letter.subject
    assert case.person.last_name not in letter.subject + letter.body


def test_no_e_mail_follows_when_the_step_was_done_before_it_went(team: Team, settings: Any) -> None:
    settings.ANNOUNCE_BY_MAIL = True
    case = make_case(team)
    late = due(case, "step") + timedelta(minutes=1)
    announce_passed(late)
    actions.assign(case, executor=team.executor.user, by=team.head, at=late)
    Job.objects.update(due_at=late)
    outbox.drain(late)
    assert not mail.outbox


def test_the_paper_of_an_act_is_made_by_a_worker_after_it(team: Team) -> None:
    case = make_case(team)
    assert not PaperBytes.objects.exists()
    job = Job.objects.get(kind="paper")
    assert job.payload == {"paper": case.papers.get().pk}
    assert outbox.run_key(job.key)
    assert case.papers.get().sha256
    assert bytes(PaperBytes.objects.get().pdf)[:5] == b"%PDF-"


def test_a_paper_that_was_opened_before_its_job_is_not_made_again(team: Team) -> None:
    case = make_case(team)
    paper = case.papers.get()
    assert sign_in(team.clerk).get(f"/papers/{paper.key}.pdf").status_code == 200
    first = bytes(PaperBytes.objects.get().pdf)
    assert outbox.run_key(Job.objects.get(kind="paper").key)
    assert bytes(PaperBytes.objects.get().pdf) == first


def test_jobs_whose_case_is_gone_do_no_harm() -> None:
    with transaction.atomic():
        outbox.enqueue("paper", key="paper:none", payload={"paper": 0})
        outbox.enqueue("late_mail", key="late_mail:none", payload={"clock": 0})
    assert outbox.drain() == 2
    assert not Job.objects.open().exists()


def test_the_sweeps_run_in_slots_of_time() -> None:
    outbox.fill_slots()
    assert set(Job.objects.values_list("kind", flat=True)) >= {"sweep", "sweep_soon", "forget_jobs"}
    outbox.drain()
    assert not Job.objects.open().exists()
    assert jobs.sweep.__doc__
