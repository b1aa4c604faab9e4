"""Pages where administrators look ahead: a draft tried on the past, the calendar with what a change moves."""

from applications.planning.calendar import calendar, calendar_year
from applications.planning.trying import replay_choice, replay_page

__all__ = ["calendar", "calendar_year", "replay_choice", "replay_page"]
