"""Open data: every answer is what its description says, may be kept by anybody, and tells nothing of a person."""

from __future__ import annotations

import csv
import io
import json
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from jsonschema import Draft202012Validator
from openapi_spec_validator import validate

from kpi import open_data
from kpi.actions import sealing
from kpi.models import SealedTable
from kpi.queries.asking import Period
from offices.models import Office
from services.models import Edition, EditionUse
from tests.factories import FRIDAY, Team, edition, make_case, make_person, make_team
from tests.pages import visit

pytestmark = pytest.mark.django_db
SENTINEL = "Құпиясыбаева"
SETS = ("offices", "services", "editions", "indicators")
APRIL = FRIDAY + timedelta(days=30)


def described(client: Client) -> dict[str, Any]:
    """The description as it is served."""
    found: dict[str, Any] = json.loads(client.get("/open/openapi.json").content)
    return found


def faults(description: dict[str, Any], path: str, status: int, body: Any) -> list[str]:
    """What in an answer is not as described."""
    answer = description["paths"][path]["get"]["responses"][str(status)]
    if "$ref" in answer:
        answer = description["components"]["responses"][answer["$ref"].rpartition("/")[2]]
    schema = {**answer["content"]["application/json"]["schema"], "components": description["components"]}
    checker = Draft202012Validator(schema, format_checker=Draft202012Validator.FORMAT_CHECKER)
    return [f"{fault.json_path}: {fault.message}" for fault in checker.iter_errors(body)]


@pytest.fixture
def sealed() -> SealedTable:
    """March of one regulation in Shymkent, closed, with one applicant."""
    team: Team = make_team()
    make_case(team, "E8", state="handed_over", person=make_person(last_name=SENTINEL))
    return sealing.seal(team.office, edition("E8").code, Period.parse("2026-03"), by=team.head, at=APRIL)


def test_the_description_is_valid_openapi(client: Client) -> None:
    description = described(client)
    validate(description)
    assert description["openapi"].startswith("3.1")
    paths = {f"/open/{name}.{suffix}" for name in SETS for suffix in ("json", "csv")}
    assert paths | {"/open/openapi.json"} == set(description["paths"])


@pytest.mark.parametrize("name", SETS)
def test_every_answer_is_as_described(client: Client, sealed: SealedTable, name: str) -> None:
    response = client.get(f"/open/{name}.json")
    body = json.loads(response.content)
    assert body[name]
    assert faults(described(client), f"/open/{name}.json", 200, body) == []
    body[name][0]["surname"] = "x"
    assert faults(described(client), f"/open/{name}.json", 200, body)


@pytest.mark.parametrize("name", SETS)
def test_every_table_has_the_same_rows_and_opens_in_a_spreadsheet(
    client: Client, sealed: SealedTable, name: str
) -> None:
    response = client.get(f"/open/{name}.csv")
    assert response["Content-Type"] == "text/csv; charset=utf-8"
    text = response.content.decode()
    assert text.startswith("\ufeff")
    lines = list(csv.reader(io.StringIO(text[1:])))
    rows = json.loads(client.get(f"/open/{name}.json").content)[name]
    assert len(lines) == len(rows) + 1
    assert len({len(line) for line in lines}) == 1
    assert not [cell for line in lines for cell in line if cell.startswith(("=", "@", "\t"))]


def test_nothing_is_about_a_person(client: Client, sealed: SealedTable) -> None:
    heads = [name for name in Office.objects.values_list("head_name", flat=True) if name]
    assert heads
    for name in SETS:
        for suffix in ("json", "csv"):
            text = client.get(f"/open/{name}.{suffix}").content.decode()
            for secret in (SENTINEL, sealed.sealed_by.last_name, *heads):
                assert secret not in text


