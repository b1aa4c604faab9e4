"""The canary: a build in which a number is taken in a transaction of its own. The checker must find the holes it leaves.

`FAULTS_CANARY=1 gunicorn tests.faults.broken:application` serves it; a test breaks its own process by `break_numbers()`.
"""

from __future__ import annotations

import os
import threading
import time
from datetime import datetime
from typing import Any

from config.wsgi import application  # isort: skip - sets Django up

from applications import intake, numbering
from offices.models import Office

__all__ = ["application", "break_numbers"]


def break_numbers(patch: Any = setattr, pause: float = 0.02) -> None:
    """Take the number before the act's transaction begins, and be as slow as a busy machine in between."""
    whole, take_number, taken = intake.take_in, numbering.take_number, threading.local()

    def take_in(data: intake.Intake, *, by: Any, at: datetime, token: Any = None) -> Any:
        taken.number = take_number(data.office, numbering.Book.REGISTRATION, at)  # commits by itself
        time.sleep(pause)
        return whole(data, by=by, at=at, token=token)

    def number(office: Office, book: numbering.Book, at: datetime) -> str:
        return str(taken.number)

    patch(intake, "take_in", take_in)
    patch(intake, "take_number", number)


if os.environ.get("FAULTS_CANARY"):
    break_numbers(pause=0.3)
