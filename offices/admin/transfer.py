"""Contact tables in and out as files: looked at first, then taken in whole or not at all."""

from __future__ import annotations

import secrets
import time
from pathlib import Path
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.admin.models import LogEntry
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.signing import BadSignature, TimestampSigner
from django.forms.renderers import DjangoTemplates
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from import_export.admin import ImportExportMixin
from import_export.formats.base_formats import Format
from import_export.forms import ExportForm, ImportForm
from import_export.results import RowResult
from import_export.tmp_storages import TempFolderStorage

from offices.admin.scope import scope_of
from offices.exports import table_response
from offices.models import Office
from offices.resources import OfficeResource, as_dataset, cells_of, headings
from offices.resources.tables import SIZE_LIMIT, read_table

_AN_HOUR = 3600
_signer = TimestampSigner(salt="offices.admin.transfer")


class _Table(Format):
    """A kind of file that is read by our own reader and written by `offices.exports`."""

    ending = ""

    def __init__(self, encoding: str | None = None) -> None:
        super().__init__()

    def get_title(self) -> str:
        """The name of the kind."""
        return self.ending.upper()

    def get_extension(self) -> str:
        """The ending of the file's name."""
        return self.ending

    def create_dataset(self, in_stream: bytes) -> Any:
        """The lines of the file, checked once more: the preview may be an hour old."""
        return as_dataset(read_table(f"table.{self.ending}", in_stream))

    def can_import(self) -> bool:
        """Both ways."""
        return True

    can_export = can_import


class Xlsx(_Table):
    """A workbook."""

    ending = "xlsx"


class Csv(_Table):
    """A text with separators."""

    ending = "csv"


class _Waiting(TempFolderStorage):
    """An upload that waits for its confirmation. Its signed name opens no other file, and none after an hour."""

    name: str

    def save(self, data: bytes) -> None:
        """Keep the file, sign its name, and throw away what waited in vain."""
        folder = _folder()
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        for old in folder.iterdir():
            if old.stat().st_mtime < time.time() - _AN_HOUR:
                old.unlink(missing_ok=True)
        name = secrets.token_urlsafe(16)
        (folder / name).write_bytes(data)
        self.name = _signer.sign(name)

    def get_full_path(self) -> str:
        """Where it lies. BadSignature when the name is not ours or too old."""
        return str(_folder() / _signer.unsign(self.name, max_age=_AN_HOUR))


def _folder() -> Path:
    return Path(settings.MEDIA_ROOT) / "imports"


class UploadForm(ImportForm):
    """The file; its kind follows from its name."""

    default_renderer = DjangoTemplates()

    def __init__(self, formats: Any, resources: Any, **kwargs: Any) -> None:
        super().__init__(formats, resources, **kwargs)
        self.fields["format"].required, self.fields["format"].widget = False, forms.HiddenInput()
        self.fields["import_file"].label = _("File, XLSX or CSV, up to 2 MB")
        self.fields["import_file"].widget.attrs = {"accept": ".xlsx,.csv"}

    @property
    def media(self) -> forms.Media:
        """No script guesses the kind."""
        return forms.Media()

    def clean_import_file(self) -> Any:
        """Refuse what is no table, before it is kept anywhere."""
        upload = self.cleaned_data["import_file"]
        data = upload.read(SIZE_LIMIT + 1)
        upload.seek(0)
        as_dataset(read_table(upload.name, data))
        return upload

    def clean(self) -> dict[str, Any]:
        """Set the kind by the name."""
        upload = self.cleaned_data.get("import_file")
        return {**self.cleaned_data, "format": "0" if upload and upload.name.lower().endswith(".xlsx") else "1"}


class DownloadForm(ExportForm):
    """Which kind of file."""

    default_renderer = DjangoTemplates()


class TransferMixin(ImportExportMixin):
    """Import with a preview, all or nothing; export of what the list shows."""

    resource_classes = (OfficeResource,)
    import_formats = export_formats = (Xlsx, Csv)
    import_form_class = UploadForm
    export_form_class = DownloadForm
    import_template_name = "admin/import.html"
    export_template_name = "admin/export.html"
    tmp_storage_class = _Waiting

    def get_resource_kwargs(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """The scope within which a file may change anything."""
        scope = scope_of(request)
        return {"offices": scope.rows(), "oblasts": scope.oblasts}

    def get_import_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """The columns by their names on the page."""
        return {"headings": headings()}

    get_export_context_data = get_import_context_data

    def add_data_read_fail_error_to_form(self, form: forms.Form, e: Exception) -> None:
        """Say what is wrong with the file, never the name of an exception."""
        form.add_error("import_file", e if isinstance(e, ValidationError) else _("The file could not be read."))

    def process_import(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Take the confirmed file in: every line or none."""
        if not self.has_import_permission(request):
            raise PermissionDenied
        form = self.create_confirm_form(request)
        if request.method != "POST" or not form.is_valid():
            return self._again(request, _("Choose the file once more."))
        kind = Xlsx() if form.cleaned_data["format"] == "0" else Csv()
        waiting = _Waiting(name=form.cleaned_data["import_file_name"], read_mode="rb")
        try:
            dataset = kind.create_dataset(waiting.read())
        except (BadSignature, OSError):
            return self._again(request, _("The preview is too old. Choose the file once more."))
        except ValidationError as refusal:
            return self._again(request, " ".join(refusal.messages))
        result = self.process_dataset(dataset, form, request, rollback_on_validation_errors=True)
        waiting.remove()
        if result.has_errors() or result.has_validation_errors():
            return self._again(request, _("Something changed since the preview. Nothing was taken in."), result)
        return self.process_result(result, request)  # type: ignore[no-any-return]

    def add_success_message(self, result: Any, request: HttpRequest) -> None:
        """Say how many offices changed."""
        new, changed = result.totals[RowResult.IMPORT_TYPE_NEW], result.totals[RowResult.IMPORT_TYPE_UPDATE]
        parts = (
            ngettext("%(count)d office added", "%(count)d offices added", new) % {"count": new},
            ngettext("%(count)d office changed", "%(count)d offices changed", changed) % {"count": changed},
        )
        messages.success(request, ", ".join(parts) + ".")

    def _create_log_entry(self, user_pk: int, rows: list[Office], import_type: str, action_flag: int) -> None:
        verb = "added" if import_type == RowResult.IMPORT_TYPE_NEW else "changed"
        LogEntry.objects.log_actions(user_pk, rows, action_flag, change_message=[{verb: {}}])

    def _do_file_export(
        self, file_format: _Table, request: HttpRequest, queryset: Any, export_form: Any = None
    ) -> HttpResponseBase:
        rows = queryset.select_related("parent", "appeal_body").prefetch_related("serves")
        return table_response("offices", file_format.ending, [headings(), *(cells_of(office) for office in rows)])

    def _again(self, request: HttpRequest, message: str, result: Any = None) -> HttpResponse:
        context = {
            **self.admin_site.each_context(request),
            **self.get_import_context_data(),
            "title": _("Import"),
            "opts": self.opts,
            "form": self.create_import_form(request) if request.method != "POST" else self._empty_form(request),
            "refusal": message,
            "result": result,
        }
        return TemplateResponse(request, self.import_template_name, context, status=409)

    def _empty_form(self, request: HttpRequest) -> UploadForm:
        return UploadForm(self.get_import_formats(), self.get_import_resource_classes(request))
