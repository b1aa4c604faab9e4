"""The sheet of a standard for the waiting hall: 25 points, our words, the act's words as quotations."""

from __future__ import annotations

import io
import re

import pikepdf
import pytest
from django.test import Client
from django.utils import translation

from services import sheets
from services.models import Edition

pytestmark = pytest.mark.django_db
STANDARDS = {
    "E1": "zhambyl-2008-120-1",
    "E2": "zhambyl-2008-120-2",
    "E3": "north-2007-352",
    "E4": "north-2008-32",
    "E13": "akmola-2008-428",
}


@pytest.mark.parametrize("language", ["kk", "ru", "en"])
@pytest.mark.parametrize("label", STANDARDS)
def test_every_point_stands_word_for_word_under_what_it_answers(client: Client, label: str, language: str) -> None:
    client.cookies["django_language"] = language
    html = client.get(f"/services/{STANDARDS[label]}/sheet/").content.decode()
    assert html.count('<blockquote class="app-quote" lang="kk">') == (26 if label == "E3" else 25)
    with translation.override(language):
        rows = sheets.rows(Edition.objects.for_detail().get(short=label))
    assert [row.no for row in rows] == [str(number) for number in range(1, 27 if label == "E3" else 26)]
    for row in rows:
        assert row.heading in html.replace("&#x27;", "'")
        assert row.quote


def test_what_the_definition_counts_is_said_in_our_words() -> None:
    with translation.override("en"):
        rows = {row.no: row.words for row in sheets.rows(Edition.objects.for_detail().get(short="E13"))}
    assert rows["7"] == [
        "The whole service: 15 calendar days, counted from: decision of the commission",
        "Queue when handing in: at most 40 minutes",
        "Queue when collecting: at most 40 minutes",
    ]
    assert rows["10"] == ["Monday, Tuesday, Wednesday, Thursday, Friday: 09:00–18:00, lunch break 13:00–14:00"]
    assert rows["8"] == ["Free of charge."]
    assert rows["19"] == ["By 12 indicators of quality and accessibility."]


def test_reception_days_are_named_as_such() -> None:
    with translation.override("en"):
        rows = {row.no: row.words for row in sheets.rows(Edition.objects.for_detail().get(short="E4"))}
    assert rows["10"] == [
        "Visitors are received:",
        "Tuesday, Wednesday, Thursday, Friday: 09:00–18:00, lunch break 13:00–14:00",
    ]


def test_on_a_kazakh_sheet_nothing_of_the_act_is_said_twice() -> None:
    with translation.override("kk"):
        for row in sheets.rows(Edition.objects.for_detail().get(short="E1")):
            assert not {re.sub(r"\W", "", line) for line in row.words} & {re.sub(r"\W", "", row.quote)}


@pytest.mark.parametrize(("paper", "width"), [("A3", 842), ("A4", 595)])
def test_the_sheet_prints_on_the_paper_asked_for(client: Client, paper: str, width: int) -> None:
    client.cookies["django_language"] = "ru"
    response = client.get(f"/services/{STANDARDS['E4']}/sheet.pdf", {"paper": paper})
    with pikepdf.open(io.BytesIO(response.content)) as pdf:
        assert round(float(pdf.pages[0].mediabox[2])) == width
        assert len(pdf.pages) <= 4


def test_a_regulation_has_no_sheet_and_there_is_no_other_paper(client: Client) -> None:
    assert client.get("/services/south-2012-370-4/sheet/").status_code == 404
    assert client.get("/services/south-2012-370-4/sheet.pdf").status_code == 404
    assert client.get(f"/services/{STANDARDS['E1']}/sheet.pdf?paper=A5").status_code == 404
