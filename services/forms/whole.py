"""Forms about an edition as a whole: its own fields, a copy, an amendment, a file."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from services.forms.rows import CHANNELS, LANGUAGES, LinesField, Row, RowForm, label_fields, text
from services.models import Decree, Service
from services.text import FIELD_NAMES
from services.workflow import ResultKind


class MainForm(RowForm):
    """The service and its act."""

    words = ()
    locals().update(label_fields("name", _("title in the act")))
    annex = forms.IntegerField(label=FIELD_NAMES["annex"], min_value=1, max_value=999, required=False)
    valid_from = forms.DateField(
        label=FIELD_NAMES["valid_from"], required=False,
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
    )  # fmt: skip
    result__kind = forms.ChoiceField(label=_("kind of result"), choices=ResultKind.choices)
    locals().update(label_fields("result", FIELD_NAMES["result"]))
    locals().update(label_fields("recipients", FIELD_NAMES["recipients"]))
    channels = forms.MultipleChoiceField(
        label=FIELD_NAMES["channels"], choices=[(name, CHANNELS[name]) for name in ("department", "centre")],
        widget=forms.CheckboxSelectMultiple,
    )  # fmt: skip
    locals().update(label_fields("book", FIELD_NAMES["book"], long=False))
    legal_basis__kk = text("legal_basis", long=True, label=_("legal ground (kk)"))
    suspension__allowed = forms.BooleanField(label=_("The act allows suspension"), required=False)
    suspension__kk = text("suspension", long=True, label=_("suspension in the words of the act (kk)"))
    suspension__point = text("point", label=_("point on suspension"))
    delivery__ways = forms.MultipleChoiceField(
        label=FIELD_NAMES["delivery"],
        choices=[
            ("in_person", _("in person")), ("post", _("by post")), ("email", _("by e-mail")),
            ("centre", _("at a service centre")),
        ],
        widget=forms.CheckboxSelectMultiple,
    )  # fmt: skip
    notes = LinesField(label=FIELD_NAMES["notes"], help_text=_("One a line."))

    def put(self, row: Row, path: list[str], value: Any) -> None:
        """A label that loses all its words is gone."""
        super().put(row, path, value)
        if path[0] == "book" and row.get("book") and not any(row["book"].get(language) for language in LANGUAGES):
            row["book"] = None


# ------------------------------------------------------------------ copies and amendments


class CopyForm(forms.Form):
    """A new edition from a copy: its service and decree are chosen, or entered."""

    mark_optional = True
    service = forms.ModelChoiceField(
        label=_("Service"), queryset=Service.objects.all(), required=False, empty_label=_("a new service")
    )
    service_code = forms.SlugField(
        label=_("Code of the new service"), max_length=60, required=False, help_text=_("Latin letters, such as hearing-aid."),
    )  # fmt: skip
    locals().update(label_fields("name", _("Title of the service"), long=False))
    everyday__kk = text("everyday", label=_("What people call it (kk)"), max_length=200)
    everyday__ru = text("everyday", label=_("What people call it (ru)"), max_length=200)
    decree = forms.ModelChoiceField(
        label=_("Decree"), queryset=Decree.objects.none(), required=False, empty_label=_("a new decree")
    )
    decree_number = text("number", label=_("Number of the new decree"), max_length=40)
    decree_date = forms.DateField(
        label=_("Date of the new decree"),
        required=False,
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
    )
    decree_title__kk = text("title", label=_("Title of the new decree (kk)"), long=True)
    decree_title__ru = text("title", label=_("Title of the new decree (ru)"), long=True)
    annex = forms.IntegerField(label=_("Annex of the decree"), min_value=1, max_value=999, required=False)
    code = forms.SlugField(
        label=_("Code of the edition"),
        max_length=60,
        help_text=_("Latin letters, such as south-2026-15-1. It stays for ever."),
    )
    label = forms.CharField(label=_("Short label"), max_length=4, help_text=_("Such as E14."))

    def __init__(self, *args: Any, decrees: list[Decree], **options: Any) -> None:
        super().__init__(*args, **options)
        field: Any = self.fields["decree"]
        field.queryset = Decree.objects.filter(pk__in=[decree.pk for decree in decrees])
        for language in ("kk", "ru"):
            self.fields[f"name__{language}"].required = True

    def clean(self) -> Row:
        """What is not chosen is entered whole."""
        given = super().clean() or {}
        if not given.get("service") and not given.get("service_code") and "service_code" not in self.errors:
            self.add_error("service_code", gettext("Choose the service, or give the new one a code."))
        if not given.get("decree"):
            for name in ("decree_number", "decree_date", "decree_title__kk", "decree_title__ru"):
                if not given.get(name) and name not in self.errors:
                    self.add_error(name, gettext("Choose the decree, or enter the new one."))
        for name in ("code", "service_code"):
            if given.get(name):
                given[name] = given[name].lower()
        return given


class AmendForm(forms.Form):
    """The act that amends an edition, and the first day of the new version."""

    number = forms.CharField(label=_("Number of the amending act"), max_length=40)
    date = forms.DateField(
        label=_("Date of the amending act"), widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
    )
    kk = forms.CharField(label=_("What it changes (Kazakh)"), widget=forms.Textarea({"rows": 3}))
    ru = forms.CharField(label=_("What it changes (Russian)"), widget=forms.Textarea({"rows": 3}))
    valid_from = forms.DateField(
        label=_("In force from"), widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
        help_text=_("The version in force ends on the day before. Cases that are running stay with it."),
    )  # fmt: skip


class FileForm(forms.Form):
    """A file to be taken in."""

    file = forms.FileField(label=_("File"))
