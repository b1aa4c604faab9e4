"""The preliminary application: the citizen's pages, and the counter's that opens what he wrote by its code."""

from __future__ import annotations

import uuid
from typing import Any

import phonenumbers
from django import forms
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import mark_safe
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST

from applications import drafts, openings, queries
from applications.casework import ActRefused
from applications.codes import bar_code, qr_code
from applications.forms import BirthDateField, IntakeForm, OnceForm, iin_problem
from applications.models import Draft, Language, OpeningKind
from applications.public import count_failed_try, tries_used_up
from applications.receiving import COUNTER, fill_in_known, locals_of, visitor_of
from offices.models import Office
from offices.policy import public, staff_of, staff_only
from services.models import Edition, EditionUse
from services.queries import questions_of

_NOBODY = _("No prepared application has this code, or it was registered already, or its days are over.")
_TOO_MANY = _("Too many tries from your place. Wait a minute, then send the form again.")


class CodeForm(forms.Form):
    """The code of a prepared application, typed or scanned."""

    code = forms.CharField(
        label=_("Code of the prepared application"),
        max_length=200,
        widget=forms.TextInput(
            {
                "class": "govuk-input--width-20",
                "autocomplete": "off",
                "spellcheck": "false",
                "autocapitalize": "characters",
            }
        ),
    )


