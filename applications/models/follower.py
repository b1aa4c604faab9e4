"""Somebody who asked to be told of each change of an application."""

from __future__ import annotations

import uuid

from django.db import models
from django.utils.translation import gettext_lazy as _

from applications.models.case import Case
from offices.fields import SealedText


class FollowChannel(models.TextChoices):
    """How somebody is told."""

    EMAIL = "email", _("by e-mail")
    SMS = "sms", _("by SMS")


class Follower(models.Model):
    """An address to which each change of a case is told, until its owner stops it by the link in the message."""

    key = models.UUIDField(
        default=uuid.uuid4, unique=True, editable=False, help_text="stands in the link that stops it"
    )
    case = models.ForeignKey(Case, models.CASCADE, related_name="followers")
    channel = models.CharField(max_length=5, choices=FollowChannel.choices)
    address = SealedText()
    address_hash = models.CharField(max_length=64)
    language = models.CharField(max_length=2)
    told_state = models.CharField(max_length=20, help_text="the last state that was told")
    asked_at = models.DateTimeField()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("case", "channel", "address_hash"), name="one_follower_an_address"),
        )

    def __str__(self) -> str:
        return f"{self.case_id} {self.channel}"
