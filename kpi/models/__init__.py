"""Indicators and what they are computed from: surveys, quality checks."""

from kpi.models.quality import QualityCheck, QualityDraw, QualityFinding
from kpi.models.survey import SurveyAnswer, SurveyPart, SurveyUse

__all__ = [
    "QualityCheck",
    "QualityDraw",
    "QualityFinding",
    "SurveyAnswer",
    "SurveyPart",
    "SurveyUse",
]
