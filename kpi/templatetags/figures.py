"""Figures in templates: per cents and times in words."""

from __future__ import annotations

from decimal import Decimal

from django import template
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from kpi.queries.tables import words

register = template.Library()
_HOUR = 60


@register.filter
def per_cent(value: Decimal | None) -> str:
    """A per cent in the page's language; words where there is none."""
    return words(value)


@register.filter
def per_cent_or_dash(value: Decimal | None) -> str:
    """A per cent; a dash where the act gives none."""
    return words(value, "—")


@register.filter
def one_place(value: float) -> str:
    """A number with one decimal in the page's language."""
    return number_format(value, 1)


@register.filter
def working_time(minutes: int) -> str:
    """Working minutes in hours and minutes."""
    if minutes < _HOUR:
        return ngettext("%(n)d min", "%(n)d min", minutes) % {"n": minutes}
    return _("%(hours)d h %(minutes)02d min") % {"hours": minutes // _HOUR, "minutes": minutes % _HOUR}
