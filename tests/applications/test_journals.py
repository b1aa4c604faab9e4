"""The books of an office and the search: who finds what, how it leaves the house, and what never leaves it."""

from __future__ import annotations

import csv
import io
from datetime import timedelta
from typing import Any

import openpyxl
import pytest
from django.test import Client

from applications.models import Case, EventChain, Person
from applications.workflow import State
from tests.factories import FRIDAY, Team, edition, make_case, make_centre_case, make_centre_team, make_person, make_team
from tests.pages import post, sign_in, visit

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("moment")]


@pytest.fixture
def team() -> Team:
    return make_team()


def lines_of(client: Client, kind: str, query: str = "") -> list[list[str]]:
    """The lines of the exported journal, without those at its end that name the heads of the record."""
    lines = exported(client, kind, query)
    return [line for line in lines if line[0] != "Record of events"]


def exported(client: Client, kind: str, query: str = "") -> list[list[str]]:
    """The whole file."""
    response: Any = client.get(f"/journal/?format={kind}{query}")
    assert response.status_code == 200
    content = b"".join(response.streaming_content)
    if kind == "csv":
        return list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))
    sheet = openpyxl.load_workbook(io.BytesIO(content)).active
    assert sheet is not None
    assert all(cell.data_type in ("s", "n") for row in sheet.iter_rows() for cell in row)
    return [[str(cell.value or "") for cell in row] for row in sheet.iter_rows()]


def test_the_exported_journal_ends_with_the_head_of_the_record(team: Team) -> None:
    make_case(team)
    chain = EventChain.objects.get(office=team.office)
    last = exported(sign_in(team.clerk), "csv")[-1]
    assert last == ["Record of events", "south:shymkent", str(chain.seq), chain.head]


# ------------------------------------------------------------------ the books


def test_the_journal_of_registration_names_what_was_registered_the_newest_first(team: Team) -> None:
    first, second = make_case(team), make_case(team, "E10", state=State.RECORDED)
    words = visit(sign_in(team.clerk), "/journal/").words
    assert words.index(second.number) < words.index(first.number)
    assert f"{first.number} 13.03.2026 10:00 {first.person.full_name} {first.person.masked_iin}" in words
    assert team.clerk.user.short_name.replace("\u00a0", " ") in words
    assert first.person.iin not in words


def test_the_record_book_holds_what_was_entered_in_it_by_its_own_number(team: Team) -> None:
    entered, waiting = make_case(team, state=State.RECORDED), make_case(team, state=State.SIGNED)
    page = visit(sign_in(team.clerk), "/journal/?book=record")
    assert entered.decisions.get().number in page.words
    assert waiting.decisions.get().number not in page.words
    assert page.typed("book") == "record"


def test_what_came_through_the_centre_stands_in_the_book_of_each_place_by_its_number(team: Team) -> None:
    centre = make_centre_team()
    case = make_centre_case(team, centre, state=State.REGISTERED)
    clerk, inspector = (
        visit(sign_in(team.clerk), "/journal/").words,
        visit(sign_in(centre.inspector), "/journal/").words,
    )
    assert case.number in clerk
    assert case.centre_number in inspector


def test_a_package_that_lacked_papers_is_not_in_the_journal_until_it_is_registered(team: Team) -> None:
    from applications import intake
    from tests.factories import found, make_intake

    data = make_intake(team, documents=found(edition("E8"), no1="missing"))
    case = intake.take_in(data, by=team.clerk, at=FRIDAY)
    assert "Nothing is recorded" in visit(sign_in(team.clerk), "/journal/").words
    monday = FRIDAY + timedelta(days=3)
    case = intake.take_in_again(case, found(edition("E8")), received_at=monday, by=team.clerk, at=monday)
    assert case.number in visit(sign_in(team.clerk), "/journal/").words


def test_the_filters_of_a_journal_stand_in_the_address_and_bound_the_office_day(team: Team) -> None:
    friday, monday = make_case(team), make_case(team, "E5", at=FRIDAY + timedelta(days=3))
    clerk = sign_in(team.clerk)
    for query, expected in [
        ("start=2026-03-13&end=2026-03-13", {friday}),
        ("start=2026-03-14", {monday}),
        ("end=2026-03-12", set()),
        (f"edition={edition('E5').pk}", {monday}),
        ("", {friday, monday}),
    ]:
        page = visit(clerk, f"/journal/?{query}")
        assert {case for case in (friday, monday) if case.number in page.words} == expected, query
        exported = {line[0] for line in lines_of(clerk, "csv", f"&{query}")[1:]}
        assert exported == {case.number for case in expected}, query
    assert visit(clerk, "/journal/?start=2026-03-14").typed("start") == "2026-03-14"


@pytest.mark.parametrize("query", ["start=31.02.2026", "end=yesterday", "edition=999999", "book=secret"])
def test_a_filter_that_cannot_be_is_named_and_nothing_is_exported_by_it(team: Team, query: str) -> None:
    case = make_case(team)
    clerk = sign_in(team.clerk)
    for export in ("", "&format=csv", "&format=xlsx"):
        page = visit(clerk, f"/journal/?{query}{export}")
        assert page.status == 400
        assert "There is a problem" in page.summary
        assert case.number not in page.words


