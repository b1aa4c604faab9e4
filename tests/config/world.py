"""The world in which the routes are asked: one case of the counter of Shymkent, and a browser for every role.

`ARGUMENTS` says how the address of a route is built where it needs something. A new route with arguments gets a line there,
and a row a method in `access.txt`.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import Any

from allauth.mfa.models import Authenticator
from django.apps import apps
from django.core.files.base import ContentFile
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.utils.http import urlsafe_base64_encode

from applications import hall_devices
from applications.models import Case, HallWindow
from applications.workflow import State
from complaints.models import Complaint
from kpi.actions import sealing, targets
from kpi.models import QualityCheck, QualityDraw
from kpi.queries.asking import Period
from offices.models import CalendarDay, Membership, Office, Substitution
from offices.policy import Staff
from services.actions import add_decree, copy_as
from services.models import Edition, EditionUse
from tests.complaints.makers import make_complaint
from tests.factories import (
    FRIDAY,
    edition,
    make_case,
    make_centre_team,
    make_person,
    make_staff,
    make_team,
    make_user,
    make_visit,
    make_window,
)
from tests.pages import sign_in

SENTINEL = "Құпиясыбаева"
OURS, ELSEWHERE = "south:shymkent", "south:arys"
ROLES = [
    "anonymous", "clerk", "head", "deputy", "executor", "inspector", "accumulator", "observer", "administrator", "foreigner",
    "nobody", "barred",
]  # fmt: skip


@dataclass
class World:
    """What the addresses name. Everything belongs to the department of Shymkent, whose applicant nobody else may see."""

    case: Case

    @cached_property
    def complaint(self) -> Complaint:
        """A complaint of the case's applicant, as it waits for its resolution."""
        made = make_complaint(make_team(OURS), person=make_person(last_name=SENTINEL), at=FRIDAY)
        row = made.attachments.create(
            subject=made.subject, file="none", name="b.pdf", content_type="application/pdf", size=1, sha256="1", reason="",
            added_at=FRIDAY,
        )  # fmt: skip
        row.file.save("b.pdf", ContentFile(b"%PDF-1.7"))
        return made

    @cached_property
    def attachment_id(self) -> int:
        """A file of the case."""
        row = self.case.attachments.create(
            file="none", name="a.pdf", content_type="application/pdf", size=1, sha256="0", reason="", added_at=FRIDAY,
            added_by_id=self.case.executor_id,
        )  # fmt: skip
        row.file.save("a.pdf", ContentFile(b"%PDF-1.7"))
        return int(row.pk)

    @cached_property
    def window_id(self) -> int:
        """A window of the waiting hall."""
        return int(make_window(OURS, 9).pk)

    @cached_property
    def device_id(self) -> int:
        """A tablet of the waiting hall."""
        clerk = make_staff(OURS, "clerk").user
        row = hall_devices.set_up(office=self.case.office, kind="kiosk", name="", by=clerk, at=FRIDAY)[0]
        return int(row.pk)

    @cached_property
    def notice_key(self) -> Any:
        """The notice of a signed decision."""
        signed = make_case(make_team(OURS), state=State.SIGNED, person=make_person(last_name=SENTINEL))
        return signed.papers.get(kind="grant").key

    @cached_property
    def request_id(self) -> int:
        """What the applicant asked about his data."""
        values = {"kind": "know", "text": "?", "received_at": FRIDAY, "due_at": FRIDAY, "taken_by": self.colleague}
        return int(self.case.data_requests.create(office=self.case.office, person=self.case.person, **values).pk)

    @cached_property
    def quality_draw_id(self) -> int:
        """The sample of a month in which nothing was signed but the paper below."""
        draw = QualityDraw.objects.create(
            office=self.case.office, month=date(2026, 2, 1), seed="0", rule_version=1, population=1, drawn_at=FRIDAY,
            drawn_by=self.case.executor,
        )  # fmt: skip
        return int(draw.pk)

    @cached_property
    def quality_check_id(self) -> int:
        """A paper of the sample."""
        row = QualityCheck.objects.create(
            draw_id=self.quality_draw_id, place=1, case=self.case, decision=self.case.decisions.get(), day=FRIDAY.date(),
            office=self.case.office, edition=self.case.edition,
        )  # fmt: skip
        return int(row.pk)

    @cached_property
    def closed_id(self) -> int:
        """A closed month of the department's figures."""
        month = Period.parse("2026-02")
        return int(sealing.seal(self.case.office, "south-2012-370-4", month, by=make_staff(OURS, "head"), at=FRIDAY).pk)

    @cached_property
    def proposal_id(self) -> int:
        """Target values that the department's head has proposed."""
        values, by = {"1.1": Decimal(99)}, make_staff(OURS, "head")
        plan = targets.propose(
            "south-2012-370-4", office=self.case.office, year=2027, values=values, reason="-", by=by, at=FRIDAY
        )  # fmt: skip
        return int(plan.pk)

    @cached_property
    def draft_id(self) -> int:
        """A draft under a decree that was made for Shymkent alone."""
        decree = add_decree(
            oblast="south", offices=[OURS], number="1", day=FRIDAY.date(), title={"kk": "Қаулы", "ru": ""}
        )
        model, name = edition("E10"), {"kk": "Жоба", "ru": "Проект", "en": ""}
        new = {"code": "draft-1", "label": "E99", "service": model.service, "decree": decree, "name": name}
        return int(copy_as(model, **new, by=None, at=FRIDAY).pk)

    @cached_property
    def colleague(self) -> Any:
        """Somebody whose account the administrator of Shymkent manages."""
        return make_staff(OURS, "clerk").user

    @cached_property
    def key_of_colleague(self) -> int:
        """A security key that belongs to somebody else, whoever asks."""
        key = {"user": self.colleague, "type": "webauthn", "data": {"name": "k", "credential": {}}}
        return int(Authenticator.objects.create(**key).pk)

    def row_of(self, model: str) -> Any:
        """The number of a row of the reference data that belongs to Shymkent, or to everybody."""
        rows: dict[str, Callable[[], Any]] = {
            "offices_calendarday": lambda: CalendarDay.objects.filter(office=None).first(),
            "offices_office": lambda: Office.objects.get(key=OURS),
            "offices_user": lambda: self.colleague,
            "offices_membership": lambda: Membership.objects.get(user=self.colleague),
            "offices_substitution": self._order,
            "applications_hallwindow": lambda: HallWindow.objects.get(pk=self.window_id),
            "services_editionuse": lambda: EditionUse.objects.filter(office__key=OURS).first(),
            "services_edition": lambda: edition("E8"),
        }
        app, name = model.split("_")
        # A model that is not named here: any row of it, or a number that no row has.
        found = rows.get(model, apps.get_model(app, name)._default_manager.first)()
        return found.pk if found else 999_999

    def _order(self) -> Substitution:
        term = {"order_date": FRIDAY, "valid_from": FRIDAY, "valid_to": FRIDAY}
        other = make_staff(OURS, "executor").user
        here = Office.objects.get(key=OURS)
        return Substitution.objects.create(office=here, absent=self.colleague, deputy=other, role="clerk", **term)


