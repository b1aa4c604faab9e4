"""A case moves by the regulation: the right person, the right step, both paths, both clocks."""

from __future__ import annotations

import itertools
import uuid
from datetime import datetime, timedelta

import pytest

from applications import actions, intake, shipping
from applications.casework import ActRefused
from applications.models import Case, Clock, DecisionKind, Event, PaperKind, Shipment
from applications.workflow import State
from offices.models import Substitution
from offices.policy import staff_at
from tests.factories import (
    ALMATY,
    FRIDAY,
    decide,
    edition,
    found,
    make_case,
    make_centre_case,
    make_centre_team,
    make_intake,
    make_person,
    make_staff,
    make_team,
    office,
)

pytestmark = pytest.mark.django_db
EDITIONS = {
    "E1": "zhambyl:taraz", "E2": "zhambyl:taraz", "E3": "north:zhambyl", "E4": "north:kyzylzhar", "E5": "south:shymkent",
    "E6": "south:shymkent", "E7": "south:shymkent", "E8": "south:shymkent", "E9": "south:shymkent", "E10": "south:shymkent",
    "E11": "south:shymkent", "E12": "south:shymkent", "E13": "akmola:kokshetau",
}  # fmt: skip


@pytest.mark.parametrize("refused", [False, True], ids=["main path", "reasoned refusal"])
@pytest.mark.parametrize("label", EDITIONS)
def test_every_edition_runs_from_the_counter_to_the_hand_over_on_both_paths(label: str, refused: bool) -> None:
    team = make_team(EDITIONS[label])
    case = make_case(team, label, state=State.HANDED_OVER, refused=refused)
    assert case.state == State.HANDED_OVER
    assert not case.clocks.filter(stopped_at=None).exists()
    assert case.papers.filter(kind=PaperKind.REFUSAL if refused else PaperKind.GRANT).count() == 1
    assert all([case.signed_at, case.recorded_at, case.told_at, case.delivered_at, case.closed_at])


def test_the_dates_of_a_granted_case_come_from_the_regulation() -> None:
    case = make_case(make_team(), "E8", state=State.ASSIGNED)
    overall = case.clocks.get(kind="overall")
    step = case.clocks.get(kind="step", stopped_at=None)
    # Handed in on Friday 13 March 2026: seven working days end on Friday the 27th, because of Nauryz (DOMAIN section 4).
    assert overall.due_at == datetime(2026, 3, 27, 18, tzinfo=ALMATY)
    assert step.step.transition == "prepare"
    assert step.due_at == datetime(2026, 3, 27, 18, tzinfo=ALMATY)
    assert case.due_at == overall.due_at


def test_the_resolution_is_due_within_its_hour() -> None:
    case = make_case(make_team(), "E8")
    clock = case.clocks.get(kind="step", stopped_at=None)
    assert clock.due_at == datetime(2026, 3, 13, 11, tzinfo=ALMATY)
    assert case.due_at == clock.due_at


def test_a_number_is_dense_by_office_and_year() -> None:
    team, other = make_team(), make_team("south:arys")
    numbers = [make_case(team).number for _ in range(3)]
    assert numbers == [f"{team.office.code}-2026-0000{n}" for n in (1, 2, 3)]
    assert make_case(other).number == f"{other.office.code}-2026-00001"
    new_year = datetime(2027, 1, 5, 10, tzinfo=ALMATY)
    assert make_case(team, at=new_year).number == f"{team.office.code}-2027-00001"


def test_in_editions_where_the_executor_registers_the_clerk_may_not() -> None:
    team = make_team()
    with pytest.raises(ActRefused) as refusal:
        intake.take_in(make_intake(team, "E9"), by=team.clerk, at=FRIDAY)
    assert refusal.value.status == 403
    assert not Case.objects.exists()
    assert intake.take_in(make_intake(team, "E9"), by=team.executor, at=FRIDAY).state == State.REGISTERED


def test_a_clerk_cannot_sign_and_nothing_changes() -> None:
    team = make_team()
    case = make_case(team, state=State.PREPARED)
    events = Event.objects.count()
    with pytest.raises(ActRefused) as refusal:
        actions.sign(case, by=team.clerk, at=FRIDAY)
    assert refusal.value.status == 403
    case.refresh_from_db()
    assert (case.state, Event.objects.count()) == (State.PREPARED, events)


