"""What a figure is asked for: which offices, which days, which lines."""

from __future__ import annotations

import calendar
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Self

from django.utils.dates import MONTHS
from django.utils.translation import gettext as _

from offices.models import Oblast, Office
from offices.text import in_language
from services.models import Edition, Indicator, IndicatorGeneration

_PERIOD = re.compile(r"(\d{4})(?:-(?:Q([1-4])|(0[1-9]|1[0-2])))?")


@dataclass(frozen=True, order=True)
class Period:
    """A month, a quarter or a year, both days included. Its text is 2026, 2026-Q1 or 2026-03."""

    start: date
    end: date
    code: str = field(compare=False)

    @classmethod
    def parse(cls, text: str) -> Self:
        """The period written as `text`; ValueError for anything else."""
        found = _PERIOD.fullmatch(text)
        if found is None or int(found[1]) < 1:
            raise ValueError(text)
        year, quarter, month = int(found[1]), int(found[2] or 0), int(found[3] or 0)
        first = month or (quarter * 3 - 2 if quarter else 1)
        last = month or (quarter * 3 if quarter else 12)
        return cls(date(year, first, 1), date(year, last, calendar.monthrange(year, last)[1]), text)

    @classmethod
    def year(cls, year: int) -> Self:
        """A calendar year."""
        return cls.parse(f"{year:04d}")

    @classmethod
    def month(cls, day: date) -> Self:
        """The month of a day."""
        return cls.parse(f"{day:%Y-%m}")

    @property
    def kind(self) -> str:
        """year, quarter or month."""
        return "quarter" if "Q" in self.code else ("month" if "-" in self.code else "year")

    @property
    def name(self) -> str:
        """In words of the page's language."""
        if self.kind == "quarter":
            return _("quarter %(number)s of %(year)s") % {"number": self.code[-1], "year": self.start.year}
        return f"{MONTHS[self.start.month]} {self.start.year}" if self.kind == "month" else str(self.start.year)


@dataclass(frozen=True)
class Scope:
    """Offices taken together: one office, a district, an oblast, or all. `key` names it, `ids` are its departments."""

    kind: str
    key: str
    ids: frozenset[int] = field(compare=False)
    labels: Mapping[str, str] = field(compare=False, default_factory=dict)

    @classmethod
    def office(cls, office: Office) -> Self:
        """One office."""
        return cls("office", office.key, frozenset({office.pk}), _labels(office, "name"))

    @classmethod
    def district(cls, office: Office) -> Self:
        """All offices of the district or city of `office`."""
        ids = Office.objects.filter(oblast=office.oblast, locality_kk=office.locality_kk).values_list("pk", flat=True)
        return cls("district", office.key, frozenset(ids), _labels(office, "locality"))

    @classmethod
    def oblast(cls, oblast: str) -> Self:
        """All offices of an oblast."""
        ids = Office.objects.filter(oblast=oblast).values_list("pk", flat=True)
        return cls("oblast", oblast, frozenset(ids))

    @classmethod
    def all(cls) -> Self:
        """All offices."""
        return cls("all", "all", frozenset(Office.objects.values_list("pk", flat=True)))

    @classmethod
    def parse(cls, text: str) -> Self:
        """`all`, an oblast, an office's key, or `district:` with an office's key; Office.DoesNotExist where there is none."""
        if text == "all":
            return cls.all()
        if text in Oblast.values:
            return cls.oblast(text)
        if text.startswith("district:"):
            return cls.district(Office.objects.get(key=text.removeprefix("district:")))
        return cls.office(Office.objects.get(key=text))

    @property
    def offices(self) -> frozenset[int] | None:
        """The ids to narrow by, None for all."""
        return None if self.kind == "all" else self.ids

    @property
    def code(self) -> str:
        """What `parse` reads."""
        return f"district:{self.key}" if self.kind == "district" else self.key

    @property
    def name(self) -> str:
        """In the page's language."""
        if self.kind == "oblast":
            return str(Oblast(self.key).label)
        return in_language(dict(self.labels)) if self.labels else _("all offices")


def _labels(office: Office, name: str) -> dict[str, str]:
    return {language: getattr(office, f"{name}_{language}") for language in ("kk", "ru", "en")}


@dataclass(frozen=True)
class Line:
    """A line of an indicator table with what the catalogue says about it."""

    indicator: Indicator

    @property
    def code(self) -> str:
        """Such as 1.1; means something only together with the generation."""
        return self.indicator.code

    @property
    def data(self) -> dict[str, Any]:
        """Version of the formula, measure, question, exclusions, numerator, denominator, source."""
        found: dict[str, Any] = self.indicator.data
        return found

    @property
    def lower_is_better(self) -> bool:
        """Direction of the line."""
        return self.indicator.better == "lower"

    @property
    def numerator(self) -> str:
        """What stands above the line, in words."""
        return in_language(self.data["numerator"])

    @property
    def denominator(self) -> str:
        """What stands below the line, in words."""
        return in_language(self.data["denominator"])

    def reason(self, code: str) -> str:
        """Why rows with this code are left out, in words."""
        words: dict[str, str] = next((row for row in self.data["exclusions"] if row["code"] == code), {})
        return in_language({language: words.get(language, "") for language in ("kk", "ru", "en")}) or code


def editions_of(code: str) -> list[Edition]:
    """All versions of the edition `code`, the newest first."""
    return list(Edition.objects.filter(code=code).select_related("service", "decree").order_by("-version"))


def generation_of(edition: Edition) -> str:
    """Which table an edition uses: the twelve lines where its act prints them, else the six lines that came later."""
    printed = edition.indicator_values.all()
    return IndicatorGeneration.TWELVE if printed else IndicatorGeneration.SIX


def lines_of(generation: str) -> list[Line]:
    """The lines of a generation in order."""
    return [Line(indicator) for indicator in Indicator.objects.filter(generation=generation)]
