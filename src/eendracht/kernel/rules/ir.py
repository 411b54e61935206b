"""The typed representation of regulations into which every law format is read, and from which everything is made.

Nothing here computes. The interpreter (`interpreter`) gives the meaning; the column compiler (`columns`) must equal it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Literal

Kind = Literal["number", "amount", "boolean", "string", "date", "array", "object", "any"]
Unit = Literal["", "euro", "eurocent", "ratio", "percentage", "years", "months", "weeks", "days", "hours"]
Dialect = Literal["exact", "lax"]
"""`exact`: rationals, nothing rounded unsaid, three-valued (article-based format). `lax`: IEEE doubles and lenient
nulls (service-based format)."""

LAYERS: tuple[str, ...] = (
    "VERDRAG",
    "EU_VERORDENING",
    "EU_RICHTLIJN",
    "GRONDWET",
    "WET",
    "AMVB",
    "KONINKLIJK_BESLUIT",
    "MINISTERIELE_REGELING",
    "BELEIDSREGEL",
    "UITVOERINGSBELEID",
    "PROVINCIALE_VERORDENING",
    "WATERSCHAPS_VERORDENING",
    "GEMEENTELIJKE_VERORDENING",
)
"""Regulatory layers, the higher first (lex superior)."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where something stands: the file, the line (from 1) and the path in the document."""

    file: str
    line: int
    path: str = ""

    def __str__(self) -> str:
        return f"{self.file}:{self.line}"


@dataclass(frozen=True, slots=True)
class LegalBasis:
    """What an element rests on, as the law file says it; empty where it does not."""

    law: str = ""
    bwb_id: str = ""
    article: str = ""
    paragraph: str = ""
    sentence: str = ""
    url: str = ""
    juriconnect: str = ""
    explanation: str = ""


# --- Expressions ---


@dataclass(frozen=True, slots=True)
class Expression:
    """A piece of a rule that has a value."""

    place: Place
    basis: LegalBasis | None


@dataclass(frozen=True, slots=True)
class Constant(Expression):
    """A value that stands in the law file itself."""

    value: Any


@dataclass(frozen=True, slots=True)
class Reference(Expression):
    """A name (`$name`), or a field of what it names (`$name.part`)."""

    name: str
    path: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Operation(Expression):
    """An operation on operands in order.

    `name` is the operation of the format. `operands` are by position: the values, the conditions, subject then value,
    from then to. What an operation has by name (`default` of IF, `years` of DATE_ADD, `filter` and `body` of FOREACH)
    stands in `named`. The cases of IF are operands in pairs: condition, outcome. `options` are words and numbers that
    are no expression (`precision`, `unit`, `combine`, `as`).
    """

    name: str
    operands: tuple[Expression, ...]
    named: Mapping[str, Expression] = field(default_factory=dict)
    options: Mapping[str, Any] = field(default_factory=dict)


# --- Fields and their sources ---


@dataclass(frozen=True, slots=True)
class Temporal:
    """How a value relates to time: over a period, or at a moment (`$calculation_date`, `$january_first`, ...)."""

    type: str
    period_type: str = ""
    reference: str = ""


@dataclass(frozen=True, slots=True)
class Field:
    """A parameter, input or output: name, type, unit, and the bounds and decimals that its format gives it."""

    name: str
    kind: Kind
    place: Place
    unit: Unit = ""
    precision: int | None = None
    minimum: Any = None
    maximum: Any = None
    required: bool = False
    nullable: bool = True
    description: str = ""
    temporal: Temporal | None = None
    basis: LegalBasis | None = None


@dataclass(frozen=True, slots=True)
class ExternalSource:
    """A fact from outside, looked up by the name of the input."""


@dataclass(frozen=True, slots=True)
class ArticleSource:
    """An output of another article; `law` is empty for the same law, which passes all current parameters on.

    `service` names the body whose version of the law is meant (service-based format only).
    """

    output: str
    law: str = ""
    parameters: Mapping[str, Expression] = field(default_factory=dict)
    service: str = ""
    options: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Selection:
    """A condition on rows of a table: the column equals the value, or is among the values (`IN`)."""

    column: str
    operator: str
    value: Expression


