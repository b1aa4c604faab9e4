"""A jurist who never programs makes a new service from a copy of another, and an office takes an application through it.

The issue of a hearing aid, copied from wheelchairs: edited part by part, put in order by the keyboard, looked over by the
publication check, published; then from the counter to the hand-over.
"""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from services.models import Edition
from tests.factories import Team, edition, make_iin, make_staff, make_team
from tests.journeys.people import Official, Scene

pytestmark = pytest.mark.journey
NAME = {"kk": "Есту аппаратын беру", "ru": "Выдача слухового аппарата"}


@pytest.mark.parametrize("language", ["ru"])
def test_the_issue_of_a_hearing_aid(scene: Scene) -> None:
    team = make_team()
    jurist = scene.official(make_staff("south:shymkent", "administrator"), starts_at="/admin/")
    copies_wheelchairs(jurist)
    draft = edition("E14")
    changes_parts(jurist, draft)
    puts_steps_in_order_by_keyboard(jurist, draft)
    is_led_to_what_is_missing(jurist, draft)
    publishes(jurist, draft)
    an_office_works_by_it(scene, team)


def copies_wheelchairs(jurist: Official) -> None:
    """From the list to the draft."""
    jurist.opens("/law/")
    jurist.follows(jurist.page.locator("main a", has_text="E10 "))
    jurist.follows(jurist.page.locator('main a[href$="/copy/"]'))
    jurist.sends(
        service_code="hearing-aid", name__kk=NAME["kk"], name__ru=NAME["ru"], everyday__ru="слуховой аппарат",
        decree_number="15", decree_date="2026-02-10", decree_title__kk="Регламентті бекіту туралы",
        decree_title__ru="Об утверждении регламента", code="south-2026-15-1", label="E14",
    )  # fmt: skip
    jurist.says(NAME["ru"])
    jurist.reads("Draft")


def changes_parts(jurist: Official, draft: Edition) -> None:
    """The executor has five days, the term of the service is seven, an audiogram is asked for."""
    jurist.opens(f"/law/{draft.pk}/parts/steps/3/")
    jurist.sends(
        norm__amount="5", norm__kk="Бес жұмыс күні ішінде", act__ru="Проверить документы, подготовить уведомление"
    )
    jurist.says("Проверить документы, подготовить уведомление")
    jurist.opens(f"/law/{draft.pk}/parts/norms/1/")
    jurist.sends(amount="7")
    jurist.opens(f"/law/{draft.pk}/parts/documents/new/")
    jurist.sends(
        no="5", name__kk="Аудиограмма", name__ru="Аудиограмма", mode="handed_in", required=True, point="11"
    )  # fmt: skip
    jurist.says("Аудиограмма")


def puts_steps_in_order_by_keyboard(jurist: Official, draft: Edition) -> None:
    """One step too far and back: the check beside the table says at once what is wrong with it."""
    jurist.opens(f"/law/{draft.pk}/parts/steps/")
    jurist.tabs_to('button[name="do"][value="down:1"]')
    jurist.page.keyboard.press("Enter")
    jurist.says(jurist.words("The order goes round: “%(step)s” stands after “%(last)s”.").split("%", maxsplit=1)[0])
    # The focus has gone with the row.
    expect(jurist.page.locator('button[value="down:2"]')).to_be_focused()
    jurist.page.keyboard.press("Shift+Tab")
    expect(jurist.page.locator('button[value="up:2"]')).to_be_focused()
    jurist.page.keyboard.press("Enter")
    jurist.reads("Nothing is missing: this draft can be published.")


def is_led_to_what_is_missing(jurist: Official, draft: Edition) -> None:
    """A text is lost; the check leads to its very field."""
    jurist.opens(f"/law/{draft.pk}/parts/steps/4/")
    jurist.sends(act__ru="")
    jurist.follows(jurist.page.locator("#check a"))
    jurist.is_at(f"/law/{draft.pk}/parts/steps/4/#id_act__ru")
    expect(jurist.page.locator("#id_act__ru")).to_be_in_viewport()
    jurist.sends(act__ru="Ознакомиться с документами")
    jurist.reads("Nothing is missing: this draft can be published.")


def publishes(jurist: Official, draft: Edition) -> None:
    """From now on it is fixed."""
    jurist.opens(f"/law/{draft.pk}/")
    expect(jurist.page.locator("main svg").first).to_be_visible()
    jurist.follows(jurist.page.locator('button[name="do"][value="publish"]'))
    jurist.reads("Published. New applications follow it from its first day.")
    expect(jurist.page.locator(f'main a[href="/law/{draft.pk}/main/"]')).to_have_count(0)


def an_office_works_by_it(scene: Scene, team: Team) -> None:
    """Counter, resolution, notice, signature, record book, hand-over."""
    clerk, head, executor = scene.officials(team.clerk, team.head, team.executor)
    clerk.chooses_service(edition("E14"), team.office)
    clerk.says("Аудиограмма")
    clerk.takes_down(iin=make_iin(), last_name="Нұрланова", first_name="Әсем", language=scene.language, all_here=True)
    number = clerk.registers()
    assert clerk.due() == "27.03.2026 18:00"  # seven working days over the holidays of spring
    head.takes_up(number)
    head.does("assign", executor=str(team.executor.user.pk))
    executor.takes_up(number)
    assert executor.due("step") == "20.03.2026 18:00"  # five working days
    executor.does("prepare", kind="grant", text="Слуховой аппарат выдаётся.")
    head.takes_up(number)
    head.does("sign")
    clerk.takes_up(number)
    clerk.does("enter_in_record_book")
    clerk.does("hand_over", way="in_person")
    assert "Слуховой аппарат выдаётся." in clerk.paper("grant")
    clerk.has_nothing_of(number)
