"""What the outbox does for complaints: the e-mail or SMS that something has changed, to whoever asked for it."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from complaints.models import Complaint
from complaints.workflow import STAGES
from offices.models import Job
from offices.outbox import handler
from offices.sending import send_mail, send_sms


@handler("complaint_news", outside=True)
def tell_news(job: Job, at: datetime) -> None:
    """Send it by e-mail, else by SMS, unless the person has stopped it. It names nobody: number, stage, where to look."""
    complaint = (
        Complaint.objects.everywhere("a job names its complaint")
        .filter(pk=job.payload["complaint"], wants_notices=True)
        .first()
    )
    if complaint is None:
        return
    email, phone = complaint.contacts.get("email", ""), complaint.contacts.get("phone", "")
    place = f"{settings.BASE_URL}{reverse('complain_status')}"
    with translation.override(complaint.language):
        title = _("Complaint %(number)s") % {"number": complaint.number}
        stage = str(STAGES[job.payload["state"]])
        if not email:
            send_sms(key=job.key, to=phone, text=f"{title}: {stage} {place}")
            return
        look = _("What comes next, and how to stop these messages, by number and code: %(place)s") % {"place": place}
        send_mail(key=job.key, to=[email], subject=_("%(title)s: news") % {"title": title}, body=f"{stage}\n\n{look}\n")
