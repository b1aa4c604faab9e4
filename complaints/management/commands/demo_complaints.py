"""`manage.py demo_complaints`: complaints about the cases of `manage.py demo`, through the real acts. For DEMO=1 only."""

from __future__ import annotations

import random
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.test.utils import override_settings
from django.utils import timezone

from applications.casework import ActRefused
from applications.intake import PersonData
from applications.models import Case, DecisionKind
from applications.workflow import State as CaseState
from complaints import actions, clock, intake
from complaints.casework import barred, impartial_people
from complaints.intake import Received
from complaints.models import About, Complaint, ReplyWay, Way
from complaints.workflow import ComplaintKind, State
from offices.calendars import calendar_of
from offices.models import Membership, Office
from offices.policy import Staff, staff_at
from offices.workflow import Role

_OFFICES = ("south:shymkent", "zhambyl:taraz", "akmola:kokshetau", "north:zhambyl", "north:kyzylzhar")
_ESSENCES = {
    About.DECISION: ("Бас тартумен келіспеймін: табысым дұрыс есептелмеген.", "Не согласен с отказом: доход посчитан неверно."),
    About.DELAY: ("Мерзімі өтті, бірақ жауап жоқ.", "Срок прошёл, а ответа нет."),
    About.CONDUCT: ("Қызметкер дөрекі сөйледі.", "Сотрудник разговаривал грубо."),
    About.QUEUE: ("Кезекте екі сағаттан артық күттім.", "В очереди ждал больше двух часов."),
}  # fmt: skip
_FOUND = ("Шағым тексерілді, деректер расталды.", "Жалоба проверена, изложенное подтвердилось.")
_NOT_FOUND = ("Тексеру барысында бұзушылық анықталған жоқ.", "В ходе проверки нарушений не установлено.")


class Command(BaseCommand):
    """Some thirty complaints in all states; a second run changes nothing."""

    help = "Add invented complaints to the demonstration (DEMO=1 only)."

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEMO:
            raise CommandError("DEMO is off: invented complaints belong to the demonstration only.")
        if not Complaint.objects.exists():
            with override_settings(PAPERS_AT_ONCE=False):
                Past(timezone.now()).live()
        self.stdout.write(f"Complaints: {Complaint.objects.count()}")


class Past:
    """The last weeks of complaints."""

    def __init__(self, now: datetime) -> None:
        self.rng, self.now = random.Random(7), now

    def live(self) -> None:
        """In the order in which they came."""
        starts = []
        for key in _OFFICES:
            office = Office.objects.get(key=key)
            refused = Case.objects.filter(
                office=office,
                state=CaseState.HANDED_OVER,
                decisions__kind=DecisionKind.REFUSAL,
                delivered_at__isnull=False,
            )
            starts += [(self._after(case.delivered_at), office, case) for case in refused[:4] if case.delivered_at]
            starts += [(self._before(office, self.rng.randrange(1, 40)), office, None) for _number in range(4)]
        for at, office, case in sorted(starts, key=lambda row: row[0]):
            if at < self.now:
                with transaction.atomic():
                    self._one(office, case, at)

    def _one(self, office: Office, case: Case | None, at: datetime) -> None:
        russian = self.rng.random() < 0.3
        about = About.DECISION if case else self.rng.choice((About.DELAY, About.CONDUCT, About.QUEUE))
        kind = self.rng.choice((ComplaintKind.COMPLAINT, ComplaintKind.SERVICE)) if case else ComplaintKind.SERVICE
        if case is None and self.rng.random() < 0.3:
            kind = ComplaintKind.APPEAL
        site = self.rng.random() < 0.5
        person = (
            None
            if case
            else PersonData("Тоқтарова", "Сәуле", "Бақытқызы", address="Абай көшесі, 12", phone="+77010000001")
        )
        received = Received(
            kind, office, Way.SITE if site else self.rng.choice((Way.COUNTER, Way.POST, Way.ORAL)), about,
            _ESSENCES[about][russian], at, person=person, reply_way=ReplyWay.IN_PERSON, language="ru" if russian else "kk",
            case=case, proved=case is not None,
        )  # fmt: skip
        by = None if site else self._who(office, Role.CLERK)
        self._go_on(intake.register(received, by=by, at=at), russian)

    def _go_on(self, row: Complaint, russian: bool) -> None:
        at, stops = row.registered_at, self.rng.random() < 0.25
        while row.is_open:
            at = calendar_of(row.office).add_minutes(at, self.rng.randint(60, 500))
            if at > self.now or (stops and self.rng.random() < 0.5):
                return
            try:
                row = self._step(row, russian, at)
            except ActRefused:
                return

    def _step(self, row: Complaint, russian: bool, at: datetime) -> Complaint:
        office = row.office
        if row.state == State.REGISTERED:
            people = impartial_people(row, timezone.localdate(at), Role.EXECUTOR)
            return actions.assign(row, executor=self.rng.choice(list(people)), by=self._impartial_head(row), at=at)
        if row.state == State.ASSIGNED and row.executor is not None:
            return self._considered(row, staff_at(row.executor, at), russian, at)
        if row.state == State.CONSIDERED:
            return actions.answer(row, by=self._impartial_head(row), at=at)
        if row.open_remedy:
            return self._remedied(row, at)
        return actions.deliver(row, way=row.reply_way, by=self._who(office, Role.CLERK), at=at)

    def _considered(self, row: Complaint, by: Staff, russian: bool, at: datetime) -> Complaint:
        found = row.regime.goes_higher or self.rng.random() < 0.6
        wanted = "full" if found else "none"
        outcome = next(rule.code for rule in row.regime.outcomes if rule.satisfies == wanted)
        if not found and row.regime.hearing and not row.hearing_waived:
            return actions.give_preliminary(row, text="", waived=True, by=by, at=at)
        text = (_FOUND if found else _NOT_FOUND)[russian]
        return actions.consider(row, substantiated=found, outcome=outcome, text=text, by=by, at=at)

    def _remedied(self, row: Complaint, at: datetime) -> Complaint:
        head = self._who(row.about_office, Role.HEAD)
        if row.remedy_at is None:
            people = impartial_people(row, timezone.localdate(at), Role.EXECUTOR)
            case = row.case if row.case and row.case.state == CaseState.HANDED_OVER else None
            executor = self.rng.choice(list(people)) if case else None
            note = "" if case else "Қызметкерге ескерту жасалды."
            return actions.begin_remedy(row, reopen=case is not None, executor=executor, note=note, by=head, at=at)
        return actions.execute(row, note="Орындалды.", by=head, at=at)

    def _impartial_head(self, row: Complaint) -> Staff:
        for role in (Role.HEAD, Role.DEPUTY):
            person = self._who(row.office, role)
            if person.user.pk not in barred(row):
                return person
        return self._who(row.office, Role.DEPUTY)

    def _who(self, office: Office, role: str) -> Staff:
        members = Membership.objects.filter(office=office, role=role).select_related("user").order_by("pk")
        return staff_at(members[0].user, self.now)

    def _after(self, at: datetime) -> datetime:
        return at + timedelta(days=self.rng.randrange(1, 4), minutes=self.rng.randrange(0, 300))

    def _before(self, office: Office, days: int) -> datetime:
        return clock.registration_moment(office, self.now - timedelta(days=days)) + timedelta(
            minutes=self.rng.randrange(200)
        )
