"""Who asks, in which role, for which organisation, and what they may see or do.

A hidden record is indistinguishable from an absent one: every read of the kernel takes a Principal and filters in
the query itself, so that no count, page, facet or suggestion is made from what the asker may not see.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import Any, Final

from eendracht.kernel.errors import Denied
from eendracht.kernel.records import Level

_COLUMN: Final = re.compile(r"\b(level|owner|kind) ")


class Role(StrEnum):
    """What a principal may be for an organisation."""

    READER = "reader"
    """Sees what the organisation keeps to itself."""
    EDITOR = "editor"
    """Sees it and may write records that the organisation owns."""
    SECURITY = "security"
    """Sees also what is restricted."""
    AUDITOR = "auditor"
    """Sees everything of the organisation and changes nothing."""


PERSON_PREFIX: Final = "person/"
"""How the principal of a citizen or entrepreneur begins; behind it comes the pseudonym of its subject in the vault."""

_SEES_RESTRICTED: Final = frozenset({Role.SECURITY, Role.AUDITOR})


@dataclass(frozen=True, slots=True)
class Hidden:
    """Kinds of which no row is there, for these owners or (empty) for all, because their wing is switched off."""

    kinds: tuple[str, ...]
    owners: tuple[str, ...] = ()


@dataclass(frozen=True)
class Principal:
    """Someone or something that asks: its name in the log and the roles it holds for organisations.

    `roles` are pairs of role and organisation ref. The operator owns the node and sees and may do everything, but for
    what is `hidden` from everybody.
    """

    name: str
    roles: frozenset[tuple[Role, str]] = frozenset()
    is_operator: bool = False
    hidden: tuple[Hidden, ...] = ()

    @property
    def subject(self) -> str:
        """The vault subject that asks about itself; empty for whoever works for an organisation."""
        return self.name.removeprefix(PERSON_PREFIX) if self.name.startswith(PERSON_PREFIX) else ""

    @cached_property
    def organisations(self) -> tuple[str, ...]:
        """Organisations for which any role is held."""
        return tuple(sorted({organisation for _, organisation in self.roles}))

    @cached_property
    def restricted(self) -> tuple[str, ...]:
        """Organisations of which restricted records may be seen."""
        return tuple(sorted({organisation for role, organisation in self.roles if role in _SEES_RESTRICTED}))

    @property
    def is_insider(self) -> bool:
        """Whether it works for an organisation of this node, or runs it: others see no list of weak points."""
        return self.is_operator or (bool(self.roles) and not self.subject)

    def may_see(self, level: int, owner: str) -> bool:
        """Tell whether a record of this level and owner exists for the asker."""
        if self.is_operator or level == Level.PUBLIC:
            return True
        if level == Level.GOVERNMENT:
            return bool(self.roles)
        return owner in (self.organisations if level == Level.ORGANISATION else self.restricted)

    def is_hidden(self, kind: str, owner: str) -> bool:
        """Tell whether records of this kind and owner are there for nobody."""
        return any(kind in item.kinds and (not item.owners or owner in item.owners) for item in self.hidden)

    def may_write(self, owner: str) -> bool:
        """Tell whether the asker may record something that this organisation owns."""
        return self.is_operator or (Role.EDITOR, owner) in self.roles

    def require_write(self, owner: str) -> None:
        """Raise Denied unless the asker may write for the owner."""
        if not self.may_write(owner):
            raise Denied(f"{self.name} holds no editor role for {owner}")

    @cached_property
    def _filter(self) -> tuple[str, tuple[str, ...]]:
        if self.is_operator:
            return "", ()
        if not self.roles:
            return " AND level = 0", ()
        marks = _marks(self.organisations)
        sql = f"level <= 1 OR (level = 2 AND owner IN ({marks}))"
        parameters = self.organisations
        if self.restricted:
            sql += f" OR (level = 3 AND owner IN ({_marks(self.restricted)}))"
            parameters += self.restricted
        return f" AND ({sql})", parameters

    def visible(self, alias: str = "") -> tuple[str, tuple[Any, ...]]:
        """Give the SQL condition (starting with AND, or empty) and its parameters for a table of segments or facets.

        It has the columns `level`, `owner` and `kind`.
        """
        sql, parameters = self._filter
        for item in self.hidden:
            sql += f" AND NOT (kind IN ({_marks(item.kinds)})"
            sql += f" AND owner IN ({_marks(item.owners)}))" if item.owners else ")"
            parameters += item.kinds + item.owners
        if alias and sql:
            sql = _COLUMN.sub(rf"{alias}.\1 ", sql)
        return sql, parameters

    def visible_entries(self) -> tuple[str, tuple[Any, ...]]:
        """Give the same for the table of entries, which knows the kind of a version by the ref of its record."""
        sql, parameters = self._filter
        for item in self.hidden:
            spans = " OR ".join(["(ref > ? AND ref < ?)"] * len(item.kinds))
            sql += f" AND NOT (uid IN (SELECT uid FROM record WHERE {spans})"
            sql += f" AND owner IN ({_marks(item.owners)}))" if item.owners else ")"
            parameters += tuple(bound for kind in item.kinds for bound in (f"{kind}:", f"{kind};")) + item.owners
        return sql, parameters


def _marks(values: Sequence[str]) -> str:
    return ", ".join("?" * len(values))


PUBLIC: Final = Principal("public")
"""Whoever did not say who they are: reads what is public."""

OPERATOR: Final = Principal("operator", is_operator=True)
"""Whoever can open the database on the machine itself."""


def parse_roles(claims: Iterable[str]) -> frozenset[tuple[Role, str]]:
    """Read roles written as `editor@organisation:gm0344`; raises ValueError for an unknown role."""
    pairs = (claim.partition("@") for claim in claims)
    return frozenset((Role(role), organisation) for role, _, organisation in pairs)
