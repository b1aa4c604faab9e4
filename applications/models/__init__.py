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
from applications.models.clock import Announcement, AnnouncementKind, Clock, ClockKind, Term
from applications.models.draft import Draft
from applications.models.follower import FollowChannel, Follower
from applications.models.matter import Matter
from applications.models.paper import (
    Direction,
    Paper,
    PaperBytes,
    PaperKind,
    PaperSignature,
    Shipment,
    ShipmentItem,
    SignatureKind,
)
from applications.models.person import Language, Person
from applications.models.personal import (
    DataRequest,
    Erasure,
    LegalHold,
    Opening,
    OpeningKind,
    OpeningPurpose,
    RequestKind,
    Retention,
)
from applications.models.record import Event, EventChain, EventWords, FormToken, NumberBook
from applications.models.visit import DeviceKind, HallDevice, HallWindow, Outcome, Purpose, QueueDay, Visit

__all__ = [
    "Announcement",
    "AnnouncementKind",
    "Attachment",
    "Case",
    "CaseDocument",
    "Channel",
    "Clock",
    "ClockKind",
    "DataRequest",
    "Decision",
    "DecisionGround",
    "DecisionKind",
    "DeviceKind",
    "Direction",
    "DocumentStatus",
    "Draft",
    "Erasure",
    "Event",
    "EventChain",
    "EventWords",
    "FollowChannel",
    "Follower",
    "FormToken",
    "HallDevice",
    "HallWindow",
    "Language",
    "LegalHold",
    "Matter",
    "NumberBook",
    "Opening",
    "OpeningKind",
    "OpeningPurpose",
    "Outcome",
    "Paper",
    "PaperBytes",
    "PaperKind",
    "PaperSignature",
    "Person",
    "Purpose",
    "QueueDay",
    "RequestKind",
    "Retention",
    "Shipment",
    "ShipmentItem",
    "SignatureKind",
    "Term",
    "Visit",
]
