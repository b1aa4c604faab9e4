"""A fresh confirmation in the middle of work: asked on a page that keeps the form, answered together with it."""

from __future__ import annotations

from typing import Any, cast

from allauth.mfa.webauthn.internal.auth import begin_authentication
from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render

from config.signin import factors
from config.signin.forms import ConfirmForm, KeyForm
from config.signin.sessions import confirm, is_fresh, kept_fields
from offices.models import User

_AS_GET = "_confirm_get"
# What the reference data ask for: the account of others, who may do what, tables in and out.
_ADMIN = (
    "offices_user_",
    "offices_membership_",
    "offices_substitution_",
    "offices_office_export",
    "offices_office_import",
)


def needed(request: HttpRequest, view: Any, arguments: dict[str, Any]) -> bool:
    """Whether this call needs a fresh confirmation and there is none."""
    if not request.user.is_authenticated:
        return False
    match = request.resolver_match
    if match and match.app_names and match.app_names[0] == "admin":
        wanted = request.method == "POST" and str(match.url_name).startswith(_ADMIN)
    else:
        rule = getattr(view, "needs_fresh", None)
        wanted = rule is not None and rule(request, **arguments)
    return wanted and not is_fresh(request)


def ask(request: HttpRequest) -> HttpResponse | None:
    """The page that asks for the confirmation; None when it came with this request and fits, so that the view may go on."""
    user = cast(User, request.user)
    by_code, has_key = factors.has_app(user), factors.has_key(user)
    answered, by_key = settings.CONFIRM_FIELD in request.POST, settings.CONFIRM_KEY_FIELD in request.POST
    form = ConfirmForm(request.POST if answered else None, request=request, by_code=by_code)
    key_form = KeyForm(request.POST if by_key else None, user=user, prefix="confirm")
    if (answered and form.is_valid()) or (by_key and has_key and key_form.is_valid()):
        confirm(request, "mfa" if by_code or by_key else "password")
        # What was asked for by address is fetched again; what was sent goes on as it was sent.
        return HttpResponseRedirect(request.get_full_path()) if _AS_GET in request.POST else None
    if request.headers.get("HX-Request"):
        return HttpResponse(status=204, headers={"HX-Redirect": request.get_full_path()})
    if settings.DEMO and by_code and not answered:
        form.initial[settings.CONFIRM_FIELD] = next(iter(factors.unused_codes(user)), "")
    kept = kept_fields(request)
    if request.method != "POST":
        kept.append((_AS_GET, "1"))
    context = {"form": form, "kept": kept, "files": bool(request.FILES), "minutes": settings.FRESH_FOR // 60}
    if has_key:
        context |= {
            "has_key": True,
            "webauthn_form": key_form,
            "js_data": {"request_options": begin_authentication(user)},
        }
    return render(request, "signin/confirm.html", context, status=403)
