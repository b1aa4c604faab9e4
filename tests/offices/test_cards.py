"""An office to take along: contact card, calendar of opening hours, and where a service is given."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import vobject
from django.test import Client

from offices import queries
from offices.calendars import calendar_changed, calendar_of
from offices.models import CalendarDay, Office
from tests.factories import FRIDAY, office
from tests.pages import visit

pytestmark = pytest.mark.django_db
ALMATY = ZoneInfo("Asia/Almaty")


@pytest.fixture(autouse=True)
def _friday(monkeypatch: Any) -> None:
    monkeypatch.setattr("django.utils.timezone.now", lambda: FRIDAY)


def events(client: Client, key: str = "south:shymkent") -> dict[date, Any]:
    """The entries of the calendar file by day."""
    response = client.get(f"/offices/{key}/hours.ics")
    assert response["Content-Type"] == "text/calendar; charset=utf-8"
    file = vobject.readOne(response.content.decode())
    found = {}
    for event in file.vevent_list:
        start = event.dtstart.value
        found[start.astimezone(ALMATY).date() if isinstance(start, datetime) else start] = event
    return found


def test_the_contact_card_holds_address_and_phones_that_can_be_dialled(client: Client) -> None:
    response = client.get("/offices/south:shymkent/card.vcf")
    assert response["Content-Type"] == "text/vcard; charset=utf-8"
    assert 'filename="south-shymkent.vcf"' in response["Content-Disposition"]
    card = vobject.readOne(response.content.decode())
    assert "Төлеби" in card.adr.value.street
    assert [line.value for line in card.tel_list] == ["+77252534177", "+77252536578"]
    assert card.url.value == "http://127.0.0.1:8000/offices/south:shymkent/"


def test_every_office_has_a_card_and_those_with_known_hours_a_calendar(client: Client) -> None:
    for row in Office.objects.all():
        assert vobject.readOne(client.get(f"/offices/{row.key}/card.vcf").content.decode()).fn.value
        known = queries.opening(row, FRIDAY) is not None
        assert client.get(f"/offices/{row.key}/hours.ics").status_code == (200 if known else 404)


def test_the_calendar_opens_on_working_days_and_names_the_days_off(client: Client) -> None:
    found = events(client)
    day = found[date(2026, 3, 16)]
    assert day.dtstart.value.astimezone(ALMATY).hour == 9
    assert day.dtend.value.astimezone(ALMATY).hour == 18
    assert "13:00–14:00" in day.description.value
    assert date(2026, 3, 14) not in found  # a Saturday is no news
    assert not isinstance(found[date(2026, 3, 23)].dtstart.value, datetime)
    assert "Наурыз" in found[date(2026, 3, 23)].summary.value
    calendar = calendar_of(office("south:shymkent"))
    for ahead in range(90):
        coming = FRIDAY.date() + timedelta(days=ahead)
        assert (coming in found and isinstance(found[coming].dtstart.value, datetime)) == calendar.is_working_day(
            coming
        )


def test_a_day_off_of_the_office_itself_is_in_its_calendar_at_once(client: Client) -> None:
    CalendarDay.objects.create(
        day=date(2026, 3, 17), office=office("south:shymkent"), kind="day_off", name_kk="Жөндеу", name_ru="Ремонт", source="x"
    )  # fmt: skip
    calendar_changed()
    assert "Жөндеу" in events(client)[date(2026, 3, 17)].summary.value


@pytest.mark.parametrize(
    ("at", "words"),
    [
        ("2026-03-13T10:00", "Open now until 18:00, lunch 13:00–14:00"),
        ("2026-03-13T13:30", "Lunch break now Opens: today, 14:00"),
        ("2026-03-13T08:00", "Closed now Opens: today, 09:00"),
        ("2026-03-13T18:30", "Closed now Opens: Monday, 16.03.2026, 09:00"),
        ("2026-03-20T19:00", "Closed now Opens: Thursday, 26.03.2026, 09:00"),
    ],
)
def test_the_page_says_whether_it_is_open_now(client: Client, monkeypatch: Any, at: str, words: str) -> None:
    moment = datetime.fromisoformat(at).replace(tzinfo=ALMATY)
    monkeypatch.setattr("django.utils.timezone.now", lambda: moment)
    client.cookies["django_language"] = "en"
    assert words in visit(client, "/offices/south:shymkent/").words


def test_offices_are_found_by_what_one_needs(client: Client) -> None:
    page = visit(client, "/offices/?service=wheelchair")
    assert "/offices/south:arys/" in page.html
    assert "/offices/zhambyl:taraz/" not in page.html
    assert "/offices/south:centre-" not in page.html
    assert "/offices/south:centre-arys/" in visit(client, "/offices/?service=child-benefit").html
    assert "/offices/south:arys/" not in visit(client, "/offices/?service=nonsense").html
    assert page.form.values()["service"] == "wheelchair"


def test_unknown_and_closed_offices_have_no_files(client: Client) -> None:
    Office.objects.filter(key="south:arys").update(active=False)
    for key in ("south:arys", "nowhere"):
        for name in ("card.vcf", "hours.ics"):
            assert client.get(f"/offices/{key}/{name}").status_code == 404