# ------------------------------------------------------------------ how addresses are built: ADD A LINE FOR A NEW ROUTE HERE

Arguments = Callable[[World], dict[str, Any]]
ARGUMENTS: dict[str, Arguments] = {
    "act": lambda world: {"pk": world.case.pk, "act": "sign"},
    "complain_form": lambda world: {"kind": "service"},
    "complaint": lambda world: {"pk": world.complaint.pk},
    "complaint_act": lambda world: {"pk": world.complaint.pk, "act": "assign"},
    "complaint_file": lambda world: {"pk": world.complaint.pk, "attachment_id": world.complaint.attachments.get().pk},
    "complaint_paper": lambda world: {"pk": world.complaint.pk, "key": world.complaint.papers.get().key},
    "blank": lambda world: {"code": "south-2012-370-4"},
    "checklist": lambda world: {"code": "south-2012-370-4"},
    "open_set": lambda world: {"name": "editions", "suffix": "json"},
    "stop_following": lambda world: {"key": uuid.UUID(int=0)},
    "prepare": lambda world: {"code": "south-2012-370-4"},
    "attachment": lambda world: {"pk": world.case.pk, "attachment_id": world.attachment_id},
    "case": lambda world: {"pk": world.case.pk},
    "closed_period": lambda world: {"pk": world.closed_id},
    "indicator_cell": lambda world: {"code": "1.1"},
    "indicator_export": lambda world: {"kind": "csv"},
    "target_approve": lambda world: {"pk": world.proposal_id},
    "hall_kiosk_talon": lambda world: {"key": world.case.key},
    "hall_slip": lambda world: {"pk": make_visit(OURS, by=None).pk},
    "hall_talon": lambda world: {"office_id": world.case.office_id},
    "hall_window": lambda world: {"pk": world.window_id},
    "hall_withdraw_device": lambda world: {"pk": world.device_id},
    "mfa_remove_webauthn": lambda world: {"pk": world.key_of_colleague},
    "case_data": lambda world: {"pk": world.case.pk},
    "case_figures": lambda world: {"pk": world.case.pk},
    "paper_signature": lambda world: {"key": world.notice_key},
    "verify": lambda world: {"key": world.notice_key},
    "data_request": lambda world: {"pk": world.request_id},
    "full_iin": lambda world: {"pk": world.case.pk},
    "office_calendar": lambda world: {"key": OURS},
    "office_card": lambda world: {"key": OURS},
    "office_detail": lambda world: {"key": OURS},
    "paper": lambda world: {"key": world.case.papers.get().key},
    "quality_check": lambda world: {"pk": world.quality_check_id},
    "quality_sample": lambda world: {"pk": world.quality_draw_id},
    "scan": lambda world: {"act": "collect"},
    "service_detail": lambda world: {"code": "south-2012-370-4"},
    "service_changes": lambda world: {"code": "south-2012-370-4"},
    **{
        f"law_{name}": lambda world: {"pk": world.draft_id}
        for name in ("edition", "export", "main", "copy", "amend", "difference", "history")
    },
    "law_part": lambda world: {"pk": world.draft_id, "part": "steps"},
    "law_row": lambda world: {"pk": world.draft_id, "part": "steps", "row": "1"},
    "annex": lambda world: {"code": "south-2012-370-4"},
    "annex_file": lambda world: {"code": "south-2012-370-4", "suffix": "json"},
    "comparison": lambda world: {"code": "south-2012-370-4"},
    "calendar_year": lambda world: {"year": 2026},
    "replay": lambda world: {"code": "south-2012-370-4"},
    "sheet": lambda world: {"code": "akmola-2008-428"},
    "sheet_file": lambda world: {"code": "akmola-2008-428"},
    "take_in": lambda world: {"office_id": world.case.office_id, "edition_id": world.case.edition_id},
    "admin:app_list": lambda world: {"app_label": "offices"},
    "admin:offices_user_password": lambda world: {"pk": world.colleague.pk},
    "admin:set_password": lambda world: {"uidb64": urlsafe_base64_encode(b"1"), "token": "no-token"},
}


