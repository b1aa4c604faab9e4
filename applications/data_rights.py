"""What the law on personal data asks of the office: requests within one working day, holds, erasure when the term is over.

Erasure takes away what tells who a person was and keeps what happened: numbers, clocks, events and therefore every figure.
It runs only for editions whose retention term a person has verified.
"""

from __future__ import annotations

import json
import os
from datetime import date, datetime
from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.db.models import F, QuerySet
from django.dispatch import Signal
from django.utils import timezone
from django.utils.translation import gettext as _

from applications.casework import ActRefused, append_event
from applications.models import (
    Attachment,
    Case,
    DataRequest,
    Decision,
    Erasure,
    EventWords,
    LegalHold,
    Paper,
    PaperBytes,
    PaperSignature,
    Person,
    RequestKind,
    Retention,
)
from offices.calendars import calendar_of
from offices.models import Office
from offices.outbox import enqueue, run_key
from offices.policy import Staff
from offices.workflow import Role
from services.deadlines import Norm, Unit, due

# Law 94-V art. 25: correct, block, unblock, destroy, and report a breach, within one working day.
REQUEST_TERM = Norm(1, Unit.WORKING_DAY, point="94-V, 25", text="бір жұмыс күні ішінде")
_HEADS = (Role.HEAD, Role.DEPUTY)
NOBODY = "—"

# Sent with `case` inside the transaction that erases it, so that the apps above erase what they keep about it.
case_erased = Signal()
# Sent with `person` (the key of the row): receivers in the apps above say whether something of theirs still needs him.
person_needed = Signal()


def take_request(
    kind: RequestKind, *, office: Office, text: str, case: Case | None = None, by: Staff, at: datetime
) -> DataRequest:
    """Take in what a person asks about his data, or a breach; its term is one working day."""
    found = due(at, REQUEST_TERM, calendar_of(office))
    with transaction.atomic():
        row = DataRequest.objects.create(
            office=office, kind=kind, case=case, person=case.person if case else None, text=text, received_at=at,
            due_at=found.instant, trace=[line.as_dict() for line in found.trace], taken_by=by.user,
        )  # fmt: skip
        payload = {"request": row.pk, "what": str(kind)}
        append_event("data_request", office=office, case=case, actor=by.user, recorded_at=at, payload=payload)
    return row


def answer_request(row: DataRequest, *, outcome: str, by: Staff, at: datetime) -> DataRequest:
    """Write what was done, or the reasoned refusal. ActRefused (409) when somebody has answered already."""
    with transaction.atomic():
        fresh = DataRequest.objects.select_for_update(of=("self",)).select_related("office", "case").anew(row).get()
        if fresh.done_at:
            raise ActRefused(_("Somebody has answered this request already."))
        fresh.done_at, fresh.done_by, fresh.outcome = at, by.user, outcome
        fresh.save(update_fields=["done_at", "done_by", "outcome"])
        payload = {"request": fresh.pk, "in_time": at <= fresh.due_at}
        append_event(
            "data_request_done", office=fresh.office, case=fresh.case, actor=by.user, recorded_at=at, payload=payload
        )
    return fresh


def hold(case: Case, *, reason: str, by: Staff, at: datetime) -> LegalHold:
    """Keep the case from erasure. ActRefused: 403 for others than the head, 409 when it is held already."""
    with transaction.atomic():
        _only_heads(case, by)
        row, made = LegalHold.objects.get_or_create(
            case=case, lifted_at=None, defaults={"reason": reason, "set_by": by.user, "set_at": at}
        )
        if not made:
            raise ActRefused(_("The case is held already."))
        append_event("hold", office=case.office, case=case, actor=by.user, recorded_at=at, payload={"reason": reason})
    return row


def lift_hold(case: Case, *, by: Staff, at: datetime) -> None:
    """Let the case be erased again when its term is over. ActRefused: 403, 409."""
    with transaction.atomic():
        _only_heads(case, by)
        if not LegalHold.objects.filter(case=case, lifted_at=None).update(lifted_by=by.user, lifted_at=at):
            raise ActRefused(_("The case is not held."))
        append_event("lift_hold", office=case.office, case=case, actor=by.user, recorded_at=at)


def due_for_erasure(at: datetime) -> QuerySet[Case]:
    """Closed cases whose term is over: counted from 1 January after the year of closing, by verified terms, not held."""
    today = timezone.localdate(at)
    terms = Retention.objects.filter(verified=True).values_list("edition_id", "years")
    found: QuerySet[Case] = Case.objects.none()
    for edition_id, years in terms:
        last_year = today.year - years - 1
        if last_year >= date.min.year:
            found |= Case.objects.filter(edition_id=edition_id, closed_at__date__lte=date(last_year, 12, 31))
    kept = LegalHold.objects.filter(lifted_at=None).values("case")
    asked = DataRequest.objects.filter(done_at=None, case__isnull=False).values("case")
    return found.filter(erasure=None).exclude(pk__in=kept).exclude(pk__in=asked)


