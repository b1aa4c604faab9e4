"""Complaints: the regimes that rule them, the complaints themselves, their clocks. A complaint moves only through actions.py."""

from complaints.models.complaint import About, Complaint, ReplyWay, Way
from complaints.models.regime import Regime
from complaints.models.term import ComplaintTerm, TermKind

__all__ = ["About", "Complaint", "ComplaintTerm", "Regime", "ReplyWay", "TermKind", "Way"]
