"""Personas of the wing in a demonstration: whom the government serves, and who helps them at the counter."""

from __future__ import annotations

from typing import Final

from eendracht.kernel.access import Role
from eendracht.kit.i18n import gettext_noop
from eendracht.kit.personas import Persona

MUNICIPALITY: Final = "organisation:gm0599"
"""Rotterdam: where the made-up people of a demonstration live."""
PERSONAS: Final = (
    Persona(
        "parent",
        gettext_noop("Parent with a new baby"),
        gettext_noop("A child was born: what must be arranged, and what is there to help?"),
        is_person=True,
    ),
    Persona(
        "pensioner",
        gettext_noop("Pensioner"),
        gettext_noop("Lives on a state pension in a rented house: what is not used yet?"),
        is_person=True,
    ),
    Persona(
        "student",
        gettext_noop("Student who turns 18"),
        gettext_noop("Comes of age this month: what changes, and what must be arranged?"),
        is_person=True,
    ),
    Persona(
        "baker",
        gettext_noop("Baker who starts a shop"),
        gettext_noop("Opens a bakery: which permits, which rules, which help?"),
        is_person=True,
    ),
    Persona(
        "front-office",
        gettext_noop("Front-office employee"),
        gettext_noop("Helps people at the counter and by phone, for one municipality."),
        (Role.EDITOR,),
        organisation=MUNICIPALITY,
    ),
)
"""Four persons and one member of staff."""
