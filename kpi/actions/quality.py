"""The acts of quality checks: drawing the sample of a month, and checking a paper of it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from applications.casework import ActRefused, append_event
from kpi.lawfiles import quality_rule
from kpi.models import QualityCheck, QualityDraw, QualityFinding
from kpi.queries.quality import CHECKERS, bounds, may_check, sample, seed_of, signed_in
from offices.models import Office
from offices.policy import Power, Staff
from offices.workflow import Role


def draw(office: Office, month: date, *, by: Staff, at: datetime) -> QualityDraw:
    """Draw the month's sample of the office. The seed decides, not the person; a second time gives the same draw.

    Raises ActRefused: 403 for who is not its head or deputy, 400 for a month that is not over.
    """
    power = by.power(office.pk, (Role.HEAD, Role.DEPUTY))
    if power is None:
        raise ActRefused(_("The sample is drawn by the head of the office."), status=403)
    if at < bounds(month)[1]:
        raise ActRefused(_("The month is not over: more papers may be signed in it."), status=400, field="month")
    rule, month = quality_rule(), month.replace(day=1)
    with transaction.atomic():
        papers = list(signed_in(office, month).select_related("case"))
        made, new = QualityDraw.objects.get_or_create(
            office=office,
            month=month,
            defaults={
                "seed": seed_of(office, month, rule), "rule_version": rule.version, "population": len(papers),
                "drawn_by": by.user, "drawn_at": at,
            },
        )  # fmt: skip
        if new:
            drawn = sample(papers, made.seed, rule.size(len(papers)))
            QualityCheck.objects.bulk_create(
                QualityCheck(
                    draw=made, place=place, case=paper.case, decision=paper, office=office, edition_id=paper.case.edition_id,
                    day=timezone.localdate(paper.signed_at),
                )
                for place, paper in enumerate(drawn, start=1)
            )  # fmt: skip
            facts = {"month": f"{month:%Y-%m}", "seed": made.seed, "population": len(papers), "size": len(drawn)}
            _log("quality_drawn", office, f"quality_draw:{made.pk}", by, power, at, **facts)
    return made


def check(row: QualityCheck, passed: Mapping[str, bool], *, note: str = "", by: Staff, at: datetime) -> QualityCheck:
    """Say for every line of the checklist whether the paper passed; it is right when all did.

    Raises ActRefused: 403 for its preparer, its signer and people of other offices, 400 for a checklist with gaps or a fault
    without a note, 409 when it was checked already with another result.
    """
    power = by.power(row.office_id, CHECKERS)
    if power is None or not may_check(row, by):
        raise ActRefused(_("A second official checks: nobody who prepared or signed the paper."), status=403)
    if set(passed) != {line.code for line in quality_rule().checklist}:
        raise ActRefused(_("Answer every line of the checklist."), status=400)
    right = all(passed.values())
    if not right and not note.strip():
        raise ActRefused(_("Say what is wrong."), status=400, field="note")
    with transaction.atomic():
        fields: dict[str, Any] = {"checked_by": by.user, "checked_at": at, "right": right, "note": note.strip()}
        if not QualityCheck.objects.anew(row).filter(checked_at=None).update(**fields):
            return _same(row, right, by)
        findings = (QualityFinding(check_row=row, item=code, passed=ok) for code, ok in passed.items())
        QualityFinding.objects.bulk_create(findings)
        _log("quality_checked", row.office, f"quality_check:{row.pk}", by, power, at, case=row.case, right=right)
    return QualityCheck.objects.anew(row).get()


def _same(row: QualityCheck, right: bool, by: Staff) -> QualityCheck:
    done = QualityCheck.objects.select_related("checked_by").anew(row).get()
    if (done.checked_by_id, done.right) == (by.user.pk, right):
        return done
    name = done.checked_by.get_full_name() if done.checked_by else ""
    raise ActRefused(_("This paper was checked already by %(name)s.") % {"name": name})


def _log(
    kind: str, office: Office, subject: str, by: Staff, power: Power, at: datetime, *, case: Any = None, **payload: Any
) -> None:
    append_event(
        kind, office=office, recorded_at=at, subject=subject, case=case, actor=by.user, acting_for_id=power.acting_for_id,
        payload=payload,
    )  # fmt: skip
