"""A complaint from its registration to what follows from it: who may do what, and what the law forbids."""

from __future__ import annotations

import uuid
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from applications import actions as on_cases
from applications import data_rights
from applications.casework import ActRefused
from applications.models import Event, Paper
from applications.workflow import State as CaseState
from complaints import actions, intake, queries
from complaints.intake import Received
from complaints.models import Complaint
from complaints.workflow import State
from offices.models import Membership, Substitution
from offices.policy import staff_at
from tests.complaints.makers import SOON, bring_to, make_complaint, make_refused_complaint
from tests.factories import ALMATY, FRIDAY, Team, decide, make_person, make_staff, make_team, office

pytestmark = pytest.mark.django_db
NEXT_WEEK = datetime(2026, 3, 18, 10, 0, tzinfo=ALMATY)


@pytest.fixture
def team() -> Team:
    return make_team()


def consider(complaint: Complaint, by: Any, at: datetime, **fields: Any) -> Complaint:
    words = {"substantiated": True, "outcome": "satisfied", "text": "Негізді.", **fields}
    return actions.consider(complaint, **words, by=by, at=at)


# ------------------------------------------------------------------ registration


def test_a_complaint_is_registered_in_the_journal_with_number_talon_and_event(team: Team) -> None:
    complaint = make_complaint(team)
    assert (complaint.state, complaint.number) == (State.REGISTERED, "SHM-C-2026-00001")
    talon = Paper.objects.get(subject=complaint.subject)
    assert talon.kind == "complaint_talon"
    assert talon.data["taker"]["name"] == team.clerk.user.get_full_name()
    for field in ("number", "received_at", "registered_at", "reply_way", "code", "answer_due", "answer_why"):
        assert talon.data[field], field
    event = Event.objects.get(subject=complaint.subject)
    assert (event.kind, event.actor, event.payload["number"]) == (
        "complaint_register",
        team.clerk.user,
        complaint.number,
    )
    assert make_complaint(team).number == "SHM-C-2026-00002"


def test_the_site_registers_by_itself_and_a_form_sent_twice_is_one_complaint(team: Team) -> None:
    received = Received("service", team.office, "site", "queue", "Үш сағат күттім.", SOON, person=make_person())
    token = uuid.uuid4()
    first = intake.register(received, by=None, at=SOON, token=token)
    again = intake.register(received, by=None, at=SOON + timedelta(minutes=1), token=token)
    assert first == again
    assert Complaint.objects.count() == 1
    event = Event.objects.get(subject=first.subject)
    assert (event.actor, event.office) == (None, team.office)
    other = Received("service", team.office, "site", "queue", "Басқа мәтін.", SOON, person=make_person())
    with pytest.raises(ActRefused, match="already sent"):
        intake.register(other, by=None, at=SOON, token=token)


def test_what_a_visitor_types_changes_nothing_that_the_office_knows_of_a_person(team: Team) -> None:
    data = make_person(phone="+7 701 111 22 33")
    person = make_complaint(team, person=data).person
    assert person is not None
    typed = make_person(iin=data.iin, phone="+7 702 999 99 99", address="Басқа мекенжай")
    same = make_complaint(team, through_site=True, person=typed)
    assert same.person == person
    assert same.contacts["phone"] == "+7 702 999 99 99"
    person.refresh_from_db()
    assert person.phone == "+7 701 111 22 33"

    stranger = make_complaint(
        team, through_site=True, person=make_person(iin=data.iin, last_name="Ким", first_name="Ли")
    )
    assert stranger.person not in (None, person)
    assert stranger.person is not None
    assert (stranger.person.iin, stranger.contacts["iin"]) == ("", data.iin)


def test_a_complaint_that_lacks_everything_is_taken_all_the_same(team: Team) -> None:
    complaint = make_complaint(team, "appeal", person=None, essence=" ")
    assert complaint.state == State.REGISTERED
    assert complaint.missing == ["name", "iin", "address", "essence"]


# ------------------------------------------------------------------ defective and anonymous ones