def test_a_journal_goes_on_by_key_and_shows_each_entry_once(team: Team) -> None:
    numbers = [make_case(team).number for _ in range(27)]
    clerk = sign_in(team.clerk)
    first = visit(clerk, "/journal/")
    second = visit(clerk, "/journal/" + first.html.split('href="?after=')[1].join(["?after=", ""]).split('"')[0])
    shown = [[number for number in numbers if number in page.words] for page in (first, second)]
    assert (len(shown[0]), len(shown[1])) == (25, 2)
    assert not set(shown[0]) & set(shown[1])


# ------------------------------------------------------------------ out of the house


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_an_export_holds_the_whole_book_and_the_iin_masked(team: Team, kind: str) -> None:
    cases = [make_case(team) for _ in range(27)]
    lines = lines_of(sign_in(team.clerk), kind)
    assert lines[0][:4] == ["Number", "Date", "Applicant", "IIN"]
    assert {line[0] for line in lines[1:]} == {case.number for case in cases}
    assert not any(case.person.iin in " ".join(line) for case in cases for line in lines)


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
@pytest.mark.parametrize("start", ["=", "+", "-", "@"])
def test_no_cell_of_an_export_is_a_formula(team: Team, kind: str, start: str) -> None:
    make_case(team, person=make_person(last_name=f"{start}HYPERLINK(1)", first_name="x", patronymic=""))
    lines = lines_of(sign_in(team.clerk), kind)
    assert lines[1][2] == f"'{start}HYPERLINK(1) x"
    assert not any(cell.startswith(start) for line in lines for cell in line)


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_one_name_with_a_sign_that_no_sheet_can_hold_does_not_break_the_book(team: Team, kind: str) -> None:
    case = make_case(team)
    Person.objects.filter(pk=case.person_id).update(last_name="Ахм\x0bет\x1fов")
    assert lines_of(sign_in(team.clerk), kind)[1][0] == case.number


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_an_export_speaks_the_language_of_the_page(team: Team, kind: str) -> None:
    make_case(team)
    [name] = {lines_of(sign_in(team.clerk, language), kind)[1][4] for language in ("ru",)}
    assert name == edition("E8").service.name_ru


def test_an_unknown_kind_of_export_is_the_page(team: Team) -> None:
    case = make_case(team)
    assert case.number in visit(sign_in(team.clerk), "/journal/?format=exe").words


# ------------------------------------------------------------------ search


def found_by(client: Client, text: str) -> set[Case]:
    """The cases that a search for `text` leads to."""
    page = post(client, "/search/", q=text)
    if page.status == 302:
        return {Case.objects.get(pk=page.response["Location"].strip("/").split("/")[1])}
    return {case for case in Case.objects.all() if f"/cases/{case.pk}/" in page.html}


def test_a_case_is_found_by_number_by_iin_and_by_parts_of_the_name(team: Team) -> None:
    person = make_person(last_name="Соловьёва", first_name="Алёна", patronymic="Игоревна")
    case, other = make_case(team, person=person), make_case(team)
    clerk = sign_in(team.clerk)
    same = [
        case.number, case.number.lower(), f"  {case.number} ", person.iin, "Соловьёва", "соловьева алена", "СОЛОВЬЁВ",
        "Алёна соловь",
    ]  # fmt: skip
    assert [text for text in same if found_by(clerk, text) != {case}] == []
    assert found_by(clerk, "Нұрмұхаммедова") == {other}
    assert found_by(clerk, "НҰРМҰХАММЕДОВА АҚБӨПЕ") == {other}


@pytest.mark.parametrize("text", ["%", "_", "Нұр%", "' OR 1=1 --", "990101500016", "SHM-2026-99999", "\\", "عربي"])
def test_signs_of_the_database_are_only_signs(team: Team, text: str) -> None:
    make_case(team)
    page = post(sign_in(team.clerk), "/search/", q=text)
    assert page.status == 200
    assert "Nothing found." in page.words
    assert page.typed("q") == text


def test_several_hits_are_listed_and_one_is_opened_at_once(team: Team) -> None:
    cases = {make_case(team) for _ in range(3)}
    clerk = sign_in(team.clerk)
    assert found_by(clerk, "нұрмұхаммедова") == cases
    assert post(clerk, "/search/", q=min(cases, key=lambda case: case.pk).number).status == 302


def test_a_case_of_a_merged_person_is_found_once_by_the_old_iin_and_by_the_new(team: Team) -> None:
    case = make_case(team)
    earlier = [make_person().iin for _ in range(3)]
    for iin in earlier:
        Person.objects.create(iin=iin, last_name="Ескі", first_name="Аты", merged_into=case.person)
    clerk = sign_in(team.clerk)
    for iin in (*earlier, case.person.iin):
        assert post(clerk, "/search/", q=iin).status == 302, "found once, so opened at once"


@pytest.mark.parametrize(
    ("text", "message"),
    [("", "This field is required."), ("a" * 121, "at most 120 characters"), ("a\0b", "Null characters")],
    ids=["nothing", "too long", "null"],
)
def test_a_search_for_nothing_or_for_too_much_says_so(team: Team, text: str, message: str) -> None:
    page = post(sign_in(team.clerk), "/search/", q=text)
    assert message in page.summary
    assert "Nothing found" not in page.words


def test_what_is_searched_for_stands_in_no_address(team: Team) -> None:
    case = make_case(team)
    assert visit(sign_in(team.clerk), f"/search/?q={case.number}").response.status_code == 200
    assert case.number not in visit(sign_in(team.clerk), f"/search/?q={case.number}").words
