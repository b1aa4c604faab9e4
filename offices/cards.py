"""An office to take along: its contact card (vCard) and its opening hours for a calendar (iCalendar)."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import vobject
from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _
from vobject.icalendar import utc

from offices.calendars import calendar_of
from offices.models import Office
from offices.queries import phones
from offices.text import in_language
from offices.worktime import WorkCalendar

DAYS = 90  # of opening hours in a calendar file


def contact_card(office: Office) -> str:
    """The office as a vCard 3.0: name, address, phones that can be dialled, e-mails, its page."""
    card = vobject.vCard()
    card.add("n").value = vobject.vcard.Name(family=office.name)
    card.add("fn").value = office.name
    card.add("org").value = [office.name]
    if office.address:
        card.add("adr").value = vobject.vcard.Address(street=office.address, city=office.locality, country="Қазақстан")
        card.adr.type_param = "WORK"
    for phone in phones(office):
        if phone.link:
            line = card.add("tel")
            line.value, line.type_param = phone.link.removeprefix("tel:"), "WORK"
    for email in office.email_list:
        card.add("email").value = email
    card.add("url").value = _page(office)
    card.add("uid").value = f"{office.key}@{_host()}"
    return str(card.serialize())


def opening_hours(office: Office, now: datetime) -> str:
    """The opening hours of the coming 90 days as iCalendar: one entry a working day, holidays left out, days off named.

    Each day is written out, because rules of repetition cannot say what the working calendar says (transferred days, short
    days, the lunch break); people fetch the file anew when they need later days.
    """
    calendar, today = calendar_of(office), calendar_of(office).local(now).date()
    file = vobject.iCalendar()
    file.add("prodid").value = f"-//{_host()}//opening hours//KK"
    file.add("x-wr-calname").value = office.name
    usual = {day.isoweekday() for day in _days(today) if calendar.is_working_day(day)}
    for day in _days(today):
        if calendar.is_working_day(day):
            _open_day(file, office, calendar, day, now)
        elif day.isoweekday() in usual and (why := in_language(dict(calendar.why_closed(day)))):
            _day_off(file, office, day, why, now)
    return str(file.serialize())


def _open_day(file: Any, office: Office, calendar: WorkCalendar, day: date, now: datetime) -> None:
    opens, closes, hours = calendar.opening(day), calendar.closing(day), calendar.hours(day)
    event = _event(file, office, day, now)
    event.add("summary").value = _("Open: %(office)s") % {"office": office.locality}
    event.add("dtstart").value = opens.astimezone(utc)
    event.add("dtend").value = closes.astimezone(utc)
    words = f"{opens:%H:%M}–{closes:%H:%M}"
    if hours and hours.lunch:
        words += f", {_('lunch')} {hours.lunch[0]:%H:%M}–{hours.lunch[1]:%H:%M}"
    event.add("description").value = words
    if office.address:
        event.add("location").value = office.address


def _day_off(file: Any, office: Office, day: date, why: str, now: datetime) -> None:
    event = _event(file, office, day, now)
    event.add("summary").value = _("Closed: %(why)s") % {"why": why}
    event.add("dtstart").value = day


def _event(file: Any, office: Office, day: date, now: datetime) -> Any:
    event = file.add("vevent")
    event.add("uid").value = f"{office.key}-{day:%Y%m%d}@{_host()}"
    event.add("dtstamp").value = now.astimezone(utc)
    event.add("url").value = _page(office)
    event.add("transp").value = "TRANSPARENT"
    return event


def _days(today: date) -> list[date]:
    return [today + timedelta(days=ahead) for ahead in range(DAYS)]


def _page(office: Office) -> str:
    return settings.BASE_URL + reverse("office_detail", args=[office.key])


def _host() -> str:
    return urlsplit(settings.BASE_URL).hostname or "localhost"
