"""What an administrator may manage, and the admin classes that keep to it.

A role of administrator gives rights over the office's own row, hours, staff and substitutions; in the body of an oblast
over every office of that oblast, and over the national calendar. Django's own permissions are not asked.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from django.contrib import admin
from django.contrib.admin.widgets import RelatedFieldWidgetWrapper
from django.db.models import DateField, Model, QuerySet, TimeField
from django.forms import BaseInlineFormSet, CheckboxInput, DateInput, ModelChoiceField, ModelForm, TimeInput
from django.forms.renderers import DjangoTemplates
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import URLPattern
from django.utils import timezone
from django.utils.translation import gettext
from simple_history.admin import SimpleHistoryAdmin
from simple_history.template_utils import HistoricalRecordContextHelper

from offices.models import Membership, Office, OfficeKind, Substitution, User
from offices.policy import staff_of
from offices.workflow import Role


@dataclass(frozen=True)
class Scope:
    """The offices that an administrator manages, and the oblasts whose body he is administrator of."""

    offices: frozenset[int]
    oblasts: frozenset[str]

    def rows(self) -> QuerySet[Office]:
        """The offices themselves."""
        return Office.objects.filter(pk__in=self.offices).in_order()

    def people(self) -> QuerySet[User]:
        """Everybody who holds or held a role in one of the offices."""
        held = Membership.objects.filter(office_id__in=self.offices).values("user_id")
        return User.objects.filter(pk__in=held).order_by("last_name", "first_name", "pk")

    def owns(self, user: User) -> bool:
        """Whether the account of `user` is managed here: he holds no role, own or by order, in an office outside.

        Otherwise an administrator could take over the account of a person with powers elsewhere.
        """
        today = timezone.localdate()
        held = Membership.objects.filter(user=user).exclude(valid_to__lt=today).exclude(office_id__in=self.offices)
        handed = Substitution.objects.filter(deputy=user, valid_to__gte=today).exclude(office_id__in=self.offices)
        return not (user.is_superuser or held.exists() or handed.exists())


def scope_of(request: HttpRequest) -> Scope:
    """What the person of `request` may manage, found once a request."""
    if not hasattr(request, "_scope"):
        own = staff_of(request).offices(Role.ADMINISTRATOR)
        bodies = Office.objects.filter(pk__in=own, kind=OfficeKind.OBLAST_BODY)
        oblasts = frozenset(bodies.values_list("oblast", flat=True))
        under = Office.objects.filter(oblast__in=oblasts).values_list("pk", flat=True) if oblasts else ()
        request._scope = Scope(own | frozenset(under), oblasts)  # type: ignore[attr-defined]
    return request._scope  # type: ignore[attr-defined, no-any-return]


class AdminForm(ModelForm):
    """A form with Django's own widgets, as the admin's style expects them."""

    default_renderer = DjangoTemplates()


class RowForm(AdminForm):
    """A form in a row of a table: each field says its name itself, because the head of a column is no label."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.widget.attrs["aria-label"] = field.label


class RowFormSet(BaseInlineFormSet):
    """Rows whose boxes for deletion say what they are for."""

    def get_deletion_widget(self) -> CheckboxInput:  # type: ignore[override]
        """A box with a name."""
        return CheckboxInput(attrs={"aria-label": gettext("Delete this row")})


class ScopedChoices(admin.options.BaseModelAdmin):
    """Choices of offices and people: those of one's own scope only, without links to add others on the side."""

    form: type[ModelForm] = AdminForm
    # The browser's own pickers: in the person's language, without a script.
    formfield_overrides = {
        DateField: {"widget": DateInput(format="%Y-%m-%d", attrs={"type": "date"})},
        TimeField: {"widget": TimeInput(format="%H:%M", attrs={"type": "time"})},
    }

    def choices_of(self, request: HttpRequest, model: type[Model]) -> QuerySet[Any] | None:
        """The rows of `model` that may be chosen; None where the scope has nothing to say."""
        scope = scope_of(request)
        if model is Office:
            return scope.rows()
        return scope.people() if model is User else None

    def formfield_for_dbfield(self, db_field: Any, request: Any, **kwargs: Any) -> Any:
        """The field, narrowed to the scope."""
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if field is not None and isinstance(field.widget, RelatedFieldWidgetWrapper):
            field.widget = field.widget.widget
        if isinstance(field, ModelChoiceField):
            rows = self.choices_of(request, db_field.remote_field.model)
            if rows is not None:
                field.queryset = rows
        return field


