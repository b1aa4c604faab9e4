"""Every page can be read by everybody: axe finds no fault, nothing is cut off on a telephone, the heading stands there first.

Axe finds nothing on a page that is not there either, so each stop looks at the heading before it asks axe. The stops are
compared with the table of routes: a page that nobody has looked at fails here.
"""

from __future__ import annotations

from datetime import timedelta

import pytest
from axe_playwright_python.base import AXE_SCRIPT

from applications.workflow import State
from tests.factories import (
    FRIDAY,
    edition,
    make_case,
    make_person,
    make_team,
)
from tests.journeys.people import Scene, Visitor

pytestmark = pytest.mark.journey

WIDTHS = (1280, 360)
# Answers without a page: files, redirects, and what a machine asks.
NO_PAGE = {"health", "set_language", "logout", "attachment", "paper"}
VISITED = {
    "home", "login", "service_list", "service_detail", "office_list", "office_detail", "status",
    "my_work", "register", "take_in", "case", "act", "packages", "scan", "journal", "search",
}  # fmt: skip


def test_the_pages_for_everybody(scene: Scene) -> None:
    team = make_team("south:shymkent")
    registered = make_case(team, "E8", at=FRIDAY - timedelta(minutes=30))
    waiting = make_case(make_team("akmola:kokshetau"), "E13", state=State.ASSIGNED, at=FRIDAY - timedelta(minutes=30))
    citizen = scene.citizen()
    for path in ("/", "/services/", "/services/?q=кресло", "/offices/", "/offices/?q=nowhere", "/login/", "/status/"):
        _stop(citizen, path)
    for code in ("zhambyl-2008-120-1", "south-2012-370-3", "akmola-2008-428"):
        _stop(citizen, f"/services/{code}/")
    for key in ("south:shymkent", "south:centre-shymkent-1", "zhambyl:taraz"):
        _stop(citizen, f"/offices/{key}/")
    for case in (registered, waiting):
        citizen.looks_up(case.number, case.code)
        _reads_well(citizen)
    citizen.looks_up(registered.number, waiting.code)
    citizen.reads("No application has this number together with this code. Check both on the talon.")
    _reads_well(citizen)
    _stop(citizen, "/nothing/", status=404)


def test_the_log_in_that_fails(scene: Scene) -> None:
    citizen = scene.citizen()
    citizen.opens("/login/")
    for _ in range(5):
        citizen.fills(citizen.page.locator("main form"), username="somebody", password="wrong")
        citizen.follows(citizen.page.locator("main form button"))
        if citizen.heading() == citizen.words("Log in"):
            continue
    citizen.reads("Too many tries")
    _reads_well(citizen)
    _stop(citizen, "/login/")


def test_the_pages_of_the_counter(scene: Scene) -> None:
    team, known = make_team("south:shymkent"), make_person()
    make_case(team, "E8", person=known, at=FRIDAY - timedelta(days=60))
    clerk = scene.official(team.clerk)
    for path in (
        "/work/",
        "/work/?only=all",
        "/work/?only=overdue",
        "/register/",
        "/packages/",
        "/journal/",
        "/search/",
    ):
        _stop(clerk, path)
    _stop(clerk, "/journal/?book=record")
    clerk.finds(known.last_name)
    _stop(clerk, "/admin/", status=403)

    clerk.chooses_service(edition("E8"), team.office)
    clerk.takes_down(iin=known.iin)
    clerk.looks_up_the_iin()
    _reads_well(clerk)
    clerk.takes_down(last_name="")
    clerk.presses("register")
    assert clerk.page.locator(".govuk-error-summary").count()
    _reads_well(clerk)


def test_the_pages_of_a_case_wherever_it_stands(scene: Scene) -> None:
    team = make_team("south:shymkent")
    staff = dict(zip(("clerk", "head", "executor"), scene.officials(team.clerk, team.head, team.executor), strict=True))
    cases = {state: make_case(team, "E8", state=state, at=FRIDAY - timedelta(minutes=30)) for state in _STATES}
    for state, (role, acts) in _STATES.items():
        person = staff[role]
        _stop(person, f"/cases/{cases[state].pk}/")
        for act in acts:
            _stop(person, f"/cases/{cases[state].pk}/{act}/")


# Where a case stands, who has it on the desk, and which pages of acts he may open.
_STATES: dict[str, tuple[str, tuple[str, ...]]] = {
    State.REGISTERED: ("head", ("assign", "withdraw")),
    State.ASSIGNED: ("executor", ("prepare", "attach")),
    State.PREPARED: ("head", ("sign", "return_for_rework")),
    State.SIGNED: ("executor", ("enter_in_record_book",)),
    State.RECORDED: ("executor", ("hand_over", "tell")),
    State.HANDED_OVER: ("clerk", ()),
}


def _stop(person: Visitor, path: str, *, status: int = 200) -> None:
    person.opens(path, status=status)
    _reads_well(person)


def _reads_well(person: Visitor) -> None:
    """The page has its heading, fits every width, and axe finds no fault at any."""
    person.page.evaluate(AXE_SCRIPT)
    for width in WIDTHS:
        person.page.set_viewport_size({"width": width, "height": 900})
        person.looks()
        faults = person.page.evaluate(_AXE)
        assert not faults, f"{person.page.url} at {width} px: {faults}"


_AXE = """async () => {
  const found = await axe.run({resultTypes: ["violations"], preload: false});
  return found.violations.map((fault) => `${fault.id}: ${fault.help}: ${fault.nodes.map((node) => node.html).slice(0, 3)}`);
}"""
