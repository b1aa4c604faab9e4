"""An invented past: through the real acts, and in bulk, with the same rows."""

from __future__ import annotations

from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import models, transaction

from applications import chain
from applications.models import Case, CaseDocument, Clock, Decision, DecisionGround, Event, NumberBook, Person
from kpi.actions import months
from kpi.management import bulk, real
from kpi.management.plan import Plan
from kpi.queries.asking import Scope
from tests.factories import make_team, office
from tests.kpi.test_lines import NEW_YEAR, counts

pytestmark = pytest.mark.django_db
_KEYS = {"id", "key", "hash", "previous", "payload", "iin_hash", "old_hash"}


def rows_of(model: type[models.Model]) -> list[tuple[Any, ...]]:
    """The rows of a table apart from keys of rows, in the order in which they were made."""
    made_here = (Case, Person, Decision, Event)
    fields = [
        field
        for field in model._meta.concrete_fields
        if field.name not in _KEYS and field.related_model not in made_here
    ]
    rows = model._default_manager.order_by("pk")
    if model in (CaseDocument, DecisionGround):
        rows = rows.order_by("pk")
    return [tuple(getattr(row, field.attname) for field in fields) for row in rows]


def payloads() -> list[dict[str, Any]]:
    """What the events say, apart from keys and salted hashes."""
    drop = ("decision", "words")
    return [
        {name: value for name, value in row.payload.items() if name not in drop} for row in Event.objects.order_by("pk")
    ]


COMPARED = (Person, Case, Clock, Decision, DecisionGround, Event, NumberBook)


class _Undo(Exception):
    pass


@pytest.mark.parametrize("key", ["south:shymkent", "akmola:kokshetau", "zhambyl:taraz"])
def test_the_fast_path_leaves_the_rows_that_the_real_acts_leave(key: str, settings: Any) -> None:
    settings.PAPERS_AT_ONCE = False
    make_team(key)
    plan = Plan(office(key), seed=4, now=NEW_YEAR, days=200)
    cases = plan.cases(14)
    try:
        with transaction.atomic():
            real.live(cases)
            expected = {model: rows_of(model) for model in COMPARED}
            said, papers = payloads(), sorted(map(str, rows_of(CaseDocument)))
            raise _Undo
    except _Undo:
        pass
    bulk.write(cases)
    for model in COMPARED:
        assert rows_of(model) == expected[model], model.__name__
    assert payloads() == said
    assert sorted(map(str, rows_of(CaseDocument))) == papers
    assert not list(chain.find_faults())
    months.count_marked(NEW_YEAR)
    assert not list(months.check(NEW_YEAR))


def test_the_command_makes_a_past_that_the_table_counts(settings: Any) -> None:
    out = StringIO()
    call_command("simulate", "--office", "south:arys", "--cases", "12", "--seed", "3", "--fast", stdout=out)
    assert "12 cases" in out.getvalue()
    with pytest.raises(CommandError, match="cases of its own"):
        call_command("simulate", "--office", "south:arys", "--cases", "1")
    call_command("simulate", "--office", "south:arys", "--cases", "2", "--anyway", stdout=out)
    assert Case.objects.filter(office__key="south:arys").count() == 14
    assert counts("3.2", "E8", scope=Scope.parse("south:arys"))[1] == 1


def test_the_same_seed_gives_the_same_past() -> None:
    make_team()
    plans = [Plan(office("south:shymkent"), seed=seed, now=NEW_YEAR).cases(5) for seed in (1, 1, 2)]
    moments = [[act.at for case in plan for act in case.acts] for plan in plans]
    assert moments[0] == moments[1] != moments[2]


def test_an_office_that_is_none_is_named() -> None:
    with pytest.raises(CommandError, match="no such department"):
        call_command("simulate", "--office", "south:nowhere", "--cases", "1")
