"""Forms of those who keep the law: one form a part, made of the fields of its rows; the definition is what they change.

A field is called by its place in the row, such as `act__kk`. What is left blank becomes null where the file may have it so.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import date
from typing import Any, ClassVar

from django import forms
from django.utils.text import capfirst
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from services import contradictions
from services.deadlines import Unit
from services.lawfiles import Fault, Path, resolved
from services.models import Condition, Indicator, IndicatorGeneration, NormKey
from services.text import FIELD_NAMES
from services.workflow import StepTransition, StructuralUnit, Trigger

Row = dict[str, Any]
LANGUAGES: dict[str, Any] = {"kk": _("Kazakh"), "ru": _("Russian"), "en": _("English")}
UNITS: dict[str, Any] = {
    Unit.MINUTE.value: _("minutes"), Unit.HOUR.value: _("hours"), Unit.WORKING_DAY.value: _("working days"),
    Unit.CALENDAR_DAY.value: _("calendar days"), Unit.WITHIN_WORKING_DAY.value: _("within the working day"),
    Unit.WITHIN_DAY.value: _("within one day"), Unit.TIMES_A_DAY.value: _("times a day"),
}  # fmt: skip
SOURCES: dict[str, Any] = {
    "decree": _("stands in the act"), "N394": _("standard N 394"), "project": _("our own rule, the act is silent"),
}  # fmt: skip
CHANNELS: dict[str, Any] = {
    "any": _("everywhere"), "department": _("at the department"), "centre": _("at a service centre"),
    "rural_akim": _("through the akim of a rural district"),
}  # fmt: skip


def choices(words: dict[str, Any], blank: bool = True) -> list[tuple[str, Any]]:
    """The choices of a list, with an empty one."""
    return [*([("", "—")] if blank else []), *words.items()]


def text(name: str, *, long: bool = False, required: bool = False, **options: Any) -> forms.CharField:
    """A field for words, labelled by the name of the field."""
    widget = forms.Textarea({"rows": 3}) if long else forms.TextInput()
    options.setdefault("label", FIELD_NAMES.get(name.rsplit("__", maxsplit=1)[-1], name))
    return forms.CharField(required=required, widget=widget, strip=True, **options)


def label_fields(name: str, caption: Any, *, long: bool = True) -> dict[str, forms.CharField]:
    """Three fields, one a language."""
    found = {}
    for language, words in LANGUAGES.items():
        field = text(name, long=long, label=_Joined(caption, words))
        field.widget.attrs["lang"] = language
        found[f"{name}__{language}"] = field
    return found


class _Joined:
    """Two words of the page's language, joined when the page is written."""

    def __init__(self, first: Any, second: Any) -> None:
        self.first, self.second = first, second

    def __str__(self) -> str:
        return f"{self.first}: {self.second}"


class LinesField(forms.CharField):
    """A list of words, one a line."""

    widget = forms.Textarea

    def __init__(self, **options: Any) -> None:
        super().__init__(required=options.pop("required", False), widget=forms.Textarea({"rows": 3}), **options)

    def prepare_value(self, value: Any) -> Any:
        """A list as lines."""
        return "\n".join(value) if isinstance(value, list) else value

    def to_python(self, value: Any) -> Any:
        """Lines as a list."""
        return [line.strip() for line in (value or "").splitlines() if line.strip()]


