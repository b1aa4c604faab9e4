"""Who acts, where and on which days: offices, staff and roles, absences, hours and the calendar."""

from __future__ import annotations

import secrets
from typing import Any

from django.contrib.auth.models import AbstractUser
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from offices.querysets import DatedQuerySet, JobQuerySet, OfficeQuerySet
from offices.text import Label, fold, sort_key
from offices.workflow import Role
from offices.worktime import DayKind


class User(AbstractUser):
    """A member of staff. What he may do follows from his memberships and from orders of substitution, nothing else."""

    patronymic = models.CharField(_("patronymic"), max_length=150, blank=True)
    post = models.CharField(_("post"), max_length=200, blank=True)
    # Part of what a session is bound to: a new value ends every session of this person at its next request.
    session_stamp = models.CharField(max_length=16, default="", editable=False)

    class Meta:
        verbose_name = _("member of staff")
        verbose_name_plural = _("staff")

    def __str__(self) -> str:
        return self.get_full_name()

    def get_full_name(self) -> str:
        """Surname, name, patronymic, as a Kazakh paper writes them."""
        return " ".join(part for part in (self.last_name, self.first_name, self.patronymic) if part) or self.username

    def _get_session_auth_hash(self, secret: str | None = None) -> str:
        """What a session must know to go on: changed by a new password, another role or office, another second factor."""
        words = f"{self.password}\n{self.session_stamp}"
        return salted_hmac("offices.models.User.session", words, secret=secret, algorithm="sha256").hexdigest()

    def end_sessions(self) -> None:
        """End every session of this person at its next request."""
        self.session_stamp = secrets.token_hex(8)
        type(self).objects.filter(pk=self.pk).update(session_stamp=self.session_stamp)

    @property
    def short_name(self) -> str:
        """Surname with initials."""
        initials = "".join(f"\u00a0{part[0]}." for part in (self.first_name, self.patronymic) if part)
        return f"{self.last_name}{initials}".strip() or self.username


class OfficeKind(models.TextChoices):
    """What a body of the contact tables is."""

    DEPARTMENT = "department", _("Employment and social programmes department")
    CENTRE = "centre", _("Citizen service centre")
    AKIMAT = "akimat", _("Akimat")
    OBLAST_BODY = "oblast_body", _("Oblast body")


class Oblast(models.TextChoices):
    """The four oblasts of the source decrees."""

    ZHAMBYL = "zhambyl", _("Zhambyl oblast")
    SOUTH = "south", _("South Kazakhstan oblast")
    AKMOLA = "akmola", _("Akmola oblast")
    NORTH = "north", _("North Kazakhstan oblast")


