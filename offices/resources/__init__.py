"""The contact tables as a file: one line an office, keyed by `key`, columns named as the form names its fields."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter
from typing import Any
from zoneinfo import ZoneInfo

import tablib
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.core.validators import validate_email
from django.db.models import NOT_PROVIDED, QuerySet
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import override
from import_export import resources
from import_export.resources import Diff
from import_export.results import Result

from offices.actions import write_hours
from offices.calendars import runs_of
from offices.models import Oblast, Office, OfficeKind
from offices.resources import cells
from offices.resources.tables import Line
from offices.text import LANGUAGES, fold

COLUMNS = (
    *("key", "code", "kind", "oblast", "name_kk", "name_ru", "name_en", "locality_kk", "locality_ru", "locality_en"),
    *("address_kk", "address_ru", "address_en", "head_name", "rooms", "phones", "emails", "website", "hours_text"),
    *("reception_text", "collection_runs", "dispatch_runs", "time_zone", "parent", "appeal_body", "serves", "active"),
)
# What an office is and where it stands, only the administrator of the oblast body says; what names it, nobody changes.
FIXED = ("key", "code", "oblast")
OBLAST_ONLY = ("kind", "parent", "appeal_body", "serves", "active", "time_zone")
_LINKS = ("parent", "appeal_body", "serves")
_LINE = "line"
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Problem:
    """What is wrong in a file: on which line, in which column (empty: the whole line), what stands there, why not."""

    line: int | None
    column: str
    value: str
    message: str


def heading(name: str) -> str:
    """The name of a column in the page's language."""
    return capfirst(str(Office._meta.get_field(name).verbose_name))  # type: ignore[union-attr]


def headings() -> list[str]:
    """The head line of a file in the page's language."""
    return [heading(name) for name in COLUMNS]


def cells_of(office: Office) -> list[str]:
    """The line of `office` in a file."""
    resource = OfficeResource(offices=Office.objects.none(), oblasts=())
    return [str(cell) for cell in resource.export_resource(office)]


def as_dataset(lines: list[Line]) -> tablib.Dataset:
    """The lines as the resource takes them: columns by their names in the code, and the number of each line.

    A column may be headed in any of the three languages. ValidationError names the heads that are unknown, double or
    missing.
    """
    names = _names_of(lines[0].cells)
    dataset = tablib.Dataset(headers=[*names, _LINE])
    for line in lines[1:]:
        if len(line.cells) > len(names):
            raise ValidationError(_("Line %(line)d has more cells than the head line."), params={"line": line.number})
        dataset.append([*line.cells, *[""] * (len(names) - len(line.cells)), line.number])
    return dataset


def _names_of(heads: Iterable[str]) -> list[str]:
    known = {name: name for name in COLUMNS}
    for language in LANGUAGES:
        with override(language):
            known |= {fold(heading(name)): name for name in COLUMNS}
    unknown = [head for head in heads if fold(head) not in known]
    if unknown:
        raise ValidationError(_("Unknown columns: %(columns)s."), params={"columns": ", ".join(unknown)})
    names = [known[fold(head)] for head in heads]
    if len(set(names)) < len(names):
        raise ValidationError(_("A column stands twice in the head line."))
    if "key" not in names:
        raise ValidationError(_("The column “%(column)s” is missing."), params={"column": heading("key")})
    return names


class Changes(Diff):
    """What a line changes: (column, before, after) for each column that it changes."""

    def as_html(self) -> list[tuple[str, str, str]]:
        """Plain texts; the page marks them up, because a style inside the markup breaks the content policy."""
        before = ["" for _cell in self.right] if self.new else self.left
        rows = zip(headings(), before, self.right, strict=True)
        return [(head, str(old), str(new)) for head, old, new in rows if old != new]


