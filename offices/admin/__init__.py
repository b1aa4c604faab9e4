"""The admin of offices: contacts and hours, the calendar, staff with their roles and orders of substitution."""

from offices.admin import calendar, contacts, staff

__all__ = ["calendar", "contacts", "staff"]
