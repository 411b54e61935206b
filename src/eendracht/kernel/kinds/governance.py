"""Why and under which rule: processing of personal data, lawful grounds, goals and what is done about them."""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self

from pydantic import Field, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

from eendracht.kernel.identity import KIND_PATTERN
from eendracht.kernel.kinds.fields import (
    SHA256_PATTERN,
    TABLE_PATTERN,
    Answer,
    Code,
    Count,
    Country,
    Day,
    Line,
    Part,
    Quantity,
    RefText,
    Relation,
    Spec,
    Text,
)
from eendracht.kernel.kinds.landscape import DatasetRef
from eendracht.kernel.kinds.parties import OrganisationRef, PartyRef


class ThirdCountryTransfer(Part):
    """Personal data that leaves the European Economic Area (GDPR art. 44)."""

    country: Country
    safeguard: Line = ""
    """Adequacy decision, standard clauses, or what else it rests on."""


class ProcessingActivity(Spec):
    """An entry of the register of processing activities (GDPR art. 30)."""

    controller: OrganisationRef
    joint_controllers: tuple[PartyRef, ...] = ()
    processors: tuple[PartyRef, ...] = ()
    purposes: tuple[Line, ...] = Field(default=(), max_length=50)
    legal_ground: Literal[
        "consent", "contract", "legal-obligation", "vital-interest", "public-task", "legitimate-interest", "unknown"
    ] = "unknown"
    """GDPR art. 6(1)(a) to (f)."""
    law: tuple[Line, ...] = Field(default=(), max_length=50)
    """Act and article on which the task rests."""
    data_subjects: tuple[Line, ...] = Field(default=(), max_length=100)
    data_categories: tuple[Line, ...] = Field(default=(), max_length=200)
    special_categories: Answer = "unknown"
    """Whether data of GDPR art. 9 or 10 are used."""
    recipients: tuple[Line, ...] = Field(default=(), max_length=200)
    transfers: tuple[ThirdCountryTransfer, ...] = Field(default=(), max_length=50)
    retention: Line = ""
    security_measures: Text = ""
    systems: tuple[Annotated[RefText, Relation(("application", "component", "platform"))], ...] = ()
    datasets: tuple[DatasetRef, ...] = ()
    dpia: Answer = "unknown"
    """Whether a data protection impact assessment was done."""


class Ground(Spec):
    """What a law opens: these sources, to this controller, for this purpose."""

    law: Line
    article: Line
    purpose: Line
    controller: OrganisationRef
    sources: tuple[DatasetRef, ...] = Field(default=(), max_length=200)
    url: Line | None = None


GroundRef = Annotated[RefText, Relation(("ground",))]
TableName = Annotated[str, StringConstraints(max_length=100, pattern=TABLE_PATTERN)]
Sha256 = Annotated[str, StringConstraints(pattern=SHA256_PATTERN)]


class PopulationTable(Part):
    """One table of a population: a Parquet file of this name in the folder of the population."""

    name: TableName
    dataset: DatasetRef | None = None
    """The dataset that it comes from; a ground opens datasets."""
    columns: tuple[Code, ...] = Field(default=(), max_length=500)
    rows: Count
    sha256: Sha256
    """Of the bytes of the file; another file is not run."""


class Population(Spec):
    """Data about many people or things over which a rule may be run: what it holds, never the data themselves."""

    controller: OrganisationRef
    purpose: Line
    """What it was made for, in the words of the ground."""
    ground: GroundRef | None = None
    """The ground on which it is kept; without one it is run only where the people are made up."""
    retention_date: Day
    """Last day on which the files may be there; after it they are deleted."""
    synthetic: bool = False
    """Whether the people in it are made up."""
    subjects: TableName | None = None
    """The table that lists everyone once; default `subjects`, or the only table."""
    tables: tuple[PopulationTable, ...] = Field(min_length=1, max_length=100)

    @model_validator(mode="after")
    def _tables_once(self) -> Self:
        if len({table.name for table in self.tables}) < len(self.tables):
            raise PydanticCustomError("table_twice", "a table stands here twice", {})
        return self


class FieldSource(Part):
    """The system that is right about one field."""

    field: Code
    """Name of the field as the kind writes it, or `validFrom` or `validUntil`."""
    source: Annotated[Line, StringConstraints(min_length=1)]
    """Name of the source, as its deliveries carry it."""


class SourceOfTruth(Spec):
    """Which source an organisation trusts for which field of one kind; an import of another leaves the field alone."""

    organisation: OrganisationRef
    kind: Annotated[str, StringConstraints(pattern=f"^{KIND_PATTERN}$")]
    """Kind of the records that it is about."""
    fields: tuple[FieldSource, ...] = Field(default=(), max_length=500)
    """A field that is not listed belongs to no source: whoever changed it last is followed."""

    @model_validator(mode="after")
    def _once(self) -> Self:
        if len({item.field for item in self.fields}) < len(self.fields):
            raise PydanticCustomError("field_twice", "a field has one source of truth, and stands here twice", {})
        return self


class Goal(Spec):
    """What is to be reached."""

    organisation: OrganisationRef | None = None
    priority: Literal["cloud", "data", "ai", "services", "resilience", "people"] | None = None
    due: Day | None = None


class Indicator(Spec):
    """A figure by which a goal is followed."""

    goal: Annotated[RefText, Relation(("goal",))] | None = None
    unit: Line
    target: Quantity | None = None
    value: Quantity | None = None
    measured_on: Day | None = None


class Action(Spec):
    """Something that a role undertook to do; closed only once another person saw that it helps (`kinds.closing`)."""

    goal: Annotated[RefText, Relation(("goal",))] | None = None
    about: tuple[Annotated[RefText, Relation()], ...] = ()
    """What it is about, the lesson from which it follows included."""
    assigned_to: Annotated[RefText, Relation(("role", "organisation", "team"))] | None = None
    due: Day | None = None
    status: Literal["open", "in-progress", "done-unverified", "closed", "dropped"] = "open"
    evidence: Text = ""
    """What was done and where that can be seen."""
    retest: Annotated[RefText, Relation(("retest",))] | None = None
    """The retest on which it was closed."""


class Retest(Spec):
    """Somebody tried again whether an action helps; it says what was seen that day and never changes."""

    action: Annotated[RefText, Relation(("action",))]
    result: Literal["passed", "failed"]
    done_on: Day
    exercise: Annotated[RefText, Relation()] | None = None
    """The exercise or test in which that was seen."""
    observed: Text = ""
    """What was seen, without names of people."""


def lift_action(spec: dict[str, Any]) -> dict[str, Any]:
    """Give an action of version 1 as one of version 2: what was called closed was verified by nobody."""
    return {**spec, "status": "done-unverified"} if spec.get("status") == "closed" else spec
