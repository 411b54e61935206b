"""The policies of authorities on quantum-safe cryptography: tables of facts that are read, checked and matched here.

Each authority has one file under `policies/`. A rule says what it is about (`when`), what follows (`outcome`, with a
date where there is one) and where that stands. No date, family or outcome stands in code: change the table, and the
verdicts change.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date as Date
from functools import cache
from pathlib import Path
from typing import Annotated, Final, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator
from pydantic_core import PydanticCustomError

from eendracht.kernel.errors import UnreadableFile
from eendracht.kernel.validation import validate
from eendracht.kernel.wording import Said
from eendracht.resilience.crypto.classes import QuantumClass
from eendracht.resilience.quantum.uses import Construction, Purpose, Risk

Outcome = Literal[
    "allowed", "recommended", "allowed-until", "discouraged-from", "forbidden-from", "required-from", "no-statement"
]
Matter = Literal["algorithm", "parameter-set", "construction"]
"""What a rule objects to: the algorithm itself, its size, or how it is put together."""
GroupLevel = Literal["good", "sufficient", "phase-out", "insufficient"]
FOLDER: Final = Path(__file__).parent / "policies"
FILES: Final = ("eu.yaml", "ncsc_nl.yaml", "bsi.yaml", "nist.yaml", "cnsa.yaml")
"""In the order in which they are shown: whom a Dutch public body hears first."""
MOST_BYTES: Final = 1_000_000
_DATED: Final = ("allowed-until",)


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True, arbitrary_types_allowed=True)


class Words(_Table):
    """A sentence in Dutch and English."""

    nl: Annotated[str, Field(min_length=1, max_length=500)]
    en: Annotated[str, Field(min_length=1, max_length=500)]

    @property
    def said(self) -> Said:
        """The sentence as the kernel tells it."""
        return Said(self.nl, self.en)


class Document(_Table):
    """Where a rule stands."""

    title: str
    published: Annotated[str, Field(pattern=r"^\d{4}(-\d{2}(-\d{2})?)?$")]
    """Year, month or day of publication."""
    url: Annotated[str, Field(pattern=r"^https://\S+$")]
    status: Literal["draft", "final"]

    @field_validator("published", mode="before")
    @classmethod
    def _as_text(cls, value: object) -> object:
        return value.isoformat() if isinstance(value, Date) else str(value) if isinstance(value, int) else value


class When(_Table):
    """What a rule is about: every condition that stands here must hold."""

    quantum: tuple[QuantumClass, ...] = ()
    purposes: tuple[Purpose, ...] = ()
    constructions: tuple[Construction, ...] = ()
    families: tuple[str, ...] = ()
    except_families: tuple[str, ...] = ()
    parameters: tuple[str, ...] = ()
    """Sizes or parameter sets, of the family that matched."""
    strength: tuple[int, ...] = ()
    """Security strength in bits against a classical computer."""
    least_strength: int | None = None
    """The least strength of which the rule speaks; what has less may be allowed no longer even before its date."""
    risk: tuple[Risk, ...] = ()
    usages: tuple[str, ...] = ()
    except_usages: tuple[str, ...] = ()
    group_levels: tuple[GroupLevel, ...] = ()
    """Level of the key exchange group by the guideline of NCSC-NL for TLS."""


class Successor(_Table):
    """What the authority names in its place."""

    family: str = ""
    construction: Construction | Literal[""] = ""


class PolicyRule(_Table):
    """One rule of one authority."""

    id: Annotated[str, Field(pattern=r"^[a-z-]+/[a-z0-9-]+$")]
    section: str = ""
    """Where in the document; empty for the document as a whole."""
    document: Document | None = None
    """Empty for the document of the policy."""
    about: Matter | None = None
    when: When
    outcome: Outcome
    date: Date | None = None
    """Last day of `allowed-until`; first day of the outcomes with `from`. Empty: since the document is there."""
    wants: Construction | Literal[""] = ""
    """Construction that the rule asks for; who has another goes against the advice."""
    instead: Successor = Successor()
    contested: Words | None = None
    """Why the rule may also be read in another way."""
    says: Words

    @model_validator(mode="after")
    def _has_a_date(self) -> PolicyRule:
        if self.outcome in _DATED and self.date is None:
            raise PydanticCustomError("date_missing", "this outcome needs a date", {})
        return self


class Milestone(_Table):
    """A day by which a part of the move must be done."""

    id: str
    date: Date
    section: str
    name: Words


class Policy(_Table):
    """What one authority asks."""

    id: Annotated[str, Field(pattern=r"^[a-z-]+$")]
    name: Words
    audience: Words
    """For whom it holds, and how hard."""
    force: Literal["law", "requirement", "recommendation"]
    binds_dutch_government: bool
    document: Document
    milestones: tuple[Milestone, ...] = ()
    rules: tuple[PolicyRule, ...]

    @field_validator("rules")
    @classmethod
    def _once(cls, value: tuple[PolicyRule, ...]) -> tuple[PolicyRule, ...]:
        if len({rule.id for rule in value}) < len(value):
            raise PydanticCustomError("rule_twice", "a rule stands here twice", {})
        return value

    def document_of(self, rule: PolicyRule) -> Document:
        """Give the document in which a rule stands."""
        return rule.document or self.document


def read_policy(file: Path) -> Policy:
    """Read the table of one authority; raises UnreadableFile with every fault."""
    if file.stat().st_size > MOST_BYTES:
        raise UnreadableFile(f"{file.name} is larger than {MOST_BYTES} bytes")
    try:
        said = yaml.safe_load(file.read_text("utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise UnreadableFile(f"{file.name} is no YAML: {error}") from error
    found, faults = validate(Policy, said, "")
    if found is None or faults:
        raise UnreadableFile(f"{file.name} is no table of a policy", faults=faults)
    return found


def read_policies(folder: Path = FOLDER) -> Sequence[Policy]:
    """Read the tables of all authorities in a folder, those that the product knows in its own order."""
    return _read_all(folder)


@cache
def _read_all(folder: Path) -> Sequence[Policy]:
    return tuple(read_policy(folder / name) for name in FILES if (folder / name).exists())


def list_milestones(policies: Sequence[Policy]) -> Iterator[tuple[Policy, Milestone]]:
    """Give every milestone with the policy that names it, in order of the policies."""
    for policy in policies:
        for milestone in policy.milestones:
            yield policy, milestone


def find_milestone(policies: Sequence[Policy]) -> Mapping[str, Milestone]:
    """Give the milestones by their id."""
    return {milestone.id: milestone for _, milestone in list_milestones(policies)}
