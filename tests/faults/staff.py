"""The people of the house under test, signed in with both factors: made in the database, because log-in is tested elsewhere."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import connections, transaction
from django.test import Client
from django.utils import timezone

from applications import actions, intake
from applications.models import Case, DecisionKind
from offices.models import Membership, Office, User
from offices.policy import staff_at
from services.models import Edition
from tests.factories import found, make_person
from tests.pages import log_in


@dataclass
class Desk:
    """One office with its people; `sessions` are the cookies of the clerks, then of head and deputy."""

    office: Office
    edition: Edition
    clerks: list[User] = field(default_factory=list)
    head: User | None = None
    deputy: User | None = None
    executor: User | None = None
    sessions: dict[int, str] = field(default_factory=dict)

    @property
    def path(self) -> str:
        """The address of the registration form."""
        return f"/register/{self.office.pk}/{self.edition.pk}/"


@transaction.atomic
def hire(clerks: int) -> list[Desk]:
    """People for five offices, `clerks` in each, with open sessions."""
    departments = Office.objects.departments().filter(oblast="south").order_by("pk")[:5]
    edition, desks = Edition.objects.get(short="E8"), []
    for office in departments:
        desk = Desk(office, edition)
        desk.clerks = [_person(desk, "clerk") for _ in range(clerks)]
        desk.head, desk.deputy, desk.executor = (_person(desk, role) for role in ("head", "deputy", "executor"))
        desks.append(desk)
    return desks


def sign_in_again(desks: list[Desk]) -> None:
    """Fresh sessions for everybody (signatures want a recent log-in)."""
    with transaction.atomic():
        for desk in desks:
            for user in [*desk.clerks, desk.head, desk.deputy, desk.executor]:
                assert user is not None
                desk.sessions[user.pk] = _session(user)
    connections.close_all()


def _person(desk: Desk, role: str) -> User:
    name = f"{role}.{desk.office.code}.{User.objects.count()}"
    user = User(username=name, last_name="Сынақшы", first_name="Үлгі", is_active=True)
    user.set_unusable_password()
    user.save()
    Membership.objects.create(user=user, office=desk.office, role=role)
    desk.sessions[user.pk] = _session(user)
    return user


def _session(user: User) -> str:
    client = Client()
    log_in(client, user)
    return str(client.cookies["sessionid"].value)


def prepared_case(desk: Desk, iin: str) -> Case:
    """A case that waits for the head's signature, made through the real acts."""
    at = timezone.now()
    case = register(desk, iin, at)
    assert desk.head is not None
    assert desk.executor is not None
    head, executor = staff_at(desk.head, at), staff_at(desk.executor, at)
    case = actions.assign(case, executor=desk.executor, by=head, at=at)
    return actions.prepare(case, kind=DecisionKind.GRANT, text="Тағайындалды.", by=executor, at=at)


def register(desk: Desk, iin: str, at: datetime, **options: Any) -> Case:
    """Register an applicant through the act itself."""
    person = make_person(iin=iin)
    data = intake.Intake(desk.office, desk.edition, person, found(desk.edition), at)
    return intake.take_in(data, by=staff_at(desk.clerks[0], at), at=at, **options)
