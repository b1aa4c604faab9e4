"""Quality checks: a sample that nobody can choose, checked by somebody who had no part in the paper."""

from __future__ import annotations

import hashlib
from datetime import date, datetime, timedelta

import pytest

from applications import actions
from applications.casework import ActRefused
from applications.models import Case, DecisionKind, Event
from applications.workflow import State
from kpi.actions import quality
from kpi.lawfiles import quality_rule
from kpi.models import QualityCheck, QualityDraw
from kpi.queries.quality import results, sample, seed_of
from offices.models import Office
from tests.factories import ALMATY, FRIDAY, Team, make_case, make_staff, make_team
from tests.pages import sign_in, visit

pytestmark = pytest.mark.django_db
APRIL = datetime(2026, 4, 1, 9, 0, tzinfo=ALMATY)
MARCH = date(2026, 3, 1)
ALL_RIGHT = {line.code: True for line in quality_rule().checklist}


@pytest.fixture
def team() -> Team:
    return make_team()


def signed(team: Team, number: int, at: datetime = FRIDAY) -> list[Case]:
    return [make_case(team, state=State.SIGNED, at=at + n * timedelta(minutes=10)) for n in range(number)]


def draw(team: Team) -> QualityDraw:
    return quality.draw(team.office, MARCH, by=team.head, at=APRIL)


# ------------------------------------------------------------------ the draw


@pytest.mark.parametrize(("population", "size"), [(0, 0), (3, 3), (5, 5), (40, 5), (101, 6), (600, 30), (9000, 30)])
def test_the_size_follows_the_rule(population: int, size: int) -> None:
    assert quality_rule().size(population) == size


def test_anybody_can_draw_the_same_sample_again(team: Team) -> None:
    cases = signed(team, 8)
    made = draw(team)
    seed = hashlib.sha256("south:shymkent|2026-03|қызмет сапасы".encode()).hexdigest()
    assert made.seed == seed == seed_of(team.office, MARCH, quality_rule())
    numbers = [case.decisions.get().number for case in cases]
    by_hand = sorted(numbers, key=lambda number: hashlib.sha256(f"{seed}|{number}".encode()).hexdigest())[:5]
    assert [row.decision.number for row in made.checks.select_related("decision")] == by_hand
    papers = [case.decisions.get() for case in cases]
    assert sample(papers[::-1], seed, 5) == sample(papers, seed, 5)


def test_a_month_is_drawn_once(team: Team) -> None:
    signed(team, 2)
    first, again = draw(team), quality.draw(team.office, MARCH, by=team.deputy, at=APRIL + timedelta(days=3))
    assert (first.pk, QualityCheck.objects.count()) == (again.pk, 2)
    assert Event.objects.filter(kind="quality_drawn").count() == 1


def test_papers_of_another_month_or_office_are_not_drawn(team: Team) -> None:
    signed(team, 1, datetime(2026, 2, 27, 12, 0, tzinfo=ALMATY))
    signed(make_team("south:arys"), 1)
    last = signed(team, 1, datetime(2026, 3, 31, 17, 0, tzinfo=ALMATY))
    made = draw(team)
    assert (made.population, [row.case for row in made.checks.all()]) == (1, last)


def test_a_month_that_is_not_over_and_another_offices_month_are_not_drawn(team: Team) -> None:
    for by, at, status in [
        (team.head, datetime(2026, 3, 31, 23, 59, tzinfo=ALMATY), 400),
        (team.clerk, APRIL, 403),
        (make_staff("south:arys", "head"), APRIL, 403),
    ]:
        with pytest.raises(ActRefused) as refusal:
            quality.draw(team.office, MARCH, by=by, at=at)
        assert refusal.value.status == status
    assert not QualityDraw.objects.exists()


# ------------------------------------------------------------------ the check


def test_neither_preparer_nor_signer_nor_a_stranger_checks(team: Team) -> None:
    signed(team, 1)
    row = draw(team).checks.get()
    for by in (team.executor, team.head, make_staff("south:arys", "head"), make_staff("south:shymkent", "observer")):
        with pytest.raises(ActRefused) as refusal:
            quality.check(row, ALL_RIGHT, by=by, at=APRIL)
        assert refusal.value.status == 403
    done = quality.check(row, ALL_RIGHT, by=team.deputy, at=APRIL)
    assert (done.right, done.checked_by) == (True, team.deputy.user)
    assert row.case.events.filter(kind="quality_checked").count() == 1


