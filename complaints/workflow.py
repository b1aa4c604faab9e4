"""The machine of a complaint on one screen. The regime says within what time, who considers, and which outcomes there are."""

from typing import Any

from django.db import models
from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _
from django_fsm import FSMField, transition

from offices.workflow import Role


class ComplaintKind(TextChoices):
    """What somebody writes; kind and day of registration choose the regime."""

    SERVICE = "service", _("Complaint about a service")
    COMPLAINT = "complaint", _("Complaint against a decision")
    APPEAL = "appeal", _("Appeal to the body")


class State(TextChoices):
    """Where a complaint stands. There is no state for "not taken": refusing to take one is forbidden."""

    REGISTERED = "registered", _("Registered")
    INCOMPLETE = "incomplete", _("Something is missing in it")
    ASSIGNED = "assigned", _("Under consideration")
    CONSIDERED = "considered", _("Answer waits for signature")
    ANSWERED = "answered", _("Answered")
    TOLD = "told", _("Complainant told")
    DELIVERED = "delivered", _("Answer delivered, to be carried out")
    CLOSED = "closed", _("Closed")
    FORWARDED = "forwarded", _("Passed on")
    RETURNED = "returned", _("Returned with reasons")
    WITHDRAWN = "withdrawn", _("Withdrawn by the complainant")


ENDED = (State.CLOSED, State.RETURNED, State.WITHDRAWN)
# How the badge of a state looks.
TONES: dict[str, str] = {
    State.REGISTERED: "new", State.INCOMPLETE: "waiting", State.FORWARDED: "waiting", State.TOLD: "waiting",
    State.CLOSED: "done", State.RETURNED: "refused", State.WITHDRAWN: "refused",
}  # fmt: skip
# Whose desk a complaint lies on in each state.
AWAITED: dict[str, str] = {
    State.REGISTERED: Role.HEAD, State.ASSIGNED: Role.EXECUTOR, State.CONSIDERED: Role.HEAD, State.ANSWERED: Role.CLERK,
    State.TOLD: Role.CLERK, State.FORWARDED: Role.CLERK, State.INCOMPLETE: Role.CLERK,
}  # fmt: skip
# Where a complaint stands, said to the person whose complaint it is.
STAGES: dict[str, Any] = {
    State.REGISTERED: _("Your complaint is registered."),
    State.INCOMPLETE: _("Something is missing in your complaint. The office has written to you what it is."),
    State.ASSIGNED: _("Your complaint is being considered."),
    State.CONSIDERED: _("The answer is written and waits for signature."),
    State.ANSWERED: _("The answer is ready."),
    State.TOLD: _("The answer is ready, and you were told."),
    State.DELIVERED: _("The answer was given to you, and what it grants is being carried out."),
    State.CLOSED: _("The complaint is closed: it is answered, and what was granted is carried out."),
    State.FORWARDED: _("Your complaint was passed on to the body that considers it."),
    State.RETURNED: _("Your complaint was returned to you with the reasons."),
    State.WITHDRAWN: _("You have taken the complaint back."),
}
BEFORE_THE_ANSWER = (State.REGISTERED, State.INCOMPLETE, State.ASSIGNED, State.CONSIDERED, State.FORWARDED)
ANSWER_GIVEN = (State.ANSWERED, State.TOLD, State.DELIVERED, State.CLOSED)


class ComplaintMachine(models.Model):
    """Every legal move of a complaint. The bodies are empty on purpose: what else happens stands in actions.py."""

    state = FSMField(_("state"), default=State.REGISTERED, choices=State.choices, protected=True)

    class Meta:
        abstract = True

    @transition(field=state, source=State.REGISTERED, target=State.INCOMPLETE)
    def ask_for_missing(self) -> None:
        """What is missing is named, and time is given for it."""

    @transition(field=state, source=State.INCOMPLETE, target=State.REGISTERED)
    def complete(self) -> None:
        """What was missing has come."""

    @transition(field=state, source=[State.REGISTERED, State.INCOMPLETE], target=State.RETURNED)
    def send_back(self) -> None:
        """Returned to the person with the reasons."""

    @transition(field=state, source=State.REGISTERED, target=State.ASSIGNED)
    def assign(self) -> None:
        """Resolution: who considers it."""

    @transition(field=state, source=[State.REGISTERED, State.ASSIGNED], target=State.FORWARDED)
    def forward(self) -> None:
        """Passed on to the body that has to consider it."""

    @transition(field=state, source=State.FORWARDED, target=State.REGISTERED)
    def take_over(self) -> None:
        """Registered by the body to which it was passed on."""

    @transition(field=state, source=State.FORWARDED, target=State.ANSWERED)
    def record_answer(self) -> None:
        """A body outside this system has answered; its answer is recorded here."""

    @transition(field=state, source=State.ASSIGNED, target=State.CONSIDERED)
    def consider(self) -> None:
        """Considered: found substantiated or not, outcome chosen, answer written."""

    @transition(field=state, source=State.CONSIDERED, target=State.ASSIGNED)
    def return_for_rework(self) -> None:
        """Given back by the head with a reason."""

    @transition(field=state, source=State.CONSIDERED, target=State.ANSWERED)
    def answer(self) -> None:
        """The answer is signed."""

    @transition(field=state, source=State.ANSWERED, target=State.TOLD)
    def tell(self) -> None:
        """The person was told that the answer is ready."""

    @transition(field=state, source=[State.ANSWERED, State.TOLD], target=State.DELIVERED)
    def deliver(self) -> None:
        """The answer was handed over or sent; what it grants has still to be carried out."""

    @transition(field=state, source=[State.ANSWERED, State.TOLD, State.DELIVERED], target=State.CLOSED)
    def close(self) -> None:
        """Answer delivered, and nothing is left to be carried out."""

    @transition(field=state, source=list(BEFORE_THE_ANSWER), target=State.WITHDRAWN)
    def withdraw(self) -> None:
        """Taken back by the person."""
