"""For everybody: the versions of an edition, what each changed, and which points later acts amended."""

from __future__ import annotations

from itertools import pairwise

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from offices.policy import public
from services import differences
from services.models import Edition
from services.workflow import EditionState


@public
@require_safe
def service_changes(request: HttpRequest, code: str) -> HttpResponse:
    """All versions that were ever in force, the newest first, each with what it changed against the one before."""
    versions = list(
        Edition.objects.filter(code=code)
        .exclude(state=EditionState.DRAFT)
        .select_related("service", "decree")
        .order_by("-version")
    )
    if not versions:
        raise Http404
    changes = {after.pk: differences.of_edition(after, before) for after, before in pairwise(versions)}
    since = _since(versions, request.GET.get("from", ""))
    context = {
        "since": since,
        "gone_on": differences.of_edition(versions[0], since) if since else [],
        "edition": versions[0],
        "versions": [(edition, changes.get(edition.pk)) for edition in versions],
        "amendments": versions[0].definition.get("amendments") or [],
        "readings": versions[0].definition.get("readings") or [],
    }
    return render(request, "services/changes.html", context)


def _since(versions: list[Edition], asked: str) -> Edition | None:
    """The older version that the visitor comes from: a case of it, or a printed page."""
    older = {str(edition.version): edition for edition in versions[1:]}
    return older.get(asked)
