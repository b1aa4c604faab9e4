"""The roles of an office and what each may be; the names follow the glossary of the acts."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class Role(TextChoices):
    """Who acts. `deputy` signs and assigns as the head does."""

    CLERK = "clerk", _("Registry clerk")
    HEAD = "head", _("Head")
    DEPUTY = "deputy", _("Deputy head")
    EXECUTOR = "executor", _("Responsible executor")
    CENTRE_INSPECTOR = "centre_inspector", _("Inspector of the service centre")
    CENTRE_ACCUMULATOR = "centre_accumulator", _("Inspector of the accumulation unit")
    OBSERVER = "observer", _("Oblast observer")
    ADMINISTRATOR = "administrator", _("Administrator")


# The roles that fill a structural-functional unit (ҚФБ) of a regulation.
ROLES_OF_UNIT: dict[str, tuple[str, ...]] = {
    "clerk": (Role.CLERK,),
    "head": (Role.HEAD, Role.DEPUTY),
    "executor": (Role.EXECUTOR,),
    "centre_inspector": (Role.CENTRE_INSPECTOR,),
    "centre_accumulator": (Role.CENTRE_ACCUMULATOR,),
}
CASEWORK_ROLES = tuple(dict.fromkeys(role for roles in ROLES_OF_UNIT.values() for role in roles))
