"""Pages of signatures: under one paper, under many at once, and the public page that says whether a paper is what was issued."""

from __future__ import annotations

import hashlib
from typing import Any
from uuid import UUID

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from applications import actions, openings, signatures, signing
from applications.casework import ActRefused
from applications.forms import MomentInput
from applications.models import Case, OpeningKind, Paper, PaperSignature
from applications.queries import prepared_it
from applications.workflow import State
from offices.policy import Staff, fresh, heavy, public, staff_of, staff_only
from offices.workflow import Role

_KEY_BYTES, _SIGNATURE_BYTES, _PDF_BYTES, _MANY = 100_000, 1_000_000, 12_000_000, 100


class KeyForm(forms.Form):
    """The head's own key, used for this page and kept nowhere."""

    key = forms.FileField(label=_("Your key (a .p12 or .pfx file)"), help_text=_("Used once and kept nowhere."))
    password = forms.CharField(
        label=_("Password of the key"),
        widget=forms.PasswordInput({"autocomplete": "off"}),
        max_length=200,
        strip=False,
    )

    def clean(self) -> dict[str, Any]:
        """The file opens with the password, and its certificate is in force."""
        data = super().clean() or {}
        file = data.get("key")
        if file is not None and file.size > _KEY_BYTES:
            self.add_error("key", _("This file is too large for a key."))
        elif file is not None and data.get("password"):
            try:
                data["opened"] = signing.open_key(file.read(), data["password"], timezone.now())
            except signing.SigningError as problem:
                self.add_error("key", str(problem))
        return data


class DetachedForm(forms.Form):
    """A signature made elsewhere."""

    signature = forms.FileField(label=_("Signature file (CMS: .p7s, .sig, .cms)"))

    def clean_signature(self) -> bytes:
        """Small enough to be a signature."""
        file = self.cleaned_data["signature"]
        if file.size > _SIGNATURE_BYTES:
            raise forms.ValidationError(_("This file is too large for a signature."))
        return bytes(file.read())


class ByHandForm(forms.Form):
    """When the print was signed."""

    signed_at = forms.DateTimeField(label=_("Signed by hand on"), widget=MomentInput())

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["signed_at"].initial = timezone.localtime().replace(second=0, microsecond=0)


