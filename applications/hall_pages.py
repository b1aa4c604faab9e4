"""The staff's pages of the waiting hall: talons, the queue of a window, the devices that stand in the hall."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import mark_safe
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from applications import hall, hall_devices, queries, waiting
from applications.casework import ActRefused
from applications.codes import qr_code
from applications.forms import OnceForm
from applications.hall import HALL_ROLES
from applications.models import Case, DeviceKind, HallDevice, HallWindow, Outcome, Purpose, Visit
from offices.models import Office, OfficeKind
from offices.policy import Staff, staff_of, staff_only
from offices.workflow import Role
from services.models import Edition

_SETTING_UP = (*HALL_ROLES, Role.HEAD, Role.DEPUTY, Role.ADMINISTRATOR)
_WATCHING = (*HALL_ROLES, Role.HEAD, Role.DEPUTY)
_ENDINGS = {"served": Outcome.SERVED, "left": Outcome.LEFT, "no_show": Outcome.NO_SHOW}


class TalonForm(OnceForm):
    """A talon for a visitor: what he comes for, and the service if he knows it."""

    mark_optional = False

    purpose = forms.ChoiceField(label=_("Purpose"), choices=Purpose.choices, widget=forms.RadioSelect)
    edition = forms.ModelChoiceField(label=_("Service"), queryset=Edition.objects.none(), required=False)

    def __init__(self, *args: Any, office: Office, **kwargs: Any) -> None:
        super().__init__(*args, **{**kwargs, "initial": {"purpose": Purpose.HAND_IN}})
        here = waiting.editions_here(office, timezone.localdate())
        field: Any = self.fields["edition"]
        field.queryset = Edition.objects.filter(pk__in=[row.pk for row in here]).select_related("service")
        field.label_from_instance = lambda edition: edition.service.name
        field.empty_label = _("not decided yet")


class AttachForm(forms.Form):
    """The application whose result the visitor collects."""

    number = forms.CharField(label=_("Number of the application"), max_length=30)


@staff_only(*_WATCHING)
@require_GET
def halls(request: HttpRequest) -> HttpResponse:
    """The halls of the person's offices: windows, how many wait, talons. The head watches, the counter works there."""
    now, counter = timezone.now(), staff_of(request).offices(*HALL_ROLES)
    places = [_hall(office, now) | {"works": office.pk in counter} for office in _offices(request, _WATCHING)]
    return render(request, "hall/halls.html", {"places": places})


@staff_only(*HALL_ROLES)
@require_http_methods(["GET", "POST"])
def talon(request: HttpRequest, office_id: int) -> HttpResponse:
    """Give a visitor a talon, to be printed."""
    office = get_object_or_404(_offices(request, HALL_ROLES), pk=office_id)
    form = TalonForm(request.POST or None, office=office)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            visit = hall.issue(
                office, purpose=Purpose(data["purpose"]), edition=data["edition"], key=data["token"], by=staff_of(request),
                at=timezone.now(),
            )  # fmt: skip
        except ActRefused as refusal:
            form.add_error(refusal.field, refusal.message)
        else:
            return redirect("hall_slip", visit.pk)
    status = 400 if request.method == "POST" else 200
    return render(request, "hall/talon.html", {"office": office, "form": form}, status=status)


@staff_only(*HALL_ROLES)
@require_GET
def slip(request: HttpRequest, pk: int) -> HttpResponse:
    """The talon as it is printed."""
    rows = Visit.objects.for_list().select_related("office")
    visit = get_object_or_404(rows.of_offices(_offices(request, HALL_ROLES)), pk=pk)
    return render(request, "hall/slip.html", {"visit": visit, "ahead": waiting.ahead_of(visit), "office": visit.office})


@staff_only(*HALL_ROLES)
@require_http_methods(["GET", "POST"])
def window(request: HttpRequest, pk: int) -> HttpResponse:
    """The desk of a window: who stands at it, what may be done with him, and who waits."""
    mine = HallWindow.objects.filter(office__in=_offices(request, HALL_ROLES), active=True).select_related("office")
    row = get_object_or_404(mine, pk=pk)
    if request.method == "POST":
        return _act(request, row)
    return render(request, "hall/window.html", _desk(row, staff_of(request)) | {"attach_form": AttachForm()})


def _act(request: HttpRequest, row: HallWindow) -> HttpResponse:
    """One button of the desk: call, call again, an ending, pass on, attach; then back to the desk or to the case."""
    staff, button = staff_of(request), request.POST.get("do", "")
    form = AttachForm(request.POST if button == "attach" else None)
    try:
        leads_to = _done(request, row, staff, button, form)
    except ActRefused as refusal:
        if button == "attach" and form.is_bound:
            form.add_error("number", refusal.message)
            return render(
                request,
                "hall/window.html",
                _desk(row, staff_of(request)) | {"attach_form": form},
                status=refusal.status,
            )
        messages.warning(request, refusal.message)
        return redirect("hall_window", row.pk)
    if leads_to is None:
        context = _desk(row, staff_of(request)) | {"attach_form": form}
        return render(request, "hall/window.html", context, status=400)
    return redirect(leads_to)


def _done(request: HttpRequest, row: HallWindow, staff: Staff, button: str, form: AttachForm) -> str | None:
    """Do what the button says; gives the address of what comes next, None where the form has to be seen again."""
    now, here = timezone.now(), reverse("hall_window", args=[row.pk])
    if button == "next":
        if hall.call_next(row, turn=_number(request, "turn"), by=staff, at=now) is None:
            messages.info(request, gettext("Nobody waits for this window."))
        return here
    visit = Visit.objects.of_offices([row.office_id]).filter(pk=_number(request, "visit")).first()
    if visit is None:
        return None
    if button in _ENDINGS:
        hall.finish(visit, outcome=_ENDINGS[button], by=staff, at=now)
        return here
    if button == "again":
        hall.call_again(visit, calls=_number(request, "calls"), by=staff, at=now)
        return here
    if button == "pass":
        hall.pass_on(visit, window=_other_window(request, row), by=staff, at=now)
        return here
    return _attached(visit, form, staff) if button == "attach" and form.is_valid() else None