# ------------------------------------------------------------------ routes and browsers


@dataclass(frozen=True)
class Route:
    """A route of the site: its name (its pattern where it has none), the pattern of its address, its view."""

    name: str
    pattern: str
    entry: URLPattern

    def arguments(self, world: World) -> dict[str, Any]:
        """What the address needs. AssertionError says what to add where nobody has said it yet."""
        needed = list(self.entry.pattern.converters) or list(
            getattr(self.entry.pattern, "regex", re.compile("")).groupindex
        )
        if not needed:
            return {}
        if self.name in ARGUMENTS:
            return ARGUMENTS[self.name](world)
        if found := re.match(r"admin[:/](\w+?)[_/](\w+?)[_/]", self.name):
            return {"object_id": world.row_of("_".join(found.groups()))}
        if needed == ["url"]:
            return {"url": "nothing/"}
        raise AssertionError(
            f"The address of “{self.name}” needs {needed}. Add a line to ARGUMENTS in tests/config/world.py:\n"
            f'    "{self.name}": lambda world: {{"{needed[0]}": …}},'
        )

    def address(self, world: World) -> str:
        """The address, with what belongs to Shymkent."""
        given = self.arguments(world)
        if ":None" not in self.name and "/" not in self.name:
            return reverse(self.name, kwargs=given)
        path = "/" + self.pattern
        for name, value in given.items():
            path = re.sub(rf"<\w+:{name}>|\(\?P<{name}>[^)]*\)\$?", str(value), path)
        return path


def routes(resolver: Any = None, namespace: str = "", prefix: str = "") -> Iterator[Route]:
    """Every route of the site, those of the admin and of other parts included."""
    for entry in (resolver or get_resolver()).url_patterns:
        pattern = prefix + str(entry.pattern)
        if isinstance(entry, URLResolver):
            yield from routes(entry, f"{namespace}{entry.namespace}:" if entry.namespace else namespace, pattern)
        else:
            yield Route(f"{namespace}{entry.name}" if entry.name else pattern.replace(" ", ""), pattern, entry)


def make_world() -> World:
    """A case of the counter of Shymkent that waits for signature, and what hangs on it."""
    return World(make_case(make_team(), state=State.PREPARED, person=make_person(last_name=SENTINEL)))


def addresses(world: World) -> dict[str, str]:
    """Every route with its address."""
    return {route.name: route.address(world) for route in routes()}


def browser(role: str) -> Client:
    """The browser of somebody with `role`. The foreigner has every role, in another office."""
    if role == "anonymous":
        return Client()
    if role == "nobody":
        return sign_in(Staff(make_user(), ()))
    if role == "barred":
        staff = make_staff(OURS, "clerk")
        client = sign_in(staff)
        staff.user.is_active = False
        staff.user.save()
        return client
    if role in ("inspector", "accumulator"):
        return sign_in(getattr(make_centre_team(), role))
    if role == "observer":
        return sign_in(make_staff(ELSEWHERE, "observer"))
    if role == "foreigner":
        return sign_in(make_staff(ELSEWHERE, "clerk", "head", "deputy", "executor", "administrator"))
    return sign_in(make_staff(OURS, role))


def everything() -> Client:
    """The browser of one who has every role of the office."""
    return sign_in(make_staff(OURS, "clerk", "head", "deputy", "executor", "administrator", "observer"))


def published() -> Edition:
    """An edition by which Shymkent works."""
    return edition("E8")
