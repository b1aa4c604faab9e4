"""Every act by its button: done by the right people in the right state, offered to them, refused to all others."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from applications import actions, intake, shipping
from applications.models import Case, Event
from applications.views import ACTS
from applications.workflow import State
from offices.policy import Staff, staff_at
from tests.factories import (
    FRIDAY,
    CentreTeam,
    Team,
    decide,
    edition,
    found,
    make_case,
    make_centre_case,
    make_centre_team,
    make_intake,
    make_staff,
    make_team,
    make_user,
)
from tests.files import PDF
from tests.pages import Page, post, sign_in, visit

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("moment")]


@pytest.fixture
def team() -> Team:
    return make_team()


@pytest.fixture
def centre() -> CentreTeam:
    return make_centre_team()


# ------------------------------------------------------------------ who may do it

_REFUSAL = {"kind": "refusal", "text": "Бас тартылды.", "facts": "Табыс анықтамасы деректерге сәйкес емес."}
_COMMISSION = {"number": "7", "decided_at": "2026-03-13T10:30"}
_ANYBODY = "clerk head deputy executor colleague"
# act: the state in which it waits, the roles that may do it in E8, what is typed, the state after it, its event.
EVERY_ACT: dict[str, tuple[str, str, dict[str, Any], str, str]] = {
    "take_in_again": (State.INCOMPLETE, "clerk", {}, State.REGISTERED, "register"),
    "register": (State.DISPATCHED, "clerk", {}, State.REGISTERED, "register"),
    "assign": (State.REGISTERED, "head deputy", {}, State.ASSIGNED, "assign"),
    "record_commission": (State.ASSIGNED, "executor", _COMMISSION, State.ASSIGNED, "record_commission"),
    "prepare": (State.ASSIGNED, "executor", _REFUSAL, State.PREPARED, "prepare"),
    "sign": (State.PREPARED, "head deputy", {}, State.SIGNED, "sign"),
    "return_for_rework": (State.PREPARED, "head deputy", {"reason": "Күні жоқ."}, State.ASSIGNED, "return_for_rework"),
    "enter_in_record_book": (State.SIGNED, "executor", {}, State.RECORDED, "enter_in_record_book"),
    "tell": (State.RECORDED, "executor", {"how": "sms"}, State.TOLD, "tell"),
    "hand_over": (State.TOLD, "executor", {"note": "өзі алды"}, State.HANDED_OVER, "hand_over"),
    "hand_out_at_centre": (State.READY_AT_CENTRE, "inspector", {}, State.HANDED_OVER, "hand_out_at_centre"),
    "reassign": (State.ASSIGNED, "head deputy", {"reason": "демалыс"}, State.ASSIGNED, "reassign"),
    "attach": (State.ASSIGNED, _ANYBODY, {"reason": "анықтама"}, State.ASSIGNED, "attach"),
    "withdraw": (State.ASSIGNED, _ANYBODY, {"reason": "өз қалауы"}, State.WITHDRAWN, "withdraw"),
    "annul": (State.REGISTERED, "clerk", {"reason": "қате"}, State.ANNULLED, "annul"),
}  # fmt: skip


def test_every_button_of_the_table_is_tested_here() -> None:
    assert set(EVERY_ACT) == set(ACTS)


@pytest.fixture
def people(team: Team, centre: CentreTeam) -> dict[str, Staff]:
    """Everybody who might press a button; the executor's colleague is the one to whom a case can be given."""
    return {
        "clerk": team.clerk, "head": team.head, "deputy": team.deputy, "executor": team.executor,
        "colleague": make_staff("south:shymkent", "executor"), "inspector": centre.inspector,
        "accumulator": centre.accumulator, "observer": make_staff("south:arys", "observer"),
    }  # fmt: skip