def test_what_is_missing_is_asked_for_at_once_and_after_the_time_given_it_is_returned_with_reasons(team: Team) -> None:
    complaint = make_complaint(team, "appeal", person=None, at=SOON)
    until = date(2026, 3, 17)
    complaint = actions.ask_for_missing(complaint, missing=["name", "address"], until=until, by=team.clerk, at=SOON)
    assert complaint.state == State.INCOMPLETE
    notice = Paper.objects.get(subject=complaint.subject, kind="complaint_notice")
    assert (notice.data["what"], notice.data["until"], len(notice.data["missing"])) == ("missing", "17.03.2026", 2)

    with pytest.raises(ActRefused, match="time given"):
        actions.send_back(
            complaint, reason="Толықтырылмады", by=team.head, at=datetime(2026, 3, 17, 18, 0, tzinfo=ALMATY)
        )
    done = actions.send_back(complaint, reason="Толықтырылмады", by=team.head, at=NEXT_WEEK)
    assert (done.state, done.is_open) == (State.RETURNED, False)
    assert not done.clocks.filter(stopped_at=None).exists()


def test_what_was_missing_comes_and_the_term_of_the_answer_runs_on(team: Team) -> None:
    complaint = make_complaint(team, "appeal", person=None, at=SOON)
    due = complaint.clocks.get(kind="answer").due_at
    complaint = actions.ask_for_missing(complaint, missing=["name"], until=date(2026, 3, 17), by=team.clerk, at=SOON)
    person = make_person(address="Шымкент")
    complaint = actions.complete(complaint, person=person, text="Қосымша мәлімет", by=team.clerk, at=NEXT_WEEK)
    assert (complaint.state, complaint.missing) == (State.REGISTERED, [])
    assert complaint.person is not None
    assert complaint.person.last_name == person.last_name
    assert complaint.essence.endswith("Қосымша мәлімет")
    assert complaint.clocks.get(kind="answer").due_at == due


def test_law_221_leaves_the_anonymous_unconsidered_at_once_and_gives_no_time(team: Team) -> None:
    complaint = make_complaint(team, "complaint", person=None, at=datetime(2021, 6, 15, 10, 0, tzinfo=ALMATY))
    at = datetime(2021, 6, 16, 10, 0, tzinfo=ALMATY)
    with pytest.raises(ActRefused, match="gives no time"):
        actions.ask_for_missing(complaint, missing=["name"], until=date(2021, 6, 20), by=team.clerk, at=at)
    assert actions.send_back(complaint, reason="Аноним", by=team.head, at=at).state == State.RETURNED


# ------------------------------------------------------------------ not by the official complained of


def test_who_is_complained_of_neither_assigns_nor_considers_nor_signs(team: Team) -> None:
    complaint = make_complaint(team, challenged=team.executor.user, about="conduct")
    with pytest.raises(ActRefused, match="may not consider it"):
        actions.assign(complaint, executor=team.executor.user, by=team.head, at=SOON)
    other = make_staff("south:shymkent", "executor")
    complaint = actions.assign(complaint, executor=other.user, by=team.head, at=SOON)
    assert complaint.executor == other.user


def test_who_prepared_or_signed_the_decision_does_not_consider_the_complaint_against_it(team: Team) -> None:
    complaint = make_refused_complaint(team)
    assert complaint.decision is not None
    with pytest.raises(ActRefused, match="about you") as refused:
        actions.assign(complaint, executor=team.executor.user, by=team.head, at=SOON)
    assert refused.value.status == 403
    with pytest.raises(ActRefused) as refused:
        actions.assign(complaint, executor=team.executor.user, by=team.deputy, at=SOON)
    assert refused.value.field == "executor"
    assert "assign" not in queries.possible_acts(complaint, team.head)
    assert "assign" in queries.possible_acts(complaint, team.deputy)


def test_a_deputy_who_acts_for_the_head_complained_of_does_it_by_his_own_power_only(team: Team) -> None:
    stranger = make_staff("south:arys", "executor").user
    day = {"order_date": FRIDAY, "valid_from": FRIDAY, "valid_to": FRIDAY + timedelta(days=9)}
    Substitution.objects.create(
        office=team.office, absent=team.head.user, deputy=stranger, role="head", order_number="5", **day
    )
    complaint = make_refused_complaint(team)
    with pytest.raises(ActRefused, match="about you"):
        actions.assign(complaint, executor=team.deputy.user, by=staff_at(stranger, SOON), at=SOON)


