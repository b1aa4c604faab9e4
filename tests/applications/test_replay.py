"""A draft tried on the past: other norms, days and hours over the recorded starts and stops; nothing is stored."""

from __future__ import annotations

import io
import json
from datetime import date, time, timedelta
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from applications import actions
from applications.models import Case, Clock, Event
from applications.replay import OVERALL, Draft, Outcome, draft_of, replay
from applications.workflow import State
from offices.calendars import Change
from offices.worktime import DayHours, DayKind, DayRule
from services.deadlines import Norm, Unit
from tests.factories import FRIDAY, Team, edition, make_case, make_staff, make_team, office
from tests.pages import sign_in, visit

pytestmark = pytest.mark.django_db
CODE = "south-2012-370-4"
YEAR = {"start": date(2026, 1, 1), "end": date(2026, 12, 31)}
WORDS = {"kk": "Сынақ", "ru": "Проба", "en": "Trial"}


@pytest.fixture
def team() -> Team:
    return make_team()


def ended(team: Team, *, days: int, label: str = "E8") -> Case:
    """A case of E8 (seven working days) handed in on Friday 13.03.2026; the person was told `days` days later."""
    case = make_case(team, label, state=State.RECORDED)
    return actions.tell(case, how="phone", by=team.executor, at=FRIDAY + timedelta(days=days))


def tried(draft: Draft, **asked: Any) -> Outcome:
    return replay(draft, code=CODE, offices=[office("south:shymkent").pk], **{**YEAR, **asked})


def overall(amount: int) -> Draft:
    return Draft(overall={"any": Norm(amount, Unit.WORKING_DAY)})


# ------------------------------------------------------------------ what would have been


def test_a_shorter_term_makes_cases_late_and_the_indicator_falls(team: Team) -> None:
    for days in (4, 11, 14):  # 17.03, 24.03 (a day off), 27.03: the last day
        ended(team, days=days)
    outcome = tried(overall(3))
    line = outcome.indicator
    assert (outcome.cases, line.in_time, line.late) == (3, 3, 0)
    assert (line.percent, line.would_be_percent) == (100, pytest.approx(100 / 3))
    assert (line.became_late, line.became_in_time) == (2, 0)
    assert [row.late for row in outcome.changed] == [True, True]


def test_a_longer_term_brings_late_cases_into_time(team: Team) -> None:
    case = ended(team, days=17)  # Monday 30.03, due on Friday 27.03
    line = tried(overall(8)).indicator
    assert (line.late, line.would_be_late, line.became_in_time) == (1, 0, 1)
    row = tried(overall(8)).changed[0]
    assert (row.number, row.would_be_due_at.date(), row.late) == (case.number, date(2026, 3, 30), False)


def test_a_day_off_moves_the_term_and_a_working_day_draws_it_in(team: Team) -> None:
    ended(team, days=17)
    off = Change((DayRule(date(2026, 3, 18), DayKind.CLOSED, WORDS, ""),))
    assert tried(Draft(change=off)).indicator.became_in_time == 1
    ended(team, days=14)
    worked = Change((DayRule(date(2026, 3, 14), DayKind.WORKING_DAY, WORDS, ""),))
    assert tried(Draft(change=worked)).indicator.became_late == 1


def test_a_change_of_one_office_leaves_the_others_alone(team: Team) -> None:
    ended(team, days=17)
    rule = DayRule(date(2026, 3, 18), DayKind.CLOSED, WORDS, "")
    elsewhere = Change((rule,), office_id=office("south:arys").pk)
    assert tried(Draft(change=elsewhere)).indicator.became_in_time == 0
    here = Change((rule,), office_id=office("south:shymkent").pk)
    assert tried(Draft(change=here)).indicator.became_in_time == 1


def test_other_hours_move_terms_in_hours(team: Team) -> None:
    ended(team, days=4)
    minute = {"prepare": Norm(1, Unit.MINUTE)}
    assert tried(Draft(steps=minute)).tallies["prepare"].would_be_late == 0
    # Every act of the case was done between 10 and 11 o'clock: with an office that opens at 14, no time ran yet.
    late = Change(hours=DayHours(time(14), time(18), None))
    assert tried(Draft(steps={"assign": Norm(1, Unit.MINUTE)}, change=late)).tallies["assign"].would_be_late == 0
    early = Change(hours=DayHours(time(8), time(9, 30), None))
    assert tried(Draft(change=early)).tallies["sign"].would_be_late == 0


def test_a_step_alone_may_be_tried_and_the_whole_service_stays(team: Team) -> None:
    make_case(team, state=State.ASSIGNED)
    assert tried(Draft()).cases == 0  # it has not ended
    case = ended(team, days=4)
    Clock.objects.filter(case=case, step__transition="sign").update(stopped_at=FRIDAY + timedelta(minutes=20))
    tallies = tried(Draft(steps={"sign": Norm(5, Unit.MINUTE)})).tallies
    assert (tallies["sign"].became_late, tallies[OVERALL].became_late) == (1, 0)


