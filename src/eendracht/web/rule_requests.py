"""What the routes on rules are asked: a case, or a run over a population; every fault at once, each with its place."""

from __future__ import annotations

from typing import Annotated, Any, Final, Literal, Self, TypeVar

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator
from pydantic.alias_generators import to_camel
from pydantic_core import PydanticCustomError

from eendracht.kernel.errors import InvalidInput
from eendracht.kernel.identity import REF_PATTERN
from eendracht.kernel.kinds.fields import Day
from eendracht.kernel.rules.facts import Case, Register
from eendracht.kernel.rules.ir import LAYERS
from eendracht.kernel.rules.values import from_plain
from eendracht.kernel.validation import validate
from eendracht.kit.questions import Question, Words

R = TypeVar("R", bound="_Request")

MOST_ROWS: Final = 1_000
"""How many rows the registers of one case hold together."""

_NAME_PATTERN = r"^[^\x00-\x1f\x7f]+$"
LawName = Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=_NAME_PATTERN)]
ColumnName = Annotated[str, StringConstraints(max_length=200)]
Outputs = Annotated[tuple[LawName, ...], Field(min_length=1, max_length=50)]
Ref = Annotated[str, StringConstraints(pattern=REF_PATTERN, max_length=221)]
Words500 = Annotated[str, StringConstraints(max_length=500, pattern=r"^[^\x00]*$")]


class _Request(BaseModel):
    model_config = ConfigDict(alias_generator=to_camel, extra="forbid", frozen=True, use_attribute_docstrings=True)


class RegisterGiven(_Request):
    """Rows of a register of the case."""

    name: ColumnName
    key: ColumnName = ""
    """The parameter by which a row is found, which is a column of the rows; empty for the service-based format."""
    service: ColumnName = ""
    """The body that holds the table (service-based format)."""
    rows: Annotated[tuple[dict[str, Any], ...], Field(max_length=MOST_ROWS)]


class _CaseRequest(_Request):
    law: LawName
    """Id of the law."""
    outputs: Outputs
    """The outputs that are asked."""
    date: Day
    """Day on which the law is asked."""
    parameters: Annotated[dict[str, Any], Field(max_length=200)] = {}
    """What is known of the case; amounts in the unit that the law declares."""
    registers: Annotated[tuple[RegisterGiven, ...], Field(max_length=50)] = ()
    service: ColumnName = ""
    """Body whose version of the law is meant (service-based format)."""

    @model_validator(mode="after")
    def _bounded(self) -> Self:
        if sum(len(register.rows) for register in self.registers) > MOST_ROWS:
            raise PydanticCustomError("too_many_rows", "the registers hold more than 1000 rows together", {})
        return self

    def to_case(self) -> Case:
        """Give the case as the rules take it."""
        exact = {name: from_plain(value) for name, value in self.parameters.items()}
        registers = (Register(item.name, item.key, item.rows, item.service) for item in self.registers)
        return Case(self.date, exact, tuple(registers))


class EvaluationRequest(_CaseRequest):
    """What is asked of a law for one case."""

    mode: Literal["error", "propagate", "warn", "ignore"] = "error"
    """What an article does that no operation expresses: refuse, taint its outputs, or run as far as it goes."""
    stage: Annotated[str, StringConstraints(pattern=r"^[A-Z_]{1,40}$")] = "BESLUIT"
    """Stage of the decision, at which other laws fire."""
    trace: bool = False
    """Whether every step is wanted too."""
    explanation: bool = False
    """Whether the reasons are wanted in plain words."""


class NeedsRequest(_CaseRequest):
    """Which facts are still needed."""


class PopulationRunRequest(_Request):
    """What is asked of a law for everyone in a registered population."""

    population: Ref
    """The record of the population."""
    law: LawName
    """Id of the law."""
    outputs: Outputs
    """The outputs that are asked."""
    date: Day
    """Day on which the law is asked."""
    ground: Ref | None = None
    """The record of the ground on which the data are used; a synthetic population needs none."""
    purpose: Words500 = ""
    """What the outcomes are for, in the words of the ground."""
    controller: Ref
    """The organisation that answers for the use."""


class RegulationListing(Question):
    """Which regulations are meant: each filter that is given must match."""

    q: Words = ""
    """Words that stand in the name, the text or the outputs."""
    layer: Annotated[str, Field(json_schema_extra={"enum": ["", *LAYERS]})] = ""
    """Regulatory layer, such as `WET`."""
    after: Annotated[str, StringConstraints(max_length=300)] = ""
    """Where the page before ended, as that page says under `after`."""
    limit: Annotated[int, Field(ge=1, le=200)] = 50
    """How many regulations a page holds."""

    @model_validator(mode="after")
    def _known(self) -> Self:
        if self.layer and self.layer not in LAYERS:
            raise PydanticCustomError("no_layer", "there is no such layer", {})
        return self


def read_request(model: type[R], content: Any) -> R:
    """Give the request in a body; raises InvalidInput with every fault."""
    request, faults = validate(model, content)
    if request is None or faults:
        raise InvalidInput(f"The request has {len(faults)} fault(s)", faults=faults)
    return request
