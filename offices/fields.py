"""Fields that stand encrypted in the database and are ordinary values in Python. They are found by a keyed hash beside them."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

from django.core.exceptions import FieldError
from django.db import models

from offices.vault import seal, seal_bytes, unseal, unseal_bytes


class Sealed(models.Field):
    """What the sealed fields share. An empty value stays empty; nothing can be searched or ordered by the ciphertext."""

    def get_internal_type(self) -> str:
        """A text column, whatever the value is."""
        return "TextField"

    @property
    def context(self) -> str:
        """The place a value is bound to."""
        return f"{self.model._meta.label_lower}.{self.name}"

    def dump(self, value: Any) -> str:
        """The value as text."""
        return str(value)

    def load(self, text: str) -> Any:
        """The value out of its text."""
        return text

    def get_prep_value(self, value: Any) -> Any:
        """Seal on the way in."""
        return value if value in (None, "") else seal(self.dump(value), self.context)

    def get_db_prep_value(self, value: Any, connection: Any, prepared: bool = False) -> Any:
        """Sealed once, the same on every database."""
        return value if prepared else self.get_prep_value(value)

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> Any:
        """Open on the way out."""
        return value if value in (None, "") else self.load(unseal(value, self.context))

    def get_lookup(self, lookup_name: str) -> Any:
        """Only "is there a value" can be asked."""
        if lookup_name != "isnull":
            raise FieldError(f"{self.context} is encrypted: look it up by its keyed hash")
        return super().get_lookup(lookup_name)

    def get_transform(self, lookup_name: str) -> Any:
        """Nothing inside can be asked either."""
        return None


class SealedText(Sealed, models.TextField):
    """An encrypted text."""


class SealedDate(Sealed, models.DateField):
    """An encrypted date."""

    def load(self, text: str) -> date:
        """Out of the ISO form."""
        return date.fromisoformat(text)


class SealedJSON(Sealed, models.JSONField):
    """Encrypted JSON."""

    def dump(self, value: Any) -> str:
        """As compact JSON."""
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"))

    def load(self, text: str) -> Any:
        """Out of JSON."""
        return json.loads(text)


class SealedBytes(Sealed, models.BinaryField):
    """Encrypted bytes, such as a PDF."""

    def get_internal_type(self) -> str:
        """A column of bytes."""
        return "BinaryField"

    def get_prep_value(self, value: Any) -> Any:
        """Seal on the way in."""
        return seal_bytes(bytes(value), self.context) if value else value

    def get_db_prep_value(self, value: Any, connection: Any, prepared: bool = False) -> Any:
        """As the driver takes bytes."""
        value = super().get_db_prep_value(value, connection, prepared)
        return value if value is None else connection.Database.Binary(value)

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> Any:
        """Open on the way out."""
        return unseal_bytes(bytes(value), self.context) if value else value
