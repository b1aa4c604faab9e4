"""How long a service really takes: half of the people and nine of ten, of those answered in the last twelve months."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from django.core.cache import cache
from django.test import Client

from applications.models import Case, Clock
from applications.queries import UsualTime, usual_time
from services.models import Edition
from tests.factories import FRIDAY, edition, make_case, make_team
from tests.pages import visit

pytestmark = pytest.mark.django_db
NOW = FRIDAY + timedelta(days=60)


@pytest.fixture(autouse=True)
def _nothing_kept() -> None:
    cache.clear()


def answered(chosen: Edition, days: list[int], *, ended: datetime = NOW, how: str = "hand_over") -> None:
    """Applications of one case's office that were answered after so many days."""
    case = Case.objects.first() or make_case(make_team(), chosen.short)
    Clock.objects.bulk_create(
        Clock(
            case=case, kind="overall", office=case.office, edition=chosen, started_at=ended - timedelta(days=n),
            stopped_at=ended, stopped_on=ended.date(), ended_by=how, met=True,
        )
        for n in days
    )  # fmt: skip


def test_half_and_nine_of_ten_are_counted_in_calendar_days() -> None:
    answered(edition("E8"), list(range(1, 21)))
    assert usual_time(edition("E8"), NOW) == UsualTime(20, 10, 18)


def test_nineteen_people_are_too_few_to_say() -> None:
    answered(edition("E8"), [3] * 19)
    assert usual_time(edition("E8"), NOW) is None


def test_withdrawn_annulled_old_and_other_services_do_not_count() -> None:
    answered(edition("E8"), [2] * 20)
    answered(edition("E8"), [50] * 30, ended=NOW - timedelta(days=366))
    answered(edition("E8"), [50] * 30, how="withdraw")
    answered(edition("E10"), [50] * 30)
    assert usual_time(edition("E8"), NOW) == UsualTime(20, 2, 2)


def test_the_page_says_it_in_words_with_how_many_were_counted(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("django.utils.timezone.now", lambda: NOW)
    client.cookies["django_language"] = "en"
    answered(edition("E8"), [0] * 15 + [5] * 5)
    words = visit(client, "/services/south-2012-370-4/").words
    assert "Half of the people had the answer on the same day; nine of ten within 5 days." in words
    assert "Counted over 20 applications answered in the last 12 months" in words
    assert "Too few applications were answered" in visit(client, "/services/south-2012-370-6/").words
