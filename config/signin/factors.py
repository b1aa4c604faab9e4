"""The second factor of a person: one-time codes of an app, recovery codes; each works once, whatever process is asked."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

from allauth.mfa import app_settings
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, yield_hotp_counters_from_time
from allauth.mfa.utils import decrypt, encrypt
from django.contrib.auth.hashers import check_password, make_password
from django.db import transaction
from django.utils import timezone

from offices.limits import Limit, claim, is_claimed
from offices.models import RecoveryCode, User

if TYPE_CHECKING:
    from collections.abc import Iterator

# Ten tries in ten minutes: with six figures a stranger who knows the password needs years.
CODE_TRIES = Limit("code", 10, 600)
CODES = 10
_LETTERS = "ABCDEFGHJKMNPQRSTVWXYZ23456789"
_LENGTH = 10  # letters of a recovery code: 49 bits behind a slow hash


def set_up_app(user: User, secret: str) -> None:
    """Give `user` an app for one-time codes with this base32 secret, if he has none."""
    Authenticator.objects.get_or_create(
        user=user, type=Authenticator.Type.TOTP, defaults={"data": {"secret": encrypt(secret)}}
    )


def has_app(user: User) -> bool:
    """Whether the person uses an app for one-time codes."""
    return bool(Authenticator.objects.filter(user=user, type=Authenticator.Type.TOTP).exists())


def has_key(user: User) -> bool:
    """Whether the person has a security key."""
    return bool(Authenticator.objects.filter(user=user, type=Authenticator.Type.WEBAUTHN).exists())


def use_code(user: User, typed: str) -> Authenticator | RecoveryCode | None:
    """What `typed` was: a code of the app or a recovery code, used up by this; None for anything else."""
    code = "".join(typed.split()).replace("-", "").upper()
    if code.isdigit() and len(code) == app_settings.TOTP_DIGITS:
        return _use_app(user, code)
    return _use_recovery(user, code)


def _use_app(user: User, code: str) -> Authenticator | None:
    app = Authenticator.objects.filter(user=user, type=Authenticator.Type.TOTP).first()
    if app is None:
        return None
    for counter, expected in _codes(decrypt(app.data["secret"])):
        if secrets.compare_digest(expected, code):
            # The step is claimed, not the code: a second post at the same moment finds it taken.
            free = claim("totp", user.pk, counter, seconds=3 * app_settings.TOTP_PERIOD)
            return app if free else None
    return None


def unused_codes(user: User) -> list[str]:
    """The codes that would be taken now. For the demonstration, whose secrets everybody may know."""
    app = Authenticator.objects.filter(user=user, type=Authenticator.Type.TOTP).first()
    codes = _codes(decrypt(app.data["secret"])) if app else ()
    return [code for counter, code in codes if not is_claimed("totp", user.pk, counter)]


def _codes(secret: str) -> Iterator[tuple[int, str]]:
    for counter in yield_hotp_counters_from_time():
        yield counter, format_hotp_value(hotp_value(secret, counter))


@transaction.atomic
def new_recovery_codes(user: User) -> list[str]:
    """Ten new codes, to be shown once; those made earlier are void. Each begins with the figure of its place."""
    RecoveryCode.objects.filter(user=user).delete()
    codes = ["".join(secrets.choice(_LETTERS) for _ in range(_LENGTH)) for _ in range(CODES)]
    RecoveryCode.objects.bulk_create(
        RecoveryCode(user=user, place=place, digest=make_password(code)) for place, code in enumerate(codes)
    )
    return [f"{place}-{code[:5]}-{code[5:]}" for place, code in enumerate(codes)]


def _use_recovery(user: User, code: str) -> RecoveryCode | None:
    if not code[:1].isdecimal() or not code.isascii() or len(code) != _LENGTH + 1:
        return None
    unused = RecoveryCode.objects.filter(user=user, place=int(code[0]), used_at=None)
    row = unused.first()
    if row is None or not check_password(code[1:], row.digest):
        return None
    return row if unused.update(used_at=timezone.now()) else None
