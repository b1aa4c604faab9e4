"""Surveys: who is asked, once, and that no answer leads to a person."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from applications import data_rights
from applications.casework import ActRefused
from applications.models import Case, Event, Person
from applications.workflow import State
from complaints.models import Complaint
from kpi.actions.surveys import answer
from kpi.lawfiles import survey_rule
from kpi.models import SurveyAnswer, SurveyPart, SurveyUse
from kpi.queries import surveys
from tests.complaints.makers import make_complaint
from tests.factories import FRIDAY, make_case, make_person, make_team
from tests.pages import Page, post, visit

pytestmark = pytest.mark.django_db
ALL_FIVE = {"2.1": 5, "3.1": 4, "5.1": 3}


@pytest.fixture
def case() -> Case:
    """A case whose notice is in the applicant's hands."""
    return make_case(make_team(), state=State.HANDED_OVER)


@pytest.fixture
def complained(monkeypatch: Any) -> None:
    """The applicant has complained, and was answered."""
    monkeypatch.setattr(surveys, "has_complained", lambda case: True)


def start(number: str, code: str, **more: Any) -> Page:
    """The page after number and code were typed."""
    return post(Client(headers={"accept-language": "en"}), "/survey/", number=number, code=code, **more)


# ------------------------------------------------------------------ the rule


def test_four_and_five_are_satisfied_and_every_question_has_its_line_and_three_languages() -> None:
    rule = survey_rule()
    assert rule.satisfied == {4, 5}
    assert [step.code for step in rule.scale] == ["5", "4", "3", "2", "1"]
    assert {question.code: question.part for question in rule.questions} == {
        "2.1": "service", "3.1": "service", "5.1": "service", "4.3": "complaint", "4.4": "complaint",
    }  # fmt: skip
    assert all(set(line.words) == {"kk", "ru", "en"} for line in (*rule.scale, *rule.questions))


# ------------------------------------------------------------------ the act


def test_answers_are_kept_with_office_service_day_and_the_rules_judgement(case: Case) -> None:
    answer(case, SurveyPart.SERVICE, ALL_FIVE, at=FRIDAY)
    rows = {row.code: row for row in SurveyAnswer.objects.all()}
    assert {code: (row.score, row.satisfied) for code, row in rows.items()} == {
        "2.1": (5, True), "3.1": (4, True), "5.1": (3, False),
    }  # fmt: skip
    assert {(row.office_id, row.edition_id, row.day, row.rule_version) for row in rows.values()} == {
        (case.office_id, case.edition_id, FRIDAY.date(), 1)
    }
    assert len({row.sheet for row in rows.values()}) == 1


def test_a_person_answers_once_for_a_case_whatever_he_answers(case: Case) -> None:
    answer(case, SurveyPart.SERVICE, {"2.1": 1}, at=FRIDAY)
    with pytest.raises(ActRefused) as refusal:
        answer(case, SurveyPart.SERVICE, ALL_FIVE, at=FRIDAY + timedelta(days=1))
    assert refusal.value.status == 409
    assert SurveyAnswer.objects.count() == 1


def test_the_database_lets_no_second_sheet_in(case: Case, monkeypatch: Any) -> None:
    monkeypatch.setattr("kpi.actions.surveys.open_parts", lambda case: list(SurveyPart))
    answer(case, SurveyPart.SERVICE, {"2.1": 1}, at=FRIDAY)
    with pytest.raises(ActRefused):
        answer(case, SurveyPart.SERVICE, ALL_FIVE, at=FRIDAY)
    assert (SurveyAnswer.objects.count(), SurveyUse.objects.count()) == (1, 1)


def test_a_person_whose_records_were_merged_since_has_answered_already(case: Case) -> None:
    stays = Person.objects.create(last_name="Өтегенова", first_name="Ақбөпе")
    answer(case, SurveyPart.SERVICE, {"2.1": 5}, at=FRIDAY)
    Person.objects.filter(pk=case.person_id).update(merged_into=stays)
    merged = Case.objects.get(pk=case.pk)
    assert surveys.person_of(merged) == stays
    assert surveys.open_parts(merged) == []


@pytest.mark.parametrize("scores", [{}, {"2.1": 0}, {"2.1": 6}, {"4.3": 5}, {"9.9": 5}])
def test_what_the_rule_does_not_ask_is_no_answer(case: Case, scores: dict[str, int]) -> None:
    with pytest.raises(ActRefused) as refusal:
        answer(case, SurveyPart.SERVICE, scores, at=FRIDAY)
    assert refusal.value.status == 400
    assert not SurveyUse.objects.exists()


def test_before_the_answer_is_signed_nobody_is_asked() -> None:
    case = make_case(make_team(), state=State.PREPARED)
    with pytest.raises(ActRefused):
        answer(case, SurveyPart.SERVICE, ALL_FIVE, at=FRIDAY)


def test_only_who_complained_and_was_answered_is_asked_of_the_complaint(case: Case) -> None:
    person = make_person(iin=case.person.iin, last_name=case.person.last_name)
    own = make_complaint(make_team(), case=case, proved=True, person=person)
    Complaint.objects.filter(pk=own.pk).update(person=case.person)
    assert surveys.open_parts(case) == [SurveyPart.SERVICE]  # nobody has answered it yet
    Complaint.objects.filter(pk=own.pk).update(answered_at=FRIDAY)
    assert surveys.open_parts(case) == list(SurveyPart)
    Complaint.objects.filter(pk=own.pk).update(kind="appeal")
    assert surveys.open_parts(case) == [SurveyPart.SERVICE]
    Complaint.objects.filter(pk=own.pk).update(kind="service", person=make_case(make_team()).person)
    assert surveys.open_parts(case) == [SurveyPart.SERVICE]  # somebody else's
    with pytest.raises(ActRefused):
        answer(case, SurveyPart.COMPLAINT, {"4.3": 5, "4.4": 2}, at=FRIDAY)


