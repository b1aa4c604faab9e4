"""The law printed back for everybody: annexes with their diagram, and their comparison with the decree."""

from __future__ import annotations

import json
from functools import lru_cache
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils import timezone, translation
from django.views.decorators.http import require_safe

from offices.pdf import html_to_pdf
from offices.policy import heavy, public
from offices.text import current_language, in_language
from services import annexes, sheets
from services.diagrams import as_bpmn, as_svg, diagram_of
from services.diagrams.layout import PATHS, Path
from services.models import Edition
from services.workflow import EditionState

CONTENT_TYPES = {
    "json": "application/json; charset=utf-8",
    "html": "text/html; charset=utf-8",
    "pdf": "application/pdf",
    "svg": "image/svg+xml",
    "bpmn": "application/xml; charset=utf-8",
}
PAPERS = ("A3", "A4")


@public
@require_safe
def annex(request: HttpRequest, code: str) -> HttpResponse:
    """Tables 1-3 and the diagram of an edition; `viewer=1` loads the BPMN viewer, `version` an older version."""
    edition = _edition(request, code)
    context = annex_context(edition) | {"viewer": "viewer" in request.GET, "compared": bool(annexes.printed(code))}
    return render(request, "services/annex.html", context)


@public
@heavy(when=lambda request, suffix, **_: suffix == "pdf")
@require_safe
def annex_file(request: HttpRequest, code: str, suffix: str) -> HttpResponse:
    """The same as a file: json, pdf, svg or bpmn; `path` (main or alternative) leaves one of the two paths."""
    edition, path = _edition(request, code), request.GET.get("path") or None
    if path not in (None, *PATHS):
        raise Http404
    body = annex_bytes(edition.pk, edition.digest, suffix, path, current_language())
    response = HttpResponse(body, content_type=CONTENT_TYPES[suffix])
    response["Content-Disposition"] = f'inline; filename="{code}{f"-{path}" if path else ""}.{suffix}"'
    return response


@public
@require_safe
def comparison(request: HttpRequest, code: str) -> HttpResponse:
    """What the decree prints, cell by cell, beside what runs; every difference with its reading."""
    edition = _edition(request, code)
    cells = annexes.compare(edition)
    if not cells:
        raise Http404
    tables = [(table, [cell for cell in cells if cell.place[0] == str(table)]) for table in (1, 2, 3)]
    differ = [cell for cell in cells if not cell.same]
    context = {
        "edition": edition,
        "tables": [(table, [(annexes.place_words(cell.place), cell) for cell in own]) for table, own in tables],
        "readings": [(reading, in_language(reading)) for reading in edition.definition.get("readings") or []],
        "equal": len(cells) - len(differ),
        "explained": len([cell for cell in differ if cell.reading]),
        "unexplained": len([cell for cell in differ if not cell.reading]),
    }
    return render(request, "services/comparison.html", context)


@public
@require_safe
def sheet(request: HttpRequest, code: str) -> HttpResponse:
    """The 25 points of a standard as the stand in the waiting hall shows them."""
    edition = _edition(request, code)
    if not sheets.has_sheet(edition):
        raise Http404
    return render(request, "services/sheet.html", {"edition": edition, "rows": sheets.rows(edition)})


@public
@heavy
@require_safe
def sheet_file(request: HttpRequest, code: str) -> HttpResponse:
    """The sheet for printing; `paper` is A3 (the stand) or A4."""
    edition, paper = _edition(request, code), request.GET.get("paper", "A3")
    if not sheets.has_sheet(edition) or paper not in PAPERS:
        raise Http404
    response = HttpResponse(
        sheet_bytes(edition.pk, edition.digest, paper, current_language()), content_type="application/pdf"
    )
    response["Content-Disposition"] = f'inline; filename="{code}-{paper}.pdf"'
    return response


# ------------------------------------------------------------------ one edition, in any form


@lru_cache(maxsize=32)
def sheet_bytes(edition_id: int, digest: str, paper: str, language: str) -> bytes:
    """The sheet of a standard as PDF on A3 or A4, in `language`."""
    edition = Edition.objects.for_detail().get(pk=edition_id)
    with translation.override(language):
        context = {"edition": edition, "rows": sheets.rows(edition), "language": language, "paper": paper}
        return html_to_pdf(render_to_string("services/sheet_paper.html", context), variant="pdf/ua-1")


def annex_context(edition: Edition, path: Path | None = None) -> dict[str, Any]:
    """What the annex shows in the page's language, on a page and on paper."""
    language = current_language()
    diagram = diagram_of(edition, path)
    return {
        "edition": edition,
        "own_tables": annexes.has_tables(edition),
        "annex_heads": (annexes.printed(edition.code) or {}).get("annexes", {}),
        "title": annexes.table1_title(edition),
        "blocks": annexes.table1_blocks(edition, language),
        "paths": [grid for table in _tables(path) if (grid := annexes.path_grid(edition, table, language))],
        "svg": as_svg(diagram),
        "wide": diagram.width > 1900,
        "path": path,
    }


def _tables(path: Path | None) -> tuple[int, ...]:
    return {"main": (2,), "alternative": (3,)}.get(path or "", (2, 3))


@lru_cache(maxsize=128)
def annex_bytes(edition_id: int, digest: str, suffix: str, path: Path | None, language: str) -> bytes:
    """The annex as a file; kept, because a published edition never changes (`digest` tells a draft's states apart)."""
    edition = Edition.objects.for_detail().get(pk=edition_id)
    with translation.override(language):
        if suffix == "json":
            return json.dumps(annexes.annex_data(edition, path), ensure_ascii=False, indent=2).encode()
        if suffix == "svg":
            return as_svg(diagram_of(edition, path)).encode()
        if suffix == "bpmn":
            return as_bpmn(diagram_of(edition, path), edition.code).encode()
        html = render_to_string(
            "services/annex_paper.html", annex_context(edition, path) | {"language": language}
        ).strip()
        return html.encode() if suffix == "html" else html_to_pdf(html, variant="pdf/ua-1")


def _edition(request: HttpRequest, code: str) -> Edition:
    """The edition in force, or the version asked for; drafts are nobody's law yet."""
    editions = Edition.objects.for_detail().filter(code=code).exclude(state=EditionState.DRAFT)
    version = request.GET.get("version", "")
    if version:
        editions = (
            editions.filter(version=int(version)) if version.isdecimal() and len(version) < 5 else editions.none()
        )
    else:
        editions = editions.in_force(timezone.localdate())
    edition = editions.order_by("-version").first()
    if edition is None:
        raise Http404
    return edition