def test_nobody_signs_what_he_prepared() -> None:
    team = make_team()
    both = make_staff("south:shymkent", "executor", "head")
    case = make_case(team, state=State.REGISTERED)
    case = actions.assign(case, executor=both.user, by=team.head, at=FRIDAY)
    case = actions.prepare(case, kind=DecisionKind.GRANT, text="Тағайындалды.", by=both, at=FRIDAY)
    with pytest.raises(ActRefused) as refusal:
        actions.sign(case, by=both, at=FRIDAY)
    assert refusal.value.status == 403
    assert actions.sign(case, by=team.head, at=FRIDAY).state == State.SIGNED


def test_in_an_office_of_one_person_he_signs_his_own_paper() -> None:
    alone = make_staff("south:arys", "clerk", "head", "executor")
    case = intake.take_in(make_intake(make_team_of_one(alone), "E8"), by=alone, at=FRIDAY)
    case = actions.assign(case, executor=alone.user, by=alone, at=FRIDAY)
    case = actions.prepare(case, kind=DecisionKind.GRANT, text="Тағайындалды.", by=alone, at=FRIDAY)
    assert actions.sign(case, by=alone, at=FRIDAY).state == State.SIGNED


def test_only_the_named_executor_prepares() -> None:
    team, other = make_team(), make_staff("south:shymkent", "executor")
    case = make_case(team, state=State.ASSIGNED)
    with pytest.raises(ActRefused) as refusal:
        actions.prepare(case, kind=DecisionKind.GRANT, text="Тағайындалды.", by=other, at=FRIDAY)
    assert refusal.value.status == 403


def test_only_an_executor_of_the_office_can_be_named() -> None:
    team, stranger = make_team(), make_staff("south:arys", "executor")
    case = make_case(team)
    with pytest.raises(ActRefused) as refusal:
        actions.assign(case, executor=stranger.user, by=team.head, at=FRIDAY)
    assert refusal.value.field == "executor"


def test_a_substitute_acts_for_the_absent_head_and_the_event_says_for_whom() -> None:
    team, deputy = make_team(), make_staff("south:shymkent", "clerk")
    Substitution.objects.create(
        office=team.office, order_number="12-ө", order_date=FRIDAY.date(), absent=team.head.user, deputy=deputy.user,
        role="head", valid_from=FRIDAY.date(), valid_to=FRIDAY.date() + timedelta(days=7),
    )  # fmt: skip
    case = make_case(team)
    actions.assign(case, executor=team.executor.user, by=staff_at(deputy.user, FRIDAY), at=FRIDAY)
    event = Event.objects.filter(kind="assign").last()
    assert event is not None
    assert (event.actor, event.acting_for) == (deputy.user, team.head.user)
    after = FRIDAY + timedelta(days=30)
    assert "head" not in staff_at(deputy.user, after).roles


def test_a_substitute_of_a_substitute_gets_nothing_and_a_loop_ends() -> None:
    team, first, second = make_team(), make_staff("south:shymkent", "clerk"), make_staff("south:shymkent", "clerk")
    term = {
        "order_date": FRIDAY.date(),
        "valid_from": FRIDAY.date(),
        "valid_to": FRIDAY.date(),
        "office": team.office,
        "role": "head",
    }
    Substitution.objects.create(order_number="1", absent=team.head.user, deputy=first.user, **term)
    Substitution.objects.create(order_number="2", absent=first.user, deputy=second.user, **term)
    Substitution.objects.create(order_number="3", absent=second.user, deputy=first.user, **term)
    assert "head" in staff_at(first.user, FRIDAY).roles
    assert "head" not in staff_at(second.user, FRIDAY).roles