@pytest.mark.usefixtures("complained")
def test_who_complained_answers_both_parts_each_once(case: Case) -> None:
    answer(case, SurveyPart.SERVICE, {"2.1": 4}, at=FRIDAY)
    assert surveys.open_parts(case) == [SurveyPart.COMPLAINT]
    # The act looks for itself; here it is told by the same fixture.
    answer(case, SurveyPart.COMPLAINT, {"4.3": 5, "4.4": 2}, at=FRIDAY)
    assert surveys.open_parts(case) == []
    assert {row.code: row.satisfied for row in SurveyAnswer.objects.all()} == {"2.1": True, "4.3": True, "4.4": False}


def test_no_row_leads_from_an_answer_to_the_person(case: Case) -> None:
    before = Event.objects.count()
    answer(case, SurveyPart.SERVICE, ALL_FIVE, at=FRIDAY)
    assert Event.objects.count() == before
    targets = {field.related_model for field in SurveyAnswer._meta.get_fields() if field.is_relation}
    assert {model.__name__ for model in targets if model} == {"Office", "Edition"}
    use = {field.name for field in SurveyUse._meta.get_fields()}
    assert use == {"id", "case", "person", "part", "used_on"}
    # Keys that count up would tell the order, and hours the sheet.
    kinds = {field.get_internal_type() for model in (SurveyAnswer, SurveyUse) for field in model._meta.fields}
    assert not kinds & {"BigAutoField", "AutoField", "DateTimeField", "TimeField"}


def test_with_the_personal_data_of_a_case_goes_the_row_that_its_person_has_answered(case: Case) -> None:
    answer(case, SurveyPart.SERVICE, ALL_FIVE, at=FRIDAY)
    data_rights.erase(case, reason="retention", at=FRIDAY + timedelta(days=4000))
    assert (SurveyUse.objects.count(), SurveyAnswer.objects.count()) == (0, 3)


# ------------------------------------------------------------------ the page


def test_by_the_number_and_code_of_the_notice_to_the_thanks_and_never_again(case: Case) -> None:
    page = start(case.number, case.survey_code)
    assert "Courtesy of the staff" in page.words
    assert "The appeal procedure" not in page.words
    thanks = page.send(q2_1="5", q3_1="4", q5_1="5")
    assert "Thank you" in thanks.words
    assert SurveyAnswer.objects.filter(satisfied=True).count() == 3
    assert "This survey was answered already" in start(case.number, case.survey_code).words
    assert page.send(q2_1="1").status == 409
    assert SurveyAnswer.objects.count() == 3


def test_the_talons_code_is_as_good_but_the_surveys_code_opens_nothing_else(case: Case) -> None:
    assert "Courtesy of the staff" in start(case.number, case.code).words
    status = post(Client(headers={"accept-language": "en"}), "/status/", number=case.number, code=case.survey_code)
    assert "No application has this number together with this code" in status.words


def test_nothing_ticked_is_said_and_nothing_is_used_up(case: Case) -> None:
    page = start(case.number, case.survey_code).send()
    assert (page.status, "Answer at least one question." in page.summary) == (400, True)
    assert not SurveyUse.objects.exists()


def test_the_page_names_nobody(case: Case) -> None:
    other = make_case(make_team("south:arys"), state=State.SIGNED, person=make_person(last_name="Құпиясыбаева"))
    page = start(other.number, other.survey_code)
    assert "Құпиясыбаева" not in page.html
    assert other.person.iin not in page.html
    assert page.response["Cache-Control"] == "no-store"


def test_codes_cannot_be_guessed(case: Case) -> None:
    browser = Client(headers={"accept-language": "en"})
    answers = [post(browser, "/survey/", number=case.number, code=f"AAAAA-AAAA{x}").status for x in "ABCDEFGHIJKL"]
    assert answers == [200] * 10 + [429] * 2
    sheet = {"number": case.number, "code": "AAAAA-AAAAB", "part": "service", "q2_1": "5"}
    assert post(browser, "/survey/", **sheet).status == 429
    assert not SurveyUse.objects.exists()


@pytest.mark.usefixtures("complained")
def test_who_complained_finds_two_more_questions_after_the_first(case: Case) -> None:
    page = start(case.number, case.survey_code).send(q2_1="5")
    assert "two more questions" in page.words
    done = page.send(q4_3="2", q4_4="5")
    assert "Thank you" in done.words
    assert SurveyAnswer.objects.filter(code__in=("4.3", "4.4")).count() == 2


@pytest.mark.parametrize("part", ["", "x", "complaint"])
def test_what_no_page_would_send_changes_nothing(case: Case, part: str) -> None:
    page = start(case.number, case.survey_code, part=part, q2_1="5", q4_3="5")
    assert page.status in (400, 409)
    assert not SurveyAnswer.objects.exists()


def test_on_a_tablet_the_page_goes_back_to_the_start(case: Case) -> None:
    browser = Client(headers={"accept-language": "en"})
    assert 'action="/survey/?tablet=1"' in visit(browser, "/survey/?tablet=1").html
    sheet = {"number": case.number, "code": case.survey_code, "part": "service", "q2_1": "5"}
    assert 'data-back-to-start="/survey/?tablet=1"' in post(browser, "/survey/?tablet=1", **sheet).html
