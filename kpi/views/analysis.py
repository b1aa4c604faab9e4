"""Figures over the months, between offices and step by step, and the head's morning list."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.dates import MONTHS
from django.views.decorators.http import require_GET

from applications.queries import due_badge
from kpi import charts
from kpi.queries import analysis
from kpi.queries.asking import lines_of
from kpi.queries.morning import morning
from kpi.queries.tables import table_of, words
from kpi.views.common import asked_of, figures_for
from offices.policy import staff_of
from services.models import IndicatorGeneration


@figures_for
@require_GET
def indicator_trends(request: HttpRequest) -> HttpResponse:
    """Every line of the table over 24 months, drawn and as a table."""
    asked = asked_of(request)
    table = table_of(asked.edition.code, asked.scope, asked.period, asked.at)
    drawn = []
    for row in table.rows:
        cell = asked.cell(row.line)
        if not cell.source.monthly:
            continue
        months = analysis.trend(cell)
        points = [
            (point.month, None if point.figure.value is None else float(point.figure.value), _point_words(point))
            for point in months
        ]
        norm = None if row.normative is None else float(row.normative)
        drawn.append((row, charts.trend_chart(points, norm), months))
    empty = [row for row, chart, _months in drawn if not chart.dots]
    return render(request, "kpi/trends.html", asked.context("indicator_trends", drawn=drawn, empty=empty))


def _point_words(point: analysis.MonthPoint) -> str:
    figure = point.figure
    return f"{MONTHS[point.month.month]} {point.month.year}: {words(figure.value)} ({figure.numerator}/{figure.denominator})"


@figures_for
@require_GET
def indicator_offices(request: HttpRequest) -> HttpResponse:
    """All offices at a glance, the worst first, and one line compared with its intervals."""
    asked = asked_of(request)
    line = asked.line(request.GET.get("line") or "1.1")
    compared = analysis.compare(asked.cell(line))
    rows = [(row.office.locality, row.value, row.low, row.high, words(row.figure.value)) for row in compared]
    glance = analysis.at_a_glance(lines_of(IndicatorGeneration.TWELVE), asked.scope, asked.period, asked.at)
    context = {
        "line": line, "lines": asked.lines(), "compared": compared, "chart": charts.bars(rows), "glance": glance,
        "heads": lines_of(IndicatorGeneration.TWELVE),
    }  # fmt: skip
    return render(request, "kpi/offices.html", asked.context("indicator_offices", **context))


@figures_for
@require_GET
def indicator_minutes(request: HttpRequest) -> HttpResponse:
    """Whose minutes: in the cases that were late, the share of each step and unit in the time over the norms."""
    asked = asked_of(request)
    line = asked.line("1.1")
    rows = analysis.whose_minutes(asked.cell(line))
    bars = charts.bars(
        [
            (f"{row.step.no}. {row.step.get_unit_display()}", row.share, row.share, row.share, f"{row.share:.0f} %")
            for row in rows
        ]
    )
    context = {
        "rows": rows,
        "chart": bars,
        "by_norm": any(row.over for row in rows),
        "late": asked.cell(line).failures().count(),
    }
    return render(request, "kpi/minutes.html", asked.context("indicator_minutes", **context))


@figures_for
@require_GET
def morning_list(request: HttpRequest) -> HttpResponse:
    """What to look at first today."""
    now = timezone.now()
    found = morning(staff_of(request), now)
    lists = {
        name: [(case, due_badge(case.due_at, now, case.office)) for case in cases]
        for name, cases in (("overdue", found.overdue), ("today", found.today))
    }
    likely = [(row, due_badge(row.due_at, now, row.case.office)) for row in found.likely]
    return render(request, "kpi/morning.html", {**lists, "likely": likely})
