"""What a case and a complaint have in common: a registered matter with a version, a deadline, and a code on its talon."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, ClassVar

from django.conf import settings
from django.db import models
from django_fsm import ConcurrentTransitionMixin

from applications.identifiers import talon_code
from applications.models.person import Language
from services.workflow import StructuralUnit


class Matter(ConcurrentTransitionMixin, models.Model):
    """A registered matter under way. The machine of its states, its office and its clocks are each app's own."""

    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    version = models.PositiveIntegerField(default=0, help_text="counts acts; an act on an older version is refused")
    language = models.CharField(max_length=2, choices=Language.choices, default=Language.KAZAKH)
    awaiting_unit = models.CharField(max_length=20, blank=True, choices=StructuralUnit.choices)
    due_at = models.DateTimeField(null=True, help_text="the nearest due moment of the open clocks")

    closed_states: ClassVar[tuple[str, ...]] = ()
    tones: ClassVar[dict[str, str]] = {}  # state → how its badge looks
    noun: ClassVar[str] = ""  # the first word of `subject`

    if TYPE_CHECKING:
        state: str
        office_id: int

        def get_state_display(self) -> str:
            """The state in words."""

    class Meta:
        abstract = True

    @property
    def subject(self) -> str:
        """How events, papers, files and forms name the matter: complaint:17."""
        return f"{self.noun}:{self.pk}"

    @property
    def is_open(self) -> bool:
        """Whether the matter is still under way."""
        return self.state not in self.closed_states

    @property
    def tone(self) -> str:
        """How the badge of the state looks: new, waiting, done, refused, or plain."""
        return self.tones.get(self.state, "")

    @property
    def code(self) -> str:
        """The secret code printed on the talon."""
        return talon_code(settings.TALON_KEY, str(self.key))
