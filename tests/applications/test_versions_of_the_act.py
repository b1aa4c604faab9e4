"""Which version of an act a case follows: that of the day of its hand-in, to its end; the pages say so."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from applications import actions as acts
from applications import intake
from applications.casework import ActRefused
from applications.models import Case
from services import actions
from services.models import Edition
from tests.factories import (
    FRIDAY,
    Team,
    decide,
    edition,
    found,
    make_case,
    make_iin,
    make_intake,
    make_team,
)
from tests.pages import sign_in, visit

pytestmark = pytest.mark.django_db
MONDAY = date(2026, 3, 16)


@pytest.fixture
def team() -> Team:
    return make_team()


def amend(team: Team) -> Edition:
    """From Monday on, E8 gives five working days in place of seven."""
    act: dict[str, Any] = {"number": "12", "day": MONDAY, "text": {"kk": "Қаулы", "ru": "Постановление"}}
    draft = actions.amend(edition("E8"), **act, valid_from=MONDAY, by=None, at=FRIDAY)

    def five(definition: dict[str, Any]) -> None:
        definition["norms"][0]["amount"] = 5
        definition["steps"][2]["norm"]["amount"] = 5

    draft = actions.edit(draft, five, revision=0, part="norms", by=None, at=FRIDAY)
    return actions.publish(draft, at=FRIDAY)


def test_a_running_case_says_its_version_and_leads_to_what_has_changed(team: Team) -> None:
    case = make_case(team)
    head = sign_in(team.head)
    assert "is there by now" not in visit(head, f"/cases/{case.pk}/").words
    amend(team)
    page = visit(head, f"/cases/{case.pk}/")
    assert "version 1 Version 2 is there by now; this case goes on under its own." in page.words
    changes = visit(head, f"/services/{case.edition.code}/changes/?from=1")
    assert "What has changed from version 1 to version 2" in changes.words
    assert "Terms and limits" in changes.words
    assert "7 5" in changes.words


def test_a_new_application_gets_the_version_of_its_day(team: Team, monkeypatch: Any) -> None:
    second = amend(team)
    first = Edition.objects.get(code=second.code, version=1)
    monday = FRIDAY + timedelta(days=3)
    monkeypatch.setattr("django.utils.timezone.now", lambda: monday)
    clerk = sign_in(team.clerk)
    assert f"/register/{team.office.pk}/{second.pk}/" in visit(clerk, "/register/").html
    page = visit(clerk, f"/register/{team.office.pk}/{second.pk}/")
    assert f"/register/{team.office.pk}/{first.pk}/" in page.html
    typed = {"last_name": "Өтеген", "first_name": "Сәуле", "iin": make_iin(), "all_here": "on", "do": "register"}
    late = page.send(**typed, received_at="2026-03-13T17:00")
    assert "another version of the act was in force" in late.errors["received_at"]
    assert late.typed("last_name") == "Өтеген"
    older = visit(clerk, f"/register/{team.office.pk}/{first.pk}/").send(**typed, received_at="2026-03-13T17:00")
    assert older.status == 302
    assert Case.objects.get().edition == first
    page.send(**typed | {"iin": make_iin(), "last_name": "Ахметов"})
    assert Case.objects.latest("pk").edition == second


def test_the_act_itself_refuses_a_version_of_another_day(team: Team) -> None:
    data = make_intake(team)
    second = amend(team)
    with pytest.raises(ActRefused) as refusal:
        intake.take_in(replace(data, edition=second, documents=found(second)), by=team.clerk, at=FRIDAY)
    assert refusal.value.field == "received_at"


def test_a_case_ends_under_the_version_it_began_with(team: Team) -> None:
    case = make_case(team)
    amend(team)
    case = make_case_go_on(case, team)
    assert (case.state, case.edition.version) == ("handed_over", 1)


def make_case_go_on(case: Case, team: Team) -> Case:
    """The case to its end."""
    at = FRIDAY + timedelta(days=4)
    case = acts.assign(case, executor=team.executor.user, by=team.head, at=at)
    case = decide(case, team, at=at)
    case = acts.sign(case, by=team.head, at=at)
    case = acts.enter_in_record_book(case, by=team.executor, at=at)
    return acts.hand_over(case, way="in_person", by=team.executor, at=at)
