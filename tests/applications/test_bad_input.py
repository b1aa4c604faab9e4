"""What people type wrongly, and what nobody types: a clear word beside the field, and nothing typed is lost."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

import pytest

from applications import actions, intake
from applications.models import Attachment, Case, Event, Person
from applications.queries import persons_with
from applications.workflow import State
from tests.factories import (
    FRIDAY,
    Team,
    edition,
    found,
    make_case,
    make_iin,
    make_intake,
    make_staff,
    make_team,
)
from tests.files import PDF
from tests.pages import Page, post, sign_in, visit

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("moment")]


@pytest.fixture
def team() -> Team:
    return make_team()


@pytest.fixture
def counter(team: Team) -> Page:
    """The registration page of E8."""
    return visit(sign_in(team.clerk), f"/register/{team.office.pk}/{edition('E8').pk}/")


def typed(**fields: Any) -> dict[str, Any]:
    """What a clerk types for a complete package."""
    person = {"last_name": "Нұрмұхаммедова", "first_name": "Ақбөпе", "iin": make_iin()}
    return {**person, "phone": "+7 701 000 00 00", "address": "Абай көшесі, 1", "all_here": "on", **fields}


def kept(page: Page, values: dict[str, Any]) -> bool:
    """Whether everything typed still stands in the form."""
    return {name: page.typed(name) for name in values} == values


# ------------------------------------------------------------------ the person


@pytest.mark.parametrize(
    ("iin", "problem"),
    [
        ("990101500017", "The control digit of this IIN does not fit."),
        ("990101500710", "The control digit of this IIN does not fit."),
        ("99010150001", "An IIN has 12 digits."),
        ("ABC", "An IIN has 12 digits."),
        ("٩٩٠١٠١٥٠٠٠١٦", "An IIN has 12 digits."),
        ("", "There is no IIN."),
    ],
)
def test_a_doubtful_iin_warns_and_passes_with_a_reason(counter: Page, iin: str, problem: str) -> None:
    values = typed(iin=iin)
    warned = counter.send(do="register", **values)
    assert warned.status == 400
    assert f"{problem} Correct it, or say here why it is as it is." in warned.errors["iin_reason"]
    assert kept(warned, values)
    assert not Case.objects.exists()
    passed = warned.send(do="register", iin_reason="Шетел азаматы")
    assert passed.status == 302
    person = Case.objects.get().person
    assert (person.iin, person.iin_reason) == (iin, "Шетел азаматы")


def test_a_good_iin_needs_no_reason_and_keeps_none(counter: Page) -> None:
    assert counter.send(do="register", **typed(iin="990101500016", iin_reason="керек емес")).status == 302
    assert Case.objects.get().person.iin_reason == ""


def test_a_number_that_is_too_long_for_an_iin_goes_to_the_old_identifiers(counter: Page) -> None:
    values = typed(iin="990101 500016 77", iin_reason="құжатта осылай")
    refused = counter.send(do="register", **values)
    assert refused.status == 400
    assert "An IIN has 12 digits" in refused.errors["iin"]
    assert kept(refused, values)
    assert refused.send(do="register", iin="", old_identifier="99010150001677").status == 302
    assert Case.objects.get().person.old_identifier == "99010150001677"


def test_two_people_with_the_same_doubtful_number_never_become_one(counter: Page) -> None:
    nobody = {"iin": "000000000000", "iin_reason": "құжаты жоқ"}
    assert counter.send(do="register", **typed(last_name="Ахметов", **nobody)).status == 302
    values = typed(last_name="Сейітқали", token=uuid.uuid4().hex, **nobody)
    refused = counter.send(do="register", **values)
    assert refused.status == 400
    assert "belongs to another person" in refused.errors["iin"]
    assert kept(refused, {**values, "token": refused.typed("token")})
    assert [person.last_name for person in Person.objects.all()] == ["Ахметов"]
    assert refused.send(do="register", iin="").status == 302
    # The first of them comes again.
    again = counter.send(do="register", **typed(last_name="АХМЕТОВ", token=uuid.uuid4().hex, **nobody))
    assert again.status == 302
    assert len(persons_with("000000000000")) == 1


def test_a_date_of_birth_must_lie_in_the_past_and_agree_with_the_iin(counter: Page) -> None:
    future = counter.send(do="register", **typed(birth_date="2026-03-14"))
    assert "The date of birth lies in the future." in future.errors["birth_date"]
    assert future.typed("birth_date") == "2026-03-14"
    other = counter.send(do="register", **typed(iin="850615300011", birth_date="1985-06-16"))
    assert other.status == 400
    assert "iin_reason" in other.errors
    garbage = counter.send(do="register", **typed(birth_date="31.02.1990"))
    assert "Enter a valid date." in garbage.errors["birth_date"]
    assert garbage.typed("birth_date") == "31.02.1990"


@pytest.mark.parametrize(
    "when", ["2026-03-13T11:01", "9999-12-31T23:59", "2025-03-11T10:00", "0001-01-01T00:00", "soon", ""]
)
def test_a_hand_in_that_cannot_be_is_named(counter: Page, when: str) -> None:
    refused = counter.send(do="register", **typed(received_at=when))
    assert refused.status == 400
    assert refused.errors["received_at"]
    assert refused.typed("received_at") == when
    assert not Case.objects.exists()


def test_names_are_needed_and_an_email_must_be_one(counter: Page) -> None:
    refused = counter.send(do="register", **typed(last_name="", first_name=" ", email="бірдеңе"))
    assert {"last_name", "first_name", "email"} <= set(refused.errors)
    assert refused.typed("email") == "бірдеңе"


# ------------------------------------------------------------------ the papers


def test_what_lacks_papers_is_not_registered(counter: Page) -> None:
    first = edition("E8").documents.all()[0]
    values = typed(**{f"paper_{first.pk}": "missing"})
    refused = counter.send(do="register", **values)
    assert refused.status == 400
    assert "Papers are missing or have a defect. Give the list of what is missing instead." in refused.summary
    assert kept(refused, values)
    assert not Case.objects.exists()
    assert refused.send(do="list").status == 302
    assert Case.objects.get().state == State.INCOMPLETE


def test_no_list_is_given_where_nothing_is_missing(counter: Page) -> None:
    refused = counter.send(do="list", **typed())
    assert refused.status == 400
    assert "Nothing is missing. Register the application." in refused.summary
    assert refused.send(do="register").status == 302


def test_each_paper_wants_a_word_and_each_defect_its_reason(counter: Page) -> None:
    papers = list(edition("E8").documents.all())
    values = typed(all_here="", **{f"paper_{papers[0].pk}": "defective", f"paper_{papers[1].pk}": "not_needed"})
    refused = counter.send(do="register", **values)
    assert "Say what is wrong" in refused.errors[f"defect_{papers[0].pk}"]
    assert "Everybody needs this paper." in refused.errors[f"paper_{papers[1].pk}"]
    assert "Say what you found." in refused.errors[f"paper_{papers[2].pk}"]


def test_a_status_that_is_not_on_the_list_is_refused(counter: Page) -> None:
    shown = edition("E8").documents.get(no="2")
    refused = counter.send(do="register", **typed(**{f"paper_{shown.pk}": "handed_in"}))
    assert "Select a valid choice." in refused.errors[f"paper_{shown.pk}"]


def test_where_one_of_several_papers_is_enough_one_is_needed() -> None:
    team = make_team("akmola:kokshetau")
    page = visit(sign_in(team.clerk), f"/register/{team.office.pk}/{edition('E13').pk}/")
    first = edition("E13").documents.filter(alternative_group="a")[0]
    refused = page.send(do="register", **typed())
    assert "One of these papers is needed" in refused.errors[f"paper_{first.pk}"]
    assert refused.send(do="register", **{f"paper_{first.pk}": "handed_in"}).status == 302


# ------------------------------------------------------------------ the same form again, and forms that are not ours


def test_the_same_form_sent_twice_leads_to_the_same_case(counter: Page) -> None:
    values = typed()
    answers = [counter.send(do="register", **values) for _ in range(3)]
    assert {answer.response["Location"] for answer in answers} == {f"/cases/{Case.objects.get().pk}/"}


def test_the_same_form_with_other_contents_is_refused_and_keeps_them(counter: Page) -> None:
    assert counter.send(do="register", **typed()).status == 302
    values = typed(last_name="Өтеген")
    refused = counter.send(do="register", **values)
    assert refused.status == 409
    assert "This form was already sent with other contents. Open the page again." in refused.summary
    assert kept(refused, values)
    assert Case.objects.count() == 1


def test_a_form_of_somebody_else_is_refused(counter: Page, team: Team) -> None:
    values = typed()
    assert counter.send(do="register", **values).status == 302
    colleague = visit(sign_in(make_staff("south:shymkent", "clerk")), counter.path)
    assert colleague.send(do="register", **values, token=counter.typed("token")).status == 409


@pytest.mark.parametrize("token", ["", "forged", "00000000", "1; DROP TABLE"])
def test_a_forged_token_is_refused_once_and_the_form_goes_on(counter: Page, token: str) -> None:
    values = typed()
    refused = counter.send(do="register", **values, token=token)
    assert refused.status == 400
    assert "Look the page over, then send it again." in refused.summary
    assert kept(refused, values)
    assert not Case.objects.exists()
    assert refused.send(do="register").status == 302


def test_a_case_that_moved_on_is_refused_with_everything_that_was_typed(team: Team) -> None:
    case = make_case(team, state=State.ASSIGNED)
    page = visit(sign_in(team.executor), f"/cases/{case.pk}/prepare/")
    actions.attach(case, attachment=a_file(), by=team.clerk, at=FRIDAY + timedelta(minutes=50))
    values = {"kind": "grant", "text": "Ұзақ мәтін.\nЕкінші жол."}
    refused = page.send(**values)
    assert refused.status == 409
    assert "Somebody else has just worked on this case." in refused.summary
    assert (refused.typed("kind"), refused.typed("text").split()) == ("grant", values["text"].split())
    assert Case.objects.get(pk=case.pk).state == State.ASSIGNED
    # He has seen it and decides again: the page that refused him now stands on the new state.
    assert refused.send().status == 302


def test_an_act_after_the_case_has_left_the_step_is_refused(team: Team) -> None:
    case = make_case(team, state=State.PREPARED)
    page = visit(sign_in(team.deputy), f"/cases/{case.pk}/return_for_rework/")
    actions.sign(case, by=team.head, at=FRIDAY + timedelta(minutes=50))
    refused = page.send(reason="Күні жоқ.")
    assert refused.status == 409
    assert refused.typed("reason") == "Күні жоқ."
    again = refused.send()
    assert again.status == 409
    assert "The case is no longer at this step: Signed." in again.summary


@pytest.mark.parametrize("version", ["", "x", "-1", "9" * 40])
def test_a_forged_version_changes_nothing(team: Team, version: str) -> None:
    case = make_case(team, state=State.PREPARED)
    page = visit(sign_in(team.head), f"/cases/{case.pk}/sign/").send(version=version)
    assert page.status in (400, 409)
    assert Case.objects.get(pk=case.pk).state == State.PREPARED


@pytest.mark.parametrize("act", ["burn", "save", "delete", "__class__", "case", "find_incomplete", "send_to_centre"])
def test_an_unknown_act_is_not_there(team: Team, act: str) -> None:
    case = make_case(team)
    client = sign_in(team.head)
    assert visit(client, f"/cases/{case.pk}/{act}/").status == 404
    assert post(client, f"/cases/{case.pk}/{act}/", version=case.version, token=uuid.uuid4()).status == 404


def test_a_clerk_who_tries_to_sign_is_told_whose_step_it_is(team: Team) -> None:
    case = make_case(team, state=State.PREPARED)
    page = visit(sign_in(team.clerk), f"/cases/{case.pk}/sign/").send()
    assert page.status == 403
    assert "This step belongs to another role or another person." in page.summary
    assert not Event.objects.filter(kind="sign").exists()


def test_fields_that_the_form_does_not_have_change_nothing(counter: Page, team: Team) -> None:
    other = make_team("south:arys")
    smuggled = {
        "state": "handed_over", "number": "SHM-2026-00777", "office": other.office.pk, "office_id": other.office.pk,
        "edition": edition("E5").pk, "executor": other.executor.user.pk, "person": 1, "id": 777, "pk": 777,
        "registered_at": "2020-01-01T00:00", "closed_at": "2020-01-01T00:00", "complete_first_time": "",
    }  # fmt: skip
    assert counter.send(do="register", **typed(), **smuggled).status == 302
    case = Case.objects.get()
    assert (case.state, case.office, case.edition.short, case.executor) == (State.REGISTERED, team.office, "E8", None)
    assert case.number == f"{team.office.code}-2026-00001"
    signed = make_case(team, state=State.PREPARED)
    assert visit(sign_in(team.head), f"/cases/{signed.pk}/sign/").send(**smuggled).status == 302
    after = Case.objects.get(pk=signed.pk)
    assert (after.state, after.number, after.office) == (State.SIGNED, signed.number, team.office)


def test_a_package_that_lacks_papers_cannot_be_registered_by_the_button_for_the_centres_packages(team: Team) -> None:
    data = make_intake(team, documents=found(edition("E8"), no1="missing"))
    case = intake.take_in(data, by=team.clerk, at=FRIDAY)
    page = post(sign_in(team.clerk), f"/cases/{case.pk}/register/", version=case.version, token=uuid.uuid4())
    assert page.status == 409
    assert Case.objects.get(pk=case.pk).number == ""


def a_file() -> Attachment:
    """A file as the form makes it."""
    from django.core.files.base import ContentFile

    attachment = Attachment(name="a.pdf", content_type="application/pdf", size=9, sha256="0" * 64, reason="анықтама")
    attachment.file = ContentFile(PDF, name="a.pdf")
    return attachment
