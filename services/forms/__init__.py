"""Forms of those who keep the law."""

from services.forms.rows import (
    CHANNELS,
    ActForm,
    AmendmentForm,
    DocumentForm,
    GroundForm,
    GroupForm,
    IndicatorForm,
    NormForm,
    PointForm,
    ReadingForm,
    RowForm,
    StepForm,
)
from services.forms.whole import AmendForm, CopyForm, FileForm, MainForm

FORMS: dict[str, type[RowForm]] = {
    "main": MainForm, "steps": StepForm, "groups": GroupForm, "acts": ActForm, "norms": NormForm,
    "documents": DocumentForm, "grounds": GroundForm, "indicators": IndicatorForm, "points": PointForm,
    "readings": ReadingForm, "amendments": AmendmentForm,
}  # fmt: skip

__all__ = ["CHANNELS", "FORMS", "AmendForm", "CopyForm", "FileForm", "MainForm", "RowForm"]