class Office(models.Model):
    """A row of a contact table: a department, an akimat, a service centre or an oblast body."""

    key = models.CharField(_("key"), max_length=60, unique=True, help_text=_("oblast:locality, such as south:shymkent"))
    code = models.CharField(_("code"), max_length=3, unique=True, help_text=_("first part of the office's numbers"))
    kind = models.CharField(_("kind"), max_length=20, choices=OfficeKind.choices)
    oblast = models.CharField(_("oblast"), max_length=20, choices=Oblast.choices)
    name_kk = models.CharField(_("name (kk)"), max_length=300)
    name_ru = models.CharField(_("name (ru)"), max_length=300)
    name_en = models.CharField(_("name (en)"), max_length=300, blank=True)
    locality_kk = models.CharField(_("district or city (kk)"), max_length=120)
    locality_ru = models.CharField(_("district or city (ru)"), max_length=120)
    locality_en = models.CharField(_("district or city (en)"), max_length=120, blank=True)
    address_kk = models.CharField(_("address (kk)"), max_length=300, blank=True)
    address_ru = models.CharField(_("address (ru)"), max_length=300, blank=True)
    address_en = models.CharField(_("address (en)"), max_length=300, blank=True)
    head_name = models.CharField(_("head"), max_length=200, blank=True)
    rooms = models.CharField(_("rooms"), max_length=200, blank=True)
    phones = models.TextField(_("phones"), blank=True, help_text=_("one a line"))
    emails = models.TextField(_("e-mails"), blank=True, help_text=_("one a line"))
    website = models.CharField(_("website"), max_length=200, blank=True)
    hours_text = models.CharField(_("hours as the act prints them"), max_length=500, blank=True)
    reception_text = models.CharField(_("reception as the act prints it"), max_length=500, blank=True)
    collection_runs = models.CharField(
        _("collection runs"),
        max_length=100,
        blank=True,
        default="11:00 15:00 17:30",
        help_text=_("times, such as 11:00 15:00"),
    )
    dispatch_runs = models.CharField(_("dispatch runs"), max_length=100, blank=True, default="12:00 17:45")
    time_zone = models.CharField(_("time zone"), max_length=40, default="Asia/Almaty")
    parent = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="subordinates", verbose_name=_("higher body")
    )
    appeal_body = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("akimat that helps with complaints"),
    )
    serves = models.ManyToManyField(
        "self", symmetrical=False, blank=True, related_name="centres", verbose_name=_("serves")
    )
    sources = models.TextField(_("sources"), blank=True)
    note = models.TextField(_("note on the transcription"), blank=True)
    active = models.BooleanField(_("in work"), default=True)
    sort_key = models.CharField(max_length=200, editable=False, db_index=True)
    search = models.TextField(editable=False)

    name, locality, address = Label(), Label(), Label()
    history = HistoricalRecords()
    objects = OfficeQuerySet.as_manager()

    class Meta:
        verbose_name = _("office")
        verbose_name_plural = _("offices")
        ordering = ("oblast", "sort_key")

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.sort_key = sort_key(self.locality_kk + " " + self.name_kk)
        self.search = fold(
            " ".join((self.name_kk, self.name_ru, self.name_en, self.locality_kk, self.locality_ru, self.address_ru))
        )
        super().save(*args, **kwargs)

    @property
    def phone_list(self) -> list[str]:
        """Every phone, as printed."""
        return self.phones.splitlines()

    @property
    def email_list(self) -> list[str]:
        """Every e-mail, as printed."""
        return self.emails.splitlines()


class HoursPurpose(models.TextChoices):
    """Hours are three settings (DOMAIN section 4): when the office works, when it receives, when the head receives."""

    WORK = "work", _("Office hours")
    RECEPTION = "reception", _("Reception of visitors")
    HEAD = "head", _("Reception by the head")


class OfficeHours(models.Model):
    """Hours of an office on some days of the week, dated. Where an edition sets its own hours, the edition says so."""

    office = models.ForeignKey(Office, models.CASCADE, related_name="hours", verbose_name=_("office"))
    purpose = models.CharField(_("purpose"), max_length=10, choices=HoursPurpose.choices, default=HoursPurpose.WORK)
    weekday = models.PositiveSmallIntegerField(_("day of the week"), choices=[(n, f"{n}") for n in range(1, 8)])
    opens = models.TimeField(_("opens"))
    closes = models.TimeField(_("closes"))
    lunch_from = models.TimeField(_("lunch from"), null=True, blank=True)
    lunch_to = models.TimeField(_("lunch to"), null=True, blank=True)
    valid_from = models.DateField(_("valid from"), null=True, blank=True)
    valid_to = models.DateField(_("valid to"), null=True, blank=True)

    objects = DatedQuerySet.as_manager()

    class Meta:
        verbose_name = _("hours")
        verbose_name_plural = _("hours")
        ordering = ("office", "purpose", "valid_from", "weekday")
        constraints = (
            models.CheckConstraint(condition=models.Q(opens__lt=models.F("closes")), name="hours_open_before_close"),
            models.CheckConstraint(condition=models.Q(weekday__range=(1, 7)), name="hours_weekday_iso"),
        )

    def __str__(self) -> str:
        return f"{self.office_id} {self.weekday} {self.opens:%H:%M}-{self.closes:%H:%M}"

    def clean(self) -> None:
        if self.opens and self.closes and self.opens >= self.closes:
            raise ValidationError({"closes": _("Closing must come after opening.")})
        if bool(self.lunch_from) != bool(self.lunch_to):
            raise ValidationError({"lunch_to": _("Give both ends of the lunch break, or neither.")})
        if self.lunch_from and self.lunch_to and not self.opens <= self.lunch_from < self.lunch_to <= self.closes:
            raise ValidationError({"lunch_from": _("The lunch break must lie inside the hours.")})