def test_a_return_for_rework_keeps_the_executors_first_due_date() -> None:
    team = make_team()
    case = make_case(team, state=State.PREPARED)
    first = case.clocks.get(step__transition="prepare").due_at
    later = FRIDAY + timedelta(days=3)
    case = actions.return_for_rework(case, reason="Күні көрсетілмеген.", by=team.head, at=later)
    assert case.state == State.ASSIGNED
    assert case.clocks.get(step__transition="prepare", stopped_at=None).due_at == first
    decision = case.decisions.get()
    assert (decision.return_reason, decision.returned_by) == ("Күні көрсетілмеген.", team.head.user)
    case = decide(case, team, at=later)
    assert actions.sign(case, by=team.head, at=later).decisions.count() == 2


def test_an_act_on_an_older_view_of_the_case_is_refused() -> None:
    team = make_team()
    seen = make_case(team, state=State.PREPARED)
    second_head = Case.objects.get(pk=seen.pk)
    actions.sign(seen, by=team.head, at=FRIDAY)
    with pytest.raises(ActRefused) as refusal:
        actions.return_for_rework(second_head, reason="Түзету керек.", by=team.deputy, at=FRIDAY)
    assert refusal.value.status == 409
    assert Case.objects.get(pk=seen.pk).state == State.SIGNED


def test_the_same_form_sent_twice_gives_the_same_case() -> None:
    team, token = make_team(), uuid.uuid4()
    data = make_intake(team)
    first = intake.take_in(data, by=team.clerk, at=FRIDAY, token=token)
    second = intake.take_in(data, by=team.clerk, at=FRIDAY + timedelta(seconds=2), token=token)
    assert first.pk == second.pk
    assert Case.objects.count() == 1
    assert Event.objects.filter(kind="register").count() == 1


def test_the_same_token_with_other_contents_is_refused() -> None:
    team, token = make_team(), uuid.uuid4()
    intake.take_in(make_intake(team), by=team.clerk, at=FRIDAY, token=token)
    with pytest.raises(ActRefused) as refusal:
        intake.take_in(make_intake(team), by=team.clerk, at=FRIDAY, token=token)
    assert refusal.value.status == 409
    assert Case.objects.count() == 1


def test_a_signature_sent_twice_signs_once() -> None:
    team, token = make_team(), uuid.uuid4()
    case = make_case(team, state=State.PREPARED)
    seen = Case.objects.get(pk=case.pk)
    actions.sign(case, by=team.head, at=FRIDAY, token=token)
    assert actions.sign(seen, by=team.head, at=FRIDAY, token=token).state == State.SIGNED
    assert case.papers.filter(kind=PaperKind.GRANT).count() == 1


def test_an_incomplete_package_is_not_registered_and_the_whole_list_is_given() -> None:
    team = make_team()
    lacking = found(edition("E8"), no1="missing", no2="мөрі жоқ")
    case = intake.take_in(make_intake(team, documents=lacking), by=team.clerk, at=FRIDAY)
    assert (case.state, case.number, case.complete_first_time) == (State.INCOMPLETE, "", False)
    assert not case.clocks.exists()
    paper = case.papers.get()
    assert paper.kind == PaperKind.MISSING
    assert [row["defect"] for row in paper.data["rows"]] == ["missing", "мөрі жоқ"]


def test_a_package_accepted_the_second_time_runs_its_term_from_then_on() -> None:
    team = make_team()
    lacking = found(edition("E8"), no1="missing")
    case = intake.take_in(make_intake(team, documents=lacking), by=team.clerk, at=FRIDAY)
    monday = FRIDAY + timedelta(days=3)
    case = intake.take_in_again(case, found(edition("E8")), received_at=monday, by=team.clerk, at=monday)
    assert (case.state, case.submissions, case.complete_first_time) == (State.REGISTERED, 2, False)
    assert case.clocks.get(kind="overall").started_at == monday
    assert case.number.endswith("-00001")


def test_paper_intake_entered_later_counts_from_the_hand_in() -> None:
    team = make_team()
    handed_in = FRIDAY - timedelta(hours=18)
    case = intake.take_in(make_intake(team, at=handed_in), by=team.clerk, at=FRIDAY)
    event = Event.objects.get(kind="register")
    assert (event.happened_at, event.recorded_at) == (handed_in, FRIDAY)
    assert case.clocks.get(step__transition="register").met is False


