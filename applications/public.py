"""The applicant's own look at his case: number and code of the talon, nothing that tells who he is or why."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django import forms
from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from applications import clock, following, queries
from applications.casework import ActRefused
from applications.following import STAGES
from applications.identifiers import same_code, talon_code
from applications.models import Case, Channel, ClockKind, FollowChannel
from applications.workflow import AWAITED, CLOSED, State
from offices.limits import Limit, address_of, network_of
from offices.models import RateCounter
from offices.policy import public
from offices.sending import dialled
from offices.text import current_language
from services.models import Step
from services.queries import steps_of
from services.workflow import StepTransition, Trigger

TRIES_A_MINUTE, TRIES_A_MINUTE_OF_A_NETWORK = 10, 60
_MINUTE = 60
_PERMIT = "status.follow"
_AT_CENTRE_ONLY = (
    StepTransition.ACCEPT_AT_WINDOW,
    StepTransition.COLLECT,
    StepTransition.DISPATCH,
    StepTransition.HAND_OUT_AT_CENTRE,
)
_READY = (State.RECORDED, State.TOLD, State.READY_AT_CENTRE, State.TOLD_AT_CENTRE)


class StatusForm(forms.Form):
    """Number and code, as both stand on the talon."""

    number = forms.CharField(
        label=_("Number of the application"),
        max_length=30,
        help_text=_("It stands on the talon, such as SHM-2026-00017."),
        widget=forms.TextInput(
            {
                "class": "govuk-input--width-20",
                "autocomplete": "off",
                "spellcheck": "false",
                "autocapitalize": "characters",
            }
        ),
    )
    code = forms.CharField(
        label=_("Code"),
        max_length=20,
        help_text=_("Ten letters and figures below the number, such as 7KQ2M-X4PDA."),
        widget=forms.TextInput(
            {
                "class": "govuk-input--width-20",
                "autocomplete": "off",
                "spellcheck": "false",
                "autocapitalize": "characters",
            }
        ),
    )


class FollowForm(forms.Form):
    """Where to tell of each change."""

    permit = forms.CharField(max_length=200, widget=forms.HiddenInput)
    email = forms.EmailField(label=_("E-mail"), required=False)
    phone = forms.CharField(
        label=_("Phone for SMS"), max_length=40, required=False, widget=forms.TextInput({"type": "tel"})
    )

    def clean_phone(self) -> str:
        """A number that an SMS can be sent to; a foreign one has + and the code of its country."""
        typed: str = self.cleaned_data["phone"]
        if typed and dialled(typed) is None:
            raise forms.ValidationError(
                _("This is no phone number. A foreign one begins with + and the code of the country.")
            )
        return typed

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if not self.errors and not data.get("email") and not data.get("phone"):
            self.add_error("email", _("Give an e-mail address or a phone."))
        return data


@public
@require_http_methods(["GET", "HEAD", "POST"])
def follow(request: HttpRequest) -> HttpResponse:
    """Ask to be told of each change. Only a page that has just shown the case gives the permit that this needs."""
    form, now = FollowForm(request.POST), timezone.now()
    pk = permitted(request.POST.get("permit", "")) if request.method == "POST" else None
    shown_before = Case.objects.everywhere("the permit of a page that has shown the case")
    found = shown_before.select_related("edition__service", "office", "centre").prefetch_related("clocks")
    case: Case | None = found.filter(pk=pk).first() if pk else None
    if case is None:
        return redirect("status")
    context: dict[str, Any] = {
        "language_next": reverse("status"),
        "empty_form": StatusForm(),
        "found": _shown(case, now),
    }
    if not form.is_valid():
        return _status_page(request, {**context, "follow": form}, 400)
    try:
        for channel, name in ((FollowChannel.EMAIL, "email"), (FollowChannel.SMS, "phone")):
            if address := form.cleaned_data[name]:
                following.follow(case, channel, address, language=current_language(), at=now)
    except ActRefused as refusal:
        form.add_error(None, refusal.message)
        return _status_page(request, {**context, "follow": form}, refusal.status)
    return _status_page(request, {**context, "followed": True})


def permit_for(case: Case) -> str:
    """What lets the page that has shown the case ask for messages, for an hour; number and code stand in no page."""
    return signing.dumps(case.pk, salt=_PERMIT)


def permitted(permit: str) -> int | None:
    """The case of a permit, None for a false or old one."""
    try:
        return int(signing.loads(permit, salt=_PERMIT, max_age=60 * _MINUTE))
    except (signing.BadSignature, ValueError):
        return None


@public
@require_http_methods(["GET", "HEAD", "POST"])
def stop_following(request: HttpRequest, key: UUID) -> HttpResponse:
    """The link in a message: a page with one button, because programs that read mail open links by themselves."""
    if request.method == "POST":
        following.stop(key)
    response = render(request, "applications/stop_following.html", {"stopped": request.method == "POST"})
    response["Cache-Control"] = "no-store"
    return response


def _status_page(request: HttpRequest, context: dict[str, Any], status: int = 200) -> HttpResponse:
    response = render(request, "applications/status.html", context, status=status)
    response["Cache-Control"] = "no-store"
    return response


@public
@require_http_methods(["GET", "HEAD", "POST"])
def status(request: HttpRequest) -> HttpResponse:
    """The form, and below it what became of the case whose number and code were typed.

    An unknown number and a wrong code give the same answer, so that nobody learns which numbers exist.
    """
    form = StatusForm(request.POST or None)
    context: dict[str, Any] = {"form": form, "language_next": reverse("status")}
    answer = 200
    if request.method == "POST" and form.is_valid():
        if tries_used_up(request):
            form.add_error(None, _("Too many tries from your place. Wait a minute, then send the form again."))
            answer = 429
        elif (case := find(form.cleaned_data["number"], form.cleaned_data["code"])) is None:
            count_failed_try(request)
            form.add_error(None, _("No application has this number together with this code. Check both on the talon."))
        else:
            context |= {"found": _shown(case, timezone.now()), "empty_form": StatusForm()}
            context |= {"follow": FollowForm(initial={"permit": permit_for(case)}) if case.is_open else None}
    response = _status_page(request, context, answer)
    if answer == 429:
        response["Retry-After"] = str(_MINUTE - int(timezone.now().timestamp()) % _MINUTE)
    return response


def find(number: str, code: str) -> Case | None:
    """The case of that number if `code` is its code; one whose personal data were erased is as if it had never been."""
    everywhere = Case.objects.everywhere("number and code of the talon")
    if (key := key_of(everywhere.numbered(number).filter(erasure=None), code)) is None:
        return None
    found = everywhere.select_related("edition__service", "office", "centre")
    case: Case = found.prefetch_related("clocks").get(pk=key)
    return case


def key_of(rows: Any, code: str) -> int | None:
    """The key of the one row if `code` is its talon's. No row costs the same as a wrong code: one query, one comparison."""
    row = rows.values_list("pk", "key").first()
    expected = talon_code(settings.TALON_KEY, str(row[1]) if row else "no such case")
    return int(row[0]) if same_code(expected, code) and row is not None else None


