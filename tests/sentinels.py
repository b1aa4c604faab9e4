"""Nothing personal may reach a log or the subject of a mail: every test is watched for the names and IINs that tests make."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator

import pytest
from django.core import mail

# The names of the applicants and of the staff that the factories make.
NAMES = ("Нұрмұхаммедова", "Ақбөпе", "Өтегенқызы", "Құпиясыбаева", "Әбдіқадырова", "Қуанышқызы")
# The test numbers of the year 2099 begin so.
_IIN = re.compile(r"\b9901015\d{5}\b")
_format = logging.Formatter()


class Watch(logging.Handler):
    """Keeps every line of a log in which a sentinel stands, tracebacks included."""

    def __init__(self) -> None:
        super().__init__(logging.NOTSET)
        self.found: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Look at the line as it would be written."""
        text = _format.format(record)
        if any(name in text for name in NAMES) or _IIN.search(text):
            self.found.append(f"{record.name}: {text[:500]}")


@pytest.fixture(autouse=True)
def nothing_personal_is_logged() -> Iterator[Watch]:
    """Fail a test in which a sentinel reached a log or the subject of a mail."""
    watch, root = Watch(), logging.getLogger()
    root.addHandler(watch)
    yield watch
    root.removeHandler(watch)
    assert not watch.found, "personal data reached a log:\n" + "\n".join(watch.found)
    subjects = [message.subject for message in getattr(mail, "outbox", ())]
    assert not [text for text in subjects if any(name in text for name in NAMES) or _IIN.search(text)]
