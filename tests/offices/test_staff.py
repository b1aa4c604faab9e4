"""What a member of staff may do on a day: roles in offices, terms of validity, orders of substitution."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from offices.models import Membership, Office, Substitution
from offices.policy import Power, staff_at
from offices.workflow import Role
from tests.factories import ALMATY, FRIDAY, make_staff, make_user, office

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
SHYMKENT, ARYS = "south:shymkent", "south:arys"


def make_order(absent: Any, deputy: Any, role: str = Role.HEAD, key: str = SHYMKENT, **fields: Any) -> Substitution:
    """An order for the Friday and the three days after it."""
    term = {"valid_from": FRIDAY.date(), "valid_to": FRIDAY.date() + 3 * DAY, "order_date": FRIDAY.date()}
    names = {"office": office(key), "order_number": "12-ө", "absent": absent, "deputy": deputy, "role": role}
    return Substitution.objects.create(**{**names, **term, **fields})


# ------------------------------------------------------------------ roles


def test_a_person_without_a_role_may_nothing() -> None:
    staff = staff_at(make_user(), FRIDAY)
    assert (staff.powers, staff.roles, staff.offices(), staff.oblasts) == ((), frozenset(), frozenset(), frozenset())
    assert staff.power(office(SHYMKENT).pk, (Role.CLERK,)) is None


def test_roles_are_held_office_by_office() -> None:
    user = make_user()
    make_staff(SHYMKENT, Role.CLERK, user=user)
    staff = make_staff(ARYS, Role.HEAD, user=user)
    shymkent, arys = office(SHYMKENT).pk, office(ARYS).pk
    assert staff.roles == {Role.CLERK, Role.HEAD}
    assert (staff.offices(Role.CLERK), staff.offices(Role.HEAD)) == ({shymkent}, {arys})
    assert staff.offices() == {shymkent, arys}
    assert staff.power(shymkent, (Role.HEAD, Role.DEPUTY)) is None
    assert staff.power(arys, (Role.HEAD, Role.DEPUTY)) == Power(Role.HEAD, arys)
    assert staff.power(None, (Role.HEAD,)) is None


@pytest.mark.parametrize(
    ("valid_from", "valid_to", "held"),
    [
        (None, None, True),
        (FRIDAY.date(), FRIDAY.date(), True),
        (FRIDAY.date() - DAY, None, True),
        (None, FRIDAY.date() + DAY, True),
        (FRIDAY.date() + DAY, None, False),
        (None, FRIDAY.date() - DAY, False),
    ],
)
def test_a_role_is_held_on_its_days_both_ends_included(
    valid_from: date | None, valid_to: date | None, held: bool
) -> None:
    user = make_user()
    Membership.objects.create(
        user=user, office=office(SHYMKENT), role=Role.CLERK, valid_from=valid_from, valid_to=valid_to
    )
    assert (Role.CLERK in staff_at(user, FRIDAY).roles) is held


def test_the_day_of_a_role_is_the_offices_day_not_that_of_london() -> None:
    user = make_user()
    Membership.objects.create(user=user, office=office(SHYMKENT), role=Role.CLERK, valid_to=date(2026, 3, 13))
    assert staff_at(user, datetime(2026, 3, 13, 23, 59, tzinfo=ALMATY)).roles
    # Still the 13th in London.
    assert not staff_at(user, datetime(2026, 3, 14, 0, 1, tzinfo=ALMATY)).roles


def test_an_office_out_of_work_gives_no_power() -> None:
    staff = make_staff(SHYMKENT, Role.CLERK)
    Office.objects.filter(key=SHYMKENT).update(active=False)
    assert not staff_at(staff.user, FRIDAY).roles


def test_an_observer_sees_the_oblast_of_his_office() -> None:
    assert make_staff(ARYS, Role.OBSERVER).oblasts == {"south"}
    assert make_staff(ARYS, Role.ADMINISTRATOR).oblasts == frozenset()


# ------------------------------------------------------------------ orders of substitution


def test_a_deputy_by_order_has_the_absent_persons_role_and_it_is_said_for_whom() -> None:
    head, deputy = make_staff(SHYMKENT, Role.HEAD), make_staff(SHYMKENT, Role.CLERK)
    make_order(head.user, deputy.user)
    staff = staff_at(deputy.user, FRIDAY)
    shymkent = office(SHYMKENT).pk
    assert staff.power(shymkent, (Role.HEAD,)) == Power(Role.HEAD, shymkent, head.user.pk)
    assert staff.acts_as(head.user.pk)
    assert staff.acts_as(deputy.user.pk)
    assert not staff.acts_as(None)
    assert not staff_at(head.user, FRIDAY).acts_as(deputy.user.pk)


@pytest.mark.parametrize(("days", "held"), [(-1, False), (0, True), (3, True), (4, False)])
def test_an_order_holds_from_its_first_day_to_its_last(days: int, held: bool) -> None:
    head, deputy = make_staff(SHYMKENT, Role.HEAD), make_user()
    make_order(head.user, deputy)
    assert (Role.HEAD in staff_at(deputy, FRIDAY + days * DAY).roles) is held


def test_ones_own_role_goes_before_one_held_for_another() -> None:
    head, deputy = make_staff(SHYMKENT, Role.HEAD), make_staff(SHYMKENT, Role.HEAD)
    make_order(head.user, deputy.user)
    power = staff_at(deputy.user, FRIDAY).power(office(SHYMKENT).pk, (Role.HEAD,))
    assert power is not None
    assert power.acting_for_id is None


def _he_has_left(head: Any) -> None:
    Membership.objects.filter(user=head).update(valid_to=FRIDAY.date() - DAY)


def _he_never_had_it(head: Any) -> None:
    Membership.objects.filter(user=head).update(role=Role.CLERK)


def _he_is_barred(head: Any) -> None:
    type(head).objects.filter(pk=head.pk).update(is_active=False)


def _the_office_is_out_of_work(head: Any) -> None:
    Office.objects.filter(key=SHYMKENT).update(active=False)


@pytest.mark.parametrize(
    "change",
    [_he_has_left, _he_never_had_it, _he_is_barred, _the_office_is_out_of_work],
    ids=lambda rule: rule.__name__,
)
def test_an_order_hands_on_only_what_the_absent_person_still_has(change: Callable[[Any], None]) -> None:
    head, deputy = make_staff(SHYMKENT, Role.HEAD).user, make_user()
    make_order(head, deputy)
    change(head)
    assert not staff_at(deputy, FRIDAY).roles


def test_an_order_hands_on_one_role_in_one_office() -> None:
    head, deputy = make_staff(SHYMKENT, Role.HEAD, Role.EXECUTOR), make_user()
    make_staff(ARYS, Role.HEAD, user=head.user)
    make_order(head.user, deputy)
    assert [(power.role, power.office_id) for power in staff_at(deputy, FRIDAY).powers] == [
        (Role.HEAD, office(SHYMKENT).pk)
    ]


def test_a_chain_of_orders_ends_after_its_first_link_and_a_loop_gives_nothing_new() -> None:
    head, first, second = make_staff(SHYMKENT, Role.HEAD).user, make_user(), make_user()
    make_order(head, first)
    make_order(first, second)
    make_order(second, head)
    assert staff_at(first, FRIDAY).roles == {Role.HEAD}
    assert not staff_at(second, FRIDAY).roles
    assert len(staff_at(head, FRIDAY).powers) == 1


def test_an_order_that_makes_no_sense_is_named_and_the_database_refuses_it() -> None:
    head, deputy = make_staff(SHYMKENT, Role.HEAD).user, make_user()
    backwards = {"valid_from": FRIDAY.date(), "valid_to": FRIDAY.date() - DAY}
    for fields, named in [
        ({"absent": head, "deputy": deputy, **backwards}, "valid_to"),
        ({"absent": head, "deputy": head}, "deputy"),
        ({"absent": deputy, "deputy": head}, "role"),
    ]:
        term = {"valid_from": FRIDAY.date(), "valid_to": FRIDAY.date(), "order_date": FRIDAY.date()}
        names = {"office": office(SHYMKENT), "order_number": "1", "role": Role.HEAD}
        order = Substitution(**{**names, **term, **fields})
        with pytest.raises(ValidationError) as problem:
            order.clean()
        assert named in problem.value.message_dict
        if named != "role":
            with pytest.raises(IntegrityError), transaction.atomic():
                order.save()


def test_the_powers_of_a_person_cost_three_statements_at_most(django_assert_max_num_queries: Any) -> None:
    head, deputy = make_staff(SHYMKENT, Role.HEAD), make_staff(SHYMKENT, Role.CLERK, Role.EXECUTOR)
    for _number in range(5):
        make_order(make_staff(SHYMKENT, Role.EXECUTOR).user, deputy.user, Role.EXECUTOR)
    make_order(head.user, deputy.user)
    with django_assert_max_num_queries(3):
        assert len(staff_at(deputy.user, FRIDAY).powers) == 8
