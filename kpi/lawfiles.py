"""The project's own rules for surveys and quality checks, as they stand in fixtures/kpi. Read once a process."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

import yaml
from django.conf import settings

from offices.text import in_language


@dataclass(frozen=True)
class Line:
    """A question of the survey, a step of its scale or a line of the checklist."""

    code: str
    words: dict[str, str]
    part: str = ""

    @property
    def label(self) -> str:
        """In the page's language."""
        return in_language(self.words)


@dataclass(frozen=True)
class SurveyRule:
    """The questions, the five steps, and which steps count as satisfied."""

    version: int
    scale: tuple[Line, ...]
    satisfied: frozenset[int]
    questions: tuple[Line, ...]

    def asked(self, part: str) -> tuple[Line, ...]:
        """The questions of a part."""
        return tuple(question for question in self.questions if question.part == part)


@dataclass(frozen=True)
class QualityRule:
    """How many papers are looked through, out of what seed, and against which lines."""

    version: int
    salt: str
    share: int
    least: int
    most: int
    checklist: tuple[Line, ...]

    def size(self, population: int) -> int:
        """The size of the sample out of so many papers."""
        share = -(-population * self.share // 100)
        return min(population, self.most, max(self.least, share))


@cache
def survey_rule() -> SurveyRule:
    """The rule of the survey."""
    data = _read("survey")
    return SurveyRule(
        data["version"],
        tuple(Line(str(row["score"]), row["label"]) for row in data["scale"]),
        frozenset(data["satisfied"]),
        tuple(Line(row["code"], row["label"], row["part"]) for row in data["questions"]),
    )


@cache
def quality_rule() -> QualityRule:
    """The rule of the quality checks."""
    data = _read("quality")
    lines = tuple(Line(row["code"], row["label"]) for row in data["checklist"])
    return QualityRule(data["version"], data["salt"], data["share"], data["least"], data["most"], lines)


def _read(name: str) -> dict[str, Any]:
    path = settings.BASE_DIR / "fixtures" / "kpi" / f"{name}.yaml"
    found: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return found
