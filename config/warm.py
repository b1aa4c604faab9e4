"""What the first visitor of a process would wait for: addresses, catalogues and templates, read before it is born.

With `gunicorn --preload` every worker has them from the start: one that takes a killed one's place answers at once.
"""

from __future__ import annotations

from django.conf import settings
from django.template.loader import get_template
from django.urls import get_resolver
from django.utils import translation


def warm() -> None:
    """Read the addresses, the catalogue of each language and the templates of the pages; asks no database."""
    for language, _name in settings.LANGUAGES:
        with translation.override(language):
            get_resolver()._populate()
            translation.gettext("")
    folder = settings.BASE_DIR / "templates"
    for page in folder.rglob("*.html"):
        get_template(str(page.relative_to(folder)))
