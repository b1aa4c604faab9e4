"""Values and places of a definition in words."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import template

from offices.text import in_language
from services.lawfiles import place as place_of

register = template.Library()


@register.filter
def as_text(value: Any) -> str:
    """A value of a definition as a person reads it: lists by commas, rows by their words."""
    if isinstance(value, list):
        return ", ".join(as_text(one) for one in value)
    if isinstance(value, dict):
        words = {name: text for name, text in value.items() if name in ("kk", "ru", "en") and text}
        return in_language(words) if words else ", ".join(f"{name}: {as_text(one)}" for name, one in value.items())
    return "—" if value is None else str(value)


@register.filter
def day(text: str) -> str:
    """A date of a definition as the pages write dates."""
    return f"{date.fromisoformat(text):%d.%m.%Y}" if text else ""


@register.filter
def place(path: list[str | int]) -> str:
    """A place as `steps[3].norm.amount`."""
    return place_of(tuple(path))