@dataclass(frozen=True, slots=True)
class TableSource:
    """Rows of a table of a body, filtered and cut down to one or several columns (service-based format)."""

    table: str
    source_type: str = ""
    columns: tuple[str, ...] = ()
    is_record: bool = False
    """Whether several columns (`fields`) were asked for, so that a row is an object."""
    selections: tuple[Selection, ...] = ()
    aggregation: str = ""
    options: Mapping[str, Any] = field(default_factory=dict)


Source = ExternalSource | ArticleSource | TableSource


@dataclass(frozen=True, slots=True)
class Input:
    """A field with where its value comes from."""

    field: Field
    source: Source


@dataclass(frozen=True, slots=True)
class Definition:
    """A constant of an article, with its unit and, where the file says so, its origin and grade."""

    name: str
    value: Any
    place: Place
    kind: Kind = "any"
    unit: Unit = ""
    source: str = ""
    grade: str = ""
    basis: LegalBasis | None = None


# --- Articles and regulations ---


@dataclass(frozen=True, slots=True)
class Action:
    """Computes one output."""

    output: str
    expression: Expression
    place: Place
    basis: LegalBasis | None = None


@dataclass(frozen=True, slots=True)
class OpenTerm:
    """A value that a lower regulation must or may fill."""

    name: str
    kind: Kind
    place: Place
    required: bool = True
    delegated_to: str = ""
    delegation_type: str = ""
    default: tuple[Action, ...] = ()


@dataclass(frozen=True, slots=True)
class Implementation:
    """That this article fills an open term of another law."""

    law: str
    article: str
    open_term: str
    considering: str
    place: Place


@dataclass(frozen=True, slots=True)
class Hook:
    """That this article fires by itself when a decision of this character reaches this stage."""

    point: Literal["pre_actions", "post_actions"]
    legal_character: str
    place: Place
    decision_type: str = ""
    stage: str = "BESLUIT"


@dataclass(frozen=True, slots=True)
class Override:
    """That this article replaces an output of another one (lex specialis)."""

    law: str
    article: str
    output: str
    place: Place


@dataclass(frozen=True, slots=True)
class Untranslated:
    """A legal construct that the operations cannot express; `accepted` when a person has acknowledged it."""

    construct: str
    reason: str
    accepted: bool
    place: Place


@dataclass(frozen=True, slots=True)
class Article:
    """One article: what it says, and what of it can be run."""

    number: str
    text: str
    url: str
    place: Place
    parameters: Mapping[str, Field] = field(default_factory=dict)
    inputs: Mapping[str, Input] = field(default_factory=dict)
    outputs: Mapping[str, Field] = field(default_factory=dict)
    definitions: Mapping[str, Definition] = field(default_factory=dict)
    actions: tuple[Action, ...] = ()
    requirements: Expression | None = None
    open_terms: Mapping[str, OpenTerm] = field(default_factory=dict)
    implements: tuple[Implementation, ...] = ()
    hooks: tuple[Hook, ...] = ()
    overrides: tuple[Override, ...] = ()
    untranslated: tuple[Untranslated, ...] = ()
    legal_character: str = ""
    decision_type: str = ""
    competent_authority: str = ""
    basis: LegalBasis | None = None

    @property
    def is_executable(self) -> bool:
        """Whether there is anything to run."""
        return bool(self.actions)


@dataclass(frozen=True, slots=True)
class Regulation:
    """One version of a law, regulation or ordinance, as one file gives it.

    `sha256` is of the file's bytes. `articles` may be parsed only when they are asked for. `valid_to` is the last
    day in force. `jurisdiction` is a code such as `GM0599`, `PV28` or `WS0155`, empty for the whole country. `service`
    is the executing body (service-based format).
    """

    id: str
    name: str
    layer: str
    dialect: Dialect
    schema_version: str
    place: Place
    sha256: str
    articles: Sequence[Article] = field(repr=False)
    valid_from: date | None = None
    valid_to: date | None = None
    publication_date: date | None = None
    jurisdiction: str = ""
    service: str = ""
    bwb_id: str = ""
    url: str = ""
    competent_authority: str = ""
    description: str = ""
    discoverable: str = ""

    def article_of(self, output: str) -> Article | None:
        """Give the first article that computes this output."""
        for article in self.articles:
            if output in article.outputs or any(action.output == output for action in article.actions):
                return article
        return None

    def article(self, number: str) -> Article | None:
        """Give an article by its number."""
        return next((article for article in self.articles if article.number == number), None)
