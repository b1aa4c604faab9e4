"""Packages between the service centre and the department (E7): collected, sent with a dispatch list, scanned on arrival.

Every act takes the numbers as scanned, one a line. Either all of them move or none does, and a wrong line is named.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence
from datetime import datetime

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from applications import notices
from applications.acts import COLLECT, DISPATCH, RECEIVE_BACK, SEND_BACK, Act
from applications.casework import ActRefused, Doing, perform, repeated
from applications.models import Case, Direction, FormToken, Shipment, ShipmentItem
from applications.numbering import Book, take_number
from applications.workflow import State
from offices.policy import Staff

_WAITS_IN = {
    COLLECT: State.AT_CENTRE,
    DISPATCH: State.COLLECTED,
    SEND_BACK: State.RECORDED,
    RECEIVE_BACK: State.SENT_TO_CENTRE,
}


def collect(numbers: Sequence[str], *, by: Staff, at: datetime, token: uuid.UUID | None = None) -> list[Case]:
    """The accumulation unit takes the packages over from the windows."""
    return _each(COLLECT, numbers, by=by, at=at, token=token)


def receive_at_centre(numbers: Sequence[str], *, by: Staff, at: datetime, token: uuid.UUID | None = None) -> list[Case]:
    """The centre scans in the results that came from the department."""

    def change(doing: Doing) -> None:
        doing.case.shipment_items.filter(received_at=None).update(received_at=at)

    return _each(RECEIVE_BACK, numbers, by=by, at=at, token=token, change=change)


def dispatch(numbers: Sequence[str], *, by: Staff, at: datetime, token: uuid.UUID | None = None) -> list[Shipment]:
    """Send collected packages; one dispatch list (тізілім) for each department they go to."""
    return _send(DISPATCH, Direction.TO_DEPARTMENT, numbers, by=by, at=at, token=token)


def send_to_centre(
    numbers: Sequence[str], *, by: Staff, at: datetime, token: uuid.UUID | None = None
) -> list[Shipment]:
    """Send recorded results back to the centres they came from, one list for each."""
    return _send(SEND_BACK, Direction.TO_CENTRE, numbers, by=by, at=at, token=token)


@transaction.atomic
def _send(
    act: Act, direction: Direction, numbers: Sequence[str], *, by: Staff, at: datetime, token: uuid.UUID | None
) -> list[Shipment]:
    cases = _each(act, numbers, by=by, at=at, token=token)
    lists: dict[tuple[int, int | None], Shipment] = {}
    for case in cases:
        if existing := Shipment.objects.filter(items__case=case, direction=direction).first():
            lists.setdefault((case.office_id, case.centre_id), existing)  # the same form again
            continue
        key = (case.office_id, case.centre_id)
        if key not in lists:
            lists[key] = _list_for(case, direction, by, at)
        ShipmentItem.objects.create(shipment=lists[key], case=case)
    for shipment in lists.values():
        if not shipment.papers.exists():
            notices.make_dispatch_list(shipment, by=by.user, at=at)
    return list(lists.values())


def _list_for(case: Case, direction: Direction, by: Staff, at: datetime) -> Shipment:
    centre, sender = case.centre, case.office
    if centre is None:
        raise ActRefused(
            _("%(number)s did not come through a service centre.") % {"number": case}, status=400, field="numbers"
        )
    if direction == Direction.TO_DEPARTMENT:
        sender = centre
    return Shipment.objects.create(
        number=take_number(sender, Book.DISPATCH, at),
        direction=direction,
        centre=centre,
        office=case.office,
        sent_by=by.user,
        sent_at=at,
    )


@transaction.atomic
def _each(
    act: Act,
    numbers: Sequence[str],
    *,
    by: Staff,
    at: datetime,
    token: uuid.UUID | None,
    change: Callable[[Doing], None] = lambda doing: None,
) -> list[Case]:
    scanned = _scanned(numbers)
    if repeated(token, by.user, (act.name, list(scanned)), at):
        return [_find(number, line, by) for number, line in scanned.items()]
    _hold(scanned, by)
    cases = []
    for number, line in scanned.items():
        case = _find(number, line, by)
        if case.state != _WAITS_IN[act]:
            place = {"line": line, "number": number, "state": case.get_state_display()}
            raise ActRefused(
                _("Line %(line)s, %(number)s: the case is at another step (%(state)s).") % place, field="numbers"
            )
        cases.append(perform(act, case, by=by, at=at, token=None, change=change))
    if token is not None:
        FormToken.objects.filter(pk=token).update(case=cases[0])
    return cases


def _scanned(numbers: Sequence[str]) -> dict[str, int]:
    """The numbers with their lines; a number scanned twice counts once."""
    found: dict[str, int] = {}
    for line, text in enumerate(numbers, start=1):
        if number := text.strip().upper():
            found.setdefault(number, line)
    if not found:
        raise ActRefused(_("Scan or type at least one number."), status=400, field="numbers")
    return found


def _hold(scanned: dict[str, int], by: Staff) -> None:
    """Lock all the cases, always in the same order: scanners with the same packages wait for each other only one way."""
    seen = Case.objects.visible_to(by).filter(Q(number__in=scanned) | Q(centre_number__in=scanned)).values("pk")
    list(Case.objects.select_for_update().filter(pk__in=seen).order_by("pk").values_list("pk"))


def _find(number: str, line: int, by: Staff) -> Case:
    case: Case | None = Case.objects.visible_to(by).numbered(number).first()
    if case is None:
        raise ActRefused(
            _("Line %(line)s: no case here has the number %(number)s.") % {"line": line, "number": number},
            status=400,
            field="numbers",
        )
    return case
