"""How heavy the pages are: statements that do not grow with the rows, and bytes.

The numbers count everything a page asks, the session, the person and his powers included. A page that gets lighter lowers
its number here; a page that gets heavier has to say why.
"""

from __future__ import annotations

import gzip
import uuid
from collections.abc import Callable
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from applications import actions, shipping
from applications.models import Case
from applications.workflow import State
from tests.factories import (
    FRIDAY,
    Team,
    decide,
    edition,
    make_case,
    make_centre_case,
    make_centre_team,
    make_iin,
    make_staff,
    make_team,
    office,
)
from tests.pages import Page, post, sign_in, visit

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("moment", "_warm")]
Look = Callable[[], Page]
CASE_PAGE, STATUS_PAGE, COUNTER_PAGE = 14, 4, 7
# One of each is the row in the outbox that stands for the paper.
# A signature also keeps in the session what the next page says of it (two statements: no cookie names a case).
REGISTRATION, SIGNATURE = 28, 31


@pytest.fixture
def _warm(monkeypatch: Any) -> None:
    """A process that has just looked whether the calendar changed: it asks once a second at most."""
    monkeypatch.setattr("offices.calendars.time_module", SimpleNamespace(monotonic=lambda: 1_000.0))


@pytest.fixture
def team() -> Team:
    return make_team()


def statements(look: Look) -> int:
    """How many statements a page costs, the second time it is asked for."""
    assert look().status in (200, 302)
    with CaptureQueriesContext(connection) as asked:
        look()
    return len(asked)


def looks(team: Team) -> dict[str, tuple[Look, int]]:
    """Lists with the statements each may cost."""
    head, clerk = sign_in(team.head), sign_in(team.clerk)
    accumulator = sign_in(make_staff("south:centre-shymkent-1", "centre_accumulator"))
    return {
        "my work": (lambda: visit(head, "/work/"), 5),
        "all under way": (lambda: visit(clerk, "/work/?only=all"), 5),
        "overdue": (lambda: visit(clerk, "/work/?only=overdue"), 5),
        "journal": (lambda: visit(clerk, "/journal/"), 6),
        "record book": (lambda: visit(clerk, "/journal/?book=record"), 6),
        "export": (lambda: exported(clerk), 13),  # six of them take its place, count it and leave the place
        "search": (lambda: post(clerk, "/search/", q="ақбөпе"), 5),
        "packages": (lambda: visit(accumulator, "/packages/"), 9),
        "scanning": (lambda: visit(accumulator, "/packages/collect/"), 5),
    }


def exported(client: Client) -> Page:
    """The journal as a file, read to its end."""
    page = visit(client, "/journal/?format=csv")
    response: Any = page.response
    assert b"".join(response.streaming_content)
    return page


def test_no_list_asks_more_for_thirty_rows_than_for_three(team: Team) -> None:
    centre = make_centre_team()

    def more(number: int) -> None:
        for _row in range(number):
            make_case(team)
            make_case(team, "E5", state=State.RECORDED)
            make_centre_case(team, centre)
            case = make_centre_case(team, centre, state=State.COLLECTED)
            shipping.dispatch([case.centre_number], by=centre.accumulator, at=FRIDAY + timedelta(minutes=20))

    more(3)
    few = {name: statements(look) for name, (look, _most) in looks(team).items()}
    more(9)
    many = {name: statements(look) for name, (look, _most) in looks(team).items()}
    assert many == few
    assert {name: cost for name, cost in many.items() if cost > looks(team)[name][1]} == {}


def test_an_observer_of_many_offices_and_a_substitute_pay_one_statement_more(team: Team) -> None:
    for key in ("south:shymkent", "south:arys", "south:kentau", "south:sozak"):
        make_case(make_team(key))
    observer = sign_in(make_staff("south:arys", "observer"))
    assert statements(lambda: visit(observer, "/work/?only=all")) <= 6
    deputy = make_staff("south:shymkent", "clerk").user
    term = {"valid_from": FRIDAY.date(), "valid_to": FRIDAY.date(), "order_date": FRIDAY.date()}
    deputy.substitutions.create(office=team.office, order_number="1", absent=team.head.user, role="head", **term)
    substitute = sign_in(make_staff("south:shymkent", "clerk", user=deputy))
    assert statements(lambda: visit(substitute, "/work/")) <= 6


