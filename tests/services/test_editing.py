"""The desk of those who keep the law: a copy, its parts as tables and forms, the check beside them, publication."""

from __future__ import annotations

import re
from typing import Any

import pytest

from offices.models import Office
from services.models import Decree, Edition, Service
from tests.factories import edition, make_staff, make_team
from tests.pages import Page, post, sign_in, visit

pytestmark = pytest.mark.django_db
COPY = {
    "service": "", "service_code": "hearing-aid", "name__kk": "Есту аппаратын беру", "name__ru": "Выдача слухового аппарата",
    "name__en": "Hearing aids", "decree": "", "decree_number": "15", "decree_date": "2026-02-10",
    "decree_title__kk": "Регламентті бекіту туралы", "decree_title__ru": "Об утверждении регламента", "code": "south-2026-15-1",
    "label": "E14",
}  # fmt: skip


@pytest.fixture
def jurist() -> Any:
    """A browser of the administrator of the department of Shymkent."""
    return sign_in(make_staff("south:shymkent", "administrator"))


@pytest.fixture
def oblast() -> Any:
    """A browser of the administrator of the oblast body of Zhambyl, who keeps E1 and E2."""
    return sign_in(make_staff("zhambyl:oblast", "administrator"))


@pytest.fixture
def draft(jurist: Any) -> Edition:
    """Hearing aids, copied from wheelchairs."""
    page = visit(jurist, f"/law/{edition('E10').pk}/copy/").send(**COPY)
    assert page.status == 302, page.summary
    return edition("E14")


def row_page(jurist: Any, draft: Edition, part: str, row: str) -> Page:
    """The form of a row."""
    return visit(jurist, f"/law/{draft.pk}/parts/{part}/{row}/")


# ------------------------------------------------------------------ beginning


def test_a_copy_makes_its_service_and_its_decree(draft: Edition) -> None:
    assert (draft.state, draft.service.code, draft.service.everyday_ru) == ("draft", "hearing-aid", "")
    assert (draft.decree.number, draft.decree.oblast, draft.decree.title_ru) == (
        "15",
        "south",
        COPY["decree_title__ru"],
    )
    assert draft.steps.count() == 5


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"label": "E10"}, "label"),
        ({"code": "south-2012-370-6"}, "code"),
        ({"code": "Есту"}, "code"),
        ({"service_code": "wheelchair"}, "service_code"),
        ({"service_code": ""}, "service_code"),
        ({"decree_number": ""}, "decree_number"),
        ({"name__ru": ""}, "name__ru"),
    ],
)
def test_a_copy_that_cannot_be_made_says_why_beside_the_field_and_makes_nothing(
    jurist: Any, typed: dict[str, str], field: str
) -> None:
    page = visit(jurist, f"/law/{edition('E10').pk}/copy/").send(**(COPY | typed))
    assert page.status == 400
    assert field in page.errors
    assert page.typed("decree_title__kk") == COPY["decree_title__kk"]
    assert not Service.objects.filter(code="hearing-aid").exists()
    assert Decree.objects.count() == 5


def test_an_amendment_begins_with_its_act(oblast: Any) -> None:
    page = visit(oblast, f"/law/{edition('E1').pk}/amend/")
    act = {"number": "77", "date": "2026-03-01", "kk": "Өзгерту", "ru": "Изменить", "valid_from": "2026-04-01"}
    assert page.send(**act | {"valid_from": ""}).errors["valid_from"]
    done = page.send(**act)
    assert done.status == 302
    draft = Edition.objects.get(code="zhambyl-2008-120-1", version=2)
    assert visit(oblast, f"/law/{draft.pk}/difference/").status == 200
    again = page.send(**act)
    assert again.status == 409
    assert "draft of this edition already" in again.summary


# ------------------------------------------------------------------ rows


def test_rows_are_moved_by_buttons_and_counted_anew(jurist: Any, draft: Edition) -> None:
    page = visit(jurist, f"/law/{draft.pk}/parts/steps/")
    moved = page.send(do="down:1")
    assert moved.status == 302
    assert moved.response["Location"].endswith("?focus=down:2")
    again = visit(jurist, moved.response["Location"])
    assert re.search(r'value="down:2"\s+autofocus', again.html)
    steps = list(edition("E14").steps.values_list("no", "transition"))
    assert steps[:2] == [(1, "assign"), (2, "register")]
    assert "The order goes round" in again.words
    again.send(do="up:2")
    assert edition("E14").steps.get(no=1).transition == "register"