def test_the_absent_head_for_whom_a_paper_was_signed_does_not_check_it(team: Team) -> None:
    signed(team, 1)
    row = draw(team).checks.get()
    type(row.decision).objects.update(signed_for=team.deputy.user)
    with pytest.raises(ActRefused):
        quality.check(QualityCheck.objects.get(), ALL_RIGHT, by=team.deputy, at=APRIL)


def test_one_line_that_fails_makes_the_paper_wrong_and_wants_words(team: Team) -> None:
    signed(team, 1)
    row, wrong = draw(team).checks.get(), ALL_RIGHT | {"sums": False}
    for passed, note in ((wrong, " "), ({"sums": True}, "x"), ({}, "")):
        with pytest.raises(ActRefused) as refusal:
            quality.check(row, passed, note=note, by=team.deputy, at=APRIL)
        assert refusal.value.status == 400
    done = quality.check(row, wrong, note="Кезең қате.", by=team.deputy, at=APRIL)
    assert (done.right, done.findings.filter(passed=False).get().item) == (False, "sums")


def test_a_paper_is_checked_once(team: Team) -> None:
    signed(team, 1)
    row = draw(team).checks.get()
    for _ in range(2):
        quality.check(row, ALL_RIGHT, by=team.deputy, at=APRIL)
    with pytest.raises(ActRefused) as refusal:
        quality.check(row, ALL_RIGHT, by=team.clerk, at=APRIL)
    assert refusal.value.status == 409
    assert row.findings.count() == len(ALL_RIGHT)


def test_the_heads_returns_stand_beside_the_result(team: Team) -> None:
    case = make_case(team, state=State.PREPARED)
    case = actions.return_for_rework(case, reason="Қайта", by=team.head, at=FRIDAY + timedelta(minutes=9))
    case = actions.prepare(
        case, kind=DecisionKind.GRANT, text="Болды.", by=team.executor, at=FRIDAY + timedelta(hours=1)
    )
    actions.sign(case, by=team.head, at=FRIDAY + timedelta(hours=2))
    quality.check(draw(team).checks.get(), ALL_RIGHT, by=team.deputy, at=APRIL)
    row = results(Office.objects.all())[0]
    assert (row.draw.population, row.size, row.checked, row.right, row.returned) == (1, 1, 1, 1, 1)


# ------------------------------------------------------------------ the pages


def test_the_head_draws_and_a_colleague_checks_on_the_pages(team: Team, monkeypatch: pytest.MonkeyPatch) -> None:
    signed(team, 1)
    monkeypatch.setattr("django.utils.timezone.now", lambda: APRIL)
    page = visit(sign_in(team.head), "/quality/")
    assert "No sample was drawn yet." in page.words
    assert page.send(month="2026-4").errors["month"] == "Error: Write the month as in 2026-03."
    assert "The month is not over" in page.send(month="2026-04").errors["month"]
    made = page.send(month="2026-03")
    address = made.response["Location"]
    assert "waits for another official" in visit(page.client, address).words
    deputy = sign_in(team.deputy)
    assert "waits for you or a colleague" in visit(deputy, address).words
    form = visit(deputy, f"/quality/checks/{QualityCheck.objects.get().pk}/")
    answers = dict.fromkeys(ALL_RIGHT, "yes")
    assert form.send(**{**answers, "file": "no"}).errors["note"] == "Error: Say what is wrong."
    assert form.send(**answers).response["Location"] == address
    assert "✓ right" in visit(deputy, address).words
    assert "1 / 1" in visit(deputy, "/quality/").words


def test_samples_of_another_office_are_not_there(team: Team) -> None:
    signed(team, 1)
    row = draw(team).checks.get()
    stranger, observer = sign_in(make_staff("south:arys", "head")), sign_in(make_staff("south:arys", "observer"))
    for path in (f"/quality/{row.draw_id}/", f"/quality/checks/{row.pk}/"):
        assert visit(stranger, path).status == 404
    assert visit(observer, f"/quality/{row.draw_id}/").status == 200
    assert team.office.name_kk not in visit(stranger, "/quality/").html
