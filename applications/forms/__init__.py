"""Forms of the staff's pages. Each keeps what was typed and says what is wrong beside the field."""

from applications.forms.acts import (
    ActForm,
    AgainForm,
    AssignForm,
    AttachForm,
    CommissionForm,
    ExecutorField,
    HandOverForm,
    PrepareForm,
    ReasonForm,
    ReassignForm,
    ReturnForm,
    TellForm,
    as_attachment,
)
from applications.forms.fields import LONG, SHORT, BirthDateField, DayInput, MomentInput, OnceForm
from applications.forms.lists import JournalFilter, ScanForm, SearchForm
from applications.forms.receiving import IntakeForm, check_button, iin_problem

__all__ = [
    "LONG", "SHORT", "ActForm", "AgainForm", "AssignForm", "AttachForm", "BirthDateField", "CommissionForm",
    "DayInput", "ExecutorField", "HandOverForm", "IntakeForm", "JournalFilter", "MomentInput", "OnceForm",
    "PrepareForm", "ReasonForm", "ReassignForm", "ReturnForm", "ScanForm", "SearchForm", "TellForm", "as_attachment",
    "check_button", "iin_problem",
]  # fmt: skip
