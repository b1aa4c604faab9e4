"""Every page can be read by everybody: axe finds no fault, nothing is cut off on a telephone, the heading stands there first.

Axe finds nothing on a page that is not there either, so each stop looks at the heading before it asks axe. The stops are
compared with the table of routes: a route that nobody has thought of here fails.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any

import pytest
from axe_playwright_python.base import AXE_SCRIPT  # type: ignore[import-untyped]
from django.urls import URLPattern, get_resolver

from applications.models import Case
from applications.workflow import State
from kpi.actions import quality
from tests.complaints.makers import bring_to, make_refused_complaint
from tests.factories import (
    FRIDAY,
    edition,
    found,
    make_case,
    make_centre_case,
    make_centre_team,
    make_person,
    make_staff,
    make_team,
    make_visit,
    make_window,
)
from tests.journeys.people import PASSWORD, Scene, Visitor
from tests.journeys.test_waiting_hall import sets_up

pytestmark = pytest.mark.journey

EARLIER = FRIDAY - timedelta(minutes=30)
# A desk and a telephone. What axe finds differs little between languages, so the second one is asked where room is short.
WIDTHS = {"kk": (1280, 360), "ru": (360,)}
VISITED = {
    "home", "login", "account_login", "mfa_authenticate", "mfa_index", "mfa_activate_totp", "mfa_deactivate_totp",
    "mfa_add_webauthn", "recovery_codes", "change_password",
    "find", "service_list", "service_detail", "checklist", "blank", "office_list", "office_detail", "status",
    "prepare", "prepared", "open_prepared", "open_index", "follow", "stop_following",
    "complain", "complain_form", "complain_status", "my_complaints", "complaints", "complaint_register", "complaint_search",
    "complaint", "complaint_act",
    "annex", "comparison", "sheet", "replay_choice", "replay", "calendar_year",
    "hall", "hall_talon", "hall_slip", "hall_window", "hall_devices", "hall_open", "hall_kiosk", "hall_kiosk_talon",
    "hall_screen", "survey", "quality", "quality_sample", "quality_check",
    "indicators", "indicator_cell", "indicator_trends", "indicator_offices", "indicator_minutes", "targets", "closed_periods",
    "morning",
    # in test_readable_keeping.py
    "law_list", "law_import", "law_archive", "law_edition", "law_main", "law_copy", "law_amend", "law_difference", "law_history",
    "law_part", "law_row", "service_changes", "sign_many", "paper_signature", "verify", "case_data", "data_requests",
    "data_request", "closed_period", "target_approve",
    "my_work", "register", "take_in", "case", "case_figures", "act", "packages", "scan", "journal", "search",
}  # fmt: skip
# Answers without a page: files, redirects, and what a machine asks.
NO_PAGE = {
    "health",
    "robots",
    "sitemap",
    "open_set",
    "open_description",
    "set_language",
    "logout",
    "hall_screen_now",
    "hall_survey",
    "hall_withdraw_device",
    "kept_form",
    "end_other_sessions",
    "mfa_remove_webauthn",
    "attachment",
    "annex_file",
    "sheet_file",
    "calendar",
    "complaint_file",
    "complaint_paper",
    "paper",
    "full_iin",  # the case page again
    "indicator_export",
    "law_everything",
    "law_export",
    "office_calendar",
    "office_card",
}


def test_every_route_is_looked_at_here_or_has_no_page() -> None:
    assert set(_names(get_resolver().url_patterns)) == VISITED | NO_PAGE


def test_axe_would_tell(scene: Scene) -> None:
    citizen = scene.citizen()
    citizen.opens("/login/")
    citizen.page.evaluate("document.querySelector('main label').remove()")
    with pytest.raises(AssertionError, match="must have labels"):
        _reads_well(citizen)


def test_the_pages_for_everybody(scene: Scene) -> None:
    registered = make_case(make_team("south:shymkent"), "E8", at=EARLIER)
    waiting = make_case(make_team("akmola:kokshetau"), "E13", state=State.ASSIGNED, at=EARLIER)
    citizen = scene.citizen()
    for path in (
        "/",
        "/services/",
        "/services/?q=кресло",
        "/open/",
        "/find/?q=коляска",
        "/find/?q=хххх",
        "/offices/",
        "/offices/?q=nowhere",
        "/offices/?service=wheelchair",
        "/status/",
    ):
        _stop(citizen, path)
    for code in ("zhambyl-2008-120-1", "south-2012-370-3", "akmola-2008-428"):
        _stop(citizen, f"/services/{code}/")
    for path in ("?narrow=1&fits=child", "checklist/?narrow=1&fits=child", "form/"):
        _stop(citizen, f"/services/akmola-2008-428/{path}")
    for key in ("south:shymkent", "south:centre-shymkent-1"):
        _stop(citizen, f"/offices/{key}/")
    for case in (registered, waiting):
        citizen.looks_up(case.number, case.code)
        _reads_well(citizen)
    for typed in ("x", "+49 170 1234567"):
        follow = citizen.page.locator('form[action="/status/follow/"]')
        if not follow.is_visible():
            citizen.page.locator("details:has(form) summary").click()
        citizen.fills(follow, phone=typed)
        citizen.follows(follow.locator("button"))
        _reads_well(citizen)
    stop = f"/status/stop/{waiting.followers.get().key}/"
    _stop(citizen, stop)
    citizen.sends()
    _reads_well(citizen)
    citizen.looks_up(registered.number, waiting.code)
    citizen.reads("No application has this number together with this code. Check both on the talon.")
    _reads_well(citizen)
    _stop(citizen, "/nothing/", status=404)


def test_the_pages_of_the_law_printed_back(scene: Scene) -> None:
    citizen = scene.citizen()
    for path in (
        "south-2012-370-3/annex/",
        "south-2012-370-6/comparison/",
        "akmola-2008-428/annex/",
        "north-2008-32/sheet/",
    ):
        _stop(citizen, f"/services/{path}")


def test_the_pages_of_those_who_look_ahead(scene: Scene) -> None:
    make_case(make_team("south:shymkent"), "E8", state=State.TOLD, at=EARLIER)
    make_case(make_team("south:shymkent"), "E8", at=EARLIER)
    official = scene.official(make_staff("south:shymkent", "administrator"), starts_at="/admin/")
    tried = "start=2026-01-01&end=2026-12-31&sign_amount=1&sign_unit=minute&overall_amount=1&overall_unit=minute"
    for path in ("/replay/", "/replay/south-2012-370-4/", f"/replay/south-2012-370-4/?{tried}", "/calendar/2026/"):
        _stop(official, path)
    _stop(official, "/replay/south-2012-370-4/?start=2026-01-01&end=2025-01-01", status=400)
    official.opens("/calendar/")
    official.page.locator("main details summary").last.click()
    official.fills(
        official.page.locator("main form[method=post]"), **{"days-1-day": "2026-03-18", "days-1-name_kk": "Жөндеу"}
    )
    official.follows(official.page.locator("button[value=preview]"))
    _reads_well(official)
    rest = {"days-1-kind": "closed", "days-1-name_ru": "Ремонт", "common_source": "№ 5"}
    official.fills(official.page.locator("main form[method=post]"), **rest)
    official.follows(official.page.locator("button[value=preview]"))
    assert official.page.locator("button[value=confirm]").count()
    _reads_well(official)


def test_the_pages_of_what_is_prepared_at_home(scene: Scene) -> None:
    team = make_team("south:shymkent")
    citizen = scene.citizen()
    _stop(citizen, "/prepare/south-2012-370-4/")
    citizen.sends(phone="x")
    _reads_well(citizen)
    citizen.sends(office=str(team.office.pk), last_name="Әбдіқадырова", first_name="Гүлшат", phone="")
    _reads_well(citizen)
    code = citizen.page.locator("[data-code]").inner_text()
    _stop(citizen, "/prepare/")
    citizen.sends(code="AAAAA-AAAAA")
    _reads_well(citizen)
    citizen.sends(code=code)
    _reads_well(citizen)
    clerk = scene.official(team.clerk, starts_at="/work/")
    for typed in ("AAAAA-AAAAA", code):
        clerk.opens("/register/")
        clerk.sends(code=typed)
        _reads_well(clerk)


def test_the_log_in_that_fails_too_often(scene: Scene) -> None:
    citizen = scene.citizen()
    _stop(citizen, "/login/")
    for tries in range(1, 7):
        citizen.fills(citizen.page.locator("main form"), username="somebody", password="wrong")
        citizen.follows(citizen.page.locator("main form button"))
        if tries in (1, 6):
            _reads_well(citizen)
    citizen.reads(
        "Too many tries from your place. Wait %(minutes)d minutes, then try again. Nobody is locked out for good.",
        minutes=3,
    )


def test_the_pages_of_ones_own_account(scene: Scene) -> None:
    clerk = scene.official(make_staff("south:shymkent", "clerk"))
    for path in ("/account/", "/account/app/remove/", "/account/keys/add/", "/account/password/", "/account/codes/"):
        _stop(clerk, path)
    clerk.follows(clerk.page.locator("main form button"))
    _reads_well(clerk)
    newcomer = scene.citizen()
    staff = make_staff("south:shymkent", "executor")
    newcomer.opens("/login/")
    newcomer.fills(newcomer.page.locator("main form"), username=staff.user.username, password=PASSWORD)
    newcomer.follows(newcomer.page.locator("main form button"))
    _reads_well(newcomer)
    _stop(newcomer, "/account/app/")


def test_the_pages_of_the_counter(scene: Scene) -> None:
    team, known = make_team("south:shymkent"), make_person()
    make_case(team, "E8", person=known, at=FRIDAY - timedelta(days=60))
    make_case(team, "E12", at=EARLIER)
    clerk = scene.official(team.clerk)
    for path in ("/work/", "/work/?only=all", "/work/?only=overdue", "/register/", "/packages/", "/search/"):
        _stop(clerk, path)
    for book in ("registration", "record"):
        _stop(clerk, f"/journal/?book={book}")
    for name in ("Нұрмұхаммедова", "Ешкім"):
        clerk.finds(name)
        _reads_well(clerk)

    clerk.chooses_service(edition("E8"), team.office)
    clerk.takes_down(iin=known.iin)
    clerk.looks_up_the_iin()
    _reads_well(clerk)
    clerk.takes_down(last_name="")
    clerk.presses("register")
    assert clerk.page.locator(".govuk-error-summary").count()
    _reads_well(clerk)
    _stop(clerk, "/admin/", status=403)


# Where a case stands, on whose desk, and the acts there that have a page with a form of their own.
_DESKS: dict[str, tuple[str, tuple[str, ...]]] = {
    State.ASSIGNED: ("executor", ("prepare", "attach", "withdraw")),
    State.SIGNED: ("executor", ()),
    State.RECORDED: ("executor", ("hand_over", "tell")),
    State.HANDED_OVER: ("executor", ()),
    State.REGISTERED: ("head", ("assign",)),
    State.PREPARED: ("head", ("return_for_rework",)),
}


def test_the_pages_of_a_case_wherever_it_stands(scene: Scene) -> None:
    team = make_team("south:shymkent")
    head, executor = scene.officials(team.head, team.executor)
    for state, (role, acts) in _DESKS.items():
        person = head if role == "head" else executor
        case = make_case(team, "E8", state=state, at=EARLIER)
        _stop(person, f"/cases/{case.pk}/")
        for act in acts:
            _stop(person, f"/cases/{case.pk}/{act}/")
    head.tries("return_for_rework", reason=" ")
    _reads_well(head)
    for case in Case.objects.filter(state__in=(State.REGISTERED, State.HANDED_OVER)):
        _stop(head, f"/indicators/cases/{case.pk}/")


def test_the_pages_of_a_case_that_waits_for_somebody_outside(scene: Scene) -> None:
    team, law = make_team("akmola:kokshetau"), edition("E13")
    incomplete = make_case(team, "E13", state=State.INCOMPLETE, documents=found(law, no1="missing"), at=EARLIER)
    waiting = make_case(team, "E13", state=State.ASSIGNED, at=EARLIER)
    clerk, executor = scene.officials(team.clerk, team.executor)
    _stop(clerk, f"/cases/{incomplete.pk}/")
    _stop(clerk, f"/register/{team.office.pk}/{law.pk}/")
    _stop(executor, f"/cases/{waiting.pk}/record_commission/")


def test_the_pages_of_complaints(scene: Scene) -> None:
    team, other = make_team("south:shymkent"), make_staff("south:shymkent", "executor")
    complaint = bring_to(make_refused_complaint(team, at=EARLIER), team, "considered", at=EARLIER, other=other)
    deputy, clerk, citizen = scene.official(team.deputy), scene.official(team.clerk), scene.citizen()
    for path in ("/work/complaints/", "/complaints/", "/complaints/search/", f"/complaints/{complaint.pk}/"):
        _stop(deputy, path)
    for act in ("return_for_rework", "forward", "withdraw"):
        _stop(deputy, f"/complaints/{complaint.pk}/{act}/")
    _stop(clerk, "/complaints/register/")
    clerk.follows(clerk.page.locator("main form button"))
    _reads_well(clerk)
    for path in ("/complain/", f"/complain/?service={edition('E3').code}", "/complain/appeal/", "/complain/status/"):
        _stop(citizen, path)
    citizen.follows(citizen.page.locator("main form button.govuk-button").last)
    _reads_well(citizen)
    citizen.opens("/complain/status/")
    citizen.fills(citizen.page.locator("#status-form"), number=complaint.number, code=complaint.code)
    citizen.follows(citizen.page.locator("#status-form button"))
    _reads_well(citizen)


def test_the_pages_of_the_waiting_hall(scene: Scene) -> None:
    team, window = make_team("south:shymkent"), make_window("south:shymkent")
    make_window("south:shymkent", 2)
    visits = [make_visit(at=EARLIER), make_visit(label="", at=EARLIER)]
    clerk = scene.official(team.clerk)
    screen, kiosk = (sets_up(clerk, scene.citizen(), kind) for kind in ("screen", "kiosk"))
    _reads_well(clerk)
    desk = f"/hall/windows/{window.pk}/"
    for path in ("/hall/", f"/hall/{team.office.pk}/talon/", f"/hall/talons/{visits[0].pk}/", "/hall/devices/", desk):
        _stop(clerk, path)
    clerk.follows(clerk.page.locator('button[value="next"]'))
    clerk.follows(clerk.page.locator('button[value="attach"]'))
    _reads_well(clerk)
    for person, steps in ((screen, ()), (kiosk, ('a[href="?purpose=hand_in"]', 'button[value="0"]'))):
        person.opens(person.page.url, looking=False)
        _axe_finds_nothing(person)
        for step in steps:
            with person.page.expect_navigation():
                person.page.locator(step).click()
            _axe_finds_nothing(person)
    _stop(scene.citizen(), "/hall/open/")


def test_the_pages_of_surveys_and_quality_checks(scene: Scene) -> None:
    team = make_team("south:shymkent")
    case = make_case(team, "E8", state=State.HANDED_OVER, at=FRIDAY - timedelta(days=31))
    draw = quality.draw(team.office, date(2026, 2, 1), by=team.head, at=FRIDAY)
    citizen, deputy, head = scene.citizen(), scene.official(team.deputy), scene.official(team.head)
    citizen.opens(f"/survey/#{case.number}/{case.survey_code}")
    _reads_well(citizen)
    for answer in ("", "4"):
        citizen.follows(citizen.page.locator("main form button").last)
        _reads_well(citizen)
        if answer:
            citizen.page.locator(f'[name="q2_1"][value="{answer}"]').check()
    citizen.follows(citizen.page.locator("main form button").last)
    _reads_well(citizen)
    _stop(head, "/quality/")
    for path in ("/quality/", f"/quality/{draw.pk}/", f"/quality/checks/{draw.checks.get().pk}/"):
        _stop(deputy, path)
    deputy.follows(deputy.page.locator("main form button").last)
    _reads_well(deputy)


def test_the_pages_of_packages(scene: Scene) -> None:
    team, people = make_team("south:shymkent"), make_centre_team()
    make_centre_case(team, people, at=EARLIER)
    sent = make_centre_case(team, people, state=State.DISPATCHED, at=EARLIER)
    inspector, accumulator, clerk = scene.officials(people.inspector, people.accumulator, team.clerk)
    for path in ("/register/", f"/register/{team.office.pk}/{sent.edition_id}/?centre={people.centre.pk}"):
        _stop(inspector, path)
    for path in ("/work/", "/packages/", "/packages/collect/"):
        _stop(accumulator, path)
    accumulator.tries_to_scan("dispatch", "X-1")
    _reads_well(accumulator)
    _stop(clerk, f"/cases/{sent.pk}/")


def test_the_pages_of_reference_data(scene: Scene) -> None:
    official = scene.official(make_staff("south:shymkent", "administrator"), starts_at="/admin/")
    offices = ("office", "membership", "substitution/add", "calendarday", "calendarday/add", "user", "user/add")
    for path in ("", "services/edition/", *(f"offices/{name}/" for name in offices)):
        official.opens(f"/admin/{path}")
        _reads_well(official, but=("empty-table-header",))  # Django's own table of rows within a form


def _names(patterns: Iterable[Any]) -> Iterable[str]:
    """The names of all routes but those of the reference data."""
    for pattern in patterns:
        if isinstance(pattern, URLPattern):
            yield str(pattern.name)
        elif pattern.app_name != "admin":
            yield from _names(pattern.url_patterns)


def _stop(person: Visitor, path: str, *, status: int = 200) -> None:
    person.opens(path, status=status)
    _reads_well(person)


def _reads_well(person: Visitor, but: Iterable[str] = ()) -> None:
    """The page has its heading, fits every width, and axe finds no fault at any."""
    person.page.evaluate(AXE_SCRIPT)
    rules = {name: {"enabled": False} for name in but}
    for width in WIDTHS[person.scene.language]:
        person.page.set_viewport_size({"width": width, "height": 900})
        person.looks()
        faults = person.page.evaluate(_AXE, rules)
        assert not faults, f"{person.page.url} at {width} px: {faults}"


def _axe_finds_nothing(person: Visitor) -> None:
    """For pages of a device, which has one width, and no languages where nobody can choose."""
    assert person.page.locator("main h1").first.inner_text().strip()
    person.page.evaluate(AXE_SCRIPT)
    faults = person.page.evaluate(_AXE, {})
    assert not faults, f"{person.page.url}: {faults}"
    assert person.page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


_AXE = """async (rules) => {
  const found = await axe.run({resultTypes: ["violations"], preload: false, rules});
  return found.violations.map((fault) => `${fault.id}: ${fault.help}: ${fault.nodes.slice(0, 3).map((node) => node.html)}`);
}"""


def test_the_pages_of_the_indicators(scene: Scene) -> None:
    team = make_team("south:shymkent")
    make_case(team, "E8", state=State.HANDED_OVER, at=EARLIER)
    make_case(team, "E8", at=FRIDAY - timedelta(days=60))
    head = scene.official(team.head)
    query = "edition=south-2012-370-4&period=2026"
    for path in ("", "line/1.1/", "trends/", "offices/", "minutes/", "targets/", "closed/"):
        _stop(head, f"/indicators/{path}?{query}")
    _stop(head, "/morning/")
