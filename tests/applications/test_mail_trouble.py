"""The mail server down, slow, refusing, or cutting the line: casework goes on, letters leave later, once (SECURITY E19)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from applications import actions, announcing, following
from applications.models import Announcement, Case, Clock, Event, FollowChannel, Follower
from applications.workflow import State
from offices import alerts
from offices.models import Alert, Job
from offices.outbox import drain
from tests.applications.mail_server import MailServer
from tests.factories import FRIDAY, Team, edition, make_case, make_iin, make_team
from tests.pages import sign_in, visit

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)


@pytest.fixture
def server(settings: Any) -> Iterator[MailServer]:
    """A mail server that letters really go to."""
    server = MailServer()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_TIMEOUT = "127.0.0.1", server.port, 0.3
    yield server
    server.stop()


@pytest.fixture
def team() -> Team:
    return make_team()


def followed(team: Team, *addresses: str) -> Case:
    """A case that these addresses are told of, and that has just moved: each of them is owed one letter."""
    case = make_case(team)
    for address in addresses:
        following.follow(case, FollowChannel.EMAIL, address, language="kk", at=FRIDAY)
    case.refresh_from_db()
    return actions.assign(case, executor=team.executor.user, by=team.head, at=FRIDAY + timedelta(hours=1))


def owed() -> list[Job]:
    """The letters that have not left."""
    return list(Job.objects.open().filter(kind__in=("tell_follower", "late_mail")).order_by("pk"))


def register(team: Team) -> Case:
    """A clerk registers somebody through the page."""
    page = visit(sign_in(team.clerk), f"/register/{team.office.pk}/{edition('E8').pk}/")
    typed = {"last_name": "Өтеген", "first_name": "Сәуле", "iin": make_iin(), "all_here": "on", "do": "register"}
    answer = page.send(**typed)
    assert answer.status == 302
    return Case.objects.get(pk=answer.response["Location"].split("/")[2])


@pytest.mark.parametrize("trouble", ["down", "slow"])
def test_people_register_while_the_mail_server_is_away_and_the_letters_leave_when_it_is_back(
    server: MailServer, team: Team, trouble: str
) -> None:
    if trouble == "down":
        server.stop()
    else:
        server.slow = True
    at = timezone.now() + MINUTE
    followed(team, "first@example.kz", "second@example.kz")
    assert register(team).state == State.REGISTERED
    assert server.connections == 0, "no page speaks to the mail server"
    drain(at)
    assert [(job.attempts, job.parked_at) for job in owed()] == [(1, None), (1, None)]
    assert register(team).state == State.REGISTERED
    before = [(row.pk, row.told_state) for row in Follower.objects.order_by("pk")], Event.objects.count()

    if trouble == "down":
        server.start()
    else:
        server.patience.set()
        server.slow = False
    drain(at + MINUTE)
    assert owed() == []
    assert sorted(address for _id, to in server.letters for address in to) == ["first@example.kz", "second@example.kz"]
    assert len({letter for letter, _to in server.letters}) == 2
    after = [(row.pk, row.told_state) for row in Follower.objects.order_by("pk")], Event.objects.count()
    assert after == before
    drain(at + 60 * MINUTE)
    assert len(server.letters) == 2, "and no more"


def test_a_line_that_is_cut_after_the_letter_was_taken_sends_the_same_letter_again_and_changes_nothing_twice(
    server: MailServer, team: Team
) -> None:
    at = timezone.now() + MINUTE
    followed(team, "first@example.kz", "second@example.kz")
    events, announced = Event.objects.count(), Announcement.objects.count()
    server.cuts = True
    drain(at)
    drain(at + MINUTE)
    assert [job.attempts for job in owed()] == [2, 2]
    server.cuts = False
    drain(at + 10 * MINUTE)
    assert owed() == []
    assert len(server.letters) == 6
    ids: dict[str, set[str]] = {}
    for letter, [address] in server.letters:
        ids.setdefault(address, set()).add(letter)
    assert sorted(map(len, ids.values())) == [1, 1], "a mailbox sees one letter, however often it came"
    assert ids["first@example.kz"] != ids["second@example.kz"]
    assert (Event.objects.count(), Announcement.objects.count()) == (events, announced)
    assert {job.attempts for job in Job.objects.filter(kind="tell_follower")} == {3}


def test_an_address_that_is_refused_for_good_is_given_up_and_keeps_no_other_from_its_letter(
    server: MailServer, team: Team, caplog: Any
) -> None:
    server.refuses = {"typo@example.kz": 550}
    at = timezone.now() + MINUTE
    followed(team, "typo@example.kz", "second@example.kz")
    drain(at)
    assert [to for _letter, to in server.letters] == [["second@example.kz"]]
    assert owed() == []
    assert not Job.objects.parked().exists()
    assert "given up" in caplog.text
    assert "typo@example.kz" not in caplog.text


def test_an_address_that_is_refused_for_now_gets_its_letter_later(server: MailServer, team: Team) -> None:
    server.refuses = {"first@example.kz": 450}
    at = timezone.now() + MINUTE
    followed(team, "first@example.kz")
    drain(at)
    assert len(owed()) == 1
    server.refuses = {}
    drain(at + MINUTE)
    assert [to for _letter, to in server.letters] == [["first@example.kz"]]


def test_of_several_who_are_told_in_one_letter_the_refused_one_keeps_nobody_else_from_it(
    server: MailServer, team: Team
) -> None:
    for number, person in enumerate((team.head, team.executor)):
        person.user.email = f"staff{number}@example.kz"
        person.user.save()
    case = followed(team)
    clock = Clock.objects.get(case=case, kind="step", stopped_at=None)
    server.refuses = {"staff0@example.kz": 550}
    assert announcing.mail_that_it_passed(clock.pk, "late:1") == 1
    assert [to for _letter, to in server.letters] == [["staff1@example.kz"]]


def test_a_mail_server_that_stays_away_parks_the_letters_and_somebody_is_told_of_that(
    server: MailServer, team: Team, settings: Any
) -> None:
    settings.BACKUP_HOURS = 0
    server.stop()
    at: datetime = timezone.now() + MINUTE
    followed(team, "first@example.kz")
    for _ in range(10):
        drain(at)
        at += timedelta(hours=7)
    assert Job.objects.parked().count() == 1
    alerts.sweep(at)
    assert Alert.objects.filter(cause="parked", over_at=None).exists()
