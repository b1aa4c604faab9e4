"""Guessing at the status check: numbers and codes by the thousand, from several places, tell nothing and stop nobody else.

A short run in the ordinary suite; FUZZ=10000 makes the long one.
"""

from __future__ import annotations

import os
import random
import re
from collections import Counter
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.utils.html import escape

from applications import actions, data_rights
from applications.models import Case
from applications.workflow import State
from tests.applications.test_status import ask, without_token, words, wrong
from tests.factories import FRIDAY, Team, make_case, make_centre_case, make_centre_team, make_person, make_team

pytestmark = pytest.mark.django_db
GUESSES = int(os.environ.get("FUZZ", "300"))
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
PLACES = ["198.51.100.1", "198.51.100.2", "203.0.113.77", "192.0.2.200"]
PERSON = {"last_name": "Құпиясыбаева", "first_name": "Ақбөпе", "patronymic": "Өтегенқызы", "phone": "+77010000000",
          "address": "Абай көшесі 1", "email": "a@example.kz"}  # fmt: skip


@pytest.fixture
def team() -> Team:
    return make_team()


def code(rng: random.Random) -> str:
    """A code as somebody guesses it."""
    return "".join(rng.choice(LETTERS) for _ in range(10))


# ------------------------------------------------------------------ by the thousand


