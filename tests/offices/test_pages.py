"""The contact tables as everybody sees them, the log-in, the front page."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

import pytest
from django.test import Client
from django.utils import translation

from offices import queries
from offices.calendars import calendar_changed
from offices.models import CalendarDay, Office, OfficeHours
from tests.factories import ALMATY, FRIDAY, make_staff, make_team, office

pytestmark = pytest.mark.django_db


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ALMATY)


def page(client: Client, path: str, language: str = "en") -> str:
    client.cookies["django_language"] = language
    response = client.get(path)
    assert response.status_code == 200, path
    return " ".join(re.sub(r"<[^>]+>", " ", response.content.decode()).split())


# ------------------------------------------------------------------ phones


@pytest.mark.parametrize(
    ("printed", "links"),
    [
        (["8(72548) 2-16-35", "2-11-86"], ["tel:+77254821635", "tel:+77254821186"]),
        (["8-7262-345124", "342879"], ["tel:+77262345124", "tel:+77262342879"]),
        (["(8-71638)2-10-48"], ["tel:+77163821048"]),
        (["8(7162) 31-92-76", "31-92-81"], ["tel:+77162319276", "tel:+77162319281"]),
        (["8-7252- 30-08-38"], ["tel:+77252300838"]),
        (["87263461437", "63281"], ["tel:+77263461437", "tel:+77263463281"]),
        (["2-13-38", "2-26-09"], ["", ""]),  # no area code in print
        (["8-72633-22328", "211535"], ["tel:+77263322328", ""]),  # one figure too many in print
        ([], []),
    ],
)
def test_a_phone_is_dialled_where_the_print_says_enough_and_printed_as_it_stands_where_not(
    printed: list[str], links: list[str]
) -> None:
    found = queries.phones(Office(phones="\n".join(printed)))
    assert [phone.link for phone in found] == links
    assert all(phone.text.endswith(text) for phone, text in zip(found, printed, strict=True))


def test_a_following_number_is_shown_with_the_area_code_it_takes_from_the_first() -> None:
    assert [phone.text for phone in queries.phones(office("south:baydibek"))] == [
        "8(72548) 2-16-35",
        "8(72548) 2-11-86",
    ]


# ------------------------------------------------------------------ open or closed


def test_an_open_office_says_until_when_and_names_the_lunch_still_to_come() -> None:
    found = queries.opening(office("south:shymkent"), at("2026-03-13T10:00"))
    assert found
    assert found.is_open
    assert found.closes == at("2026-03-13T18:00")
    assert [f"{end:%H:%M}" for end in found.lunch or ()] == ["13:00", "14:00"]
    afternoon = queries.opening(office("south:shymkent"), at("2026-03-13T14:30"))
    assert afternoon
    assert afternoon.is_open
    assert afternoon.lunch is None


@pytest.mark.parametrize(
    ("now", "opens"),
    [
        ("2026-03-13T13:15", "2026-03-13T14:00"),  # lunch
        ("2026-03-13T18:00", "2026-03-16T09:00"),  # closing time on Friday
        ("2026-03-20T19:00", "2026-03-26T09:00"),  # Nauryz with its moved days
        ("2026-03-13T07:59", "2026-03-13T09:00"),
    ],
)
def test_a_closed_office_says_when_it_opens_next(now: str, opens: str) -> None:
    found = queries.opening(office("south:shymkent"), at(now))
    assert found
    assert not found.is_open
    assert found.opens == at(opens)


def test_an_office_of_unknown_hours_is_neither_open_nor_closed(client: Client) -> None:
    centre = office("south:centre-arys")
    OfficeHours.objects.filter(office=centre).delete()
    calendar_changed()
    assert queries.opening(centre, FRIDAY) is None
    words = page(client, "/offices/south:centre-arys/")
    assert "The hours are not known: phone before you come." in words
    assert "Open now" not in words
    assert "Closed now" not in words


def test_the_page_says_open_or_closed_by_the_clock_of_the_office(client: Client, monkeypatch: Any) -> None:
    monkeypatch.setattr("django.utils.timezone.now", lambda: at("2026-03-13T10:00"))
    assert "Open now until 18:00, lunch 13:00–14:00" in page(client, "/offices/south:shymkent/")
    monkeypatch.setattr("django.utils.timezone.now", lambda: at("2026-03-20T19:00"))
    words = page(client, "/offices/south:shymkent/")
    assert "Closed now Opens: Thursday, 26.03.2026, 09:00" in words
    assert "24.03.2026 : closed" in words
    assert "09.05.2026 : closed" not in words  # a Saturday is closed anyway


def test_an_opening_on_a_usual_day_off_is_announced_too() -> None:
    shymkent = office("south:shymkent")
    CalendarDay.objects.create(
        day=at("2026-03-14").date(),
        office=shymkent,
        kind="working_day",
        name_kk="Жұмыс күні",
        name_ru="Рабочий день",
        source="бұйрық",
    )
    calendar_changed()
    day = at("2026-03-13").date()
    assert next(iter(queries.exceptions(shymkent, day, queries.week(shymkent, day)))) == (
        at("2026-03-14").date(),
        "",
        True,
    )


def test_days_of_equal_hours_share_a_line() -> None:
    with translation.override("kk"):
        names = [days.name for days in queries.week(office("south:shymkent"), FRIDAY.date())]
    assert names == ["Дүйсенбі – Жұма", "Сенбі – Жексенбі"]


# ------------------------------------------------------------------ the pages


def test_offices_stand_by_oblast_and_kind_in_the_order_of_the_kazakh_alphabet(client: Client) -> None:
    html = client.get("/offices/?oblast=south").content.decode()
    names = re.findall(r'href="/offices/south:([a-z]+)/"', html)
    # Қазығұрт comes after Кентау and before Мақтаарал; by code points it would stand last.
    assert names.index("kentau") < names.index("kazygurt") < names.index("maktaaral") < names.index("shymkent")
    assert html.index("south:shymkent") < html.index("south:centre-")


@pytest.mark.parametrize("typed", ["шымкент", "ШЫМКЕНТ", "Shymkent", "шымкент толеби"])
def test_an_office_is_found_by_its_place(client: Client, typed: str) -> None:
    html = client.get("/offices/", {"q": typed}).content.decode()
    assert ("/offices/south:shymkent/" in html) == (typed != "шымкент толеби")
    assert "/offices/akmola:" not in html


def test_an_unknown_oblast_in_the_address_shows_all(client: Client) -> None:
    assert "/offices/akmola:kokshetau/" in client.get("/offices/?oblast=mars").content.decode()
    assert "/offices/akmola:kokshetau/" not in client.get("/offices/?oblast=south").content.decode()


def test_a_search_without_result_says_so(client: Client) -> None:
    assert "No office fits" in page(client, "/offices/?q=Лондон")


@pytest.mark.parametrize("language", ["kk", "ru", "en"])
def test_every_office_has_its_page(client: Client, language: str) -> None:
    for key in Office.objects.values_list("key", flat=True):
        page(client, f"/offices/{key}/", language)


def test_the_page_of_an_office_leads_to_its_services_and_to_the_bodies_above(client: Client) -> None:
    html = client.get("/offices/zhambyl:taraz/").content.decode()
    assert 'href="/services/zhambyl-2008-120-1/"' in html
    assert 'href="/offices/zhambyl:oblast/"' in html
    assert 'href="/offices/zhambyl:taraz-akimat/"' in html


def test_a_service_centre_offers_only_what_the_acts_let_through_it(client: Client) -> None:
    html = client.get("/offices/south:centre-arys/").content.decode()
    assert re.findall(r'href="/services/([^/"]+)/"', html) == ["south-2012-370-3"]
    assert 'href="/offices/south:arys/"' in html


def test_a_garbled_e_mail_is_printed_but_not_linked(client: Client) -> None:
    html = client.get("/offices/akmola:atbasar/").content.decode()
    assert "Atb_rotzisn@kokshetau.online/kz" in html
    assert "mailto:" not in html


def test_the_note_on_the_transcription_is_kept_and_shown_to_nobody(client: Client) -> None:
    assert office("south:baydibek").note
    assert (
        "Annex 2 prints"
        not in client.get("/offices/south:baydibek/", headers={"accept-language": "en"}).content.decode()
    )


def test_an_office_out_of_work_and_an_unknown_one_have_no_page(client: Client) -> None:
    Office.objects.filter(key="south:arys").update(active=False)
    assert client.get("/offices/south:arys/").status_code == 404
    assert client.get("/offices/south:almaty/").status_code == 404
    assert "south:arys/" not in client.get("/offices/").content.decode()


def test_the_list_costs_the_same_statements_however_many_offices_there_are(
    client: Client, django_assert_max_num_queries: Any
) -> None:
    with django_assert_max_num_queries(2):
        client.get("/offices/")
    with django_assert_max_num_queries(12):
        client.get("/offices/south:shymkent/")


# ------------------------------------------------------------------ front page and log-in


def test_the_front_page_leads_citizens_to_services_offices_and_their_application(client: Client) -> None:
    html = client.get("/").content.decode()
    assert '<html class="govuk-template" lang="kk">' in html
    for path in ("/services/", "/offices/", "/status/", "/services/#child-benefit"):
        assert f'href="{path}"' in html


def test_the_accounts_of_the_demonstration_are_named_in_the_demonstration_only(client: Client, settings: Any) -> None:
    staff = make_staff("south:shymkent", "clerk")
    assert staff.user.username not in page(client, "/login/")
    settings.DEMO = True
    words = page(client, "/login/")
    assert f"{staff.user.username} {staff.user.get_full_name()} Registry clerk, Shymkent city" in words
    assert "demo-2026-offices" in words


def test_a_wrong_password_is_said_once_above_the_form_and_keeps_the_user_name(client: Client) -> None:
    team = make_team()
    html = client.post("/login/", {"username": team.clerk.user.username, "password": "wrong"}).content.decode()
    assert 'class="govuk-error-summary"' in html
    assert f'value="{team.clerk.user.username}"' in html
    assert 'value="wrong"' not in html
    assert 'autocomplete="current-password"' in html
