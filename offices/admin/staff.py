"""Staff: who they are, which roles they hold in which office, who acts for whom."""

from __future__ import annotations

from typing import Any

from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib import admin
from django.contrib.auth.tokens import default_token_generator
from django.core.exceptions import ValidationError
from django.db.models import Prefetch, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode
from django.utils.translation import gettext, gettext_noop
from django.utils.translation import gettext_lazy as _

from offices.admin.scope import (
    HistoryAdmin,
    OfficeFilter,
    RowForm,
    RowFormSet,
    Scope,
    ScopedAdmin,
    ScopedInline,
    scope_of,
)
from offices.models import Membership, RecoveryCode, Substitution, User
from offices.security import note
from offices.workflow import Role

_IDENTITY = ("username", "last_name", "first_name", "patronymic", "post", "email", "is_active")


class TermForm(RowForm):
    """A row with a first and a last day."""

    def clean(self) -> dict[str, Any]:
        """The first day comes first."""
        data = super().clean() or {}
        if data.get("valid_from") and data.get("valid_to") and data["valid_from"] > data["valid_to"]:
            self.add_error("valid_to", _("The last day must not come before the first."))
        return data


class RolesFormSet(RowFormSet):
    """The roles of a person in the offices of the administrator."""

    scope = Scope(frozenset(), frozenset())

    def clean(self) -> None:
        """At least one role is left, ended if need be: otherwise nobody could find the person again."""
        super().clean()
        if any(self.errors):
            return
        rows = [form for form in self.forms if form.cleaned_data and not form.cleaned_data.get("DELETE")]
        if not rows:
            raise ValidationError(_("Give at least one role. A role that has ended gets a last day."))
        for form in rows:
            office, role = form.cleaned_data["office"], form.cleaned_data["role"]
            # An observer sees the whole oblast: an administrator of one district must not give that away.
            if form.has_changed() and role == Role.OBSERVER and office.oblast not in self.scope.oblasts:
                form.add_error("role", _("Only the administrator of the oblast body names observers."))


