"""The staff's own pages: work list, counter, case, and every act by its button."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from applications.models import Case
from applications.workflow import State
from offices.policy import Staff
from tests.factories import (
    ALMATY,
    FRIDAY,
    CentreTeam,
    Team,
    edition,
    make_case,
    make_centre_team,
    make_iin,
    make_person,
    make_staff,
    make_team,
)
from tests.pages import Page, post, sign_in, visit

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("moment")]


@pytest.fixture
def team() -> Team:
    return make_team()


@pytest.fixture
def centre() -> CentreTeam:
    return make_centre_team()


def counter(staff: Staff, label: str = "E8", query: str = "", **options: Any) -> Page:
    """The registration page of an edition in the person's first office."""
    office_id = min(staff.offices()) if not query else make_team().office.pk
    return visit(sign_in(staff, **options), f"/register/{office_id}/{edition(label).pk}/{query}")


# ------------------------------------------------------------------ my work


def test_each_person_finds_on_his_desk_what_waits_for_his_step_only(team: Team) -> None:
    waits = {
        "assign": make_case(team),
        "prepare": make_case(team, state=State.ASSIGNED),
        "sign": make_case(team, state=State.PREPARED),
        "hand over": make_case(team, "E10", state=State.SIGNED),
    }
    desks = {team.head: {"assign", "sign"}, team.executor: {"prepare"}, team.clerk: {"hand over"}}
    for staff, expected in desks.items():
        words = visit(sign_in(staff), "/work/").words
        assert {name for name, case in waits.items() if case.number in words} == expected


def test_an_executor_sees_the_cases_given_to_him_and_not_those_of_his_colleague(team: Team) -> None:
    colleague = make_staff("south:shymkent", "executor")
    mine = make_case(team, state=State.ASSIGNED)
    assert mine.number in visit(sign_in(team.executor), "/work/").words
    assert mine.number not in visit(sign_in(colleague), "/work/").words


def test_the_nearest_due_moment_stands_first_and_the_badge_says_how_near(
    team: Team, moment: Callable[[datetime], None]
) -> None:
    later = make_case(team, "E8", state=State.ASSIGNED)
    sooner = make_case(team, "E5", state=State.ASSIGNED)
    words = visit(sign_in(team.executor), "/work/").words
    assert words.index(sooner.number) < words.index(later.number)
    # The executor of E5 had five minutes; seven working days end on Friday the 27th, six hours of this one are left.
    assert "late by 0 h 54 min 13.03.2026 10:06" in words
    assert "7 working days left 27.03.2026 18:00" in words
    moment(datetime(2026, 3, 27, 17, 0, tzinfo=ALMATY))
    assert "1 h 00 min left" in visit(sign_in(team.executor), "/work/").words


def test_the_filters_of_the_work_list_stand_in_the_address(team: Team) -> None:
    open_case, late = make_case(team, state=State.ASSIGNED), make_case(team, "E5", state=State.ASSIGNED)
    closed = make_case(team, state=State.HANDED_OVER)
    clerk = sign_in(team.clerk)
    assert "Nothing waits for you." in visit(clerk, "/work/").words
    everything = visit(clerk, "/work/?only=all").words
    assert open_case.number in everything
    assert closed.number not in everything
    overdue = visit(clerk, "/work/?only=overdue").words
    assert late.number in overdue
    assert open_case.number not in overdue


def test_a_long_list_has_a_next_page_and_nothing_stands_on_both(team: Team) -> None:
    cases = [make_case(team) for _ in range(27)]
    head = sign_in(team.head)
    first, second = visit(head, "/work/").html, visit(head, "/work/?after=25").html
    assert 'href="?after=25"' in first
    shown = [sum(case.number in page for case in cases) for page in (first, second)]
    assert shown == [25, 2]


@pytest.mark.parametrize("after", ["²", "-1", "abc", "9" * 30, "9" * 5000, ""], ids=lambda text: text[:3] or "empty")
def test_a_page_that_cannot_be_is_never_an_error(team: Team, after: str) -> None:
    make_case(team)
    for path in ("/work/", "/journal/"):
        assert visit(sign_in(team.head), f"{path}?after={after}").status == 200


def test_a_list_shows_the_iin_masked(team: Team) -> None:
    person = make_person()
    case = make_case(team, person=person)
    words = visit(sign_in(team.head), "/work/").words
    assert case.number in words
    assert f"•••• {person.iin[-4:]}" in words
    assert person.iin not in words


# ------------------------------------------------------------------ register


def test_the_counter_offers_what_the_person_takes_in(team: Team, centre: CentreTeam) -> None:
    names = {label: edition(label).service.name_en for label in ("E7", "E8", "E9")}
    for staff, expected in [(team.clerk, {"E7", "E8"}), (team.executor, {"E9"}), (centre.inspector, {"E7"})]:
        words = visit(sign_in(staff), "/register/").words
        assert {label for label, name in names.items() if name in words} == expected


