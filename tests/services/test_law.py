"""The law that runs is the law that was read: an independent table, the files, and the commands that print it back."""

from __future__ import annotations

import json
import re
import shutil
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command

from services.models import Edition, Service
from services.workflow import EditionState
from tests.factories import edition, make_case, make_team

pytestmark = pytest.mark.django_db

CODES = {
    "E1": "zhambyl-2008-120-1", "E2": "zhambyl-2008-120-2", "E3": "north-2007-352", "E4": "north-2008-32",
    **{f"E{number + 4}": f"south-2012-370-{number}" for number in range(1, 9)}, "E13": "akmola-2008-428",
}  # fmt: skip
# DOMAIN section 3, table of the step limits of decree 370: unit, transition, amount, unit of time.
_HOUR, _HALF, _DAY = "1 hour", "30 minute", "1 within_working_day"
STEPS: dict[str, list[str]] = {
    "E5": [
        "clerk register 5 minute", "head assign 5 minute", "executor prepare 5 minute", "head sign 5 minute",
        "executor hand_over 5 minute",
    ],
    "E6": [
        f"executor register {_HALF}", f"head assign {_HALF}", f"executor prepare {_HALF}", "head sign 15 minute",
        f"executor hand_over {_DAY}",
    ],
    "E7": [
        f"centre_inspector accept_at_window {_HALF}", "centre_accumulator collect 3 times_a_day",
        "centre_accumulator dispatch 2 times_a_day", f"clerk register {_HOUR}", f"head assign {_HOUR}",
        "executor prepare 10 working_day", f"head sign {_HALF}", f"clerk hand_over {_DAY}",
        f"centre_inspector hand_out_at_centre {_DAY}",
    ],
    "E8": [
        f"clerk register {_HOUR}", f"head assign {_HOUR}", "executor prepare 7 working_day", f"head sign {_HALF}",
        f"executor hand_over {_DAY}",
    ],
    "E9": [
        f"executor register {_HOUR}", f"head assign {_HOUR}", "executor prepare 10 working_day", f"head sign {_HALF}",
        f"executor hand_over {_DAY}",
    ],
    "E10": [
        f"clerk register {_HOUR}", f"head assign {_HOUR}", "executor prepare 10 working_day", f"head sign {_HALF}",
        f"clerk hand_over {_DAY}",
    ],
    "E11": [
        f"executor register {_HOUR}", f"head assign {_HOUR}", "executor prepare 10 working_day", f"head sign {_HALF}",
        f"executor hand_over {_DAY}",
    ],
    "E12": [
        f"clerk register {_HOUR}", f"head assign {_HOUR}", "executor prepare 15 calendar_day", f"head sign {_HALF}",
        "executor hand_over 1 within_day",
    ],
}  # fmt: skip
# The acts of E1-E4 and E13 have no step table: the common chain without limits.
COMMON = ["clerk register", "head assign", "executor prepare", "head sign", "clerk hand_over"]
# Point 7 (sections 2 and 3): channel, amount, unit, what starts it.
_PAPERS = "documents_handed_in"
OVERALL: dict[str, set[str]] = {
    "E1": {f"any 10 calendar_day {_PAPERS}"}, "E2": {f"any 3 calendar_day {_PAPERS}"}, "E3": {f"any 10 calendar_day {_PAPERS}"},
    "E4": {f"any 10 calendar_day {_PAPERS}"}, "E5": {f"any 15 minute {_PAPERS}"}, "E6": {f"any 30 minute {_PAPERS}"},
    "E7": {f"department 10 working_day {_PAPERS}", f"centre 10 working_day {_PAPERS}", f"rural_akim 30 calendar_day {_PAPERS}"},
    "E8": {f"any 7 working_day {_PAPERS}", f"rural_akim 22 working_day {_PAPERS}"},
    "E9": {f"any 10 working_day {_PAPERS}"}, "E10": {f"any 10 working_day {_PAPERS}"}, "E11": {f"any 10 working_day {_PAPERS}"},
    "E12": {f"any 15 calendar_day {_PAPERS}"}, "E13": {"any 15 calendar_day commission_decision"},
}  # fmt: skip
QUEUE = {"E1": (30, 10), "E2": (10, 10), "E3": (20, 20), "E4": (None, None), "E13": (40, 40)}


# ------------------------------------------------------------------ the table


