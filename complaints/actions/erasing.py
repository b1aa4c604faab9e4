"""Forgetting who complained, when the case that a complaint is tied to is erased."""

from __future__ import annotations

from applications.data_rights import NOBODY, erase_files
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
        erase_files(complaint.attachments.all())
        EventWords.objects.filter(event__subject=complaint.subject).delete()
