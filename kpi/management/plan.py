"""A plausible past as a plan: who handed what in when, and each act of the office with its moment, drawn from a seed."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from applications.actions import ways_of
from applications.clock import overall_norm
from applications.identifiers import check_iin
from applications.intake import Found, PersonData
from applications.models import Case, DecisionKind
from offices.calendars import calendar_of
from offices.models import Membership, Office, User
from offices.policy import Staff, staff_at
from offices.workflow import Role
from services.models import Edition
from services.queries import steps_of
from services.workflow import StepTransition, Trigger

_MINUTES = {"minute": 1, "hour": 60, "working_day": 480, "calendar_day": 330}
_SURNAMES = (
    "Ахметов",
    "Сейітқали",
    "Нұрмұхаммед",
    "Жұмабек",
    "Өтеген",
    "Қасым",
    "Ыбырай",
    "Әбдіқадыр",
    "Тоқтар",
    "Үсен",
    "Ким",
)
_NAMES = ("Гүлшат", "Ақбөпе", "Айгүл", "Ерлан", "Бауыржан", "Дәурен", "Сәуле", "Ольга", "Қанат", "Өмірбек", "Виктория")
_TEXTS = {"kk": "Өтінішіңіз қаралды.", "ru": "Ваше заявление рассмотрено."}
_FACTS = "Ұсынылған мәліметтер дерекқормен сәйкес келмейді."
_REASON = "Өтініш берушінің сұрауы бойынша"
_RETURNED = "Төлем кезеңін нақтылаңыз."


@dataclass
class Done:
    """One act of the plan: its name, its moment, by whom, and what it needs."""

    name: str
    at: datetime
    by: Staff
    data: dict[str, Any] = field(default_factory=dict)


@dataclass
class Planned:
    """One application with all its acts up to the end of the past."""

    office: Office
    edition: Edition
    person: PersonData
    language: str
    acts: list[Done]


@dataclass(frozen=True)
class People:
    """Who works in the office."""

    clerk: Staff
    head: Staff
    executors: tuple[Staff, ...]

    def of(self, unit: str, executor: Staff) -> Staff:
        """Whoever does the steps of a unit; the executor is the one named in the resolution."""
        return {"clerk": self.clerk, "head": self.head}.get(unit, executor)


def people_of(office: Office, at: datetime) -> People:
    """The staff of the office; who is lacking is invented, with an account that nobody can log in to."""
    found = {}
    for role, number in ((Role.CLERK, 1), (Role.HEAD, 1), (Role.EXECUTOR, 2)):
        users = [
            row.user
            for row in Membership.objects.filter(office=office, role=role).select_related("user").order_by("pk")
        ]
        for place in range(len(users), number):
            name = f"simulated.{office.code.lower()}.{role}{place + 1}"
            user = User(username=name, last_name=_SURNAMES[place], first_name=_NAMES[place])
            user.set_unusable_password()
            user.save()
            Membership.objects.create(user=user, office=office, role=role)
            users.append(user)
        found[role] = [staff_at(user, at) for user in users]
    return People(found[Role.CLERK][0], found[Role.HEAD][0], tuple(found[Role.EXECUTOR]))


class Plan:
    """Applications of one office over `days` days before `now`, always the same for the same seed."""

    def __init__(self, office: Office, *, seed: int, now: datetime, days: int = 365) -> None:
        self.rng = random.Random(f"{office.key} {seed}")  # noqa: S311 - an invented past, no secret
        self.office, self.now, self.days = office, now, days
        self.people = people_of(office, now)
        self.editions = [row for row in Edition.objects.offered(office.pk, timezone.localdate(now)) if _at_counter(row)]
        self._seen: set[str] = set()

    def cases(self, count: int) -> list[Planned]:
        """The applications, in the order in which they were handed in."""
        minutes = sorted(self.rng.randrange(self.days * 24 * 60) for _ in range(count))
        return [self._one(self.now - timedelta(minutes=self.days * 24 * 60 - minute)) for minute in minutes]

    def _one(self, start: datetime) -> Planned:
        edition = self.rng.choice(self.editions)
        executor = self.rng.choice(self.people.executors)
        planned = Planned(self.office, edition, self._person(), self.rng.choice(("kk", "kk", "ru")), [])
        opening = calendar_of(self.office).at_or_next_opening(start) + timedelta(minutes=self.rng.randrange(150))
        for act in self._acts(edition, executor, planned.language, opening):
            if act.at > self.now:
                break
            planned.acts.append(act)
        return planned

    def _acts(self, edition: Edition, executor: Staff, language: str, at: datetime) -> Iterator[Done]:
        unit = {step.transition: step.unit for step in steps_of(edition)}
        taker = self.people.of(unit[StepTransition.REGISTER], executor)
        at, received = self._later(at, 3, 25), at
        complete = self.rng.random() < 0.85
        yield Done("take_in", at, taker, {"received_at": received, "found": self._papers(edition, complete)})
        if not complete:
            if self.rng.random() < 0.2:
                return
            at = self._later(at, 400, 2000)
            yield Done("take_in_again", at, taker, {"received_at": at, "found": self._papers(edition, True)})
        if self.rng.random() < 0.005:
            yield Done("annul", self._later(at, 5, 30), taker, {"reason": _REASON})
            return
        at = self._pace(edition, StepTransition.ASSIGN, at)
        yield Done("assign", at, self.people.head, {"executor": executor.user})
        if self.rng.random() < 0.015:
            yield Done("withdraw", self._later(at, 60, 900), self.people.clerk, {"reason": _REASON})
            return
        yield from self._decide(
            edition, executor, language, at, self.people.of(unit[StepTransition.HAND_OVER], executor)
        )

    def _decide(self, edition: Edition, executor: Staff, language: str, at: datetime, giver: Staff) -> Iterator[Done]:
        if _by_commission(edition):
            at = self._later(at, 300, 3000)
            yield Done("record_commission", at, executor, {"number": str(self.rng.randrange(1, 60)), "decided_at": at})
        at = self._pace(edition, StepTransition.PREPARE, at)
        words = self._decision(edition, language)
        yield Done("prepare", at, executor, words)
        if self.rng.random() < 0.08:
            at = self._pace(edition, StepTransition.SIGN, at)
            yield Done("return_for_rework", at, self.people.head, {"reason": _RETURNED})
            at = self._later(at, 30, 400)
            yield Done("prepare", at, executor, words)
        at = self._pace(edition, StepTransition.SIGN, at)
        yield Done("sign", at, self.people.head)
        at = self._later(at, 2, 60)
        yield Done("enter_in_record_book", at, giver)
        if self.rng.random() < 0.5:
            at = self._pace(edition, StepTransition.HAND_OVER, at)
            yield Done("tell", at, giver, {"how": "phone"})
        at = self._pace(edition, StepTransition.HAND_OVER, at)
        ways = ways_of(Case(edition=edition))
        yield Done("hand_over", at, giver, {"way": self.rng.choice(ways)})

    def _decision(self, edition: Edition, language: str) -> dict[str, Any]:
        grounds = list(edition.grounds.exclude(kind="suspension"))
        if self.rng.random() < 0.82 or not grounds:
            return {"kind": DecisionKind.GRANT, "text": _TEXTS[language]}
        ground = self.rng.choice(grounds)
        return {"kind": DecisionKind.REFUSAL, "text": _TEXTS[language], "facts": _FACTS, "grounds": [ground]}

    def _pace(self, edition: Edition, transition: StepTransition, at: datetime) -> datetime:
        """A later moment: mostly within the norm of the step, sometimes not."""
        step = next((step for step in steps_of(edition) if step.transition == transition), None)
        if self.rng.random() < 0.015:  # forgotten on a desk
            return self._later(at, 3000, 7000)
        norm = (step.norm_amount or 1) * _MINUTES.get(step.norm_unit, 240) if step and step.norm_amount else 480
        return self._later(at, max(1, norm // 8), max(3, int(norm * self.rng.choice((0.6, 0.7, 0.8, 0.9, 1.1)))))

    def _later(self, at: datetime, least: int, most: int) -> datetime:
        return calendar_of(self.office, for_show=True).add_minutes(at, self.rng.randint(least, max(least, most)))

    def _papers(self, edition: Edition, complete: bool) -> list[Found]:
        lines, groups = [], set()
        for paper in edition.documents.all():
            status = "shown" if paper.mode == "shown" else "handed_in"
            if paper.condition_code or not paper.required or paper.alternative_group in groups:
                status = "not_needed"
            if paper.alternative_group:
                groups.add(paper.alternative_group)
            lines.append(Found(paper, status))
        if not complete:
            lines[0] = Found(lines[0].requirement, "missing")
        return lines

    def _person(self) -> PersonData:
        digits = f"{self.rng.randrange(10**8):08d}"
        phone = f"+7 70{digits[0]} {digits[1:4]} {digits[4:6]} {digits[6:]}"
        return PersonData(self.rng.choice(_SURNAMES), self.rng.choice(_NAMES), iin=self._iin(), phone=phone)

    def _iin(self) -> str:
        # The year 2099: well formed, and nobody's.
        while True:
            stem = f"99{self.rng.randrange(1, 13):02d}{self.rng.randrange(1, 29):02d}5{self.rng.randrange(10_000):04d}"
            for digit in "0123456789":
                if stem + digit not in self._seen and not check_iin(stem + digit).problem:
                    self._seen.add(stem + digit)
                    return stem + digit


def _at_counter(edition: Edition) -> bool:
    """Whether an edition has the steps of the department's own counter."""
    found = {step.transition for step in steps_of(edition)}
    wanted = ("register", "assign", "prepare", "sign", "hand_over")
    return found.issuperset(wanted) and edition.documents.exists()


def _by_commission(edition: Edition) -> bool:
    norm = overall_norm(Case(edition=edition))
    return norm is not None and norm.trigger == Trigger.COMMISSION_DECISION
