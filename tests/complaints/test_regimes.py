"""Kind and day of registration choose the law; the law says the term, who may lengthen it, and what silence means."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.core.management import call_command

from applications.casework import ActRefused
from complaints import actions, clock
from complaints.lawfiles import NAME, load_regimes
from complaints.models import Complaint, ComplaintTerm, Regime
from complaints.workflow import State
from offices.models import CalendarDay
from services.lawfiles import LawFileError
from tests.complaints.makers import bring_to, make_complaint
from tests.factories import ALMATY, FRIDAY, Team, make_staff, make_team, office

pytestmark = pytest.mark.django_db
LAW = Path(__file__).parents[2] / "fixtures" / "law"


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ALMATY)


def last_day(complaint: Complaint, kind: str = "answer") -> str:
    term = ComplaintTerm.objects.get(complaint=complaint, kind=kind, stopped_at=None)
    assert term.due_at is not None
    return f"{term.due_at.astimezone(ALMATY):%Y-%m-%d %H:%M}"


@pytest.fixture
def team() -> Team:
    return make_team()


# ------------------------------------------------------------------ which law


@pytest.mark.parametrize(
    ("kind", "received", "law", "registered"),
    [
        # Wednesday, 30 June 2021, was the last day of the law 221.
        ("complaint", "2021-06-30 10:00", "law-221", "2021-06-30 10:00"),
        ("appeal", "2021-06-30 18:00", "law-221", "2021-06-30 18:00"),
        ("complaint", "2021-06-30 18:01", "appc-complaint", "2021-07-01 09:00"),
        ("complaint", "2021-07-01 09:00", "appc-complaint", "2021-07-01 09:00"),
        ("appeal", "2021-07-01 07:30", "appc-appeal", "2021-07-01 07:30"),
        # Saturday and Sunday: registered on Monday.
        ("appeal", "2021-06-26 12:00", "law-221", "2021-06-28 09:00"),
        ("service", "2026-03-14 12:00", "state-service-88", "2026-03-16 09:00"),
        # The first of the three days of Nauryz 2026 that are off with the weekend: registered on the 26th.
        ("service", "2026-03-20 19:00", "state-service-88", "2026-03-26 09:00"),
    ],
)
def test_kind_and_day_of_registration_choose_the_law(
    team: Team, kind: str, received: str, law: str, registered: str
) -> None:
    complaint = make_complaint(team, kind, at=moment(received))
    assert complaint.regime.code == law
    assert complaint.registered_at == moment(registered)
    assert complaint.received_at == moment(received)


def test_a_complaint_of_a_day_that_no_law_of_the_file_rules_is_named_as_such(team: Team) -> None:
    with pytest.raises(ActRefused, match="No law of that day"):
        make_complaint(team, "service", at=moment("2012-03-14 12:00"))


# ------------------------------------------------------------------ terms


@pytest.mark.parametrize(
    ("kind", "received", "due"),
    [
        # 15 calendar days from 15 June: 30 June, a Wednesday.
        ("appeal", "2021-06-15 10:00", "2021-06-30 18:00"),
        # 15 calendar days from Saturday, registered on Monday, 21 June (no table of days off is loaded for 2021).
        ("complaint", "2021-06-19 10:00", "2021-07-06 18:00"),
        # 15 working days from Friday, 13 March 2026, over Nauryz (five days off in a row with the weekend).
        ("appeal", "2026-03-13 10:00", "2026-04-08 18:00"),
        ("service", "2026-03-13 10:00", "2026-03-20 18:00"),
        ("service", "2026-03-14 10:00", "2026-03-26 18:00"),
    ],
)
def test_the_answer_is_due_by_the_law_of_its_kind(team: Team, kind: str, received: str, due: str) -> None:
    assert last_day(make_complaint(team, kind, at=moment(received))) == due


def test_a_complaint_under_the_code_is_granted_or_passed_on_in_three_days_and_answered_above_in_twenty() -> None:
    team, above = make_team("zhambyl:taraz"), make_staff("zhambyl:oblast", "head")
    complaint = make_complaint(team, "complaint", at=FRIDAY)
    assert last_day(complaint, "forward") == "2026-03-18 18:00"
    assert not complaint.clocks.filter(kind="answer").exists()

    later = moment("2026-03-17 10:00")
    complaint = actions.forward(complaint, to=office("zhambyl:oblast"), reason="91-бап", by=team.head, at=later)
    assert (complaint.state, complaint.office.key, complaint.about_office) == (
        "forwarded",
        "zhambyl:oblast",
        team.office,
    )
    passed_on = complaint.clocks.get(kind="forward")
    assert passed_on.met is True

    first_number = complaint.number
    complaint = actions.take_over(complaint, by=above, at=moment("2026-03-18 10:00"))
    assert last_day(complaint) == "2026-04-20 19:00"
    assert complaint.first_number == first_number != complaint.number
    assert (
        Complaint.objects.numbered(first_number).get()
        == complaint
        == Complaint.objects.numbered(complaint.number).get()
    )


def test_passing_on_what_is_not_ours_keeps_a_term_of_its_own(team: Team) -> None:
    complaint = make_complaint(team, "appeal", at=FRIDAY)
    late = moment("2026-03-19 10:00")
    complaint = actions.forward(
        complaint, to=None, to_body="Қалалық полиция басқармасы", reason="Құзыретте жоқ", by=team.head, at=late
    )
    term = complaint.clocks.get(kind="forward")
    assert (term.started_at, term.met) == (complaint.registered_at, False)
    assert complaint.forwarded_to == "Қалалық полиция басқармасы"
    assert complaint.office == team.office


def test_a_day_off_that_is_added_moves_open_terms_and_leaves_closed_ones(
    team: Team, django_capture_on_commit_callbacks: Any
) -> None:
    open_one = make_complaint(team, at=FRIDAY)
    closed = bring_to(make_complaint(team, at=FRIDAY), team, State.ANSWERED)
    before = closed.clocks.get(kind="answer").due_at
    with django_capture_on_commit_callbacks(execute=True):
        CalendarDay.objects.create(
            day=date(2026, 3, 18),
            office=team.office,
            kind="holiday",
            name_kk="Қала күні",
            name_ru="День города",
            source="t",
        )
    assert last_day(open_one) == "2026-03-26 18:00"
    open_one.refresh_from_db()
    assert f"{open_one.due_at.astimezone(ALMATY):%Y-%m-%d}" == "2026-03-26"
    assert closed.clocks.get(kind="answer").due_at == before


# ------------------------------------------------------------------ extension


def extend(
    complaint: Complaint, team: Team, until: str, *, code: str = "longer", at: datetime | None = None
) -> Complaint:
    words = {"extension": code, "until": date.fromisoformat(until), "reason": "Құжаттар сұратылды"}
    return actions.extend(complaint, **words, by=team.head, at=at or complaint.registered_at + timedelta(hours=1))


def test_an_appeal_is_extended_by_the_head_up_to_two_months_and_the_person_is_told_in_three_days(team: Team) -> None:
    complaint = extend(make_complaint(team, "appeal", at=FRIDAY), team, "2026-06-08")
    term = complaint.clocks.get(kind="answer")
    assert last_day(complaint) == "2026-06-08 18:00"
    assert f"{term.first_due_at.astimezone(ALMATY):%Y-%m-%d}" == "2026-04-08"
    assert last_day(complaint, "notice") == "2026-03-18 18:00"
    complaint = actions.tell_extension(complaint, how="post", by=team.clerk, at=moment("2026-03-16 12:00"))
    assert complaint.clocks.get(kind="notice").met is True


@pytest.mark.parametrize("until", ["2026-04-08", "2026-06-09"])
def test_an_extension_goes_beyond_the_first_day_and_not_beyond_two_months(team: Team, until: str) -> None:
    with pytest.raises(ActRefused) as refused:
        extend(make_complaint(team, "appeal", at=FRIDAY), team, until)
    assert refused.value.field == "until"


@pytest.mark.parametrize("kind", ["complaint", "service"])
def test_the_term_of_a_complaint_cannot_be_extended(team: Team, kind: str) -> None:
    with pytest.raises(ActRefused, match="does not let the term"):
        extend(make_complaint(team, kind, at=FRIDAY), team, "2026-04-30")


def test_an_executor_cannot_extend_and_a_term_that_is_over_cannot_be_extended(team: Team) -> None:
    complaint = make_complaint(team, "appeal", at=FRIDAY)
    with pytest.raises(ActRefused) as refused:
        actions.extend(
            complaint,
            extension="longer",
            until=date(2026, 5, 5),
            reason="r",
            by=team.executor,
            at=FRIDAY + timedelta(hours=3),
        )
    assert refused.value.status == 403
    with pytest.raises(ActRefused, match="The term is over"):
        extend(complaint, team, "2026-05-05", at=moment("2026-04-09 10:00"))


def test_law_221_gives_thirty_days_for_an_inspection_and_thirty_more_days_after_that(team: Team) -> None:
    complaint = make_complaint(team, "complaint", at=moment("2021-06-15 10:00"))
    complaint = extend(complaint, team, "2021-07-15", code="inquiry")
    assert last_day(complaint) == "2021-07-15 18:00"
    assert not complaint.clocks.filter(kind="notice").exists()
    with pytest.raises(ActRefused):
        extend(complaint, team, "2021-07-31", code="longer")
    complaint = extend(complaint, team, "2021-07-30", code="longer")
    assert last_day(complaint, "notice") == "2021-06-18 18:00"


# ------------------------------------------------------------------ silence


@pytest.mark.parametrize(
    ("kind", "received", "silent"), [("appeal", "2026-03-13 10:00", True), ("appeal", "2021-06-15 10:00", False)]
)
def test_silence_past_the_term_is_a_refusal_where_the_law_says_so(
    team: Team, kind: str, received: str, silent: bool
) -> None:
    complaint = make_complaint(team, kind, at=moment(received))
    due = complaint.clocks.get(kind="answer").due_at
    assert not Complaint.objects.silent(due).exists()
    assert Complaint.objects.silent(due + timedelta(minutes=1)).exists() is silent


# ------------------------------------------------------------------ the file


def test_the_law_is_loaded_with_the_rest_and_a_second_time_changes_nothing() -> None:
    before = list(Regime.objects.values_list("pk", "code", "kind"))
    call_command("load_law", verbosity=0)
    assert list(Regime.objects.values_list("pk", "code", "kind")) == before
    assert len(before) == 5


def test_a_rule_by_which_complaints_are_considered_cannot_be_changed_under_them(team: Team, tmp_path: Path) -> None:
    rows = yaml.safe_load((LAW / NAME).read_text(encoding="utf-8"))
    next(row for row in rows if row["code"] == "state-service-88")["term"]["amount"] = 7
    (tmp_path / NAME).write_text(yaml.safe_dump(rows), encoding="utf-8")
    make_complaint(team, "service")
    with pytest.raises(LawFileError, match="state-service-88"):
        load_regimes(tmp_path)


@pytest.mark.parametrize("change", [{"term": None}, {"extensions": [{"code": "x"}]}, {"outcomes": [{}]}])
def test_a_rule_that_cannot_be_counted_is_named_when_the_file_is_loaded(tmp_path: Path, change: dict[str, Any]) -> None:
    row = yaml.safe_load((LAW / NAME).read_text(encoding="utf-8"))[0] | {"code": "new"} | change
    (tmp_path / NAME).write_text(yaml.safe_dump([row]), encoding="utf-8")
    with pytest.raises(LawFileError, match="new"):
        load_regimes(tmp_path)


def test_what_nobody_has_verified_is_marked_as_such() -> None:
    by_code = {regime.code: regime.data for regime in Regime.objects.all()}
    assert by_code["law-221"]["term"]["verified"] is False
    assert by_code["appc-complaint"]["term"]["verified"] is True


def test_months_end_where_the_month_ends() -> None:
    assert clock._months_later(date(2026, 12, 31), 2) == date(2027, 2, 28)
