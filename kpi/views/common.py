"""What the indicator pages share: who may see which offices, and what the filter asks for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from django.http import Http404, HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy as _

from kpi.forms import IndicatorFilter
from kpi.queries.asking import Line, Period, Scope, generation_of, lines_of
from kpi.queries.cells import Cell
from offices.models import Office, OfficeKind
from offices.policy import Staff, staff_of, staff_only
from offices.workflow import Role
from services.models import Edition

View = TypeVar("View", bound=Callable[..., Any])

WORKERS = (Role.CLERK, Role.EXECUTOR, Role.HEAD, Role.DEPUTY)
TABS = [
    ("indicators", _("Table")),
    ("indicator_trends", _("Over the months")),
    ("indicator_offices", _("Offices")),
    ("indicator_minutes", _("Whose minutes")),
    ("targets", _("Target values")),
    ("closed_periods", _("Closed periods")),
]


def figures_for(view: View) -> View:
    """Declare that the view is for the people of a department and for the oblast observer."""
    return staff_only(*WORKERS, Role.OBSERVER)(view)


@dataclass(frozen=True)
class Asked:
    """What a page of figures is asked for, with the filter that shows it."""

    staff: Staff
    form: IndicatorFilter
    scope: Scope
    editions: list[Edition]
    period: Period
    at: datetime

    @property
    def edition(self) -> Edition:
        """The newest version of the edition chosen."""
        return self.editions[0]

    @property
    def query(self) -> str:
        """The filter as it stands in an address."""
        return urlencode(self.form.chosen)

    @property
    def may_decide(self) -> bool:
        """Whether the person is the head or the deputy of the one office shown."""
        return self.office is not None and self.staff.power(self.office.pk, (Role.HEAD, Role.DEPUTY)) is not None

    @property
    def office(self) -> Office | None:
        """The one office shown; None where offices are taken together."""
        return Office.objects.get(key=self.scope.key) if self.scope.kind == "office" else None

    def lines(self) -> list[Line]:
        """The lines of the edition's table."""
        return lines_of(generation_of(self.edition))

    def line(self, code: str) -> Line:
        """A line by its code; 404 where the table has none."""
        found = next((line for line in self.lines() if line.code == code), None)
        if found is None:
            raise Http404
        return found

    def cell(self, line: Line) -> Cell:
        """The cell of a line."""
        return Cell(line, self.scope, frozenset(edition.pk for edition in self.editions), self.period, self.at)

    def context(self, current: str, **more: Any) -> dict[str, Any]:
        """What every page of figures needs."""
        tabs = [(f"{reverse(name)}?{self.query}", words, name == current) for name, words in TABS]
        return {"asked": self, "form": self.form, "tabs": tabs, "query": self.query, **more}


def scopes_of(staff: Staff) -> list[Scope]:
    """The offices whose figures the person may see: his own departments, for an observer his oblasts and all in them."""
    found = [Scope.oblast(oblast) for oblast in sorted(staff.oblasts)]
    mine = Office.objects.filter(pk__in=staff.offices(*WORKERS), kind=OfficeKind.DEPARTMENT)
    watched = Office.objects.filter(oblast__in=staff.oblasts, kind=OfficeKind.DEPARTMENT)
    offices = dict.fromkeys([*mine.in_order(), *watched.in_order()])
    return found + [Scope.office(office) for office in offices]


def asked_of(request: HttpRequest) -> Asked:
    """Read the filter out of the address; 404 for whom no department's figures are open."""
    staff, now = staff_of(request), timezone.now()
    scopes = scopes_of(staff)
    offered = _editions([scope.ids for scope in scopes])
    if not scopes or not offered:
        raise Http404
    form = IndicatorFilter(request.GET, scopes=scopes, editions=offered, today=timezone.localdate(now))
    chosen = form.chosen
    scope = next(scope for scope in scopes if scope.code == chosen["scope"])
    versions = list(
        Edition.objects.filter(code=chosen["edition"]).select_related("service", "decree").order_by("-version")
    )
    return Asked(staff, form, scope, versions, Period.parse(chosen["period"]), now)


def _editions(offices: list[frozenset[int]]) -> list[Edition]:
    ids = frozenset().union(*offices) if offices else frozenset()
    rows = Edition.objects.filter(uses__office__in=ids, uses__in_use=True).exclude(state="draft").distinct()
    newest = {edition.code: edition for edition in rows.select_related("service").order_by("version")}
    return sorted(newest.values(), key=lambda edition: (edition.service.position, edition.code))
