"""An application that a citizen writes at home, before anything is registered."""

from __future__ import annotations

import uuid

from django.db import models

from applications.models.case import Case
from applications.models.person import Language
from offices.fields import SealedJSON
from offices.models import Office
from services.models import Edition


class Draft(models.Model):
    """A preliminary application: bound to one office and edition, opened by its code, used once, forgotten when not used.

    What it says of a person is sealed, and emptied when it is used; the code stands nowhere, only a keyed hash of it.
    """

    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    code_hash = models.CharField(max_length=64, unique=True)
    office = models.ForeignKey(Office, models.CASCADE, related_name="+")
    edition = models.ForeignKey(Edition, models.CASCADE, related_name="+")
    language = models.CharField(max_length=2, choices=Language.choices)
    contents = SealedJSON(default=dict, help_text="{person: {...}, fits: [condition codes]}; empty once used")
    saved_at = models.DateTimeField()
    expires_at = models.DateTimeField(db_index=True)
    used_at = models.DateTimeField(null=True)
    case = models.ForeignKey(Case, models.CASCADE, null=True, related_name="+")

    def __str__(self) -> str:
        return str(self.key)
