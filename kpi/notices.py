"""The statutory table on paper, in the layout of the decree, with lines for signatures."""

from __future__ import annotations

from django.template.loader import render_to_string
from django.utils.translation import get_language

from kpi.queries.tables import Table
from offices.models import Membership, Office
from offices.pdf import html_to_pdf
from offices.workflow import Role


def table_pdf(table: Table) -> bytes:
    """The table as a tagged PDF in the page's language."""
    return html_to_pdf(table_html(table), variant="pdf/ua-1")


def table_html(table: Table) -> str:
    """The page that becomes the PDF."""
    context = {"table": table, "language": get_language() or "kk", "head": _head(table)}
    return render_to_string("kpi/paper.html", context)


def _head(table: Table) -> str:
    """Who signs: the head of the one office shown; empty where offices are taken together or nobody holds the role."""
    if table.scope.kind != "office":
        return ""
    office = Office.objects.get(key=table.scope.key)
    heads = Membership.objects.on(table.at.date()).filter(office=office, role=Role.HEAD).select_related("user")
    first = heads.first()
    return first.user.short_name if first else ""