def test_readings_follow_their_rows(jurist: Any, draft: Edition) -> None:
    places = {name for reading in draft.definition["readings"] for name in reading["places"]}
    assert {"steps.1", "steps.4", "steps.5"} <= places
    visit(jurist, f"/law/{draft.pk}/parts/steps/").send(do="down:4")
    moved = edition("E14").definition["readings"]
    assert ["steps.5"] in [reading["places"] for reading in moved]
    visit(jurist, f"/law/{draft.pk}/parts/steps/").send(do="remove:5")
    left = {name for reading in edition("E14").definition["readings"] for name in reading["places"]}
    assert "steps.5" not in left


def test_a_step_is_edited_with_its_norm_or_the_word_that_there_is_none(jurist: Any, draft: Edition) -> None:
    page = row_page(jurist, draft, "steps", "3")
    assert page.typed("norm__amount") == "10"
    assert page.send(act__ru="Подготовить заключение", norm__amount="5").status == 302
    step = edition("E14").steps.get(no=3)
    assert (step.act_ru, step.norm_amount, step.point) == ("Подготовить заключение", 5, "1-кесте № 3")
    row_page(jurist, draft, "steps", "3").send(norm__amount="", norm__unit="", norm__kk="", no_norm="on")
    assert edition("E14").definition["steps"][2]["norm"] is None


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"norm__amount": "0"}, "norm__amount"),
        ({"norm__amount": "-1"}, "norm__amount"),
        ({"norm__unit": "fortnight"}, "norm__unit"),
        ({"norm__unit": ""}, "norm__unit"),
        ({"no_norm": "on"}, "no_norm"),
        ({"transition": "sign"}, "transition"),
        ({"unit_kk": "ә" * 201}, "unit_kk"),
    ],
)
def test_what_a_row_cannot_have_is_said_beside_its_field_and_nothing_typed_is_lost(
    jurist: Any, draft: Edition, typed: dict[str, str], field: str
) -> None:
    page = row_page(jurist, draft, "steps", "3").send(act__ru="Долгий текст", **typed)
    assert page.status == 400
    assert field in page.errors, page.summary
    assert page.typed("act__ru") == "Долгий текст"
    assert edition("E14").revision == 0


def test_a_step_without_its_words_can_be_kept_in_a_draft_and_the_check_leads_to_the_field(
    jurist: Any, draft: Edition
) -> None:
    assert row_page(jurist, draft, "steps", "2").send(act__ru="", unit="").status == 302
    page = visit(jurist, f"/law/{draft.pk}/")
    for field in ("act__ru", "unit"):
        assert f'href="/law/{draft.pk}/parts/steps/2/#id_{field}"' in page.html
        assert f'id="id_{field}"' in row_page(jurist, draft, "steps", "2").html


def test_a_row_is_added_and_taken_away(jurist: Any, draft: Edition) -> None:
    new = row_page(jurist, draft, "documents", "new")
    names = {"name__kk": "Аудиограмма", "name__ru": "Аудиограмма", "name__en": ""}
    assert new.send(no="5", **names, mode="handed_in", condition__code="child", point="11").status == 302
    paper = edition("E14").documents.last()
    assert (paper.name_ru, paper.condition_code) == ("Аудиограмма", "child")
    assert paper.condition_kk
    assert paper.condition_ru
    visit(jurist, f"/law/{draft.pk}/parts/documents/").send(do="remove:5")
    assert edition("E14").documents.count() == 4


def test_a_condition_comes_from_the_closed_list(jurist: Any, draft: Edition) -> None:
    page = row_page(jurist, draft, "documents", "1").send(condition__code="tall")
    assert page.status == 400
    assert "condition__code" in page.errors