class FileResult(Result):
    """The outcome of a file, with its problems by line and column."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.problems: list[Problem] = []


class OfficeResource(resources.ModelResource):
    """Offices and their contacts, within what the administrator may change."""

    class Meta:
        model = Office
        fields = COLUMNS
        import_id_fields = ("key",)
        clean_model_instances = True
        skip_unchanged = True
        use_transactions = True

    def __init__(self, *, offices: QuerySet[Office], oblasts: Iterable[str]) -> None:
        """`offices` are those that may be changed, `oblasts` those in which offices may also be added."""
        super().__init__()
        self.offices, self.oblasts = offices, frozenset(oblasts)
        self._first_line: dict[str, int] = {}
        self._before: dict[str, Any] | None = None
        own: dict[str, Any] = {
            "kind": cells.Choice(OfficeKind),
            "oblast": cells.Choice(Oblast),
            "active": cells.YesNo(),
            "phones": cells.Lines(),
            "emails": cells.Lines(),
            "parent": cells.Key(Office.objects.all()),
            "appeal_body": cells.Key(Office.objects.all()),
            "serves": cells.Keys(Office.objects.all()),
        }
        for name, field in self.fields.items():
            # Named after the model's field, also where it is a link: problems are told by that name.
            field.attribute, field.widget, field.default = name, own.get(name, cells.Text()), NOT_PROVIDED

    @classmethod
    def get_result_class(cls) -> type[FileResult]:
        """The result that knows its problems."""
        return FileResult

    @classmethod
    def get_diff_class(cls) -> type[Changes]:
        """The difference without markup."""
        return Changes

    def get_queryset(self) -> QuerySet[Office]:
        """Offices of other administrators are not there."""
        return self.offices

    def before_import(self, dataset: tablib.Dataset, **kwargs: Any) -> None:
        """Put offices that others of the file name before those that name them."""
        rows = list(dataset.dict)
        order = _links_first(rows)
        del dataset[: len(rows)]
        for index in order:
            dataset.append(list(rows[index].values()))

    def before_import_row(self, row: Mapping[str, Any], **kwargs: Any) -> None:
        """Refuse a second line for the same office."""
        first = self._first_line.setdefault(row["key"], row[_LINE])
        if row["key"] and first != row[_LINE]:
            raise ValidationError({"key": _("The same office stands on line %(line)d already.") % {"line": first}})

    def after_init_instance(self, instance: Office, new: bool, row: Any, **kwargs: Any) -> None:
        """Keep what was there before the line is read."""
        if new:
            self._before = None
            return
        self._before = {field.attname: getattr(instance, field.attname) for field in Office._meta.concrete_fields}
        self._before["serves"] = set(instance.serves.values_list("pk", flat=True))

    def import_instance(self, instance: Office, row: Mapping[str, Any], **kwargs: Any) -> None:
        """Read the line into `instance`; all its faults are told at once."""
        errors: dict[str, Any] = {}
        try:
            super().import_instance(instance, row, **kwargs)
        except ValidationError as faults:
            errors = faults.update_error_dict(errors)
        serves: set[int] | None = None
        if "serves" in row:
            try:
                serves = {office.pk for office in self.fields["serves"].clean(row)}
            except ValueError as fault:
                errors["serves"] = ValidationError(str(fault))
        if "oblast" not in errors:
            errors = {name: ValidationError(why) for name, why in self._forbidden(instance, serves)} | errors
        errors = {name: ValidationError(why) for name, why in self._faults(instance)} | errors
        if errors:
            raise ValidationError(errors)

    def before_save_instance(self, instance: Office, row: Any, **kwargs: Any) -> None:
        """Name the file in the office's history."""
        instance._change_reason = str(kwargs.get("file_name") or "")[:100]  # type: ignore[attr-defined]

    def after_save_instance(self, instance: Office, row: Any, **kwargs: Any) -> None:
        """Give a new office the ordinary hours: without any, no term could be counted."""
        if self._before is None:
            write_hours(instance, [])

    def after_import(self, dataset: tablib.Dataset, result: FileResult, **kwargs: Any) -> None:
        """Name each problem by line and column."""
        rows = list(dataset.dict)
        for bad in result.invalid_rows:
            row = rows[bad.number - 1]
            for name, messages in bad.error_dict.items():
                column = "" if name == NON_FIELD_ERRORS else heading(name)
                value = str(row.get(name, ""))
                result.problems += [Problem(row[_LINE], column, value, message) for message in messages]
        for broken in result.error_rows:
            _log.error("a line of a table could not be taken in: %s", type(broken.errors[0].error).__name__)
            message = _("This line could not be taken in.")
            result.problems.append(Problem(rows[broken.number - 1][_LINE], "", "", message))
        result.problems.sort(key=lambda problem: (problem.line or 0, problem.column))

    def _forbidden(self, instance: Office, serves: set[int] | None) -> Iterable[tuple[str, str]]:
        """What this administrator may not write: (column, why)."""
        if self._before is None:
            if instance.oblast not in self.oblasts:
                yield "key", _("You have no office with this key; the administrator of the oblast body adds offices.")
            return
        before = self._before
        now = {field.name: getattr(instance, field.attname) for field in Office._meta.concrete_fields}
        was = {field.name: before[field.attname] for field in Office._meta.concrete_fields}
        now["serves"], was["serves"] = before["serves"] if serves is None else serves, before["serves"]
        changed = {name for name in COLUMNS if now[name] != was[name]}
        for name in changed & set(FIXED):
            yield name, _("This never changes: numbers already given depend on it.")
        if was["oblast"] not in self.oblasts:
            for name in changed & set(OBLAST_ONLY):
                yield name, _("Only the administrator of the oblast body changes this.")

    def _faults(self, instance: Office) -> Iterable[tuple[str, str]]:
        """What no field of the model checks by itself: (column, why)."""
        known = (self._before or {}).get("emails", "").splitlines()
        # E-mails are kept as the decrees print them, misprints and all: only new ones are checked.
        for address in instance.email_list:
            if address not in known and not _is_email(address):
                yield "emails", _("“%(text)s” is not an e-mail address.") % {"text": address}
        yield from faults_of(instance)


def faults_of(office: Office) -> Iterable[tuple[str, str]]:
    """Texts that must be readable as times or as a zone, or no due date could be counted: (field, why)."""
    for name in ("collection_runs", "dispatch_runs"):
        try:
            runs_of(getattr(office, name))
        except ValueError:
            yield name, _("Write times such as 11:00 15:00.")
    try:
        ZoneInfo(office.time_zone)
    except (ValueError, LookupError, OSError):
        yield "time_zone", _("There is no such time zone; ours is Asia/Almaty.")
    if office.key and office.oblast and not office.key.startswith(f"{office.oblast}:"):
        yield "key", _("The key begins with the oblast, such as %(start)s.") % {"start": f"{office.oblast}:"}


def _is_email(text: str) -> bool:
    try:
        validate_email(text)
    except ValidationError:
        return False
    return True


def _links_first(rows: list[dict[str, Any]]) -> list[int]:
    """The order of `rows` in which a linked office comes before the one that names it; as they stand in a ring."""
    places = {row["key"]: place for place, row in enumerate(rows)}
    before = {
        place: {
            places[key.strip()]
            for name in _LINKS
            for key in str(row.get(name, "")).replace("\n", ";").split(";")
            if key.strip() in places and places[key.strip()] != place
        }
        for place, row in enumerate(rows)
    }
    try:
        return list(TopologicalSorter(before).static_order())
    except CycleError:
        return list(range(len(rows)))
