"""From an everyday word to an answer: a citizen finds the service, narrows the papers, prepares the form; the counter scans it.

In both languages, with scripts and without.
"""

from __future__ import annotations

import pytest

from tests.factories import edition, make_iin, make_team
from tests.journeys.people import Scene

pytestmark = pytest.mark.journey

EVERYDAY = {"kk": "арба", "ru": "каляска"}


@pytest.mark.parametrize("javascript", [True, False], ids=["scripts", "no scripts"])
def test_a_wheelchair_from_the_first_word_to_the_answer(scene: Scene, javascript: bool) -> None:
    team, law, iin = make_team("south:shymkent"), edition("E10"), make_iin()
    citizen = scene.citizen(javascript=javascript)

    citizen.searches(EVERYDAY[scene.language])
    citizen.follows(citizen.page.locator("main ul a[href^='/services/']").first)
    assert citizen.heading() == scene.label(law.service)
    citizen.follows(citizen.page.locator(f'main a[href^="/prepare/{law.code}/"]'))
    person = {
        "last_name": "Жүнісова",
        "first_name": "Күләш",
        "iin": iin,
        "phone": "+49 170 1234567",
        "address": "Абай, 1",
    }
    citizen.sends(office=str(team.office.pk), language=scene.language, **person)
    citizen.reads("Your application is prepared")
    for paper in law.documents.all():
        citizen.says(scene.label(paper))
    code = citizen.page.locator("[data-code]").inner_text()

    clerk = scene.official(team.clerk, javascript=javascript)
    clerk.opens("/register/")
    clerk.page.locator('[name="code"]').focus()
    clerk.types(f"{scene.address}/prepare/#{code}")  # a scanner types what the square holds, then Enter
    clerk.enters_the_next_page()
    clerk.shows(**person, language=scene.language)
    clerk.takes_down(all_here=True)
    number = clerk.registers()
    talon = clerk.paper("talon")

    citizen.opens("/prepare/")
    citizen.sends(code=code)
    citizen.reads("No prepared application has this code, or it was registered already, or its days are over.")
    citizen.looks_up(number, talon.code)
    citizen.is_told("Your application is registered.")
    citizen.sees_nothing_of("Жүнісова", iin)

    head, executor = (scene.official(person, javascript=javascript) for person in (team.head, team.executor))
    head.takes_up(number)
    head.does("assign", executor=str(team.executor.user.pk))
    citizen.looks_up(number, talon.code)
    citizen.is_told("An executor is working on your application.")
    executor.takes_up(number)
    ground = str(law.grounds.all()[3].pk)
    executor.does("prepare", kind="refusal", text="Бас тартылды.", facts="Бағдарламада арба жоқ.", grounds=[ground])
    head.takes_up(number)
    head.does("sign")
    clerk.takes_up(number)
    clerk.does("enter_in_record_book")
    citizen.looks_up(number, talon.code)
    citizen.is_told("The answer is ready.")
    citizen.follows(citizen.page.locator(f'main a[href="/complain/?service={law.code}"]'))


def test_papers_are_narrowed_by_what_fits_and_what_was_ticked_comes_along(scene: Scene) -> None:
    law = edition("E8")
    residence, stateless = law.documents.get(no="7"), law.documents.get(no="8")
    for javascript in (True, False):
        citizen = scene.citizen(javascript=javascript)
        citizen.opens(f"/services/{law.code}/")
        form = citizen.page.locator('main form:has([name="fits"])')
        citizen.fills(form, fits=["foreigner"])
        citizen.follows(form.locator("button"))
        citizen.says(scene.label(residence))
        needed = citizen.page.locator("main ol.govuk-list--number").first
        assert scene.label(stateless) not in needed.inner_text()
        citizen.follows(citizen.page.locator('main a[href*="/checklist/"]'))
        assert scene.label(stateless) not in citizen.page.locator("main").inner_text()
        citizen.page.go_back()
        citizen.follows(citizen.page.locator(f'main a[href^="/prepare/{law.code}/"]'))
        assert citizen.page.locator('[name="fits"][value="foreigner"]').is_checked()


def test_the_square_leads_to_the_form_with_the_code_filled_in_and_out_of_the_address(scene: Scene) -> None:
    citizen = scene.citizen()
    citizen.opens("/prepare/#AAAAA-BBBBB")
    citizen.page.wait_for_url("**/prepare/")
    assert citizen.page.locator('[name="code"]').input_value() == "AAAAA-BBBBB"