def test_there_are_thirteen_editions_of_eleven_services_under_five_decrees_all_in_use() -> None:
    editions = Edition.objects.all()
    assert {row.short: row.code for row in editions} == CODES
    assert Service.objects.count() == 11
    assert editions.values("decree").distinct().count() == 5
    assert {row.state for row in editions} == {EditionState.PUBLISHED}
    assert not Edition.objects.filter(uses=None).exists()


def test_two_services_are_ruled_in_two_oblasts() -> None:
    twice = [service for service in Service.objects.all() if service.editions.count() == 2]
    assert {tuple(sorted(row.short for row in service.editions.all())) for service in twice} == {
        ("E1", "E8"),
        ("E12", "E13"),
    }


@pytest.mark.parametrize("label", CODES)
def test_every_step_has_the_unit_and_the_limit_of_its_act(label: str) -> None:
    steps = [
        " ".join(str(part) for part in (step.unit, step.transition, step.norm_amount, step.norm_unit) if part)
        for step in edition(label).steps.all()
    ]
    assert steps == STEPS.get(label, COMMON)
    assert [step.no for step in edition(label).steps.all()] == list(range(1, len(steps) + 1))


@pytest.mark.parametrize("label", CODES)
def test_the_whole_service_has_the_term_of_its_act(label: str) -> None:
    norms = edition(label).norms.filter(key="overall")
    assert {f"{norm.channel} {norm.amount} {norm.unit} {norm.trigger}" for norm in norms} == OVERALL[label]
    assert all(norm.point for norm in norms)


@pytest.mark.parametrize("label", QUEUE)
def test_the_queue_limits_of_the_standards_are_those_of_the_act(label: str) -> None:
    amounts = dict(edition(label).norms.filter(unit="minute").values_list("key", "amount"))
    assert (amounts.get("queue_in"), amounts.get("queue_out")) == QUEUE[label]


@pytest.mark.parametrize("label", CODES)
def test_an_edition_says_itself_in_kazakh_and_russian_with_its_points(label: str) -> None:
    chosen = edition(label)
    for row in (*chosen.steps.all(), *chosen.documents.all(), *chosen.grounds.all()):
        texts = [value for name, value in vars(row).items() if re.fullmatch(r"(name|act|completion)_(kk|ru)", name)]
        assert texts, row
        assert all(texts), row
        assert row.point, row
    assert chosen.grounds.exists()
    assert chosen.suspension_allowed is (label in ("E1", "E4", "E13"))
    assert (chosen.hours or {}).get("kind") == {"E6": "work", "E4": "reception"}.get(
        label, "office" if label in ("E1", "E2", "E3", "E13") else None
    )


# ------------------------------------------------------------------ annex


def annex(*arguments: str) -> Any:
    """What `manage.py annex` prints."""
    out = StringIO()
    call_command("annex", *arguments, stdout=out)
    return json.loads(out.getvalue())


@pytest.mark.parametrize("label", STEPS)
def test_the_annex_is_printed_back_from_the_running_definition(label: str) -> None:
    tables = annex(CODES[label])
    assert tables["edition"] == CODES[label]
    expected = [line.split() for line in STEPS[label]]
    assert [[row["no"], row["unit"], row["norm"]["amount"], row["norm"]["unit"]] for row in tables["table1"]] == [
        [no, unit, int(amount), time] for no, (unit, _transition, amount, time) in enumerate(expected, start=1)
    ]
    for row in tables["table1"]:
        assert {"no", "unit", "act", "completion", "norm"} <= set(row)
        assert set(row["norm"]) == {"amount", "unit", "text"}
        assert all(isinstance(row[name], str) and row[name] for name in ("unit", "act", "completion"))
        assert row["norm"]["text"]
    for name in ("table2", "table3"):
        assert [row["no"] for row in tables[name]] == sorted(row["no"] for row in tables[name])
        assert all(row["act"] and row["unit"] for row in tables[name])


def test_the_childrens_benefit_has_nine_steps_eight_on_the_main_path_and_seven_on_the_other() -> None:
    tables = annex(CODES["E7"])
    assert [len(tables[name]) for name in ("table1", "table2", "table3")] == [9, 8, 7]


def test_the_annex_of_one_path_holds_its_table_only() -> None:
    assert set(annex(CODES["E8"], "--path", "main")) == {"edition", "table2"}
    assert set(annex(CODES["E8"], "--path", "alternative")) == {"edition", "table3"}