def test_a_complaint_about_the_head_goes_up_and_he_sees_it(team: Team) -> None:
    complaint = make_complaint(team, challenged=team.head.user, about="conduct")
    assert complaint.about_head
    assert Complaint.objects.visible_to(team.head).get() == complaint
    with pytest.raises(ActRefused, match="higher body"):
        actions.assign(complaint, executor=team.executor.user, by=team.deputy, at=SOON)
    assert queries.possible_acts(complaint, team.head)[0] == "forward"
    complaint = actions.forward(
        complaint, to=None, to_body="Облыстық басқарма", reason="Басшыға қатысты", by=team.head, at=SOON
    )
    assert complaint.state == State.FORWARDED


def test_the_body_complained_of_grants_in_full_or_passes_on(team: Team) -> None:
    other = make_staff("south:shymkent", "executor")
    complaint = bring_to(make_refused_complaint(team, "complaint"), team, State.ASSIGNED, other=other)
    with pytest.raises(ActRefused, match="only grant the complaint in full"):
        consider(complaint, other, SOON + timedelta(minutes=5), substantiated=False, outcome="unsatisfied")
    complaint = consider(complaint, other, SOON + timedelta(minutes=5), outcome="cancel_and_decide")
    complaint = actions.answer(complaint, by=team.deputy, at=SOON + timedelta(minutes=6))
    assert (complaint.satisfied, complaint.in_time) == ("full", True)


# ------------------------------------------------------------------ considering


def test_the_outcome_is_of_the_laws_list_and_fits_what_was_found(team: Team) -> None:
    complaint = bring_to(make_complaint(team), team, State.ASSIGNED)
    for fields, field in (
        ({"outcome": "cancel"}, "outcome"), ({"substantiated": False}, "substantiated"), ({"text": " "}, "text"),
    ):  # fmt: skip
        with pytest.raises(ActRefused) as refused:
            consider(complaint, team.executor, SOON + timedelta(minutes=5), **fields)
        assert refused.value.field == field


def test_before_an_unfavourable_answer_the_person_is_heard(team: Team) -> None:
    complaint = bring_to(make_complaint(team, "appeal", at=SOON), team, State.ASSIGNED)
    refusal = {"substantiated": False, "outcome": "refused"}
    with pytest.raises(ActRefused, match="right to be heard"):
        consider(complaint, team.executor, SOON + timedelta(minutes=5), **refusal)
    # Given on Friday 13 March: objections until the 17th, the answer from the 18th.
    complaint = actions.give_preliminary(complaint, text="Негізсіз деп есептейміз.", by=team.executor, at=SOON)
    objection = complaint.clocks.get(kind="objection")
    assert f"{objection.due_at.astimezone(ALMATY):%d.%m %H:%M}" == "17.03 18:00"
    complaint = actions.record_objection(complaint, text="Келіспеймін.", by=team.clerk, at=SOON + timedelta(minutes=10))
    complaint = consider(complaint, team.executor, SOON + timedelta(minutes=20), **refusal)
    with pytest.raises(ActRefused, match=r"from 18\.03\.2026"):
        actions.answer(complaint, by=team.head, at=datetime(2026, 3, 17, 17, 0, tzinfo=ALMATY))
    complaint = actions.answer(complaint, by=team.head, at=NEXT_WEEK)
    assert (complaint.state, complaint.satisfied, complaint.objection) == (State.ANSWERED, "none", "Келіспеймін.")


@pytest.mark.parametrize("kind", ["appeal", "service"])
def test_who_asks_not_to_be_heard_or_has_no_right_to_it_is_answered_at_once(team: Team, kind: str) -> None:
    complaint = bring_to(make_complaint(team, kind, at=SOON), team, State.ASSIGNED)
    if kind == "appeal":
        complaint = actions.give_preliminary(complaint, text="", waived=True, by=team.executor, at=SOON)
    outcome = "refused" if kind == "appeal" else "unsatisfied"
    complaint = consider(complaint, team.executor, SOON, substantiated=False, outcome=outcome)
    assert actions.answer(complaint, by=team.head, at=SOON).state == State.ANSWERED


