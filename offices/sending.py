"""What leaves the house by itself: e-mail and SMS, always from the outbox, each with a name to tell a repetition by."""

from __future__ import annotations

import hashlib
import logging
import os
import re
import sys
from abc import ABC, abstractmethod
from collections.abc import Sequence
from pathlib import Path
from smtplib import SMTPRecipientsRefused
from urllib.parse import urlsplit

import phonenumbers
from django.conf import settings
from django.core.mail import EmailMessage
from django.utils.module_loading import import_string

log = logging.getLogger("offices.sending")
_FOR_GOOD = 500  # answers of a mail server from here on are final, below it may take the letter later


def send_mail(*, key: str, to: Sequence[str], subject: str, body: str) -> int:
    """Send an e-mail from a job (`key` is the job's). Gives the number of messages sent, 0 without an address that is taken.

    The Message-ID follows from the key: where a job has to be repeated because its worker died after sending, mail servers
    and mailboxes see the same message again, not a second one. The subject must name no person. Raises what the mail server
    raises when it may take the letter later; a letter whose every address it refuses for good is given up, with a line.
    """
    if not to:
        return 0
    headers = {"Message-ID": message_id(key), "Auto-Submitted": "auto-generated"}
    one_line = " ".join(subject.split())
    try:
        return EmailMessage(one_line, body, to=list(dict.fromkeys(to)), headers=headers).send()
    except SMTPRecipientsRefused as refused:
        if any(code < _FOR_GOOD for code, _words in refused.recipients.values()):
            raise
        # Tried again it would be refused again, until somebody is told of a job that only a citizen's typing error stopped.
        log.warning("the letter of %s was given up: its addresses are refused for good", key)
        return 0


def send_sms(*, key: str, to: str, text: str) -> bool:
    """Send an SMS from a job (`key` is the job's) by the backend that SMS_BACKEND names.

    `to` is a phone as it was typed; gives False where it is no number of a telephone, so that nothing can be sent.
    """
    number = dialled(to)
    if number is None:
        return False
    backend: SmsBackend = import_string(settings.SMS_BACKEND)()
    backend.send(key=key, to=number, text=text)
    return True


def message_id(key: str) -> str:
    """The Message-ID of what the job of this key sends."""
    host = urlsplit(settings.BASE_URL).hostname or "localhost"
    return f"<{hashlib.sha256(key.encode()).hexdigest()[:40]}@{host}>"


def dialled(phone: str) -> str | None:
    """A phone as the network dials it, such as +77011234567; None where it is none."""
    try:
        parsed = phonenumbers.parse(phone, "KZ")
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_possible_number(parsed):
        return None
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)


class SmsBackend(ABC):
    """A way to send SMS. An installation adds its provider by a class of this shape, named in SMS_BACKEND."""

    @abstractmethod
    def send(self, *, key: str, to: str, text: str) -> None:
        """Send `text` to the number `to` (+7…). Raises where it could not be sent: the job is tried again later.

        `key` is the same when a message is sent again: give it to the provider as the message's own number.
        """


class ConsoleSms(SmsBackend):
    """For trying out: says on the console that a message would go, with the last digits of the number only."""

    def send(self, *, key: str, to: str, text: str) -> None:
        """Write a line."""
        sys.stdout.write(f"SMS to …{to[-2:]}, {len(text)} characters\n")


class FileSms(SmsBackend):
    """Keeps each message as a file in SMS_DIR (readable by the owner only): a message sent again replaces itself."""

    def send(self, *, key: str, to: str, text: str) -> None:
        """Write the file whole or not at all."""
        folder = Path(settings.SMS_DIR)
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        name = re.sub(r"[^A-Za-z0-9_.-]", "_", key)[:150] + ".txt"
        half = folder / f".{name}.{os.getpid()}"
        with os.fdopen(os.open(half, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
            file.write(f"To: {to}\n\n{text}\n")
        half.replace(folder / name)
