"""Made-up personas of a demonstration: who somebody may look around as, where nobody is a real user.

A persona is staff with roles, or a citizen or entrepreneur: then it is a subject of the vault, as anybody who signs in
at the provider for persons.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from eendracht.kernel.access import OPERATOR, PERSON_PREFIX, Role
from eendracht.kernel.credentials import create_principal
from eendracht.kernel.instance import Instance
from eendracht.kernel.store import Query
from eendracht.kit.i18n import Words, gettext_noop

PREFIX: Final = "persona/"
"""How the principal of a persona is named."""
SCHEME: Final = "persona"
"""The scheme by which the vault knows the subject of a persona; no provider may give it."""
MOST_ORGANISATIONS: Final = 50
"""For how many organisations a persona holds its role, those with the most records first."""


@dataclass(frozen=True, slots=True)
class Persona:
    """Someone to look around as: its texts in English, its roles, and for one organisation or for all of them.

    Whoever `is_person` is a citizen or entrepreneur, and holds no role.
    """

    code: str
    title: str
    about: str
    roles: tuple[Role, ...] = ()
    is_everywhere: bool = False
    is_person: bool = False
    organisation: str = ""
    """Ref of the one organisation that it works for; without a record of it here: that with most applications."""

    def __post_init__(self) -> None:
        if self.is_person and self.roles:
            raise ValueError(f"persona {self.code}: a citizen holds no role")

    @property
    def name(self) -> str:
        """The name by which it is chosen; of staff also that of the principal."""
        return PREFIX + self.code

    def find_subject(self, instance: Instance) -> str:
        """Give the subject of a person in the vault; empty for staff, and where it was not made or was destroyed."""
        return (instance.vault.find_subject(SCHEME, self.code) or "") if self.is_person else ""

    def principal_name(self, instance: Instance) -> str:
        """Give the name of the principal; empty for a person who was not made, or of whom nothing is left."""
        if not self.is_person:
            return self.name
        subject = self.find_subject(instance)
        return PERSON_PREFIX + subject if subject else ""


A_PERSON: Final = gettext_noop("a citizen or entrepreneur")
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


def create_personas(instance: Instance, personas: Sequence[Persona] = PERSONAS) -> None:
    """Make the principals of the personas: staff of the organisations with the most applications, and persons."""
    owners = instance.store.facets(Query(kind="application"), OPERATOR).owner
    ranked = [owner for owner, _ in sorted(owners.items(), key=lambda item: (-item[1], item[0])) if owner]
    for persona in personas:
        if persona.is_person:
            subject = instance.vault.add_subject(SCHEME, persona.code)
            create_principal(instance.store, PERSON_PREFIX + subject, ())
            continue
        organisations = ranked[: MOST_ORGANISATIONS if persona.is_everywhere else 1]
        if persona.organisation and instance.store.get_among([persona.organisation], OPERATOR):
            organisations = [persona.organisation]
        create_principal(instance.store, persona.name, [f"{role}@{o}" for o in organisations for role in persona.roles])


def name_principal(name: str, words: Words, personas: Sequence[Persona] = PERSONAS) -> str:
    """Give what a principal is called on a page: the title of its persona, "the operator", or its own name.

    Of a citizen or entrepreneur not even the pseudonym is shown.
    """
    titles = {OPERATOR.name: gettext_noop("the operator of this node")}
    titles |= {persona.name: persona.title for persona in personas}
    if name.startswith(PERSON_PREFIX):
        return words.gettext(A_PERSON)
    return words.gettext(titles[name]) if name in titles else name
