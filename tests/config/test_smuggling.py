"""What a form does not offer cannot be sent: rows of other offices in every field, and fields that the form does not have."""

from __future__ import annotations

import ast
import logging
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Model
from django.forms import BaseForm, BaseFormSet
from django.forms.models import ModelChoiceField
from django.urls import reverse

from applications.models import Case, Person
from applications.views import ACTS
from applications.workflow import State
from offices.models import Membership, Office, User
from services.models import Decree, Edition, Ground, Service
from tests.applications.test_bad_input import typed
from tests.config.test_access import ask
from tests.config.world import ELSEWHERE, OURS, World, addresses, browser, everything, make_world
from tests.factories import edition, make_case, make_staff, make_team, office
from tests.pages import sign_in, visit

pytestmark = pytest.mark.django_db
HOUSE = Path(__file__).resolve().parents[2]
APPS = ("applications", "complaints", "config", "kpi", "offices", "services")
# The law is the same for everybody: these rows belong to no office.
COMMON: set[type[Model]] = {Decree, Edition, Service}
# Where a citizen chooses the office to which he turns.
ANYBODY_CHOOSES = {("DraftForm", "office"), ("PublicForm", "office")}


@pytest.fixture
def world(monkeypatch: Any) -> World:
    monkeypatch.setattr(logging.getLogger("django.request"), "disabled", True)
    return make_world()


def foreign_rows() -> dict[type[Model], Callable[[], Model]]:
    """Of each model that a form may choose from: a row that nobody in Shymkent may choose for the case in hand."""
    return {
        User: lambda: make_staff(ELSEWHERE, "executor", "head").user,
        Office: lambda: office(ELSEWHERE),
        Ground: lambda: Ground.objects.exclude(edition=edition("E8")).first(),
        Case: lambda: make_case(make_team(ELSEWHERE)),
    }


def forms_on(response: Any) -> Iterator[BaseForm]:
    """Every form that the page was drawn from, those of tables and of the admin included."""
    for context in response.context or ():
        for value in context.flatten().values() if hasattr(context, "flatten") else ():
            found = getattr(value, "form", value)
            if isinstance(found, BaseForm):
                yield found
            tables = [value] if isinstance(value, BaseFormSet) else getattr(value, "formsets", ()) or ()
            for rows in (getattr(table, "formset", table) for table in tables):
                if isinstance(rows, BaseFormSet):
                    yield from (*rows.forms, rows.empty_form)


def pages(world: World) -> Iterator[tuple[str, str, Any]]:
    """Every page of every route, and every act, as those who work at Shymkent see it."""
    paths = addresses(world)
    paths |= {f"act {name}": f"/cases/{world.case.pk}/{name}/" for name in ACTS}
    for role in ("all", "inspector"):
        client = everything() if role == "all" else browser(role)
        for name, path in paths.items():
            yield name, role, ask(client, "GET", path)


def refuses(field: forms.Field, value: Any) -> bool:
    """Whether a field says no to a value."""
    try:
        field.clean(value)
    except ValidationError:
        return True
    return False


def test_no_field_of_any_form_takes_a_row_of_another_office(world: World) -> None:
    rows, tried, unknown = foreign_rows(), set(), set()
    made: dict[type[Model], Any] = {}
    for name, role, response in pages(world):
        for form in forms_on(response):
            for label, field in form.fields.items():
                if not isinstance(field, ModelChoiceField) or field.disabled:
                    continue
                model = field.queryset.model
                if (
                    model in COMMON
                    or field.queryset.query.is_empty()
                    or (type(form).__name__, label) in ANYBODY_CHOOSES
                ):
                    continue
                if model not in rows:
                    unknown.add(f"{model.__name__} in {type(form).__name__}.{label} on {name}")
                    continue
                made.setdefault(model, rows[model]().pk)
                value = [made[model]] if isinstance(field, forms.ModelMultipleChoiceField) else made[model]
                taken = f"{name} as {role}: {type(form).__name__}.{label} takes a foreign {model.__name__}"
                assert refuses(field, value), taken
                tried.add((type(form).__name__, label, model.__name__))
    assert not unknown, f"say in foreign_rows() what is foreign, or in COMMON that it is everybody's: {unknown}"
    assert {model for _form, _label, model in tried} >= {"User", "Office", "Ground"}


def test_the_executor_of_another_office_is_refused_in_the_form_itself() -> None:
    team = make_team()
    case = make_case(team)
    page = visit(sign_in(team.head), f"/cases/{case.pk}/assign/")
    stranger = make_staff(ELSEWHERE, "executor").user
    assert page.send(executor=stranger.pk).status == 400
    assert Case.objects.get(pk=case.pk).executor_id is None


# ------------------------------------------------------------------ fields that the form does not have


