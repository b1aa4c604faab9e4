"""Each line of the indicator tables by dated examples: what happened goes in, numerator, denominator and exclusions come out."""

from __future__ import annotations

import json
import uuid
from datetime import date, datetime, timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from applications import actions, intake
from applications.models import Case, Outcome, Person, Visit
from applications.workflow import State
from complaints.models import Complaint
from kpi.models import QualityCheck, QualityDraw, SurveyAnswer
from kpi.queries.asking import Period, Scope, lines_of
from kpi.queries.cells import Cell, Figure
from kpi.queries.tables import table_of
from offices.models import Office
from services.models import EditionUse, IndicatorGeneration
from tests.complaints.makers import make_complaint
from tests.factories import (
    ALMATY,
    FRIDAY,
    Team,
    decide,
    edition,
    found,
    make_case,
    make_intake,
    make_person,
    make_team,
    office,
)

pytestmark = pytest.mark.django_db
YEAR = Period.year(2026)
NEW_YEAR = datetime(2027, 1, 11, 9, tzinfo=ALMATY)


def at(text: str) -> datetime:
    """A moment of 2026 on the office's wall, such as 03-27 17:59."""
    return datetime.strptime(f"2026-{text}", "%Y-%m-%d %H:%M").replace(tzinfo=ALMATY)


def cell(code: str, label: str = "E8", *, period: str = "2026", asked: datetime = NEW_YEAR, scope: Any = None) -> Cell:
    """The cell of a line of the edition's own generation; by default of its office and the whole year."""
    chosen = edition(label)
    generation = IndicatorGeneration.TWELVE if chosen.indicator_values.exists() else IndicatorGeneration.SIX
    line = next(line for line in lines_of(generation) if line.code == code)
    home = {"E13": "akmola:kokshetau", "E1": "zhambyl:taraz"}.get(label, "south:shymkent")
    return Cell(line, scope or Scope.office(office(home)), frozenset({chosen.pk}), Period.parse(period), asked)


def counts(code: str, label: str = "E8", **asked: Any) -> tuple[int, int, dict[str, int]]:
    """Numerator, denominator, exclusions."""
    figure = cell(code, label, **asked).figure()
    return figure.numerator, figure.denominator, figure.excluded


@pytest.fixture
def team() -> Team:
    return make_team()


def finish(case: Case, team: Team, moment: datetime) -> Case:
    """Enter in the record book a minute before, and tell the applicant at `moment`."""
    case = actions.enter_in_record_book(case, by=team.executor, at=moment - timedelta(minutes=1))
    return actions.tell(case, how="phone", by=team.executor, at=moment)


# ------------------------------------------------------------------ 1.1: within the term


# Handed in on Friday 13 March 2026 at 10:00, seven working days: due on Friday the 27th at 18:00 (DOMAIN section 4).
@pytest.mark.parametrize(
    ("told", "expected"),
    [("03-27 17:59", (1, 1)), ("03-27 18:00", (1, 1)), ("03-27 18:01", (0, 1)), ("03-30 09:00", (0, 1))],
)
def test_1_1_the_last_day_lasts_until_closing_time(team: Team, told: str, expected: tuple[int, int]) -> None:
    finish(make_case(team, state=State.SIGNED), team, at(told))
    assert counts("1.1") == (*expected, {})


@pytest.mark.parametrize("refused", [False, True], ids=["granted", "refused"])
def test_1_1_grants_and_refusals_count_alike(team: Team, refused: bool) -> None:
    finish(make_case(team, state=State.SIGNED, refused=refused), team, at("03-20 12:00"))
    assert counts("1.1") == (1, 1, {})


def test_1_1_what_is_open_counts_as_late_from_its_due_moment_on(team: Team) -> None:
    make_case(team, state=State.ASSIGNED)
    assert counts("1.1", asked=at("03-27 18:00")) == (0, 0, {})
    assert counts("1.1", asked=at("03-27 18:01")) == (0, 1, {})
    assert counts("1.1", asked=at("04-30 10:00"), period="2026-03") == (0, 1, {})


