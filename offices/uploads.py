"""Files that people bring: a PDF, JPEG or PNG by name and by content, looked through or drawn anew, under a harmless name."""

from __future__ import annotations

import re
import shlex
import subprocess
import unicodedata
from dataclasses import dataclass
from pathlib import PurePosixPath

import filetype
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _

from offices.confined import Unfit, confined
from offices.security import note

ENDINGS = {"application/pdf": (".pdf",), "image/jpeg": (".jpg", ".jpeg"), "image/png": (".png",)}
NAME_LENGTH = 200
_REFUSALS = {
    "broken": _("The file is damaged. Scan or save it once more."),
    "pixels": _("The picture has more than 40 million points. Save it smaller."),
    "locked": _("The PDF is locked by a password. Save it without one."),
    "active": _("The PDF carries scripts, forms that send, or other files. Print it to a new PDF and send that."),
    "large": _("The file unpacks to far more than a scanned paper. Scan it in several parts."),
    "slow": _("The file takes too long to look through. Scan or save it once more."),
}
_SCAN_SECONDS, _DAY = 60, 24 * 3600


@dataclass(frozen=True)
class Upload:
    """A file that may be kept: the name to show, the kind, the bytes to keep, the ending for its name on the disk."""

    name: str
    content_type: str
    content: bytes

    @property
    def ending(self) -> str:
        """The ending that belongs to the kind."""
        return ENDINGS[self.content_type][0]


def checked(file: UploadedFile, *, sender: object) -> Upload:
    """The file as it may be kept. ValidationError says why it is not taken and what to do.

    `sender` is the person who brings it, or a visitor's address: nobody brings more than UPLOADS_A_DAY, taken or not.

    Pictures are drawn anew, so that neither place nor telephone stays in them; a PDF keeps its bytes, and with them a signature,
    but is refused when it would run, send or unpack anything. Where a scanner is set, a file it cannot look at is refused.
    """
    from offices.limits import Limit  # the children of offices.confined, which know no tables, may import this module

    if (file.size or 0) > settings.UPLOAD_LIMIT_BYTES:
        raise ValidationError(_("The file is larger than 10 MB."))
    if not Limit("upload", settings.UPLOADS_A_DAY, _DAY).take(sender):
        raise ValidationError(
            _(
                "No more than %(count)d files a day are taken from one sender. Send this one tomorrow; write the rest now."
            ),
            params={"count": settings.UPLOADS_A_DAY},
        )
    content = file.read(settings.UPLOAD_LIMIT_BYTES + 1)
    file.seek(0)
    kind = filetype.guess(content[:8192])
    if kind is None or not (file.name or "").lower().endswith(ENDINGS.get(kind.mime, ())):
        note("upload_refused", why="kind")
        raise ValidationError(_("Only PDF, JPEG and PNG are taken, and the file must be what its name says."))
    _scan(content)
    try:
        content = confined(f"offices.confined:{'pdf' if kind.mime == 'application/pdf' else 'picture'}", content)
    except Unfit as unfit:
        note("upload_refused", why=unfit.why)
        raise ValidationError(_REFUSALS[unfit.why]) from None
    if len(content) > settings.UPLOAD_LIMIT_BYTES:
        raise ValidationError(_("The file is larger than 10 MB."))
    return Upload(harmless_name(file.name or ""), kind.mime, content)


def harmless_name(name: str) -> str:
    """The last part of a file's name, without signs that nobody sees or that turn the line round, kept short at its end."""
    visible = "".join(sign for sign in name if unicodedata.category(sign)[0] != "C")
    last = PurePosixPath(re.sub(r"[\\/:]+", "/", visible)).name or "file"
    return last[-NAME_LENGTH:]


def _scan(content: bytes) -> None:
    """Ask the scanner of the installation, where there is one: 0 means clean, 1 means found, anything else is no answer."""
    if not settings.SCANNER:
        return
    try:
        answer = subprocess.run(  # noqa: S603 - the command is the installation's own setting
            shlex.split(settings.SCANNER), input=content, capture_output=True, timeout=_SCAN_SECONDS, check=False
        ).returncode
    except (OSError, subprocess.TimeoutExpired):
        answer = -1
    if answer == 1:
        note("upload_refused", why="scanner")
        raise ValidationError(_("The virus scanner found something in this file. It is not taken."))
    if answer != 0:
        note("alert", what="scanner")
        raise ValidationError(
            _("The virus scanner does not answer. No file is taken until it does; tell the administrator.")
        )
