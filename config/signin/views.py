"""Log-in in two steps, the page of one's own second factors, log-out."""

from __future__ import annotations

from typing import Any, cast

import segno
from allauth.account.internal.flows.login import perform_password_login
from allauth.account.models import Login
from allauth.mfa.base import views as mfa
from allauth.mfa.base.internal.flows import post_authentication
from allauth.mfa.models import Authenticator
from allauth.mfa.totp import views as totp
from allauth.mfa.totp.internal.auth import clear_totp_secret
from allauth.mfa.webauthn import views as webauthn
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout as end_session
from django.contrib.auth import update_session_auth_hash
from django.contrib.auth.views import LoginView, PasswordChangeView
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse_lazy
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from config.signin import factors, forms
from config.signin.sessions import confirm, take_kept_form
from offices.models import RecoveryCode, User
from offices.policy import before_second_factor, fresh, public, signed_in
from offices.security import note


class _Login(LoginView):
    template_name = "offices/login.html"
    form_class = forms.LoginForm
    redirect_authenticated_user = True

    def form_valid(self, form: Any) -> HttpResponse:
        """Go on to the second step, or in, where the person has still to set one up."""
        login = Login(user=form.get_user(), redirect_url=self.get_success_url())
        return cast(HttpResponse, perform_password_login(self.request, {}, login))

    def form_invalid(self, form: Any) -> HttpResponse:
        """The form again; 429 where too many tries came."""
        if not form.too_many:
            return super().form_invalid(form)
        answer = self.render_to_response(self.get_context_data(form=form), status=429)
        answer["Retry-After"] = str(forms.ACCOUNT_TRIES.seconds_left())
        return answer

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the demonstration's accounts, in the demonstration only."""
        context: dict[str, Any] = super().get_context_data(**kwargs)
        if settings.DEMO:
            people = User.objects.filter(is_active=True, memberships__isnull=False)
            context["accounts"] = people.distinct().prefetch_related("memberships__office")
        return context


class _SecondStep(mfa.AuthenticateView):
    """The code of the app, a recovery code, or a security key."""

    template_name = "signin/second_step.html"
    form_class = forms.CodeForm
    webauthn_form_class = forms.KeyForm

    def form_valid(self, form: Any) -> HttpResponse:
        """In."""
        used = getattr(form, "used", None)
        if isinstance(used, RecoveryCode):
            user = self.stage.login.user
            note("recovery_code_used", user=user.pk)
            # A recovery code stands for the factor that was lost.
            used = Authenticator.objects.filter(user=user).first()
        post_authentication(self.request, used or form.cleaned_data["credential"])
        return cast(HttpResponse, self.stage.exit())

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Which ways the person has; in the demonstration the code is filled in."""
        context: dict[str, Any] = super().get_context_data(**kwargs)
        user = self.stage.login.user
        context["has_key"] = factors.has_key(user)
        if settings.DEMO and not context["form"].is_bound:
            context["form"].initial["code"] = next(iter(factors.unused_codes(user)), "")
        return context


@require_POST
def _logout(request: HttpRequest) -> HttpResponse:
    """End the session here and on the server, and let the browser forget what it kept."""
    end_session(request)
    response = redirect(settings.LOGOUT_REDIRECT_URL)
    response["Clear-Site-Data"] = '"cache", "storage"'
    return response


@signed_in
@require_safe
def kept_form(request: HttpRequest) -> HttpResponse:
    """The form that was sent after its session had ended, once more after the log-in; home where there is none."""
    found = take_kept_form(request)
    return render(request, "signin/kept.html", found) if found else redirect("home")


@signed_in
@require_POST
def end_other_sessions(request: HttpRequest) -> HttpResponse:
    """End every session of this person but the one that asks."""
    user = _user(request)
    user.end_sessions()
    update_session_auth_hash(request, user)
    note("other_sessions_ended", user=user.pk)
    messages.success(request, gettext("Your other sessions have ended."))
    return redirect("mfa_index")


@signed_in
@before_second_factor
@require_safe
def second_factors(request: HttpRequest) -> HttpResponse:
    """One's own second factors; where none is set up yet, the page that every other address leads to."""
    user = _user(request)
    context = {
        "app": Authenticator.objects.filter(user=user, type=Authenticator.Type.TOTP).first(),
        "keys": Authenticator.objects.filter(user=user, type=Authenticator.Type.WEBAUTHN),
        "codes_left": RecoveryCode.objects.filter(user=user, used_at=None).count(),
    }
    return render(request, "signin/second_factors.html", context)


