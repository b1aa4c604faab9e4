"""Figures in templates: per cents in words, and on a case the lines in which it counts."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import template
from django.utils import timezone
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from applications.models import Case
from kpi.queries.explain import countings
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


@register.inclusion_tag("kpi/case_part.html")
def counts_in(case: Case) -> dict[str, Any]:
    """On the case page: the lines of its edition's table in which it counts, and why."""
    return {"countings": countings(case, timezone.now())}
