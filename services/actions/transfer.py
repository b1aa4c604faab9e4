"""The law in and out: an edition as one file, everything as one archive. What is not whole or of another form changes nothing."""

from __future__ import annotations

import hashlib
import json
import zipfile
from collections.abc import Callable
from datetime import date, datetime
from io import BytesIO
from typing import Any

import yaml
from django.db import transaction
from django.utils.translation import gettext as _

from offices.actions import day_row, office_row, take_calendar, take_offices
from offices.models import CalendarDay, Office, User
from offices.text import LANGUAGES
from services import lawfiles, search
from services.actions.loading import load_edition
from services.actions.versions import EditRefused, note, withdraw, write
from services.lawfiles import LawFileError
from services.models import Condition, Decree, Edition, EditionUse, Indicator, Service

FORMAT, VERSION = "employment-offices-law", 1
_MANIFEST = "manifest.json"
# libyaml's, where it is there: ten times as quick.
_Dumper: Any = getattr(yaml, "CSafeDumper", yaml.SafeDumper)
Row = dict[str, Any]


# ------------------------------------------------------------------ one edition


def export_edition(edition: Edition) -> str:
    """The file of an edition, in the form of fixtures/law/editions."""
    return lawfiles.dump(edition.definition)


@transaction.atomic
def import_draft(
    data: bytes, name: str, *, may: Callable[[Decree], bool], by: User | None, at: datetime
) -> Edition:  # fmt: skip
    """A draft out of the file of an edition: a new one, or new contents for a draft that is there.

    Raises LawFileError with each fault's line, EditRefused for a service or decree that is not there or not the person's, and
    (409) for a version that is published.
    """
    text = _decoded(data, name)
    definition = lawfiles.definition(lawfiles.apart({name: text})[name], name, len(text))
    decree = Decree.objects.filter(code=definition["decree"]).first()
    if decree is None or not may(decree):
        raise EditRefused(_("The decree %(code)s is not one of yours.") % {"code": definition["decree"]}, field="file")
    if not Service.objects.filter(code=definition["service"]).exists():
        raise EditRefused(_("There is no service %(code)s.") % {"code": definition["service"]}, field="file")
    if Edition.objects.filter(short=definition["label"]).exclude(code=definition["code"]).exists():
        raise EditRefused(_("There is an edition with this label already."), field="file")
    edition = Edition.objects.filter(code=definition["code"], version=definition["version"]).first()
    if edition is not None and not edition.is_draft:
        text = _("Version %(version)d of %(code)s is published and cannot change; raise its version.")
        raise EditRefused(text % {"version": edition.version, "code": edition.code}, field="file", status=409)
    edition = edition or Edition(code=definition["code"], version=definition["version"])
    edition.revision += 1
    write(edition, definition)
    note(edition, "imported", by=by, at=at, details=[{"sha256": hashlib.sha256(data).hexdigest()}])
    return edition


def _decoded(data: bytes, name: str) -> str:
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as problem:
        line = data[: problem.start].count(b"\n") + 1
        fault = lawfiles.Fault((), _("This is not UTF-8 text."), line)
        raise LawFileError(f"{name}: {fault}", [fault]) from problem


# ------------------------------------------------------------------ everything, out


def export_all(*, at: datetime) -> bytes:
    """All editions, the catalogues, offices and calendar as one archive, with a list of its files and their digests.

    Unpacked it is a folder that `load_law --folder` takes.
    """
    editions = list(Edition.objects.select_related("decree").order_by("code", "version"))
    files = {_file_of(edition): export_edition(edition).encode() for edition in editions}
    files |= {name: _yaml(rows) for name, rows in _tables().items()}
    files["law/procedures/common.yaml"] = _yaml(lawfiles.procedure("common"))
    manifest = {
        "format": FORMAT,
        "version": VERSION,
        "made_at": at.isoformat(),
        "editions": [_state_of(edition) for edition in editions],
        "files": {name: hashlib.sha256(content).hexdigest() for name, content in sorted(files.items())},
    }
    files = {_MANIFEST: json.dumps(manifest, ensure_ascii=False, indent=1).encode(), **dict(sorted(files.items()))}
    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            # The moment of the list, not of the clock: the same contents give the same archive.
            info = zipfile.ZipInfo(name, at.timetuple()[:6])
            info.compress_type, info.external_attr = zipfile.ZIP_DEFLATED, 0o644 << 16
            archive.writestr(info, content)
    return out.getvalue()


