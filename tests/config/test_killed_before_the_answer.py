"""A web worker that dies after its commit and before its answer: the same form again gives the same case (SECURITY E10)."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import connections

from applications import receiving, views
from applications.models import Case, Event, FormToken, Paper, Person
from applications.workflow import State
from tests.copies import database_copy
from tests.factories import edition, make_case, make_iin, make_team
from tests.pages import Page, sign_in, visit

DEAD = 9


@pytest.fixture
def db(django_db_setup: None, django_db_blocker: Any, tmp_path: Path) -> Iterator[None]:
    """A copy of the test database (in place of pytest-django's own): what is committed in it is committed."""
    with django_db_blocker.unblock(), database_copy(tmp_path):
        yield


def sent_by_one_who_dies(page: Page, **typed: Any) -> None:
    """Send the form in a process that is gone as soon as the view would answer."""
    connections.close_all()
    child = os.fork()
    if child == 0:
        # Whatever the view leads to comes after the commit of its act.
        receiving.redirect = views.redirect = lambda *args, **kwargs: os._exit(DEAD)
        page.send(**typed)
        os._exit(0)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == DEAD


def test_a_registration_that_was_committed_and_not_answered_is_not_made_twice(db: None) -> None:
    team = make_team()
    page = visit(sign_in(team.clerk), f"/register/{team.office.pk}/{edition('E8').pk}/")
    typed = {"last_name": "Өтеген", "first_name": "Сәуле", "iin": make_iin(), "all_here": "on", "do": "register"}
    sent_by_one_who_dies(page, **typed)
    case = Case.objects.get()
    assert case.number.endswith("-00001"), "it was committed"
    again = page.send(**typed)
    assert again.status == 302
    assert f"/{case.pk}/" in again.response["Location"]
    assert [model.objects.count() for model in (Case, Person, Event, Paper)] == [1, 1, 1, 1]
    assert FormToken.objects.get().case_id == case.pk
    other = page.send(**{**typed, "first_name": "Басқа"})
    assert other.status == 409, "the same token with another body"
    assert Case.objects.count() == 1


def test_a_signature_that_was_committed_and_not_answered_is_not_given_twice(db: None) -> None:
    team = make_team()
    case = make_case(team, state=State.PREPARED)
    page = visit(sign_in(team.head), f"/cases/{case.pk}/sign/")
    sent_by_one_who_dies(page)
    assert Case.objects.get(pk=case.pk).state == State.SIGNED
    number = case.decisions.get().number
    assert page.send().status == 302
    assert Event.objects.filter(case=case, kind="sign").count() == 1
    assert case.decisions.get().number == number
