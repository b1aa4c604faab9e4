"""How allauth, which holds the second factors, fits into this house."""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser
from django.http import HttpRequest

from offices.vault import seal, unseal

_CONTEXT = "mfa.authenticator.secret"


class AccountAdapter(DefaultAccountAdapter):
    """Nobody signs up, nothing is announced by mail, and the stages of a log-in are password and second factor."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Accounts are made by administrators."""
        return False

    def add_message(self, *args: Any, **kwargs: Any) -> None:
        """Our pages say themselves what was done."""

    def get_login_stages(self) -> list[str]:
        """After the password the second factor, nothing else."""
        return ["allauth.mfa.stages.AuthenticateStage"]

    def is_reauthentication_required(self, *, app: str, **kwargs: Any) -> bool:
        """Not asked here: `offices.policy.fresh` is, by middleware, on every route that declares it."""
        return False


class MFAAdapter(DefaultMFAAdapter):
    """Secrets stand encrypted; the last second factor is not taken away by its owner."""

    def encrypt(self, text: str) -> str:
        """Seal."""
        return seal(text, _CONTEXT)

    def decrypt(self, encrypted_text: str) -> str:
        """Unseal."""
        return unseal(encrypted_text, _CONTEXT)

    def can_delete_authenticator(self, authenticator: Authenticator) -> bool:
        """Only while another one is left: every member of staff has a second factor."""
        rest = Authenticator.objects.filter(user=authenticator.user).exclude(pk=authenticator.pk)
        return bool(rest.exclude(type=Authenticator.Type.RECOVERY_CODES).exists())

    def _get_user_identifier(self, user: AbstractBaseUser) -> str:
        return str(user.get_username())

    def get_totp_label(self, user: AbstractBaseUser) -> str:
        """The user name: no e-mail leaves the house."""
        return str(user.get_username())

    def _get_site_name(self) -> str:
        """What the app on the telephone shows."""
        return str(settings.TOTP_NAME)