def _file_of(edition: Edition) -> str:
    return f"law/editions/{edition.code}{'' if edition.version == 1 else f'.v{edition.version}'}.yaml"


def _state_of(edition: Edition) -> Row:
    uses = EditionUse.objects.filter(edition=edition).order_by("office__key")
    return {
        "file": _file_of(edition),
        "state": edition.state,
        "valid_to": edition.valid_to.isoformat() if edition.valid_to else None,
        "offices": [[use.office.key, use.in_use] for use in uses.select_related("office")],
    }


def _tables() -> dict[str, list[Row]]:
    offices = Office.objects.select_related("parent", "appeal_body").order_by("key")
    days = CalendarDay.objects.select_related("office").order_by("day", "office__key")
    return {
        "law/decrees.yaml": [decree.data for decree in Decree.objects.order_by("code")],
        "law/services.yaml": [
            {"code": row.code, "name": _label(row, "name"), "everyday": _label(row, "everyday")}
            for row in Service.objects.order_by("position")
        ],
        "law/conditions.yaml": [
            {"code": row.code, "name": _label(row, "name")} for row in Condition.objects.order_by("position")
        ],
        "law/indicators.yaml": [
            {
                "generation": row.generation, "code": row.code, "group": _label(row, "group"), "name": _label(row, "name"),
                "better": row.better, **row.data,
            }
            for row in Indicator.objects.order_by("generation", "code")
        ],
        "offices/offices.yaml": [office_row(office) for office in offices],
        "calendar/calendar.yaml": [day_row(day) for day in days],
    }  # fmt: skip


def _label(row: Any, name: str) -> dict[str, str]:
    return {language: getattr(row, f"{name}_{language}") for language in LANGUAGES}


def _yaml(rows: Any) -> bytes:
    return yaml.dump(rows, Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=120).encode()


# ------------------------------------------------------------------ everything, in


@transaction.atomic
def import_all(data: bytes, *, may: Callable[[Decree], bool], by: User | None = None, at: datetime) -> dict[str, int]:
    """Take in what an archive has and this installation has not; what is there stays as it is. Gives the number of new rows.

    Raises LawFileError, with nothing changed, where the archive is not whole, of another version, or would change what is
    published; EditRefused where an edition belongs to a decree that is not the person's.
    """
    files, manifest = _read(data)
    names = {*_TABLES, *(about["file"] for about in manifest["editions"])}
    texts = {name: _decoded(files[name], name) for name in sorted(names)}
    read = lawfiles.apart(texts)
    tables = {name: lawfiles.table(read[name], name) for name in _TABLES}
    counts = {"offices": take_offices(tables["offices/offices.yaml"])}
    counts["calendar"] = take_calendar(tables["calendar/calendar.yaml"])
    counts |= _take_catalogues(tables)
    new = []
    for about in manifest["editions"]:
        definition = lawfiles.definition(read[about["file"]], about["file"], len(texts[about["file"]]))
        new.append((definition["code"], definition["version"], about, definition))
    counts["editions"] = sum(
        _take_edition(about, definition, may=may, by=by, at=at)
        for _code, _version, about, definition in sorted(new, key=lambda one: one[:2])
    )
    search.rebuild()
    return counts


