"""Which papers in *your* situation: the conditions of the edition are the questions, nothing is asked beyond them."""

from __future__ import annotations

import gzip

import pytest
from django.test import Client

from services.models import DocumentRequirement, Edition
from services.queries import papers_for, questions_of
from tests.factories import edition
from tests.pages import visit

pytestmark = pytest.mark.django_db


def numbers(chosen: Edition, fits: list[str] | None) -> list[str]:
    """The numbers of the papers needed; those of which one is enough joined by a bar."""
    return ["|".join(paper.no for paper in place) for place in papers_for(chosen, fits).needed]


def test_without_an_answer_the_whole_list_stands() -> None:
    papers = papers_for(edition("E8"))
    assert [paper.no for place in papers.needed for paper in place] == [str(no) for no in range(1, 10)]
    assert papers.spared == []


def test_what_is_not_ticked_is_not_needed() -> None:
    assert numbers(edition("E8"), []) == ["1", "2", "3", "4", "5"]
    assert numbers(edition("E8"), ["foreigner"]) == ["1", "2", "3", "4", "5", "7"]
    assert [paper.no for paper in papers_for(edition("E8"), ["foreigner"]).spared] == ["6", "8", "9"]


def test_of_papers_that_stand_for_each_other_the_fitting_one_is_left() -> None:
    assert "9" in numbers(edition("E13"), ["surgery"])
    assert "7|9" in numbers(edition("E13"), ["surgery", "person_with_disability"])


def test_where_none_of_them_fits_one_is_needed_still() -> None:
    assert "6|7|9|11|12|13" in numbers(edition("E13"), ["child"])


def test_every_paper_is_needed_or_spared_and_none_twice() -> None:
    for chosen in Edition.objects.published():
        everything = {paper.pk for paper in chosen.documents.all()}
        codes = [question.code for question in questions_of(chosen)]
        for fits in ([], codes, codes[:1]):
            papers = papers_for(chosen, fits)
            needed = [paper.pk for place in papers.needed for paper in place]
            spared = [paper.pk for paper in papers.spared]
            assert sorted(needed + spared) == sorted(everything)
            free = {paper.pk for paper in chosen.documents.all() if not paper.condition_code}
            assert free <= set(needed)


def test_a_condition_is_asked_once_in_the_words_of_the_edition(client: Client) -> None:
    client.cookies["django_language"] = "ru"
    page = visit(client, "/services/akmola-2008-428/")
    assert page.html.count('value="sanatorium"') == 1
    assert "Нуждается в санаторно-курортном лечении" in page.words


def test_a_service_without_conditions_asks_nothing(client: Client) -> None:
    assert 'name="fits"' not in visit(client, "/services/south-2012-370-6/").html


def test_the_page_keeps_what_was_ticked_and_passes_it_to_the_sheets(client: Client) -> None:
    client.cookies["django_language"] = "en"
    page = visit(client, "/services/south-2012-370-4/?narrow=1&fits=foreigner&fits=%3Cb%3E&fits=nonsense")
    assert "In your situation 6 papers are needed." in page.words
    assert page.html.count(" checked") == 1
    assert "checklist/?narrow=1&amp;fits=foreigner" in page.html
    assert "nonsense" not in page.words
    sheet = visit(client, "/services/south-2012-370-4/checklist/?narrow=1&fits=foreigner")
    residence = DocumentRequirement.objects.get(edition=edition("E8"), no="7")
    stateless = DocumentRequirement.objects.get(edition=edition("E8"), no="8")
    assert residence.name_en in sheet.words
    assert stateless.name_en not in sheet.words
    blank = visit(client, "/services/south-2012-370-4/form/?narrow=1&fits=foreigner")
    assert residence.name_en in blank.words
    assert stateless.name_en not in blank.words


def test_the_sheets_of_every_edition_can_be_printed_and_weigh_little(client: Client) -> None:
    for chosen in Edition.objects.published():
        for sheet in ("checklist", "form"):
            page = visit(client, f"/services/{chosen.code}/{sheet}/")
            assert page.status == 200
            assert len(gzip.compress(page.response.content)) < 10 * 1024
    assert visit(client, "/services/passport/form/").status == 404
    assert visit(client, "/services/passport/checklist/").status == 404
