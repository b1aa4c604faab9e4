"""How long citizens' pages think (run with `--benchmark-only`): the search by an everyday word, near misses included."""

import pytest
from django.test import Client
from pytest_benchmark.fixture import BenchmarkFixture

from services import search

pytestmark = pytest.mark.django_db


@pytest.mark.benchmark(group="search")
@pytest.mark.parametrize("typed", ["АСП", "каляска", "көмекші", "балалар жәрдемақысы шымкент"])
def test_what_people_type(benchmark: BenchmarkFixture, typed: str) -> None:
    assert benchmark(search.find, typed)


@pytest.mark.benchmark(group="citizens' pages")
@pytest.mark.parametrize(
    "path", ["/", "/find/?q=коляска", "/services/akmola-2008-428/", "/offices/", "/open/editions.json"]
)
def test_a_page(benchmark: BenchmarkFixture, path: str) -> None:
    client = Client()
    assert benchmark(client.get, path).status_code == 200
