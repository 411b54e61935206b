"""Who plays in a demonstration of the wing; nobody in it exists."""

from typing import Final

from eendracht.kernel.access import Role
from eendracht.kit.i18n import gettext_noop
from eendracht.kit.personas import Persona

PERSONAS: Final = (
    Persona(
        "crisis-leader",
        gettext_noop("Crisis leader"),
        gettext_noop("Leads the response over all organisations: what is out, and what comes back first?"),
        (Role.READER, Role.EDITOR, Role.SECURITY),
        True,
    ),
)