class CalendarDay(models.Model):
    """A day that differs from the weekly hours: for the whole country (no office) or one office's own."""

    day = models.DateField(_("day"), db_index=True)
    office = models.ForeignKey(
        Office,
        models.CASCADE,
        null=True,
        blank=True,
        related_name="calendar_days",
        verbose_name=_("office"),
        help_text=_("empty: the whole country"),
    )
    kind = models.CharField(_("kind"), max_length=12, choices=[(kind.value, kind.value) for kind in DayKind])
    name_kk = models.CharField(_("name (kk)"), max_length=200)
    name_ru = models.CharField(_("name (ru)"), max_length=200)
    name_en = models.CharField(_("name (en)"), max_length=200, blank=True)
    opens = models.TimeField(_("opens"), null=True, blank=True)
    closes = models.TimeField(_("closes"), null=True, blank=True)
    transferred_from = models.DateField(_("transferred from"), null=True, blank=True)
    source = models.CharField(_("source"), max_length=300)
    verified = models.BooleanField(_("verified by a person"), default=False)

    name = Label()
    history = HistoricalRecords()

    class Meta:
        verbose_name = _("calendar day")
        verbose_name_plural = _("calendar")
        ordering = ("day",)
        constraints = (
            models.UniqueConstraint(fields=("day", "office"), name="one_rule_a_day_and_office"),
            models.UniqueConstraint(fields=("day",), condition=models.Q(office=None), name="one_national_rule_a_day"),
        )

    def __str__(self) -> str:
        return f"{self.day:%d.%m.%Y} {self.name}"


class CalendarStamp(models.Model):
    """One row, counted up by every change of hours or days, so that each process knows when its calendars are old."""

    version = models.PositiveIntegerField(default=1)

    def __str__(self) -> str:
        return str(self.version)


class Membership(models.Model):
    """A role of a person in one office, dated. A person may hold several."""

    user = models.ForeignKey(User, models.CASCADE, related_name="memberships", verbose_name=_("member of staff"))
    office = models.ForeignKey(Office, models.CASCADE, related_name="memberships", verbose_name=_("office"))
    role = models.CharField(_("role"), max_length=20, choices=Role.choices)
    valid_from = models.DateField(_("valid from"), null=True, blank=True)
    valid_to = models.DateField(_("valid to"), null=True, blank=True)

    history = HistoricalRecords()
    objects = DatedQuerySet.as_manager()

    class Meta:
        verbose_name = _("role in an office")
        verbose_name_plural = _("roles in offices")
        constraints = (models.UniqueConstraint(fields=("user", "office", "role"), name="one_membership_a_role"),)

    def __str__(self) -> str:
        return f"{self.user} · {self.get_role_display()} · {self.office}"


