"""What pages of the catalogue show out of the casework: how long a service usually takes."""

from __future__ import annotations

from typing import Any

from django import template
from django.utils import timezone

from applications.queries import usual_time
from services.models import Edition

register = template.Library()


@register.inclusion_tag("applications/usual_time.html")
def usual(edition: Edition) -> dict[str, Any]:
    """The usual time of the last twelve months, or that there are too few cases to say."""
    return {"usual": usual_time(edition, timezone.now())}
