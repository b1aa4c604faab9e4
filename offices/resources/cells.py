"""How the cells of a contact table are read and written."""

from __future__ import annotations

from typing import Any

from django.db.models import Choices, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import override
from import_export import widgets

from offices.models import Office
from offices.text import LANGUAGES, fold


class Text(widgets.Widget):
    """A text on one line."""

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> Any:
        return " ".join(str(value or "").split())

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> str:
        return "" if value is None else str(value)


class Lines(Text):
    """A list: one a line in the table, separated by ; in the file."""

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> Any:
        return "\n".join(part.strip() for part in str(value or "").replace("\n", ";").split(";") if part.strip())

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> str:
        return "; ".join((value or "").splitlines())


class Choice(Text):
    """One of a few words: in the file its label in any language, or its name in the code."""

    def __init__(self, choices: type[Choices]) -> None:
        super().__init__()
        self.choices = choices

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> Any:
        wanted = fold(super().clean(value))
        for language in LANGUAGES:
            with override(language):
                for choice in self.choices:
                    if wanted in (fold(str(choice.label)), choice.value):
                        return choice.value
        words = ", ".join(str(choice.label) for choice in self.choices)
        raise ValueError(_("This must be one of: %(words)s.") % {"words": words})

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> str:
        return str(self.choices(value).label) if value else ""


class YesNo(Text):
    """Yes or no, in any language."""

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> Any:
        wanted = fold(super().clean(value))
        for language in LANGUAGES:
            with override(language):
                if wanted in (fold(_("yes")), fold(_("no")), "1", "0", "true", "false"):
                    return wanted in (fold(_("yes")), "1", "true")
        raise ValueError(_("This must be one of: %(words)s.") % {"words": f"{_('yes')}, {_('no')}"})

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> str:
        return _("yes") if value else _("no")


class Key(Text):
    """Another office, by its key."""

    def __init__(self, offices: QuerySet[Office]) -> None:
        super().__init__()
        self.offices = offices

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> Any:
        key = super().clean(value)
        return self.find(key) if key else None

    def find(self, key: str) -> Office:
        """The office of that key. ValueError if there is none."""
        office = self.offices.filter(key=key).first()
        if office is None:
            raise ValueError(_("There is no office with the key “%(key)s”.") % {"key": key})
        return office

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> str:
        return value.key if value else ""


class Keys(widgets.ManyToManyWidget):
    """Other offices, by their keys, separated by ;."""

    def __init__(self, offices: QuerySet[Office]) -> None:
        super().__init__(Office, separator=";", field="key")
        self.one = Key(offices)

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> Any:
        return [self.one.find(key) for key in Lines().clean(value).splitlines()]

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> str:
        return "; ".join(value.order_by("key").values_list("key", flat=True)) if value is not None else ""
