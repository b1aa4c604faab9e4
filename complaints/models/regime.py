"""The law on complaints as data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from complaints.querysets import RegimeQuerySet
from complaints.workflow import ComplaintKind
from offices.text import Label, in_language
from services.deadlines import Norm, Unit


@dataclass(frozen=True)
class Outcome:
    """A way in which a complaint can end, out of the closed list of its regime."""

    code: str
    name: str
    satisfies: str  # full, part or none
    unconsidered: bool


@dataclass(frozen=True)
class Extension:
    """A way in which the term can be lengthened: by whose decision, up to when, and within what term the person is told."""

    code: str
    name: str
    amount: int
    unit: str  # calendar_day, working_day or month
    counted_from: str  # registration or due
    by: tuple[str, ...]
    notice: Norm | None
    point: str


class Regime(models.Model):
    """The law by which a complaint of one kind is considered that was registered between two days (both inclusive)."""

    code = models.SlugField(max_length=40)
    kind = models.CharField(max_length=12, choices=ComplaintKind.choices)
    valid_from = models.DateField(null=True, blank=True)
    valid_to = models.DateField(null=True, blank=True)
    law_kk, law_ru, law_en = models.TextField(), models.TextField(), models.TextField()
    source = models.CharField(max_length=200)
    silence_refuses = models.BooleanField(default=False)
    data = models.JSONField(help_text="the rules as the file has them")
    digest = models.CharField(max_length=64)

    law = Label()
    objects = RegimeQuerySet.as_manager()

    class Meta:
        verbose_name = _("regime of complaints")
        ordering = ("kind", "valid_from")
        constraints = (models.UniqueConstraint(fields=("code", "kind"), name="one_regime_a_code_and_kind"),)

    def __str__(self) -> str:
        return f"{self.code} {self.kind}"

    def norm(self, name: str) -> Norm | None:
        """The norm of that name (term, forward, return_within, execution), None where the law has none."""
        return _norm(self.data.get(name))

    @property
    def hearing(self) -> tuple[Norm, Norm] | None:
        """How long before an unfavourable answer the preliminary decision comes, and the time to object."""
        rule = self.data.get("hearing")
        if not rule:
            return None
        before, objection = _norm(rule["before"], rule["point"]), _norm(rule["objection"], rule["point"])
        return (before, objection) if before and objection else None

    @property
    def goes_higher(self) -> bool:
        """Whether the body complained of may only grant in full, and passes everything else to the higher body."""
        return bool(self.data["considered_by"] == "higher")

    @property
    def extensions(self) -> list[Extension]:
        """How the term can be extended; empty where it cannot."""
        return [_extension(row) for row in self.data["extensions"]]

    @property
    def outcomes(self) -> list[Outcome]:
        """The closed list of outcomes."""
        rows = self.data["outcomes"]
        return [
            Outcome(row["code"], in_language(row["name"]), row["satisfies"], bool(row.get("unconsidered")))
            for row in rows
        ]

    def outcome(self, code: str) -> Outcome | None:
        """An outcome of the list."""
        return next((row for row in self.outcomes if row.code == code), None)

    @property
    def must_hold(self) -> list[str]:
        """What a complaint must hold: name, iin, address, body, essence, date, signature."""
        return list(self.data["must_hold"])

    @property
    def anonymous_not_considered(self) -> bool:
        """Whether a complaint without a name is left unconsidered at once."""
        return bool(self.data["anonymous"] == "not_considered")


def _norm(rule: dict[str, Any] | None, point: str = "") -> Norm | None:
    if not rule or "amount" not in rule:
        return None
    return Norm(rule["amount"], Unit(rule["unit"]), point=rule.get("point") or point)


def _extension(row: dict[str, Any]) -> Extension:
    up_to = row["up_to"]
    return Extension(
        row["code"], in_language(row["name"]), up_to["amount"], up_to["unit"], row["counted_from"], tuple(row["by"]),
        _norm(row["notice"], row["point"]), row["point"],
    )  # fmt: skip
