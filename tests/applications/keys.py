"""Keys for tests: a root, and a head's certificate issued by it, as a PKCS#12 file."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding, pkcs12
from cryptography.hazmat.primitives.serialization.pkcs7 import PKCS7Options, PKCS7SignatureBuilder
from cryptography.x509.oid import NameOID

from tests.factories import FRIDAY

PASSWORD = "құпия сөз 7"


@dataclass(frozen=True)
class Owner:
    """A certificate with its key."""

    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey

    @property
    def p12(self) -> bytes:
        """As a person brings it."""
        lock = BestAvailableEncryption(PASSWORD.encode())
        return pkcs12.serialize_key_and_certificates(b"head", self.key, self.certificate, None, lock)

    @property
    def pem(self) -> bytes:
        """The certificate alone."""
        return self.certificate.public_bytes(Encoding.PEM)

    def signature_of(self, data: bytes) -> bytes:
        """A CMS signature that lies beside the file, as another program makes it."""
        builder = PKCS7SignatureBuilder().set_data(data).add_signer(self.certificate, self.key, hashes.SHA256())
        return builder.sign(Encoding.DER, [PKCS7Options.DetachedSignature, PKCS7Options.Binary])


@cache
def root() -> Owner:
    """The authority that the office trusts."""
    return _issue("Негізгі орталық", None)


@cache
def head(name: str = "Сейітқали Нұрлан", *, days: int = 365, trusted: bool = True) -> Owner:
    """A head's key, by default in force for a year around the moment of the tests."""
    return _issue(name, root() if trusted else _issue("Басқа орталық", None), days=days)


def head_with(key: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey) -> Owner:
    """A head with a key of another kind or length."""
    return _issue("Сейітқали Нұрлан", root(), days=365, key=key)


def _issue(name: str, issuer: Owner | None, *, days: int = 3650, key: Any = None) -> Owner:
    key = key or ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    begins: datetime = FRIDAY - timedelta(days=1000 if issuer is None else 100)
    usage = x509.KeyUsage(
        digital_signature=issuer is not None, content_commitment=issuer is not None, key_cert_sign=issuer is None,
        crl_sign=issuer is None, key_encipherment=False, data_encipherment=False, key_agreement=False, encipher_only=False,
        decipher_only=False,
    )  # fmt: skip
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer.certificate.subject if issuer else subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(begins)
        .not_valid_after(begins + timedelta(days=days))
        .add_extension(x509.BasicConstraints(ca=issuer is None, path_length=None), critical=True)
        .add_extension(usage, critical=True)
    )
    return Owner(builder.sign(issuer.key if issuer else key, hashes.SHA256()), key)
