"""E-mail and SMS as they leave the house."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from django.core import mail

from offices import sending


def test_the_same_job_sends_the_same_message_id_and_another_job_another() -> None:
    for key in ("late:1", "late:1", "late:2"):
        assert sending.send_mail(key=key, to=["head@example.kz"], subject="Мерзімі өтті:\n17", body="…") == 1
    first, again, other = (message.extra_headers["Message-ID"] for message in mail.outbox)
    assert first == again != other
    assert re.fullmatch(r"<[0-9a-f]{40}@127\.0\.0\.1>", first)
    assert mail.outbox[0].subject == "Мерзімі өтті: 17"
    assert first in mail.outbox[0].message().as_string()


def test_without_an_address_nothing_is_sent() -> None:
    assert sending.send_mail(key="late:1", to=[], subject="x", body="x") == 0
    assert not mail.outbox


@pytest.mark.parametrize(
    ("typed", "number"),
    [("8 701 123-45-67", "+77011234567"), ("+7 (701) 1234567", "+77011234567"), ("жоқ", None), ("12", None)],
)
def test_a_phone_is_dialled_as_the_network_wants_it(typed: str, number: str | None) -> None:
    assert sending.dialled(typed) == number


def test_an_sms_sent_again_replaces_itself_and_only_its_owner_reads_it(settings: Any, tmp_path: Path) -> None:
    settings.SMS_DIR = tmp_path / "sms"
    for _ in range(2):
        assert sending.send_sms(key="told/17:1", to="87011234567", text="Нәтиже дайын")
    [file] = settings.SMS_DIR.iterdir()
    assert file.read_text() == "To: +77011234567\n\nНәтиже дайын\n"
    assert file.stat().st_mode & 0o077 == 0


def test_the_console_shows_no_number(settings: Any, capsys: Any) -> None:
    settings.SMS_BACKEND = "offices.sending.ConsoleSms"
    assert sending.send_sms(key="k", to="87011234567", text="Нәтиже дайын")
    assert not sending.send_sms(key="k", to="?", text="Нәтиже дайын")
    assert capsys.readouterr().out == "SMS to …67, 12 characters\n"