def test_1_1_a_case_counts_once_and_a_late_one_in_the_month_of_its_due_day(team: Team) -> None:
    finish(make_case(team, state=State.SIGNED), team, at("04-02 10:00"))
    finish(make_case(team, state=State.SIGNED), team, at("03-20 10:00"))
    assert counts("1.1", period="2026-03") == (1, 2, {})
    assert counts("1.1", period="2026-04") == (0, 0, {})
    assert counts("1.1", period="2026-Q1") == counts("1.1", period="2026") == (1, 2, {})


def test_1_1_withdrawn_and_annulled_are_left_out_with_their_reasons(team: Team) -> None:
    actions.withdraw(make_case(team), reason="көшіп кетті", by=team.clerk, at=at("03-16 10:00"))
    actions.annul(make_case(team), reason="қате", by=team.clerk, at=at("03-16 10:00"))
    late = make_case(team, state=State.ASSIGNED)
    actions.withdraw(late, reason="көшіп кетті", by=team.clerk, at=at("04-16 10:00"))
    assert counts("1.1") == (0, 0, {"withdrawn": 2, "annulled": 1})


def test_1_1_returned_twice_keeps_the_first_term_and_counts_once(team: Team) -> None:
    case = make_case(team, state=State.PREPARED)
    for day in ("03-16", "03-17"):
        case = actions.return_for_rework(case, reason="нақтылау", by=team.head, at=at(f"{day} 11:00"))
        case = decide(case, team, at=at(f"{day} 12:00"))
    case = actions.sign(case, by=team.head, at=at("03-27 17:00"))
    finish(case, team, at("03-27 18:30"))
    assert counts("1.1") == (0, 1, {})


def test_1_1_before_the_decision_of_the_commission_no_term_runs() -> None:
    team = make_team("akmola:kokshetau")
    case = make_case(team, "E13", state=State.ASSIGNED)
    assert counts("1.1", "E13", asked=at("12-01 10:00")) == (0, 0, {"no_term_yet": 1})
    case = actions.record_commission(
        case, number="7", decided_at=at("04-01 10:00"), by=team.executor, at=at("04-01 12:00")
    )
    assert counts("1.1", "E13", asked=at("04-10 10:00")) == (0, 0, {})
    # Fifteen calendar days from the decision: Thursday 16 April.
    assert counts("1.1", "E13", asked=at("04-17 10:00")) == (0, 1, {})


def test_1_1_an_uncollected_paper_is_not_lateness(team: Team) -> None:
    case = finish(make_case(team, state=State.SIGNED), team, at("03-18 10:00"))
    actions.hand_over(case, way="in_person", by=team.executor, at=at("06-18 10:00"))
    assert counts("1.1") == (1, 1, {})


def test_1_1_an_incomplete_package_starts_no_term(team: Team) -> None:
    data = make_intake(team, documents=found(edition("E8"), no1="missing"))
    intake.take_in(data, by=team.clerk, at=FRIDAY)
    assert counts("1.1") == (0, 0, {})


# ------------------------------------------------------------------ 1.2: the queue


def visit(
    minutes: float | None, outcome: str = Outcome.SERVED, *, number: int, label: str = "E1", **fields: Any
) -> None:
    """A visitor of Taraz who waited `minutes` (None: still waits)."""
    called = outcome != Outcome.LEFT and minutes is not None
    issued = at("03-13 10:00")
    ended = issued + timedelta(minutes=minutes) if minutes is not None else None
    Visit.objects.create(
        office=office("zhambyl:taraz"), day=date(2026, 3, 13), number=number, purpose="hand_in", edition=edition(label),
        issued_at=issued, called_at=ended if called else None, ended_at=ended, outcome=outcome if ended else "",
        waited=None if minutes is None else int(minutes * 60), **fields,
    )  # fmt: skip