def waiting(act: str, team: Team, centre: CentreTeam) -> Case:
    """A case that waits for `act`."""
    state = EVERY_ACT[act][0]
    if act == "take_in_again":
        lacking = found(edition("E8"), no1="missing")
        return intake.take_in(make_intake(team, documents=lacking), by=team.clerk, at=FRIDAY)
    if act == "register":
        return make_centre_case(team, centre, state=state)
    if act == "record_commission":
        return make_case(make_team("akmola:kokshetau"), "E13", state=state)
    if act == "hand_out_at_centre":
        return at_the_centre(team, centre)
    return make_case(team, "E8", state=state)


def at_the_centre(team: Team, centre: CentreTeam, state: str = State.READY_AT_CENTRE) -> Case:
    """A case of the centre whose result is on the way there or has come."""
    case, at = make_centre_case(team, centre, state=State.REGISTERED), FRIDAY + timedelta(minutes=40)
    case = actions.assign(case, executor=team.executor.user, by=team.head, at=at)
    case = actions.sign(decide(case, team, at=at), by=team.head, at=at)
    case = actions.enter_in_record_book(case, by=team.clerk, at=at)
    shipping.send_to_centre([case.number], by=team.clerk, at=at)
    if state == State.SENT_TO_CENTRE:
        return Case.objects.get(pk=case.pk)
    case = shipping.receive_at_centre([case.number], by=centre.inspector, at=at)[0]
    return case if state != State.TOLD_AT_CENTRE else actions.tell(case, how="sms", by=centre.inspector, at=at)


def fill_in(act: str, case: Case, people: dict[str, Staff]) -> dict[str, Any]:
    """What a person types for `act`."""
    typed = dict(EVERY_ACT[act][2])
    if act == "take_in_again":
        typed |= {f"paper_{row.requirement_id}": "handed_in" for row in case.documents.filter(status="missing")}
    if act in ("assign", "reassign"):
        typed["executor"] = people["colleague"].user.pk
    if act == "prepare":
        typed["grounds"] = [case.edition.grounds.all()[0].pk]
    if act == "attach":
        typed["file"] = SimpleUploadedFile("анықтама.pdf", PDF, "application/pdf")
    return typed


def press(client: Client, act: str, case: Case, people: dict[str, Staff]) -> Page:
    """Send the form of `act` for the case as it stands, without having seen its page."""
    stands: dict[str, Any] = {"version": case.version, "token": uuid.uuid4(), "way": "in_person"}
    if act == "take_in_again":
        stands["received_at"] = "2026-03-13T10:50"
        stands |= dict.fromkeys((f"paper_{paper.pk}" for paper in case.edition.documents.all()), "not_checked")
    return post(client, f"/cases/{case.pk}/{act}/", **{**stands, **fill_in(act, case, people)})


@pytest.mark.parametrize("act", EVERY_ACT)
def test_an_act_is_done_by_the_right_people_and_nobody_else(
    act: str, team: Team, centre: CentreTeam, people: dict[str, Staff]
) -> None:
    _state, roles, _typed, after, event = EVERY_ACT[act]
    case = waiting(act, team, centre)
    if act == "record_commission":
        kokshetau = {role: make_staff("akmola:kokshetau", role) for role in ("clerk", "head", "deputy")}
        people = {**kokshetau, "executor": as_staff(case), "colleague": make_staff("akmola:kokshetau", "executor")}
    right = [name for name in people if name in roles.split()]
    for name, staff in people.items():
        if name not in right:
            refused = press(sign_in(staff), act, case, people)
            if refused.status == 404:  # a case of the counter is not there for the centre
                continue
            assert refused.status == 403, name
            assert "belongs to another role or another person" in refused.summary
            assert Case.objects.get(pk=case.pk).version == case.version, name
    client = sign_in(people[right[0]])
    assert f"/cases/{case.pk}/{act}/" in visit(client, f"/cases/{case.pk}/").html
    answer = visit(client, f"/cases/{case.pk}/{act}/").send(**fill_in(act, case, people))
    assert (answer.status, answer.response.headers.get("Location")) == (302, f"/cases/{case.pk}/"), answer.words
    case = Case.objects.get(pk=case.pk)
    last = Event.objects.filter(case=case).latest("pk")
    assert (case.state, last.kind, last.actor) == (after, event, people[right[0]].user)
    assert str(ACTS[act].label) in visit(client, f"/cases/{case.pk}/").words


