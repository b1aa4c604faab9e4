"""The preliminary application: written at home, opened by code, registered once, forgotten when nobody comes."""

from __future__ import annotations

import logging
import re
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from applications import drafts
from applications.models import Case, Draft, Opening, Person
from applications.workflow import State
from tests.factories import FRIDAY, edition, make_centre_team, make_iin, make_staff, make_team, office
from tests.pages import Page, sign_in, visit

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("_friday")]
SENTINEL = "Құпиясыбаева"
FORM = "/prepare/south-2012-370-4/"


@pytest.fixture
def _friday(monkeypatch: Any) -> None:
    monkeypatch.setattr("django.utils.timezone.now", lambda: FRIDAY)


def browser() -> Client:
    """Somebody at home who reads English."""
    client = Client()
    client.cookies["django_language"] = "en"
    return client


def write(client: Client | None = None, path: str = FORM, **typed: Any) -> Page:
    """Fill the form in at home and send it."""
    page = visit(client or browser(), path)
    given = {"office": office("south:shymkent").pk, "last_name": SENTINEL, "first_name": "Ақбөпе", **typed}
    return page.send(do="save", **given)


def code_on(page: Page) -> str:
    """The code that the page shows."""
    found = re.search(r"data-code>([A-Z2-7]{5}-[A-Z2-7]{5})<", page.html)
    assert found, page.words[:600]
    return found[1]


def at_the_counter(code: str, staff: Any = None) -> Page:
    """The clerk types or scans the code."""
    client = sign_in(staff or make_team().clerk)
    return visit(client, "/register/").send(code=code)


# ------------------------------------------------------------------ at home


def test_what_is_written_at_home_registers_nothing_and_gets_a_code() -> None:
    page = write(fits=["foreigner"], language="ru")
    assert page.status == 200
    code = code_on(page)
    assert "Nothing is registered yet" in page.words
    assert page.html.count("<svg") == 2
    assert "Residence permit" in page.words
    assert "stateless" not in page.words.lower().split("papers to bring")[1]
    assert not Case.objects.exists()
    assert not Person.objects.exists()
    assert drafts.opened(code, at=FRIDAY)


def test_the_same_form_sent_twice_is_one_draft_with_one_code() -> None:
    form = visit(browser(), FORM)
    typed = {"office": office("south:shymkent").pk, "last_name": "А", "first_name": "Б"}
    assert code_on(form.send(**typed)) == code_on(form.send(**typed))
    assert Draft.objects.count() == 1
    assert code_on(write()) != code_on(write())


def test_neither_code_nor_person_stands_in_the_database_in_the_clear() -> None:
    code = code_on(write(iin=make_iin(), phone="8 701 123 45 67", email="a@example.kz"))
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM applications_draft")
        row = " ".join(map(str, cursor.fetchone()))
    for secret in (SENTINEL, "Ақбөпе", code, code.replace("-", ""), "701 123", "example.kz"):
        assert secret not in row


def test_one_opens_changes_and_deletes_it_by_its_code() -> None:
    client = browser()
    code = code_on(write(client, address="Арыс, 5"))
    opened = visit(client, "/prepare/").send(code=code.lower().replace("-", " "))
    assert opened.typed("last_name") == SENTINEL
    assert opened.typed("address") == "Арыс, 5"
    changed = opened.send(do="save", address="Арыс, 7", office=office("south:arys").pk)
    assert code_on(changed) == code
    again = visit(client, "/prepare/").send(code=code)
    assert (again.typed("address"), again.typed("office")) == ("Арыс, 7", str(office("south:arys").pk))
    assert "Deleted" in again.send(do="delete").words
    assert not Draft.objects.exists()
    assert "No prepared application has this code" in visit(client, "/prepare/").send(code=code).words


def test_wrong_used_and_expired_codes_get_the_same_answer() -> None:
    used, old = code_on(write()), code_on(write())
    Draft.objects.filter(pk=drafts.of_code(used).pk).update(used_at=FRIDAY)  # type: ignore[union-attr]
    Draft.objects.filter(pk=drafts.of_code(old).pk).update(expires_at=FRIDAY)  # type: ignore[union-attr]
    answers = {
        re.sub(r'value="[^"]*"', "", visit(browser(), "/prepare/").send(code=code).html).partition("<main")[2]
        for code in (used, old, "AAAAA-AAAAA", "x")
    }
    assert len(answers) == 1