def test_1_2_called_within_forty_minutes_and_those_who_gave_up_later_as_failures() -> None:
    visit(5, number=1)
    visit(40, number=2)
    visit(40.5, number=3)
    visit(12, Outcome.NO_SHOW, number=4)
    visit(39, Outcome.LEFT, number=5)
    visit(41, Outcome.LEFT, number=6)
    visit(None, number=7)
    assert counts("1.2", "E1") == (3, 5, {"left_early": 1, "still_waiting": 1})


# ------------------------------------------------------------------ 2.1, 3.1, 4.3, 4.4, 5.1: answers


def answer(code: str, satisfied: bool, label: str = "E1", day: date = date(2026, 3, 13)) -> None:
    """One answer to the question of a line of the twelve."""
    home = office("zhambyl:taraz" if label == "E1" else "south:shymkent")
    SurveyAnswer.objects.create(
        sheet=uuid.uuid4(), office=home, edition=edition(label), day=day, code=code, score=5 if satisfied else 2,
        satisfied=satisfied, rule_version=1,
    )  # fmt: skip


@pytest.mark.parametrize("code", ["2.1", "3.1", "4.3", "4.4", "5.1"])
def test_answers_satisfied_of_answers_given_to_that_question(code: str) -> None:
    for satisfied in (True, True, False):
        answer(code, satisfied)
    answer("5.1" if code != "5.1" else "2.1", satisfied=False)
    answer(code, satisfied=False, day=date(2025, 12, 31))
    assert counts(code, "E1") == (2, 3, {})


def test_4_1_of_the_six_lines_is_the_question_that_the_twelve_call_4_3() -> None:
    answer("4.3", True, "E8")
    answer("4.1", False, "E8")
    assert counts("4.1", "E8") == (1, 1, {})


# ------------------------------------------------------------------ 2.2: papers found right


def test_2_2_papers_found_right_of_papers_checked() -> None:
    team = make_team("zhambyl:taraz")
    draw = QualityDraw.objects.create(
        office=team.office, month=date(2026, 3, 1), seed="0", rule_version=1, population=9, drawn_by=team.head.user,
        drawn_at=at("04-01 10:00"),
    )  # fmt: skip
    for place, right in enumerate((True, True, False, None), start=1):
        case = make_case(team, "E1", state=State.SIGNED)
        QualityCheck.objects.create(
            draw=draw, place=place, case=case, decision=case.decisions.get(), office=team.office, edition=case.edition,
            day=date(2026, 3, 13), right=right, checked_at=None if right is None else at("04-02 10:00"),
        )  # fmt: skip
    assert counts("2.2", "E1") == (2, 3, {"not_checked": 1})


# ------------------------------------------------------------------ 3.2 of the twelve: right and accepted first time


def test_3_2_complete_at_the_first_hand_in_of_first_hand_ins() -> None:
    team = make_team("zhambyl:taraz")
    make_case(team, "E1")
    lacking = make_intake(team, "E1", documents=found(edition("E1"), no1="missing"))
    case = intake.take_in(lacking, by=team.clerk, at=FRIDAY)
    back = at("04-02 10:00")
    intake.take_in_again(case, found(edition("E1")), received_at=back, by=team.clerk, at=back)
    actions.annul(make_case(team, "E1"), reason="қате", by=team.clerk, at=at("03-13 12:00"))
    actions.withdraw(make_case(team, "E1"), reason="көшіп кетті", by=team.clerk, at=at("03-16 12:00"))
    assert counts("3.2", "E1") == (2, 3, {"annulled": 1})
    assert counts("3.2", "E1", period="2026-04") == (0, 0, {})


# ------------------------------------------------------------------ 3.3 and 3.2 of the six: information online


def test_3_3_services_with_a_page_in_force_on_the_day_reported() -> None:
    assert counts("3.3", "E1") == (1, 1, {})
    ours = edition("E8")
    assert counts("3.2", "E8") == (1, 1, {})
    type(ours).objects.filter(pk=ours.pk).update(valid_to=date(2026, 6, 30))
    assert counts("3.2", "E8", period="2026-Q2") == (1, 1, {})
    assert counts("3.2", "E8", period="2026-Q3") == (0, 1, {})
    EditionUse.objects.filter(edition=ours).update(in_use=False)
    assert counts("3.2", "E8", period="2026-Q3") == (0, 0, {})


