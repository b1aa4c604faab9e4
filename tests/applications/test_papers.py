"""What the papers say that an office puts its name on: the fields of the acts, and what the law asks of a refusal."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from barcode import Code128
from django.utils import translation

from applications import notices, shipping
from applications.codes import bar_code, qr_code
from applications.models import Case, Clock, Shipment
from applications.workflow import State
from offices.models import Substitution
from offices.policy import staff_at
from tests.applications.paper_data import (
    MONDAY,
    decided,
    decision_paper,
    facts,
    long_name,
    missing_list,
    nothing_in_order,
    page,
    said,
    talon_of,
    words,
)
from tests.applications.test_casework import EDITIONS
from tests.factories import (
    FRIDAY,
    edition,
    found,
    make_case,
    make_centre_case,
    make_centre_team,
    make_staff,
    make_team,
    make_user,
)

pytestmark = pytest.mark.django_db
ON_THE_TALON = {
    "registered": "Date of registration",
    "registered_time": "Date and time of registration",
    "due": "Term of execution",
    "service_date": "Date of the service",
    "taker_surname": "Documents taken by",
    "taker_name": "Documents taken by",
}


# ------------------------------------------------------------------ talon and receipt


@pytest.mark.parametrize("label", EDITIONS)
def test_a_talon_prints_the_fields_that_the_act_asks_for_and_no_others(label: str) -> None:
    paper = talon_of(make_team(EDITIONS[label]), label)
    asked = next(row for row in edition(label).receipts if row["kind"] != "receipt")["fields"]
    if "registered_time" in asked:
        asked.remove("registered")  # one line holds both
    assert set(facts(paper)) == {said(paper, ON_THE_TALON[field]) for field in asked}


def test_a_talon_names_the_taker_as_far_as_the_act_wants() -> None:
    taken_by = {
        label: facts(paper).get(said(paper, "Documents taken by"))
        for label, key in (("E1", "zhambyl:taraz"), ("E3", "north:zhambyl"), ("E8", "south:shymkent"))
        for paper in [talon_of(make_team(key), label)]
    }
    assert taken_by["E1"].startswith("Әбдіқадырова")
    assert " " not in taken_by["E1"]
    assert taken_by["E3"] is None
    assert taken_by["E8"].endswith(" Гүлшат")  # surname and name, without the patronymic


def test_a_talon_says_until_when_and_why_by_name_of_every_day_left_out() -> None:
    paper = talon_of(make_team(), "E8")
    text = words(page(paper))
    assert "27.03.2026 18:00" in text
    assert " ".join(paper.data["due_why"].split()) in text
    for day in ("14.03", "15.03", "21.03, 22.03, 23.03", "24.03", "25.03", "Наурыз мейрамы"):
        assert day in paper.data["due_why"]


def test_a_talon_carries_the_number_the_code_and_both_as_something_to_scan() -> None:
    case = make_case(make_team(), "E8")
    paper = case.papers.get(kind="talon")
    sheet = page(paper)
    assert case.number in words(sheet)
    assert words(sheet.xpath("//p[@class='code']")[0]) == case.code
    html = notices.as_html(paper)
    assert bar_code(case.number, said(paper, "Bar code of the number")) in html
    assert qr_code(paper.data["status_link"], said(paper, "Address of the status page")) in html
    # Only the fragment holds number and code, and a browser never sends it.
    assert paper.data["status_link"].partition("#")[2] == f"{case.number}/{case.code}"


def test_the_drawn_bars_are_those_of_code_128() -> None:
    path = bar_code("SHM-2026-00017", "x").partition('d="')[2].partition('"')[0]
    modules = Code128("SHM-2026-00017").build()[0]
    drawn = ["0"] * len(modules)
    for bar in path.split("M")[1:]:
        start, length = bar.split(" .5h")
        drawn[int(start) : int(start) + int(length)] = "1" * int(length)
    assert "".join(drawn) == modules


def test_a_talon_never_names_the_applicant_since_it_carries_the_code() -> None:
    paper = talon_of(make_team(), "E8", person=long_name(iin="990101500016"))
    text = words(page(paper))
    assert "Құдайбергенова" not in text
    assert "990101500016" not in text


def test_where_the_act_gives_no_talon_the_slip_says_what_it_is() -> None:
    for label in ("E2", "E6"):
        paper = talon_of(make_team(EDITIONS[label]), label)
        assert words(page(paper).find(".//h1")) == said(paper, "Slip for following the application")
        assert said(
            paper, "For this service the act gives no talon. With this slip you can follow your application."
        ) in (words(page(paper)))
    stub = talon_of(make_team("zhambyl:taraz"), "E1")
    assert words(page(stub).find(".//h1")) == said(stub, "Stub of the application")


def test_where_the_commission_starts_the_term_the_talon_says_so_instead_of_a_date() -> None:
    paper = talon_of(make_team("akmola:kokshetau"), "E13")
    text = words(page(paper))
    assert said(paper, "The term starts when the decision of the commission is received.") in text
    assert " ".join(paper.data["term"].split()) in text
    assert paper.data["due_at"] == ""
    assert said(paper, "Result not later than:") not in text


def test_the_receipt_of_the_service_centre_lists_the_papers_and_the_inspector_in_full() -> None:
    centre = make_centre_team()
    case = make_centre_case(make_team(), centre)
    paper = case.papers.get(kind="receipt")
    rows, text = facts(paper), words(page(paper))
    assert case.centre_number in words(page(paper).xpath("//p[@class='number']")[0])
    assert rows[said(paper, "Documents taken by")] == centre.inspector.user.get_full_name()
    assert rows[said(paper, "Service")] == case.edition.service.name_kk
    listed = [words(item) for item in page(paper).xpath("//ol[@class='papers']/li")]
    here = case.documents.filter(status__in=("handed_in", "shown")).select_related("requirement")
    assert listed == [row.requirement.name_kk for row in here]
    assert f"{len(listed)}" in words(page(paper).xpath("//h2")[0])
    assert centre.centre.name_kk in text
    assert case.office.name_kk not in text


# ------------------------------------------------------------------ list of missing documents


def test_the_whole_list_of_missing_documents_goes_out_with_date_time_and_names() -> None:
    team = make_team("akmola:kokshetau")
    paper = missing_list(team, "E13", nothing_in_order(edition("E13")))
    rows = page(paper).xpath("//table[@class='lines']/tbody/tr")
    assert len(rows) == 16
    for row, requirement in zip(rows, edition("E13").documents.all(), strict=True):
        assert requirement.name_kk in words(row)
        assert requirement.point in words(row)
    assert "мөрі жоқ" in words(rows[1])
    assert "мөрі жоқ" not in words(rows[0])
    text = words(page(paper))
    for part in ("13.03.2026 10:00", "13.03.2026 10:12", long_name().last_name, team.clerk.user.get_full_name()):
        assert part in text
    assert said(paper, "* Of the papers with the same letter one is enough.") in text
    assert paper.case is not None
    assert paper.case.number == ""


def test_a_list_given_at_a_window_bears_the_head_of_the_centre() -> None:
    centre = make_centre_team()
    documents = found(edition("E7"), no2="қолы жоқ")
    paper = missing_list(make_team(), "E7", documents, by=centre.inspector, centre=centre.centre)
    assert centre.centre.name_kk in words(page(paper).xpath("//div[@class='head']")[0])
    assert "қолы жоқ" in words(page(paper))


# ------------------------------------------------------------------ notice and refusal


@pytest.mark.parametrize(
    ("label", "heading"),
    [
        ("E8", "notification"),
        ("E2", "certificate"),
        ("E6", "referral"),
        ("E4", "personal record card"),
        ("E13", "decision"),
    ],
)
def test_the_heading_of_a_granted_service_is_what_the_act_calls_the_result(label: str, heading: str) -> None:
    paper = decision_paper(decided(make_team(EDITIONS[label]), label))
    assert words(page(paper).find(".//h1")).casefold() == said(paper, heading).casefold()


def test_a_notice_bears_head_both_numbers_and_dates_act_text_signature_and_executor() -> None:
    team = make_team()
    case = decided(team, "E8")
    paper = decision_paper(case)
    text = words(page(paper))
    decree = case.edition.decree
    for part in (
        team.office.name_kk, team.office.name_ru, team.office.address_kk, team.office.phone_list[0],
        case.number, case.decisions.get().number, "13.03.2026", "16.03.2026",
        case.person.full_name, case.person.iin, case.edition.service.name_kk,
        f"{decree.body_kk}, 14.12.2012 № 370", case.edition.name_kk, "Көмек 2026 жылғы 1 сәуірден",
        team.head.user.get_full_name(), team.head.user.post, team.executor.user.get_full_name(),
        said(paper, "Place for the stamp"),
    ):  # fmt: skip
        assert part in text
    assert case.edition.delivery["point"] in text.replace("\xa0", " ")


def test_a_referral_names_the_taker_of_the_papers_because_its_service_has_no_talon() -> None:
    team = make_team()
    paper = decision_paper(decided(team, "E6"))
    assert facts(paper) == {
        said(paper, "Date of the service"): "16.03.2026",
        said(paper, "Documents taken by"): f"{team.executor.user.last_name} Гүлшат",
    }


def test_an_address_is_printed_only_where_the_act_lets_the_paper_go_by_post() -> None:
    posted = decision_paper(decided(make_team("north:zhambyl"), "E3"))
    in_person = decision_paper(decided(make_team(), "E8"))
    assert "Төле би көшесі, 1 үй" in words(page(posted))
    assert "Төле би көшесі, 1 үй" not in words(page(in_person))


def test_a_refusal_says_all_that_the_law_asks_of_it() -> None:
    team = make_team()
    case = decided(team, "E12", refused=True)
    paper, decision = decision_paper(case), case.decisions.get()
    text, rows = words(page(paper)), facts(paper)
    assert rows[said(paper, "Deciding body")] == team.office.name_kk
    assert rows[said(paper, "Official")] == f"{team.head.user.get_full_name()}, {team.head.user.post}"
    assert rows[said(paper, "Date of the decision")] == "16.03.2026"
    assert case.person.full_name in rows[said(paper, "Applicant")]
    question = said(
        paper, "Whether the service «%(service)s» is to be provided on the application № %(number)s of %(date)s."
    )
    assert question % {"service": case.edition.name, "number": case.number, "date": "13.03.2026"} in text
    for row in decision.grounds.all():
        assert f"{row.ground.name_kk} (" in text
    assert "16" in words(page(paper).xpath("//ol/li")[0])
    assert (
        said(paper, "Service standard: decree of the Government of the Republic of Kazakhstan of 07.04.2011 № 394.")
        in text
    )
    assert decision.facts in text
    assert decision.number in text


def test_a_refusal_says_where_when_and_how_to_appeal() -> None:
    paper = decision_paper(decided(make_team("zhambyl:taraz"), "E1", refused=True))
    appeal = page(paper).xpath("//div[@class='appeal']")[0]
    where = [words(item) for item in appeal.xpath(".//li")]
    # The act names the akimats; the contact table says which one, where, and its phone.
    assert where == ["аудандар мен Тараз қаласының әкімияттары", where[1]]
    for part in ("Тараз қаласы әкімияты", "Достық алаңы, 3", "8-7262-454814"):
        assert part in where[1]
    when = next(words(item) for item in appeal.xpath("./p") if "92" in words(item))
    how = next(words(item) for item in appeal.xpath("./p") if "Достоевский көшесі, 14" in words(item))
    assert when != how


def test_where_the_act_names_nobody_an_appeal_goes_to_the_office_its_higher_body_and_the_court() -> None:
    case = make_case(make_team(), "E8")
    with translation.override("kk"):
        assert notices.appeal_bodies(case)[0] == case.office.name
        assert len(notices.appeal_bodies(case)) == 2
        case.office.parent = make_team("zhambyl:taraz").office
        higher = notices.appeal_bodies(case)[1]
    assert higher.startswith(case.office.parent.name_kk)
    assert case.office.parent.address_kk in higher


def test_addresses_that_the_act_prints_itself_are_not_printed_twice() -> None:
    case = make_case(make_team("north:zhambyl"), "E3")
    head, deputy, oblast, court = notices.appeal_bodies(case)
    assert head.count("2-13-38") == 1
    assert deputy.count("2-26-09") == 1
    assert oblast.count("46-56-48") == 1
    assert not court.endswith(".")


def test_a_deputy_signs_by_order_and_the_paper_says_by_which_and_for_whom() -> None:
    team = make_team()
    stand_in = make_user(post="бас маман")
    Substitution.objects.create(
        office=team.office, order_number="12-ө", order_date=FRIDAY.date(), absent=team.head.user, deputy=stand_in,
        role="head", valid_from=FRIDAY.date(), valid_to=FRIDAY.date() + timedelta(days=30),
    )  # fmt: skip
    paper = decision_paper(decided(team, "E8", by=staff_at(stand_in, MONDAY)))
    text = words(page(paper))
    assert stand_in.get_full_name() in text
    assert "бас маман" in text
    assert team.head.user.get_full_name() in text
    assert "№ 12-ө, 13.03.2026" in text


def test_who_has_no_post_signs_by_his_role() -> None:
    team = make_team()
    chief = make_staff("south:shymkent", "head", user=make_user(post=""))
    paper = decision_paper(decided(team, "E8", by=chief))
    assert paper.data["signed_by_post"] == said(paper, "Head")


def test_a_paper_of_a_russian_speaking_applicant_is_russian_throughout() -> None:
    case = decided(make_team(), "E8", language="ru")
    paper = decision_paper(case)
    assert page(paper).get("lang") == "ru"
    assert case.edition.service.name_ru in words(page(paper))
    assert case.edition.service.name_kk not in words(page(paper))


# ------------------------------------------------------------------ why this date


def test_a_last_day_off_is_named_with_the_day_that_was_moved() -> None:
    case = make_case(make_team("north:zhambyl"), "E3")
    why = notices.why_in_short(case.clocks.get(kind="overall"))
    assert "23.03.2026" in why  # the tenth calendar day is Nauryz
    assert "7 1)" in why.replace("\xa0", " ")
    assert "24.03" not in why  # the days after it belong to the moving, not to the counting


def test_a_step_is_explained_by_its_row_of_table_1_and_a_clock_without_a_norm_by_nothing() -> None:
    case = make_case(make_team(), "E8", state=State.ASSIGNED)
    with translation.override("en"):
        assert "table 1, row 3" in notices.why_in_short(case.clocks.get(kind="step", stopped_at=None))
    assert notices.why_in_short(None) == ""
    assert notices.why_in_short(Clock(case=case, kind="overall", due_at=None)) == ""
    bare = Clock(case=case, kind="step", due_at=FRIDAY, started_at=FRIDAY)
    assert notices.why_in_short(bare) == ""


# ------------------------------------------------------------------ dispatch list


def dispatch_list(team: Any, number_of_cases: int) -> tuple[Shipment, list[Case]]:
    centre = make_centre_team()
    cases = [make_centre_case(team, centre, state=State.COLLECTED) for _n in range(number_of_cases)]
    numbers = [case.centre_number for case in cases]
    return shipping.dispatch(numbers, by=centre.accumulator, at=FRIDAY + timedelta(hours=2))[0], cases


def test_a_dispatch_list_names_sender_receiver_and_every_package_to_be_scanned() -> None:
    team = make_team()
    shipment, cases = dispatch_list(team, 3)
    paper = shipment.papers.get()
    rows = page(paper).xpath("//table[@class='lines']/tbody/tr")
    assert len(rows) == 3
    for row, case in zip(rows, cases, strict=True):
        assert case.centre_number in words(row)
        assert case.person.full_name in words(row)
        assert bar_code(case.centre_number, "").partition('d="')[2][:40] in notices.as_html(paper)
        assert row.xpath(".//*[local-name()='svg']")
    sender, receiver = (facts(paper)[said(paper, name)] for name in ("Sender", "Receiver"))
    assert sender == shipment.centre.name_kk
    assert receiver.startswith(team.office.name_kk)
    assert shipment.number in words(page(paper).find(".//h1"))
    hands = [words(row) for row in page(paper).xpath("//table[contains(@class, 'hands')]//tr")]
    assert len(hands) == 4
    assert shipment.sent_by.get_full_name() in hands[1]


def test_a_list_of_results_goes_the_other_way() -> None:
    team = make_team()
    shipment, _cases = dispatch_list(team, 1)
    shipment.direction = "to_centre"
    with translation.override("ru"):
        paper = notices.make_dispatch_list(shipment, by=team.clerk.user, at=FRIDAY)
    assert paper.language == "ru"
    assert facts(paper)[said(paper, "Sender")] == team.office.name_ru
    assert facts(paper)[said(paper, "Receiver")].startswith(shipment.centre.name_ru)
