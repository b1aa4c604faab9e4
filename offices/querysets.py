"""Queries on offices and staff in the words of the domain."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date, datetime, timedelta
from typing import Any, Literal, Self

from django.db import models
from django.db.models import Model, Q

_guarded: ContextVar[bool] = ContextVar("guarded", default=False)
Scope = Literal["", "rows", "everywhere"]


class Unscoped(RuntimeError):
    """Rows of all offices were asked for where only those of a scope may be: a fault of the program, never of a visitor."""


@contextmanager
def guarded() -> Iterator[None]:
    """Within this (a request, a job) rows that belong to an office are read and changed by a scope only."""
    token = _guarded.set(True)
    try:
        yield
    finally:
        _guarded.reset(token)


class ScopedQuerySet(models.QuerySet[Any]):
    """Rows that belong to an office. Within `guarded()` a query says whose it wants, or raises Unscoped before it runs.

    A scope is: what somebody may see (`visible_to` and its like, which end in `scoped`); the offices in which a power is held
    (`of_offices`); rows that were fetched before, named as rows and not by a number (`filter(case=case)`, `case.papers`,
    `anew(case)`); an office, named as a row; rows of a query that has a scope itself. All else says `everywhere(reason)`, and
    stands in tests/config/everywhere.txt.
    """

    gives_scope = True  # whether what hangs on rows of this kind is of the same office

    def scoped(self) -> Self:
        """Declare that the conditions of this query are a scope: the last word of `visible_to` and its like."""
        return self._marked("rows")

    def everywhere(self, reason: str) -> Self:
        """Ask for rows of all offices. The reason is a literal: for people, and for the test that holds the reviewed list."""
        return self._marked("everywhere")

    def of_offices(self, offices: Iterable[int] | models.QuerySet[Any]) -> Self:
        """Rows of these offices, by the powers that somebody holds there."""
        return self.filter(office__in=offices).scoped()

    def anew(self, row: Model) -> Self:
        """The row itself as it stands now, fetched before by a scope: for re-reading, and for changing it on a condition."""
        return self.filter(pk=row.pk).scoped()

    def _marked(self, scope: Scope) -> Self:
        # Django hands what a query holds on to every query made of it, to those that update and delete as well.
        rows = self.all()
        rows.query.scope = scope  # type: ignore[attr-defined]
        return rows

    def _filter_or_exclude_inplace(self, negate: bool, args: Any, kwargs: Any) -> None:
        super()._filter_or_exclude_inplace(negate, args, kwargs)  # type: ignore[misc]
        if not negate and _scopes(Q(*args, **kwargs)):
            self._query.scope = "rows"  # type: ignore[attr-defined]

    def __and__(self, other: Any) -> Any:
        return _combined(super().__and__(other), max(_scope_of(self), _scope_of(other)))

    def __or__(self, other: Any) -> Any:
        return _combined(super().__or__(other), min(_scope_of(self), _scope_of(other)))

    def union(self, *others: Any, all: bool = False) -> Any:  # noqa: A002 - Django's own name
        """Django's; of a scope when all of them are."""
        return _combined(super().union(*others, all=all), min(map(_scope_of, (self, *others))))

    def bulk_update(self, objs: Iterable[Any], *args: Any, **options: Any) -> int:
        """Django's: it changes rows that were fetched before."""
        return models.QuerySet.bulk_update(self.scoped(), objs, *args, **options)

    def _look(self) -> None:
        if _guarded.get() and not _scope_of(self):
            raise Unscoped(f"{self.model.__name__}: say whose rows, or everywhere(reason)")

    def _fetch_all(self) -> None:
        self._look()
        super()._fetch_all()

    def iterator(self, *args: Any, **options: Any) -> Any:
        """Django's, by a scope; asked here, not when the first row is taken, which may be after the request."""
        self._look()
        return super().iterator(*args, **options)

    def aggregate(self, *args: Any, **options: Any) -> Any:
        """Django's, by a scope."""
        self._look()
        return super().aggregate(*args, **options)

    def count(self) -> int:
        """Django's, by a scope."""
        self._look()
        return super().count()

    def exists(self) -> bool:
        """Django's, by a scope."""
        self._look()
        return super().exists()

    def update(self, **values: Any) -> int:
        """Django's, by a scope."""
        self._look()
        return super().update(**values)

    def delete(self) -> tuple[int, dict[str, int]]:
        """Django's, by a scope."""
        self._look()
        return super().delete()

    # Django's templates and forms must not call these by a name.
    update.alters_data = delete.alters_data = True  # type: ignore[attr-defined]