class DraftForm(OnceForm):
    """What the counter would ask, filled in at home. Only the names and the office are needed; the counter checks all."""

    office = forms.ModelChoiceField(
        label=_("Where you will bring your papers"),
        queryset=Office.objects.none(),
        empty_label=_("Choose the department"),
    )
    last_name = forms.CharField(label=_("Surname"), max_length=120)
    first_name = forms.CharField(label=_("Name"), max_length=120)
    patronymic = forms.CharField(label=_("Patronymic"), max_length=120, required=False)
    iin = forms.CharField(
        label=_("IIN"), max_length=20, required=False, widget=forms.TextInput({"inputmode": "numeric"})
    )
    birth_date = BirthDateField()
    address = forms.CharField(label=_("Address"), max_length=300, required=False)
    phone = forms.CharField(label=_("Phone"), max_length=40, required=False, widget=forms.TextInput({"type": "tel"}))
    email = forms.EmailField(label=_("E-mail"), required=False)
    language = forms.ChoiceField(label=_("Language of the papers"), choices=Language.choices)
    fits = forms.MultipleChoiceField(
        label=_("Which of these fits you?"), required=False, widget=forms.CheckboxSelectMultiple
    )
    code = forms.CharField(max_length=200, required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, edition: Edition, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        uses = EditionUse.objects.filter(edition=edition, in_use=True, office__active=True).values("office")
        office, fits = self.fields["office"], self.fields["fits"]
        office.queryset = Office.objects.filter(pk__in=uses).in_order()  # type: ignore[attr-defined]
        office.label_from_instance = lambda row: row.locality  # type: ignore[attr-defined]
        fits.choices = [(question.code, question.words) for question in questions_of(edition)]  # type: ignore[attr-defined]

    def clean_iin(self) -> str:
        """A number that cannot be right is better left out: the counter takes it from the document."""
        iin = "".join(self.cleaned_data["iin"].split())
        if iin and (problem := iin_problem(iin)):
            raise forms.ValidationError(
                _("%(problem)s Look again, or leave it empty: the counter takes it from your document."),
                params={"problem": problem},
            )
        return iin

    def clean_phone(self) -> str:
        """A number somebody can be called at, of this country or with the code of another."""
        typed: str = self.cleaned_data["phone"]
        try:
            possible = not typed or phonenumbers.is_possible_number(phonenumbers.parse(typed, "KZ"))
        except phonenumbers.NumberParseException:
            possible = False
        if not possible:
            raise forms.ValidationError(
                _("This is no phone number. A foreign one begins with + and the code of the country.")
            )
        return typed

    def prepared(self, edition: Edition) -> drafts.Prepared:
        """What was written, for the action."""
        names = ("last_name", "first_name", "patronymic", "iin", "birth_date", "address", "phone", "email")
        person = {name: self.cleaned_data[name] for name in names}
        data = self.cleaned_data
        return drafts.Prepared(data["office"], edition, person, data["fits"], data["language"])


# ------------------------------------------------------------------ at home


@public
@require_http_methods(["GET", "HEAD", "POST"])
def prepare(request: HttpRequest, code: str) -> HttpResponse:
    """Write an application beforehand: nothing is registered by it, the counter opens it by its code."""
    edition = _published(code)
    if request.method != "POST":
        return _form_page(request, edition, DraftForm(initial=_first(request, edition), edition=edition))
    form = DraftForm(request.POST, edition=edition)
    if form.is_valid() and tries_used_up(request, "draft-new"):
        form.add_error(None, _TOO_MANY)
        return _form_page(request, edition, form, status=429)
    if not form.is_valid():
        return _form_page(request, edition, form, status=400)
    count_failed_try(request, "draft-new")
    return _saved(request, edition, form, form.cleaned_data["token"])


@public
@require_http_methods(["GET", "HEAD", "POST"])
def prepared(request: HttpRequest) -> HttpResponse:
    """Open what one has prepared by its code, to look at it, change it or delete it. Answers wrong and used ones alike."""
    if request.method != "POST":
        return _code_page(request, CodeForm())
    form = CodeForm(request.POST)
    if not form.is_valid():
        return _code_page(request, form, status=400)
    if tries_used_up(request, "draft"):
        form.add_error(None, _TOO_MANY)
        return _code_page(request, form, status=429)
    draft = drafts.opened(form.cleaned_data["code"], at=timezone.now())
    if draft is None:
        count_failed_try(request, "draft")
        form.add_error(None, _NOBODY)
        return _code_page(request, form)
    return _on_opened(request, draft)


def _on_opened(request: HttpRequest, draft: Draft) -> HttpResponse:
    """What the buttons of an opened draft do: show it, save the changed form, delete it."""
    edition, button = draft.edition, request.POST.get("do", "")
    if button == "delete":
        drafts.forget(draft)
        return _private(render(request, "applications/draft_gone.html", {"language_next": reverse("prepared")}))
    if button == "save":
        form = DraftForm(request.POST, edition=edition)
        if not form.is_valid():
            return _form_page(request, edition, form, status=400, draft=draft)
        return _saved(request, edition, form, draft.key)
    initial = drafts.person_of(draft) | {
        "office": draft.office_id,
        "language": draft.language,
        "fits": draft.contents.get("fits", []),
        "code": drafts.code_of(draft.key),
    }
    return _form_page(request, edition, DraftForm(initial=initial, edition=edition), draft=draft)


def _saved(request: HttpRequest, edition: Edition, form: DraftForm, key: uuid.UUID) -> HttpResponse:
    try:
        draft = drafts.save(form.prepared(edition), key, at=timezone.now())
    except ActRefused as refusal:
        form.add_error(None, refusal.message)
        return _form_page(request, edition, form, status=refusal.status)
    code = drafts.code_of(draft.key)
    address = f"{settings.BASE_URL}{reverse('prepared')}#{code}"
    # Both drawings are ours, out of letters and figures only.
    context = {
        "draft": draft,
        "edition": edition,
        "code": code,
        "papers": drafts.papers_of(draft),
        "qr": mark_safe(qr_code(address, gettext("Code to be scanned at the counter"), scale=4)),  # noqa: S308
        "bars": mark_safe(bar_code(code, code)),  # noqa: S308
        "language_next": reverse("prepared"),
    }
    return _private(render(request, "applications/draft_saved.html", context))


def _first(request: HttpRequest, edition: Edition) -> dict[str, Any]:
    """What the form begins with: the page's language, and the conditions ticked on the page of the service."""
    known = [question.code for question in questions_of(edition)]
    language = request.LANGUAGE_CODE if request.LANGUAGE_CODE in Language.values else Language.KAZAKH
    return {"language": language, "fits": [code for code in request.GET.getlist("fits") if code in known]}


def _published(code: str) -> Edition:
    editions = Edition.objects.published().select_related("service", "decree").prefetch_related("documents")
    edition: Edition | None = editions.filter(code=code).order_by("-version").first()
    if edition is None:
        raise Http404
    return edition


def _form_page(
    request: HttpRequest, edition: Edition, form: DraftForm, *, status: int = 200, draft: Draft | None = None
) -> HttpResponse:
    next_page = reverse("prepared") if draft else reverse("prepare", args=[edition.code])
    context = {
        "edition": edition,
        "form": form,
        "draft": draft,
        "days": settings.DRAFT_DAYS,
        "language_next": next_page,
    }
    return _private(render(request, "applications/draft.html", context, status=status))


def _code_page(request: HttpRequest, form: CodeForm, *, status: int = 200) -> HttpResponse:
    context = {"form": form, "language_next": reverse("prepared")}
    return _private(render(request, "applications/draft_code.html", context, status=status))


def _private(response: HttpResponse) -> HttpResponse:
    response["Cache-Control"] = "no-store"
    return response


# ------------------------------------------------------------------ at the counter


@staff_only(*COUNTER)
@require_POST
def open_prepared(request: HttpRequest) -> HttpResponse:
    """The registration page of what a citizen has prepared, filled in: its code is typed or scanned on the register page."""
    staff, now = staff_of(request), timezone.now()
    desks = queries.all_desks(staff)
    form = CodeForm(request.POST)
    draft = drafts.opened(form.cleaned_data["code"], at=now) if form.is_valid() else None
    # A newer version of the edition may have come into force since.
    desk = next((row for row in desks if draft and (row[0], row[1].code) == (draft.office, draft.edition.code)), None)
    if draft is None or desk is None:
        if form.is_valid():
            form.add_error("code", gettext("No prepared application for your counter has this code."))
        return render(request, "applications/register.html", {"form": form, "desks": desks}, status=400)
    office, edition, centre = desk
    filled = IntakeForm(initial={"received_at": timezone.localtime(now).replace(second=0, microsecond=0)})
    filled.add_checklist(edition)
    filled.fill_in(draft)
    known, visitor = fill_in_known(filled.initial), visitor_of(request, centre or office)
    openings.note(OpeningKind.FILLED_IN, by=staff, at=now, person=known, what=f"draft {draft.pk}")
    context = {"form": filled, "draft": draft, **locals_of(office, edition, centre, known, visitor)}
    return render(request, "applications/take_in.html", context)