def test_nobody_signs_the_answer_he_prepared_unless_he_is_the_whole_office(team: Team) -> None:
    complaint = actions.assign(make_complaint(team), executor=team.deputy.user, by=team.head, at=SOON)
    complaint = consider(complaint, team.deputy, SOON)
    with pytest.raises(ActRefused, match="another person must sign"):
        actions.answer(complaint, by=team.deputy, at=SOON)
    assert "answer" not in queries.possible_acts(complaint, team.deputy)
    Membership.objects.filter(office=team.office).exclude(user=team.deputy.user).delete()
    assert actions.answer(complaint, by=team.deputy, at=SOON).state == State.ANSWERED


def test_an_answer_goes_back_for_rework_and_an_answer_after_the_term_is_late(team: Team) -> None:
    complaint = bring_to(make_complaint(team, at=FRIDAY), team, State.CONSIDERED)
    complaint = actions.return_for_rework(complaint, reason="Нақтылаңыз", by=team.head, at=SOON)
    late = datetime(2026, 3, 20, 18, 1, tzinfo=ALMATY)
    complaint = consider(complaint, team.executor, late)
    complaint = actions.answer(complaint, by=team.head, at=late)
    assert complaint.in_time is False
    assert complaint.clocks.get(kind="answer").ended_late


def test_a_body_outside_this_system_answers_and_its_answer_is_recorded(team: Team) -> None:
    complaint = make_complaint(team, "complaint", at=FRIDAY)
    complaint = actions.forward(complaint, to=None, to_body="Облыс әкімдігі", reason="91-бап", by=team.head, at=SOON)
    words = {"outcome": "cancel", "substantiated": True, "text": "Жойылды.", "decided_at": NEXT_WEEK}
    complaint = actions.record_answer(complaint, **words, by=team.clerk, at=NEXT_WEEK + timedelta(hours=1))
    assert (complaint.state, complaint.answered_by_body, complaint.in_time) == (State.ANSWERED, "Облыс әкімдігі", True)
    assert complaint.clocks.get(kind="execution").office == team.office


# ------------------------------------------------------------------ what follows


def test_a_refusal_found_wrong_is_decided_anew_and_the_case_counts_once(team: Team) -> None:
    other = make_staff("south:shymkent", "executor")
    complaint = bring_to(make_refused_complaint(team), team, State.TOLD, other=other)
    at = SOON + timedelta(minutes=20)
    complaint = actions.deliver(complaint, way="in_person", by=team.clerk, at=at)
    assert complaint.state == State.DELIVERED
    due = complaint.clocks.get(kind="execution").due_at
    assert f"{due.astimezone(ALMATY):%Y-%m-%d}" == "2026-03-20"

    complaint = actions.begin_remedy(complaint, reopen=True, executor=other.user, by=team.head, at=at)
    case = complaint.case
    assert case is not None
    case.refresh_from_db()
    assert (case.state, case.executor) == (CaseState.ASSIGNED, other.user)
    with pytest.raises(ActRefused, match="no new decision"):
        actions.execute(complaint, by=team.head, at=at)
    case = decide(case, Team(team.office, team.clerk, team.head, other, team.deputy), at=at)
    on_cases.sign(case, by=team.head, at=at)
    complaint = actions.execute(complaint, by=team.head, at=NEXT_WEEK)
    assert (complaint.state, complaint.clocks.get(kind="execution").met) == (State.CLOSED, True)
    assert case.clocks.filter(kind="overall").count() == 1
    done = Event.objects.filter(subject=complaint.subject).last()
    assert done is not None
    assert done.payload["number"] == case.decisions.last().number


def test_only_the_head_of_the_office_complained_of_begins_what_was_granted(team: Team) -> None:
    other = make_staff("south:shymkent", "executor")
    complaint = bring_to(make_refused_complaint(team), team, State.ANSWERED, other=other)
    foreign = make_staff("south:arys", "head")
    for person in (team.executor, foreign):
        with pytest.raises(ActRefused) as refused:
            actions.begin_remedy(complaint, reopen=True, executor=other.user, by=person, at=NEXT_WEEK)
        assert refused.value.status == 403


