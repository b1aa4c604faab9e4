"""A new web worker answers at once."""

from __future__ import annotations

from typing import Any

from django.template import engines
from django.template.loaders.cached import Loader
from django.urls import get_resolver

from config.warm import warm


def test_a_worker_is_born_with_addresses_and_templates_and_without_asking_the_database(monkeypatch: Any) -> None:
    # Without the mark of a database test a query fails.
    loader = next(row for row in engines["django"].engine.template_loaders if isinstance(row, Loader))
    monkeypatch.setattr(loader, "get_template_cache", {})
    monkeypatch.setattr(get_resolver(), "_reverse_dict", {})
    warm()
    assert {"applications/case.html", "applications/take_in.html", "components/act.html"} <= set(
        loader.get_template_cache
    )
    assert set(get_resolver()._reverse_dict) == {"kk", "ru", "en"}
