"""Who may answer a survey, and what is still open for him. Nothing here, or anywhere, leads from an answer to a person."""

from __future__ import annotations

from django.conf import settings
from django.db.models import Q

from applications.identifiers import same_code, talon_code
from applications.models import Case, Person
from complaints.models import Complaint
from kpi.models import SurveyPart, SurveyUse


def find(number: str, code: str) -> Case | None:
    """The case of that number if the code is its survey's or its talon's. An unknown number costs the same."""
    everywhere = Case.objects.everywhere("number and code of the talon")
    row = everywhere.numbered(number).values_list("pk", "key").first()
    key = str(row[1]) if row else "no such case"
    # Both are compared, whatever the first says.
    fits = [same_code(talon_code(settings.TALON_KEY, name), code) for name in (f"survey:{key}", key)]
    if row is None or not any(fits):
        return None
    found: Case = everywhere.select_related("edition__service", "office", "person__merged_into").get(pk=row[0])
    return found


def open_parts(case: Case) -> list[SurveyPart]:
    """The parts that the person has not answered yet; of the complaint only who complained and was answered is asked."""
    if case.signed_at is None:
        return []
    # Records merged since are one person.
    used = set(SurveyUse.objects.filter(_of(person_of(case)), case=case).values_list("part", flat=True))
    asked = [SurveyPart.SERVICE, *([SurveyPart.COMPLAINT] if has_complained(case) else [])]
    return [part for part in asked if part not in used]


def person_of(case: Case) -> Person:
    """The person of the case; of merged records the one that stays."""
    person: Person = case.person.merged_into or case.person
    return person


def has_complained(case: Case) -> bool:
    """Whether a complaint of the case's person about it was answered (an appeal is none)."""
    answered = Complaint.objects.filter(case=case, answered_at__isnull=False).exclude(kind="appeal")
    return bool(answered.filter(_of(person_of(case))).exists())


def _of(person: Person) -> Q:
    return Q(person=person) | Q(person__merged_into=person)
