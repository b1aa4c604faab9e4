"""The pages of the admin, as an administrator's browser opens, fills and sends them."""

from __future__ import annotations

import csv
import io
from typing import Any

import openpyxl
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from offices.models import User
from offices.workflow import Role
from tests.factories import make_staff, office
from tests.pages import log_in

HEADS = ["key", "code", "kind", "oblast", "name_kk", "name_ru", "locality_kk", "locality_ru", "phones", "emails"]
NEW = [
    "akmola:novy",
    "NOV",
    "department",
    "akmola",
    "Жаңа бөлім",
    "Новый отдел",
    "Жаңа",
    "Новый",
    "8 (71632) 2-11-86",
    "",
]


def browser(user: User, language: str = "en") -> Client:
    client = Client(headers={"accept-language": language})
    log_in(client, user)
    return client


def administrator(key: str = "south:shymkent", language: str = "en") -> Client:
    """An administrator of the office, at his pages."""
    return browser(make_staff(key, Role.ADMINISTRATOR).user, language)


def of_oblast(language: str = "en") -> Client:
    """An administrator of the body of Akmola oblast."""
    return administrator("akmola:oblast", language)


def page(name: str, *args: Any) -> str:
    return reverse(f"admin:{name}", args=args)


def as_csv(*rows: list[str], heads: list[str] = HEADS) -> bytes:
    out = io.StringIO()
    csv.writer(out).writerows([heads, *rows])
    return out.getvalue().encode()


def as_xlsx(*rows: list[Any], heads: list[str] = HEADS) -> bytes:
    book, out = openpyxl.Workbook(), io.BytesIO()
    for row in [heads, *rows]:
        book.active.append(row)
    book.save(out)
    return out.getvalue()


def send(client: Client, data: bytes, name: str = "offices.csv") -> Any:
    """Upload a file; the preview, or what is wrong with it."""
    return client.post(page("offices_office_import"), {"resource": "0", "import_file": SimpleUploadedFile(name, data)})


def take_in(client: Client, preview: Any) -> Any:
    """Confirm a preview."""
    return client.post(page("offices_office_process_import"), preview.context["confirm_form"].initial)


def problems(answer: Any) -> list[tuple[int | None, str, str]]:
    return [(problem.line, problem.column, problem.message) for problem in answer.context["result"].problems]


def download(client: Client, kind: str) -> bytes:
    answer = client.post(page("offices_office_export"), {"format": {"xlsx": "0", "csv": "1"}[kind], "resource": "0"})
    return b"".join(answer.streaming_content)


def office_form(client: Client, key: str, **changes: Any) -> dict[str, Any]:
    """The form of an office as its page shows it, with changes."""
    context = client.get(page("offices_office_change", office(key).pk)).context
    return filled(context) | changes


def filled(context: Any) -> dict[str, Any]:
    """All fields of the form on a page of the admin, with what stands in them."""
    forms = [context["adminform"].form]
    for inline in context["inline_admin_formsets"]:
        forms += [inline.formset.management_form, *inline.formset.forms]
    data = {}
    for form in forms:
        for field in form:
            value = field.value()
            if value is True:
                data[field.html_name] = "on"
            elif isinstance(value, list):
                data[field.html_name] = [str(getattr(part, "pk", part)) for part in value]
            elif value is not None and value is not False:
                data[field.html_name] = value
    return data
