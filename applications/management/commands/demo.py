"""`manage.py demo`: invented offices' life, made through the real actions with a moving clock. For DEMO=1 only."""

from __future__ import annotations

import base64
import hashlib
import random
import uuid
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, ClassVar

from allauth.mfa.models import Authenticator
from allauth.mfa.utils import encrypt
from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction
from django.test.utils import override_settings
from django.utils import timezone

from applications import actions, hall, intake, shipping
from applications.identifiers import check_iin
from applications.intake import Found, Intake, PersonData
from applications.models import Case, Channel, DecisionKind, HallWindow, Outcome, Purpose, Visit
from applications.workflow import AWAITED, CLOSED, State
from offices.calendars import calendar_of
from offices.models import Membership, Office, User
from offices.policy import Staff, staff_at
from offices.workflow import Role
from services.models import Edition
from services.queries import steps_of

PASSWORD = "demo-2026-offices"  # noqa: S105 - known on purpose; settings refuse DEMO outside this machine
_DEPARTMENTS = {
    "shymkent": "south:shymkent",
    "taraz": "zhambyl:taraz",
    "kokshetau": "akmola:kokshetau",
    "presnovka": "north:zhambyl",
    "beskol": "north:kyzylzhar",
}
_CENTRE = "south:centre-shymkent-1"
_POSTS = {
    Role.CLERK: "кеңсе қызметкері",
    Role.HEAD: "бөлім басшысы",
    Role.DEPUTY: "басшының орынбасары",
    Role.EXECUTOR: "бас маман",
    Role.CENTRE_INSPECTOR: "инспектор",
    Role.CENTRE_ACCUMULATOR: "жинақтау бөлімінің инспекторы",
    Role.OBSERVER: "бақылаушы",
    Role.ADMINISTRATOR: "әкімші",
}
_SURNAMES = [
    "Ахметов",
    "Сейітқали",
    "Нұрмұхаммед",
    "Жұмабек",
    "Өтеген",
    "Қасым",
    "Ыбырай",
    "Әбдіқадыр",
    "Тоқтар",
    "Мырзағали",
    "Құдайберген",
    "Оразбай",
    "Үсен",
    "Дәулет",
]
_WOMEN = ["Гүлшат", "Ақбөпе", "Айгүл", "Жанар", "Меруерт", "Сәуле", "Ұлбосын", "Әсел", "Назым", "Күләш"]
_MEN = ["Ерлан", "Бауыржан", "Дәурен", "Нұрлан", "Қанат", "Серік", "Өмірбек", "Жандос", "Әлібек", "Марат"]
_FATHERS = ["Қуаныш", "Төлеген", "Сәкен", "Әбдірахман", "Мұрат", "Өмір", "Бақыт", "Жақып"]
_RUSSIANS = (("Иванова", "Ольга", "Петровна"), ("Соколов", "Андрей", "Викторович"), ("Ким", "Виктория", "Сергеевна"))


class Command(BaseCommand):
    """Accounts for every role and cases in all states; a second run changes nothing."""

    help = "Fill an empty installation with invented staff and applications (DEMO=1 only)."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--cases", type=int, default=200)
        parser.add_argument("--seed", type=int, default=2026)

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEMO:
            raise CommandError("DEMO is off: known passwords belong to the demonstration only.")
        if not User.objects.exists():
            with transaction.atomic():
                accounts()
        if not Case.objects.exists():
            # Papers are rendered when they are opened, otherwise the demonstration would take minutes to start.
            with override_settings(PAPERS_AT_ONCE=False):
                Past(options["seed"]).live(options["cases"])
        self.stdout.write(f"Accounts: {', '.join(User.objects.values_list('username', flat=True))}")
        self.stdout.write(f"Password of all: {PASSWORD}")


