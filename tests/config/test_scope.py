"""No query without a scope: rows of an office are asked for by whose they are, within every request and every job."""

from __future__ import annotations

import ast
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.db.models import Q
from django.utils.functional import SimpleLazyObject

from applications.models import Case, Clock, Decision, Event, Paper, Person, Visit
from applications.querysets import CaseQuerySet
from complaints.models import Complaint
from offices.models import Job, Office
from offices.outbox import drain, enqueue
from offices.outbox.registry import Handler, handlers
from offices.querysets import ScopedQuerySet, Unscoped, guarded
from tests.factories import FRIDAY, Team, make_case, make_staff, make_team, make_visit, make_window
from tests.pages import sign_in

pytestmark = pytest.mark.django_db
HOUSE = Path(__file__).resolve().parents[2]
TABLE = Path(__file__).with_name("everywhere.txt")
OURS = ("applications", "complaints", "config", "kpi", "offices", "services")
# Both lists may only shrink: when one gets shorter, its number here follows. It never grows.
MOST_EVERYWHERE, MOST_WITHOUT = 30, 23
# Where conditions are declared to be a scope, besides the querysets themselves (`visible_to` and its like).
DECLARED = {
    "complaints/models/complaint.py": "files and papers by the complaint's own subject",
    "complaints/queries.py": "events by the complaint's own subject",
    "kpi/queries/defects.py": "narrowed to the offices asked for",
    "kpi/queries/sources.py": "narrowed to the offices asked for",
}
# Rows of cases and offices whose queries are not looked at, and why not.
WITHOUT = {
    "applications": {
        "Announcement": "says only that a term was announced",
        "DecisionGround": "reached by its decision",
        "Draft": "belongs to nobody yet: found by the hash of its code",
        "Erasure": "holds a date and a ground",
        "EventChain": "one row an office: its last place and hash",
        "EventWords": "reached by its event",
        "Follower": "found by its own random key",
        "FormToken": "found by its own random key",
        "HallDevice": "a tablet: no person in it",
        "HallWindow": "reference data: numbers of windows",
        "NumberBook": "counters",
        "PaperBytes": "reached by its paper",
        "QueueDay": "counters",
        "Retention": "terms of keeping, the same for all",
        "ShipmentItem": "reached by its list",
    },
    "complaints": {"Regime": "the law"},
    "kpi": {
        "MonthCell": "sums",
        "MonthMark": "which sums are old",
        "QualityFinding": "reached by its check",
        "SealedTable": "closed figures, open to everybody",
        "SurveyAnswer": "of nobody, by its making",
        "SurveyUse": "reached by its case; holds no answer",
        "TargetPlan": "figures",
    },
}


@pytest.fixture
def team() -> Team:
    team = make_team()
    make_case(team)
    return team


# ------------------------------------------------------------------ what is caught


def test_a_page_whose_author_forgot_the_scope_fails_closed(team: Team, monkeypatch: Any) -> None:
    case, stranger = Case.objects.get(), make_staff("south:arys", "clerk")
    assert sign_in(stranger).get(f"/cases/{case.pk}/").status_code == 404
    assert sign_in(team.clerk).get(f"/cases/{case.pk}/").status_code == 200
    monkeypatch.setattr(CaseQuerySet, "visible_to", lambda rows, staff: rows)
    with pytest.raises(Unscoped, match="Case"):
        sign_in(stranger).get(f"/cases/{case.pk}/")
    broken = sign_in(stranger, raise_request_exception=False).get(f"/cases/{case.pk}/")
    assert (broken.status_code, case.person.last_name in broken.content.decode()) == (500, False)


def test_an_export_whose_author_forgot_the_scope_fails_before_its_first_line(team: Team, monkeypatch: Any) -> None:
    monkeypatch.setattr("applications.queries.journal", lambda *args, **kwargs: Event.objects.order_by("pk"))
    with pytest.raises(Unscoped, match="Event"):
        sign_in(team.clerk).get("/journal/?format=csv")


