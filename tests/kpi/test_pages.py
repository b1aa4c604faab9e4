"""The pages of the indicators as the head, the clerk and the observer meet them."""

from __future__ import annotations

import io
from datetime import date, timedelta
from typing import Any

import pytest
from django.utils import translation
from openpyxl import load_workbook

from applications import actions
from applications.models import Case, Clock
from applications.workflow import State
from kpi.actions import sealing
from kpi.models import SealedTable, TargetPlan
from kpi.notices import table_html
from kpi.queries import analysis, morning
from kpi.queries.asking import Period, Scope
from kpi.queries.tables import table_of
from offices.policy import staff_at
from tests.factories import Team, decide, make_case, make_staff, make_team
from tests.kpi.test_lines import NEW_YEAR, at, cell, complaint, finish
from tests.pages import Page, sign_in, visit

pytestmark = pytest.mark.django_db
CODE = "south-2012-370-4"
APRIL = at("04-20 09:30")


@pytest.fixture(autouse=True)
def _april(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("django.utils.timezone.now", lambda: APRIL)


@pytest.fixture
def team() -> Team:
    return make_team()


def late_case(team: Team) -> Case:
    """A case of E8 that lay with the head for signature until two days after the term."""
    case = make_case(team, state=State.PREPARED)
    case = actions.sign(case, by=team.head, at=at("03-31 11:00"))
    return finish(case, team, at("03-31 12:00"))


def page(team: Team, path: str = "", *, by: Any = None, **query: str) -> Page:
    """A page of the indicators for E8 and March, as the head sees it."""
    given = {"edition": CODE, "period": "2026-03", **query}
    return visit(sign_in(by or team.head), f"/indicators/{path}?" + "&".join(f"{k}={v}" for k, v in given.items()))


# ------------------------------------------------------------------ from the figure to the event


def test_a_figure_opens_to_its_cases_and_to_the_step_that_made_one_late(team: Team) -> None:
    case = late_case(team)
    finish(make_case(team, state=State.SIGNED), team, at("03-20 12:00"))
    table = page(team)
    assert "1 / 2" in table.words
    opened = page(team, "line/1.1/")
    assert case.number in opened.words
    assert ": Head," in opened.words
    assert "over by" in opened.words
    assert f"/cases/{case.pk}/" in opened.html
    both = page(team, "line/1.1/", part="denominator")
    assert both.html.count('class="govuk-link app-number"') == 2


def test_the_case_says_in_which_lines_it_counts_and_why(team: Team) -> None:
    case = late_case(team)
    assert f"/indicators/cases/{case.pk}/" in visit(sign_in(team.head), f"/cases/{case.pk}/").html
    words = visit(sign_in(team.head), f"/indicators/cases/{case.pk}/").words
    assert "Counts in the indicators" in words
    assert "27.03.2026 : counts, but not in the numerator — ended on 31.03.2026 12:00" in words


def test_what_is_left_out_is_shown_with_its_reason_and_its_rows(team: Team) -> None:
    case = actions.withdraw(make_case(team), reason="көшіп кетті", by=team.clerk, at=at("03-16 10:00"))
    assert "left out 1: withdrawn by the applicant" in page(team).words
    assert case.number in page(team, "line/1.1/", part="withdrawn").words


def test_no_data_is_said_in_words_and_opens_nothing_wrong(team: Team) -> None:
    assert "no data" in page(team).words
    assert page(team, "line/2.1/", part="denominator").status == 200
    assert page(team, "line/2.1/", part="nothing").status == 404
    assert page(team, "line/4.4/").status == 404


# ------------------------------------------------------------------ whose figures


def test_figures_of_another_office_are_not_offered_and_fall_back_to_ones_own(team: Team) -> None:
    late_case(team)
    stranger = make_team("south:arys")
    shown = page(team, by=stranger.head, scope="south:shymkent")
    assert "0 / 0" in shown.words
    assert "0 / 1" not in shown.words


def test_the_observer_sees_all_offices_of_the_oblast_the_worst_first(team: Team) -> None:
    late_case(team)
    other = make_team("south:arys")
    finish(make_case(other, state=State.SIGNED), other, at("03-20 12:00"))
    shown = page(team, "offices/", by=make_staff("south:arys", "observer"), scope="south")
    assert shown.status == 200
    places = [shown.html.index(name) for name in ("scope=south:shymkent", "scope=south:arys", "scope=south:baydibek")]
    assert places == sorted(places)


def test_wilsons_interval_is_wide_for_few_and_narrow_for_many() -> None:
    assert [round(end, 1) for end in analysis.wilson(9, 10)] == [59.6, 98.2]
    assert [round(end, 1) for end in analysis.wilson(900, 1000)] == [88.0, 91.7]
    assert analysis.wilson(0, 0) == (0.0, 100.0)


# ------------------------------------------------------------------ over the months, whose minutes, this morning


def test_months_without_cases_have_no_data_and_the_others_their_own(team: Team) -> None:
    late_case(team)
    finish(make_case(team, state=State.SIGNED), team, at("04-02 12:00"))
    points = analysis.trend(cell("1.1", asked=NEW_YEAR))
    found = {point.month: (point.figure.numerator, point.figure.denominator) for point in points}
    assert len(points) == 24
    assert found[date(2026, 3, 1)] == (0, 2)
    assert found[date(2026, 2, 1)] == (0, 0)
    shown = page(team, "trends/")
    assert 'role="img"' in shown.html
    assert "March 2026: 0 (0/2)" in shown.words


def test_the_delay_is_shared_out_among_the_steps_that_overran(team: Team) -> None:
    late_case(team)
    rows = {row.step.transition: row for row in analysis.whose_minutes(cell("1.1", asked=NEW_YEAR))}
    assert rows["sign"].late == 1
    assert rows["sign"].share == 100
    assert rows["assign"].over == 0
    assert "100" in page(team, "minutes/").words


def test_a_returned_paper_charges_each_step_with_its_own_minutes_only(team: Team) -> None:
    case = make_case(team, state=State.PREPARED)
    case = actions.return_for_rework(case, reason="нақтылау", by=team.head, at=at("03-31 11:00"))
    case = decide(case, team, at=at("03-31 11:30"))
    finish(actions.sign(case, by=team.head, at=at("03-31 11:40")), team, at("03-31 12:00"))
    for row in analysis.whose_minutes(cell("1.1", asked=NEW_YEAR)):
        assert row.over <= row.spent, row.step.transition


def test_the_morning_list_names_what_is_overdue_due_today_and_likely_late(team: Team) -> None:
    for _ in range(3):
        late_case(team)
    in_time = make_case(team, state=State.SIGNED)
    finish(in_time, team, at("03-13 12:00"))
    overdue = make_case(team, state=State.ASSIGNED)
    running = make_case(team, state=State.PREPARED, at=at("04-17 10:00"))
    Clock.objects.filter(case=running, kind="step", stopped_at=None).update(due_at=NEW_YEAR)
    Case.objects.filter(pk=running.pk).update(due_at=APRIL + timedelta(hours=3))
    Clock.objects.filter(case=running, kind="overall").update(due_at=APRIL + timedelta(hours=3))
    found = morning.morning(staff_at(team.head.user, APRIL), APRIL)
    assert [case.pk for case in found.overdue] == [overdue.pk]
    assert [case.pk for case in found.today] == [running.pk]
    assert [(row.case.pk, row.late, row.count) for row in found.likely] == [(running.pk, 3, 3)]
    words = visit(sign_in(team.head), "/morning/").words
    assert "3 of 3" in words


# ------------------------------------------------------------------ files


def test_the_spreadsheet_explains_its_formulas_on_a_second_sheet_and_holds_no_formula(team: Team) -> None:
    late_case(team)
    response: Any = sign_in(team.head).get(f"/indicators/table.xlsx?edition={CODE}&period=2026-03")
    book = load_workbook(io.BytesIO(b"".join(response.streaming_content)))
    values, formulas = book.worksheets
    assert [cell.value for cell in values[2]][5:8] == ["0", "0", "1"]
    assert formulas[2][2].value.startswith("Cases whose overall clock ended")
    assert all(cell.data_type != "f" for sheet in book for row in sheet for cell in row)


def test_the_csv_carries_the_same(team: Team) -> None:
    response: Any = sign_in(team.head).get(f"/indicators/table.csv?edition={CODE}&period=2026-03")
    text = b"".join(response.streaming_content).decode()
    assert "1.1,Timeliness," in text
    assert "Formulas" in text


def test_the_paper_has_the_five_groups_the_three_columns_and_lines_to_sign(team: Team) -> None:
    with translation.override("kk"):
        html = table_html(table_of("akmola-2008-428", Scope.parse("akmola:kokshetau"), Period.year(2008), APRIL))
    assert html.count('scope="rowgroup"') == 5
    assert "89,8" in html
    assert html.count('class="line"') == 2
    team_paper: Any = sign_in(team.head).get(f"/indicators/table.pdf?edition={CODE}&period=2026-03")
    assert team_paper.content.startswith(b"%PDF")


# ------------------------------------------------------------------ targets and closing on the pages


def test_the_head_proposes_values_and_fixes_them_with_the_minutes(team: Team) -> None:
    shown = page(team, "targets/", scope="south:shymkent")
    wrong = _send(shown, line_1_1="101", year="2027", reason="өсім")
    assert wrong.status == 400
    assert wrong.errors["line_1_1"]
    assert "өсім" in wrong.html
    _send(wrong, line_1_1="99.5")
    plan = TargetPlan.objects.get()
    assert plan.values == {"1.1": "99.5"}
    minutes = visit(sign_in(team.head), f"/indicators/targets/{plan.pk}/")
    assert minutes.send(minutes_number="3", minutes_date="2026-05-05", members="Ә. Нұрғалиева").status == 400
    minutes.send(minutes_number="3", minutes_date="2026-04-15", members="Ә. Нұрғалиева")
    plan.refresh_from_db()
    assert plan.minutes_number == "3"
    assert "minutes No. 3 of 15.04.2026" in page(team, "targets/").words


def _send(shown: Page, **typed: str) -> Page:
    """Send the page's POST form, not its filter."""
    shown.forms[:] = [form for form in shown.forms if form.method == "post" and not form.action]
    return shown.send(**typed)


def test_the_head_closes_a_month_and_amends_it_when_something_changes(team: Team) -> None:
    case = late_case(team)
    shown = page(team, "closed/", scope="south:shymkent")
    _send(shown)
    row = SealedTable.objects.get()
    closed = visit(sign_in(team.head), f"/indicators/closed/{row.pk}/")
    assert "everything is as it was closed" in closed.words
    assert "untouched" in closed.words
    Clock.objects.filter(case=case, kind="overall").update(met=True, counted_on=date(2026, 3, 31))
    changed = visit(sign_in(team.head), f"/indicators/closed/{row.pk}/")
    assert "Counted today it would be otherwise" in changed.words
    _send(changed, reason="қағаздағы күн")
    amendment = SealedTable.objects.get(number=1)
    words = visit(sign_in(team.clerk), f"/indicators/closed/{amendment.pk}/").words
    assert "came 0, went 0, changed 1" in words
    assert sealing.seal_hash(SealedTable.objects.get(number=0)) == row.hash


def test_the_case_page_opens_under_both_generations_of_tables() -> None:
    for key, label in (("zhambyl:taraz", "E1"), ("south:shymkent", "E8")):
        team = make_team(key)
        case = make_case(team, label, state=State.ASSIGNED)
        assert visit(sign_in(team.head), f"/cases/{case.pk}/").status == 200, label


def test_a_figure_of_complaints_opens_to_the_complaints(team: Team) -> None:
    taraz = make_team("zhambyl:taraz")
    row = complaint(taraz, "03-20", make_case(taraz, "E1", state=State.HANDED_OVER))
    opened = page(taraz, "line/4.1/", by=taraz.head, edition="zhambyl-2008-120-1", part="numerator")
    assert row.number in opened.words
    assert f'href="{row.get_absolute_url()}"' in opened.html