class RowForm(forms.Form):
    """A row of a part. `revision` is that of the draft as the person saw it."""

    mark_optional = False  # a draft may be unfinished anywhere; the publication check says what is missing
    revision = forms.IntegerField(widget=forms.HiddenInput)
    # Fields that stay empty text; the others become null when nothing is typed.
    words: ClassVar[tuple[str, ...]] = ("point", "no", "unit_kk", "title_kk", "kk")
    # What a new row has before anything is typed.
    blank: ClassVar[Row] = {}

    def __init__(self, data: Any = None, *, definition: Row, row: Row | None = None, **options: Any) -> None:
        self.definition, self.before = definition, row
        initial = {**_flat(row if row is not None else self.blank), **options.pop("initial", {})}
        super().__init__(data, initial=self.shown(initial), **options)
        for field in self.fields.values():
            field.label = field.label and capfirst(str(field.label))

    def shown(self, initial: Row) -> Row:
        """What the fields show; a form may add to it."""
        return initial

    def row(self) -> Row:
        """The row as it would stand in the definition."""
        row: Row = json.loads(json.dumps(self.before if self.before is not None else self.blank))
        for name in self.fields:
            if name != "revision" and name in self.cleaned_data:
                self.put(row, name.split("__"), self.cleaned_data[name])
        return row

    def put(self, row: Row, path: list[str], value: Any) -> None:
        """Put one value in its place; a blank does not make a field that was not there."""
        if isinstance(value, date):
            value = value.isoformat()
        if value == "" and path[-1] not in self.words:
            value = None
        for name in path[:-1]:
            if row.get(name) is None:
                if value is None or value == "":
                    return
                row[name] = {}
            row = row[name]
        if value is not None or path[-1] in row:
            row[path[-1]] = value

    def show_faults(self, faults: Iterable[Fault], at: Path) -> None:
        """Write what the form of the file does not allow beside its field."""
        for fault in faults:
            same_part = fault.path[: len(at) - 1] == at[:-1] if at else True
            inner = fault.path[len(at) :] if same_part else fault.path
            name = "__".join(str(part) for part in inner)
            known = next((field for field in self.fields if name and name.startswith(field)), None)
            self.add_error(known, fault.text if known else str(fault))


def _flat(row: Row, prefix: str = "") -> Row:
    found: Row = {}
    for name, value in row.items():
        found[f"{prefix}{name}"] = value
        if isinstance(value, dict):
            found |= _flat(value, f"{prefix}{name}__")
    return found


def _amount(**options: Any) -> forms.IntegerField:
    return forms.IntegerField(label=FIELD_NAMES["amount"], min_value=1, max_value=30_000, **options)


# ------------------------------------------------------------------ steps and paths


class StepForm(RowForm):
    """A row of table 1."""

    blank = {
        "no": 0, "unit": None, "unit_kk": "", "act": dict.fromkeys(LANGUAGES), "completion": dict.fromkeys(LANGUAGES),
        "transition": "register",
    }  # fmt: skip
    unit = forms.ChoiceField(label=_("unit"), choices=choices(dict(StructuralUnit.choices)), required=False)
    unit_kk = text("unit_kk", max_length=200)
    transition = forms.ChoiceField(label=FIELD_NAMES["transition"], choices=StepTransition.choices)
    locals().update(label_fields("act", FIELD_NAMES["act"]))
    locals().update(label_fields("completion", FIELD_NAMES["completion"]))
    norm__amount = _amount(required=False)
    norm__unit = forms.ChoiceField(label=_("unit of time"), choices=choices(UNITS), required=False)
    norm__kk = text("kk", label=_("norm in the words of the act (kk)"), max_length=100)
    no_norm = forms.BooleanField(label=_("The act sets no norm for this step"), required=False)
    point = text(
        "point", max_length=60, help_text=_("Left as it is where the step is its row of table 1."),
    )  # fmt: skip
    block = forms.IntegerField(label=FIELD_NAMES["block"], min_value=1, max_value=9, required=False)
    note = text("note", long=True, help_text=_("An oddity of the act. It needs a reading."))

    def shown(self, initial: Row) -> Row:
        """The box for "no norm", and the point that a row of table 1 has by itself."""
        row = self.before if self.before is not None else {}
        initial["no_norm"] = "norm" in row and row["norm"] is None
        if "point" not in row and self.before is not None:
            initial["point"] = f"1-кесте № {row['no']}"
        return initial

    def clean(self) -> Row:
        """A norm, or the word that there is none; half a norm is neither."""
        given = super().clean() or {}
        amount, unit = given.get("norm__amount"), given.get("norm__unit")
        if given.get("no_norm") and (amount or unit):
            self.add_error("no_norm", gettext("Either a norm or “no norm in the act”, not both."))
        elif bool(amount) != bool(unit) and "norm__amount" not in self.errors:
            self.add_error(
                "norm__unit" if amount else "norm__amount", gettext("A norm has an amount and a unit of time.")
            )
        return given

    def row(self) -> Row:
        """The norm as a whole: there, null, or not said."""
        row = super().row()
        row.pop("no_norm", None)
        given = self.cleaned_data
        row.pop("norm", None)
        if given["no_norm"]:
            row["norm"] = None
        elif given["norm__amount"]:
            row["norm"] = {
                "amount": given["norm__amount"],
                "unit": given["norm__unit"],
                "kk": given["norm__kk"] or None,
            }
        if self.before is not None and "point" not in self.before and row.get("point") == self.initial.get("point"):
            row.pop("point")
        return row


