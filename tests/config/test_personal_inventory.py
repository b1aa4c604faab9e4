"""docs/personal-data.csv names every column that may tell of a person, how it is kept, and what an erasure leaves of it."""

from __future__ import annotations

import csv
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.db import models

from applications import data_rights, following
from applications.models import Attachment, Case, DataRequest, FollowChannel, PaperSignature, Person
from applications.notices import pdf_of
from applications.workflow import State
from complaints.models import Complaint
from kpi.models import QualityCheck, QualityDraw
from offices.fields import Sealed
from tests.complaints.makers import make_complaint, make_refused_complaint
from tests.factories import FRIDAY, Team, make_case, make_person, make_team

HOUSE = Path(__file__).resolve().parents[2]
SEALED = {"identifier", "contact", "matter"}
LEVELS = SEALED | {"hash", "name", "words", "official", "none"}
# Columns of these kinds can hold what somebody wrote.
_WRITTEN = (models.CharField, models.TextField, models.JSONField, models.FileField, models.BinaryField, Sealed)
_APPS = ("applications", "complaints", "kpi")
_OFFICES = {"offices.User", "offices.Job", "offices.Alert", "offices.RecoveryCode", "offices.RateCounter"}


def inventory() -> dict[str, dict[str, str]]:
    """The lines of the table by column."""
    with (HOUSE / "docs" / "personal-data.csv").open(encoding="utf-8", newline="") as file:
        return {row["field"]: row for row in csv.DictReader(file)}


def columns() -> dict[str, models.Field[Any, Any]]:
    """The columns of the tables of people and their matters in which something can be written."""
    found = {}
    for model in apps.get_models():
        label = model._meta.label
        if model._meta.app_label in _APPS or label in _OFFICES:
            for field in model._meta.concrete_fields:
                if isinstance(field, _WRITTEN) and not field.choices:
                    found[f"{label}.{field.name}"] = field
    return found


def test_every_column_that_can_hold_words_has_its_line() -> None:
    assert set(inventory()) == set(columns())
    for row in inventory().values():
        assert row["holds"], row
        assert row["level"] in LEVELS, row
        assert row["erasure"] in {"erased", "kept", "own term"}, row


def test_what_tells_of_a_person_stands_sealed_except_names_and_short_words() -> None:
    for name, field in columns().items():
        assert isinstance(field, Sealed) == (inventory()[name]["level"] in SEALED), name


def test_what_is_kept_after_an_erasure_tells_of_nobody() -> None:
    kept = {row["level"] for row in inventory().values() if row["erasure"] == "kept"}
    assert kept <= {"none", "hash", "official"}


def _a_case_of_which_everything_was_written(team: Team) -> Case:
    """A refused case with a file, a signature, a hold, a request about data, a follower, a complaint and a quality check."""
    complaint = make_refused_complaint(team)
    case = Case.objects.get(pk=complaint.case_id)
    file = Attachment(case=case, name="a.pdf", content_type="application/pdf", size=4, sha256="0" * 64, added_at=FRIDAY)
    file.file.name = "attachments/2026/03/a.pdf"
    file.save()
    for paper in case.papers.filter(kind__in=("notice", "refusal")):
        pdf_of(paper)
        PaperSignature.objects.create(
            paper=paper, kind="embedded", signer=team.head.user, signed_at=FRIDAY, recorded_by=team.head.user,
            recorded_at=FRIDAY, signed_pdf=b"-", detached=b"-",
        )  # fmt: skip
    data_rights.hold(case, reason="-", by=team.head, at=FRIDAY)
    data_rights.lift_hold(case, by=team.head, at=FRIDAY)
    DataRequest.objects.create(
        office=team.office, kind="know", case=case, person=case.person, text="-", received_at=FRIDAY, due_at=FRIDAY,
        taken_by=team.clerk.user, done_at=FRIDAY, done_by=team.head.user, outcome="-",
    )  # fmt: skip
    following.follow(case, FollowChannel.EMAIL, "a@example.org", language="kk", at=FRIDAY)
    draw = QualityDraw.objects.create(
        office=team.office, month=date(2026, 3, 1), seed="0", rule_version=1, population=1, drawn_by=team.head.user,
        drawn_at=FRIDAY,
    )  # fmt: skip
    QualityCheck.objects.create(
        draw=draw, place=1, case=case, decision=case.decisions.get(), office=team.office, edition=case.edition,
        day=date(2026, 3, 13), right=True, checked_at=FRIDAY, note="-",
    )  # fmt: skip
    return case


def _sentinel(field: models.Field[Any, Any]) -> Any:
    if isinstance(field, models.DateField):
        return date(1901, 2, 3)
    if isinstance(field, models.JSONField):
        return {"words": "Құпия"}
    if isinstance(field, models.BinaryField):
        return "Құпия".encode()
    return "Құпия"[: getattr(field, "max_length", None)]


@pytest.mark.django_db
def test_an_erasure_leaves_nothing_in_any_column_that_it_is_said_to_empty(settings: Any, tmp_path: Path) -> None:
    settings.ERASURES_FILE = tmp_path / "erasures.jsonl"
    case = _a_case_of_which_everything_was_written(make_team())
    named = {name: columns()[name] for name, row in inventory().items() if row["erasure"] == "erased"}
    for name, field in named.items():
        assert field.model._default_manager.update(**{field.name: _sentinel(field)}), f"nothing to erase in {name}"
    assert case.state == State.HANDED_OVER
    data_rights.erase(case, reason="retention term", at=FRIDAY)
    left = [
        name
        for name, field in named.items()
        if _sentinel(field) in field.model._default_manager.values_list(field.name, flat=True)
    ]
    assert left == []


def _complaint_of_another_person(case: Case | None, team: Team) -> Complaint:
    return make_complaint(team, case=case, person=make_person(last_name="Бөтенбаев", address="Шымкент, Абай 1"))


@pytest.mark.django_db
def test_who_complained_about_the_case_of_another_is_erased_with_it(settings: Any, tmp_path: Path) -> None:
    settings.ERASURES_FILE = tmp_path / "erasures.jsonl"
    team = make_team()
    case = make_case(team, state=State.HANDED_OVER)
    complaint = _complaint_of_another_person(case, team)
    data_rights.erase(case, reason="retention term", at=FRIDAY)
    assert set(Person.objects.values_list("last_name", "address")) == {(data_rights.NOBODY, "")}
    assert Complaint.objects.get().number == complaint.number


@pytest.mark.django_db
def test_a_person_whose_complaint_is_kept_stays_known(settings: Any, tmp_path: Path) -> None:
    settings.ERASURES_FILE = tmp_path / "erasures.jsonl"
    team = make_team()
    about, other = make_case(team, state=State.HANDED_OVER), make_case(team, "E10", state=State.HANDED_OVER)
    complaint = _complaint_of_another_person(about, team)
    Complaint.objects.filter(pk=complaint.pk).update(person=other.person)
    data_rights.erase(other, reason="retention term", at=FRIDAY)
    assert Person.objects.get(pk=other.person_id).last_name != data_rights.NOBODY
    data_rights.erase(about, reason="retention term", at=FRIDAY)
    assert Person.objects.get(pk=other.person_id).last_name == data_rights.NOBODY
