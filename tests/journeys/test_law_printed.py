"""The annexes of an act in a real browser: the BPMN viewer under the strict content policy, and the drawing without scripts."""

from __future__ import annotations

import pytest

from tests.journeys.people import Scene

pytestmark = pytest.mark.journey
PATH = "/services/south-2012-370-3/annex/"


def test_the_viewer_shows_the_diagram_that_the_page_draws(scene: Scene) -> None:
    citizen = scene.citizen()
    citizen.opens(PATH)
    assert not citizen.page.locator(".djs-container").count()
    citizen.follows(citizen.page.locator('a[href^="?viewer=1"]'))
    citizen.page.wait_for_selector("[data-shown]")
    shown = citizen.page.locator(".djs-container .djs-shape .djs-visual rect").count()
    assert shown > 10
    assert citizen.page.locator("svg[role=img]").count() == 1
    citizen.page.locator(".bjs-powered-by").click()  # the makers' note, within the page, leads nowhere by itself


def test_without_scripts_the_drawing_is_there(scene: Scene) -> None:
    citizen = scene.citizen(javascript=False)
    citizen.opens(f"{PATH}?viewer=1")
    assert citizen.page.locator("svg[role=img] title").count() == 1
    assert citizen.page.locator("[data-bpmn]").is_hidden()
