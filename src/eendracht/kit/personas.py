"""Made-up personas of a demonstration: who somebody may look around as, where nobody is a real user."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from eendracht.kernel.access import OPERATOR, Role
from eendracht.kernel.credentials import create_principal
from eendracht.kernel.store import Query, Store
from eendracht.kit.i18n import Words, gettext_noop

PREFIX: Final = "persona/"
"""How the principal of a persona is named."""
MOST_ORGANISATIONS: Final = 50
"""For how many organisations a persona holds its role, those with the most records first."""


@dataclass(frozen=True, slots=True)
class Persona:
    """Someone to look around as: its texts in English, its roles, and for one organisation or for all of them."""

    code: str
    title: str
    about: str
    roles: tuple[Role, ...]
    is_everywhere: bool

    @property
    def name(self) -> str:
        """The name of the principal."""
        return PREFIX + self.code


PERSONAS: Final = (
    Persona(
        "record-owner",
        gettext_noop("Record owner"),
        gettext_noop("Keeps the records of one organisation: what is incomplete, expired or at risk?"),
        (Role.EDITOR,),
        False,
    ),
    Persona(
        "coordinator",
        gettext_noop("Coordinator"),
        gettext_noop("Looks across all organisations: where do we stand together?"),
        (Role.READER,),
        True,
    ),
    Persona(
        "auditor",
        gettext_noop("Auditor"),
        gettext_noop("Checks everything and changes nothing: what happened, and can it be proved?"),
        (Role.AUDITOR,),
        True,
    ),
)
"""The personas of the frame; each wing adds its own."""


def create_personas(store: Store, personas: Sequence[Persona] = PERSONAS) -> None:
    """Make the principals of the personas, with roles for the organisations that have the most applications."""
    owners = store.facets(Query(kind="application"), OPERATOR).owner
    ranked = [owner for owner, _ in sorted(owners.items(), key=lambda item: (-item[1], item[0])) if owner]
    for persona in personas:
        organisations = ranked[: MOST_ORGANISATIONS if persona.is_everywhere else 1]
        create_principal(store, persona.name, [f"{role}@{o}" for o in organisations for role in persona.roles])


def name_principal(name: str, words: Words, personas: Sequence[Persona] = PERSONAS) -> str:
    """Give what a principal is called on a page: the title of its persona, "the operator", or its own name."""
    titles = {OPERATOR.name: gettext_noop("the operator of this node")}
    titles |= {persona.name: persona.title for persona in personas}
    return words.gettext(titles[name]) if name in titles else name
