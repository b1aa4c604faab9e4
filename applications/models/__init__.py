"""Casework: persons, cases, their clocks, papers and events. A case moves only through actions.py."""

from applications.models.case import (
    Attachment,
    Case,
    CaseDocument,
    Channel,
    Decision,
    DecisionGround,
    DecisionKind,
    DocumentStatus,
)
from applications.models.clock import Clock, ClockKind
from applications.models.paper import Direction, Paper, PaperBytes, PaperKind, Shipment, ShipmentItem
from applications.models.person import Language, Person
from applications.models.record import Event, EventChain, FormToken, NumberBook

__all__ = [
    "Attachment",
    "Case",
    "CaseDocument",
    "Channel",
    "Clock",
    "ClockKind",
    "Decision",
    "DecisionGround",
    "DecisionKind",
    "Direction",
    "DocumentStatus",
    "Event",
    "EventChain",
    "FormToken",
    "Language",
    "NumberBook",
    "Paper",
    "PaperBytes",
    "PaperKind",
    "Person",
    "Shipment",
    "ShipmentItem",
]
