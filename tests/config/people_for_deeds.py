"""Who does the acts of the house, and what they are done to."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

from django.core.files.base import ContentFile

from applications import hall, notices
from applications.models import Attachment, Case, Paper
from applications.workflow import State
from complaints.models import Complaint
from complaints.workflow import State as CState
from tests.complaints.makers import bring_to, make_complaint
from tests.factories import ALMATY, FRIDAY, make_case, make_centre_team, make_staff, make_team, make_visit, make_window

LATER = FRIDAY + timedelta(hours=3)
NEXT_WEEK = datetime(2026, 3, 18, 10, 0, tzinfo=ALMATY)
Deed = Callable[[], Any]


class People:
    """Who does it, and what it is done to; each is made when it is first asked for."""

    def __init__(self) -> None:
        self.team = make_team()
        self.other = make_staff("south:shymkent", "executor")

    @cached_property
    def centre(self) -> Any:
        """A service centre."""
        return make_centre_team()

    def case(self, state: str = State.REGISTERED, **more: Any) -> Callable[[], Case]:
        """A case as it stands, each time read anew."""
        pk = make_case(self.team, state=state, **more).pk
        return lambda: Case.objects.select_related("office").get(pk=pk)

    def complaint(self, state: str = CState.REGISTERED, made: Complaint | None = None, **more: Any) -> Any:
        """A complaint as it stands."""
        made = made or make_complaint(self.team, at=FRIDAY, **more)
        pk = bring_to(made, self.team, state, at=FRIDAY).pk
        return lambda: Complaint.objects.select_related("office").get(pk=pk)

    def paper(self) -> Paper:
        """A signed notice, drawn."""
        made = make_case(self.team, state=State.SIGNED).papers.get(kind="grant")
        notices.render(made)
        return made

    def visit(self) -> Any:
        """A visitor at a window."""
        window, _visit = make_window(number=1), make_visit()
        return hall.call_next(window, turn=0, by=self.team.clerk, at=FRIDAY)


def file() -> Attachment:
    """A checked file, still to be saved."""
    row = Attachment(name="a.pdf", content_type="application/pdf", size=8, sha256="0" * 64, reason="анықтама")
    row.file = ContentFile(b"%PDF-1.7", name=f"{uuid.uuid4().hex}.pdf")  # type: ignore[assignment]
    return row
