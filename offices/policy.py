"""Who may come in: the policy each view declares, and the powers a person holds at a moment.

Deny by default: `config.middleware.DenyByDefault` refuses a view that declares nothing, and a test walks all routes.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from django.http import HttpRequest
from django.utils import timezone

from offices.models import Membership, Office, Substitution, User
from offices.workflow import CASEWORK_ROLES, Role

View = TypeVar("View", bound=Callable[..., Any])


@dataclass(frozen=True)
class Power:
    """One role in one office, held by oneself or, by order, for an absent person."""

    role: str
    office_id: int
    acting_for_id: int | None = None


@dataclass(frozen=True)
class Staff:
    """A signed-in person with the powers in force at the moment of the request."""

    user: User
    powers: tuple[Power, ...]
    oblasts: frozenset[str] = frozenset()

    @property
    def roles(self) -> frozenset[str]:
        """All roles held, in whatever office."""
        return frozenset(power.role for power in self.powers)

    def offices(self, *roles: str) -> frozenset[int]:
        """The offices in which one of `roles` is held (any role when none is named)."""
        return frozenset(power.office_id for power in self.powers if not roles or power.role in roles)

    def power(self, office_id: int | None, roles: tuple[str, ...]) -> Power | None:
        """The power with one of `roles` in the office, one's own before one held for another; None if there is none."""
        found = [power for power in self.powers if power.office_id == office_id and power.role in roles]
        return min(found, key=lambda power: power.acting_for_id is not None, default=None)

    def acts_as(self, user_id: int | None) -> bool:
        """Whether this person is `user_id` or acts for him by order."""
        return user_id is not None and (
            self.user.pk == user_id or any(power.acting_for_id == user_id for power in self.powers)
        )


def staff_at(user: User, at: datetime) -> Staff:
    """The powers of `user` on the local day of `at`: memberships and substitutions in force (three queries at most)."""
    day = timezone.localdate(at)
    own = Membership.objects.on(day).filter(user=user, office__active=True).values_list("role", "office_id")
    orders = Substitution.objects.on(day).filter(deputy=user, office__active=True)
    handed = orders.values_list("role", "office_id", "absent_id")
    still_held = (
        set(
            Membership.objects.on(day)
            .filter(user__in=[absent for _, _, absent in handed], user__is_active=True)
            .values_list("role", "office_id", "user_id")
        )
        if handed
        else set()
    )
    powers = [Power(role, office) for role, office in own]
    powers += [Power(*row) for row in handed if row in still_held]
    watched = [power.office_id for power in powers if power.role == Role.OBSERVER]
    oblasts = Office.objects.filter(pk__in=watched).values_list("oblast", flat=True) if watched else ()
    return Staff(user, tuple(powers), frozenset(oblasts))


def public(view: View) -> View:
    """Declare that anybody may open the view."""
    view.policy = lambda request: True  # type: ignore[attr-defined]
    return view


def signed_in(view: View) -> View:
    """Declare that any member of staff may open the view."""
    return _for(view, lambda request: True)


def staff_only(*roles: str) -> Callable[[View], View]:
    """Declare that the view needs one of `roles` in some office; which office is the queryset's business (404)."""
    return lambda view: _for(view, lambda request: bool(staff_of(request).roles & set(roles)))


def casework(view: View) -> View:
    """Declare that the view is for those who work on cases, and for the oblast observer's eyes."""
    return staff_only(*CASEWORK_ROLES, Role.OBSERVER)(view)


def fresh(view: View | None = None, *, when: Callable[..., bool] | None = None) -> Any:
    """Declare that the view needs a confirmation not older than `settings.FRESH_FOR` seconds: signing, exports, user management.

    `when` takes the request and the route's arguments and says whether this call needs it; without it every call does. Who is
    asked gives a code (or the password) on a page that keeps the form he sent, and goes on where he was. Stands below the
    policy: `@casework @fresh(when=lambda request, act, **_: act == "sign") def act(request, act): …`.
    """

    def declare(view: View) -> View:
        view.needs_fresh = when or (lambda request, **arguments: True)  # type: ignore[attr-defined]
        return view

    return declare(view) if view is not None else declare


def heavy(view: View | None = None, *, when: Callable[..., bool] | None = None) -> Any:
    """Declare that the view does heavy work (exports, reports, batches, imports): a person does little of it at once.

    `when` takes the request and the route's arguments and says whether this call is heavy; without it every call is. How much is
    taken from one person: `settings.HEAVY_AT_ONCE`, `settings.HEAVY_IN_TEN_MINUTES`; see `config.heavy`.
    """

    def declare(view: View) -> View:
        view.heavy = when or (lambda request, **arguments: True)  # type: ignore[attr-defined]
        return view

    return declare(view) if view is not None else declare


def before_second_factor(view: View) -> View:
    """Declare that a person who has not set up his second factor yet may open the view."""
    view.before_second_factor = True  # type: ignore[attr-defined]
    return view


def staff_of(request: HttpRequest) -> Staff:
    """The signed-in person with his powers, found once a request."""
    if not hasattr(request, "_staff"):
        request._staff = staff_at(request.user, timezone.now())  # type: ignore[attr-defined, arg-type]
    return request._staff  # type: ignore[attr-defined, no-any-return]


def _for(view: View, allowed: Callable[[HttpRequest], bool]) -> View:
    view.policy = lambda request: request.user.is_authenticated and allowed(request)  # type: ignore[attr-defined]
    view.needs_login = True  # type: ignore[attr-defined]
    return view