# ------------------------------------------------------------------ 4.1 and 4.2: complaints


def test_4_1_recipients_are_persons_once_each_and_merged_records_are_one() -> None:
    team = make_team("zhambyl:taraz")
    somebody = make_person()
    for person in (somebody, somebody, make_person(), make_person()):
        make_case(team, "E1", state=State.TOLD, person=person)
    make_case(team, "E1", state=State.SIGNED)
    assert counts("4.1", "E1") == (0, 3, {})
    first, second = Person.objects.filter(cases__state=State.TOLD).distinct().order_by("pk")[1:]
    Person.objects.filter(pk=second.pk).update(merged_into=first)
    assert counts("4.1", "E1") == (0, 2, {})


# ------------------------------------------------------------------ what holds for all


def test_no_cases_are_no_data_neither_nought_nor_a_hundred() -> None:
    figures = [
        row.figure.value
        for row in table_of("zhambyl-2008-120-1", Scope.office(office("zhambyl:taraz")), YEAR, NEW_YEAR).rows
    ]
    assert figures == [None] * 6 + [100] + [None] * 5


def test_small_numbers_are_marked_and_the_threshold_is_data(team: Team) -> None:
    make_case(team, state=State.TOLD)
    scope = Scope.office(team.office)
    assert [row.is_small for row in table_of("south-2012-370-4", scope, YEAR, NEW_YEAR).rows][:2] == [True, False]
    line = cell("1.1").line.indicator
    line.data["small_below"] = 1
    line.save()
    assert not table_of("south-2012-370-4", scope, YEAR, NEW_YEAR).rows[0].is_small


def test_offices_roll_up_to_district_oblast_and_all(team: Team) -> None:
    make_case(team, state=State.TOLD)
    make_case(make_team("south:arys"), state=State.TOLD)
    scopes = ("south:shymkent", "district:south:shymkent", "south", "all", "zhambyl")
    found = [counts("1.1", scope=Scope.parse(text)) for text in scopes]
    assert [figure[:2] for figure in found] == [(1, 1), (1, 1), (2, 2), (2, 2), (0, 0)]


def test_an_office_without_staff_does_not_empty_the_table_of_its_oblast(team: Team) -> None:
    make_case(team, state=State.TOLD)
    assert not Office.objects.get(key="south:arys").memberships.exists()
    assert counts("1.1", scope=Scope.oblast("south"))[:2] == (1, 1)


def test_rounded_half_up_to_two_decimals() -> None:
    assert [str(Figure(*pair).value) for pair in ((1, 3), (39, 40), (1, 800), (2, 3))] == [
        "33.33",
        "97.50",
        "0.13",
        "66.67",
    ]


def test_every_reason_that_can_be_counted_stands_in_the_catalogue_in_three_languages() -> None:
    for generation in IndicatorGeneration.values:
        for line in lines_of(generation):
            source = Cell(line, Scope.all(), None, YEAR, NEW_YEAR).source
            codes = {*source.reasons, *source.elsewhere, *(source.apart.reasons if source.apart else ())}
            listed = {row["code"]: row for row in line.data["exclusions"]}
            assert codes <= set(listed), line.code
            assert all(row[language] for row in listed.values() for language in ("kk", "ru", "en"))
            assert line.data["version"] >= 1


# ------------------------------------------------------------------ the command


def printed(*arguments: str) -> Any:
    """What the command prints as JSON."""
    out = StringIO()
    call_command("indicators", *arguments, "--json", stdout=out)
    return json.loads(out.getvalue())