def test_a_complete_package_is_registered_in_one_go(team: Team) -> None:
    page = counter(team.clerk)
    assert page.status == 200
    iin = make_iin()
    answer = page.send(last_name="Нұрмұхаммедова", first_name="Ақбөпе", iin=iin, all_here="on", do="register")
    assert answer.status == 302
    case = Case.objects.get()
    assert answer.response["Location"] == f"/cases/{case.pk}/"
    assert (case.state, case.person.iin, case.language) == (State.REGISTERED, iin, "kk")
    assert case.received_at == FRIDAY + timedelta(hours=1)
    assert {row.status for row in case.documents.all()} == {"handed_in", "shown", "not_needed"}
    shown = visit(answer.client, f"/cases/{case.pk}/")
    assert case.number in shown.words
    assert "Talon (PDF)" in shown.words


def test_an_incomplete_package_gets_its_list_and_no_number(team: Team) -> None:
    page = counter(team.clerk)
    papers = list(edition("E8").documents.all())
    answer = page.send(
        last_name="Сейітқали", first_name="Ерлан", iin=make_iin(), all_here="on", do="list",
        **{f"paper_{papers[0].pk}": "missing"},
        **{f"paper_{papers[2].pk}": "defective", f"defect_{papers[2].pk}": "мөрі жоқ"},
    )  # fmt: skip
    assert answer.status == 302
    case = Case.objects.get()
    assert (case.state, case.number) == (State.INCOMPLETE, "")
    assert [row["defect"] for row in case.papers.get().data["rows"]] == ["", "мөрі жоқ"]
    words = visit(answer.client, f"/cases/{case.pk}/").words
    assert "Not registered" in words
    assert "has a defect: мөрі жоқ" in words


def test_find_by_iin_fills_in_what_is_known_and_keeps_what_was_typed(team: Team) -> None:
    known = make_person(phone="+7 701 000 00 00", address="Абай көшесі 1")
    make_case(team, "E8", person=known)
    page = counter(team.clerk, "E5")
    papers = list(edition("E5").documents.all())
    spaced = f"{known.iin[:6]} {known.iin[6:]}"
    typed = {"iin": spaced, "address": "Жаңа көше 7", "received_at": "2026-03-13T10:30"}
    typed |= {f"paper_{papers[0].pk}": "defective", f"defect_{papers[0].pk}": "қолы жоқ"}
    answer = page.send(do="find", **typed)
    assert answer.status == 200
    assert not answer.errors
    assert {name: answer.typed(name) for name in typed} == typed
    assert answer.typed("last_name") == known.last_name
    assert answer.typed("phone") == known.phone
    assert f"Known: {known.last_name} {known.first_name} {known.patronymic}." in answer.words
    assert answer.typed("token") == page.typed("token")
    assert Case.objects.count() == 1


def test_find_by_an_unknown_iin_says_nothing_wrong_and_keeps_everything(team: Team) -> None:
    page = counter(team.clerk)
    typed = {"iin": make_iin(), "last_name": "Өтеген", "birth_date": "31.02.1990", "all_here": "on", "language": "ru"}
    answer = page.send(do="find", **typed)
    assert answer.status == 200
    assert {name: answer.typed(name) for name in typed} == typed


def test_find_warns_of_an_open_case_for_the_same_service(team: Team) -> None:
    known = make_person()
    case = make_case(team, "E8", person=known)
    answer = counter(team.clerk).send(do="find", iin=known.iin)
    assert f"There is already an open case for this service: {case.number}" in answer.words


def test_the_window_of_the_centre_gives_a_receipt_with_the_centres_number(team: Team, centre: CentreTeam) -> None:
    query = f"?centre={centre.centre.pk}"
    page = counter(centre.inspector, "E7", query)
    assert page.status == 200
    answer = page.send(last_name="Әбдіқадыр", first_name="Сәуле", iin=make_iin(), all_here="on", do="register")
    assert answer.status == 302
    case = Case.objects.get()
    assert (case.state, case.number, case.centre_id) == (State.AT_CENTRE, "", centre.centre.pk)
    assert case.centre_number.startswith(centre.centre.code)
    assert "Receipt of documents (PDF)" in visit(answer.client, f"/cases/{case.pk}/").words


# ------------------------------------------------------------------ a case


def test_the_case_page_says_who_is_next_and_shows_both_clocks(team: Team) -> None:
    case = make_case(team, state=State.ASSIGNED)
    words = visit(sign_in(team.clerk), f"/cases/{case.pk}/").words
    assert f"Next: Responsible executor, {team.executor.user.get_full_name()}." in words
    assert words.count("Why this date?") == 2
    assert "Whole service 27.03.2026 18:00" in words
    assert "Registered 13.03.2026 10:00" in words


def test_a_case_of_another_office_is_not_there(team: Team) -> None:
    case = make_case(team)
    stranger = sign_in(make_staff("south:arys", "clerk", "head", "executor"))
    for path in (f"/cases/{case.pk}/", f"/cases/{case.pk}/assign/"):
        assert visit(stranger, path).status == 404
        assert post(stranger, path, version=0).status in (404, 405)


@pytest.mark.parametrize("language", ["kk", "ru", "en"])
def test_every_staff_page_comes_up_in_each_language(team: Team, language: str) -> None:
    case = make_case(team, state=State.PREPARED)
    client = sign_in(team.head, language)
    for path in ("/work/", "/journal/", "/search/", "/packages/", f"/cases/{case.pk}/", f"/cases/{case.pk}/sign/"):
        page = visit(client, path)
        assert page.status == 200, path
        assert f'<html class="govuk-template" lang="{language}">' in page.html
    assert isinstance(client, Client)
