"""Papers as they were made, and the dispatch lists that travel between centre and department."""

from __future__ import annotations

import uuid

from django.db import models
from django.utils.translation import gettext_lazy as _

from applications.models.case import Case
from applications.models.person import Language
from offices.fields import SealedBytes, SealedJSON
from offices.models import Office, User
from offices.querysets import ScopedQuerySet


class Direction(models.TextChoices):
    """Which way a package travels between the centre and the department."""

    TO_DEPARTMENT = "to_department", _("to the department")
    TO_CENTRE = "to_centre", _("to the centre")


class Shipment(models.Model):
    """A dispatch list (тізілім): packages or results that left together, each scanned at dispatch and at return."""

    number = models.CharField(max_length=20, unique=True)
    direction = models.CharField(max_length=14, choices=Direction.choices)
    centre = models.ForeignKey(Office, models.PROTECT, related_name="+")
    office = models.ForeignKey(Office, models.PROTECT, related_name="+")
    sent_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    sent_at = models.DateTimeField()

    objects = ScopedQuerySet.as_manager()

    class Meta:
        ordering = ("-pk",)

    def __str__(self) -> str:
        return self.number


class ShipmentItem(models.Model):
    """A case on a dispatch list."""

    shipment = models.ForeignKey(Shipment, models.PROTECT, related_name="items")
    case = models.ForeignKey(Case, models.PROTECT, related_name="shipment_items")
    received_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("shipment", "case"), name="one_item_a_case"),)

    def __str__(self) -> str:
        return f"{self.shipment} {self.case}"


class PaperKind(models.TextChoices):
    """The papers of a case, of a dispatch list and of a complaint."""

    TALON = "talon", _("Talon")
    RECEIPT = "receipt", _("Receipt of documents")
    MISSING = "missing", _("List of missing documents")
    GRANT = "grant", _("Notice")
    REFUSAL = "refusal", _("Reasoned refusal")
    DISPATCH = "dispatch", _("Dispatch list")
    COMPLAINT_TALON = "complaint_talon", _("Talon of the complaint")
    COMPLAINT_ANSWER = "complaint_answer", _("Answer to the complaint")
    COMPLAINT_NOTICE = "complaint_notice", _("Notice about the complaint")


class Paper(models.Model):
    """A paper as it was made: the data it was made from, then its bytes and their hash. Never rendered again.

    The row is written in the transaction of the act; the PDF is made after the commit.
    """

    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    case = models.ForeignKey(Case, models.PROTECT, null=True, related_name="papers")
    shipment = models.ForeignKey(Shipment, models.PROTECT, null=True, related_name="papers")
    subject = models.CharField(max_length=60, blank=True, db_index=True, help_text="complaint:17, when that is no case")
    kind = models.CharField(max_length=20, choices=PaperKind.choices)
    language = models.CharField(max_length=2, choices=Language.choices)
    template_version = models.CharField(max_length=12)
    data = SealedJSON()
    made_by = models.ForeignKey(
        User, models.PROTECT, null=True, related_name="+", help_text="null: made by the site for a visitor"
    )
    made_at = models.DateTimeField()
    sha256 = models.CharField(max_length=64, blank=True)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        ordering = ("pk",)
        indexes = (models.Index(fields=("id",), condition=models.Q(sha256=""), name="paper_to_render"),)

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.made_at:%d.%m.%Y}"


class PaperBytes(models.Model):
    """The PDF itself, apart from its row so that lists never load it."""

    paper = models.OneToOneField(Paper, models.PROTECT, primary_key=True, related_name="bytes")
    pdf = SealedBytes()

    def __str__(self) -> str:
        return str(self.paper_id)


class SignatureKind(models.TextChoices):
    """How a paper came to be signed."""

    EMBEDDED = "embedded", _("electronic signature in the file")
    DETACHED = "detached", _("electronic signature beside the file")
    BY_HAND = "by_hand", _("signed by hand on paper")


class PaperSignature(models.Model):
    """The head's signature under a notice or a refusal: his own key, a signature made elsewhere, or his hand on the print."""

    paper = models.OneToOneField(Paper, models.PROTECT, primary_key=True, related_name="signature")
    kind = models.CharField(max_length=10, choices=SignatureKind.choices)
    signer = models.ForeignKey(User, models.PROTECT, related_name="+")
    signed_at = models.DateTimeField()
    recorded_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField()
    subject = models.CharField(max_length=300, blank=True, help_text="whom the certificate names")
    serial = models.CharField(max_length=60, blank=True, help_text="serial number of the certificate, hexadecimal")
    fingerprint = models.CharField(max_length=64, blank=True, help_text="SHA-256 of the certificate")
    trusted = models.BooleanField(
        null=True, help_text="whether the chain led to a trusted root; null: no roots are set"
    )
    sha256 = models.CharField(max_length=64, blank=True, help_text="of the signed file")
    signed_pdf = SealedBytes(null=True)
    detached = SealedBytes(null=True)

    objects = ScopedQuerySet.as_manager()

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.signed_at:%d.%m.%Y}"