class Substitution(models.Model):
    """An order: `deputy` acts with the absent person's role in the office from one day to another.

    Absence goes by order and the clock does not stop (DOMAIN section 1). It hands on the absent person's own role only, so a
    substitute of a substitute gets nothing and no loop can arise.
    """

    office = models.ForeignKey(Office, models.CASCADE, related_name="substitutions", verbose_name=_("office"))
    order_number = models.CharField(_("order number"), max_length=50)
    order_date = models.DateField(_("date of the order"))
    absent = models.ForeignKey(User, models.PROTECT, related_name="absences", verbose_name=_("absent"))
    deputy = models.ForeignKey(
        User, models.PROTECT, related_name="substitutions", verbose_name=_("acts for the absent")
    )
    role = models.CharField(_("role handed on"), max_length=20, choices=Role.choices)
    valid_from = models.DateField(_("from"))
    valid_to = models.DateField(_("to"))

    history = HistoricalRecords()
    objects = DatedQuerySet.as_manager()

    class Meta:
        verbose_name = _("order of substitution")
        verbose_name_plural = _("orders of substitution")
        constraints = (
            models.CheckConstraint(
                condition=models.Q(valid_from__lte=models.F("valid_to")), name="substitution_ends_after_start"
            ),
            models.CheckConstraint(condition=~models.Q(absent=models.F("deputy")), name="substitute_is_another_person"),
        )

    def __str__(self) -> str:
        return f"{self.order_number} {self.absent} → {self.deputy}"

    def clean(self) -> None:
        if self.valid_from and self.valid_to and self.valid_from > self.valid_to:
            raise ValidationError({"valid_to": _("The last day must not come before the first.")})
        if self.absent_id and self.absent_id == self.deputy_id:
            raise ValidationError({"deputy": _("Nobody can act for himself.")})
        if (
            self.absent_id
            and not Membership.objects.filter(user=self.absent_id, office=self.office_id, role=self.role).exists()
        ):
            raise ValidationError({"role": _("The absent person does not hold this role in this office.")})


class RateCounter(models.Model):
    """Tries from one place in one minute; the place is a keyed hash, never an address."""

    key = models.CharField(max_length=80, primary_key=True)
    count = models.PositiveSmallIntegerField(default=0)
    expires_at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return self.key


class Job(models.Model):
    """Work to be done after the commit that asked for it (offices.outbox): leased by one worker at a time, done once.

    Holds ids only, never a name, a number of a person or an address. A job that failed too often is parked with the kind and
    place of its last failure, until somebody looks.
    """

    key = models.CharField(max_length=150, unique=True, help_text="the same key again asks for nothing more")
    kind = models.CharField(max_length=40)
    payload = models.JSONField(default=dict)
    asked_at = models.DateTimeField()
    due_at = models.DateTimeField(help_text="not before this moment")
    lease_until = models.DateTimeField(null=True, help_text="a worker has it until then")
    leased_by = models.CharField(max_length=80, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    done_at = models.DateTimeField(null=True)
    parked_at = models.DateTimeField(null=True)
    problem = models.CharField(max_length=200, blank=True, help_text="kind and place of the last failure, no values")

    objects = JobQuerySet.as_manager()

    class Meta:
        indexes = (
            models.Index(fields=("due_at", "id"), condition=models.Q(done_at=None, parked_at=None), name="job_to_do"),
            models.Index(fields=("kind", "done_at"), name="job_kind_done"),
            models.Index(fields=("parked_at",), condition=models.Q(parked_at__isnull=False), name="job_parked"),
        )

    def __str__(self) -> str:
        return self.key


class Alert(models.Model):
    """Something that a person must look at (offices.alerts), from when to when, and when it was told. Figures only."""

    cause = models.CharField(max_length=40)
    facts = models.JSONField(default=dict)
    raised_at = models.DateTimeField()
    over_at = models.DateTimeField(null=True)
    told_at = models.DateTimeField(null=True)
    over_told_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("cause",), condition=models.Q(over_at=None), name="one_open_alert_a_cause"),
        )

    def __str__(self) -> str:
        return self.cause


class RecoveryCode(models.Model):
    """A code for the day when the second factor is lost: kept as a slow hash, good for one log-in."""

    user = models.ForeignKey(User, models.CASCADE, related_name="recovery_codes")
    place = models.PositiveSmallIntegerField()
    digest = models.CharField(max_length=200)
    used_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("user", "place"), name="one_recovery_code_a_place"),)

    def __str__(self) -> str:
        return f"{self.place}"