class ManyForm(KeyForm):
    """What is to be signed with one key; without a key the decisions are signed in the program only."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["key"].required = self.fields["password"].required = False

    def clean(self) -> dict[str, Any]:
        """Key and password come together or not at all."""
        data = super().clean()
        if bool(data.get("key")) != bool(data.get("password")) and not self.errors:
            self.add_error("password" if data.get("key") else "key", _("Give both, or neither."))
        return data


@staff_only(Role.HEAD, Role.DEPUTY, Role.CLERK, Role.EXECUTOR)
@fresh
@require_http_methods(["GET", "POST"])
def paper_signature(request: HttpRequest, key: UUID) -> HttpResponse:
    """The signature under a paper: with a key, made elsewhere, or by hand."""
    staff = staff_of(request)
    paper = _paper(staff, key)
    do = request.POST.get("do", "")
    sent: dict[str, forms.Form] = {
        "key": KeyForm(*_sent(request, do == "key")),
        "detached": DetachedForm(*_sent(request, do == "detached")),
        "by_hand": ByHandForm(*_sent(request, do == "by_hand")),
    }
    status = 400 if request.method == "POST" else 200
    form = sent.get(do)
    if form is not None and form.is_valid():
        try:
            _sign(do, form, paper, staff)
        except ActRefused as refusal:
            form.add_error(refusal.field, refusal.message)
            status = refusal.status
        except signing.SigningError as problem:
            form.add_error(None, str(problem))
        else:
            messages.success(request, gettext("The signature is kept."))
            return redirect("paper_signature", paper.key)
    found = PaperSignature.objects.select_related("signer", "recorded_by").filter(paper=paper).first()
    decision = signatures.decision_of(paper)
    context = {
        "paper": paper,
        "signature": found,
        "forms": sent,
        "form": form,
        "decision": decision,
        "may_sign": decision.signed_by_id == staff.user.pk,
        "roots": bool(settings.SIGNATURE_ROOTS),
    }
    return render(request, "applications/signature.html", context, status=status)


@staff_only(Role.HEAD, Role.DEPUTY)
@fresh
# A file is drawn for each; the key is kept nowhere, so no worker can do it.
@heavy(when=lambda request: request.method == "POST")
@require_http_methods(["GET", "POST"])
def sign_many(request: HttpRequest) -> HttpResponse:
    """All that waits for my signature, each with its text: signed together, one after the other, with one key."""
    staff = staff_of(request)
    form = ManyForm(*_sent(request, request.method == "POST"))
    cases = [case for case in _waiting(staff) if not prepared_it(case, staff)]
    papers = list(signatures.waiting_for_key(staff)[:_MANY])
    if request.method == "POST" and form.is_valid():
        chosen = set(request.POST.getlist("case"))
        picked = [case for case in cases if f"{case.pk}:{case.version}" in chosen]
        unsigned = [paper for paper in papers if str(paper.key) in set(request.POST.getlist("paper"))]
        opened = form.cleaned_data.get("opened")
        if not picked and not (unsigned and opened):
            form.add_error(None, gettext("Choose what is to be signed."))
        else:
            done, refused = _sign_all(picked, unsigned, opened, staff)
            messages.success(request, ngettext("%(n)d signed.", "%(n)d signed.", done) % {"n": done})
            for words in refused:
                messages.warning(request, words)
            return redirect("sign_many")
    for case in cases if request.method == "GET" else ():
        openings.note(OpeningKind.OPENED, by=staff, at=timezone.now(), case=case, what="sign")
    context = {"form": form, "cases": cases, "papers": papers, "chosen": request.POST.getlist("case")}
    return render(request, "applications/sign_many.html", context, status=400 if form.errors else 200)


@public
@require_http_methods(["GET", "POST"])
def verify(request: HttpRequest, key: UUID) -> HttpResponse:
    """Whether a paper is what the office issued: number, date, kind, state, hash; no names. A file can be compared with it."""
    everywhere = Paper.objects.everywhere("the random key printed on the paper")
    paper = get_object_or_404(everywhere.select_related("case__office"), key=key, kind__in=signatures.SIGNED_KINDS)
    if paper.case is None or not paper.data:
        raise Http404
    signature = PaperSignature.objects.filter(paper=paper).first()
    file, same = request.FILES.get("file"), None
    if request.method == "POST":
        small = file is not None and (file.size or 0) <= _PDF_BYTES
        same = small and hashlib.sha256(file.read()).hexdigest() in _hashes(paper, signature)  # type: ignore[union-attr]
    newest = paper.case.decisions.filter(signed_at__isnull=False).order_by("-pk").first()
    context = {
        "paper": paper,
        "case": paper.case,
        "signature": signature,
        "number": paper.data.get("decision_number", ""),
        "sha256": signature.sha256 if signature else paper.sha256,
        "annulled": paper.case.state == State.ANNULLED,
        "replaced": newest is not None and newest.number != paper.data.get("decision_number"),
        "asked": request.method == "POST",
        "same": same,
    }
    return render(request, "applications/verify.html", context)


def _paper(staff: Staff, key: UUID) -> Paper:
    cases = Case.objects.visible_to(staff).values("pk")
    rows = Paper.objects.filter(case__in=cases, kind__in=signatures.SIGNED_KINDS).select_related("case__office")
    paper = get_object_or_404(rows, key=key)
    if not paper.data:
        raise Http404
    return paper


def _sent(request: HttpRequest, mine: bool) -> tuple[Any, Any]:
    return (request.POST, request.FILES) if mine else (None, None)


def _sign(do: str, form: forms.Form, paper: Paper, staff: Staff) -> None:
    now, data = timezone.now(), form.cleaned_data
    if do == "key":
        signatures.sign_with_key(paper, data["opened"], by=staff, at=now)
    elif do == "detached":
        signatures.attach_signature(paper, data["signature"], by=staff, at=now)
    else:
        signatures.record_by_hand(paper, signed_at=data["signed_at"], by=staff, at=now)


def _waiting(staff: Staff) -> list[Case]:
    rows = Case.objects.on_the_desk_of(staff).filter(
        state=State.PREPARED, office__in=staff.offices(Role.HEAD, Role.DEPUTY)
    )
    return list(
        rows.for_list().prefetch_related("decisions__grounds__ground", "decisions__prepared_by").worst_first()[:_MANY]
    )


def _sign_all(cases: list[Case], papers: list[Paper], key: signing.Key | None, staff: Staff) -> tuple[int, list[str]]:
    """Sign each in its own transaction; one that is refused does not hold up the others. Gives how many, and the refusals."""
    done, refused = 0, []
    for case in cases:
        try:
            actions.sign(case, by=staff, at=timezone.now())
        except ActRefused as refusal:
            refused.append(f"{case.any_number}: {refusal.message}")
            continue
        done += 1
        if key is not None:
            papers.append(
                case.papers.filter(kind__in=signatures.SIGNED_KINDS).select_related("case__office").latest("pk")
            )
    if key is None:
        return done, refused
    for paper in papers:
        try:
            signatures.sign_with_key(paper, key, by=staff, at=timezone.now())
        except (ActRefused, signing.SigningError) as refusal:
            refused.append(f"{paper.data.get('decision_number')}: {refusal}")
            continue
        done += not any(case.pk == paper.case_id for case in cases)
    return done, refused


def _hashes(paper: Paper, signature: PaperSignature | None) -> set[str]:
    return {paper.sha256, signature.sha256 if signature else ""} - {""}
