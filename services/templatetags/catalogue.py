"""The catalogue for templates of pages that stand below it."""

from __future__ import annotations

from django import template
from django.db.models import QuerySet

from services.models import Service

register = template.Library()


@register.simple_tag
def services_in_force() -> QuerySet[Service]:
    """The services that at least one published edition rules, for a list to choose from."""
    return Service.objects.filter(editions__state="published").distinct()
