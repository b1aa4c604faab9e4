"""The files under fixtures/law: reading with places, the form they must have, rows from them, writing them back."""

from services.lawfiles.form import Fault, Path, faults, ordered, place
from services.lawfiles.reading import (
    LawFileError,
    apart,
    definition,
    files_of,
    parse,
    procedure,
    read_yaml,
    table,
    text_of,
)
from services.lawfiles.rows import (
    ANNOTATIONS,
    decree_columns,
    digest_of,
    edition_columns,
    indicator_columns,
    labels,
    resolved,
    service_columns,
    write_parts,
)
from services.lawfiles.writing import dump

__all__ = [
    "ANNOTATIONS", "Fault", "LawFileError", "Path", "apart", "decree_columns", "definition", "digest_of", "dump",
    "edition_columns", "faults", "files_of", "indicator_columns", "labels", "ordered", "parse", "place", "procedure",
    "read_yaml", "resolved", "service_columns", "table", "text_of", "write_parts",
]  # fmt: skip
