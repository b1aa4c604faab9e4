"""Telling the applicant of each change, when he asked for it: by e-mail or SMS, out of the outbox, until he stops it."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from applications.casework import ActRefused
from applications.models import Case, FollowChannel, Follower
from applications.workflow import State
from offices.outbox import enqueue
from offices.sending import send_mail, send_sms
from offices.vault import keyed_hash

MOST = 4  # addresses a case

# Where a case stands, said to the person whose case it is.
STAGES: dict[str, Any] = {
    State.INCOMPLETE: gettext_lazy("Papers are missing. Bring what stands on the list you were given."),
    State.AT_CENTRE: gettext_lazy("Your papers were taken at the service centre."),
    State.COLLECTED: gettext_lazy("Your papers are packed at the service centre and will be sent to the department."),
    State.DISPATCHED: gettext_lazy("Your papers are on the way to the department."),
    State.REGISTERED: gettext_lazy("Your application is registered."),
    State.ASSIGNED: gettext_lazy("An executor is working on your application."),
    State.PREPARED: gettext_lazy("The answer is written and waits for signature."),
    State.SIGNED: gettext_lazy("The answer is signed."),
    State.RECORDED: gettext_lazy("The answer is ready."),
    State.TOLD: gettext_lazy("The answer is ready, and you were told."),
    State.SENT_TO_CENTRE: gettext_lazy("The answer is on the way to the service centre."),
    State.READY_AT_CENTRE: gettext_lazy("The answer is ready at the service centre."),
    State.TOLD_AT_CENTRE: gettext_lazy("The answer is ready at the service centre, and you were told."),
    State.HANDED_OVER: gettext_lazy("The answer was handed over or sent to you."),
    State.WITHDRAWN: gettext_lazy("The application was taken back."),
    State.ANNULLED: gettext_lazy("The registration was annulled. Ask the office."),
}


def follow(case: Case, channel: FollowChannel, address: str, *, language: str, at: datetime) -> Follower:
    """Tell `address` of each change of the case from now on. The same address twice is one follower.

    Raises ActRefused (409) where the case has as many as it may have.
    """
    with transaction.atomic():
        mine = {"case": case, "channel": channel, "address_hash": keyed_hash(address.strip().casefold())}
        if known := Follower.objects.filter(**mine).first():
            return known
        if Follower.objects.filter(case=case).count() >= MOST:
            raise ActRefused(_("Enough addresses are told of this application already."))
        first = {"address": address, "language": language, "told_state": case.state, "asked_at": at}
        follower, _made = Follower.objects.get_or_create(**mine, defaults=first)
        case.followed = True
        Case.objects.anew(case).update(followed=True)
    return follower


def stop(key: uuid.UUID) -> None:
    """Tell that address nothing any more, and forget it."""
    Follower.objects.filter(key=key).delete()


def forget(case: Case) -> None:
    """Forget everybody who is told of the case: its person is erased."""
    Follower.objects.filter(case=case).delete()


def hand_out(case_id: int, state: str, key: str) -> None:
    """Ask for one message to each follower who was not told of this state yet."""
    for follower in Follower.objects.filter(case=case_id).exclude(told_state=state).values_list("pk", flat=True):
        enqueue("tell_follower", key=f"tell:{follower}:{key}", payload={"follower": follower, "state": state})
    Follower.objects.filter(case=case_id).update(told_state=state)


def tell(follower_id: int, state: str, key: str) -> None:
    """Send the message, unless its reader has stopped it meanwhile. It names nobody: number, stage, where to look."""
    follower = Follower.objects.select_related("case").filter(pk=follower_id).first()
    if follower is None:
        return
    number, place = follower.case.any_number, f"{settings.BASE_URL}{reverse('status')}"
    with translation.override(follower.language):
        stage = str(STAGES.get(state, State(state).label))
        if follower.channel == FollowChannel.SMS:
            send_sms(key=key, to=follower.address, text=f"{number}: {stage} {place}")
            return
        stopping = f"{settings.BASE_URL}{reverse('stop_following', args=[follower.key])}"
        lines = [
            _("Application %(number)s") % {"number": number},
            stage,
            "",
            _("Dates and what comes next, by number and code: %(place)s") % {"place": place},
            _("To stop these messages: %(place)s") % {"place": stopping},
        ]
        subject = _("Application %(number)s: news") % {"number": number}
        send_mail(key=key, to=[follower.address], subject=subject, body="\n".join(lines))