class GroupForm(RowForm):
    """A column of table 2 or 3."""

    blank = {"no": 0, "unit": "clerk", "kk": ""}
    no = forms.IntegerField(label=FIELD_NAMES["no"], min_value=1, max_value=99)
    unit = forms.ChoiceField(label=_("unit"), choices=StructuralUnit.choices)
    kk = text("unit_kk", max_length=200)
    heading_kk = text("heading_kk", max_length=60)


class ActForm(RowForm):
    """A cell of table 2 or 3."""

    blank = {"no": 0, "group": 1, "act": dict.fromkeys(LANGUAGES), "transition": "register"}
    group = forms.IntegerField(label=FIELD_NAMES["group"], min_value=1, max_value=99)
    transition = forms.ChoiceField(label=FIELD_NAMES["transition"], choices=StepTransition.choices)
    locals().update(label_fields("act", FIELD_NAMES["act"]))
    note = text("note", long=True, help_text=_("An oddity of the act. It needs a reading."))


# ------------------------------------------------------------------ norms, papers, grounds


class NormForm(RowForm):
    """A term or a limit."""

    blank = {"key": "overall", "channel": "any", "amount": 1, "unit": "working_day", "point": "", "source": "decree"}
    key = forms.ChoiceField(label=FIELD_NAMES["key"], choices=NormKey.choices)
    channel = forms.ChoiceField(label=FIELD_NAMES["channel"], choices=choices(CHANNELS, blank=False))
    amount = _amount()
    unit = forms.ChoiceField(label=_("unit of time"), choices=choices(UNITS, blank=False))
    trigger = forms.ChoiceField(label=FIELD_NAMES["trigger"], choices=choices(dict(Trigger.choices)), required=False)
    ends_with = forms.ChoiceField(
        label=FIELD_NAMES["ends_with"],
        choices=choices({"handed_over": _("handed over"), "called": _("called"), "signed": _("signed"), "told": _("told")}),
        required=False,
    )  # fmt: skip
    kk = text("kk", long=True, label=_("words of the act (kk)"))
    point = text("point", max_length=60)
    source = forms.ChoiceField(label=FIELD_NAMES["source"], choices=choices(SOURCES, blank=False))
    note = text("note", long=True, help_text=_("An oddity of the act. It needs a reading."))
    words = ("point",)


class DocumentForm(RowForm):
    """A paper, with its condition from the closed list."""

    blank = {
        "no": "", "name": dict.fromkeys(LANGUAGES), "mode": "handed_in", "required": True, "condition": None,
        "alternative_group": None, "point": "", "source": "decree",
    }  # fmt: skip
    no = text("no", required=True, max_length=12)
    locals().update(label_fields("name", FIELD_NAMES["name"]))
    mode = forms.ChoiceField(
        label=FIELD_NAMES["mode"],
        choices=[("handed_in", _("handed in")), ("shown", _("shown"))],
        widget=forms.RadioSelect,
    )
    required = forms.BooleanField(label=_("Required"), required=False)
    condition__code = forms.ChoiceField(
        label=FIELD_NAMES["condition"], required=False, help_text=_("Empty: everybody needs the paper.")
    )
    locals().update(label_fields("condition", _("condition in words"), long=False))
    alternative_group = text(
        "alternative_group", max_length=10, help_text=_("The same letter for papers of which one is enough."),
    )  # fmt: skip
    point = text("point", max_length=60)
    source = forms.ChoiceField(label=FIELD_NAMES["source"], choices=choices(SOURCES, blank=False))
    note = text("note", long=True)

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.conditions = {condition.code: condition for condition in Condition.objects.all()}
        words: dict[str, Any] = {code: condition.name for code, condition in self.conditions.items()}
        self.fields["condition__code"].choices = choices(words)  # type: ignore[attr-defined]

    def row(self) -> Row:
        """Without a code there is no condition; without words those of the list."""
        row = super().row()
        condition = self.conditions.get(self.cleaned_data["condition__code"])
        if condition is None:
            return row | {"condition": None}
        given = {language: self.cleaned_data[f"condition__{language}"] for language in LANGUAGES}
        said = {language: given[language] or getattr(condition, f"name_{language}") for language in LANGUAGES}
        return row | {"condition": {"code": condition.code, **said}}


