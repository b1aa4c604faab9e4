"""What all forms of the pages share: inputs of the browser, texts without invisible signs, one effect a form."""

from __future__ import annotations

import re
import uuid
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

# Scanners and word processors leave signs in a text that nobody sees and that no spreadsheet or PDF can hold.
_SEPARATORS, _INVISIBLE = re.compile("[\v\f\x1c-\x1f\x85]"), re.compile("[\x00-\x08\x0e-\x1b\x7f-\x9f\ufffe\uffff]")
LONG, SHORT = 20_000, 2_000  # letters in a text of a paper, in a note
_OTHER_FORM = _("This form did not come whole. Look the page over, then send it again.")


class MomentInput(forms.DateTimeInput):
    """Date and time of the office in one field of the browser."""

    input_type = "datetime-local"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%dT%H:%M")


class DayInput(forms.DateInput):
    """A date in the browser's own field."""

    input_type = "date"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%d")


class BirthDateField(forms.DateField):
    """A birth date, where there is one; it cannot lie in the future."""

    def __init__(self) -> None:
        super().__init__(label=_("Date of birth"), required=False, widget=DayInput())

    def validate(self, value: Any) -> None:
        super().validate(value)
        if value and value > timezone.localdate():
            raise forms.ValidationError(_("The date of birth lies in the future."))


class OnceForm(forms.Form):
    """A form that counts once: its token leads every repetition to the same case."""

    token = forms.UUIDField(widget=forms.HiddenInput, error_messages={"required": _OTHER_FORM, "invalid": _OTHER_FORM})

    def __init__(self, data: QueryDict | None = None, *args: Any, **kwargs: Any) -> None:
        kwargs["initial"] = {"token": uuid.uuid4(), **kwargs.get("initial", {})}
        super().__init__(data and _legible(data), *args, **kwargs)

    def full_clean(self) -> None:
        """Give a form without a good token a new one, so that it can be sent again."""
        super().full_clean()
        if "token" in self.errors:
            self.put("token", str(uuid.uuid4()))

    def put(self, name: str, value: str) -> None:
        """Let the page show `value` in a hidden field in place of what was sent."""
        self.data = self.data.copy()  # type: ignore[attr-defined]
        self.data[name] = value  # type: ignore[index]


def _legible(data: QueryDict) -> QueryDict:
    """What was sent, without signs that cannot be seen."""
    clean = data.copy()
    for name, values in data.lists():
        clean.setlist(name, [_INVISIBLE.sub("", _SEPARATORS.sub(" ", value)) for value in values])
    return clean
