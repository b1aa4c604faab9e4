"""Forms of the log-in: what is typed, and what is said when it does not fit."""

from __future__ import annotations

from typing import Any, cast

from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal import auth
from allauth.mfa.webauthn.forms import AddWebAuthnForm
from allauth.mfa.webauthn.forms import AuthenticateWebAuthnForm as AllauthWebAuthnForm
from django import forms
from django.conf import settings
from django.contrib.auth.forms import AuthenticationForm
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from config.signin.factors import CODE_TRIES, use_code
from offices.limits import Limit, address_of, claim
from offices.models import RecoveryCode, User
from offices.security import note

# Whoever mistypes waits a little; a stranger who guesses from elsewhere makes nobody else wait.
ACCOUNT_TRIES = Limit("login", 5, 180)
PLACE_TRIES = Limit("login-place", 20, 180)
CODE_INPUT = {
    "autocomplete": "one-time-code",
    "inputmode": "text",
    "spellcheck": "false",
    "autofocus": True,
    "class": "govuk-input--width-10",
}


class LoginForm(AuthenticationForm):
    """User name and password. Unknown name, wrong password and barred account: the same answer after the same work."""

    too_many = False

    def clean(self) -> dict[str, Any]:
        """Compare, unless too many tries came from this place for this account, or from this place at all."""
        place = address_of(cast(HttpRequest, self.request))
        name = self.cleaned_data.get("username", "").strip().casefold()
        if ACCOUNT_TRIES.used_up(place, name) or PLACE_TRIES.used_up(place):
            self.too_many = True
            raise ValidationError(
                _(
                    "Too many tries from your place. Wait %(minutes)d minutes, then try again. Nobody is locked out for good."
                ),
                params={"minutes": ACCOUNT_TRIES.seconds_left() // 60 + 1},
            )
        try:
            return super().clean()
        except ValidationError:
            ACCOUNT_TRIES.count(place, name)
            PLACE_TRIES.count(place)
            note("wrong_password")
            raise


def check_code(user: User, typed: str) -> Authenticator | RecoveryCode:
    """Use up a code of the app or a recovery code. ValidationError says what is wrong."""
    if CODE_TRIES.used_up(user.pk):
        raise ValidationError(
            _("Too many wrong codes. Wait %(minutes)d minutes, then try again."),
            params={"minutes": CODE_TRIES.seconds_left() // 60 + 1},
        )
    found = use_code(user, typed)
    if found is None:
        CODE_TRIES.count(user.pk)
        note("wrong_code", user=user.pk)
        raise ValidationError(_("This code does not fit, or it was used already. Wait for the next one and type that."))
    return found


class CodeForm(forms.Form):
    """The second step of the log-in: a code of the app, or a recovery code."""

    code = forms.CharField(
        label=_("Code"),
        max_length=40,
        widget=forms.TextInput(CODE_INPUT),
        help_text=_("Six figures from the app on your telephone, or one of your recovery codes."),
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        self.user = user
        super().__init__(*args, **kwargs)

    def clean_code(self) -> str:
        """Use the code up."""
        self.used = check_code(self.user, self.cleaned_data["code"])
        return str(self.cleaned_data["code"])


class KeyForm(AllauthWebAuthnForm):
    """A security key at the log-in."""

    def clean_credential(self) -> Any:
        """As for a code: tries are counted, and a key's answer to a question works once."""
        if CODE_TRIES.used_up(self.user.pk):
            raise ValidationError(
                _("Too many wrong codes. Wait %(minutes)d minutes, then try again."),
                params={"minutes": CODE_TRIES.seconds_left() // 60 + 1},
            )
        try:
            return super().clean_credential()
        except (ValidationError, KeyError, AttributeError, ValueError) as problem:
            CODE_TRIES.count(self.user.pk)
            note("wrong_code", user=self.user.pk)
            raise ValidationError(_("The security key did not answer as expected. Try again.")) from problem


class AppForm(forms.Form):
    """Setting up an app: the first code it shows proves that it has taken over the secret."""

    code = forms.CharField(
        label=_("Code that the app shows now"),
        max_length=20,
        widget=forms.TextInput({**CODE_INPUT, "inputmode": "numeric"}),
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        self.user = user
        super().__init__(*args, **kwargs)
        # One secret until it is taken over: a page opened twice, or sent with a slip, shows the same picture.
        self.secret = auth.get_totp_secret()

    def clean_code(self) -> str:
        """The code of this secret at this moment."""
        code = "".join(self.cleaned_data["code"].split())
        if CODE_TRIES.used_up(self.user.pk):
            raise ValidationError(_("Too many wrong codes. Wait a while, then try again."))
        if not auth.validate_totp_code(self.secret, code):
            CODE_TRIES.count(self.user.pk)
            raise ValidationError(
                _("This is not the code for the picture on this page. Type the one that the app shows now.")
            )
        claim("totp", self.user.pk, next(iter(auth.yield_hotp_counters_from_time())), seconds=90)
        return code


class NewKeyForm(AddWebAuthnForm):
    """A new security key with a name of its own."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"] = forms.CharField(
            label=_("Name of the key"), max_length=60, help_text=_("Such as: key at the counter.")
        )

    def clean(self) -> dict[str, Any]:
        """What is no answer of a key is refused like a wrong one."""
        try:
            return cast(dict[str, Any], super().clean())
        except (KeyError, AttributeError, ValueError, TypeError) as problem:
            raise ValidationError(_("The security key did not answer as expected. Try again.")) from problem


class ConfirmForm(forms.Form):
    """A fresh confirmation in the middle of work: a code, or the password of one who has no app."""

    def __init__(self, *args: Any, request: HttpRequest, by_code: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.request, self.by_code = request, by_code
        if by_code:
            field = forms.CharField(
                label=_("Code"),
                max_length=40,
                widget=forms.TextInput(CODE_INPUT),
                help_text=_("Six figures from the app on your telephone, or one of your recovery codes."),
            )
        else:
            field = forms.CharField(
                label=_("Password"),
                strip=False,
                widget=forms.PasswordInput({"autocomplete": "current-password", "autofocus": True}),
            )
        self.fields[settings.CONFIRM_FIELD] = field

    def clean(self) -> dict[str, Any]:
        """Compare with the person who is signed in."""
        data = super().clean() or {}
        if not (typed := data.get(settings.CONFIRM_FIELD)):
            return data
        user = cast(User, self.request.user)
        try:
            if self.by_code:
                check_code(user, typed)
            else:
                self._check_password(user, typed)
        except ValidationError as problem:
            self.add_error(settings.CONFIRM_FIELD, problem)
        return data

    def _check_password(self, user: User, typed: str) -> None:
        if CODE_TRIES.used_up(user.pk):
            raise ValidationError(_("Too many wrong codes. Wait a while, then try again."))
        if not user.check_password(typed):
            CODE_TRIES.count(user.pk)
            note("wrong_password", user=user.pk)
            raise ValidationError(_("This is not your password."))
