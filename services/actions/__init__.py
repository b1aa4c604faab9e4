"""Acts on the catalogue: loading the law files; the life of an edition from a draft to its withdrawal."""

from services.actions.loading import load_edition, load_law
from services.actions.versions import (
    EditRefused,
    amend,
    copy_as,
    discard,
    edit,
    offer,
    publish,
    withdraw,
)

__all__ = [
    "EditRefused",
    "amend",
    "copy_as",
    "discard",
    "edit",
    "load_edition",
    "load_law",
    "offer",
    "publish",
    "withdraw",
]
