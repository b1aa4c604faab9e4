"""Acts of signing a paper: with the head's own key, by a signature made elsewhere, or recorded as signed by hand.

The act `sign` decides the case; these put the signature under the paper that it produced. Each paper is signed once.
"""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from applications import notices, signing
from applications.casework import ActRefused, append_event
from applications.models import Case, Decision, Paper, PaperKind, PaperSignature, SignatureKind
from applications.signing import Check, Key
from applications.workflow import OPEN
from offices.models import User
from offices.policy import Staff
from offices.workflow import ROLES_OF_UNIT, Role

SIGNED_KINDS = (PaperKind.GRANT, PaperKind.REFUSAL)
_HEADS = ROLES_OF_UNIT["head"]


def sign_with_key(paper: Paper, key: Key, *, by: Staff, at: datetime) -> PaperSignature:
    """Put the head's PAdES signature into the file. ActRefused: 403 not who signed the decision, 409 signed already."""
    signer = _signer(paper, by)
    pdf = notices.render(paper)
    signed = signing.sign_pdf(pdf, key, name=signer.get_full_name(), place=paper.data["office"]["name"])
    found = signing.check_pdf(signed)
    if not found.intact:
        raise ActRefused(_("The file was signed but does not verify. Nothing was kept."))
    return _keep(paper, SignatureKind.EMBEDDED, by, at, signer=signer, check=found, signed_pdf=signed)


def attach_signature(paper: Paper, signature: bytes, *, by: Staff, at: datetime) -> PaperSignature:
    """Keep a signature made elsewhere over exactly this file. Raises ActRefused, and SigningError where it does not verify."""
    signer = _signer(paper, by)
    found = signing.check_detached(notices.render(paper), signature)
    return _keep(paper, SignatureKind.DETACHED, by, at, signer=signer, check=found, detached=signature)


def record_by_hand(paper: Paper, *, signed_at: datetime, by: Staff, at: datetime) -> PaperSignature:
    """Record that the print was signed by hand, when, by whom: where an office has no keys."""
    decision = decision_of(paper)
    if by.power(_case(paper).office_id, (*_HEADS, Role.CLERK, Role.EXECUTOR)) is None:
        raise ActRefused(_("This step belongs to another role or another person."), status=403)
    if (
        not decision.signed_at
        or not timezone.localdate(decision.signed_at) <= timezone.localdate(signed_at)
        or signed_at > at
    ):
        raise ActRefused(
            _("The date must lie between the signing of the decision and now."), status=400, field="signed_at"
        )
    return _keep(paper, SignatureKind.BY_HAND, by, at, signer=_signed_by(decision), signed_at=signed_at)


def waiting_for_key(staff: Staff) -> QuerySet[Paper]:
    """Papers not handed over yet, of decisions that this person signed, that bear no signature."""
    mine = Decision.objects.filter(signed_by=staff.user).values("case")
    cases = Case.objects.of_offices(staff.offices(*_HEADS)).filter(pk__in=mine, state__in=OPEN).values("pk")
    return (
        Paper.objects.filter(kind__in=SIGNED_KINDS, case__in=cases, signature=None)
        .select_related("case__person", "case__edition__service")
        .order_by("pk")
    )


def decision_of(paper: Paper) -> Decision:
    """The signed decision that the paper tells. ActRefused (404) where the paper tells none."""
    found = (
        Decision.objects.filter(case=paper.case, signed_at__isnull=False, number=paper.data.get("decision_number", "-"))
        .select_related("signed_by")
        .first()
    )
    if paper.kind not in SIGNED_KINDS or found is None:
        raise ActRefused(_("Only notices and refusals are signed."), status=404)
    return found


def _signer(paper: Paper, by: Staff) -> User:
    decision = decision_of(paper)
    if decision.signed_by_id != by.user.pk or by.power(_case(paper).office_id, _HEADS) is None:
        raise ActRefused(_("Who signed the decision signs its paper."), status=403)
    return by.user


def _signed_by(decision: Decision) -> User:
    if decision.signed_by is None:
        raise ActRefused(_("The decision is not signed yet."))
    return decision.signed_by


def _case(paper: Paper) -> Case:
    if paper.case is None:
        raise ActRefused(_("Only notices and refusals are signed."), status=404)
    return paper.case


def _keep(
    paper: Paper, kind: SignatureKind, by: Staff, at: datetime, *, signer: User, check: Check | None = None, **rest: Any
) -> PaperSignature:
    """Keep the signature and its event; of two at the same time the first stays, and the other is told who signed."""
    file = rest.get("signed_pdf") or notices.render(paper)
    row = PaperSignature(
        paper=paper, kind=kind, signer=signer, signed_at=rest.pop("signed_at", at), recorded_by=by.user, recorded_at=at,
        subject=check.subject[:300] if check else "", serial=check.serial if check else "",
        fingerprint=check.fingerprint if check else "", trusted=check.trusted if check else None,
        sha256=hashlib.sha256(file).hexdigest(), **rest,
    )  # fmt: skip
    try:
        with transaction.atomic():
            row.save(force_insert=True)
            payload = {"paper": paper.pk, "how": str(kind), "sha256": row.sha256, "serial": row.serial}
            append_event(
                "paper_signed",
                office=_case(paper).office,
                case=paper.case,
                actor=by.user,
                recorded_at=at,
                payload=payload,
            )
    except IntegrityError as conflict:
        first = PaperSignature.objects.select_related("signer").filter(paper=paper).first()
        if first is None:
            raise
        name = first.signer.get_full_name()
        raise ActRefused(_("This paper is signed already: %(name)s.") % {"name": name}) from conflict
    return row
