"""Indicators and what they are computed from: surveys, quality checks."""

from kpi.models.month import MonthCell, MonthMark
from kpi.models.quality import QualityCheck, QualityDraw, QualityFinding
from kpi.models.seal import SealedTable
from kpi.models.survey import SurveyAnswer, SurveyPart, SurveyUse
from kpi.models.target import TargetPlan

__all__ = [
    "MonthCell",
    "MonthMark",
    "QualityCheck",
    "QualityDraw",
    "QualityFinding",
    "SealedTable",
    "SurveyAnswer",
    "SurveyPart",
    "SurveyUse",
    "TargetPlan",
]
