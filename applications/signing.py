"""Electronic signatures: signing a PDF with the head's own key, and checking what is signed.

One port, two adapters. pyHanko signs and checks PAdES with the keys it knows; the national keys (GOST) are known to a service
that the office runs: it is asked over HTTP, where SIGNATURE_SERVICE names it. A key is never kept: it lives as long as the call.
"""

from __future__ import annotations

import asyncio
import hashlib
import io
import json
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.request import (
    HTTPDefaultErrorHandler,
    HTTPErrorProcessor,
    HTTPHandler,
    HTTPSHandler,
    OpenerDirector,
    Request,
    UnknownHandler,
)

from asn1crypto import cms, pem
from asn1crypto.x509 import Certificate
from django.conf import settings
from django.utils.translation import gettext as _
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.misc import PdfError
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign import fields, signers
from pyhanko.sign.validation import async_validate_detached_cms, validate_pdf_signature
from pyhanko_certvalidator import ValidationContext

_FIELD = "Head"
_TIMEOUT, _ANSWER_BYTES = 20, 100_000  # seconds; what a service says is short
# Fewer bits can be reckoned out. Ours would be 3072 for RSA, but the certificates of the authorities have 2048.
_LEAST_BITS = {"rsa": 2048, "ec": 256}


class SigningError(Exception):
    """A key or signature that cannot be used; the message is for the page."""


@dataclass(frozen=True)
class Check:
    """What a check found. `intact`: not a byte was changed since. `trusted`: None where no roots are set."""

    intact: bool
    trusted: bool | None
    subject: str
    serial: str
    fingerprint: str
    signed_at: datetime | None = None


@dataclass(frozen=True)
class Key:
    """A signing key with its certificate, as long as it is needed."""

    signer: signers.SimpleSigner
    certificate: Certificate


def open_key(data: bytes, password: str, at: datetime) -> Key:
    """The key out of a PKCS#12 file. SigningError: not such a file, wrong password, certificate not in force at `at`."""
    try:
        signer = signers.SimpleSigner.load_pkcs12_data(data, other_certs=[], passphrase=password.encode())
    except (ValueError, TypeError) as problem:
        raise SigningError(_("The key could not be opened: wrong password, or not a PKCS#12 file.")) from problem
    if signer is None or signer.signing_cert is None:
        raise SigningError(_("The key could not be opened: wrong password, or not a PKCS#12 file."))
    certificate = signer.signing_cert
    if not certificate.not_valid_before <= at <= certificate.not_valid_after:
        raise SigningError(_("The certificate of this key is not in force today."))
    usage = certificate.key_usage_value
    if usage is not None and not {"digital_signature", "non_repudiation"} & usage.native:
        raise SigningError(_("This key is not for signing."))
    public = certificate.public_key
    if public.bit_size < _LEAST_BITS.get(public.algorithm, 0):
        raise SigningError(_("This key is too short to be safe: ask your authority for a new one."))
    return Key(signer, certificate)


def sign_pdf(pdf: bytes, key: Key, *, name: str, place: str) -> bytes:
    """The PDF with a PAdES signature over all of it, added behind what is there. `name` and `place` stand in the signature."""
    about = signers.PdfSignatureMetadata(
        field_name=_FIELD, md_algorithm="sha256", subfilter=fields.SigSeedSubFilter.PADES, name=name, location=place
    )
    out = signers.sign_pdf(IncrementalPdfFileWriter(io.BytesIO(pdf)), about, signer=key.signer)
    return bytes(out.getbuffer())


def check_pdf(pdf: bytes) -> Check:
    """Check the signature in a PDF. SigningError where there is none, or where the file is no PDF."""
    try:
        reader = PdfFileReader(io.BytesIO(pdf), strict=False)
        signature = reader.embedded_signatures[0]
        found = validate_pdf_signature(signature, signer_validation_context=_roots())
    except IndexError:
        raise SigningError(_("There is no electronic signature in this file.")) from None
    except (PdfError, ValueError, KeyError, TypeError) as problem:
        raise SigningError(_("The file cannot be read as a signed PDF.")) from problem
    whole = bool(found.intact and found.valid and found.coverage is not None and found.coverage.name == "ENTIRE_FILE")
    return _check(found.signing_cert, whole, found.trusted, found.signer_reported_dt)