def test_guessing_is_slowed_down_and_so_is_writing_by_a_machine() -> None:
    client = browser()
    page = visit(client, "/prepare/")
    assert [page.send(code="AAAAA-AAAAA").status for _try in range(11)] == [200] * 10 + [429]
    code = code_on(write())
    assert page.send(code=code).status == 429
    statuses = [write(browser()).status for _try in range(10)]
    assert statuses[:9] == [200] * 9
    assert statuses[9] == 429


@pytest.mark.parametrize(
    ("typed", "field", "message"),
    [
        ({"email": "a@b.kz\r\nBcc: all@b.kz"}, "email", "Enter a valid email address."),
        ({"phone": "call me"}, "phone", "This is no phone number."),
        ({"phone": "12"}, "phone", "This is no phone number."),
        ({"iin": "990101500017"}, "iin", "The control digit of this IIN does not fit. Look again, or leave it empty"),
        ({"birth_date": "2030-01-01"}, "birth_date", "The date of birth lies in the future."),
        ({"office": "999999"}, "office", "Select a valid choice."),
        ({"fits": ["nonsense"]}, "fits", "nonsense is not one of the available choices."),
        ({"last_name": "я" * 10_000}, "last_name", "at most 120"),
    ],
)
def test_bad_input_is_told_beside_its_field_and_nothing_is_lost(typed: Any, field: str, message: str) -> None:
    page = write(address="Арыс, 5", **typed)
    assert page.status == 400
    assert message in page.errors[field]
    assert page.typed("address") == "Арыс, 5"
    assert not Draft.objects.exists()


def test_ten_megabytes_of_text_are_refused_clearly() -> None:
    page = write(address="я" * 5_000_000)
    assert page.status == 400
    assert "at most 300 characters" in page.errors["address"]
    assert not Draft.objects.exists()


@pytest.mark.parametrize("phone", ["+49 170 1234567", "8(701)123-45-67", "+7 701 123 45 67", ""])
def test_phones_of_this_country_and_from_abroad_are_taken(phone: str) -> None:
    assert code_on(write(phone=phone))


def test_only_departments_that_use_the_edition_can_be_chosen() -> None:
    assert write(office=office("zhambyl:taraz").pk).status == 400
    assert visit(browser(), "/prepare/passport/").status == 404


def test_what_was_ticked_on_the_services_page_is_ticked_here() -> None:
    assert 'value="foreigner"' in visit(browser(), f"{FORM}?narrow=1&fits=foreigner&fits=x").html
    assert visit(browser(), f"{FORM}?narrow=1&fits=foreigner&fits=x").form.values()["fits"] == "foreigner"


def test_nothing_personal_reaches_a_log_an_address_or_a_cache(caplog: Any) -> None:
    with caplog.at_level(logging.INFO):
        page = write()
        code_on(visit(browser(), "/prepare/").send(code=code_on(page)).send(do="save"))
    assert SENTINEL not in caplog.text
    assert code_on(page) not in caplog.text
    assert page.response["Cache-Control"] == "no-store"


# ------------------------------------------------------------------ at the counter


def test_the_clerk_opens_it_by_its_code_and_types_nothing_twice() -> None:
    team = make_team()
    iin = make_iin()
    code = code_on(write(iin=iin, phone="8 701 123 45 67", address="Арыс, 5", fits=["foreigner"], language="ru"))
    page = at_the_counter(code, team.clerk)
    assert page.status == 200
    assert "Prepared by the applicant on" in page.words
    typed = {name: page.typed(name) for name in ("last_name", "first_name", "iin", "phone", "address", "language")}
    assert typed == {
        "last_name": SENTINEL, "first_name": "Ақбөпе", "iin": iin, "phone": "8 701 123 45 67", "address": "Арыс, 5",
        "language": "ru",
    }  # fmt: skip
    papers = {paper.no: paper for paper in edition("E8").documents.all()}
    assert page.typed(f"paper_{papers['8'].pk}") == "not_needed"
    assert page.typed(f"paper_{papers['7'].pk}") != "not_needed"
    done = page.send(do="register", all_here="on", **{f"paper_{papers['7'].pk}": "shown"})
    assert done.status == 302
    case = Case.objects.get()
    assert case.state == State.REGISTERED
    assert case.person.last_name == SENTINEL
    assert case.language == "ru"
    draft = Draft.objects.get()
    assert (draft.case, draft.contents) == (case, {})
    assert "No prepared application for your counter" in at_the_counter(code, team.clerk).words


