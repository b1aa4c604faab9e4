"""Forgetting who complained, when the case that a complaint is tied to is erased."""

from __future__ import annotations

from applications.data_rights import NOBODY, erase_files, erase_papers, erase_person
from applications.models import Case, EventWords
from complaints.models import Complaint


def erase_of(case: Case) -> None:
    """Take away who complained about `case`, texts, contacts, papers and files. Number, terms, outcome and chain stay."""
    for complaint in Complaint.objects.filter(case=case):
        Complaint.objects.anew(complaint).update(
            essence=NOBODY, demand="", contacts={}, preliminary="", objection="", answer_text="", wants_notices=False
        )
        erase_papers(complaint.papers.all(), {"title": NOBODY})
        erase_files(complaint.attachments.all())
        EventWords.objects.filter(event__subject=complaint.subject).delete()
        if complaint.person_id and complaint.person_id != case.person_id:
            erase_person(complaint.person_id)


def needs_person(person_id: int) -> bool:
    """Whether a complaint of the person is kept: one that is tied to no case, or to a case that is not erased."""
    return bool(Complaint.objects.filter(person=person_id, case__erasure=None).exists())