def check_detached(pdf: bytes, signature: bytes) -> Check:
    """Check a CMS signature that lies beside the PDF: by the library, or by the office's service for keys it does not know.

    SigningError: no such signature, not of this file, or an algorithm that nobody here can check.
    """
    der = pem.unarmor(signature)[2] if pem.detect(signature) else signature
    try:
        info = cms.ContentInfo.load(der, strict=True)
        if info["content_type"].native != "signed_data":
            raise ValueError("no signed data")
        looking = async_validate_detached_cms(pdf, info["content"], signer_validation_context=_roots())
        found: Any = asyncio.run(looking)
    except Exception as problem:  # an unknown algorithm surfaces as whatever the parser of the moment raises
        if settings.SIGNATURE_SERVICE:
            return _ask_service(pdf, der)
        words = _("This signature cannot be checked here: another format, or an unknown kind of key.")
        raise SigningError(words) from problem
    if not (found.intact and found.valid):
        raise SigningError(_("The signature does not belong to this paper, or one of them was changed."))
    return _check(found.signing_cert, True, found.trusted, found.signer_reported_dt)


def _check(certificate: Certificate, intact: bool, trusted: bool, at: datetime | None) -> Check:
    return Check(
        intact=intact,
        trusted=bool(trusted) if settings.SIGNATURE_ROOTS else None,
        subject=certificate.subject.native.get("common_name", "") or certificate.subject.human_friendly,
        serial=f"{certificate.serial_number:x}",
        fingerprint=hashlib.sha256(certificate.dump()).hexdigest(),
        signed_at=at,
    )


def _roots() -> ValidationContext:
    """The trusted roots; nothing is fetched from outside while checking."""
    roots = []
    if settings.SIGNATURE_ROOTS:
        for path in sorted(Path(settings.SIGNATURE_ROOTS).glob("*.pem")):
            roots += [Certificate.load(der) for _kind, _headers, der in pem.unarmor(path.read_bytes(), multiple=True)]
    return ValidationContext(trust_roots=roots, allow_fetching=False)


def _ask_service(pdf: bytes, signature: bytes) -> Check:
    """Ask the office's own service: JSON {data, signature} in hexadecimal out; {valid, subject, serial, fingerprint} back.

    It is asked at its own address only: what it is told to fetch elsewhere is not followed.
    """
    body = json.dumps({"data": pdf.hex(), "signature": signature.hex()}).encode()
    request = Request(settings.SIGNATURE_SERVICE, body, {"Content-Type": "application/json"})  # noqa: S310 - set by the office
    try:
        with _asking().open(request, timeout=_TIMEOUT) as answer:
            told = json.loads(answer.read(_ANSWER_BYTES))
    except (URLError, OSError, ValueError) as problem:
        raise SigningError(_("The service that checks signatures does not answer. Try again later.")) from problem
    if told.get("valid") is not True:
        raise SigningError(_("The signature does not belong to this paper, or one of them was changed."))
    return Check(
        True,
        bool(told.get("trusted")),
        str(told.get("subject", ""))[:300],
        str(told.get("serial", ""))[:60],
        str(told.get("fingerprint", ""))[:64],
    )


def _asking() -> OpenerDirector:
    """What speaks HTTP and HTTPS (by the certificates that the machine trusts) and nothing else: no files, no redirects."""
    opener = OpenerDirector()
    for handler in (HTTPHandler(), HTTPSHandler(), UnknownHandler(), HTTPErrorProcessor(), HTTPDefaultErrorHandler()):
        opener.add_handler(handler)
    return opener
