"""What is looked for, scanned and filtered."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from applications.forms.fields import LONG, DayInput, OnceForm
from services.models import Edition


class ScanForm(OnceForm):
    """Numbers as a scanner gives them: one a line."""

    numbers = forms.CharField(
        label=_("Numbers"),
        max_length=LONG,
        widget=forms.Textarea({"rows": 6, "spellcheck": "false"}),
        help_text=_("Scan one after another; each stands on its own line."),
    )


class SearchForm(forms.Form):
    """One field for number, IIN and name."""

    q = forms.CharField(
        label=_("Number, IIN or name"), max_length=120, widget=forms.TextInput({"type": "search", "autofocus": True})
    )


class JournalFilter(forms.Form):
    """Filters of a journal, all in the address: nothing personal."""

    mark_optional = False

    book = forms.ChoiceField(
        label=_("Book"),
        choices=[("registration", _("Journal of registration")), ("record", _("Record book"))],
        required=False,
    )
    start = forms.DateField(label=_("From"), required=False, widget=DayInput())
    end = forms.DateField(label=_("To"), required=False, widget=DayInput())
    edition = forms.ModelChoiceField(
        label=_("Service"), queryset=Edition.objects.published().select_related("service"), required=False
    )