@pytest.mark.parametrize(
    ("part", "row"),
    [
        ("main-units", "1"), ("main-path", "2"), ("other-units", "1"), ("other-path", "2"), ("norms", "1"), ("documents", "1"),
        ("grounds", "1"), ("points", "3"), ("readings", "1"), ("steps", "1"), ("steps", "5"),
    ],
)  # fmt: skip
def test_a_form_that_is_sent_as_it_was_shown_changes_nothing(jurist: Any, draft: Edition, part: str, row: str) -> None:
    page = row_page(jurist, draft, part, row)
    assert page.status == 200
    assert page.send().status == 302, page.summary
    assert edition("E14").definition == draft.definition


@pytest.mark.parametrize("label", ["E1", "E4", "E7", "E13"])
def test_every_form_of_every_part_says_what_the_definition_says(label: str) -> None:
    from services.editing.parts import PARTS
    from services.forms import FORMS

    model = edition(label)
    for part in PARTS.values():
        for row in part.rows(model.definition):
            shown = FORMS[part.form](definition=model.definition, row=row, initial={"revision": 0})
            data = {name: shown[name].value() for name in shown.fields}
            data = {
                name: [] if value is None and name == "places" else "" if value is None else value
                for name, value in data.items()
            }
            data = {name: value for name, value in data.items() if value is not False}
            sent = FORMS[part.form](
                data | {"points": "\n".join(row["points"])} if "points" in row else data,
                definition=model.definition,
                row=row,
            )
            assert sent.is_valid(), (part.key, sent.errors)
            assert sent.row() == row


def test_the_edition_itself_is_edited(jurist: Any, draft: Edition) -> None:
    page = visit(jurist, f"/law/{draft.pk}/main/")
    assert page.send().status == 302
    assert edition("E14").definition == draft.definition
    page = visit(jurist, f"/law/{draft.pk}/main/")
    assert page.send(name__ru="Слуховые аппараты", channels=["department", "centre"]).status == 302
    changed = edition("E14")
    assert (changed.name_ru, changed.channels) == ("Слуховые аппараты", ["department", "centre"])


# ------------------------------------------------------------------ two people, other people


def test_the_slower_of_two_is_told_keeps_his_text_and_can_send_it_again(jurist: Any, draft: Edition) -> None:
    slow = row_page(jurist, draft, "steps", "3")
    row_page(jurist, draft, "steps", "2").send(act__ru="Другое")
    told = slow.send(act__ru="Моё")
    assert told.status == 400
    assert "Somebody else has changed this draft" in told.summary
    assert told.typed("act__ru") == "Моё"
    assert told.send().status == 302
    assert edition("E14").steps.get(no=3).act_ru == "Моё"
    assert edition("E14").steps.get(no=2).act_ru == "Другое"


def test_who_changed_what_is_kept(jurist: Any, draft: Edition) -> None:
    row_page(jurist, draft, "steps", "3").send(norm__amount="5")
    page = visit(jurist, f"/law/{draft.pk}/history/")
    assert "steps[3].norm.amount" in page.words
    assert "10 → 5" in page.words
    assert "copied from another edition" in page.words


@pytest.mark.parametrize(
    ("office", "role"),
    [("south:arys", "administrator"), ("akmola:oblast", "administrator")],
)
def test_another_administrator_reads_what_is_published_and_never_sees_a_draft(
    draft: Edition, office: str, role: str
) -> None:
    other = sign_in(make_staff(office, role))
    assert visit(other, f"/law/{edition('E10').pk}/").status == 200
    assert post(other, f"/law/{edition('E10').pk}/", do="withdraw").status == 404
    assert visit(other, f"/law/{edition('E10').pk}/amend/").status == 404
    for path in ("", "main/", "history/", "parts/steps/", "parts/steps/1/", "file.yaml", "copy/"):
        assert visit(other, f"/law/{draft.pk}/{path}").status == 404, path
    assert post(other, f"/law/{draft.pk}/parts/steps/", do="remove:1", revision="0").status == 404
    assert edition("E14").steps.count() == 5


def test_the_district_keeps_the_edition_that_was_made_for_it_alone() -> None:
    mine = sign_in(make_staff("north:zhambyl", "administrator"))
    assert visit(mine, f"/law/{edition('E3').pk}/amend/").status == 200
    assert visit(mine, f"/law/{edition('E4').pk}/amend/").status == 404


