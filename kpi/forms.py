"""Forms of the indicator pages: what is shown stands in the address; what is decided comes by POST, once."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from applications.forms import DayInput
from kpi.queries.asking import Line, Period, Scope
from services.models import Edition

Choices = list[tuple[str, str]]


class IndicatorFilter(forms.Form):
    """Offices, edition and period; every choice is one the person may see."""

    mark_optional = False

    scope = forms.ChoiceField(label=_("Offices"))
    edition = forms.ChoiceField(label=_("Service"))
    period = forms.ChoiceField(label=_("Period"))

    def __init__(self, data: Any, *, scopes: Iterable[Scope], editions: Iterable[Edition], today: date) -> None:
        """Unknown or missing values fall back to the first choice, so that an old link still opens a page."""
        choices: dict[str, Any] = {
            "scope": [(scope.code, scope.name) for scope in scopes],
            "edition": [(edition.code, f"{edition.service.name} ({edition.short})") for edition in editions],
            "period": periods(today),
        }
        first = {"scope": "", "edition": "", "period": str(today.year)}
        given = {}
        for name, offered in choices.items():
            flat = [value for value, _words in _flat(offered)]
            wanted = (data or {}).get(name, "")
            given[name] = wanted if wanted in flat else first[name] or (flat[0] if flat else "")
        super().__init__(given)
        for name, offered in choices.items():
            self.fields[name].choices = offered  # type: ignore[attr-defined]

    @property
    def chosen(self) -> dict[str, str]:
        """The values shown."""
        return dict(self.data)


def periods(today: date, years: int = 3) -> list[tuple[str, Choices]]:
    """This year and those before with their quarters and months, as far as they have begun, by year."""
    found = []
    for year in range(today.year, today.year - years, -1):
        codes = [
            str(year),
            *(f"{year}-Q{number}" for number in (4, 3, 2, 1)),
            *(f"{year}-{month:02d}" for month in range(12, 0, -1)),
        ]
        begun = [Period.parse(code) for code in codes]
        found.append((str(year), [(period.code, period.name) for period in begun if period.start <= today]))
    return found


def _flat(choices: Any) -> Choices:
    return [pair for value, words in choices for pair in (words if isinstance(words, list) else [(value, words)])]


class TargetForm(forms.Form):
    """A proposal of the working group: a value a line; an empty field proposes none."""

    year = forms.IntegerField(label=_("Year"), min_value=2000, max_value=2100)
    reason = forms.CharField(label=_("Why these values"), widget=forms.Textarea({"rows": 3}), max_length=2000)

    def __init__(self, *args: Any, lines: Iterable[Line], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.lines = list(lines)
        for line in self.lines:
            field = forms.DecimalField(
                label=f"{line.code} {line.indicator.name}", required=False, min_value=0, max_value=100, decimal_places=2,
                max_digits=5, localize=True,
            )  # fmt: skip
            field.widget.attrs["class"] = "govuk-input--width-5"
            self.fields[self.name_of(line)] = field

    @staticmethod
    def name_of(line: Line) -> str:
        """The field of a line."""
        return f"line_{line.code.replace('.', '_')}"

    def values(self) -> dict[str, Decimal]:
        """The values given, by line."""
        given = {line.code: self.cleaned_data[self.name_of(line)] for line in self.lines}
        return {code: value for code, value in given.items() if value is not None}


class MinutesForm(forms.Form):
    """The minutes of the working group."""

    minutes_number = forms.CharField(label=_("Number of the minutes"), max_length=40)
    minutes_date = forms.DateField(label=_("Date of the minutes"), widget=DayInput())
    members = forms.CharField(
        label=_("Members of the working group"), widget=forms.Textarea({"rows": 4}), max_length=2000,
        help_text=_("Surname, name and post, one a line"),
    )  # fmt: skip


class AmendForm(forms.Form):
    """Why a closed table is amended."""

    reason = forms.CharField(label=_("Reason"), widget=forms.Textarea({"rows": 3}), max_length=2000)
