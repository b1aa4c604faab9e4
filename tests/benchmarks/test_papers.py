"""How long a paper takes (run with `--benchmark-only`): a notice of one page 60 ms warm, a hundred of them 6 s."""

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from applications import notices
from applications.models import Paper, PaperBytes
from tests.applications.paper_data import decided, decision_paper, talon_of, text_of
from tests.factories import make_team

pytestmark = pytest.mark.django_db


@pytest.mark.benchmark(group="paper")
@pytest.mark.parametrize("kind", ["talon", "notice", "refusal"])
def test_one_paper(benchmark: BenchmarkFixture, kind: str) -> None:
    team = make_team()
    paper = talon_of(team, "E8") if kind == "talon" else decision_paper(decided(team, "E8", refused=kind == "refusal"))
    notices.pdf_of(paper)

    def again() -> bytes:
        PaperBytes.objects.all().delete()
        return notices.render(paper)

    assert text_of(benchmark.pedantic(again, rounds=30, warmup_rounds=3))


@pytest.mark.benchmark(group="papers")
def test_a_hundred_notices(benchmark: BenchmarkFixture) -> None:
    paper = decision_paper(decided(make_team(), "E8"))
    notices.pdf_of(paper)
    fields = {name: getattr(paper, name) for name in ("case", "kind", "language", "data", "made_by", "made_at")}
    copies = Paper.objects.bulk_create(Paper(template_version="1", **fields) for _n in range(100))

    def all_of_them() -> int:
        return sum(bool(notices.render(copy)) for copy in copies)

    assert benchmark.pedantic(all_of_them, rounds=1) == 100