def erase(case: Case, *, reason: str, at: datetime) -> None:
    """Take away who the person was: particulars, texts, papers, files. The case, its clocks and its chain stay."""
    with transaction.atomic():
        _made, new = Erasure.objects.get_or_create(case=case, defaults={"at": at, "reason": reason})
        if not new:
            return
        erase_files(case.attachments.all())
        _erase_words(case)
        erase_papers(Paper.objects.filter(case=case))
        # Of the dispatch lists those on which no case is kept any more.
        erase_papers(Paper.objects.filter(shipment__items__case=case).exclude(shipment__items__case__erasure=None))
        Case.objects.anew(case).update(closing_reason="", version=F("version") + 1)
        case_erased.send(sender=Case, case=case)
        erase_person(case.person_id)
        append_event("erase", office=case.office, case=case, recorded_at=at, payload={"ground": reason})
        _afterwards("erased", f"erased:{case.key}", {"case": str(case.key), "at": at.isoformat()})


def erase_files(rows: QuerySet[Attachment]) -> None:
    """Take away what the files of `rows` are called, and the files themselves after the commit."""
    for pk, file in rows.exclude(name=NOBODY).values_list("pk", "file"):
        _afterwards("erased_file", f"erased_file:{pk}", {"file": file})
    rows.update(name=NOBODY, reason=NOBODY)


def erase_papers(papers: QuerySet[Paper], left: dict[str, str] | None = None) -> None:
    """Take away what `papers` say, printed and signed; `left` stays in the place of their words. Their hashes stay."""
    found = list(papers.values_list("pk", flat=True))
    PaperBytes.objects.filter(paper__in=found).delete()
    PaperSignature.objects.filter(paper__in=found).update(signed_pdf=None, detached=None)
    Paper.objects.filter(pk__in=found).update(data=left or {})


def erase_person(person_id: int) -> None:
    """Take away the particulars, unless another case of the person, or something in the apps above, is kept."""
    needed = (answer for _receiver, answer in person_needed.send(sender=Person, person=person_id))
    if Case.objects.filter(person=person_id, erasure=None).exists() or any(needed):
        return
    for person in Person.objects.filter(pk=person_id) | Person.objects.filter(merged_into=person_id):
        for name in ("iin", "iin_reason", "old_identifier", "first_name", "patronymic", "address", "phone", "email"):
            setattr(person, name, "")
        person.last_name, person.birth_date = NOBODY, None
        person.save()


def remove_file(name: str) -> None:
    """Remove the file of an erased attachment; one that is gone already is no error."""
    Attachment._meta.get_field("file").storage.delete(name)


def put_on_list(row: dict[str, str]) -> None:
    """Write an erasure into the list outside the database, by which it is done again after a restore. Twice does no harm."""
    with Path(settings.ERASURES_FILE).open("a", encoding="utf-8") as file:
        file.write(json.dumps(row) + "\n")
        file.flush()
        os.fsync(file.fileno())


def erase_again(path: Path, at: datetime) -> int:
    """Erase what the list outside says was erased and a restore has brought back. Gives the number of cases."""
    if not path.exists():
        return 0
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
    again = Case.objects.filter(key__in=[row["case"] for row in rows], erasure=None).select_related("office", "person")
    for case in again:
        erase(case, reason="erased before the restore", at=at)
    return len(again)


def _only_heads(case: Case, by: Staff) -> None:
    if by.power(case.office_id, _HEADS) is None:
        raise ActRefused(_("Only the head of the office decides this."), status=403)


def _erase_words(case: Case) -> None:
    """What people wrote about the case, in whatever row."""
    Decision.objects.filter(case=case).update(text=NOBODY, facts="", return_reason="")
    case.documents.update(defect="")
    EventWords.objects.filter(event__case=case).delete()
    LegalHold.objects.filter(case=case).update(reason=NOBODY)
    DataRequest.objects.filter(case=case).update(text=NOBODY, outcome=NOBODY)


def _afterwards(kind: str, key: str, payload: dict[str, str]) -> None:
    """What cannot be undone and stands outside the database: after the commit, and by a worker where this process dies first."""
    enqueue(kind, key=key, payload=payload)
    transaction.on_commit(lambda: run_key(key), robust=True)
