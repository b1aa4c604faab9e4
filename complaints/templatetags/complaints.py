"""Words of complaints for templates."""

from __future__ import annotations

from django import template
from django.utils.translation import gettext_lazy as _

from complaints.models import Regime
from complaints.notices import MISSING
from services.deadlines import Norm
from services.text import norm_words

register = template.Library()

_WAYS = {
    "in_person": _("in person"), "post": _("by post"), "email": _("by e-mail"), "courier": _("by courier"),
    "site": _("through the site"), "phone": _("by phone"),
}  # fmt: skip


@register.filter
def missing_words(name: str) -> str:
    """What a complaint must hold, in words."""
    return str(MISSING.get(name, name))


@register.filter
def way_words(way: str) -> str:
    """A way of the act's own path, in words."""
    return str(_WAYS.get(way, way))


@register.filter
def term_words(regime: Regime) -> str:
    """The term of the answer."""
    return _words(regime.norm("term"))


@register.filter
def forward_words(regime: Regime) -> str:
    """The term of passing on."""
    return _words(regime.norm("forward"))


def _words(norm: Norm | None) -> str:
    return norm_words(norm.amount, norm.unit) if norm else ""