def as_staff(case: Case) -> Staff:
    """The executor of a case with his powers."""
    assert case.executor is not None
    return staff_at(case.executor, FRIDAY)


@pytest.mark.parametrize("act", EVERY_ACT)
def test_every_entitled_person_is_offered_the_button_and_nobody_else(
    act: str, team: Team, centre: CentreTeam, people: dict[str, Staff]
) -> None:
    case = waiting(act, team, centre)
    if act == "record_commission":
        people = {"executor": as_staff(case), "head": make_staff("akmola:kokshetau", "head")}
    offered = {
        name
        for name, staff in people.items()
        if f"/cases/{case.pk}/{act}/" in visit(sign_in(staff), f"/cases/{case.pk}/").html
    }
    assert offered == {name for name in people if name in EVERY_ACT[act][1].split()}


# ------------------------------------------------------------------ every state with every act

# What can be done in each state, whoever asks; all else changes nothing.
LEGAL: dict[str, str] = {
    State.INCOMPLETE: "take_in_again attach withdraw",
    State.AT_CENTRE: "attach withdraw",
    State.COLLECTED: "attach withdraw",
    State.DISPATCHED: "register attach withdraw",
    State.REGISTERED: "assign annul attach withdraw",
    State.ASSIGNED: "prepare reassign attach withdraw",
    State.PREPARED: "sign return_for_rework attach withdraw",
    State.SIGNED: "enter_in_record_book attach",
    State.RECORDED: "tell hand_over attach",
    State.TOLD: "hand_over attach",
    State.SENT_TO_CENTRE: "attach",
    State.READY_AT_CENTRE: "hand_out_at_centre tell attach",
    State.TOLD_AT_CENTRE: "hand_out_at_centre attach",
    State.HANDED_OVER: "",
    State.WITHDRAWN: "",
    State.ANNULLED: "",
}


def in_state(state: str, team: Team, centre: CentreTeam) -> Case:
    """A case in `state`."""
    if state == State.INCOMPLETE:
        return waiting("take_in_again", team, centre)
    if state in (State.AT_CENTRE, State.COLLECTED, State.DISPATCHED):
        return make_centre_case(team, centre, state=state)
    if state in (State.SENT_TO_CENTRE, State.READY_AT_CENTRE, State.TOLD_AT_CENTRE):
        return at_the_centre(team, centre, state=state)
    if state in (State.WITHDRAWN, State.ANNULLED):
        act = actions.withdraw if state == State.WITHDRAWN else actions.annul
        return act(make_case(team), reason="қате", by=team.clerk, at=FRIDAY + timedelta(minutes=1))
    return make_case(team, state=state)


def test_the_table_knows_every_state() -> None:
    assert set(LEGAL) == set(State) - {State.NEW}


@pytest.mark.parametrize("state", LEGAL)
def test_in_each_state_only_its_acts_are_offered_and_all_others_change_nothing(
    state: str, team: Team, centre: CentreTeam, people: dict[str, Staff]
) -> None:
    case = in_state(state, team, centre)
    everything = make_user()
    for role in ("clerk", "head", "executor"):
        make_staff("south:shymkent", role, user=everything)
    for role in ("centre_inspector", "centre_accumulator"):
        make_staff("south:centre-shymkent-1", role, user=everything)
    Case.objects.filter(pk=case.pk).exclude(executor=None).update(executor=everything)
    client = sign_in(staff_at(everything, FRIDAY))
    offered = visit(client, f"/cases/{case.pk}/").html
    assert {act for act in ACTS if f"/cases/{case.pk}/{act}/" in offered} == set(LEGAL[state].split())
    events = Event.objects.count()
    for act in ACTS:
        if act not in LEGAL[state].split():
            assert press(client, act, case, people).status in (400, 403, 409), act
    case.refresh_from_db(fields=["version"])
    assert (case.state, Event.objects.count()) == (state, events)
