"""Pages of those who keep the law, sign, answer for personal data and close figures, as axe and a narrow screen see them."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from applications import data_rights
from applications.models import RequestKind
from applications.workflow import State
from kpi.actions import sealing, targets
from kpi.queries.asking import Period
from services import actions as law
from tests.factories import edition, make_case, make_staff, make_team
from tests.journeys.people import Scene
from tests.journeys.test_readable import EARLIER, _reads_well, _stop

pytestmark = pytest.mark.journey


def test_the_pages_of_who_keeps_the_law(scene: Scene) -> None:
    words = {"kk": "Қаулы", "ru": "Постановление"}
    of: dict[str, Any] = {"valid_from": date(2026, 4, 1), "by": None, "at": EARLIER}
    ruling = edition("E1")
    draft = law.amend(ruling, number="7", day=date(2026, 2, 2), text=words, **of)
    jurist = scene.official(make_staff("zhambyl:oblast", "administrator"), starts_at="/admin/")
    pages = (
        "",
        "main/",
        "copy/",
        "difference/",
        "history/",
        "parts/steps/",
        "parts/steps/1/",
        "parts/documents/",
    )
    for path in ("/law/", "/law/import/", "/law/archive/", *(f"/law/{draft.pk}/{page}" for page in pages)):
        _stop(jurist, path)
    _stop(jurist, f"/law/{edition('E2').pk}/amend/")
    _stop(scene.citizen(), f"/services/{ruling.code}/changes/")


def test_the_pages_of_signatures_and_personal_data(scene: Scene) -> None:
    team = make_team("south:shymkent")
    signed, waiting = (make_case(team, "E8", state=state, at=EARLIER) for state in (State.SIGNED, State.PREPARED))
    asked = data_rights.take_request(
        RequestKind.CORRECT, office=team.office, text="Тегім қате", case=signed, by=team.clerk, at=EARLIER
    )
    head, notice = scene.official(team.head), signed.papers.get(kind="grant")
    _stop(head, "/sign/")
    assert waiting.number in head.page.inner_text("main")
    head.follows(head.page.locator("main form button.govuk-button").last)  # nothing was chosen
    _reads_well(head)
    for path in (f"/papers/{notice.key}/signature/", f"/cases/{signed.pk}/data/", "/data-requests/"):
        _stop(head, path)
    _stop(head, f"/data-requests/{asked.pk}/")
    _stop(scene.citizen(), f"/verify/{notice.key}/")


def test_the_pages_of_closed_figures_and_targets(scene: Scene) -> None:
    team, code = make_team("south:shymkent"), "south-2012-370-4"
    make_case(team, "E8", state=State.HANDED_OVER, at=EARLIER)
    table = sealing.seal(team.office, code, Period.parse("2026-02"), by=team.head, at=EARLIER)
    values = {"1.1": Decimal(100)}
    plan = targets.propose(code, office=team.office, year=2027, values=values, reason="x", by=team.head, at=EARLIER)
    head = scene.official(team.head)
    for path in (f"/indicators/closed/{table.pk}/", f"/indicators/targets/{plan.pk}/"):
        _stop(head, path)
