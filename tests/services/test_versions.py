"""Versions: a draft is edited, published and withdrawn; what is published is fixed in the model, the admin and the database."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.db import DatabaseError, transaction
from django.test import Client

from services import lawfiles
from services.actions import EditRefused, amend, copy_as, discard, edit, publish, withdraw
from services.differences import between, of_edition
from services.models import Edition, EditionUse, Norm, PathAct, Point, Service, Step, WholeDefinition
from services.workflow import EditionState
from tests.conftest import unguarded_events
from tests.factories import FRIDAY, edition, make_case, make_team, make_user
from tests.pages import visit

pytestmark = pytest.mark.django_db
APRIL = date(2026, 4, 1)
CODE = "south-2012-370-4"  # E8, which these tests amend
ACT = {"kk": "Қаулы", "ru": "Постановление"}


def amended(label: str = "E8", valid_from: date = APRIL) -> Edition:
    """A draft of the next version."""
    act: dict[str, Any] = {"number": "12", "day": date(2026, 3, 1), "text": ACT}
    return amend(edition(label), **act, valid_from=valid_from, by=None, at=FRIDAY)


def in_force(draft: Edition) -> Edition:
    """Published; whether the offices have their people is tested elsewhere."""
    return publish(draft, at=FRIDAY, staffed=False)


def copied() -> Edition:
    """A draft of a new service, copied from wheelchairs."""
    wheelchairs = edition("E10")
    service = Service.objects.create(
        code="hearing-aid", position=12, name_kk="Есту аппараты", name_ru="Слуховой аппарат"
    )
    name = {"kk": "Есту аппаратын беру", "ru": "Выдача слухового аппарата", "en": "Hearing aid"}
    return copy_as(
        wheelchairs, code="south-2026-1", label="E14", service=service, decree=wheelchairs.decree, name=name, by=None, at=FRIDAY,
    )  # fmt: skip


def shorter(definition: dict[str, Any]) -> None:
    """Five working days in place of seven."""
    definition["norms"][0]["amount"] = 5


# ------------------------------------------------------------------ fixed


_TOUCH = {
    "an edition's name": lambda one: Edition.objects.filter(pk=one.pk).update(name_ru="Другое"),
    "the day it begins": lambda one: Edition.objects.filter(pk=one.pk).update(valid_from=APRIL),
    "its definition": lambda one: WholeDefinition.objects.filter(pk=one.pk).update(content={}),
    "without its definition": lambda one: WholeDefinition.objects.filter(pk=one.pk).delete(),
    "back to a draft": lambda one: Edition.objects.filter(pk=one.pk).update(state="draft"),
    "a norm": lambda one: Norm.objects.filter(edition=one).update(amount=99),
    "a step": lambda one: Step.objects.filter(edition=one).update(norm_amount=99),
    "a step more": lambda one: Step.objects.create(edition=one, no=9, unit="head", transition="collect"),
    "a cell of table 2": lambda one: PathAct.objects.filter(group__edition=one).update(act_kk="x"),
    "a point less": lambda one: Point.objects.filter(edition=one).delete(),
    "a cell less": lambda one: PathAct.objects.filter(group__edition=one).delete(),
    "a part moved in": lambda one: Norm.objects.filter(edition=edition("E9"), key="queue_in").update(edition=one),
    "the whole edition": lambda one: Edition.objects.filter(pk=one.pk).delete(),
}


@pytest.mark.parametrize("touch", _TOUCH)
@pytest.mark.parametrize("state", ["published", "withdrawn"])
def test_the_database_refuses_every_change_of_what_is_published(touch: str, state: str) -> None:
    chosen = edition("E8")
    if state == "withdrawn":
        withdraw(chosen)
    before = lawfiles.digest_of(lawfiles.resolved(chosen.definition))
    with pytest.raises(DatabaseError, match="published edition cannot change"), transaction.atomic():
        _TOUCH[touch](chosen)
    again = edition("E8")
    assert lawfiles.digest_of(lawfiles.resolved(again.definition)) == again.digest == before


def test_the_model_says_so_before_the_database_does() -> None:
    chosen = edition("E8")
    chosen.name_ru = "Другое"
    with pytest.raises(ValidationError):
        chosen.save()
    with pytest.raises(ValidationError):
        edition("E8").delete()


@pytest.mark.parametrize(
    "partly",
    [
        lambda rows: rows.only("code"), lambda rows: rows.only("code", "state"), lambda rows: rows.defer("name_ru"),
        lambda rows: rows.defer("state"),
    ],
)  # fmt: skip
def test_the_model_says_so_of_a_row_that_was_read_in_part(partly: Any) -> None:
    rows = partly(Edition.objects.filter(short="E8"))
    chosen = rows.get()
    chosen.name_ru = "Другое"
    with pytest.raises(ValidationError):
        chosen.save()
    ending = rows.get()
    ending.valid_to = date(2026, 12, 31)
    ending.save()
    assert edition("E8").valid_to == date(2026, 12, 31)


def test_the_model_says_so_of_a_draft_that_was_published_meanwhile() -> None:
    draft = copied()
    mine = Edition.objects.get(pk=draft.pk)
    in_force(draft)
    mine.refresh_from_db()
    mine.name_ru = "Другое"
    with pytest.raises(ValidationError):
        mine.save()


def test_a_published_edition_ends_and_is_withdrawn_but_never_comes_back() -> None:
    chosen = edition("E8")
    chosen.valid_to = date(2026, 12, 31)
    chosen.save()
    withdraw(chosen)
    with pytest.raises(DatabaseError), transaction.atomic():
        Edition.objects.filter(pk=chosen.pk).update(state="published")


def test_a_draft_and_its_parts_can_be_deleted() -> None:
    draft = copied()
    discard(draft)
    assert not Step.objects.filter(edition_id=draft.pk).exists()
    with pytest.raises(EditRefused):
        discard(edition("E8"))


# ------------------------------------------------------------------ copies and edits


def test_a_copy_says_everything_that_its_model_says_under_another_name() -> None:
    draft, model = copied(), edition("E10")
    assert (draft.state, draft.version, draft.short, draft.service.code) == ("draft", 1, "E14", "hearing-aid")
    changed = {change.path[0] for change in between(model.definition, draft.definition)}
    assert changed == {"service", "annex", "name"}
    for part in ("steps", "norms", "documents", "grounds", "points", "path_groups"):
        assert getattr(draft, part).count() == getattr(model, part).count()
    assert draft.changes.get().act == "copied"


@pytest.mark.parametrize(("field", "value"), [("code", "south-2012-370-6"), ("label", "E10")])
def test_a_code_and_a_label_are_taken_once(field: str, value: str) -> None:
    model = edition("E10")
    given: dict[str, Any] = {"code": "south-2026-1", "label": "E14", "name": ACT | {"en": ""}, field: value}
    with pytest.raises(EditRefused) as refusal:
        copy_as(model, **given, service=model.service, decree=model.decree, by=None, at=FRIDAY)
    assert refusal.value.field == field


def test_an_edit_writes_the_parts_and_who_did_it() -> None:
    draft, who = amended(), make_user()
    changed = edit(draft, shorter, revision=0, part="norms", by=who, at=FRIDAY)
    assert changed.revision == 1
    assert changed.norms.get(key="overall", channel="any").amount == 5
    row = changed.changes.last()
    assert (row.act, row.part, row.by) == ("edited", "norms", who)
    assert row.details == [{"path": ["norms", 0, "amount"], "old": 7, "new": 5}]


def test_the_second_of_two_people_is_told_and_changes_nothing() -> None:
    draft = amended()
    edit(draft, shorter, revision=0, part="norms", by=None, at=FRIDAY)
    with pytest.raises(EditRefused) as refusal:
        edit(draft, lambda definition: definition["norms"].clear(), revision=0, part="norms", by=None, at=FRIDAY)
    assert refusal.value.status == 409
    assert draft.norms.count() == 3


@pytest.mark.parametrize("amount", [0, -1, 2.5, "7", None])
def test_a_norm_of_nothing_is_refused_with_its_place(amount: Any) -> None:
    draft = amended()
    with pytest.raises(EditRefused) as refusal:
        edit(draft, lambda row: row["norms"][0].update(amount=amount), revision=0, part="norms", by=None, at=FRIDAY)
    assert [lawfiles.place(fault.path) for fault in refusal.value.faults] == ["norms[1].amount"]
    draft.refresh_from_db()
    assert (draft.revision, draft.norms.get(key="overall", channel="any").amount) == (0, 7)


def test_nothing_published_can_be_edited() -> None:
    with pytest.raises(EditRefused):
        edit(edition("E8"), shorter, revision=0, part="norms", by=None, at=FRIDAY)


# ------------------------------------------------------------------ amendments


def test_an_amendment_takes_effect_on_its_day_and_ends_the_version_before_on_the_day_before() -> None:
    team, first = make_team(), edition("E8")
    second = in_force(edit(amended(), shorter, revision=0, part="norms", by=None, at=FRIDAY))
    first.refresh_from_db()
    assert (first.state, first.valid_to) == (EditionState.PUBLISHED, date(2026, 3, 31))
    for day, version in [(date(2026, 3, 31), 1), (APRIL, 2)]:
        offered = Edition.objects.offered(team.office.pk, day).filter(code=first.code)
        assert [one.version for one in offered] == [version]
    assert second.definition["amended_by"]["number"] == "12"
    assert [(change.old, change.new) for change in of_edition(second, first)] == [(7, 5)]


def test_running_cases_stay_with_their_version() -> None:
    case = make_case(make_team())
    in_force(amended())
    case.refresh_from_db()
    assert case.edition.version == 1
    with pytest.raises(DatabaseError), transaction.atomic():
        Edition.objects.filter(pk=case.edition_id).delete()


def test_the_same_offices_work_by_the_new_version() -> None:
    first = edition("E8")
    EditionUse.objects.filter(edition=first, office__key="south:arys").update(in_use=False)
    second = in_force(amended())
    assert set(second.uses.values_list("office", "in_use")) == set(first.uses.values_list("office", "in_use"))


@pytest.mark.parametrize("days", [0, -1, -400])
def test_two_versions_are_never_in_force_at_once(days: int) -> None:
    in_force(amended())
    again = Edition.objects.get(code=CODE, version=2)
    with pytest.raises(EditRefused) as refusal:
        amend(again, number="13", day=APRIL, text=ACT, valid_from=APRIL + timedelta(days=days), by=None, at=FRIDAY)
    assert refusal.value.field == "valid_from"


def test_the_database_refuses_two_versions_in_force_at_once() -> None:
    second = in_force(amended())
    first = Edition.objects.get(code=second.code, version=1)
    with pytest.raises(DatabaseError, match="in force at once"), transaction.atomic():
        Edition.objects.filter(pk=first.pk).update(valid_to=APRIL)
    with pytest.raises(DatabaseError), transaction.atomic():
        Edition.objects.filter(pk=first.pk).update(valid_to=None)


def test_there_is_one_draft_of_an_edition_at_a_time() -> None:
    amended()
    first = Edition.objects.get(code=CODE, version=1)
    with pytest.raises(EditRefused) as refusal:
        amend(first, number="13", day=APRIL, text=ACT, valid_from=APRIL, by=None, at=FRIDAY)
    assert refusal.value.status == 409


def test_the_history_of_the_point_that_was_amended_is_kept() -> None:
    (amendment,) = edition("E1").definition["amendments"]
    assert (amendment["point"], amendment["number"], amendment["date"]) == ("7 1)", "305", "2008-09-25")
    assert amendment["kk"] in edition("E1").points.get(no="7").text_kk


# ------------------------------------------------------------------ older installations


def test_an_edition_published_before_there_were_readings_takes_them_in_once() -> None:
    team = make_team()
    with unlocked():
        WholeDefinition.objects.filter(edition__short="E8").delete()
    case = make_case(team)
    call_command("load_law", verbosity=0)
    chosen = Edition.objects.get(pk=case.edition_id)
    assert chosen.definition["readings"]
    with pytest.raises(DatabaseError), transaction.atomic():
        WholeDefinition.objects.filter(edition__short="E8").update(content={})


def unlocked() -> Any:
    """Within this, the database lets everything be changed."""
    return unguarded_events()


def test_what_a_digest_covers_is_what_the_rows_were_written_from() -> None:
    for one in Edition.objects.all():
        assert one.digest == lawfiles.digest_of(lawfiles.resolved(one.definition))


def test_the_page_of_the_service_names_the_point_that_was_amended() -> None:
    page = visit(Client(headers={"cookie": "django_language=en"}), "/services/zhambyl-2008-120-1/")
    assert "Point 7 1), act № 305 of 25.09.2008" in page.words
    changes = visit(page.client, "/services/zhambyl-2008-120-1/changes/")
    assert "not printed in the source" in changes.words
