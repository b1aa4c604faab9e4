"""The statutory table, the cases behind a cell, and the table as a file."""

from __future__ import annotations

from typing import Any

from django.core.paginator import EmptyPage, Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_GET

from applications.models import Case
from complaints.models import Complaint
from kpi import exports, notices
from kpi.queries import analysis
from kpi.queries.cells import Cell
from kpi.queries.explain import countings
from kpi.queries.tables import TableRow, table_of
from kpi.views.common import Asked, asked_of, figures_for
from offices.policy import casework, heavy, staff_of

PAGE = 50


@figures_for
@require_GET
def indicators(request: HttpRequest) -> HttpResponse:
    """The table of an edition as the decree prints it, every value counted and open to its cases."""
    asked = asked_of(request)
    table = table_of(asked.edition.code, asked.scope, asked.period, asked.at)
    return render(request, "kpi/table.html", asked.context("indicators", table=table))


@figures_for
@require_GET
def indicator_cell(request: HttpRequest, code: str) -> HttpResponse:
    """What a figure rests on: numerator, denominator, what was left out, and the rows of each."""
    asked = asked_of(request)
    line = asked.line(code)
    table = table_of(asked.edition.code, asked.scope, asked.period, asked.at)
    row = next(row for row in table.rows if row.line.code == code)
    cell = asked.cell(line)
    parts = _parts(cell, row)
    part = request.GET.get("part", "late" if parts[0][0] == "late" and parts[0][2] else "denominator")
    if part not in {name for name, *_ in parts}:
        raise Http404
    rows = cell.failures() if part == "late" else cell.list(part)
    page = _page(rows.order_by("k_day", "pk"), request)
    context = {"row": row, "line": line, "parts": parts, "part": part, "page": page, "rows": _listed(asked, cell, page)}
    return render(request, "kpi/cell.html", asked.context("indicators", **context))


@casework
@require_GET
def case_figures(request: HttpRequest, pk: int) -> HttpResponse:
    """In which lines of its edition's table a case counts, and why."""
    case = get_object_or_404(Case.objects.visible_to(staff_of(request)).select_related("edition__service"), pk=pk)
    return render(request, "kpi/case.html", {"case": case, "countings": countings(case, timezone.now())})


@figures_for
@heavy
@require_GET
def indicator_export(request: HttpRequest, kind: str) -> HttpResponseBase:
    """The table as XLSX (formulas explained on a second sheet), CSV or PDF (in the statutory layout, to be signed)."""
    asked = asked_of(request)
    table = table_of(asked.edition.code, asked.scope, asked.period, asked.at)
    if kind == "pdf":
        response = HttpResponse(notices.table_pdf(table), content_type="application/pdf")
        response["Content-Disposition"] = f'inline; filename="{exports.name_of(table)}.pdf"'
        return response
    return exports.table_file(table, kind)


def _parts(cell: Cell, row: TableRow) -> list[tuple[str, str, int]]:
    """The lists that stand behind the figure: code, words, number of rows."""
    figure, source = row.figure, cell.source
    missed = figure.denominator - figure.numerator
    parts = [
        ("numerator", row.line.numerator, figure.numerator),
        ("denominator", row.line.denominator, figure.denominator),
    ]
    if source.hit is not None and source.apart is None:
        parts = [("late", "", missed), *parts]
    return [*parts, *row.left_out]


def _page(rows: Any, request: HttpRequest) -> Any:
    try:
        return Paginator(rows, PAGE).page(request.GET.get("page") or 1)
    except (EmptyPage, ValueError) as problem:
        raise Http404 from problem


def _listed(asked: Asked, cell: Cell, page: Any) -> list[dict[str, Any]]:
    """The rows of a page with the case of each, if the person may see it, and the step that made it late."""
    rows = list(page.object_list)
    ids = {row.k_case for row in rows if row.k_case}
    cases = Case.objects.visible_to(asked.staff).for_list().in_bulk(ids)
    worst = analysis.worst_steps(ids, asked.at) if cell.line.data["measure"] == "on_time" else {}
    return [
        {"row": row, "case": cases.get(row.k_case), "step": worst.get(row.k_case), "complaint": _complaint(row)} for row in rows
    ]  # fmt: skip


def _complaint(row: Any) -> Complaint | None:
    return row if isinstance(row, Complaint) else None