def test_nothing_published_has_a_form(oblast: Any) -> None:
    chosen = edition("E1")
    assert row_page(oblast, chosen, "norms", "1").response["Location"] == f"/law/{chosen.pk}/parts/norms/"
    assert visit(oblast, f"/law/{chosen.pk}/main/").response["Location"] == f"/law/{chosen.pk}/"
    sent = {
        "key": "overall",
        "channel": "any",
        "amount": "9",
        "unit": "working_day",
        "source": "decree",
        "revision": "0",
    }
    page = post(oblast, f"/law/{chosen.pk}/parts/norms/1/", **sent)
    assert page.status == 400
    assert "it is published" in page.summary
    assert post(oblast, f"/law/{chosen.pk}/parts/norms/", do="remove:1", revision="0").status == 409
    assert edition("E1").norms.get(key="overall").amount == 10


# ------------------------------------------------------------------ publication


def test_a_draft_with_findings_is_not_published_and_every_finding_is_said(jurist: Any, draft: Edition) -> None:
    row_page(jurist, draft, "steps", "2").send(act__ru="")
    page = post(jurist, f"/law/{draft.pk}/", do="publish")
    assert page.status == 409
    assert "Nothing was changed" in page.words
    assert edition("E14").state == "draft"


def test_a_published_copy_is_offered_by_the_department_whose_decree_it_is(jurist: Any, draft: Edition) -> None:
    make_team()
    page = post(jurist, f"/law/{draft.pk}/", do="publish")
    assert page.status == 302, page.words
    published = edition("E14")
    assert published.state == "published"
    assert [use.office.key for use in published.uses.all()] == ["south:shymkent"]
    assert visit(jurist, f"/services/{published.code}/").status == 200
    assert visit(jurist, f"/services/{published.code}/changes/").status == 200


def test_a_decree_of_an_oblast_body_is_for_all_departments_of_the_oblast(oblast: Any) -> None:
    make_team("zhambyl:taraz")
    assert visit(oblast, f"/law/{edition('E10').pk}/copy/").send(**COPY).status == 302
    assert post(oblast, f"/law/{edition('E14').pk}/", do="publish").status == 302
    assert edition("E14").uses.count() == Office.objects.departments().filter(oblast="zhambyl").count()


def test_a_draft_is_deleted_and_a_published_edition_withdrawn(jurist: Any, draft: Edition) -> None:
    assert post(jurist, f"/law/{draft.pk}/", do="discard").status == 302
    assert not Edition.objects.filter(short="E14").exists()
    jurist = sign_in(make_staff("zhambyl:oblast", "administrator"))
    assert post(jurist, f"/law/{edition('E1').pk}/", do="discard").status == 409
    assert post(jurist, f"/law/{edition('E1').pk}/", do="withdraw").status == 302
    assert post(jurist, f"/law/{edition('E1').pk}/", do="withdraw").status == 409
    assert post(jurist, f"/law/{edition('E1').pk}/", do="burn").status == 404


def test_the_list_names_every_edition_with_its_state(jurist: Any, draft: Edition) -> None:
    words = visit(jurist, "/law/").words
    assert all(one.short in words for one in Edition.objects.all())
    assert "Draft" in words


@pytest.mark.parametrize(
    "path", ["parts/rumours/", "parts/steps/99/", "parts/steps/0/", "parts/steps/x/", "difference/"]
)
def test_what_is_not_there_is_not_there(jurist: Any, draft: Edition, path: str) -> None:
    assert visit(jurist, f"/law/{draft.pk}/{path}").status == 404


@pytest.mark.parametrize("do", ["", "up", "up:", "up:²", "up:99999999999", "burn:1", "remove:-1", "\0"])
def test_a_button_that_no_page_of_ours_has_changes_nothing(jurist: Any, draft: Edition, do: str) -> None:
    answer = post(jurist, f"/law/{draft.pk}/parts/steps/", do=do, revision="0")
    assert answer.status in (400, 404)
    assert edition("E14").revision == 0


@pytest.mark.parametrize("revision", ["", "²", "-1", "9" * 30, "x"])
def test_a_form_of_no_known_state_is_refused(jurist: Any, draft: Edition, revision: str) -> None:
    page = row_page(jurist, draft, "norms", "1").send(amount="3", revision=revision)
    assert page.status == 400
    assert edition("E14").revision == 0
