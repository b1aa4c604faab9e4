"""The pages of complaints: what a citizen sends and reads, what the staff do, and what neither must learn."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from applications.models import Event
from complaints import actions
from complaints.models import Complaint
from complaints.workflow import State
from offices.outbox import drain
from tests.complaints.makers import SOON, bring_to, make_complaint, make_refused_complaint
from tests.factories import ALMATY, FRIDAY, Team, edition, make_person, make_staff, make_team, office
from tests.files import a_pdf
from tests.pages import Page, sign_in, visit

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("_soon")]
FORM = "/complain/service/"


@pytest.fixture
def _soon(monkeypatch: Any) -> None:
    monkeypatch.setattr("django.utils.timezone.now", lambda: SOON)


@pytest.fixture
def team() -> Team:
    return make_team()


@pytest.fixture
def citizen() -> Client:
    client = Client()
    client.cookies["django_language"] = "en"
    return client


def typed(team: Team, **fields: Any) -> dict[str, Any]:
    """What somebody types into the public form."""
    return {
        "office": str(team.office.pk), "about": "queue", "essence": "Үш сағат күттім.", "last_name": "Әбенова",
        "first_name": "Ұлжан", "address": "Шымкент, Бейбітшілік 3", "reply_way": "post", **fields,
    }  # fmt: skip


def number_and_code(page: Page) -> tuple[str, str]:
    """What the talon on the page says."""
    found = re.search(r"data-number>([^<]+)<.*?data-code>([^<]+)<", page.html, re.DOTALL)
    assert found, page.words[:500]
    return found[1], found[2]


# ------------------------------------------------------------------ complaining


def test_the_first_page_says_which_kind_fits_what_it_must_hold_and_by_when_it_is_answered(citizen: Client) -> None:
    page = visit(citizen, "/complain/")
    for words in ("5 working days", "15 working days", "20 working days", "postal address", "counts as a refusal"):
        assert words in page.words
    for kind in ("service", "complaint", "appeal"):
        assert f'href="/complain/{kind}/"' in page.html


@pytest.mark.parametrize(
    ("label", "words"),
    [
        (
            "E3",
            [
                "Head of the Employment and Social Programmes Department of Zhambyl district",
                "by post",
                "point 21, 22, 24",
            ],
        ),
        ("E13", ["Akmola Oblast Department for Coordination", "in person"]),
        ("E8", ["This act names no way of its own"]),
    ],
)
def test_the_ways_that_an_act_names_are_offered_with_the_contacts_of_that_body(
    citizen: Client, label: str, words: list[str]
) -> None:
    page = visit(citizen, f"/complain/?service={edition(label).code}")
    for text in words:
        assert text in page.words
    if label == "E3":
        assert office("north:zhambyl").phone_list[0] in page.words


@pytest.mark.parametrize("kind", ["service", "complaint", "appeal"])
def test_a_complaint_is_sent_and_its_talon_leads_to_its_progress(citizen: Client, team: Team, kind: str) -> None:
    page = visit(citizen, f"/complain/{kind}/").send(**typed(team, about="decision", iin="", email="a@b.kz"))
    assert page.status == 200
    number, code = number_and_code(page)
    made = Complaint.objects.get()
    assert (made.number, made.code, made.kind, made.way) == (number, code, kind, "site")
    assert made.essence == "Үш сағат күттім."
    assert code not in page.path
    assert page.response["Cache-Control"] == "no-store"

    status = visit(citizen, "/complain/status/").send(number=number, code=code)
    assert "Your complaint is registered." in status.words
    assert "Әбенова" not in status.words
    paper = citizen.post("/complain/status/", {"number": number, "code": code, "paper": made.papers.get().key})
    assert paper["Content-Type"] == "application/pdf"
    assert paper.content.startswith(b"%PDF")


def test_number_and_code_of_the_application_tie_the_complaint_to_it(citizen: Client, team: Team) -> None:
    case = make_refused_complaint(team).case
    assert case is not None
    Complaint.objects.all().delete()
    answers = typed(team, about="decision", case_number=case.number, code=case.code, last_name="", first_name="")
    page = visit(citizen, "/complain/complaint/").send(**answers)
    assert page.status == 200, page.summary
    made = Complaint.objects.get()
    assert (made.case, made.person, made.decision) == (case, case.person, case.decisions.get())


def test_a_wrong_code_and_an_unknown_number_are_told_the_same_and_nothing_typed_is_lost(
    citizen: Client, team: Team
) -> None:
    case = make_refused_complaint(team).case
    assert case is not None
    said = set()
    for number, code in ((case.number, "AAAAA-AAAAA"), ("SHM-2026-99999", case.code)):
        page = visit(citizen, FORM).send(**typed(team, case_number=number, code=code))
        assert page.status == 400
        said.add(page.errors["code"])
        assert page.typed("essence") == "Үш сағат күттім."
        assert page.typed("last_name") == "Әбенова"
    assert len(said) == 1


def test_a_number_without_its_code_is_quoted_and_ties_nothing(citizen: Client, team: Team) -> None:
    visit(citizen, FORM).send(**typed(team, case_number="SHM-2026-00001"))
    made = Complaint.objects.get()
    assert made.case is None
    assert "SHM-2026-00001" in made.essence


def test_who_leaves_his_name_out_is_asked_once_and_may_insist(citizen: Client, team: Team) -> None:
    page = visit(citizen, FORM).send(**typed(team, last_name="", first_name=""))
    assert "tick below" in page.errors["last_name"]
    page = page.send(without_name="on")
    assert page.status == 200
    assert Complaint.objects.get().person is None


@pytest.mark.parametrize(
    ("fields", "field", "words"),
    [
        ({"essence": " \n "}, "essence", "This field is required"),
        ({"essence": "а" * 20_001}, "essence", "at most 20000"),
        ({"phone": "келемін"}, "phone", "cannot be dialled"),
        ({"email": "a@b.kz\nBcc: all@b.kz", "reply_way": "email"}, "email", "valid email"),
        ({"reply_way": "email"}, "email", "The answer is to go there"),
        ({"address": ""}, "address", "The answer is to go there"),
        ({"iin": "9901015000161"}, "iin", "12 digits"),
        ({"first_name": ""}, "first_name", "surname and name"),
        ({"office": "999999"}, "office", "valid choice"),
        ({"homepage": "https://buy.example"}, "homepage", "keep robots out"),
        ({"wants_notices": "on"}, "wants_notices", "Give an e-mail or a phone"),
    ],
)
def test_a_mistake_is_named_beside_its_field_and_nothing_is_lost(
    citizen: Client, team: Team, fields: dict[str, str], field: str, words: str
) -> None:
    page = visit(citizen, FORM).send(**typed(team, demand="Түсіндіріңіз.", **fields))
    assert page.status == 400
    assert words in (page.errors.get(field) or page.summary)
    assert page.typed("demand") == "Түсіндіріңіз."
    assert not Complaint.objects.exists()


@pytest.mark.parametrize("phone", ["+49 30 901820", "8 701 123 45 67", "+7 (701) 123-45-67", ""])
def test_a_phone_from_abroad_is_a_phone(citizen: Client, team: Team, phone: str) -> None:
    assert visit(citizen, FORM).send(**typed(team, phone=phone)).status == 200


@pytest.mark.parametrize("iin", ["990101 500016", "990101500710"])
def test_a_doubtful_iin_stops_no_complaint(citizen: Client, team: Team, iin: str) -> None:
    assert visit(citizen, FORM).send(**typed(team, iin=iin)).status == 200
    assert Complaint.objects.get().contacts["iin"] == iin.replace(" ", "")


def test_the_form_sent_twice_is_one_complaint_with_the_same_talon(citizen: Client, team: Team) -> None:
    page = visit(citizen, FORM)
    first, again = page.send(**typed(team)), page.send(**typed(team))
    assert number_and_code(first) == number_and_code(again)
    assert Complaint.objects.count() == 1
    other = page.send(**typed(team, essence="Басқа нәрсе"))
    assert other.status == 409
    assert other.typed("essence") == "Басқа нәрсе"


def test_ten_megabytes_of_text_are_refused_with_a_page_not_an_error(citizen: Client, team: Team) -> None:
    answer = citizen.post(FORM, typed(team, essence="а" * 5_300_000))
    assert answer.status_code == 400
    assert "text/html" in answer["Content-Type"]
    assert not Complaint.objects.exists()


def test_one_place_cannot_flood_an_office(citizen: Client, team: Team) -> None:
    for _try in range(10):
        visit(citizen, FORM).send(**typed(team))
    page = visit(citizen, FORM).send(**typed(team))
    assert (page.status, page.response["Retry-After"]) == (429, "60")
    assert page.typed("essence") == "Үш сағат күттім."
    assert Complaint.objects.count() == 10


def test_a_kind_that_does_not_exist_is_not_there(citizen: Client) -> None:
    assert visit(citizen, "/complain/other/").status == 404


# ------------------------------------------------------------------ progress


def test_an_unknown_number_and_a_wrong_code_answer_the_same_and_too_many_tries_wait(
    citizen: Client, team: Team
) -> None:
    made = make_complaint(team)
    wrong = visit(citizen, "/complain/status/").send(number=made.number, code="AAAAA-AAAAA")
    unknown = visit(citizen, "/complain/status/").send(number="SHM-C-2026-77777", code=made.code)
    assert wrong.summary == unknown.summary != ""
    for _try in range(10):
        visit(citizen, "/complain/status/").send(number=made.number, code="AAAAA-AAAAA")
    assert visit(citizen, "/complain/status/").send(number=made.number, code="AAAAA-AAAAA").status == 429


def test_the_answer_is_read_by_number_and_code_with_the_bodies_above() -> None:
    team = make_team("zhambyl:taraz")
    made = bring_to(make_complaint(team), team, State.ANSWERED)
    client = Client()
    client.cookies["django_language"] = "ru"
    page = visit(client, "/complain/status/").send(number=made.number, code=made.code)
    assert "Ответ готов" in page.words
    assert "Жалоба признана обоснованной" in page.words
    assert office("zhambyl:oblast").name_ru in page.words
    paper = made.papers.get(kind="complaint_answer")
    stranger = make_complaint(team)
    sent = {"number": stranger.number, "code": stranger.code, "paper": paper.key}
    assert client.post("/complain/status/", sent).status_code == 404
    assert client.post("/complain/status/", {**sent, "paper": "nothing"}).status_code == 404


def test_silence_past_the_term_is_shown_as_a_refusal_to_both_sides(
    citizen: Client, team: Team, monkeypatch: Any
) -> None:
    made = make_complaint(team, "appeal", at=FRIDAY)
    monkeypatch.setattr("django.utils.timezone.now", lambda: datetime(2026, 4, 9, 10, 0, tzinfo=ALMATY))
    page = visit(citizen, "/complain/status/").send(number=made.number, code=made.code)
    assert "By law this counts as a refusal" in page.words
    assert "by law this counts as a refusal" in visit(sign_in(team.head), f"/complaints/{made.pk}/").words


# ------------------------------------------------------------------ the staff


def test_the_clerk_registers_what_was_told_at_the_reception(team: Team) -> None:
    clerk = sign_in(team.clerk)
    page = visit(clerk, "/complaints/register/")
    page = page.send(kind="service", way="oral", about="conduct", essence="", challenged=str(team.executor.user.pk))
    made = Complaint.objects.get()
    assert page.response["Location"] == f"/complaints/{made.pk}/"
    assert (made.way, made.person, made.missing) == ("oral", None, ["name", "essence"])
    assert Event.objects.get(subject=made.subject).actor == team.clerk.user


def test_an_anonymous_complaint_has_its_page(team: Team) -> None:
    made = make_complaint(team, "appeal", person=None, essence=" ")
    page = visit(sign_in(team.clerk), f"/complaints/{made.pk}/")
    assert "anonymous" in page.words
    assert (
        "surname, name and patronymic, individual identification number (IIN), postal address, what it is about"
        in page.words
    )


def test_a_complaint_goes_its_way_on_the_pages(team: Team) -> None:
    made, other = make_refused_complaint(team), make_staff("south:shymkent", "executor")
    deputy, executor, clerk, head = (sign_in(person) for person in (team.deputy, other, team.clerk, team.head))

    def does(client: Client, act: str, **fields: str) -> None:
        page = visit(client, f"/complaints/{made.pk}/{act}/").send(**fields)
        assert page.response.status_code == 302, page.summary

    assert made.number in visit(deputy, "/work/complaints/").words
    does(deputy, "assign", executor=str(other.user.pk))
    assert made.number in visit(executor, "/work/complaints/").words
    does(executor, "consider", substantiated="yes", outcome="satisfied", text="Негізді.")
    does(deputy, "answer")
    does(clerk, "tell", how="phone")
    does(clerk, "deliver", way="in_person")
    assert made.number in visit(head, "/work/complaints/").words
    does(head, "remedy", reopen="yes", executor=str(other.user.pk))
    page = visit(head, f"/complaints/{made.pk}/")
    assert "What was granted has been begun" in page.words
    made.refresh_from_db()
    assert made.case is not None
    assert "Reopened after a complaint" in visit(head, f"/cases/{made.case_id}/").words


def test_who_is_complained_of_is_offered_nothing_but_sees_it(team: Team) -> None:
    made = make_refused_complaint(team)
    page = visit(sign_in(team.head), f"/complaints/{made.pk}/")
    assert made.number in page.words
    assert f"/complaints/{made.pk}/assign/" not in page.html
    answer = visit(sign_in(team.deputy), f"/complaints/{made.pk}/assign/").send(executor=str(team.executor.user.pk))
    assert answer.status == 400
    forced = sign_in(team.head).post(
        f"/complaints/{made.pk}/assign/",
        {"token": "7b2f5a40-4a41-4f44-8f70-111111111111", "version": made.version, "executor": team.deputy.user.pk},
    )
    assert forced.status_code == 403


def test_another_office_finds_nothing(team: Team) -> None:
    made = make_complaint(team, person=make_person(last_name="Құпиябаева"))
    foreign = sign_in(make_team("south:arys").head)
    for path in (
        f"/complaints/{made.pk}/",
        f"/complaints/{made.pk}/assign/",
        f"/complaints/{made.pk}/papers/{made.papers.get().key}.pdf",
    ):
        assert foreign.get(path).status_code == 404
    assert "Құпиябаева" not in visit(foreign, "/complaints/").words
    found = visit(foreign, "/complaints/search/").send(q="Құпиябаева")
    assert "Nothing found" in found.words


def test_the_journal_filters_by_address_and_leaves_the_house_as_a_table(team: Team) -> None:
    late = make_complaint(team, "service", at=FRIDAY - timedelta(days=20))
    fresh = make_complaint(team, "appeal", at=SOON)
    head = sign_in(team.head)
    assert {late.number, fresh.number} <= set(re.findall(r"SHM-C-\d{4}-\d{5}", visit(head, "/complaints/").html))
    for query, shown in (
        ("state=late", late),
        ("kind=appeal", fresh),
        ("start=2026-03-01", fresh),
        ("end=2026-03-01", late),
    ):
        html = visit(head, f"/complaints/?{query}").html
        assert set(re.findall(r"SHM-C-\d{4}-\d{5}", html)) == {shown.number}, query
    table = b"".join(head.get("/complaints/?format=csv").streaming_content).decode()
    assert late.number in table
    assert "Нұрмұхаммедова" in table
    sheet = head.get("/complaints/?format=xlsx")
    assert b"".join(sheet.streaming_content).startswith(b"PK")
    assert visit(head, "/complaints/?start=never").status == 400


def test_a_complaint_is_found_by_number_name_and_iin(team: Team) -> None:
    person = make_person()
    made = make_complaint(team, person=person)
    head = sign_in(team.head)
    for text in (made.number.lower(), "нұрмұхаммедова", person.iin):
        page = visit(head, "/complaints/search/").send(q=text)
        assert page.response["Location"] == reverse("complaint", args=(made.pk,)), text


def test_the_extension_is_refused_on_the_page_with_the_last_day_and_the_text_kept(team: Team) -> None:
    made = make_complaint(team, "appeal", at=SOON)
    page = visit(sign_in(team.head), f"/complaints/{made.pk}/extend/")
    assert "not after 08.06.2026" in page.words
    page = page.send(until="2026-07-01", reason="Құжаттар күтілуде")
    assert page.status == 400
    assert "08.06.2026" in page.errors["until"]
    assert page.typed("reason") == "Құжаттар күтілуде"


def test_lists_ask_the_database_the_same_whatever_their_length(team: Team, django_assert_max_num_queries: Any) -> None:
    for _row in range(6):
        actions.assign(make_complaint(team), executor=team.executor.user, by=team.head, at=SOON)
    head = sign_in(team.head)
    visit(head, "/work/complaints/?only=all")
    with django_assert_max_num_queries(7):
        visit(head, "/work/complaints/?only=all")


# ------------------------------------------------------------------ files and messages


def test_a_file_comes_with_the_complaint_if_it_is_what_its_name_says(citizen: Client, team: Team) -> None:
    wrong = SimpleUploadedFile("a.pdf", b"MZ\x90\x00 no paper at all", content_type="application/pdf")
    page = visit(citizen, FORM).send(**typed(team, file=wrong))
    assert page.status == 400
    assert "the file must be what its name says" in page.errors["file"]
    assert page.typed("essence") == "Үш сағат күттім."
    assert not Complaint.objects.exists()
    right = SimpleUploadedFile("хат.pdf", a_pdf(), content_type="application/pdf")
    assert page.send(file=right).status == 200
    kept = Complaint.objects.get().attachments.get()
    assert (kept.name, kept.content_type, kept.added_by) == ("хат.pdf", "application/pdf", None)
    answer = sign_in(team.head).get(f"/complaints/{Complaint.objects.get().pk}/files/{kept.pk}")
    assert answer["Content-Disposition"].startswith("attachment")
    assert b"".join(answer.streaming_content).startswith(b"%PDF")


def test_a_visitor_brings_only_so_many_files_a_day_and_keeps_what_he_wrote(
    citizen: Client, team: Team, settings: Any
) -> None:
    settings.UPLOADS_A_DAY = 1
    files = [SimpleUploadedFile("a.pdf", a_pdf(), content_type="application/pdf") for _ in range(2)]
    assert visit(citizen, FORM).send(**typed(team, file=files[0])).status == 200
    page = visit(citizen, FORM).send(**typed(team, file=files[1]))
    assert (page.status, "No more than 1 files a day" in page.errors["file"]) == (400, True)
    assert page.typed("essence") == "Үш сағат күттім."
    assert page.send().status == 200, "without the file it is taken"
    assert Complaint.objects.count() == 2


def test_who_asked_for_it_is_told_of_each_change_until_he_stops_it(
    citizen: Client, team: Team, mailoutbox: list[Any]
) -> None:
    page = visit(citizen, FORM).send(**typed(team, email="a@b.kz", wants_notices="on"))
    number, code = number_and_code(page)
    complaint = actions.assign(Complaint.objects.get(), executor=team.executor.user, by=team.head, at=SOON)
    drain()
    (mail,) = mailoutbox
    assert mail.to == ["a@b.kz"]
    assert number in mail.subject
    assert code not in mail.body
    assert "Әбенова" not in mail.subject + mail.body

    status = visit(citizen, "/complain/status/").send(number=number, code=code, stop="1")
    assert "Send me no more messages" not in status.words
    complaint.refresh_from_db()
    complaint = actions.consider(
        complaint, substantiated=True, outcome="satisfied", text="Негізді.", by=team.executor, at=SOON
    )
    drain()
    assert len(mailoutbox) == 1