def test_the_registration_sent_twice_makes_one_case_and_a_used_code_makes_no_second() -> None:
    team = make_team()
    code = code_on(write(iin=make_iin()))
    first, second = at_the_counter(code, team.clerk), at_the_counter(code, team.clerk)
    assert first.send(do="register", all_here="on", **_no_conditions(first)).status == 302
    assert first.send(do="register", all_here="on", **_no_conditions(first)).status == 302
    assert Case.objects.count() == 1
    refused = second.send(do="register", all_here="on", **_no_conditions(second))
    assert refused.status == 409
    assert "registered already" in refused.words
    assert refused.typed("last_name") == SENTINEL
    assert Case.objects.count() == 1


def test_an_incomplete_package_becomes_a_case_with_its_list_and_uses_the_draft_up() -> None:
    team = make_team()
    page = at_the_counter(code_on(write(iin=make_iin())), team.clerk)
    paper = edition("E8").documents.get(no="3")
    done = page.send(do="list", all_here="on", **{**_no_conditions(page), f"paper_{paper.pk}": "missing"})
    assert done.status == 302
    assert Case.objects.get().state == State.INCOMPLETE
    assert Draft.objects.get().contents == {}


def test_a_mistake_at_the_counter_keeps_what_was_prepared() -> None:
    page = at_the_counter(code_on(write(iin=make_iin())))
    refused = page.send(do="register")
    assert refused.status == 400
    assert refused.typed("last_name") == SENTINEL
    assert refused.send(do="register", all_here="on", **_no_conditions(page)).status == 302
    assert Draft.objects.get().used_at == FRIDAY


def test_it_is_bound_to_the_office_that_was_chosen() -> None:
    code = code_on(write())
    for stranger in (
        make_staff("south:arys", "clerk"),
        make_staff("zhambyl:taraz", "clerk"),
        make_centre_team().inspector,
    ):
        page = at_the_counter(code, stranger)
        assert page.status == 400
        assert "No prepared application for your counter has this code." in page.words
        assert SENTINEL not in page.words


def test_a_centre_that_serves_the_department_may_take_it_where_the_act_lets_it() -> None:
    centre = make_centre_team()
    page = at_the_counter(code_on(write(path="/prepare/south-2012-370-3/", iin=make_iin())), centre.inspector)
    assert page.status == 200
    assert page.send(do="register", all_here="on", **_no_conditions(page)).status == 302
    assert Case.objects.get().centre == centre.centre


def test_a_scanner_may_read_the_code_or_the_address_around_it() -> None:
    code = code_on(write())
    for scanned in (f"http://127.0.0.1:8000/prepare/#{code}", code, code.replace("-", "").lower(), f" {code}\n"):
        assert at_the_counter(scanned).status == 200, scanned


def test_every_opening_at_the_counter_leaves_a_row() -> None:
    team = make_team()
    code = code_on(write())
    at_the_counter("AAAAA-AAAAA", team.clerk)
    assert not Opening.objects.exists()
    at_the_counter(code, team.clerk)
    row = Opening.objects.get()
    assert (row.user, row.what) == (team.clerk.user, f"draft {Draft.objects.get().pk}")


def test_what_the_office_knows_fills_only_what_was_left_empty() -> None:
    team, iin = make_team(), make_iin()
    first = at_the_counter(code_on(write(iin=iin, address="Ескі, 1", phone="8 701 123 45 67")), team.clerk)
    first.send(do="register", all_here="on", **_no_conditions(first))
    again = at_the_counter(code_on(write(iin=iin, address="Жаңа, 2")), team.clerk)
    assert (again.typed("address"), again.typed("phone")) == ("Жаңа, 2", "8 701 123 45 67")
    assert "There is already an open case for this service" in again.words


def test_unused_ones_vanish_after_the_days_set(settings: Any) -> None:
    settings.DRAFT_DAYS = 3
    code = code_on(write())
    assert drafts.opened(code, at=FRIDAY + timedelta(days=2, hours=23))
    assert drafts.opened(code, at=FRIDAY + timedelta(days=3)) is None
    assert drafts.forget_old(FRIDAY + timedelta(days=2)) == 0
    assert drafts.forget_old(FRIDAY + timedelta(days=3)) == 1
    assert not Draft.objects.exists()


def _no_conditions(page: Page) -> dict[str, str]:
    """Nothing that depends on a condition is needed."""
    names = [name for name in page.form.values() if name.startswith("paper_")]
    conditional = set(edition("E8").documents.exclude(condition_code="").values_list("pk", flat=True))
    conditional |= set(edition("E7").documents.exclude(condition_code="").values_list("pk", flat=True))
    return {name: "not_needed" for name in names if int(name.removeprefix("paper_")) in conditional}