def test_the_command_prints_each_cell_with_its_counts(team: Team) -> None:
    finish(make_case(team, state=State.SIGNED), team, at("03-27 18:30"))
    make_case(team, state=State.TOLD)
    actions.withdraw(make_case(team), reason="көшіп кетті", by=team.clerk, at=at("03-16 10:00"))
    table = printed("--office", "south:shymkent", "--edition", "south-2012-370-4", "--year", "2026")
    assert {key: table[key] for key in ("office", "edition", "year")} == {
        "office": "south:shymkent", "edition": "south-2012-370-4", "year": 2026,
    }  # fmt: skip
    assert [row["code"] for row in table["rows"]] == ["1.1", "2.1", "3.1", "3.2", "4.1", "5.1"]
    assert table["rows"][0] == {
        "code": "1.1", "normative": None, "target": None, "current": 50, "numerator": 1, "denominator": 2,
        "excluded": {"withdrawn": 1},
    }  # fmt: skip


def test_the_first_reporting_year_is_the_one_printed_in_the_decree() -> None:
    table = printed("--office", "akmola:kokshetau", "--edition", "akmola-2008-428", "--year", "2008")
    values = {row["code"]: (row["normative"], row["target"], row["current"]) for row in table["rows"]}
    assert values["1.1"] == (100, 94.6, 89.8)
    assert values["4.1"] == (0.1, 0.1, 0.2)
    blank = printed("--office", "zhambyl:taraz", "--edition", "zhambyl-2008-120-2", "--year", "2008")
    assert next(row["current"] for row in blank["rows"] if row["code"] == "3.3") is None


@pytest.mark.parametrize(
    "arguments",
    [
        ["--office", "nowhere:at-all", "--edition", "south-2012-370-4", "--year", "2026"],
        ["--office", "south:shymkent", "--edition", "none", "--year", "2026"],
        ["--office", "south:shymkent", "--edition", "south-2012-370-4", "--period", "2026-13"],
    ],
)
def test_the_command_names_what_it_does_not_know(arguments: list[str]) -> None:
    with pytest.raises(CommandError, match="no such"):
        call_command("indicators", *arguments)


# ------------------------------------------------------------------ 4.1 and 4.2 with complaints


def complaint(team: Team, day: str, case: Case | None = None, **found: Any) -> Complaint:
    """A complaint about E1, answered on `day` of March, substantiated and satisfied in time unless said otherwise."""
    row = make_complaint(team, case=case, about="decision" if case else "delay")
    facts = {"substantiated": True, "in_time": True, "satisfied": "full", "edition": edition("E1"), **found}
    Complaint.objects.filter(pk=row.pk).update(answered_at=at(f"{day} 12:00"), **facts)
    return row


def test_4_1_and_4_2_substantiated_complaints_a_case_once_by_the_day_of_the_answer() -> None:
    team = make_team("zhambyl:taraz")
    case = make_case(team, "E1", state=State.HANDED_OVER)
    complaint(team, "03-20", case)
    complaint(team, "03-25", case)
    complaint(team, "03-26", substantiated=False)
    complaint(team, "03-27", in_time=False)
    complaint(team, "03-28", satisfied="none")
    complaint(team, "04-01")
    assert counts("4.1", "E1", period="2026-03") == (3, 1, {"same_case": 1})
    assert counts("4.2", "E1", period="2026-03") == (1, 3, {"same_case": 1})
    assert counts("4.2", "E1") == (2, 4, {"same_case": 1})


def test_refused_and_later_granted_on_complaint_is_one_case() -> None:
    team = make_team("zhambyl:taraz")
    case = make_case(team, "E1", state=State.HANDED_OVER, refused=True)
    back = {"executor": team.executor.user, "reason": "шағым", "complaint": "X", "by": team.head}
    case = actions.reopen(case, at=at("04-20 10:00"), **back)
    case = decide(case, team, at=at("04-20 11:00"))
    case = actions.sign(case, by=team.head, at=at("04-20 12:00"))
    case = actions.enter_in_record_book(case, by=team.clerk, at=at("04-20 12:01"))
    actions.hand_over(case, way="in_person", by=team.clerk, at=at("04-20 12:02"))
    assert counts("1.1", "E1") == (1, 1, {})
    assert counts("3.2", "E1") == (1, 1, {})
    assert counts("4.1", "E1") == (0, 1, {})