class RolesInline(ScopedInline):
    """Roles in the offices of the administrator."""

    model = Membership
    form, formset = TermForm, RolesFormSet
    fields = ("office", "role", "valid_from", "valid_to")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Roles elsewhere are not shown here."""
        return super().get_queryset(request).filter(office_id__in=scope_of(request).offices)

    def get_formset(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> Any:
        """The rows, with the scope they are judged by."""
        formset = super().get_formset(request, obj, **kwargs)
        formset.scope = scope_of(request)  # type: ignore[attr-defined]
        return formset


def take_factors_away(user: User) -> bool:
    """Take every second factor and recovery code of `user` away and end his sessions; gives whether there was one."""
    found, _models = Authenticator.objects.filter(user=user).delete()
    RecoveryCode.objects.filter(user=user).delete()
    user.end_sessions()
    note("second_factor_reset", user=user.pk)
    return bool(found)


@admin.register(User)
class UserAdmin(ScopedAdmin):
    """Members of staff. No permissions are given here: what a person may do follows from his roles."""

    inlines = (RolesInline,)
    fields = _IDENTITY
    list_display = ("full_name", "post", "roles", "is_active")
    list_filter = ("is_active", ("memberships__office", OfficeFilter), "memberships__role")
    change_form_template = "admin/staff_form.html"

    @admin.display(description=_("name"), ordering="last_name")
    def full_name(self, user: User) -> str:
        """Surname, name, patronymic."""
        return user.get_full_name()

    @admin.display(description=_("roles"))
    def roles(self, user: User) -> str:
        """The roles in force, in the offices of the administrator."""
        return "; ".join(f"{role.get_role_display()}, {role.office}" for role in user.in_force)  # type: ignore[attr-defined]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Those who hold or held a role in an office of the administrator."""
        scope = scope_of(request)
        here = Membership.objects.on(timezone.localdate()).filter(office_id__in=scope.offices).select_related("office")
        return scope.people().prefetch_related(Prefetch("memberships", here, to_attr="in_force"))

    def manages(self, request: HttpRequest, obj: Any) -> bool:
        """The page of a colleague opens; whether his account may be changed is another question (`Scope.owns`)."""
        return obj is None or scope_of(request).people().filter(pk=obj.pk).exists()

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Never: what a person did keeps his name. His account is switched off."""
        return False

    def get_readonly_fields(self, request: HttpRequest, obj: User | None = None) -> tuple[str, ...]:
        """Whose account is managed elsewhere is only read here; nobody switches himself off."""
        if obj is None:
            return ()
        if not scope_of(request).owns(obj):
            return _IDENTITY
        return ("is_active",) if obj == request.user else ()

    def formfield_for_dbfield(self, db_field: Any, request: Any, **kwargs: Any) -> Any:
        """A person has a surname and a name: papers carry them."""
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if db_field.name in ("last_name", "first_name"):
            field.required = True
        return field

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        """A new account has no password until its owner sets one by the link."""
        if not change:
            obj.set_unusable_password()
        super().save_model(request, obj, form, change)

    def response_add(self, request: HttpRequest, obj: User, post_url_continue: str | None = None) -> HttpResponse:
        """Go on to the link."""
        return HttpResponseRedirect(reverse("admin:offices_user_password", args=[obj.pk]))

    def get_urls(self) -> list[URLPattern]:
        """With the page of the link."""
        view = self.admin_site.admin_view(self.password_view)
        return [path("<int:pk>/password/", view, name="offices_user_password"), *super().get_urls()]

    def render_change_form(self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        """Say whether the account is managed here."""
        obj = kwargs.get("obj")
        context["owns_account"] = obj is not None and scope_of(request).owns(obj)
        return super().render_change_form(request, context, *args, **kwargs)

    def password_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """A link by which the person sets his password, once, and the end of a lost second factor.

        The administrator hands the link over and learns no password; who loses his second factor sets up a new one at the next
        log-in, after the password.
        """
        user = self.get_object(request, str(pk))
        if user is None or not scope_of(request).owns(user):
            raise Http404
        link, removed = "", False
        if request.POST.get("do") == "factors":
            removed = take_factors_away(user)
            self.log_change(request, user, [{"deleted": {"name": gettext_noop("second factor"), "object": str(user)}}])
        elif request.method == "POST":
            token = default_token_generator.make_token(user)
            to = reverse("admin:set_password", args=[urlsafe_base64_encode(force_bytes(user.pk)), token])
            link = settings.BASE_URL + to
            name = gettext_noop("link to set a password")
            self.log_change(request, user, [{"added": {"name": name, "object": str(user)}}])
        context = {
            **self.admin_site.each_context(request),
            "title": gettext("Password of %(name)s") % {"name": user.get_full_name()},
            "opts": self.opts,
            "original": user,
            "link": link,
            "removed": removed,
            "hours": settings.PASSWORD_RESET_TIMEOUT // 3600,
        }
        return TemplateResponse(request, "admin/password_link.html", context)


@admin.register(Membership)
class MembershipAdmin(HistoryAdmin):
    """All roles of the offices at a glance, with their history. They are given on the page of the person."""

    form = TermForm
    fields = ("user", "office", "role", "valid_from", "valid_to")
    readonly_fields = ("user", "office", "role")
    list_display = ("user", "role", "office", "valid_from", "valid_to")
    list_filter = (("office", OfficeFilter), "role")
    list_select_related = ("user", "office")
    ordering = ("user__last_name", "user__first_name")

    def has_add_permission(self, request: HttpRequest) -> bool:
        """On the page of the person."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """On the page of the person."""
        return False


@admin.register(Substitution)
class SubstitutionAdmin(HistoryAdmin):
    """Orders by which one acts for another."""

    fields = (("order_number", "order_date"), "office", "absent", "role", "deputy", ("valid_from", "valid_to"))
    list_display = ("order_number", "order_date", "absent", "role", "deputy", "valid_from", "valid_to", "office")
    list_filter = (("office", OfficeFilter), "role")
    list_select_related = ("absent", "deputy", "office")
    ordering = ("-valid_from",)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Only before its first day: what was done under an order refers to it. Later its last day is changed."""
        begun = obj is not None and obj.valid_from <= timezone.localdate()
        return not begun and super().has_delete_permission(request, obj)
