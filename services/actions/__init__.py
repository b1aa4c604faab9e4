"""Acts on the catalogue: loading the law files; the life of an edition from a draft to its withdrawal."""

from services.actions.loading import load_edition, load_law
from services.actions.transfer import export_all, export_edition, import_all, import_draft
from services.actions.versions import (
    EditRefused,
    add_decree,
    add_service,
    amend,
    copy_as,
    discard,
    edit,
    offer,
    publish,
    withdraw,
)

__all__ = [
    "EditRefused", "add_decree", "add_service", "amend", "copy_as", "discard", "edit", "export_all",
    "export_edition", "import_all", "import_draft", "load_edition", "load_law", "offer",
    "publish", "withdraw",
]  # fmt: skip