def test_a_known_person_is_found_by_iin_and_nothing_known_is_erased() -> None:
    team, person = make_team(), make_person(address="Шымкент қаласы", phone="+7 701 000 00 00")
    first = make_case(team, person=person)
    again = make_case(team, "E5", person=make_person(iin=person.iin, last_name="Сейітқали", address=""))
    assert again.person_id == first.person_id
    assert (again.person.last_name, again.person.address) == ("Сейітқали", "Шымкент қаласы")


def test_without_the_commissions_decision_there_is_no_overall_clock_and_no_grant() -> None:
    team = make_team("akmola:kokshetau")
    case = make_case(team, "E13", state=State.ASSIGNED)
    assert not case.clocks.filter(kind="overall").exists()
    with pytest.raises(ActRefused):
        actions.prepare(case, kind=DecisionKind.GRANT, text="Тағайындалды.", by=team.executor, at=FRIDAY)
    case = actions.record_commission(
        Case.objects.get(pk=case.pk),
        number="5",
        decided_at=FRIDAY + timedelta(hours=1),
        by=team.executor,
        at=FRIDAY + timedelta(hours=2),
    )
    # Fifteen calendar days from 13 March end on Saturday the 28th and move to Monday.
    assert case.clocks.get(kind="overall").due_at == datetime(2026, 3, 30, 18, tzinfo=ALMATY)


def test_a_refusal_needs_a_ground_of_its_own_edition_and_facts() -> None:
    team = make_team()
    case = make_case(team, state=State.ASSIGNED)
    foreign = list(edition("E13").grounds.all())
    own = list(case.edition.grounds.all()[:1])
    for grounds, facts, field in [([], "Деректер", "grounds"), (foreign, "Деректер", "grounds"), (own, "  ", "facts")]:
        with pytest.raises(ActRefused) as refusal:
            actions.prepare(
                case,
                kind=DecisionKind.REFUSAL,
                text="Бас тарту",
                facts=facts,
                grounds=grounds,
                by=team.executor,
                at=FRIDAY,
            )
        assert refusal.value.field == field
    assert Case.objects.get(pk=case.pk).state == State.ASSIGNED


def test_withdrawal_closes_the_case_and_keeps_it() -> None:
    team = make_team()
    case = actions.withdraw(
        make_case(team, state=State.ASSIGNED), reason="Өтініш берушінің қалауы", by=team.clerk, at=FRIDAY
    )
    assert (case.state, case.closing_reason) == (State.WITHDRAWN, "Өтініш берушінің қалауы")
    assert not case.clocks.filter(stopped_at=None).exists()


def test_an_annulled_registration_keeps_its_number() -> None:
    team = make_team()
    case = make_case(team)
    actions.annul(case, reason="Қате тіркелген", by=team.clerk, at=FRIDAY)
    assert Case.objects.get(number=case.number).state == State.ANNULLED
    assert make_case(team).number.endswith("-00002")


def test_a_case_through_the_service_centre_goes_there_and_back() -> None:
    team, centre = make_team(), make_centre_team()
    case = make_centre_case(team, centre, state=State.REGISTERED)
    assert case.centre_number.startswith(centre.centre.code)
    assert case.number.startswith(team.office.code)
    assert [clock.step.transition for clock in case.clocks.filter(kind="step")] == [
        "accept_at_window", "collect", "dispatch", "register", "assign",
    ]  # fmt: skip
    at = FRIDAY + timedelta(hours=1)
    case = actions.assign(case, executor=team.executor.user, by=team.head, at=at)
    case = actions.sign(decide(case, team, at=at), by=team.head, at=at)
    case = actions.enter_in_record_book(case, by=team.clerk, at=at)
    shipping.send_to_centre([case.number], by=team.clerk, at=at)
    assert Shipment.objects.filter(direction="to_centre").get().papers.count() == 1
    shipping.receive_at_centre([case.number], by=centre.inspector, at=at)
    case = actions.hand_out_at_centre(Case.objects.get(pk=case.pk), by=centre.inspector, at=at)
    assert (case.state, case.delivered_how) == (State.HANDED_OVER, "centre")
    assert case.clocks.get(kind="overall").met is True