def accounts() -> None:
    """Staff of five departments, one service centre and the oblasts: user names such as clerk.shymkent."""
    # One password, one hash: Argon2 is slow on purpose.
    rng, password = random.Random(1), make_password(PASSWORD)
    for town, key in _DEPARTMENTS.items():
        for name, role in [
            ("clerk", Role.CLERK),
            ("head", Role.HEAD),
            ("deputy", Role.DEPUTY),
            ("executor", Role.EXECUTOR),
            ("executor2", Role.EXECUTOR),
            ("observer", Role.OBSERVER),
            ("admin", Role.ADMINISTRATOR),
        ]:
            _account(rng, password, f"{name}.{town}", key, role)
    for key in (*_DEPARTMENTS.values(), _CENTRE):
        HallWindow.objects.bulk_create(HallWindow(office=Office.objects.get(key=key), number=n) for n in (1, 2, 3))
    _account(rng, password, "window.shymkent", _CENTRE, Role.CENTRE_INSPECTOR)
    _account(rng, password, "packages.shymkent", _CENTRE, Role.CENTRE_ACCUMULATOR)
    _account(rng, password, "admin.zhambyl", "zhambyl:oblast", Role.ADMINISTRATOR)


def _account(rng: random.Random, password: str, username: str, key: str, role: Role) -> None:
    last, first, father = _name(rng)
    user = User.objects.create(
        username=username, password=password, last_name=last, first_name=first, patronymic=father, post=_POSTS[role]
    )
    Membership.objects.create(user=user, office=Office.objects.get(key=key), role=role)
    # The second factor works as everywhere; its secret is known, and the page of the second step shows the code.
    secret = base64.b32encode(hashlib.sha256(f"demonstration {username}".encode()).digest()[:20]).decode()
    Authenticator.objects.create(user=user, type=Authenticator.Type.TOTP, data={"secret": encrypt(secret)})


def _name(rng: random.Random) -> tuple[str, str, str]:
    if rng.random() < 0.15:
        return rng.choice(_RUSSIANS)
    surname, father = rng.choice(_SURNAMES), rng.choice(_FATHERS)
    woman = rng.random() < 0.6
    stem = surname if surname.endswith("ов") else surname + ("ов" if surname[-1] in "бвгджзлмнр" else "ев")
    if woman:
        return f"{stem}а", rng.choice(_WOMEN), f"{father}қызы"
    return stem, rng.choice(_MEN), f"{father}ұлы"


