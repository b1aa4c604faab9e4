"""What the acts say is compared in English; the pages' tests choose their own language."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.utils import translation


@pytest.fixture(autouse=True)
def _in_english(_plain_surroundings: None) -> Iterator[None]:
    with translation.override("en"):
        yield
