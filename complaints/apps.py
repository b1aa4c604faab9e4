from __future__ import annotations

from typing import Any

from django.apps import AppConfig


class ComplaintsConfig(AppConfig):
    """Complaints. Their regimes come with the law, and their terms are counted anew when days change."""

    name = "complaints"

    def ready(self) -> None:
        """Listen to the app below."""
        from applications.clock import days_changed
        from applications.data_rights import case_erased, person_needed
        from complaints import jobs  # noqa: F401 - declares the handler of the outbox
        from services.actions.loading import law_loaded

        law_loaded.connect(_law_loaded)
        days_changed.connect(_days_changed)
        case_erased.connect(_case_erased)
        person_needed.connect(_person_needed)


def _law_loaded(sender: Any, folder: Any, **kwargs: Any) -> None:
    from complaints.lawfiles import load_regimes

    load_regimes(folder)


def _days_changed(sender: Any, offices: frozenset[int | None], **kwargs: Any) -> None:
    from complaints.clock import recompute_open

    recompute_open(offices)


def _case_erased(sender: Any, case: Any, **kwargs: Any) -> None:
    from complaints.actions import erase_of

    erase_of(case)


def _person_needed(sender: Any, person: int, **kwargs: Any) -> bool:
    from complaints.actions.erasing import needs_person

    return needs_person(person)