def test_a_draft_edition_is_tried_with_its_norms(team: Team) -> None:
    ended(team, days=14)
    same = tried(draft_of(edition("E8")))
    assert same.changed == []
    shorter = edition("E5")  # fifteen minutes in all
    assert tried(draft_of(shorter)).indicator.became_late == 1


def test_what_changes_nothing_leaves_the_recorded_outcome_even_after_the_calendar_moved(team: Team) -> None:
    case = ended(team, days=14)
    Clock.objects.filter(case=case, kind=OVERALL).update(met=False)
    assert tried(Draft()).indicator.would_be_late == 1
    assert tried(overall(7)).indicator.would_be_late == 1


def test_no_case_is_no_data_and_neither_zero_nor_hundred(team: Team) -> None:
    ended(team, days=14)
    outcome = tried(overall(3), start=date(2025, 1, 1), end=date(2025, 12, 31))
    assert (outcome.cases, outcome.indicator.percent, outcome.indicator.would_be_percent) == (0, None, None)


def test_other_offices_editions_and_annulled_cases_are_not_counted(team: Team) -> None:
    case = ended(team, days=4)
    ended(make_team("south:arys"), days=4)
    ended(team, days=4, label="E11")
    assert tried(overall(3)).cases == 1
    Clock.objects.filter(case=case, kind=OVERALL).update(ended_by="annulled")
    assert tried(overall(3)).cases == 0


def test_nothing_is_stored(team: Team) -> None:
    ended(team, days=17)
    before = (list(Clock.objects.order_by("pk").values()), Event.objects.count(), list(Case.objects.values()))
    tried(Draft(overall={"any": Norm(1, Unit.HOUR)}, change=Change(hours=DayHours(time(10), time(12), None))))
    assert (list(Clock.objects.order_by("pk").values()), Event.objects.count(), list(Case.objects.values())) == before


# ------------------------------------------------------------------ page and command


def test_the_page_shows_what_a_norm_would_have_done_and_keeps_what_was_typed(team: Team) -> None:
    ended(team, days=14)
    client = sign_in(make_staff("south:shymkent", "administrator"))
    assert f'href="/replay/{CODE}/"' in visit(client, "/replay/").html
    asked = "start=2026-01-01&end=2026-12-31&overall_amount=3&overall_unit=working_day"
    page = visit(client, f"/replay/{CODE}/?{asked}")
    assert "100.0 → 0.0 % indicator 1.1: in time" in page.words
    assert "would be late" in page.words
    assert page.typed("overall_amount") == "3"


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ("start=2026-01-01&end=2025-01-01", "The period ends after it begins"),
        ("start=x&end=", "Enter a valid date"),
        ("start=2026-01-01&end=2026-02-01&overall_amount=0&overall_unit=working_day", "greater than or equal to 1"),
        ("start=2026-01-01&end=2026-02-01&overall_amount=3", "A norm is an amount and a unit"),
        ("start=2026-01-01&end=2026-02-01&overall_amount=3&overall_unit=within_day", "With this unit the amount is 1"),
        ("start=2026-01-01&end=2026-02-01&closed=31.02.2026", "“31.02.2026” is no day such as"),
        ("start=2026-01-01&end=2026-02-01&opens=18:00&closes=09:00", "Closing must come after opening"),
    ],
)
def test_bad_input_is_answered_beside_the_field_and_stays(asked: str, words: str) -> None:
    page = visit(sign_in(make_staff("south:shymkent", "administrator")), f"/replay/{CODE}/?{asked}")
    assert page.status == 400
    assert words in page.summary


def test_an_administrator_tries_on_his_own_offices_only(team: Team) -> None:
    ended(team, days=14)
    stranger = sign_in(make_staff("south:arys", "administrator"))
    asked = "start=2026-01-01&end=2026-12-31"
    assert "no data" in visit(stranger, f"/replay/{CODE}/?{asked}").words
    page = visit(stranger, f"/replay/{CODE}/?{asked}&office={team.office.pk}")
    assert page.status == 400
    assert visit(stranger, "/replay/passport/").status == 404


def command(*arguments: str) -> Any:
    out = io.StringIO()
    call_command("replay", CODE, "--from", "2026-01-01", "--to", "2026-12-31", *arguments, stdout=out)
    return out.getvalue()


def test_the_command_counts_the_same(team: Team) -> None:
    ended(team, days=14)
    data = json.loads(command("--norm", "overall=3 working_day", "--norm", "3=1 minute", "--json"))
    assert data["cases"] == 1
    assert data["indicator_1_1"] == {"before": 100, "after": 0}
    assert "became late 1" in command(
        "--closed", "2026-01-05", "--norm", "overall=3 working_day", "--office", "south:shymkent"
    )
    assert "no data" in command("--office", "south:arys")


@pytest.mark.parametrize(
    "arguments",
    [
        ("--norm", "overall=0 working_day"),
        ("--norm", "9=1 hour"),
        ("--hours", "18:00-09:00"),
        ("--office", "x:y"),
        ("--draft", "7"),
    ],
)
def test_the_command_refuses_what_cannot_be_counted(arguments: tuple[str, str]) -> None:
    with pytest.raises(CommandError):
        command(*arguments)
