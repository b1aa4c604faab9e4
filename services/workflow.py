"""The life of an edition, and the words that its definition is written in."""

from django.db import models
from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _
from django_fsm import FSMField, FSMModelMixin, transition


class EditionState(TextChoices):
    """Draft, in force for new cases, or closed for new cases."""

    DRAFT = "draft", _("Draft")
    PUBLISHED = "published", _("Published")
    WITHDRAWN = "withdrawn", _("Withdrawn")


class EditionMachine(FSMModelMixin, models.Model):
    """Draft → published → withdrawn. A published edition is never changed; an amendment is a new version."""

    state = FSMField(_("state"), default=EditionState.DRAFT, choices=EditionState.choices, protected=True)

    class Meta:
        abstract = True

    @transition(field=state, source=EditionState.DRAFT, target=EditionState.PUBLISHED)
    def publish(self) -> None:
        """Put the edition into force for new cases."""

    @transition(field=state, source=EditionState.PUBLISHED, target=EditionState.WITHDRAWN)
    def withdraw(self) -> None:
        """Close the edition for new cases; running ones stay on it."""


class StructuralUnit(TextChoices):
    """Structural-functional units (ҚФБ) that a regulation's table names."""

    CLERK = "clerk", _("Registry clerk")
    HEAD = "head", _("Head")
    EXECUTOR = "executor", _("Responsible executor")
    CENTRE_INSPECTOR = "centre_inspector", _("Inspector of the service centre")
    CENTRE_ACCUMULATOR = "centre_accumulator", _("Inspector of the accumulation unit")


class StepTransition(TextChoices):
    """What a row of table 1 does to a case."""

    ACCEPT_AT_WINDOW = "accept_at_window", _("Take the documents at the window")
    COLLECT = "collect", _("Collect from the windows")
    DISPATCH = "dispatch", _("Send to the department")
    REGISTER = "register", _("Take and register")
    ASSIGN = "assign", _("Give a resolution")
    PREPARE = "prepare", _("Prepare the decision")
    SIGN = "sign", _("Sign")
    HAND_OVER = "hand_over", _("Record and hand over")
    HAND_OUT_AT_CENTRE = "hand_out_at_centre", _("Hand out at the centre")


class Trigger(TextChoices):
    """What starts the overall clock."""

    DOCUMENTS_HANDED_IN = "documents_handed_in", _("documents handed in")
    COMMISSION_DECISION = "commission_decision", _("decision of the commission")
    REGISTRATION = "registration", _("registration")


class ResultKind(TextChoices):
    """What the applicant leaves with on the main path."""

    NOTICE = "notice", _("notification")
    CERTIFICATE = "certificate", _("certificate")
    REFERRAL = "referral", _("referral")
    RECORD_CARD = "record_card", _("personal record card")
    DECISION = "decision", _("decision")