def test_a_job_that_does_not_say_whose_rows_it_takes_fails(team: Team, monkeypatch: Any) -> None:
    seen: list[int] = []

    def careless(job: Job, at: Any) -> None:
        seen.append(Case.objects.count())

    def careful(job: Job, at: Any) -> None:
        seen.append(Case.objects.everywhere("the test's own job").count())

    for outside in (False, True):
        monkeypatch.setitem(handlers, "careless", Handler(careless, outside=outside))
        enqueue("careless", key=f"careless:{outside}")
    monkeypatch.setitem(handlers, "careful", Handler(careful))
    enqueue("careful", key="careful")
    drain()
    assert seen == [1]
    assert set(Job.objects.filter(kind="careless").values_list("done_at", flat=True)) == {None}
    assert all("Unscoped" in job.problem for job in Job.objects.filter(kind="careless"))


ASKED: dict[str, Callable[[Any], Any]] = {
    "list": list,
    "get": lambda rows: rows.get(),
    "first": lambda rows: rows.first(),
    "slice": lambda rows: rows[:1][0],
    "bool": bool,
    "len": len,
    "iterator": lambda rows: rows.iterator(),
    "count": lambda rows: rows.count(),
    "exists": lambda rows: rows.exists(),
    "aggregate": lambda rows: rows.aggregate(),
    "values": lambda rows: list(rows.values_list("pk")),
    "in_bulk": lambda rows: rows.in_bulk([1]),
    "update": lambda rows: rows.update(pk=1),
    "delete": lambda rows: rows.delete(),
    "get_or_create": lambda rows: rows.get_or_create(pk=1),
    "by another's number": lambda rows: rows.filter(pk=1).first(),
    "all but one row": lambda rows: rows.exclude(pk=1).first(),
}


@pytest.mark.parametrize("asked", ASKED)
@pytest.mark.parametrize("model", [Case, Complaint, Paper, Person, Visit])
def test_however_rows_are_asked_for_a_scope_is_wanted(model: Any, asked: str) -> None:
    with guarded(), pytest.raises(Unscoped, match=model.__name__):
        ASKED[asked](model.objects.all())
    with guarded(), pytest.raises(Unscoped, match=model.__name__):
        ASKED[asked](model.objects.filter(pk__gt=0).order_by("pk"))


NO_SCOPE: dict[str, Callable[[Case], Any]] = {
    "a number in place of a row": lambda case: Clock.objects.filter(case=case.pk),
    "a person, who goes from office to office": lambda case: Case.objects.filter(person=case.person),
    "all but those of a row": lambda case: Clock.objects.exclude(case=case),
    "not of a row": lambda case: Clock.objects.filter(~Q(case=case)),
    "of a row or anything": lambda case: Clock.objects.filter(Q(case=case) | Q(kind="step")),
    "of a query without a scope": lambda case: Clock.objects.filter(case__in=Case.objects.all()),
    "of rows from everywhere": lambda case: Clock.objects.filter(case__in=Case.objects.everywhere("?")),
    "scoped or not": lambda case: Clock.objects.filter(case=case) | Clock.objects.filter(kind="step"),
    "one of a union": lambda case: Clock.objects.filter(case=case).union(Clock.objects.filter(kind="step")),
    "of a person behind a lazy object, as a request has it": lambda case: Case.objects.filter(
        person=SimpleLazyObject(lambda: case.person)
    ),
    "of an edition": lambda case: case.edition.cases.all(),
    "of a person by the person": lambda case: case.person.cases.all(),
    "of all offices": lambda case: Case.objects.filter(office__in=Office.objects.all()),
}


@pytest.mark.parametrize("kind", NO_SCOPE)
def test_what_only_looks_like_a_scope_is_none(team: Team, kind: str) -> None:
    case = Case.objects.get()
    with guarded(), pytest.raises(Unscoped):
        list(NO_SCOPE[kind](case))


