"""What a citizen learns by number and code, and what nobody learns without them."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client

from applications import actions, public
from applications.models import Case
from applications.workflow import State
from tests.factories import FRIDAY, Team, make_case, make_centre_case, make_centre_team, make_person, make_team

pytestmark = pytest.mark.django_db


@pytest.fixture
def moment(monkeypatch: Any) -> Any:
    """Sets the clock of the page."""

    def set_to(at: datetime) -> None:
        monkeypatch.setattr("django.utils.timezone.now", lambda: at)

    set_to(FRIDAY + timedelta(hours=1))
    return set_to


@pytest.fixture
def team() -> Team:
    return make_team()


def ask(client: Client, number: str, code: str, language: str = "en", **extra: Any) -> HttpResponse:
    client.cookies["django_language"] = language
    return client.post("/status/", {"number": number, "code": code}, **extra)  # type: ignore[return-value]


def words(response: HttpResponse) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", response.content.decode()).split())


def without_token(response: HttpResponse) -> str:
    return re.sub(r'name="csrfmiddlewaretoken" value="[^"]+"', "", response.content.decode())


def wrong(case: Case) -> str:
    return "AAAAA-AAAAA" if case.code[0] != "A" else "BBBBB-BBBBB"


# ------------------------------------------------------------------ what is shown


def test_number_and_code_show_stage_next_role_and_both_dates_with_their_sums(
    client: Client, team: Team, moment: Any
) -> None:
    case = make_case(team, "E8", state=State.ASSIGNED)
    shown = words(ask(client, case.number, case.code))
    assert "An executor is working on your application." in shown
    assert "Who does it: Responsible executor" in shown
    assert "This step, at the latest 27.03.2026 18:00" in shown
    assert "The whole service, at the latest 27.03.2026 18:00" in shown
    assert shown.count("Why this date?") == 2
    assert "The norm: 7 working days (table 1 of the act, row 3)" in shown
    assert "24.03.2026" in shown[shown.index("Why this date?") :]
    assert "Where to collect the answer Employment and Social Programmes Department of" in shown


def test_nothing_personal_is_shown(client: Client, team: Team, moment: Any) -> None:
    person = make_person(phone="+77010000000", address="Абай көшесі 1", email="a@example.kz")
    case = make_case(team, "E8", state=State.SIGNED, refused=True, person=person)
    html = ask(client, case.number, case.code).content.decode()
    assert case.number in html
    secrets = [
        person.last_name, person.first_name, person.iin, person.phone, person.address, person.email,
        team.executor.user.last_name, team.head.user.last_name, "Бас тарту", "refus" + "ed",
        "Табыс туралы анықтама", case.code,
    ]  # fmt: skip
    assert [secret for secret in secrets if secret in html] == []


def test_grant_and_refusal_look_the_same(client: Client, team: Team, moment: Any) -> None:
    pages = []
    for refused in (False, True):
        case = make_case(team, "E8", state=State.RECORDED, refused=refused)
        pages.append(words(ask(client, case.number, case.code)).replace(case.number, "N"))
    assert pages[0] == pages[1]


@pytest.mark.parametrize(
    "state",
    [
        state
        for state in State
        if state.value in ("registered", "prepared", "signed", "recorded", "told", "handed_over")
    ],
)
def test_every_stage_has_its_words(client: Client, team: Team, moment: Any, state: State) -> None:
    case = make_case(team, "E8", state=state)
    shown = words(ask(client, case.number, case.code))
    assert str(public.STAGES[state]) in shown
    assert shown.count("· now") == (state != State.HANDED_OVER)


def test_a_ready_answer_says_what_the_person_does_next(client: Client, team: Team, moment: Any) -> None:
    case = make_case(team, "E8", state=State.TOLD)
    shown = words(ask(client, case.number, case.code))
    assert "What happens next You collect the answer. Bring the talon and your identity document. Collect it" in shown
    assert "at the latest" not in shown  # both clocks end with the telling


@pytest.mark.parametrize("act", ["withdraw", "annul"])
def test_a_case_that_ended_otherwise_shows_no_reason(client: Client, team: Team, moment: Any, act: str) -> None:
    case = make_case(team, "E8")
    case = getattr(actions, act)(
        case, reason="көшіп кетті", by=team.clerk if act == "annul" else team.head, at=FRIDAY + timedelta(minutes=5)
    )
    shown = words(ask(client, case.number, case.code))
    assert str(public.STAGES[case.state]) in shown
    assert "көшіп кетті" not in shown
    assert "at the latest" not in shown


def test_before_the_commission_decides_the_page_says_what_the_term_waits_for(client: Client, moment: Any) -> None:
    team = make_team("akmola:kokshetau")
    case = make_case(team, "E13", state=State.ASSIGNED)
    assert "The term starts when the commission's decision is received." in words(
        ask(client, case.number, case.code)
    ).replace("&#x27;", "'")
    case = actions.record_commission(
        case, number="7", decided_at=FRIDAY + timedelta(minutes=10), by=team.executor, at=FRIDAY + timedelta(hours=1)
    )
    shown = words(ask(client, case.number, case.code))
    assert "commission&#x27;s decision is received" not in shown
    assert "The whole service, at the latest 30.03.2026 18:00" in shown
    assert "Saturday: the last day moves to the next working day" in shown


def test_a_paper_given_back_keeps_its_first_term_and_says_so(client: Client, team: Team, moment: Any) -> None:
    case = make_case(team, "E8", state=State.PREPARED)
    actions.return_for_rework(case, reason="қате", by=team.head, at=FRIDAY + timedelta(minutes=9))
    shown = words(ask(client, case.number, case.code))
    assert "Given back for rework: the first term goes on" in shown
    assert "қате" not in shown


def test_a_case_from_a_service_centre_is_found_by_both_numbers_and_collected_there(
    client: Client, team: Team, moment: Any
) -> None:
    case = make_centre_case(team, make_centre_team(), state=State.REGISTERED)
    for number in (case.number, case.centre_number):
        shown = words(ask(client, number, case.code))
        assert "Where to collect the answer Citizen Service Centre, Shymkent City Section No. 1" in shown
    assert "Inspector of the accumulation unit · done" in shown


def test_a_case_of_the_department_has_no_steps_of_a_centre(client: Client, team: Team, moment: Any) -> None:
    case = make_case(team, "E7")
    assert "accumulation unit" not in words(ask(client, case.number, case.code))


# ------------------------------------------------------------------ how it is asked


def test_number_and_code_are_taken_as_people_type_them(client: Client, team: Team) -> None:
    case = make_case(team)
    typed = case.code.replace("-", "").lower().replace("o", "0").replace("i", "1").replace("b", "8")
    assert f"Application {case.number}" in words(ask(client, f" {case.number.lower()} ", f" {typed[:5]} {typed[5:]} "))


def test_an_empty_field_is_named_beside_it(client: Client) -> None:
    html = ask(client, "", "").content.decode()
    assert html.count("govuk-form-group--error") == 2
    assert 'aria-describedby="id_number_helptext id_number_error"' in html
    assert 'href="#id_number"' in html


def test_unknown_number_and_wrong_code_give_the_same_answer(client: Client, team: Team) -> None:
    case = make_case(team)
    unknown = f"{case.number[:-5]}99999"
    answers = [ask(client, number, wrong(case)) for number in (case.number, unknown)]
    assert [answer.status_code for answer in answers] == [200, 200]
    bodies = [without_token(answer).replace(case.number, "N").replace(unknown, "N") for answer in answers]
    assert bodies[0] == bodies[1]
    assert "No application has this number together with this code." in bodies[0]


def test_the_code_is_compared_for_an_unknown_number_too(client: Client, monkeypatch: Any) -> None:
    compared = []
    monkeypatch.setattr(public, "same_code", lambda expected, typed: compared.append((expected, typed)) or True)
    assert "No application has this number" in words(ask(client, "SHM-2026-99999", "AAAAA-AAAAA"))
    assert len(compared) == 1
    assert len(compared[0][0]) == len("AAAAA-AAAAA")


def test_the_answer_is_kept_nowhere(client: Client, team: Team) -> None:
    case = make_case(team)
    response = ask(client, case.number, case.code)
    assert response["Cache-Control"] == "no-store"
    html = response.content.decode()
    assert 'action="/status/"' in html
    assert f"?number={case.number}" not in html
    assert client.get("/status/", {"number": case.number, "code": case.code}).content.decode().count(case.number) <= 1


def test_the_page_works_by_a_script_of_its_own_file_only(client: Client) -> None:
    html = client.get("/status/").content.decode()
    assert re.findall(r"<script(?![^>]* src=)", html) == []
    assert "js/status.js" in html


def test_one_look_costs_at_most_six_statements(
    client: Client, team: Team, moment: Any, django_assert_max_num_queries: Any
) -> None:
    case = make_case(team, "E8", state=State.ASSIGNED)
    ask(client, case.number, case.code)
    with django_assert_max_num_queries(6):
        ask(client, case.number, case.code)


# ------------------------------------------------------------------ tries


def test_after_ten_wrong_tries_a_minute_an_address_must_wait(client: Client, team: Team, moment: Any) -> None:
    case = make_case(team)
    for _try in range(10):
        assert ask(client, case.number, wrong(case)).status_code == 200
    refused = ask(client, case.number, case.code)
    assert refused.status_code == 429
    assert 1 <= int(refused["Retry-After"]) <= 60
    assert "Too many tries" in words(refused)
    assert f'value="{case.number}"' in refused.content.decode()
    assert ask(client, case.number, case.code, REMOTE_ADDR="203.0.113.9").status_code == 200
    moment(FRIDAY + timedelta(hours=1, minutes=1))
    assert f"Application {case.number}" in words(ask(client, case.number, case.code))


def test_right_tries_do_not_count(client: Client, team: Team, moment: Any) -> None:
    case = make_case(team)
    assert {ask(client, case.number, case.code).status_code for _try in range(12)} == {200}


def test_an_ipv6_network_counts_as_one_address(client: Client, moment: Any) -> None:
    for last in range(10):
        ask(client, "SHM-2026-99999", "AAAAA-AAAAA", REMOTE_ADDR=f"2001:db8:0:1::{last}")
    assert ask(client, "SHM-2026-99999", "AAAAA-AAAAA", REMOTE_ADDR="2001:db8:0:1::ff").status_code == 429
    assert ask(client, "SHM-2026-99999", "AAAAA-AAAAA", REMOTE_ADDR="2001:db8:0:2::1").status_code == 200


def test_behind_our_proxy_the_visitor_counts_and_a_forged_address_does_not(
    client: Client, moment: Any, settings: Any
) -> None:
    def ask_through(forwarded: str) -> int:
        return ask(client, "SHM-2026-99999", "AAAAA-AAAAA", HTTP_X_FORWARDED_FOR=forwarded).status_code

    settings.SERVED_BY_HTTPS = True
    for n in range(10):
        ask_through(f"198.51.100.{n}, 203.0.113.5")
    assert ask_through("203.0.113.5") == 429
    assert ask_through("203.0.113.6") == 200
    settings.SERVED_BY_HTTPS = False
    assert ask_through("203.0.113.5") == 200