def everything_else(*models: type[Model], but: set[str]) -> dict[str, str]:
    """A value for every column of the models that the form does not ask for."""
    names = {name for model in models for field in model._meta.concrete_fields for name in (field.name, field.attname)}
    return dict.fromkeys(names - but, "1")


def test_a_registration_takes_only_what_its_form_asks_for() -> None:
    team = make_team()
    path = f"/register/{team.office.pk}/{edition('E8').pk}/"
    values = typed()
    asked = {name for name, _value in visit(sign_in(team.clerk), path).form.fields}
    extra = everything_else(Case, Person, but=asked | set(values))
    assert {"state", "office_id", "number", "executor_id", "registered_at"} <= set(extra)
    page = visit(sign_in(team.clerk), path).send(do="register", **values, **extra)
    assert page.status == 302
    case = Case.objects.get()
    assert (case.state, case.office_id, case.executor_id, case.edition_id) == (
        State.REGISTERED, team.office.pk, None, edition("E8").pk
    )  # fmt: skip
    assert case.number.startswith("SHM-")
    assert case.registered_at.year >= 2026


@pytest.mark.parametrize(("act", "state"), [("tell", State.RECORDED), ("enter_in_record_book", State.SIGNED)])
def test_an_act_changes_only_what_it_is_about(act: str, state: str) -> None:
    team = make_team()
    case = make_case(team, state=state)
    columns = {field.attname for field in Case._meta.concrete_fields}
    before = Case.objects.filter(pk=case.pk).values(*columns).get()
    page = visit(sign_in(team.executor), f"/cases/{case.pk}/{act}/")
    extra = everything_else(Case, but={name for name, _value in page.form.fields})
    assert page.send(**extra).status == 302
    after = Case.objects.filter(pk=case.pk).values(*columns).get()
    changed = {name for name in columns if before[name] != after[name]}
    assert changed <= {"state", "version", "entered_at", "updated_at", "recorded_at", "told_at", "due_at", "step_due_at", "step",
                       "step_id", "awaits", "desk_id", "state_since", "served_on"}  # fmt: skip


def test_an_account_takes_no_rights_from_its_form() -> None:
    administrator = make_staff(OURS, "administrator")
    client = sign_in(administrator)
    extra = everything_else(
        User, but={"username", "last_name", "first_name", "patronymic", "post", "email", "is_active", "id"}
    )
    rows = {"memberships-TOTAL_FORMS": "1", "memberships-INITIAL_FORMS": "0", "memberships-0-office": office(OURS).pk,
            "memberships-0-role": "clerk"}  # fmt: skip
    data = {"username": "n.new", "last_name": "Жаңа", "first_name": "Адам", "is_active": "on", **rows, **extra}
    assert client.post(reverse("admin:offices_user_add"), data).status_code == 302
    user = User.objects.get(username="n.new")
    assert (user.is_superuser, user.is_staff, user.has_usable_password(), user.session_stamp == "1") == (
        False,
        False,
        False,
        False,
    )
    assert [row.role for row in Membership.objects.filter(user=user)] == ["clerk"]


def test_no_form_takes_all_fields_of_a_model() -> None:
    for path in (path for app in APPS for path in (HOUSE / app).rglob("*.py")):
        text = path.read_text(encoding="utf-8")
        assert '"__all__"' not in text, path
        assert not re.search(r"^        exclude = ", text, re.MULTILINE), path


# ------------------------------------------------------------------ what must not stand in the code


# Reviewed: each of these is given a constant of ours, or a text that has just been escaped.
REVIEWED = {
    # A QR and a bar code, drawn by our own code from letters and figures of ours.
    "mark_safe": {"applications/hall_pages.py", "applications/preparing.py"},
    "eval": set[str](),
    "exec": set[str](),
    # The name of the table is a constant; what somebody typed is a parameter.
    "RawSQL": {"applications/search.py"},
    "extra": set[str](),
    "raw": set[str](),
}


def test_nothing_dangerous_is_called_but_where_it_was_reviewed() -> None:
    found: dict[str, set[str]] = {name: set() for name in REVIEWED}
    shells = []
    for path in (path for app in APPS for path in (HOUSE / app).rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call):
                called = getattr(node.func, "id", getattr(node.func, "attr", ""))
                if called in found:
                    found[called].add(str(path.relative_to(HOUSE)))
                shells += [path.name for word in node.keywords if word.arg == "shell"]
    assert found == REVIEWED
    assert not shells


def test_templates_switch_escaping_off_nowhere_but_where_it_was_reviewed() -> None:
    off = {
        str(path.relative_to(HOUSE))
        for path in (HOUSE / "templates").rglob("*")
        if path.is_file()
        and any(word in path.read_text(encoding="utf-8") for word in ("|safe", "autoescape off", "safeseq"))
    }
    # Pictures and sheets that our own code has drawn.
    assert off <= {"templates/hall/devices.html"}