def _scope_of(rows: Any) -> int:
    """How far a query may be trusted: 0 not at all, 1 it was reviewed, 2 its rows are of a scope (or there are none)."""
    hangs_on = rows._hints.get("instance")  # of `case.papers` the case
    if rows.query.is_empty() or _names_rows(hangs_on):
        return 2
    return {"everywhere": 1, "rows": 2}.get(getattr(rows.query, "scope", ""), 0)


def _combined(rows: Any, trust: int) -> Any:
    rows.query.scope = ("", "everywhere", "rows")[trust]
    return rows


def _scopes(condition: Q) -> bool:
    """Whether a condition leaves only what hangs on rows that are named in it."""
    if condition.negated:
        return False
    found = [
        _scopes(part) if isinstance(part, Q) else isinstance(part, tuple) and _names_rows(part[1])
        for part in condition.children
    ]
    return bool(found) and (any(found) if condition.connector == Q.AND else all(found))


def _names_rows(value: Any) -> bool:
    if isinstance(value, models.QuerySet):
        return _gives_scope(value.model) and isinstance(value, ScopedQuerySet) and _scope_of(value) > 1
    if isinstance(value, list | tuple | set | frozenset):
        return all(map(_names_rows, value))
    # Of request.user, which is lazy, the class behind.
    return isinstance(value, Model) and _gives_scope(value.__class__)


def _gives_scope(model: type[Model]) -> bool:
    rows = getattr(model._default_manager, "_queryset_class", None)
    return bool(getattr(rows, "gives_scope", False))


class OfficeQuerySet(models.QuerySet[Any]):
    """Offices by what they are."""

    gives_scope = True

    def departments(self) -> Self:
        """The employment and social programmes departments: those who provide the services."""
        return self.filter(kind="department")

    def centres(self) -> Self:
        """The citizen service centres."""
        return self.filter(kind="centre")

    def in_order(self) -> Self:
        """By oblast and the Kazakh alphabet."""
        return self.order_by("oblast", "sort_key")


class DatedQuerySet(models.QuerySet[Any]):
    """Rows with a term of validity (`valid_from`, `valid_to`, both inclusive, empty = open)."""

    def on(self, day: date) -> Self:
        """Rows in force on `day`."""
        return self.filter(
            Q(valid_from__isnull=True) | Q(valid_from__lte=day), Q(valid_to__isnull=True) | Q(valid_to__gte=day)
        )


class JobQuerySet(models.QuerySet[Any]):
    """Jobs by what is to be done with them."""

    def open(self) -> Self:
        """Neither done nor parked."""
        return self.filter(done_at=None, parked_at=None)

    def ready(self, at: datetime) -> Self:
        """To be taken up at `at`: due, and in nobody's hands (a lease that ran out is nobody's)."""
        free = Q(lease_until=None) | Q(lease_until__lte=at)
        return self.open().filter(free, due_at__lte=at)

    def late(self, at: datetime, minutes: int = 10) -> Self:
        """Open although due for more than `minutes`: no worker runs, or they cannot keep up."""
        return self.open().filter(due_at__lt=at - timedelta(minutes=minutes))

    def parked(self) -> Self:
        """Given up after the last attempt."""
        return self.filter(parked_at__isnull=False)
