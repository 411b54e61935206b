"""The shapes of what the API answers about dependence."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel


class _Shape(BaseModel):
    model_config = ConfigDict(alias_generator=to_camel, extra="forbid", frozen=True, use_attribute_docstrings=True)


class FaultShape(_Shape):
    """Something that is wrong in the records."""

    pointer: str
    code: str
    message: dict[str, str]
    """In Dutch and English."""
    hint: str


class ShareShape(_Shape):
    """The part of one party."""

    party: str
    name: str
    amount: int
    """In eurocent, services, or citizen-hours a day."""
    estimated_amount: int
    share: float
    organisations: int
    organisation_share: float
    flagged: bool


class ConcentrationAnswer(_Shape):
    """How one measure is spread."""

    by: Literal["supplier", "owner", "jurisdiction", "chain"]
    measure: Literal["spend", "services", "citizen-hours"]
    category: str
    categories: list[str]
    total: int
    hhi_low: float | None
    hhi_high: float | None
    verdict: Literal["concentrated", "not-concentrated", "unknown"]
    unknown_amount: int
    unknown_share: float
    unknown_count: int
    unsized_count: int
    """Contracts or services of which no amount is recorded."""
    parties: int
    shares: list[ShareShape]
    faults: list[FaultShape]
    synthetic: bool


class LossShape(_Shape):
    """What is lost."""

    critical: int
    citizen_hours: int
    unsized: int


class ImportanceShape(_Shape):
    """What hangs on one supplier, with every alternative trusted and with tested ones alone."""

    party: str
    name: str
    trusted: LossShape
    untrusted: LossShape


class ParentShape(_Shape):
    """What stands behind several members of a redundant group."""

    consumer: str
    label: str
    k: int
    members: list[str]
    parent: str
    parent_name: str
    parent_kind: str
    taken: list[str]


class UntestedShape(_Shape):
    """A supplier against whose failure only an untested alternative stands."""

    party: str
    name: str
    services: list[str]


class ColdStartShape(_Shape):
    """What must be started by hand once everything is down, so that everything comes up that can."""

    by_hand: list[str]
    by_hand_count: int
    at_least: int
    """No fewer than these are enough."""
    smallest: bool
    never: list[str]
    """What waits for something that does not come back, whatever is started."""


class WeakPointsAnswer(_Shape):
    """What weighs most, and what hides."""

    suppliers: list[ImportanceShape]
    common_parents: list[ParentShape]
    untested: list[UntestedShape]
    start_deadlocks: list[list[str]]
    cold_start: ColdStartShape
    counts: dict[str, int]
    synthetic: bool


OptionalDay = Annotated[date | None, Field(json_schema_extra={"format": "date"})]
"""Day or null; NL API Design Rules want the format beside what a field named date may be."""


class ContractShape(_Shape):
    """A contract on the radar."""

    ref: str
    name: str
    buyer: str
    supplier: str
    owner: str
    start_date: OptionalDay
    end_date: OptionalDay
    decide_before: date | None
    """Last day on which notice can be given."""
    notice_known: bool
    renewal: str
    covers: list[str]
    annual_value_eurocent: int | None
    state: Literal["future", "open", "due", "too-late", "ended", "renewed-unseen", "unknown"]


class JointExitShape(_Shape):
    """Contracts that could be left together."""

    party: str
    name: str
    decide_before: date
    buyers: list[str]
    contracts: list[str]


class RadarAnswer(_Shape):
    """The contract radar."""

    day: date
    contracts: list[ContractShape]
    together: list[JointExitShape]
    faults: list[FaultShape]


class StakeShape(_Shape):
    """What one organisation has hanging on a weak point."""

    ref: str
    services: int
    citizen_hours: int | None


class SharedShape(_Shape):
    """A weak point that organisations share."""

    ref: str
    name: str
    kind: str
    services: int
    citizen_hours: int | None
    organisations: list[StakeShape]


class SolutionShape(_Shape):
    """A collective solution."""

    ref: str
    generation: int
    owner: str
    spec: dict[str, Any]


class CollectiveAnswer(_Shape):
    """Shared weak points, and what was proposed."""

    weak_points: list[SharedShape]
    solutions: list[SolutionShape]


class WrittenAnswer(_Shape):
    """What was recorded."""

    ref: str
    generation: int


class JobAnswer(_Shape):
    """The job that was asked for."""

    job: str