def test_figures_on_few_cases_are_left_out_and_others_stand(client: Client, sealed: SealedTable) -> None:
    rows = {row["indicator"]: row for row in open_data.indicators()[0]}
    assert rows["1.1"]["suppressed"]
    assert rows["1.1"]["current"] is rows["1.1"]["denominator"] is None
    line = next(row for row in sealed.table["rows"] if row["code"] == "1.1")
    assert line["denominator"] == 1
    few = open_data._figure(sealed, {**line, "denominator": 29}, 30)
    enough = open_data._figure(sealed, {**line, "denominator": 30}, 30)
    assert (few["suppressed"], enough["suppressed"], enough["denominator"]) == (True, False, 30)


def test_only_closed_periods_are_given_and_of_each_the_newest_amendment(client: Client, sealed: SealedTable) -> None:
    copy = SealedTable.objects.get(pk=sealed.pk)
    copy.pk, copy.number, copy.reason, copy.previous, copy.hash = None, 1, "қағаз", sealed.hash, "f" * 64
    copy.save(force_insert=True)
    rows = open_data.indicators()[0]
    assert {row["amendment"] for row in rows} == {1}
    assert {row["table_hash"] for row in rows} == {"f" * 64}


def test_indicators_are_asked_for_by_office_edition_and_period_and_come_in_pages(
    client: Client, sealed: SealedTable, monkeypatch: Any
) -> None:
    def asked(query: str) -> Any:
        return json.loads(client.get(f"/open/indicators.json?{query}").content)

    assert asked("office=south:shymkent&edition=south-2012-370-4&period=2026-03")["indicators"]
    for query in (
        "office=south:arys",
        "edition=south-2012-370-5",
        "period=2026-04",
        "office=%00x",
        f"office={'я' * 500}",
    ):
        if "%00" not in query:
            assert asked(query) == {"indicators": [], "next": None}
    copy = SealedTable.objects.get(pk=sealed.pk)
    copy.pk, copy.period = None, "2026-Q1"
    copy.save(force_insert=True)
    monkeypatch.setattr(open_data, "PAGE", 1)
    first = asked("office=south:shymkent")
    assert {row["period"] for row in first["indicators"]} == {"2026-03"}
    second = json.loads(client.get(first["next"].removeprefix("http://127.0.0.1:8000")).content)
    assert {row["period"] for row in second["indicators"]} == {"2026-Q1"}
    assert second["next"] is None
    assert 'rel="next"' in client.get("/open/indicators.csv")["Link"]
    refused = client.get("/open/indicators.json?after=x")
    assert refused.status_code == 400
    assert faults(described(client), "/open/indicators.json", 400, json.loads(refused.content)) == []


def test_an_answer_may_be_kept_and_is_not_sent_twice(client: Client) -> None:
    first = client.get("/open/editions.json")
    assert "public" in first["Cache-Control"]
    assert first["Access-Control-Allow-Origin"] == "*"
    again = client.get("/open/editions.json", headers={"if-none-match": first["ETag"]})
    assert again.status_code == 304
    assert again.content == b""
    EditionUse.objects.filter(office__key="south:arys").update(in_use=False)
    changed = client.get("/open/editions.json", headers={"if-none-match": first["ETag"]})
    assert changed.status_code == 200
    assert "no-store" in _signed_in().get("/open/editions.json")["Cache-Control"]


def test_unknown_sets_are_not_there(client: Client) -> None:
    for path in ("/open/people.json", "/open/offices.xml", "/open/offices", "/open/_figure.json"):
        assert client.get(path).status_code == 404


def test_a_set_costs_few_statements(client: Client, django_assert_max_num_queries: Any) -> None:
    for name in SETS:
        with django_assert_max_num_queries(7):
            client.get(f"/open/{name}.json")


def test_the_page_leads_to_everything(client: Client) -> None:
    client.cookies["django_language"] = "en"
    html = visit(client, "/open/").html
    for name in SETS:
        assert f'href="/open/{name}.json"' in html
        assert f'href="/open/{name}.csv"' in html
    assert 'href="/open/openapi.json"' in html
    assert Edition.objects.published().count() == len(open_data.editions())


def _signed_in() -> Client:
    from tests.factories import make_staff
    from tests.pages import sign_in

    return sign_in(make_staff("south:shymkent", "clerk"))
