"""Forgetting who complained, when the case that a complaint is tied to is erased."""

from __future__ import annotations

from functools import partial

from django.core.files.storage import default_storage
from django.db import transaction

from applications.data_rights import NOBODY
from applications.models import Case, EventWords, PaperBytes
from complaints.models import Complaint


def erase_of(case: Case) -> None:
    """Take away texts, contacts, papers and files of the complaints about `case`. Number, terms, outcome and chain stay."""
    for complaint in Complaint.objects.filter(case=case):
        Complaint.objects.anew(complaint).update(
            essence=NOBODY, demand="", contacts={}, preliminary="", objection="", answer_text="", wants_notices=False
        )
        PaperBytes.objects.filter(paper__in=complaint.papers.values("pk")).delete()
        complaint.papers.update(data={"title": NOBODY})
        files = list(complaint.attachments.exclude(name=NOBODY).values_list("file", flat=True))
        complaint.attachments.update(name=NOBODY, reason=NOBODY)
        EventWords.objects.filter(event__subject=complaint.subject).delete()
        transaction.on_commit(partial(_delete, files))


def _delete(names: list[str]) -> None:
    for name in names:
        default_storage.delete(name)
