"""Every act on the law, ready to be done. ADD A LINE FOR A NEW ACT."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

from services import actions
from services.models import Edition
from tests.config.people_for_deeds import LATER, Deed, People
from tests.factories import FRIDAY, edition

NAME = {"kk": "Жоба", "ru": "Проект", "en": ""}


def law_draft() -> Any:
    """A draft of the law."""
    model = edition("E10")
    new = {"code": "draft-1", "label": "E99", "service": model.service, "decree": model.decree, "name": NAME}
    return actions.copy_as(model, **new, by=None, at=FRIDAY)


def on_the_law(_: People) -> dict[str, Callable[[], Deed]]:
    """Drafts, versions, files."""
    act = {"number": "1", "day": date(2026, 3, 1), "text": {"kk": "Қ", "ru": "П"}, "valid_from": date(2026, 4, 1)}

    def amend() -> Any:
        return actions.amend(edition("E8"), **act, by=None, at=FRIDAY)

    def edited() -> Deed:
        row = law_draft()
        change = {"revision": row.revision, "part": "main", "by": None, "at": LATER}
        return lambda: actions.edit(row, lambda definition: definition.update(name={**NAME, "kk": "Басқа"}), **change)

    def published() -> Deed:
        pk = amend().pk
        return lambda: actions.publish(Edition.objects.get(pk=pk), at=LATER, staffed=False)

    def read_in() -> Deed:
        row = law_draft()
        text = actions.export_edition(row).encode()
        actions.discard(row)
        return lambda: actions.import_draft(text, "draft.yaml", may=lambda decree: True, by=None, at=LATER)

    def all_in() -> Deed:
        row = law_draft()
        archive = actions.export_all(at=FRIDAY)
        actions.discard(row)
        return lambda: actions.import_all(archive, may=lambda decree: True, at=LATER)

    return {
        "versions.copy_as": lambda: law_draft,
        "versions.amend": lambda: amend,
        "versions.edit": edited,
        "versions.publish": published,
        "versions.withdraw": lambda: lambda: actions.withdraw(edition("E8"), at=LATER),
        "transfer.import_draft": read_in,
        "transfer.import_all": all_in,
    }