def _take_catalogues(tables: dict[str, list[Row]]) -> dict[str, int]:
    """Decrees, services, conditions and indicators that are not there yet."""
    counts = dict.fromkeys(("decrees", "services", "conditions", "indicators"), 0)
    for row in tables["law/decrees.yaml"]:
        counts["decrees"] += Decree.objects.get_or_create(code=row["code"], defaults=lawfiles.decree_columns(row))[1]
    for row in tables["law/services.yaml"]:
        columns = lawfiles.service_columns(Service.objects.count() + 1, row)
        counts["services"] += Service.objects.get_or_create(code=row["code"], defaults=columns)[1]
    for row in tables["law/conditions.yaml"]:
        columns = {"position": Condition.objects.count() + 1, **lawfiles.labels("name", row["name"])}
        counts["conditions"] += Condition.objects.get_or_create(code=row["code"], defaults=columns)[1]
    for row in tables["law/indicators.yaml"]:
        key = {"generation": row["generation"], "code": row["code"]}
        counts["indicators"] += Indicator.objects.get_or_create(**key, defaults=lawfiles.indicator_columns(row))[1]
    return counts


def _take_edition(about: Row, definition: Row, *, may: Callable[[Decree], bool], by: User | None, at: datetime) -> bool:
    """Whether the edition was new. One that is there must say the same."""
    there = Edition.objects.filter(code=definition["code"], version=definition["version"]).first()
    if there is not None:
        if not there.is_draft:
            load_edition(definition, name=about["file"])
        return False
    decree = Decree.objects.get(code=definition["decree"])
    if not may(decree):
        raise EditRefused(_("The decree %(code)s is not one of yours.") % {"code": decree.code}, field="file")
    if about["state"] == "draft":
        edition = write(Edition(code=definition["code"], version=definition["version"]), definition)
    else:
        edition = load_edition(definition, name=about["file"])
        edition.uses.all().delete()
        offices = dict(Office.objects.values_list("key", "pk"))
        EditionUse.objects.bulk_create(
            EditionUse(edition=edition, office_id=offices[key], in_use=bool(used)) for key, used in about["offices"]
        )
        if about["valid_to"]:
            edition.valid_to = date.fromisoformat(about["valid_to"])
            edition.save(update_fields=["valid_to"])
        if about["state"] == "withdrawn":
            withdraw(edition, by=by, at=at)
    note(edition, "imported", by=by, at=at)
    return True


def _read(data: bytes) -> tuple[dict[str, bytes], Row]:
    """The files of an archive by name, and its list; LawFileError where anything is not as the list says."""
    files = lawfiles.files_of(data)
    manifest = _manifest(files.pop(_MANIFEST, None))
    needed = {*manifest["files"], *(about["file"] for about in manifest["editions"]), *_TABLES}
    for name in sorted(needed - files.keys()):
        raise LawFileError(_("The archive is not whole: %(problem)s") % {"problem": name})
    for name, content in sorted(files.items()):
        if hashlib.sha256(content).hexdigest() != manifest["files"].get(name):
            raise LawFileError(_("%(name)s: this is not the file that the list of the archive names") % {"name": name})
    return files, manifest


_TABLES = (
    "law/decrees.yaml", "law/services.yaml", "law/conditions.yaml", "law/indicators.yaml", "offices/offices.yaml",
    "calendar/calendar.yaml",
)  # fmt: skip


def _manifest(content: bytes | None) -> Row:
    if content is None:
        raise LawFileError(_("The archive is not whole: %(problem)s") % {"problem": _MANIFEST})
    try:
        manifest: Row = json.loads(content)
        made_by, version = manifest["format"], manifest["version"]
        whole = isinstance(manifest["files"], dict) and all(map(_is_edition, manifest["editions"]))
    except (ValueError, KeyError, TypeError) as problem:
        raise LawFileError(_("The archive is not whole: %(problem)s") % {"problem": _MANIFEST}) from problem
    if made_by != FORMAT or version != VERSION or not whole:
        text = _("%(name)s: the archive is of another version (%(version)s); this program reads version %(ours)d")
        raise LawFileError(text % {"name": _MANIFEST, "version": version, "ours": VERSION})
    return manifest


def _is_edition(row: Row) -> bool:
    states = ("draft", "published", "withdrawn")
    return isinstance(row["file"], str) and row["state"] in states and {"valid_to", "offices"} <= set(row)
