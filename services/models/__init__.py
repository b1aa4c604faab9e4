"""The law as data: decrees, services, editions and what an edition says."""

from services.models.catalogue import Condition, Decree, Indicator, IndicatorGeneration, Service
from services.models.edition import Edition, EditionChange, EditionKind, EditionUse, WholeDefinition
from services.models.parts import (
    DocumentRequirement,
    Ground,
    IndicatorValue,
    Norm,
    NormKey,
    PathAct,
    PathGroup,
    Point,
    Step,
)
from services.models.search import SearchGram, SearchTerm

__all__ = [
    "Condition",
    "Decree",
    "DocumentRequirement",
    "Edition",
    "EditionChange",
    "EditionKind",
    "EditionUse",
    "Ground",
    "Indicator",
    "IndicatorGeneration",
    "IndicatorValue",
    "Norm",
    "NormKey",
    "PathAct",
    "PathGroup",
    "Point",
    "SearchGram",
    "SearchTerm",
    "Service",
    "Step",
    "WholeDefinition",
]