class GroundForm(RowForm):
    """A ground for refusal or suspension."""

    blank = {"no": "", "kind": "refusal", "name": dict.fromkeys(LANGUAGES), "point": "", "source": "decree"}
    no = text("no", required=True, max_length=12)
    kind = forms.ChoiceField(
        label=FIELD_NAMES["kind"],
        choices=[
            ("refusal", _("refusal")),
            ("suspension", _("suspension")),
            ("refusal_or_suspension", _("refusal or suspension")),
        ],
    )
    locals().update(label_fields("name", FIELD_NAMES["name"]))
    point = text("point", max_length=60)
    source = forms.ChoiceField(label=FIELD_NAMES["source"], choices=choices(SOURCES, blank=False))


class IndicatorForm(RowForm):
    """A row of the indicator table; blank is not zero."""

    blank = {"code": "", "kk": "", "normative": None, "target": None, "current": None}
    code = forms.ChoiceField(label=FIELD_NAMES["code"])
    kk = text("kk", long=True, required=True, label=_("words of the act (kk)"))
    normative = forms.FloatField(label=FIELD_NAMES["normative"], required=False, localize=True)
    target = forms.FloatField(label=FIELD_NAMES["target"], required=False, localize=True)
    current = forms.FloatField(label=FIELD_NAMES["current"], required=False, localize=True)
    note = text("note", long=True, help_text=_("An oddity of the act. It needs a reading."))

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        lines = Indicator.objects.filter(generation=IndicatorGeneration.TWELVE)
        words = {line.code: f"{line.code} {line.name}" for line in lines}
        if self.before is not None:
            words.setdefault(self.before["code"], self.before["code"])
        self.fields["code"].choices = choices(words, blank=False)  # type: ignore[attr-defined]

    def put(self, row: Row, path: list[str], value: Any) -> None:
        """A whole figure is written without a comma."""
        super().put(row, path, int(value) if isinstance(value, float) and value.is_integer() else value)


class PointForm(RowForm):
    """A point of the act, word for word."""

    blank = {"no": "", "section": None, "kk": ""}
    no = text("no", required=True, max_length=12)
    section = text("section", max_length=300)
    kk = forms.CharField(label=_("words of the act (kk)"), widget=forms.Textarea({"rows": 10}), strip=False)


class ReadingForm(RowForm):
    """How a contradiction is read: the points, the one followed, the day, the reason."""

    blank = {"code": "reading", "places": [], "points": [], "follows": None, "date": None, **dict.fromkeys(LANGUAGES)}
    code = forms.SlugField(label=_("short name"), max_length=60)
    places = forms.MultipleChoiceField(
        label=FIELD_NAMES["places"], widget=forms.CheckboxSelectMultiple, required=True,
        help_text=_("Where the act contradicts itself or leaves something open."),
    )  # fmt: skip
    points = LinesField(label=FIELD_NAMES["points"], help_text=_("One a line."))
    follows = text("follows")
    date = forms.DateField(
        label=FIELD_NAMES["date"], required=False, widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
    )
    kk = text("kk", long=True)
    ru = text("ru", long=True)
    en = text("en", long=True)
    words = ()

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        names = {one.name: f"{one.name}: {one.text}" for one in contradictions.found_in(resolved(self.definition))}
        for name in self.initial.get("places") or ():
            names.setdefault(name, name)
        self.fields["places"].choices = list(names.items())  # type: ignore[attr-defined]


class AmendmentForm(RowForm):
    """A point that a later act changed."""

    blank = {"point": "", "number": "", "date": "", "kk": "", "ru": ""}
    point = text("point", required=True)
    number = text("number", required=True, max_length=40, label=_("number of the amending act"))
    date = forms.DateField(
        label=_("date of the amending act"), widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
    )
    kk = text("kk", long=True, required=True)
    ru = text("ru", long=True, required=True)
    en = text("en", long=True)
    old_kk = text("old_kk", long=True, help_text=_("Empty where the old words are not printed."))
    new_kk = text("new_kk", long=True)