def test_an_unknown_edition_is_named_with_those_that_there_are() -> None:
    with pytest.raises(CommandError) as problem:
        annex("south-2012-370-9")
    assert "south-2012-370-9" in str(problem.value)
    assert "south-2012-370-8" in str(problem.value)


# ------------------------------------------------------------------ due


def due(norm: str, start: str, *more: str, office: str = "south:shymkent") -> Any:
    """What `manage.py due --json` prints."""
    out = StringIO()
    call_command("due", "--office", office, "--norm", norm, "--from", start, "--json", *more, stdout=out)
    return json.loads(out.getvalue())


@pytest.mark.parametrize(
    ("norm", "start", "end"),
    [
        # DOMAIN section 4, test set 2026.
        ("7 working_day", "2026-03-13T10:00", "2026-03-27T18:00"),
        ("10 working_day", "2026-03-13T10:00", "2026-04-01T18:00"),
        ("15 calendar_day", "2026-03-13T10:00", "2026-03-30T18:00"),
        ("1 working_day", "2026-03-20T10:00", "2026-03-26T18:00"),
        ("5 working_day", "2026-04-30T10:00", "2026-05-12T18:00"),
        ("1 working_day", "2026-05-26T10:00", "2026-05-28T18:00"),
        # The 31st of August is worked, the day off of 25 October moves to Monday.
        ("1 working_day", "2026-08-28T10:00", "2026-08-31T18:00"),
        ("1 working_day", "2026-10-23T10:00", "2026-10-27T18:00"),
        # Minutes and hours leave out lunch, night and weekend.
        ("30 minute", "2026-03-13T12:50", "2026-03-13T14:20"),
        ("1 hour", "2026-03-13T17:30", "2026-03-16T09:30"),
        ("1 within_working_day", "2026-03-13T10:00", "2026-03-13T18:00"),
        ("1 within_day", "2026-03-13T10:00", "2026-03-13T18:00"),
    ],
)  # fmt: skip
def test_a_norm_ends_when_the_calendar_of_2026_says(norm: str, start: str, end: str) -> None:
    assert due(norm, start)["due"] == f"{end}:00+05:00"


def test_the_sum_names_the_days_left_out() -> None:
    trace = due("7 working_day", "2026-03-13T10:00")["trace"]
    assert [line["n"] for line in trace if line["kind"] == "counted"] == list(range(1, 8))
    skipped = {line["date"]: line["reason"] for line in trace if line["kind"] == "skipped"}
    assert set(skipped) == {f"2026-03-{day}" for day in (14, 15, 21, 22, 23, 24, 25)}
    assert all(reason[language] for reason in skipped.values() for language in ("kk", "ru", "en"))
    moved = [line for line in due("15 calendar_day", "2026-03-13T10:00")["trace"] if line["kind"] == "moved"]
    assert [line["date"] for line in moved] == ["2026-03-28"]


def test_an_edition_brings_its_own_hours_and_a_centre_its_runs() -> None:
    own = due("30 minute", "2026-03-13T12:50", "--edition", CODES["E6"])
    assert own["due"] == "2026-03-13T15:20:00+05:00"
    runs = due("3 times_a_day", "2026-03-13T11:30", office="south:centre-shymkent-1")
    assert runs["due"] == "2026-03-13T15:00:00+05:00"


def test_without_json_the_sum_is_written_for_people() -> None:
    out = StringIO()
    call_command(
        "due", "--office", "south:shymkent", "--norm", "1 working_day", "--from", "2026-03-20T10:00", stdout=out
    )
    lines = out.getvalue().splitlines()
    assert lines[0] == "2026-03-26T18:00:00+05:00"
    assert any("2026-03-23" in line for line in lines)


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"office": "south:nowhere"}, "no office has the key south:nowhere"),
        ({"norm": "ten days"}, "the units are minute, hour, working_day"),
        ({"norm": "0 working_day"}, "no norm"),
        ({"norm": "-5 hour"}, "no norm"),
        ({"norm": "99999999999 hour"}, "no norm"),
        ({"norm": "2000000 working_day"}, "no working time"),
        ({"start": "2026-02-30T10:00"}, "day is out of range"),
        ({"start": "tomorrow"}, "Invalid isoformat string"),
        ({"start": "9999-12-31T17:30"}, "9999-12-31"),
        ({"edition": "south-2012-370-9"}, "no edition has the code south-2012-370-9"),
    ],
    ids=lambda value: str(value)[:40],
)
def test_what_cannot_be_counted_is_said_in_one_line(changed: dict[str, str], message: str) -> None:
    given = {"office": "south:shymkent", "norm": "1 hour", "start": "2026-03-13T10:00", "edition": None, **changed}
    more = ["--edition", given["edition"]] if given["edition"] else []
    with pytest.raises(CommandError, match=message) as problem:
        due(str(given["norm"]), str(given["start"]), *more, office=str(given["office"]))  # type: ignore[arg-type]
    assert "\n" not in str(problem.value)


