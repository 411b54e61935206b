"""Cryptography over HTTP: where an algorithm is used, for which service, and how many people rely on that."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict
from pydantic.alias_generators import to_camel
from starlette.responses import Response

from eendracht.kernel.disclosure import require_insider
from eendracht.kit.questions import Nothing
from eendracht.kit.routing import (
    AskerOf,
    InstanceOf,
    LandscapesOf,
    Name,
    describe,
    json_response,
    question,
    refuse_questions,
)
from eendracht.resilience.crypto.search import count_cryptography, describe_answer, search_cryptography
from eendracht.resilience.questions import CryptographyQuestion

router = APIRouter(prefix="/resilience", tags=["resilience"])
Class = Literal["broken", "weakened", "unknown", "safe"]


class _Shape(BaseModel):
    model_config = ConfigDict(alias_generator=to_camel, extra="forbid", frozen=True, use_attribute_docstrings=True)


class FamilyShape(_Shape):
    """How many assets there are of a family."""

    family: str
    """Empty where it is not known."""
    quantum_class: Class
    """What a quantum computer does to it."""
    assets: int


class PersonsShape(_Shape):
    """How many people rely on it: at least and at most, nobody counted twice."""

    low: int
    high: int | None
    """None where nothing bounds it."""


class ServiceShape(_Shape):
    """A service that relies on what was found."""

    ref: str
    name: str
    organisation: str
    assets: int
    algorithms: list[str]
    persons: int | None
    """How many people rely on the service; none where nobody counted."""


class AssetShape(_Shape):
    """A cryptographic asset."""

    ref: str
    name: str
    organisation: str
    algorithm_family: str | None
    parameter_set: str | None
    purpose: str | None
    purpose_ground: Literal["stated", "derived", "ambiguous", "unknown"]
    quantum_class: Class
    type: str
    locations: list[str]
    implementation: str
    used_by: list[str]
    services: list[str]
    inventory: str | None


class CryptographyAnswer(_Shape):
    """Where it is used; without a question only counts of everything that the asker may see."""

    question: str
    assets: int
    told_twice: int
    """How many more times another inventory tells of the same; counted once."""
    without_service: int
    """Of how many assets no service is known."""
    organisations: dict[str, int]
    """How many assets were found of each."""
    persons: PersonsShape | None
    families: list[FamilyShape]
    service_count: int
    services: list[ServiceShape]
    found: list[AssetShape]
    synthetic: bool


@router.get("/cryptography", **describe(CryptographyAnswer, query=CryptographyQuestion, errors=(403,)))
def search(
    instance: InstanceOf,
    landscapes: LandscapesOf,
    asker: AskerOf,
    asked: Annotated[CryptographyQuestion, question(CryptographyQuestion)],
) -> Response:
    """Give where an algorithm is used; without a question counts by family, for everybody."""
    if not asked.q.strip():
        overview = count_cryptography(instance.store, asker.principal)
        families = [{"family": name, "quantumClass": of, "assets": n} for name, of, n in overview.families]
        counts = {"assets": overview.assets, "families": families, "synthetic": overview.is_synthetic}
        return json_response({**_NOTHING, **counts})
    require_insider(asker.principal)
    landscape = landscapes.get(instance.store, asker.principal, None)
    answer = search_cryptography(instance.store, asker.principal, asked.q, landscape)
    return json_response(describe_answer(answer, asked.limit))


class BillAnswer(BaseModel):
    """A bill of materials of CycloneDX; its own schema says what stands in it."""

    model_config = ConfigDict(alias_generator=to_camel, extra="allow", frozen=True, use_attribute_docstrings=True)

    bom_format: Literal["CycloneDX"]
    spec_version: Literal["1.6", "1.7"]


@router.get(
    "/cryptographic-inventories/{name:path}/cbom",
    **describe(BillAnswer, query=Nothing, errors=(403, 404)),
    dependencies=[refuse_questions],
)
def get_bill(name: Name, instance: InstanceOf, asker: AskerOf) -> Response:
    """Give an inventory as a bill of materials (CycloneDX), with all that its source said of each asset."""
    from eendracht.resilience.crypto.writing import write_cbom

    require_insider(asker.principal)
    return json_response(write_cbom(instance.store, asker.principal, name))


_NOTHING = {
    "question": "",
    "toldTwice": 0,
    "withoutService": 0,
    "organisations": {},
    "persons": None,
    "serviceCount": 0,
    "services": [],
    "found": [],
}
