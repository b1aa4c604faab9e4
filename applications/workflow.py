"""The machine of a case on one screen. One machine serves every edition; the edition says who acts and within what time."""

from django.db import models
from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _
from django_fsm import FSMField, transition

from services.workflow import StepTransition


class State(TextChoices):
    """Where a case stands."""

    NEW = "new", _("New")
    INCOMPLETE = "incomplete", _("Papers missing")
    AT_CENTRE = "at_centre", _("Taken at the service centre")
    COLLECTED = "collected", _("In the accumulation unit")
    DISPATCHED = "dispatched", _("On the way to the department")
    REGISTERED = "registered", _("Registered")
    ASSIGNED = "assigned", _("With the executor")
    PREPARED = "prepared", _("Waiting for signature")
    SIGNED = "signed", _("Signed")
    RECORDED = "recorded", _("In the record book")
    TOLD = "told", _("Applicant told")
    SENT_TO_CENTRE = "sent_to_centre", _("On the way to the centre")
    READY_AT_CENTRE = "ready_at_centre", _("Ready at the centre")
    TOLD_AT_CENTRE = "told_at_centre", _("Ready at the centre, applicant told")
    HANDED_OVER = "handed_over", _("Handed over")
    WITHDRAWN = "withdrawn", _("Withdrawn by the applicant")
    ANNULLED = "annulled", _("Registration annulled")


CLOSED = (State.HANDED_OVER, State.WITHDRAWN, State.ANNULLED)
OPEN = tuple(state for state in State if state not in CLOSED)
# How the badge of a state looks.
TONES: dict[str, str] = {
    State.REGISTERED: "new", State.INCOMPLETE: "waiting", State.TOLD: "waiting", State.HANDED_OVER: "done",
    State.WITHDRAWN: "refused", State.ANNULLED: "refused",
}  # fmt: skip
# Until the package reaches the department nothing is decided; after signing nothing can be taken back.
WITHDRAWABLE = (
    State.INCOMPLETE, State.AT_CENTRE, State.COLLECTED, State.DISPATCHED, State.REGISTERED, State.ASSIGNED, State.PREPARED,
)  # fmt: skip

# Decided, and the decision is out of the head's hands: only a complaint can set it aside.
DECIDED = (State.RECORDED, State.TOLD, State.READY_AT_CENTRE, State.TOLD_AT_CENTRE, State.HANDED_OVER)

# The row of table 1 that a case waits for in each state: its unit has the case on the desk, its norm is running.
AWAITED: dict[str, StepTransition] = {
    State.AT_CENTRE: StepTransition.COLLECT,
    State.COLLECTED: StepTransition.DISPATCH,
    State.DISPATCHED: StepTransition.REGISTER,
    State.REGISTERED: StepTransition.ASSIGN,
    State.ASSIGNED: StepTransition.PREPARE,
    State.PREPARED: StepTransition.SIGN,
    State.SIGNED: StepTransition.HAND_OVER,
    State.RECORDED: StepTransition.HAND_OVER,
    State.TOLD: StepTransition.HAND_OVER,
    State.READY_AT_CENTRE: StepTransition.HAND_OUT_AT_CENTRE,
    State.TOLD_AT_CENTRE: StepTransition.HAND_OUT_AT_CENTRE,
}


class CaseMachine(models.Model):
    """Every legal move of a case. The bodies are empty on purpose: what else happens stands in actions.py."""

    state = FSMField(_("state"), default=State.NEW, choices=State.choices, protected=True)

    class Meta:
        abstract = True

    @transition(field=state, source=[State.NEW, State.INCOMPLETE], target=State.INCOMPLETE)
    def find_incomplete(self) -> None:
        """Papers are missing: the whole list goes out, nothing is registered."""

    @transition(field=state, source=[State.NEW, State.INCOMPLETE], target=State.AT_CENTRE)
    def accept_at_window(self) -> None:
        """Taken at a window of the service centre."""

    @transition(field=state, source=State.AT_CENTRE, target=State.COLLECTED)
    def collect(self) -> None:
        """Collected from the window by the accumulation unit."""

    @transition(field=state, source=State.COLLECTED, target=State.DISPATCHED)
    def dispatch(self) -> None:
        """Sent to the department with a dispatch list."""

    @transition(field=state, source=[State.NEW, State.INCOMPLETE, State.DISPATCHED], target=State.REGISTERED)
    def register(self) -> None:
        """Registered by the department."""

    @transition(field=state, source=State.REGISTERED, target=State.ASSIGNED)
    def assign(self) -> None:
        """Resolution: the executor is named."""

    @transition(field=state, source=State.ASSIGNED, target=State.PREPARED)
    def prepare(self) -> None:
        """Notice or reasoned refusal prepared: the same state with another decision and another document."""

    @transition(field=state, source=State.PREPARED, target=State.ASSIGNED)
    def return_for_rework(self) -> None:
        """Given back by the head with a reason."""

    @transition(field=state, source=State.PREPARED, target=State.SIGNED)
    def sign(self) -> None:
        """Signed by the head."""

    @transition(field=state, source=State.SIGNED, target=State.RECORDED)
    def enter_in_record_book(self) -> None:
        """Entered in the record book."""

    @transition(field=state, source=State.RECORDED, target=State.TOLD)
    def tell(self) -> None:
        """The applicant was told that the result is ready."""

    @transition(field=state, source=State.RECORDED, target=State.SENT_TO_CENTRE)
    def send_to_centre(self) -> None:
        """The result was sent to the service centre with a dispatch list."""

    @transition(field=state, source=State.SENT_TO_CENTRE, target=State.READY_AT_CENTRE)
    def receive_at_centre(self) -> None:
        """The result was scanned in at the centre."""

    @transition(field=state, source=State.READY_AT_CENTRE, target=State.TOLD_AT_CENTRE)
    def tell_from_centre(self) -> None:
        """The applicant was told by the centre."""

    @transition(field=state, source=[State.RECORDED, State.TOLD], target=State.HANDED_OVER)
    def hand_over(self) -> None:
        """Handed over in person, posted or sent."""

    @transition(field=state, source=[State.READY_AT_CENTRE, State.TOLD_AT_CENTRE], target=State.HANDED_OVER)
    def hand_out_at_centre(self) -> None:
        """Handed out at the centre."""

    @transition(field=state, source=list(DECIDED), target=State.ASSIGNED)
    def reopen(self) -> None:
        """A complaint was found right: the decision is set aside, and the executor has the case again."""

    @transition(field=state, source=list(WITHDRAWABLE), target=State.WITHDRAWN)
    def withdraw(self) -> None:
        """Taken back by the applicant."""

    @transition(field=state, source=State.REGISTERED, target=State.ANNULLED)
    def annul(self) -> None:
        """Registered by mistake: the number keeps its row with the reason."""
