"""Told of each change, by e-mail or SMS, only who asked for it with number and code, and only until he stops it."""

from __future__ import annotations

import re
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core import mail
from django.db import connection
from django.test import Client
from django.utils import timezone

from applications import actions, data_rights, following, public
from applications.models import Case, FollowChannel, Follower
from applications.workflow import State
from offices.models import Job
from offices.outbox import drain
from tests.factories import FRIDAY, Team, edition, make_case, make_iin, make_team
from tests.pages import Page, post, sign_in, visit

pytestmark = pytest.mark.django_db
ADDRESS = "akbope@example.kz"


@pytest.fixture
def team() -> Team:
    return make_team()


@pytest.fixture(autouse=True)
def _sms(settings: Any, tmp_path: Path) -> None:
    settings.SMS_DIR = tmp_path / "sms"


def ask(case: Case, **typed: Any) -> Page:
    """Look the case up and ask to be told."""
    client = Client()
    client.cookies["django_language"] = "en"
    page = post(client, "/status/", number=case.number, code=case.code)
    form = next(form for form in page.forms if form.action == "/status/follow/")
    return post(client, form.action, **{**form.values(), **typed})


def moved(case: Case, team: Team) -> Case:
    """The head gives his resolution; the outbox does its work."""
    case = actions.assign(
        Case.objects.get(pk=case.pk), executor=team.executor.user, by=team.head, at=FRIDAY + timedelta(hours=1)
    )
    drain(timezone.now() + timedelta(minutes=1))
    return case


def test_who_asked_is_told_of_the_change_by_mail_that_names_nobody(team: Team) -> None:
    case = make_case(team)
    assert "You will be told of each change." in ask(case, email=ADDRESS).words
    moved(case, team)
    (message,) = mail.outbox
    assert message.to == [ADDRESS]
    assert message.subject == f"Application {case.number}: news"
    assert "An executor is working on your application." in message.body
    for secret in (case.person.last_name, case.person.first_name, case.code, case.edition.service.name):
        assert secret not in message.subject + str(message.body)


def test_an_sms_goes_out_with_number_stage_and_place(team: Team, tmp_path: Path) -> None:
    case = make_case(team)
    ask(case, phone="8 701 123 45 67")
    moved(case, team)
    (file,) = (tmp_path / "sms").glob("*.txt")
    text = file.read_text(encoding="utf-8")
    assert "+77011234567" in text
    assert f"{case.number}: An executor is working on your application. http://127.0.0.1:8000/status/" in text


def test_nobody_is_told_who_has_not_asked_and_no_act_costs_more(team: Team) -> None:
    moved(make_case(team), team)
    assert mail.outbox == []
    assert not Job.objects.filter(kind="case_news").exists()


def test_an_act_that_changes_no_stage_is_no_news_and_no_stage_is_told_twice(team: Team) -> None:
    case = moved(make_case(team), team)
    ask(case, email=ADDRESS)
    other = make_team()
    case = actions.reassign(
        Case.objects.get(pk=case.pk), executor=other.executor.user, reason="демалыс", by=team.head, at=FRIDAY + timedelta(hours=2)
    )  # fmt: skip
    drain(timezone.now() + timedelta(minutes=1))
    assert mail.outbox == []


def test_the_link_stops_it_by_a_button_and_forgets_the_address(team: Team) -> None:
    case = make_case(team)
    ask(case, email=ADDRESS)
    moved(case, team)
    found = re.search(r"http://127.0.0.1:8000(/status/stop/\S+)", str(mail.outbox[0].body))
    assert found
    page = visit(Client(), found[1])
    assert Follower.objects.count() == 1
    assert page.send().status == 200
    assert Follower.objects.count() == 0
    assert visit(Client(), found[1]).send().status == 200


def test_a_stopped_follower_gets_nothing_that_was_on_its_way(team: Team) -> None:
    case = make_case(team)
    ask(case, email=ADDRESS)
    actions.assign(
        Case.objects.get(pk=case.pk), executor=team.executor.user, by=team.head, at=FRIDAY + timedelta(hours=1)
    )
    following.stop(Follower.objects.get().key)
    drain(timezone.now() + timedelta(minutes=1))
    assert mail.outbox == []


def test_only_the_page_that_has_shown_the_case_can_ask_and_only_for_an_hour(team: Team, monkeypatch: Any) -> None:
    case = make_case(team)
    old = public.permit_for(case)
    for permit in ("", "x", str(case.pk), old[:-1] + "x", old.replace(":", "")):
        assert post(Client(), "/status/follow/", permit=permit, email=ADDRESS).status == 302
    later = time.time() + 3700
    monkeypatch.setattr("django.core.signing.time.time", lambda: later)
    assert post(Client(), "/status/follow/", permit=old, email=ADDRESS).status == 302
    assert not Follower.objects.exists()


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        ({"email": "a@b.kz\nBcc: all@b.kz"}, "Enter a valid email address."),
        ({"phone": "123"}, "This is no phone number."),
        ({}, "Give an e-mail address or a phone."),
    ],
)
def test_bad_addresses_are_told_beside_the_field(team: Team, typed: Any, message: str) -> None:
    page = ask(make_case(team), **typed)
    assert page.status == 400
    assert message in " ".join(page.errors.values())
    assert not Follower.objects.exists()


def test_the_same_address_is_one_follower_and_a_case_has_few(team: Team) -> None:
    case = make_case(team)
    ask(case, email=ADDRESS)
    ask(case, email=ADDRESS.upper())
    assert Follower.objects.count() == 1
    for n in range(following.MOST - 1):
        ask(case, email=f"a{n}@example.kz")
    refused = ask(case, email="one.more@example.kz")
    assert refused.status == 409
    assert "Enough addresses" in refused.words


def test_the_address_stands_nowhere_in_the_clear(team: Team) -> None:
    case = make_case(team)
    ask(case, email=ADDRESS)
    moved(case, team)
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM applications_follower")
        assert ADDRESS not in str(cursor.fetchall())
    assert ADDRESS not in str(list(Job.objects.values_list("payload", "key")))


def test_the_counter_writes_down_that_the_applicant_wants_it(team: Team) -> None:
    page = visit(sign_in(team.clerk), f"/register/{team.office.pk}/{edition('E8').pk}/")
    typed = {"iin": make_iin(), "last_name": "Өтеген", "first_name": "Сәуле", "all_here": "on", "do": "register"}
    refused = page.send(tell_by=["sms", "email"], **typed)
    assert refused.status == 400
    assert {"email", "phone"} <= set(refused.errors)
    done = page.send(tell_by=["sms", "email"], email=ADDRESS, phone="8 701 123 45 67", **typed)
    assert done.status == 302
    assert {row.channel for row in Follower.objects.all()} == {FollowChannel.SMS, FollowChannel.EMAIL}
    assert Case.objects.get().followed


def test_an_erased_person_is_told_nothing_more(team: Team) -> None:
    case = make_case(team, state=State.HANDED_OVER)
    following.follow(case, FollowChannel.EMAIL, ADDRESS, language="kk", at=FRIDAY)
    data_rights.case_erased.send(sender=Case, case=case)
    assert not Follower.objects.exists()


def test_a_closed_case_is_not_offered_to_be_followed(team: Team) -> None:
    case = make_case(team, state=State.HANDED_OVER)
    assert "/status/follow/" not in post(Client(), "/status/", number=case.number, code=case.code).html
    assert visit(Client(), "/status/follow/").status == 302
