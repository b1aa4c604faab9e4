"""Norms in words, in the page's language."""

from django.utils.translation import gettext as _
from django.utils.translation import ngettext


def norm_words(amount: int, unit: str) -> str:
    """Say a norm such as "10 working days"; `unit` is one of `services.deadlines.Unit`."""
    if unit == "within_working_day":
        return _("within the working day")
    if unit == "within_day":
        return _("within one day")
    forms = {
        "minute": ngettext("%(n)d minute", "%(n)d minutes", amount),
        "hour": ngettext("%(n)d hour", "%(n)d hours", amount),
        "working_day": ngettext("%(n)d working day", "%(n)d working days", amount),
        "calendar_day": ngettext("%(n)d calendar day", "%(n)d calendar days", amount),
        "times_a_day": ngettext("%(n)d time a day", "%(n)d times a day", amount),
    }
    return forms[unit] % {"n": amount}
