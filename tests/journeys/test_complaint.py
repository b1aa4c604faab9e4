"""A refused person complains from home; another official finds it substantiated; the case is reopened and granted."""

from __future__ import annotations

from datetime import timedelta

import pytest
from playwright.sync_api import expect

from applications.workflow import State
from complaints.models import Complaint
from tests.factories import FRIDAY, make_case, make_staff, make_team
from tests.journeys.people import Official, Scene

pytestmark = pytest.mark.journey

ESSENCE = "Жеке оңалту бағдарламасында кресло-арба көрсетілген, бірақ бас тартылды."


def test_a_refusal_is_found_wrong_on_complaint_and_the_service_is_granted(scene: Scene) -> None:
    team, other = make_team("south:shymkent"), make_staff("south:shymkent", "executor")
    earlier = FRIDAY - timedelta(hours=2)
    case = make_case(team, "E10", state=State.HANDED_OVER, refused=True, language=scene.language, at=earlier)

    citizen = scene.citizen(javascript=False)
    citizen.opens("/")
    citizen.follows(citizen.page.locator('.app-nav a[href="/complain/"]'))
    citizen.follows(citizen.page.locator('main a[href="/complain/complaint/"]'))
    form = citizen.page.locator("main form")
    citizen.fills(
        form, about="decision", case_number=case.number, code="AAAAA-AAAAA", essence=ESSENCE, reply_way="in_person"
    )
    citizen.fills(form, office=str(team.office.pk))
    citizen.follows(form.locator("button.govuk-button"))
    citizen.reads("No application has this number together with this code. Check both, or leave the code empty.")
    assert form.locator('[name="essence"]').input_value() == ESSENCE
    citizen.fills(form, code=case.code)
    citizen.follows(form.locator("button.govuk-button"))
    number, code = (citizen.page.locator(f"main [data-{part}]").inner_text() for part in ("number", "code"))
    citizen.follows(citizen.page.locator("main form button.govuk-button--secondary"))
    citizen.is_told("Your complaint is registered.")
    citizen.sees_nothing_of("Нұрмұхаммедова", team.head.user.last_name)

    deputy, considers, head, clerk = scene.officials(team.deputy, other, team.head, team.clerk)
    _takes_up(deputy, number)
    deputy.does("assign", executor=str(other.user.pk))
    _takes_up(considers, number)
    considers.does(
        "consider", substantiated="yes", outcome="cancel_and_decide", text="Бағдарлама тексерілді, шағым негізді."
    )
    _takes_up(deputy, number)
    deputy.does("answer")
    _takes_up(clerk, number)
    clerk.does("deliver", way="in_person")

    citizen.opens("/complain/status/")
    citizen.fills(citizen.page.locator("#status-form"), number=number, code=code)
    citizen.follows(citizen.page.locator("#status-form button"))
    citizen.is_told("The answer was given to you, and what it grants is being carried out.")
    citizen.reads("The complaint is found substantiated.")
    assert citizen.page.locator('button[data-paper="complaint_answer"]').count() == 1

    _takes_up(head, number)
    answer = head.prints(head.page.locator('a[data-paper="complaint_answer"]'))
    assert scene.words("The complaint is found substantiated.") in answer
    assert scene.words("Where, when and how to appeal") in answer
    head.does("remedy", reopen="yes", executor=str(other.user.pk))
    considers.takes_up(case.number)
    considers.reads("Reopened after a complaint")
    considers.does("prepare", kind="grant", text="Кресло-арба берілсін.")
    head.takes_up(case.number)
    head.does("sign")
    clerk.takes_up(case.number)
    clerk.does("enter_in_record_book")
    clerk.does("hand_over", way="in_person")
    _takes_up(head, number)
    head.does("execute")

    # Refused, then granted on complaint: one case in the figures, and in time on its first end.
    head.opens(f"/indicators/line/1.1/?edition={case.edition.code}&period=2026-03")
    assert head.page.inner_text("main").count(case.number) == 1
    assert "1 / 1" in head.page.inner_text("main")

    made, granted = Complaint.objects.get(), type(case).objects.get()
    assert (made.state, made.in_time, made.satisfied) == ("closed", True, "full")
    assert granted.state == State.HANDED_OVER
    assert list(granted.decisions.values_list("kind", flat=True)) == ["refusal", "grant"]
    assert granted.clocks.filter(kind="overall").count() == 1


def _takes_up(official: Official, number: str) -> None:
    """Open the complaint from the list of what waits for this person."""
    official.opens("/work/")
    official.follows(official.page.locator('main a[href="/work/complaints/"]'))
    official.follows(official.page.locator("main table").get_by_role("link", name=number, exact=True))
    expect(official.page.locator("main h1 .app-number")).to_have_text(number)