@pytest.mark.usefixtures("_quiet")
def test_guesses_find_nothing_are_stopped_and_a_citizen_elsewhere_is_served(team: Team) -> None:
    case, rng, answers = make_case(team, state=State.ASSIGNED), random.Random(18), Counter[int]()
    clients = {place: Client() for place in PLACES}
    refused_from: dict[str, int] = {}
    with time_machine.travel(FRIDAY + timedelta(hours=1), tick=False) as clock:
        for turn in range(GUESSES):
            place = PLACES[turn % len(PLACES)]
            forged = {"REMOTE_ADDR": place, "HTTP_X_FORWARDED_FOR": f"10.0.{turn % 250}.{turn % 199}",
                      "HTTP_X_REAL_IP": "10.1.1.1", "HTTP_FORWARDED": "for=10.1.1.2"}  # fmt: skip
            answer = ask(clients[place], case.number, code(rng), **forged)
            answers[answer.status_code] += 1
            assert "An executor is working" not in answer.content.decode()
            if answer.status_code == 429:
                refused_from.setdefault(place, turn // len(PLACES) + 1)
            if turn % 200 == 199:
                assert ask(Client(), case.number, case.code, REMOTE_ADDR="203.0.113.9").status_code == 200
                clock.shift(timedelta(seconds=20))
        served = ask(Client(), case.number, case.code, REMOTE_ADDR="203.0.113.9")
    assert f"Application {case.number}" in words(served), "no lock on the number"
    assert refused_from == dict.fromkeys(PLACES, 11)
    assert set(answers) == {200, 429}
    if "FUZZ" in os.environ:
        print(f"\n{GUESSES} guesses: {dict(answers)}")


@pytest.fixture
def _quiet(monkeypatch: Any) -> None:
    monkeypatch.setattr("logging.StreamHandler.emit", lambda *args: None)
    monkeypatch.setattr("_pytest.logging.LogCaptureHandler.emit", lambda *args: None)


def test_a_network_of_many_addresses_has_its_sixty_tries_and_no_more(team: Team) -> None:
    case = make_case(team)
    with time_machine.travel(FRIDAY + timedelta(hours=1), tick=False):
        statuses = [
            ask(Client(), case.number, wrong(case), REMOTE_ADDR=f"198.51.100.{host}").status_code
            for host in range(1, 64)
        ]
        assert statuses == [200] * 60 + [429] * 3
        assert ask(Client(), case.number, case.code, REMOTE_ADDR="198.51.100.250").status_code == 429
        assert ask(Client(), case.number, case.code, REMOTE_ADDR="198.51.101.1").status_code == 200
        other = [
            ask(Client(), case.number, wrong(case), REMOTE_ADDR=f"2001:db8:5:{host:x}::1").status_code
            for host in range(61)
        ]
        assert (other[-2:], ask(Client(), case.number, case.code, REMOTE_ADDR="2001:db8:6::1").status_code) == (
            [200, 429],
            200,
        )


# ------------------------------------------------------------------ the same answer


def whole(answer: Any, *typed: str) -> tuple[int, list[tuple[str, str]], str]:
    """Status, headers and body, without what was typed and the form's own secret."""
    body = without_token(answer)
    for text in typed:
        body = body.replace(escape(text), "TYPED") if text else body
    length = [("Content-Length", str(len(body)))]
    headers = sorted((name, value) for name, value in answer.headers.items() if name != "Content-Length")
    return answer.status_code, headers + length, body


def test_whatever_is_wrong_the_answer_is_the_same_to_the_byte(
    team: Team, settings: Any, tmp_path: Any, client: Client
) -> None:
    settings.ERASURES_FILE = tmp_path / "erasures.jsonl"
    case, far = make_case(team), make_case(make_team("akmola:kokshetau"))
    erased = make_case(team, state=State.HANDED_OVER)
    before = words(ask(client, erased.number, erased.code))
    assert f"Application {erased.number}" in before
    data_rights.erase(erased, reason="retention term", at=FRIDAY + timedelta(days=3000))
    tries = {
        "no such number": (f"{case.number[:-5]}99999", case.code),
        "wrong code": (case.number, wrong(case)),
        "the next number": (f"{case.number[:-5]}{int(case.number[-5:]) + 1:05d}", case.code),
        "another office": (far.number, case.code),
        "the code of another case": (case.number, far.code),
        "erased": (erased.number, erased.code),
        "the identifier": (case.person.iin, case.code),
        "no number at all": ("' OR 1=1 --", "AAAAA-AAAAA"),
    }
    answers = {
        name: whole(ask(Client(), *typed, REMOTE_ADDR=f"203.0.{n}.1"), *typed)
        for n, (name, typed) in enumerate(tries.items())
    }
    for name, answer in answers.items():
        assert answer == answers["no such number"], name
    assert "No application has this number together with this code." in answers["erased"][2]


@pytest.mark.parametrize("language", ["kk", "ru", "en"])
def test_number_or_identifier_alone_opens_nothing_and_nothing_is_asked_by_address(team: Team, language: str) -> None:
    case = make_case(team, state=State.ASSIGNED)
    unknown = f"{case.number[:-5]}99999"
    alone = [whole(ask(Client(), number, "", language), number) for number in (case.number, unknown, case.person.iin)]
    assert alone[0] == alone[1] == alone[2]
    by_address = [Client().get("/status/", {"number": number, "code": case.code}) for number in (case.number, unknown)]
    assert without_token(by_address[0]) == without_token(by_address[1])  # type: ignore[arg-type]
    sent_beside: Any = Client().post(f"/status/?number={case.number}&code={case.code}", {})
    assert str(case.get_state_display()) not in words(sent_beside)
    assert case.number not in words(sent_beside)


def test_a_code_is_fifty_bits_unlike_any_other_and_unrelated_to_what_is_known(team: Team) -> None:
    cases = [make_case(team) for _ in range(12)]
    codes = {case.code for case in cases}
    assert len(codes) == len(cases)
    assert all(re.fullmatch(f"[{LETTERS}]{{5}}-[{LETTERS}]{{5}}", text) for text in codes)
    assert len({text[0] for text in codes}) > 3


# ------------------------------------------------------------------ nothing personal, in every state and language


def lives(team: Team) -> list[Case]:
    """A case in every state in which one can be asked for, of one known person."""
    person, at = make_person(**PERSON), FRIDAY + timedelta(minutes=5)
    reached = [
        State.REGISTERED,
        State.ASSIGNED,
        State.PREPARED,
        State.SIGNED,
        State.RECORDED,
        State.TOLD,
        State.HANDED_OVER,
    ]
    cases = [
        make_case(team, state=state, refused=refused, person=person) for state in reached for refused in (False, True)
    ]
    centre = make_centre_team()
    cases += [
        make_centre_case(team, centre, state=state) for state in (State.AT_CENTRE, State.COLLECTED, State.DISPATCHED)
    ]
    cases.append(actions.withdraw(make_case(team, person=person), reason="көшіп кетті құпия", by=team.head, at=at))
    cases.append(actions.annul(make_case(team, person=person), reason="қате құпия", by=team.clerk, at=at))
    return cases


def test_nothing_personal_is_shown_in_any_state_and_language(team: Team) -> None:
    staff = [getattr(team, role).user.last_name for role in ("clerk", "head", "executor", "deputy")]
    checked = set()
    for number, case in enumerate(lives(team)):
        person = case.person
        secrets = [value for value in (person.last_name, person.first_name, person.patronymic, person.iin, person.phone,
                                       person.address, person.email) if value]  # fmt: skip
        decision = case.decisions.last()
        secrets += [*staff, "құпия", case.code, *([decision.facts] if decision and decision.facts else [])]
        for language in ("kk", "ru", "en"):
            answer = ask(Client(), case.any_number, case.code, language, REMOTE_ADDR=f"203.0.{number}.1")
            html = answer.content.decode()
            assert case.any_number in html, (case.state, language)
            assert [secret for secret in secrets if secret in html] == [], (case.state, language)
            checked.add((case.state, language))
    assert len(checked) == 12 * 3