class Past:
    """The last weeks of the offices: every case goes through the real actions at plausible moments of office time."""

    def __init__(self, seed: int) -> None:
        self.rng = random.Random(seed)
        self.now = timezone.now()

    def live(self, cases: int) -> None:
        """Make `cases` cases, spread over the departments and over the last 45 days, in the order in which they came."""
        offices = [Office.objects.get(key=key) for key in _DEPARTMENTS.values()]
        starts = []
        for _number in range(cases):
            office = self.rng.choices(offices, weights=(5, 3, 3, 1, 1))[0]
            ago = timedelta(minutes=int(45 * 24 * 60 * self.rng.random() ** 2))
            starts.append((self._office_moment(office, self.now - ago), office))
        for start, office in sorted(starts, key=lambda row: row[0]):
            edition = self.rng.choice(list(Edition.objects.offered(office.pk, self.now.date())))
            if start < self.now:
                with transaction.atomic():
                    self._one(office, edition, start)
        self._full_halls(offices)

    def _one(self, office: Office, edition: Edition, at: datetime) -> None:
        centre = Office.objects.get(key=_CENTRE) if edition.through_centre and self.rng.random() < 0.6 else None
        documents, complete = self._papers(edition)
        first_unit = next(step.unit for step in steps_of(edition) if centre or step.transition == "register")
        clerk = self._who(centre or office, first_unit)
        visit = self._from_the_hall(centre or office, edition, clerk, at) if self.rng.random() < 0.8 else None
        data = Intake(
            office, edition, self._person(), documents, at, self.rng.choice(("kk", "kk", "ru")), centre, visit
        )
        taken_at = self._later(office, at, 2, 25)
        if taken_at > self.now:
            return
        case = intake.take_in(data, by=clerk, at=taken_at)
        if visit is not None:
            hall.finish(visit, outcome=Outcome.SERVED, by=clerk, at=taken_at)
        if not complete:
            back = self._later(office, taken_at, 400, 2000)
            if back > self.now or self.rng.random() < 0.2:
                return
            papers = self._papers(edition, complete=True)[0]
            case = intake.take_in_again(
                case, papers, received_at=back, by=self._who(centre or office, first_unit), at=back
            )
            taken_at = back
        self._go_on(case, taken_at)

    def _from_the_hall(self, place: Office, edition: Edition, clerk: Staff, at: datetime) -> Visit | None:
        """The visitor who was called at `at` after some waiting; another one now and then gave up before him."""
        free = place.windows.exclude(visits__in=Visit.objects.at_windows())
        window = free.order_by("?").first() if free.exists() else None
        if window is None:
            return None
        waited = timedelta(minutes=int(self.rng.triangular(0, 62, 9)))
        if self.rng.random() < 0.07:
            gone = self._talon(place, edition, at - waited - timedelta(minutes=4))
            left_at = at - timedelta(minutes=self.rng.randrange(1, 4))
            hall.finish(gone, outcome=Outcome.LEFT, by=clerk, at=left_at)
        self._talon(place, edition if self.rng.random() < 0.85 else None, at - waited)
        return hall.call_next(window, turn=window.turn, by=clerk, at=at)

    def _talon(self, place: Office, edition: Edition | None, at: datetime) -> Visit:
        key = uuid.UUID(int=self.rng.getrandbits(128), version=4)
        return hall.issue(place, purpose=Purpose.HAND_IN, edition=edition, key=key, by=None, at=at)

    def _full_halls(self, offices: list[Office]) -> None:
        """Those who sit in the halls now."""
        for office in offices:
            editions = list(Edition.objects.offered(office.pk, self.now.date()))
            for minutes in sorted(self.rng.sample(range(1, 45), 5), reverse=True):
                self._talon(office, self.rng.choice([*editions, None]), self.now - timedelta(minutes=minutes))

    def _go_on(self, case: Case, at: datetime) -> None:
        stops_early = self.rng.random() < 0.06
        while case.state not in CLOSED:
            at = self._later(case.office, at, *self._pace(case))
            if at > self.now or (stops_early and self.rng.random() < 0.5):
                return
            if self.rng.random() < 0.01 and case.state in (State.REGISTERED, State.ASSIGNED):
                reason = "Өтініш беруші өтінішін қайтарып алды"
                case = actions.withdraw(case, reason=reason, by=self._who(case.office, "clerk"), at=at)
                continue
            case = self._step(case, at)

    def _pace(self, case: Case) -> tuple[int, int]:
        """Working minutes that the next act takes: mostly within its norm, sometimes not."""
        awaited = AWAITED.get(case.state, "")
        step = next((step for step in steps_of(case.edition) if step.transition == awaited), None)
        per_unit = {"minute": 1, "hour": 60, "working_day": 480, "calendar_day": 330}
        norm = (step.norm_amount or 1) * per_unit.get(step.norm_unit, 240) if step and step.norm_amount else 480
        return max(1, norm // 8), max(3, int(norm * self.rng.choice((0.7, 0.8, 0.9, 1.15))))

    def _step(self, case: Case, at: datetime) -> Case:
        awaited = AWAITED.get(case.state, "")
        step = next((step for step in steps_of(case.edition) if step.transition == awaited), None)
        unit = step.unit if step else "centre_inspector"
        place = case.centre if unit.startswith("centre_") and case.centre else case.office
        by = self._who(place, unit, case)
        move: Callable[[Past, Case, Staff, datetime], Case] = self._moves[case.state]
        return move(self, case, by, at)

    def _assign(self, case: Case, by: Staff, at: datetime) -> Case:
        people = User.objects.filter(memberships__office=case.office, memberships__role=Role.EXECUTOR)
        return actions.assign(case, executor=self.rng.choice(list(people)), by=by, at=at)

    def _prepare(self, case: Case, by: Staff, at: datetime) -> Case:
        norms = case.edition.norms.filter(key="overall", trigger="commission_decision")
        if norms.exists() and not case.commission_at:
            return actions.record_commission(case, number=str(self.rng.randrange(1, 60)), decided_at=at, by=by, at=at)
        if self.rng.random() < 0.82:
            text = (
                "Өтінішіңіз қаралып, оң шешім қабылданды."
                if case.language == "kk"
                else "Ваше заявление рассмотрено, принято положительное решение."
            )
            return actions.prepare(case, kind=DecisionKind.GRANT, text=text, by=by, at=at)
        grounds = list(case.edition.grounds.exclude(kind="suspension"))
        text, facts = (
            "Қызмет көрсетуден бас тартылды.",
            "Ұсынылған құжаттардағы мәліметтер деректер қорымен сәйкес келмейді.",
        )
        if case.language == "ru":
            text, facts = (
                "В оказании услуги отказано.",
                "Сведения в представленных документах расходятся с данными учёта.",
            )
        return actions.prepare(
            case, kind=DecisionKind.REFUSAL, text=text, facts=facts, grounds=[self.rng.choice(grounds)], by=by, at=at
        )

    def _sign(self, case: Case, by: Staff, at: datetime) -> Case:
        if self.rng.random() < 0.08:
            return actions.return_for_rework(case, reason="Төлем кезеңін нақтылаңыз.", by=by, at=at)
        return actions.sign(case, by=by, at=at)

    def _recorded(self, case: Case, by: Staff, at: datetime) -> Case:
        if case.channel == Channel.CENTRE:
            shipping.send_to_centre([case.number], by=by, at=at)
            return self._again(case)
        if self.rng.random() < 0.5:
            return actions.tell(case, how="phone", by=by, at=at)
        return actions.hand_over(case, way=self.rng.choice(actions.ways_of(case)), by=by, at=at)

    def _dispatch(self, case: Case, by: Staff, at: datetime) -> Case:
        shipping.dispatch([case.centre_number], by=by, at=at)
        return self._again(case)

    def _again(self, case: Case) -> Case:
        fresh: Case = Case.objects.get(pk=case.pk)
        return fresh

    _moves: ClassVar[dict[str, Callable[..., Case]]] = {
        State.AT_CENTRE: lambda self, case, by, at: shipping.collect([case.centre_number], by=by, at=at)[0],
        State.COLLECTED: _dispatch,
        State.DISPATCHED: lambda self, case, by, at: intake.register_from_centre(case, by=by, at=at),
        State.REGISTERED: _assign,
        State.ASSIGNED: _prepare,
        State.PREPARED: _sign,
        State.SIGNED: lambda self, case, by, at: actions.enter_in_record_book(case, by=by, at=at),
        State.RECORDED: _recorded,
        State.TOLD: lambda self, case, by, at: actions.hand_over(case, way="in_person", by=by, at=at),
        State.SENT_TO_CENTRE: lambda self, case, by, at: shipping.receive_at_centre([case.number], by=by, at=at)[0],
        State.READY_AT_CENTRE: lambda self, case, by, at: actions.hand_out_at_centre(case, by=by, at=at),
    }

    def _papers(self, edition: Edition, *, complete: bool | None = None) -> tuple[list[Found], bool]:
        complete = self.rng.random() < 0.85 if complete is None else complete
        lines, groups = [], set()
        for paper in edition.documents.all():
            status = "shown" if paper.mode == "shown" else "handed_in"
            if paper.condition_code or not paper.required or paper.alternative_group in groups:
                status = "not_needed"
            if paper.alternative_group:
                groups.add(paper.alternative_group)
            lines.append(Found(paper, status))
        if not complete:
            lines[-1 if len(lines) > 1 else 0] = Found(lines[-1].requirement, "missing")
        return lines, complete

    def _person(self) -> PersonData:
        last, first, patronymic = _name(self.rng)
        digits = f"{self.rng.randrange(10**8):08d}"
        phone = f"+7 70{digits[0]} {digits[1:4]} {digits[4:6]} {digits[6:]}"
        return PersonData(last, first, patronymic, iin=self._iin(), phone=phone)

    def _iin(self) -> str:
        # The year 2099: well formed, and nobody's.
        while True:
            born = f"99{self.rng.randrange(1, 13):02d}{self.rng.randrange(1, 29):02d}"
            stem = f"{born}{self.rng.choice('56')}{self.rng.randrange(10_000):04d}"
            for digit in "0123456789":
                if not check_iin(stem + digit).problem:
                    return stem + digit

    def _who(self, office: Office, unit: str, case: Case | None = None) -> Staff:
        if unit == "executor" and case is not None and case.executor is not None:
            return staff_at(case.executor, self.now)
        role = {"head": self.rng.choice((Role.HEAD, Role.HEAD, Role.DEPUTY))}.get(unit, unit)
        members = Membership.objects.filter(office=office, role=role).select_related("user")
        return staff_at(self.rng.choice(list(members)).user, self.now)

    def _later(self, office: Office, at: datetime, least: int, most: int) -> datetime:
        minutes = self.rng.randint(least, max(least, most))
        return calendar_of(office).add_minutes(at, minutes)

    def _office_moment(self, office: Office, at: datetime) -> datetime:
        return calendar_of(office).at_or_next_opening(at) + timedelta(minutes=self.rng.randrange(0, 150))
