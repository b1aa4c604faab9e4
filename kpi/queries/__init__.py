"""Readings for the indicators; none of them moves anything."""
