"""What the tests of casework share."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from tests.factories import FRIDAY


@pytest.fixture
def moment(monkeypatch: Any) -> Callable[[datetime], None]:
    """Sets the clock of the pages; it begins an hour after the Friday on which the factories' cases begin."""

    def set_to(at: datetime) -> None:
        monkeypatch.setattr("django.utils.timezone.now", lambda: at)

    set_to(FRIDAY + timedelta(hours=1))
    return set_to