class ScopedInline(ScopedChoices, admin.TabularInline):
    """Rows below a page that the person may open anyway."""

    extra = 1

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Whoever opens the page sees them."""
        return True

    has_add_permission = has_change_permission = has_delete_permission = has_view_permission


class ScopedAdmin(ScopedChoices, admin.ModelAdmin):
    """Rows of one's own offices; any other row is not there (404)."""

    office_path = "office_id"
    view_on_site = False
    list_per_page = 50
    show_facets = admin.ShowFacets.NEVER

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """The rows of the offices that the person manages."""
        return super().get_queryset(request).filter(**{f"{self.office_path}__in": scope_of(request).offices})

    def manages(self, request: HttpRequest, obj: Any) -> bool:
        """Whether the person may change `obj`."""
        return obj is None or getattr(obj, self.office_path) in scope_of(request).offices

    def has_module_permission(self, request: HttpRequest) -> bool:
        """The site lets administrators in only."""
        return True

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Rows of the scope."""
        return self.manages(request, obj)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Rows of the scope."""
        return self.manages(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Rows of the scope."""
        return self.manages(request, obj)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """In an office of the scope, which the choices see to."""
        return True

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        """No acts on many rows at once: each deletion is looked at."""
        return {}

    def get_changelist_form(self, request: HttpRequest, **kwargs: Any) -> type[ModelForm]:
        """A list that is changed in place, with the admin's own widgets."""
        return super().get_changelist_form(request, **{"form": RowForm, **kwargs})

    def _get_obj_does_not_exist_redirect(self, request: HttpRequest, opts: Any, object_id: str) -> HttpResponse:
        raise Http404


class _Delta(HistoricalRecordContextHelper):
    """What a change changed, without the columns that are kept for search and order."""

    def context_for_delta_changes(self, delta: Any) -> list[dict[str, Any]]:
        """The changes that a person made."""
        shown = [change for change in delta.changes if change.field not in ("search", "sort_key")]
        return super().context_for_delta_changes(replace(delta, changes=shown))  # type: ignore[no-any-return]

    def prepare_delta_change_value(self, change: Any, value: Any) -> Any:
        """Nothing where a link led nowhere."""
        return "" if value is None or getattr(value, "pk", value) is None else value


class HistoryAdmin(ScopedAdmin, SimpleHistoryAdmin):
    """With the history of each row: who changed what, when. The past is read here, never put back."""

    object_history_list_template = "admin/history_list.html"

    def get_urls(self) -> list[URLPattern]:
        """Without the page that puts an old state back."""
        return [url for url in super().get_urls() if not str(url.name).endswith("_simple_history")]

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """The history of a row of the scope."""
        if self.get_object(request, object_id) is None:
            raise Http404
        return super().history_view(request, object_id, extra_context)

    def get_historical_record_context_helper(self, request: HttpRequest, historical_record: Any) -> _Delta:
        """Ours."""
        return _Delta(self.model, historical_record)

    def history_view_title(self, request: HttpRequest, obj: Any) -> str:
        """Whose history it is."""
        return gettext("History: %(name)s") % {"name": obj}

    def revert_disabled(self, request: HttpRequest, obj: Any = None) -> bool:
        """Always."""
        return True


class OfficeFilter(admin.RelatedFieldListFilter):
    """A filter that names the offices and people of one's own scope only."""

    def field_choices(self, field: Any, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """The rows that may be chosen."""
        rows = model_admin.choices_of(request, field.remote_field.model)
        return [(str(row.pk), str(row)) for row in rows or ()]