def _other_window(request: HttpRequest, row: HallWindow) -> HallWindow:
    target = HallWindow.objects.filter(pk=_number(request, "window"), office=row.office_id).first()
    if target is None:
        raise ActRefused(gettext("Choose the window."), status=400)
    return target


def _attached(visit: Visit, form: AttachForm, staff: Staff) -> str:
    case = Case.objects.visible_to(staff).numbered(form.cleaned_data["number"]).first()
    if case is None:
        raise ActRefused(gettext("No application of your office has this number."), status=400)
    hall.attach(visit, case=case, by=staff, at=timezone.now())
    return reverse("case", args=[case.pk])


def _desk(row: HallWindow, staff: Staff) -> dict[str, Any]:
    now = timezone.now()
    visit = waiting.at_window(row)
    others = HallWindow.objects.filter(office=row.office_id, active=True).exclude(pk=row.pk)
    return {
        "window": HallWindow.objects.select_related("office").get(pk=row.pk),
        "current": waiting.in_queue(visit, now, row.office) if visit else None,
        "register": _register_link(visit, row.office, staff) if visit else "",
        "others": others,
        "queue": waiting.queue_of(row.office, now),
        "callable": set(
            Visit.objects.waiting_for(row).filter(day=timezone.localdate(now)).values_list("pk", flat=True)
        ),
        "now": now,
    }


def _register_link(visit: Visit, office: Office, staff: Staff) -> str:
    """From the call into the registration: straight to the form where service and department are known.

    Empty where another role takes this service in (E6, E9, E11: the executor): the visitor is passed on.
    """
    if not visit.edition_id or office.kind == OfficeKind.CENTRE:
        return f"{reverse('register')}?visit={visit.pk}"
    mine = {(place.pk, edition.pk) for place, edition in queries.desks(staff, at_window=False)}
    if (office.pk, visit.edition_id) not in mine:
        return ""
    return f"{reverse('take_in', args=[office.pk, visit.edition_id])}?visit={visit.pk}"


# ------------------------------------------------------------------ devices


class DeviceForm(forms.Form):
    """A device that shall stand in the hall of one of the person's offices."""

    mark_optional = False

    office = forms.ModelChoiceField(label=_("Office"), queryset=Office.objects.none())
    kind = forms.ChoiceField(label=_("What it does"), choices=DeviceKind.choices, widget=forms.RadioSelect)
    name = forms.CharField(
        label=_("Name of the device"),
        max_length=80,
        required=False,
        help_text=_("Where it stands, such as “entrance”."),
    )


@staff_only(*_SETTING_UP)
@require_http_methods(["GET", "POST"])
def devices(request: HttpRequest) -> HttpResponse:
    """The devices of the halls; a new one gets a code that opens its page once, within an hour."""
    offices = _offices(request, _SETTING_UP)
    form = DeviceForm(request.POST or None, initial={"kind": DeviceKind.KIOSK, "office": offices.first()})
    form.fields["office"].queryset = offices  # type: ignore[attr-defined]
    rows = HallDevice.objects.filter(office__in=offices, withdrawn_at=None).select_related("office", "made_by")
    context: dict[str, Any] = {"form": form, "devices": rows}
    if request.method == "POST" and form.is_valid():
        device, code = hall_devices.set_up(**form.cleaned_data, by=staff_of(request).user, at=timezone.now())
        link = request.build_absolute_uri(f"{reverse('hall_open')}#{code}")
        context |= {
            "new": device,
            "code": code,
            "link": link,
            "qr": mark_safe(qr_code(link, gettext("Address of the device's page"), scale=5)),  # noqa: S308 - our own drawing
        }
    status = 400 if request.method == "POST" and "new" not in context else 200
    response = render(request, "hall/devices.html", context, status=status)
    response["Cache-Control"] = "no-store"
    return response


@staff_only(*_SETTING_UP)
@require_POST
def withdraw_device(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a device out of use: its cookie opens nothing any more."""
    offices = _offices(request, _SETTING_UP)
    get_object_or_404(HallDevice.objects.filter(office__in=offices), pk=pk)
    HallDevice.objects.filter(pk=pk, withdrawn_at=None).update(withdrawn_at=timezone.now())
    messages.success(request, gettext("The device is out of use."))
    return redirect("hall_devices")


def _offices(request: HttpRequest, roles: tuple[Role, ...]) -> Any:
    rows: Any = Office.objects.filter(pk__in=staff_of(request).offices(*roles)).in_order()
    return rows


def _hall(office: Office, now: Any) -> dict[str, Any]:
    day = timezone.localdate(now)
    today = Visit.objects.filter(office=office, day=day)
    counts = today.aggregate(
        waiting=Count("pk", filter=Q(ended_at=None, window=None)),
        served=Count("pk", filter=Q(outcome=Outcome.SERVED)),
        gone=Count("pk", filter=Q(outcome__in=(Outcome.LEFT, Outcome.NO_SHOW))),
    )
    busy = {visit.window_id: visit for visit in today.at_windows().select_related("edition__service")}
    windows = [(row, busy.get(row.pk)) for row in office.windows.filter(active=True)]
    longest = next(iter(waiting.queue_of(office, now)), None)
    return {"office": office, "windows": windows, "longest": longest, **counts}


def _number(request: HttpRequest, name: str) -> int:
    text = request.POST.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 18 else -1