# ------------------------------------------------------------------ load_law

_TABLES = [model for label in ("services", "offices") for model in apps.get_app_config(label).get_models()]


def everything() -> dict[str, list[Any]]:
    """All rows of the catalogue and the contact tables."""
    return {model.__name__: list(model._default_manager.order_by("pk").values()) for model in _TABLES}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The files of the law, to be changed."""
    return Path(shutil.copytree(settings.BASE_DIR / "fixtures", tmp_path / "fixtures"))


def change(path: Path, old: str, new: str) -> None:
    """Change a file in one place."""
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def load(folder: Path) -> None:
    """Load the files of `folder`."""
    call_command("load_law", "--folder", str(folder), verbosity=0)


def test_loading_a_second_time_changes_nothing() -> None:
    before = everything()
    call_command("load_law", verbosity=0)
    assert everything() == before


def test_a_published_edition_cannot_change_and_then_nothing_does(folder: Path) -> None:
    change(folder / "law/services.yaml", "ru: ", "ru: Другое ")
    change(folder / f"law/editions/{CODES['E8']}.yaml", "amount: 7", "amount: 8")
    before = everything()
    with pytest.raises(CommandError) as problem:
        load(folder)
    assert f"{CODES['E8']}.yaml: {CODES['E8']} version 1 is published and cannot change" in str(problem.value)
    assert everything() == before


def test_a_change_of_the_common_chain_is_a_change_of_its_editions(folder: Path) -> None:
    change(folder / "law/procedures/common.yaml", "unit: clerk", "unit: executor")
    with pytest.raises(CommandError, match="is published and cannot change"):
        load(folder)


def test_an_amendment_is_a_new_version_and_running_cases_stay_with_theirs(folder: Path) -> None:
    case = make_case(make_team())
    path = folder / f"law/editions/{CODES['E8']}.yaml"
    change(path, "version: 1", "version: 2\nvalid_from: 2026-04-01")
    change(path, "amount: 7", "amount: 5")
    load(folder)
    first, second = Edition.objects.filter(code=CODES["E8"]).order_by("version")
    assert [row.norms.get(key="overall", channel="any").amount for row in (first, second)] == [7, 5]
    case.refresh_from_db()
    assert case.edition == first


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("norms:", "norms: [", r"line 63, file: while parsing"),
        ("unit: working_day", "unit: fortnight", r"line 66, norms\[1\].unit: “fortnight” is not known; known: minute,"),
        ("transition: sign", "transition: burn", r"steps\[4\].transition: “burn” is not known"),
        ("transition: sign\n", "transition: collect\n", "there is no step “Sign”"),
        ("kind: regulation", "kind: rumour", "line 5, kind: “rumour” is not known"),
        ("service: targeted-social-assistance", "service: unknown", "Service matching query"),
        ("result:", "outcome:", "outcome: there is no such field here; line 1, result: is missing"),
    ],
)
def test_a_file_that_is_wrong_is_named_and_nothing_is_loaded(folder: Path, old: str, new: str, message: str) -> None:
    path = folder / f"law/editions/{CODES['E8']}.yaml"
    change(path, "version: 1", "version: 2\nvalid_from: 2026-04-01")
    change(path, old, new)
    before = everything()
    with pytest.raises(CommandError, match=message) as problem:
        load(folder)
    assert str(problem.value).startswith(f"{CODES['E8']}.yaml: ")
    assert everything() == before


def test_a_published_edition_cannot_be_deleted_and_a_withdrawn_one_takes_no_new_cases() -> None:
    from services.actions import withdraw

    chosen, team = edition("E8"), make_team()
    with pytest.raises(ValidationError):
        chosen.delete()
    case = make_case(team)
    withdraw(chosen)
    assert chosen not in Edition.objects.offered(team.office.pk, case.received_at.date())
    assert make_case(team, "E5").edition.short == "E5"