def test_a_complaint_that_grants_nothing_is_closed_when_its_answer_is_delivered(team: Team) -> None:
    complaint = bring_to(make_complaint(team), team, State.ASSIGNED)
    complaint = consider(complaint, team.executor, SOON, substantiated=False, outcome="unsatisfied")
    complaint = actions.answer(complaint, by=team.head, at=SOON)
    complaint = actions.deliver(complaint, way="post", by=team.clerk, at=SOON)
    assert (complaint.state, complaint.is_open) == (State.CLOSED, False)


def test_a_stale_page_and_a_form_sent_twice_change_nothing(team: Team) -> None:
    complaint = make_complaint(team)
    token = uuid.uuid4()
    stale = Complaint.objects.get(pk=complaint.pk)
    first = actions.assign(complaint, executor=team.executor.user, by=team.head, at=SOON, token=token)
    again = actions.assign(complaint, executor=team.executor.user, by=team.head, at=SOON, token=token)
    assert first == again
    assert Event.objects.filter(subject=complaint.subject, kind="complaint_assign").count() == 1
    with pytest.raises(ActRefused, match="Somebody else"):
        actions.assign(stale, executor=team.executor.user, by=team.head, at=SOON)


def test_another_office_neither_sees_nor_acts(team: Team) -> None:
    complaint, foreign = make_complaint(team), make_team("south:arys")
    assert not Complaint.objects.visible_to(foreign.head).exists()
    with pytest.raises(ActRefused):
        actions.assign(complaint, executor=foreign.executor.user, by=foreign.head, at=SOON)
    watching = make_staff("south:arys", "observer")
    assert Complaint.objects.visible_to(watching).get() == complaint


# ------------------------------------------------------------------ desks and figures


def test_each_finds_what_waits_for_him(team: Team) -> None:
    complaint = make_complaint(team)
    desk = Complaint.objects.on_the_desk_of
    assert desk(team.head).get() == complaint == desk(team.deputy).get()
    assert not desk(team.executor).exists()
    complaint = actions.assign(complaint, executor=team.deputy.user, by=team.head, at=SOON)
    assert desk(team.deputy).get() == complaint
    assert not desk(team.head).exists()
    complaint = consider(complaint, team.deputy, SOON)
    complaint = actions.answer(complaint, by=team.head, at=SOON)
    assert desk(team.clerk).get() == complaint
    assert desk(team.head).get() == complaint  # what was granted is his to carry out


def test_the_figures_read_substantiated_complaints_once_a_case_and_who_complained(team: Team) -> None:
    other = make_staff("south:shymkent", "executor")
    granted = bring_to(make_refused_complaint(team), team, State.ANSWERED, other=other)
    second = make_complaint(team, case=granted.case, about="delay", proved=True)
    bring_to(second, team, State.ANSWERED, other=other)
    refused = bring_to(make_complaint(team), team, State.ASSIGNED)
    refused = consider(refused, team.executor, SOON, substantiated=False, outcome="unsatisfied")
    actions.answer(refused, by=team.head, at=SOON)
    make_complaint(team)
    march = (date(2026, 3, 1), date(2026, 3, 31))
    assert granted.edition is not None

    assert queries.registered(team.office, None, *march).count() == 4
    assert queries.substantiated(team.office, granted.edition, *march).get() == granted
    assert queries.settled_in_time(team.office, None, *march).get() == granted
    people = queries.people_who_complained(team.office, None, *march)
    assert people == {granted.person_id, refused.person_id}
    april = (date(2026, 4, 1), date(2026, 4, 30))
    assert not queries.substantiated(team.office, None, *april).exists()
    assert not queries.registered(office("south:arys"), None, *march).exists()


def test_with_the_case_the_complaint_forgets_who_complained_and_keeps_what_is_counted(team: Team) -> None:
    other = make_staff("south:shymkent", "executor")
    made = bring_to(make_refused_complaint(team), team, State.ANSWERED, other=other)
    assert made.case is not None
    data_rights.erase(made.case, reason="term", at=NEXT_WEEK)
    made.refresh_from_db()
    assert (made.contacts, made.demand, made.answer_text) == ({}, "", "")
    assert "жауап жоқ" not in made.essence
    assert made.person is not None
    assert "Нұрмұхаммедова" not in made.person.full_name
    assert all("person" not in paper.data for paper in made.papers.all())
    assert (made.substantiated, made.outcome, made.state) == (True, "satisfied", State.ANSWERED)
