"""What specs are made of: refs and what they mean, requirement groups, money, hours, answers with an unknown."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Annotated, Final, Literal, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    WithJsonSchema,
    model_validator,
)
from pydantic.alias_generators import to_camel
from pydantic_core import PydanticCustomError, PydanticKnownError

from eendracht.kernel.identity import REF_PATTERN

Phase = Literal["run", "start"]


@dataclass(frozen=True, slots=True)
class Relation:
    """What a ref in a spec means: which kinds it may point at, and what the holder needs of the target.

    `phase` is None for a catalogue reference, `run` where the holder stops with the target, `start` where the
    holder only needs it to come up. Members of a requirement group take the phase of their group.
    """

    targets: tuple[str, ...] = ()
    phase: Phase | None = None


RefText = Annotated[str, StringConstraints(pattern=REF_PATTERN, max_length=221)]
# PostgreSQL cannot hold U+0000 in text, so no kind does.
NO_NUL = r"^[^\x00]*$"
# Marks that turn the direction of a text (U+202A and on, U+2066 and on) make a name look like another one; nobody needs
# them in a name. What a column or a sheet of somebody else's file is called is taken as it is.
PLAIN = r"^[^\x00\u202a-\u202e\u2066-\u2069]*$"
Name = Annotated[str, StringConstraints(min_length=1, max_length=300, strip_whitespace=True, pattern=PLAIN)]
Text = Annotated[str, StringConstraints(max_length=10_000, strip_whitespace=True, pattern=NO_NUL)]
Line = Annotated[str, StringConstraints(max_length=500, strip_whitespace=True, pattern=NO_NUL)]
_CODE_PATTERN = r"^[^\s\x00-\x1f\x7f]+$"
Code = Annotated[str, StringConstraints(max_length=100, pattern=_CODE_PATTERN)]
_COUNTRY_PATTERN = r"^[A-Z]{2}$"
Country = Annotated[str, StringConstraints(pattern=_COUNTRY_PATTERN)]
OIN_PATTERN = r"^[0-9]{20}$"
KVK_PATTERN = r"^[0-9]{8}$"
LEI_PATTERN = r"^[A-Z0-9]{18}[0-9]{2}$"
TABLE_PATTERN = r"^[a-z][a-z0-9_]*$"
SHA256_PATTERN = r"^[0-9a-f]{64}$"
MEANINGS: Final[Mapping[str, tuple[str, str]]] = {
    PLAIN: (
        "Deze naam bevat een teken dat hier niet mag: NUL, of een teken dat de leesrichting omdraait",
        "This name holds a character that may not stand here: NUL, or one that turns the direction of reading",
    ),
    NO_NUL: ("Deze tekst bevat een NUL-teken", "This text holds a NUL character"),
    _CODE_PATTERN: ("Hier mogen geen spaties in staan", "No spaces may stand in this"),
    _COUNTRY_PATTERN: (
        "Schrijf een landcode van twee hoofdletters, zoals NL",
        "Write a country code of two capitals, such as NL",
    ),
    TABLE_PATTERN: (
        "Begin met een kleine letter, en gebruik kleine letters, cijfers en _",
        "Begin with a small letter, and use small letters, digits and _",
    ),
    SHA256_PATTERN: ("Een SHA-256 heeft 64 tekens: 0-9 en a-f", "A SHA-256 has 64 characters: 0-9 and a-f"),
    OIN_PATTERN: ("Een OIN heeft 20 cijfers", "An OIN has 20 digits"),
    KVK_PATTERN: ("Een KvK-nummer heeft 8 cijfers", "A Chamber of Commerce number has 8 digits"),
    LEI_PATTERN: (
        "Een LEI heeft 20 tekens: hoofdletters en cijfers, de laatste twee cijfers",
        "An LEI has 20 characters: capitals and digits, the last two digits",
    ),
    REF_PATTERN: (
        "Schrijf een verwijzing als soort:organisatie/naam, zoals application:gm0344/zaaksysteem",
        "Write a ref as kind:organisation/name, such as application:gm0344/zaaksysteem",
    ),
}
"""What each pattern asks, in Dutch and English."""
Oin = Annotated[str, StringConstraints(pattern=OIN_PATTERN)]
Eurocent = Annotated[int, Field(ge=0, lt=2**53)]
Count = Annotated[int, Field(ge=0, lt=2**53)]


def plain_decimal(value: object) -> object:
    """Read a JSON number by its shortest decimal form, so that 0.1 stays one tenth."""
    return Decimal(repr(value)) if isinstance(value, float) else value


def refuse_number_as_date(value: object) -> object:
    """Let only what is written as a date become one: Pydantic takes a number, also in text, for seconds since 1970."""
    if isinstance(value, int | float) or (isinstance(value, str) and "-" not in value[1:]):
        raise PydanticKnownError("date_type")
    return value


Day = Annotated[date, BeforeValidator(refuse_number_as_date)]


def without_exponent(value: Decimal) -> Decimal:
    """Write a decimal out in digits, without exponent or negative zero, so that one number has one form in records."""
    return Decimal(format(value, "f")) if value else Decimal(0)


def describe_decimal(pattern: str, **bounds: int) -> WithJsonSchema:
    """Give the JSON Schema of a decimal: text of this form, as records carry it, or a number within the bounds."""
    return WithJsonSchema({"anyOf": [{"type": "number", **bounds}, {"type": "string", "pattern": pattern}]})


_READ, _WRITTEN = BeforeValidator(plain_decimal), AfterValidator(without_exponent)

Hours = Annotated[
    Decimal,
    Field(ge=0, max_digits=12, decimal_places=3),
    _READ,
    _WRITTEN,
    describe_decimal(r"^[0-9]{1,9}(\.[0-9]{1,3})?$", minimum=0, maximum=999_999_999),
]
Percentage = Annotated[
    Decimal,
    Field(ge=0, le=100, max_digits=7, decimal_places=4),
    _READ,
    _WRITTEN,
    describe_decimal(r"^(100(\.0{1,4})?|[0-9]{1,2}(\.[0-9]{1,4})?)$", minimum=0, maximum=100),
]
Ratio = Annotated[
    Decimal,
    Field(ge=0, le=1, max_digits=6, decimal_places=5),
    _READ,
    _WRITTEN,
    describe_decimal(r"^(1(\.0{1,5})?|0(\.[0-9]{1,5})?)$", minimum=0, maximum=1),
]
Degrees = Annotated[
    Decimal,
    Field(ge=-180, le=180, max_digits=9, decimal_places=6),
    _READ,
    _WRITTEN,
    describe_decimal(r"^-?(180(\.0{1,6})?|(1[0-7][0-9]|[0-9]{1,2})(\.[0-9]{1,6})?)$", minimum=-180, maximum=180),
]
Quantity = Annotated[
    Decimal,
    Field(max_digits=18, decimal_places=6),
    _READ,
    _WRITTEN,
    describe_decimal(r"^-?[0-9]{1,12}(\.[0-9]{1,6})?$", minimum=-999_999_999_999, maximum=999_999_999_999),
]

Answer = Literal["yes", "no", "unknown"]
Criticality = Literal["critical", "important", "normal", "unknown"]
Lifecycle = Literal["planned", "in-use", "phasing-out", "retired", "unknown"]
Hosting = Literal["saas", "public-cloud", "private-cloud", "on-premises", "hybrid", "unknown"]


class Part(BaseModel):
    """A piece of a spec: JSON in camelCase, unknown fields refused, no value changed after it is made."""

    model_config = ConfigDict(
        alias_generator=to_camel,
        populate_by_name=False,
        extra="forbid",
        frozen=True,
        use_attribute_docstrings=True,
        ser_json_inf_nan="strings",
    )


class Spec(Part):
    """What every record says of its subject."""

    name: Name
    """What people call it."""
    description: Text = ""
    """What it is, in a few sentences."""
    also_known_as: tuple[Name, ...] = Field(default=(), max_length=50)
    """Other names under which people look for it."""
    tags: tuple[Code, ...] = Field(default=(), max_length=50)
    """Free labels for filtering."""


class GroupMember(Part):
    """One alternative of a requirement group."""

    provider: Annotated[RefText, Relation()]
    """What can meet the requirement."""
    switch_over_hours: Hours = Decimal(0)
    """How long the consumer is without service while it changes over to this member."""
    automatic: bool = True
    """Whether the change-over needs no hand; an automatic one costs the consumer nothing."""
    tested_on: Day | None = None
    """When the change-over was last shown to work; empty means untested."""


class RequirementGroup(Part):
    """The consumer needs at least `k` of the members; all its groups must hold."""

    label: Line = ""
    """What the group is for, such as `login`."""
    phase: Phase = "run"
    """Whether it is needed to run or only to start."""
    k: int = Field(default=1, ge=1, le=1000)
    """How many members must be up."""
    buffer_hours: Hours = Decimal(0)
    """How long the consumer carries on when the group is down."""
    members: tuple[GroupMember, ...] = Field(min_length=1, max_length=1000)
    """The alternatives."""

    @model_validator(mode="after")
    def _possible(self) -> Self:
        if self.k > len(self.members):
            raise PydanticCustomError("k_above_n", "k is more than there are members", {"n": len(self.members)})
        waits = self.buffer_hours or any(member.switch_over_hours for member in self.members)
        if self.phase == "start" and waits:
            raise PydanticCustomError("start_waits", "a group that is needed to start has no buffer or switch-over", {})
        if len({member.provider for member in self.members}) < len(self.members):
            raise PydanticCustomError("member_twice", "a member stands in the group twice", {})
        return self


class Requiring(Spec):
    """A spec that depends on other things in the estate."""

    requires: tuple[Annotated[RefText, Relation(phase="run")], ...] = Field(default=(), max_length=1000)
    """Things without which it stops: each a group of one."""
    requires_to_start: tuple[Annotated[RefText, Relation(phase="start")], ...] = Field(default=(), max_length=1000)
    """Things that it needs only to come up."""
    requirement_groups: tuple[RequirementGroup, ...] = Field(default=(), max_length=200)
    """Requirements with alternatives, buffers or change-over times."""


class Position(Part):
    """A place on earth, WGS 84, in decimal degrees."""

    latitude: Degrees
    longitude: Degrees