class _SetUpApp(totp.ActivateTOTPView):
    template_name = "signin/set_up_app.html"
    form_class = forms.AppForm

    def form_valid(self, form: Any) -> HttpResponse:
        """Take the app in; recovery codes come next."""
        user = _user(self.request)
        factors.set_up_app(user, form.secret)
        clear_totp_secret(self.request)
        _added(self.request, user)
        return redirect("recovery_codes")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """The secret as a picture and as letters."""
        context: dict[str, Any] = super().get_context_data(**kwargs)
        secret = context["form"].secret
        context["letters"] = " ".join(secret[place : place + 4] for place in range(0, len(secret), 4))
        context["picture"] = segno.make(context["totp_url"], micro=False).svg_data_uri(border=2)
        return context


class _RemoveApp(totp.DeactivateTOTPView):
    template_name = "signin/remove.html"
    success_url = reverse_lazy("mfa_index")
    extra_context = {"what": _("the app for one-time codes")}

    def form_valid(self, form: Any) -> HttpResponse:
        """Take it away; other sessions end."""
        self.authenticator.delete()
        return _removed(self.request)


class _AddKey(webauthn.AddWebAuthnView):
    template_name = "signin/add_key.html"
    form_class = forms.NewKeyForm

    def form_valid(self, form: Any) -> HttpResponse:
        """Take the key in; recovery codes come next where there are none."""
        user = _user(self.request)
        data = {"name": form.cleaned_data["name"], "credential": form.cleaned_data["credential"]}
        Authenticator.objects.create(user=user, type=Authenticator.Type.WEBAUTHN, data=data)
        _added(self.request, user)
        return redirect("mfa_index" if user.recovery_codes.exists() else "recovery_codes")


class _RemoveKey(webauthn.RemoveWebAuthnView):
    template_name = "signin/remove.html"
    success_url = reverse_lazy("mfa_index")
    extra_context = {"what": _("the security key")}

    def form_valid(self, form: Any) -> HttpResponse:
        """Take it away, unless it is the only second factor."""
        if not _may_go(self.object):
            messages.error(self.request, gettext("This is your only second factor. Add another one first."))
            return redirect("mfa_index")
        self.object.delete()
        return _removed(self.request)


@signed_in
@fresh
@require_http_methods(["GET", "HEAD", "POST"])
def recovery_codes(request: HttpRequest) -> HttpResponse:
    """How many codes are left; new ones by a button, shown once."""
    user = _user(request)
    codes = factors.new_recovery_codes(user) if request.method == "POST" else []
    if codes:
        note("recovery_codes_made", user=user.pk)
    left = RecoveryCode.objects.filter(user=user, used_at=None).count()
    return render(request, "signin/recovery_codes.html", {"codes": codes, "left": left})


class _ChangePassword(PasswordChangeView):
    template_name = "signin/change_password.html"
    success_url = reverse_lazy("mfa_index")

    def form_valid(self, form: Any) -> HttpResponse:
        """Every other session of the person ends by itself: it was bound to the old password."""
        messages.success(self.request, gettext("The password is changed."))
        note("password_changed", user=self.request.user.pk)
        return super().form_valid(form)


def _user(request: HttpRequest) -> User:
    return cast(User, request.user)


def _may_go(authenticator: Authenticator) -> bool:
    rest = Authenticator.objects.filter(user=authenticator.user).exclude(pk=authenticator.pk)
    return bool(rest.exclude(type=Authenticator.Type.RECOVERY_CODES).exists())


def _added(request: HttpRequest, user: User) -> None:
    """A new factor: the other sessions end, this one has just shown it."""
    user.end_sessions()
    update_session_auth_hash(request, user)
    confirm(request, "mfa")
    note("second_factor_added", user=user.pk)


def _removed(request: HttpRequest) -> HttpResponse:
    user = _user(request)
    user.end_sessions()
    update_session_auth_hash(request, user)
    note("second_factor_removed", user=user.pk)
    messages.success(request, gettext("It is taken away."))
    return redirect("mfa_index")


def _own(view: Any, *, early: bool = False) -> Any:
    """A page of one's own account, which asks for a fresh confirmation; `early`: also before a second factor is set up."""
    guarded = signed_in(fresh(view))
    return before_second_factor(guarded) if early else guarded


login = before_second_factor(public(_Login.as_view()))
second_step = before_second_factor(public(_SecondStep.as_view()))
logout = before_second_factor(public(_logout))
set_up_app = _own(_SetUpApp.as_view(), early=True)
add_key = _own(_AddKey.as_view(), early=True)
remove_app = _own(_RemoveApp.as_view())
remove_key = _own(_RemoveKey.as_view())
change_password = _own(_ChangePassword.as_view())
