"""Papers for tests: made by the real acts, and read back as a person or a machine would."""

from __future__ import annotations

import subprocess
from datetime import datetime, timedelta
from io import BytesIO
from typing import Any

import pikepdf
from django.utils import translation
from django.utils.translation import gettext
from lxml import html as lxml_html

from applications import actions, intake, notices
from applications.intake import Found, PersonData
from applications.models import Case, DecisionKind, Paper
from applications.workflow import State
from offices.policy import Staff
from services.models import Edition
from tests.factories import FRIDAY, Team, make_case, make_intake, make_person

MONDAY = FRIDAY + timedelta(days=3)
LONG_FACTS = "\n\n".join(
    f"{n}. Отбасы мүшелерінің табысы туралы анықтамада көрсетілген мәліметтер мемлекеттік дерекқордан алынған "
    "мәліметтермен сәйкес келмейді: 2025 жылғы төртінші тоқсанда төленген жалақы мен жәрдемақы, жалға берілген "
    "пәтерден түскен кіріс және үй шаруашылығының өнімі өтініште көрсетілмеген, түсініктеме берілмеген, растайтын "
    "құжаттар ұсынылмаған."
    for n in range(1, 10)
)


def long_name(**fields: Any) -> PersonData:
    """An applicant whose name has every letter that Russian lacks."""
    names = {
        "last_name": "Құдайбергенова-Нұрмұхамбетова",
        "first_name": "Айгүлжаһан",
        "patronymic": "Өмірәлі-Шыңғысханқызы",
    }
    return make_person(**{**names, "address": "Шымкент қаласы, Төле би көшесі, 1 үй, 2 пәтер", **fields})


def talon_of(team: Team, label: str, **fields: Any) -> Paper:
    """The talon of a case just registered."""
    paper: Paper = make_case(team, label, **{"person": long_name(), **fields}).papers.get(kind="talon")
    return paper


def decided(
    team: Team,
    label: str = "E8",
    *,
    refused: bool = False,
    facts: str = "Табыс туралы мәлімет сәйкес келмейді.",
    by: Staff | None = None,
    at: datetime = MONDAY,
    **fields: Any,
) -> Case:
    """A case whose notice, or refusal with every ground of the edition, was signed by the head or by `by`."""
    case = make_case(team, label, state=State.ASSIGNED, **{"person": long_name(), **fields})
    if case.edition.norms.filter(trigger="commission_decision").exists():
        case = actions.record_commission(case, number="7-ө", decided_at=at, by=team.executor, at=at)
    kind = DecisionKind.REFUSAL if refused else DecisionKind.GRANT
    grounds = list(case.edition.grounds.exclude(kind="suspension")) if refused else []
    text = "Көмек тағайындаудан бас тартылды." if refused else "Көмек 2026 жылғы 1 сәуірден бастап тағайындалды."
    case = actions.prepare(
        case, kind=kind, text=text, facts=facts if refused else "", grounds=grounds, by=team.executor, at=at
    )
    return actions.sign(case, by=by or team.head, at=at + timedelta(minutes=40))


def decision_paper(case: Case) -> Paper:
    """The notice or the refusal of a signed case."""
    paper: Paper = case.papers.get(kind__in=("grant", "refusal"))
    return paper


def nothing_in_order(edition: Edition) -> list[Found]:
    """A checklist on which every paper is missing or has a defect."""
    papers = enumerate(edition.documents.all())
    return [Found(paper, "defective", "мөрі жоқ") if n % 2 else Found(paper, "missing") for n, paper in papers]


def missing_list(team: Team, label: str, documents: list[Found], by: Staff | None = None, **fields: Any) -> Paper:
    """The list of what is missing, given twelve minutes after the hand-in by the clerk unless `by` says who."""
    data = make_intake(team, label, **{"documents": documents, "person": long_name(), **fields})
    case = intake.take_in(data, by=by or team.clerk, at=FRIDAY + timedelta(minutes=12))
    paper: Paper = case.papers.get(kind="missing")
    return paper


def said(paper: Paper, message: str) -> str:
    """A text of the templates in the paper's language."""
    with translation.override(paper.language):
        return gettext(message)


def page(paper: Paper) -> Any:
    """The paper as a tree of HTML."""
    return lxml_html.fromstring(notices.as_html(paper))


def words(element: Any) -> str:
    """The text of an element with single blanks."""
    return " ".join(element.text_content().split())


def facts(paper: Paper) -> dict[str, str]:
    """The lines of the paper's table of facts."""
    rows = page(paper).xpath("//table[@class='facts']//tr")
    return {words(row.find("th")): words(row.find("td")) for row in rows}


def text_of(pdf: bytes) -> list[str]:
    """What a person reads on each page, with single blanks."""
    done = subprocess.run(["pdftotext", "-", "-"], input=pdf, capture_output=True, check=True)
    return [" ".join(sheet.split()) for sheet in done.stdout.decode().split("\f")[:-1]]


def opened(pdf: bytes) -> pikepdf.Pdf:
    """The PDF as a machine reads it."""
    return pikepdf.open(BytesIO(pdf))
