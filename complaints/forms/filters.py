"""Filters of lists."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from applications.forms import (
    DayInput,
)
from complaints.workflow import ComplaintKind


class JournalFilter(forms.Form):
    """Filters of the journal, all in the address: nothing personal."""

    mark_optional = False

    kind = forms.ChoiceField(label=_("Kind"), choices=[("", _("all kinds")), *ComplaintKind.choices], required=False)
    state = forms.ChoiceField(
        label=_("Which"),
        choices=[
            ("", _("all")), ("open", _("under way")), ("late", _("past their term")), ("substantiated", _("substantiated")),
        ],
        required=False,
    )  # fmt: skip
    start = forms.DateField(label=_("From"), required=False, widget=DayInput())
    end = forms.DateField(label=_("To"), required=False, widget=DayInput())