# ------------------------------------------------------------------ tries


def tries_used_up(request: HttpRequest, what: str = "status") -> bool:
    """Whether this minute's wrong tries of this address, or of its whole network, are used up; `what` has a count of its own."""
    place, network = _limits(what)
    full = place.full(address_of(request)) | network.full(network_of(request))
    return RateCounter.objects.filter(full).exists()


def count_failed_try(request: HttpRequest, what: str = "status") -> None:
    """Note a wrong try; right ones do not count, so that a terminal in a waiting hall serves everybody."""
    place, network = _limits(what)
    place.count(address_of(request))
    network.count(network_of(request))


def _limits(what: str) -> tuple[Limit, Limit]:
    return Limit(what, TRIES_A_MINUTE, _MINUTE), Limit(f"{what}-network", TRIES_A_MINUTE_OF_A_NETWORK, _MINUTE)


# ------------------------------------------------------------------ what is shown


@dataclass(frozen=True)
class Stage:
    """A line of the way: a step of the act, and whether it is done, current or still to come."""

    step: Step
    place: str


def _shown(case: Case, now: datetime) -> dict[str, Any]:
    """What the page may know: stage, next act and its role, dates with their sums, where to collect. Nobody's name."""
    awaited = _awaited(case)
    places = {case.office_id: case.office, case.centre_id: case.centre or case.office}
    running = [row for row in case.clocks.all() if row.stopped_at is None and case.is_open]
    clocks = sorted(running, key=lambda row: row.kind == ClockKind.OVERALL)
    return {
        "case": case,
        "stage": STAGES.get(case.state, case.get_state_display()),
        "next": awaited,
        "ready": case.state in _READY,
        "closed": case.state in CLOSED,
        "clocks": [(row, queries.due_badge(row.due_at, now, places[row.office_id])) for row in clocks],
        "waits_for_commission": _waits_for_commission(case),
        "way": _way(case, awaited),
        "collect": places[case.centre_id],
    }


def _awaited(case: Case) -> Step | None:
    transition = AWAITED.get(case.state)
    if case.state == State.SENT_TO_CENTRE:
        transition = StepTransition.HAND_OUT_AT_CENTRE
    return clock.step_of(case, transition)


def _waits_for_commission(case: Case) -> bool:
    """Whether the term of the whole service has not begun, because a commission has still to decide."""
    if case.commission_at or case.state not in (State.REGISTERED, State.ASSIGNED):
        return False
    if any(row.kind == ClockKind.OVERALL for row in case.clocks.all()):
        return False
    norm = clock.overall_norm(case)
    return norm is not None and norm.trigger == Trigger.COMMISSION_DECISION


def _way(case: Case, awaited: Step | None) -> list[Stage]:
    """The steps of the act in their order, those of a centre only where the case came through one."""
    if case.state in (State.WITHDRAWN, State.ANNULLED, State.INCOMPLETE):
        return []
    through_centre = case.channel == Channel.CENTRE
    steps = [step for step in steps_of(case.edition) if through_centre or step.transition not in _AT_CENTRE_ONLY]
    places = ["done"] * len(steps)
    if awaited is not None and awaited in steps:
        here = steps.index(awaited)
        places[here:] = ["current", *["future"] * (len(steps) - here - 1)]
    return [Stage(step, place) for step, place in zip(steps, places, strict=True)]
