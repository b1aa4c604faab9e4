"""Forms of complaints, for the site and for the staff. Each keeps what was typed and says what is wrong beside the field."""

from applications.forms import ReasonForm, ReturnForm, TellForm
from complaints.forms.acts import (
    AskForm,
    CompleteForm,
    ConsidererForm,
    ConsiderForm,
    DeliverForm,
    ExtendForm,
    ForwardForm,
    NoteForm,
    OutsideAnswerForm,
    PreliminaryForm,
    ReconsidererForm,
    RemedyForm,
    TextForm,
)
from complaints.forms.filters import JournalFilter
from complaints.forms.receiving import PublicForm, RegisterForm

__all__ = [
    "AskForm", "CompleteForm", "ConsiderForm", "ConsidererForm", "DeliverForm", "ExtendForm", "ForwardForm", "JournalFilter",
    "NoteForm", "OutsideAnswerForm", "PreliminaryForm", "PublicForm", "ReasonForm", "ReconsidererForm", "RegisterForm",
    "RemedyForm", "ReturnForm", "TellForm", "TextForm",
]  # fmt: skip
