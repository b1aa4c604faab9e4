"""Search engines see each page of the catalogue once a language, and nothing of people's affairs."""

from __future__ import annotations

import re
from xml.etree import ElementTree as ET

import pytest
from django.test import Client

from tests.pages import visit

pytestmark = pytest.mark.django_db
XHTML = "{http://www.w3.org/1999/xhtml}link"


def test_the_map_leads_to_every_page_in_three_languages_and_each_opens(client: Client) -> None:
    tree = ET.fromstring(client.get("/sitemap.xml").content)  # noqa: S314 - our own answer
    places = [entry[0].text or "" for entry in tree]
    assert "http://127.0.0.1:8000/services/south-2012-370-6/?lang=ru" in places
    assert "http://127.0.0.1:8000/offices/south:arys/?lang=kk" in places
    assert len(places) == len(set(places))
    assert len(places) % 3 == 0
    assert not re.search("status|register|cases|find", " ".join(places))
    assert {len(entry.findall(XHTML)) for entry in tree} == {3}
    for place in places[:9]:
        assert client.get(place.removeprefix("http://127.0.0.1:8000")).status_code == 200


def test_robots_are_kept_from_what_asks_for_a_code(client: Client) -> None:
    text = client.get("/robots.txt").content.decode()
    assert "Disallow: /status/" in text
    assert "Disallow: /complain/" in text
    assert "Disallow: /prepare/" in text
    assert "Disallow: /register/" in text
    assert "Sitemap: http://127.0.0.1:8000/sitemap.xml" in text
    assert '<meta name="robots" content="noindex">' in visit(client, "/status/").html
    assert "noindex" not in visit(client, "/services/south-2012-370-6/").html


def test_an_address_with_a_language_opens_in_it_and_the_next_page_stays_in_it(client: Client) -> None:
    assert '<html class="govuk-template" lang="ru">' in visit(client, "/services/?lang=ru").html
    assert '<html class="govuk-template" lang="ru">' in visit(client, "/offices/").html
    assert 'lang="kk"' in visit(Client(), "/services/?lang=xx").html[:200]


def test_the_switch_of_languages_leaves_the_language_of_the_address_behind(client: Client) -> None:
    page = visit(client, "/services/?q=арба&lang=ru")
    kept = re.search(r'name="next"\s+value="([^"]+)"', page.html)
    assert kept
    answer = client.post("/language/", {"language": "kk", "next": kept[1].replace("&amp;", "&")}, follow=True)
    assert 'lang="kk"' in answer.content.decode()[:200]
    assert "арба" in answer.content.decode()


def test_a_page_names_its_other_languages(client: Client) -> None:
    html = visit(client, "/services/south-2012-370-6/?lang=ru").html
    assert '<link rel="canonical" href="http://127.0.0.1:8000/services/south-2012-370-6/?lang=ru">' in html
    for code in ("kk", "ru", "en"):
        address = f"http://127.0.0.1:8000/services/south-2012-370-6/?lang={code}"
        assert f'<link rel="alternate" hreflang="{code}" href="{address}">' in html
    assert 'hreflang="x-default"' in html


def test_what_a_search_engine_shows_says_what_the_page_is(client: Client) -> None:
    for path in ("/", "/services/", "/offices/", "/offices/south:shymkent/", "/services/south-2012-370-6/"):
        html = visit(client, f"{path}?lang=kk").html
        assert re.search('<meta name="description" content="[^"]{10,}">', html), path
        assert re.search(r"<title>\s*\S", html), path
