"""The catalogue as everybody sees it: found by everyday names, complete, honest about what is not verified."""

from __future__ import annotations

import gzip
import re
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from offices.models import Office
from services import actions
from services.models import Edition, EditionUse
from tests.factories import edition

pytestmark = pytest.mark.django_db

EDITIONS = [
    "zhambyl-2008-120-1",
    "zhambyl-2008-120-2",
    "north-2007-352",
    "north-2008-32",
    *(f"south-2012-370-{annex}" for annex in range(1, 9)),
    "akmola-2008-428",
]


def page(client: Client, path: str, language: str = "en") -> str:
    """The page as words: no tags, single spaces."""
    client.cookies["django_language"] = language
    response = client.get(path)
    assert response.status_code == 200, path
    return plain(response.content.decode())


def plain(html: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


@pytest.mark.parametrize(
    "typed",
    [
        "балалар жәрдемақысы",
        "детское пособие",
        "child benefit",
        "ДЕТСКИЕ",
        "балалар жардемакысы",
        "  пособие   детское ",
    ],
)
def test_a_service_is_found_by_what_people_call_it_in_any_of_the_three_languages(client: Client, typed: str) -> None:
    client.cookies["django_language"] = "en"
    html = client.get("/services/", {"q": typed}).content.decode()
    assert "Benefit for families with children under 18" in html
    assert "Wheelchairs" not in html
    assert "1 service found" in plain(html)


def test_a_search_without_result_says_so_and_keeps_what_was_typed(client: Client) -> None:
    client.cookies["django_language"] = "en"
    html = client.get("/services/", {"q": 'qwertyuiop" autofocus'}).content.decode()
    assert "No service has such a name" in html
    assert 'value="qwertyuiop&quot; autofocus"' in html


def test_the_list_holds_all_eleven_services_and_leads_to_all_thirteen_editions(client: Client) -> None:
    html = client.get("/services/").content.decode()
    assert set(re.findall(r'href="/services/([^/"]+)/"', html)) == set(EDITIONS)
    assert html.count("<h2") == 11


def test_an_act_made_for_one_district_says_so(client: Client) -> None:
    assert "North Kazakhstan oblast, Zhambyl District" in page(client, "/services/north-2007-352/")


@pytest.mark.parametrize("language", ["kk", "ru", "en"])
@pytest.mark.parametrize("code", EDITIONS)
def test_every_edition_has_its_page_in_every_language(client: Client, code: str, language: str) -> None:
    chosen = Edition.objects.published().get(code=code)
    words = page(client, f"/services/{code}/", language)
    for paper in chosen.documents.all():
        assert " ".join(getattr(paper, f"name_{language}").split())[:40] in words.replace("&#x27;", "'").replace(
            "&quot;", '"'
        )
    assert chosen.decree.repealed_date
    assert f"{chosen.decree.repealed_date:%d.%m.%Y}" in words


def test_terms_stand_in_words_with_point_and_source_and_the_unverified_ones_are_marked(client: Client) -> None:
    words = page(client, "/services/south-2012-370-4/")
    assert "7 working days , counted from: documents handed in" in words
    assert "Standard N 394, point 7, not yet verified by a person" in words
    standard = page(client, "/services/akmola-2008-428/")
    assert "15 calendar days , counted from: decision of the commission point 7 1) of the act" in standard
    assert "not yet verified" not in standard


def test_queue_limits_stand_apart_from_the_term(client: Client) -> None:
    words = page(client, "/services/zhambyl-2008-120-1/")
    assert "queue when handing in: at most 30 minutes" in words
    assert "queue when collecting: at most 10 minutes" in words


def test_steps_come_with_who_does_them_and_within_what_time(client: Client) -> None:
    words = page(client, "/services/south-2012-370-3/")
    assert "6. Check that the documents are complete" in words
    assert "Responsible executor 10 working days" in words
    assert "Inspector of the accumulation unit 3 times a day" in words
    assert "no term in the act" in page(client, "/services/north-2007-352/")


def test_papers_of_which_one_is_enough_stand_together(client: Client) -> None:
    chosen = edition("E13")
    groups = {paper.alternative_group for paper in chosen.documents.all() if paper.alternative_group}
    assert groups
    html = client.get("/services/akmola-2008-428/", headers={"accept-language": "en"}).content.decode()
    assert html.count("One of these is enough:") == len(groups)


def test_the_act_stands_word_for_word_and_is_marked_as_kazakh(client: Client) -> None:
    chosen = edition("E13")
    client.cookies["django_language"] = "ru"
    html = client.get("/services/akmola-2008-428/").content.decode()
    verbatim = html[html.index('<div class="govuk-details__text" lang="kk">') :]
    assert verbatim.count('class="app-quote"') == chosen.points.count() == 25
    assert (
        "Әлеуметтік көмекті тағайындау және төлеу туралы шешім мемлекеттік қызмет көрсетудің аяқталу нысаны" in verbatim
    )


def test_a_blank_indicator_is_not_zero(client: Client) -> None:
    words = page(client, "/services/zhambyl-2008-120-2/")
    line = words[words.index("3.3 ") : words.index("4.1 ")]
    assert line.endswith("— — — ")
    assert words[words.index("4.1 ") :].split("0", 1)[1].startswith(" 0 0")


def test_an_office_that_does_not_work_by_the_edition_is_not_named(client: Client) -> None:
    chosen, arys = edition("E8"), Office.objects.get(key="south:arys")
    assert "/offices/south:arys/" in client.get(f"/services/{chosen.code}/").content.decode()
    EditionUse.objects.filter(edition=chosen, office=arys).update(in_use=False)
    assert "/offices/south:arys/" not in client.get(f"/services/{chosen.code}/").content.decode()


def test_service_centres_are_named_only_where_the_act_lets_applications_come_through_them(client: Client) -> None:
    assert "/offices/south:centre-arys/" in client.get("/services/south-2012-370-3/").content.decode()
    assert "/offices/south:centre-" not in client.get("/services/south-2012-370-4/").content.decode()


def test_the_acts_own_path_of_complaint_leads_to_the_bodies(client: Client) -> None:
    html = client.get("/services/akmola-2008-428/").content.decode()
    assert 'href="/offices/akmola:oblast/"' in html[html.index('id="complaint"') :]
    assert "Give the complaint to the office whose act you challenge" in page(client, "/services/south-2012-370-1/")


def test_hours_that_the_act_sets_for_one_service_are_shown_on_it(client: Client) -> None:
    assert "This service has its own hours: Monday, Tuesday, Wednesday, Thursday, Friday, 09:00–19:00" in page(
        client, "/services/south-2012-370-2/"
    )
    assert "Visitors are received for this service: Tuesday, Wednesday, Thursday, Friday, 09:00–18:00" in page(
        client, "/services/north-2008-32/"
    )


def test_a_withdrawn_or_unknown_edition_has_no_page(client: Client) -> None:
    actions.withdraw(edition("E8"))
    assert client.get("/services/south-2012-370-4/").status_code == 404
    assert client.get("/services/passport/").status_code == 404


def test_a_page_costs_the_same_statements_however_much_it_shows(
    client: Client, django_assert_max_num_queries: Any
) -> None:
    client.get("/services/south-2012-370-3/")  # a process keeps what is published once it has read it
    with django_assert_max_num_queries(2):
        client.get("/services/")
    with django_assert_max_num_queries(10):
        client.get("/services/south-2012-370-3/")


@pytest.mark.parametrize("language", ["kk", "ru"])
@pytest.mark.parametrize(
    "path",
    [
        "/", "/find/?q=көмек", "/services/", "/services/akmola-2008-428/", "/services/south-2012-370-3/?narrow=1",
        "/services/akmola-2008-428/checklist/", "/services/akmola-2008-428/form/", "/offices/", "/offices/south:shymkent/",
        "/status/", "/prepare/", "/prepare/akmola-2008-428/", "/open/", "/complain/",
    ],
)  # fmt: skip
def test_a_first_visit_weighs_at_most_45_kb_and_a_later_page_10_kb_without_fonts(
    client: Client, path: str, language: str
) -> None:
    client.cookies["django_language"] = language
    html = client.get(path).content
    own, root = len(gzip.compress(html)), Path(settings.BASE_DIR) / "static"
    asked = set(re.findall(r'"/static/([^"]+\.(?:css|js|svg))"', html.decode()))
    assert {"build/citizen.css", "build/pages.js"} <= asked
    assert own <= 10 * 1024
    assert own + sum(len(gzip.compress((root / name).read_bytes())) for name in asked) <= 45 * 1024