def test_the_case_page_does_not_grow_with_the_past_of_the_case(team: Team) -> None:
    short = make_case(team, state=State.PREPARED, refused=True)
    long = make_case(team, state=State.PREPARED, refused=True)
    for minute in range(10, 40, 3):
        at = FRIDAY + timedelta(minutes=minute)
        long = actions.return_for_rework(long, reason="Қайта", by=team.head, at=at)
        long = decide(long, team, refused=True, at=at + timedelta(minutes=1))
    head = sign_in(team.head)
    costs = [statements(lambda case=case: visit(head, f"/cases/{case.pk}/")) for case in (short, long)]
    assert costs[1] == costs[0] <= CASE_PAGE
    assert statements(lambda: visit(head, f"/cases/{long.pk}/sign/")) <= CASE_PAGE


def test_the_status_of_a_case_costs_the_same_in_every_state(team: Team) -> None:
    cases = [make_case(team, state=state) for state in (State.REGISTERED, State.PREPARED, State.HANDED_OVER)]
    costs = [
        statements(lambda case=case: post(Client(), "/status/", number=case.number, code=case.code)) for case in cases
    ]
    assert max(costs) <= STATUS_PAGE


def test_the_counter_page_costs_the_same_for_two_papers_and_for_sixteen(team: Team) -> None:
    clerk = sign_in(team.clerk)
    kokshetau = sign_in(make_staff("akmola:kokshetau", "clerk"))
    paths = [
        (clerk, f"/register/{team.office.pk}/{edition('E5').pk}/"),
        (kokshetau, f"/register/{office('akmola:kokshetau').pk}/{edition('E13').pk}/"),
    ]
    costs = [statements(lambda client=client, path=path: visit(client, path)) for client, path in paths]
    assert max(costs) <= COUNTER_PAGE


def test_a_registration_and_a_signature_cost_a_known_number_of_statements(team: Team) -> None:
    page = visit(sign_in(team.clerk), f"/register/{team.office.pk}/{edition('E8').pk}/")
    typed = {"last_name": "Өтеген", "first_name": "Сәуле", "all_here": "on", "do": "register"}
    page.send(iin=make_iin(), token=uuid.uuid4(), **typed)  # the first one fills the books of the year
    with CaptureQueriesContext(connection) as registering:
        assert page.send(iin=make_iin(), **typed).status == 302
    case = make_case(team, state=State.PREPARED)
    make_case(team, state=State.SIGNED)
    page = visit(sign_in(team.head), f"/cases/{case.pk}/sign/")
    with CaptureQueriesContext(connection) as signing:
        assert page.send().status == 302
    assert len(registering) <= REGISTRATION
    assert len(signing) <= SIGNATURE


# ------------------------------------------------------------------ bytes


def packed(page: Page) -> int:
    """What goes over the line, in bytes."""
    return len(gzip.compress(page.response.content, 6))


def test_the_pages_that_staff_live_in_stay_under_twenty_kilobytes(team: Team) -> None:
    for _row in range(30):
        case = make_case(team, state=State.ASSIGNED)
    executor, clerk = sign_in(team.executor, "kk"), sign_in(team.clerk, "kk")
    heavy = {
        "work list": visit(executor, "/work/"),
        "case": visit(executor, f"/cases/{case.pk}/"),
        "journal": visit(clerk, "/journal/"),
        "counter": visit(clerk, f"/register/{team.office.pk}/{edition('E8').pk}/"),
    }
    assert {name: packed(page) for name, page in heavy.items() if packed(page) > 20 * 1024} == {}
    assert max(packed(page) for page in heavy.values()) < 8 * 1024
    assert len(heavy["work list"].response.content) < 40 * 1024
    assert Case.objects.count() == 30
