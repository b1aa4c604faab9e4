"""People type what they call a thing; the page is found, in Kazakh and Russian, with slips of the pen."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client

from offices.models import Office
from services import actions, search
from services.models import SearchTerm, Service
from tests.factories import edition, office
from tests.pages import visit

pytestmark = pytest.mark.django_db


def keys(text: str, *kinds: str) -> list[str]:
    """What is found, the best first."""
    return [hit.key for hit in search.find(text, *kinds)]


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("АСП", "targeted-social-assistance"),
        ("асп", "targeted-social-assistance"),
        ("коляска", "wheelchair"),
        ("коляски", "wheelchair"),
        ("каляска", "wheelchair"),
        ("КОЛЯСКУ", "wheelchair"),
        ("арба", "wheelchair"),
        ("арбаны", "wheelchair"),
        ("көмекші", "personal-assistant"),
        ("комекши", "personal-assistant"),
        ("помошник", "personal-assistant"),
        ("соцработник", "home-care"),
        ("үйде күтім", "home-care"),
        ("жумыссыз", "unemployed-certificate"),
        ("биржа", "unemployed-registration"),
        ("путевка", "sanatorium"),
        ("туберкулёз", "home-care"),
        ("wheelchair", "wheelchair"),
    ],
)
def test_the_everyday_word_leads_to_the_service_first(typed: str, code: str) -> None:
    assert keys(typed, "service")[0] == code


def test_a_page_with_all_the_words_comes_before_those_with_some() -> None:
    assert keys("пособие детское") == ["child-benefit"]
    assert keys("анықтама жұмыссыз")[0] == "unemployed-certificate"


def test_what_stands_in_papers_grounds_and_points_is_found_too() -> None:
    assert "local-social-help" in keys("фтизиатр", "service")
    assert "sanatorium" in keys("072/у санаторно", "service")
    point = edition("E13").points.all()[3].text_kk
    word = max(re.findall(r"\w+", point), key=len)
    assert "local-social-help" in keys(word, "service")


def test_a_word_that_stands_nowhere_finds_nothing() -> None:
    assert keys("qwertyuiop") == keys("") == keys("!?") == keys("a") == []


def test_a_long_text_is_no_trouble() -> None:
    assert keys("коляска " * 5000)[0] == "wheelchair"
    assert keys("я" * 5000) == []


def test_offices_are_found_by_their_place_and_together_with_services() -> None:
    assert "south:arys" in keys("Арыс", "office")
    assert "south:arys" in keys("арысь", "office")
    both = keys("коляска Арыс")
    assert {"wheelchair", "south:arys"} <= set(both)


def test_an_office_that_moves_is_found_at_its_new_place_at_once() -> None:
    arys = office("south:arys")
    arys.address_ru = "улица Сейдалина, 7"
    arys.save()
    assert keys("сейдалина") == ["south:arys"]
    arys.address_ru = ""
    arys.save()
    assert keys("сейдалина") == []


def test_a_closed_office_and_a_withdrawn_edition_are_not_shown(client: Client) -> None:
    assert "/offices/south:arys/" in visit(client, "/find/?q=Арыс").html
    Office.objects.filter(key="south:arys").update(active=False)
    assert "/offices/south:arys/" not in visit(client, "/find/?q=Арыс").html
    assert "/services/south-2012-370-6/" in visit(client, "/find/?q=коляска").html
    actions.withdraw(edition("E10"))
    assert "/services/south-2012-370-6/" not in visit(client, "/find/?q=коляска").html


def test_loading_the_law_again_writes_nothing(django_assert_num_queries: Any) -> None:
    before = set(SearchTerm.objects.values_list("pk", flat=True))
    search.rebuild()
    assert set(SearchTerm.objects.values_list("pk", flat=True)) == before
    assert {row.kind for row in SearchTerm.objects.all()} == {"service", "office"}
    assert SearchTerm.objects.filter(kind="service").values("key").distinct().count() == Service.objects.count()


def test_the_box_on_the_front_page_leads_to_services_and_offices(client: Client) -> None:
    client.cookies["django_language"] = "en"
    home = visit(client, "/")
    assert 'action="/find/"' in home.html
    page = visit(client, "/find/?q=коляска шымкент")
    assert page.html.index("/services/south-2012-370-6/") < page.html.index("/offices/south:shymkent/")
    assert 'value="коляска шымкент"' in page.html
    assert "Nothing fits" in visit(client, "/find/?q=qwertyuiop").words


def test_a_search_costs_few_statements(client: Client, django_assert_max_num_queries: Any) -> None:
    with django_assert_max_num_queries(10):
        visit(client, "/find/?q=коляска арыс көмек")