def test_a_wrong_line_stops_the_whole_dispatch() -> None:
    team, centre = make_team(), make_centre_team()
    ready, early = make_centre_case(team, centre, state=State.COLLECTED), make_centre_case(team, centre)
    with pytest.raises(ActRefused) as refusal:
        shipping.dispatch([ready.centre_number, "", early.centre_number], by=centre.accumulator, at=FRIDAY)
    assert "3" in refusal.value.message
    assert Case.objects.get(pk=ready.pk).state == State.COLLECTED
    assert not Shipment.objects.exists()


def test_telling_ends_both_clocks_so_an_uncollected_paper_is_not_late() -> None:
    team = make_team()
    case = make_case(team, state=State.TOLD)
    assert not case.clocks.filter(stopped_at=None).exists()
    later = FRIDAY + timedelta(days=90)
    case = actions.hand_over(case, way="in_person", by=team.executor, at=later)
    assert case.clocks.get(kind="overall").met is True
    assert case.delivered_at == later


def test_the_last_day_is_on_time_until_closing_and_late_a_minute_after() -> None:
    for minute, met in [
        (datetime(2026, 3, 27, 17, 59, tzinfo=ALMATY), True),
        (datetime(2026, 3, 27, 18, 1, tzinfo=ALMATY), False),
    ]:
        team = make_team()
        case = make_case(team, state=State.RECORDED)
        actions.hand_over(case, way="in_person", by=team.executor, at=minute)
        assert Clock.objects.get(case=case, kind="overall").met is met


def test_every_act_leaves_one_event_in_the_chain_of_the_office() -> None:
    team = make_team()
    case = make_case(team, state=State.HANDED_OVER)
    kinds = list(case.events.order_by("seq").values_list("kind", flat=True))
    assert kinds == ["register", "assign", "prepare", "sign", "enter_in_record_book", "tell", "hand_over"]
    events = list(Event.objects.filter(office=office("south:shymkent")).order_by("seq"))
    assert [event.seq for event in events] == list(range(1, len(events) + 1))
    assert all(later.previous == earlier.hash for earlier, later in itertools.pairwise(events))


def make_team_of_one(staff):  # type: ignore[no-untyped-def]
    from tests.factories import Team

    return Team(office("south:arys"), staff, staff, staff, staff)


# ------------------------------------------------------------------ decided anew after a complaint


def test_a_reopened_case_is_decided_anew_with_new_terms_for_its_steps_and_one_clock_for_the_whole() -> None:
    team = make_team()
    case = make_case(team, "E8", state=State.HANDED_OVER, refused=True)
    first = case.decisions.get()
    whole = case.clocks.get(kind="overall")
    later = FRIDAY + timedelta(days=10)

    case = actions.reopen(
        case, executor=team.executor.user, reason="Шағым негізді", complaint="SHM-C-2026-00001", by=team.head, at=later
    )

    assert (case.state, case.closed_at, case.executor) == (State.ASSIGNED, None, team.executor.user)
    first.refresh_from_db()
    assert first.set_aside_at == later
    step = case.clocks.get(kind="step", stopped_at=None)
    assert (step.started_at, step.step.transition) == (later, "prepare")
    assert step.due_at > later
    case = decide(case, team, at=later + timedelta(minutes=1))
    case = actions.sign(case, by=team.head, at=later + timedelta(minutes=2))
    case = actions.enter_in_record_book(case, by=team.executor, at=later + timedelta(minutes=3))
    case = actions.hand_over(case, way="in_person", by=team.executor, at=later + timedelta(minutes=4))
    assert case.decisions.filter(signed_at__isnull=False).count() == 2
    overall = case.clocks.get(kind="overall")
    assert (overall.stopped_at, overall.met) == (whole.stopped_at, whole.met)


def test_only_the_head_reopens_and_only_what_is_decided() -> None:
    team = make_team()
    words = {"executor": team.executor.user, "reason": "r", "complaint": "c", "at": FRIDAY + timedelta(hours=2)}
    with pytest.raises(ActRefused) as refused:
        actions.reopen(make_case(team, "E8", state=State.HANDED_OVER, refused=True), by=team.executor, **words)
    assert refused.value.status == 403
    with pytest.raises(ActRefused) as refused:
        actions.reopen(make_case(team, "E8", state=State.PREPARED, refused=True), by=team.head, **words)
    assert refused.value.status == 409