SCOPE: dict[str, Callable[[Case, Team], Any]] = {
    "what somebody may see": lambda case, team: Case.objects.visible_to(team.clerk),
    "what lies on a desk": lambda case, team: Case.objects.on_the_desk_of(team.head),
    "the offices of a power": lambda case, team: Case.objects.of_offices(team.clerk.offices()),
    "an office": lambda case, team: Case.objects.filter(office=case.office),
    "a row": lambda case, team: Clock.objects.filter(case=case, kind="overall"),
    "the row itself anew": lambda case, team: Case.objects.anew(case),
    "rows": lambda case, team: Clock.objects.filter(case__in=[case]),
    "of a row and something": lambda case, team: Clock.objects.filter(Q(case=case) & ~Q(kind="none")),
    "of a scoped query": lambda case, team: Clock.objects.filter(
        case__in=Case.objects.visible_to(team.clerk).values("pk")
    ),
    "what hangs on a row": lambda case, team: case.clocks.order_by("pk"),
    "fetched with a row": lambda case, team: Case.objects.visible_to(team.clerk).for_detail(),
    "of a row or of another": lambda case, team: Clock.objects.filter(Q(case=case) | Q(office=case.office)),
    "for a reason": lambda case, team: Case.objects.everywhere("the test's own"),
}


@pytest.mark.parametrize("kind", SCOPE)
def test_a_scope_opens_its_rows(team: Team, kind: str) -> None:
    case = Case.objects.get()
    with guarded():
        assert list(SCOPE[kind](case, team))


def test_nothing_at_all_needs_no_scope() -> None:
    with guarded():
        assert list(Case.objects.none()) == []
        assert list(Clock.objects.filter(case__in=[])) == []


def test_a_row_is_changed_on_a_condition_and_by_its_clocks_without_a_word_more(team: Team) -> None:
    case, window = Case.objects.get(), make_window("south:shymkent", 7)
    visit = make_visit(team.office)
    with guarded():
        assert Case.objects.anew(case).filter(version=case.version).update(version=9) == 1
        assert Visit.objects.filter(window=window).count() == 0
        assert Visit.objects.anew(visit).exists()
        clocks = list(case.clocks.all())
        for clock in clocks:
            clock.started_at += timedelta(minutes=1)
        Clock.objects.bulk_update(clocks, ["started_at"])
        case.refresh_from_db()
        case.clocks.all().delete()


def test_outside_of_requests_and_jobs_commands_see_the_whole_record(team: Team) -> None:
    assert Case.objects.count() == 1
    with pytest.raises(ZeroDivisionError), guarded():
        1 / 0  # noqa: B018 - the guard must end with what it stands around
    assert Decision.objects.count() == 0
    assert Case.objects.filter(received_at__lte=FRIDAY).exists()


# ------------------------------------------------------------------ what is exempt


def test_the_reasons_for_asking_everywhere_are_those_that_were_reviewed_and_may_only_shrink() -> None:
    found = sorted(_reasons())
    kept = [line for line in TABLE.read_text(encoding="utf-8").splitlines() if line and line[0] != "#"]
    assert found == kept, "look at each new reason; can it be a scope? Then it needs no line here"
    assert len(kept) == MOST_EVERYWHERE


def test_a_scope_is_declared_in_querysets_and_where_it_was_reviewed() -> None:
    calls = {path.relative_to(HOUSE) for path, call in _calls("scoped")}
    assert {str(path) for path in calls if path.name != "querysets.py"} == set(DECLARED)


def test_every_model_of_casework_is_looked_at_but_those_that_were_reviewed() -> None:
    free = {
        app: {model.__name__ for model in apps.get_app_config(app).get_models() if not _is_looked_at(model)}
        for app in WITHOUT
    }
    assert free == {app: set(rows) for app, rows in WITHOUT.items()}
    assert sum(map(len, WITHOUT.values())) == MOST_WITHOUT


def test_no_other_way_leads_round_the_scope() -> None:
    for path in (path for path in _sources() if path.relative_to(HOUSE).parts[0] in WITHOUT):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Attribute) and node.attr == "_base_manager":
                pytest.fail(f"{path.relative_to(HOUSE)}: the base manager knows no scope")


def _is_looked_at(model: Any) -> bool:
    return isinstance(model._default_manager.all(), ScopedQuerySet)


def _sources() -> list[Path]:
    paths = [path for app in OURS for path in (HOUSE / app).rglob("*.py")]
    return [path for path in paths if "migrations" not in path.parts]


def _calls(method: str) -> list[tuple[Path, ast.Call]]:
    return [
        (path, node)
        for path in _sources()
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == method
    ]


def _reasons() -> list[str]:
    """`file: reason` for every call of `everywhere`; the reason is a literal."""
    return [f"{path.relative_to(HOUSE)}: {ast.literal_eval(call.args[0])}" for path, call in _calls("everywhere")]
