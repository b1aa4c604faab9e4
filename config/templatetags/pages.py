"""Small words for templates, loaded in every one."""

from datetime import datetime
from typing import Any

from django import template
from django.utils import timezone
from django.utils.formats import date_format

from offices.text import in_language

register = template.Library()


@register.filter
def words(labels: dict[str, str] | None) -> str:
    """A label {kk, ru, en} in the page's language."""
    return in_language(labels)


@register.filter
def moment(at: datetime | str | None) -> str:
    """A moment in office time, such as 13.03.2026 10:00."""
    if isinstance(at, str):
        at = datetime.fromisoformat(at)
    return date_format(timezone.localtime(at), "d.m.Y H:i") if at else ""


@register.filter
def get(mapping: Any, key: Any) -> Any:
    """An item of a mapping by a key that is itself a variable."""
    return mapping.get(key)
