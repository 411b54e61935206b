"""The shape of a CSAF 2.0 document: every field that the standard makes mandatory or gives a form.

Written from OASIS Common Security Advisory Framework 2.0 (ISO/IEC 20153:2025), section 3. Fields beyond it are let
through, as the standard allows. The scores of a vulnerability are checked apart (`advisories.cvss`).
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal, Self, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

_SEMVER = (
    r"(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)"
    r"(-(0|[1-9]\d*|\d*[a-zA-Z-][0-9a-zA-Z-]*)(\.(0|[1-9]\d*|\d*[a-zA-Z-][0-9a-zA-Z-]*))*)?"
    r"(\+[0-9a-zA-Z-]+(\.[0-9a-zA-Z-]+)*)?"
)
_TAG = (
    r"^(([A-Za-z]{2,3}(-[A-Za-z]{3}){0,3}|[A-Za-z]{4,8})(-[A-Za-z]{4})?(-([A-Za-z]{2}|[0-9]{3}))?"
    r"(-([A-Za-z0-9]{5,8}|[0-9][A-Za-z0-9]{3}))*(-[A-WY-Za-wy-z0-9](-[A-Za-z0-9]{2,8})+)*(-[Xx](-[A-Za-z0-9]{1,8})+)?"
    r"|[Xx](-[A-Za-z0-9]{1,8})+|[Ii]-[Dd]efault|[Ii]-[Mm]ingo)$"
)
_MOMENT = r"^\d{4}-\d{2}-\d{2}[Tt]\d{2}:\d{2}:\d{2}(\.\d+)?([Zz]|[+-]\d{2}:\d{2})$"
_CPE_PART = r"((\?*|\*?)([a-zA-Z0-9\-._]|\\[\\*?!\"#$%&'()+,/:;<=>@\[\]^`{|}~])+(\?*|\*?)|[*\-])"
_CPE = (
    rf"^(cpe:2\.3:[aho*\-](:{_CPE_PART}){{5}}(:([a-zA-Z]{{2,3}}(-([a-zA-Z]{{2}}|[0-9]{{3}}))?|[*\-]))(:{_CPE_PART}){{4}}"
    r"|[cC][pP][eE]:/[AHOaho]?(:[A-Za-z0-9._\-~%]*){0,6})$"
)
_URI_SIGN = r"[A-Za-z0-9\-._~!$&'()*+,;=:@]|%[0-9A-Fa-f]{2}"
_URI = (
    r"^[A-Za-z][A-Za-z0-9+.\-]*:"
    rf"(//(({_URI_SIGN})*|(({_URI_SIGN})*@)?\[([0-9A-Fa-f:.]+|[vV][0-9A-Fa-f]+\.[A-Za-z0-9\-._~:]+)\](:[0-9]*)?)(/|\?|#|$))?"
    rf"(({_URI_SIGN})|/)*(\?(({_URI_SIGN})|[/?])*)?(#(({_URI_SIGN})|[/?])*)?$"
)
"""A URI as RFC 3986 spells it: its own signs, others by their percent code, and brackets around an address alone."""


def _check_moment(text: str) -> str:
    try:
        datetime.fromisoformat(text.upper())
    except ValueError:
        raise PydanticCustomError("datetime_parsing", "this moment does not exist", {}) from None
    return text


T = TypeVar("T")


def _once(items: list[T]) -> list[T]:
    seen: list[Any] = []
    for item in items:
        plain = item.model_dump() if isinstance(item, BaseModel) else item
        seen.append(plain)
    # Texts are many and hashable; objects are few.
    distinct = len(set(seen)) if all(isinstance(item, str) for item in seen) else _count_distinct(seen)
    if distinct < len(seen):
        raise PydanticCustomError("item_twice", "an item stands in this list twice", {})
    return items


def _count_distinct(items: list[Any]) -> int:
    return len({repr(item) for item in items})


Filled = Annotated[str, StringConstraints(min_length=1)]
Uri = Annotated[str, StringConstraints(pattern=_URI)]
Moment = Annotated[str, StringConstraints(pattern=_MOMENT), AfterValidator(_check_moment)]
Version = Annotated[str, StringConstraints(pattern=rf"^((0|[1-9][0-9]*)|{_SEMVER})$")]
Tag = Annotated[str, StringConstraints(pattern=_TAG)]
Some = Annotated[list[T], Field(min_length=1)]
"""A list that is not empty."""
Set = Annotated[list[T], Field(min_length=1), AfterValidator(_once)]
"""A list that is not empty, in which nothing stands twice."""
Refs = Set[Filled]


class Piece(BaseModel):
    """A piece of the document: what it does not know is let through, null is no value, nothing at all is no piece."""

    model_config = ConfigDict(extra="allow", frozen=True, use_attribute_docstrings=True)

    @model_validator(mode="before")
    @classmethod
    def _refuse_nothing(cls, given: Any) -> Any:
        if not isinstance(given, dict):
            return given
        if not given and not any(field.is_required() for field in cls.model_fields.values()):
            raise PydanticCustomError("empty_object", "an object without anything in it says nothing", {})
        # Null is refused where a value belongs, by being of no type at all.
        return {key: ... if item is None and key in cls.model_fields else item for key, item in given.items()}


class Note(Piece):
    """A text about the whole or about a vulnerability."""

    category: Literal["description", "details", "faq", "general", "legal_disclaimer", "other", "summary"]
    text: Filled
    audience: Filled | None = None
    title: Filled | None = None


class Reference(Piece):
    """A link."""

    summary: Filled
    url: Uri
    category: Literal["external", "self"] = "external"


class Acknowledgment(Piece):
    """Thanks; names of people in it are never kept."""

    names: Some[Filled] | None = None
    organization: Filled | None = None
    summary: Filled | None = None
    urls: Some[Uri] | None = None


class Publisher(Piece):
    """Who publishes it."""

    category: Literal["coordinator", "discoverer", "other", "translator", "user", "vendor"]
    name: Filled
    namespace: Uri
    contact_details: Filled | None = None
    issuing_authority: Filled | None = None


class Revision(Piece):
    """One item of the revision history."""

    date: Moment
    number: Version
    summary: Filled
    legacy_version: Filled | None = None


class Engine(Piece):
    """The program that made it."""

    name: Filled
    version: Filled | None = None


class Generator(Piece):
    """How it was made."""

    engine: Engine
    date: Moment | None = None


class Tracking(Piece):
    """Which document it is, which version, and how it came about."""

    current_release_date: Moment
    id: Annotated[str, StringConstraints(pattern=r"^\S(.*\S)?$")]
    initial_release_date: Moment
    revision_history: Some[Revision]
    status: Literal["draft", "final", "interim"]
    version: Version
    aliases: Refs | None = None
    generator: Generator | None = None


class Tlp(Piece):
    """The label of the Traffic Light Protocol, version 1."""

    label: Literal["AMBER", "GREEN", "RED", "WHITE"]
    url: Uri = "https://www.first.org/tlp/"


class Distribution(Piece):
    """Who may have it."""

    text: Filled | None = None
    tlp: Tlp | None = None


class Severity(Piece):
    """How bad the publisher finds the whole."""

    text: Filled
    namespace: Uri | None = None


class About(Piece):
    """What the document says of itself."""

    category: Annotated[str, StringConstraints(pattern=r"^[^\s\-_.]([\s\S]*[^\s\-_.])?$")]
    csaf_version: Literal["2.0"]
    publisher: Publisher
    title: Filled
    tracking: Tracking
    acknowledgments: Some[Acknowledgment] | None = None
    aggregate_severity: Severity | None = None
    distribution: Distribution | None = None
    lang: Tag | None = None
    notes: Some[Note] | None = None
    references: Some[Reference] | None = None
    source_lang: Tag | None = None


class Hash(Piece):
    """A hash of a file."""

    algorithm: Filled
    value: Annotated[str, StringConstraints(pattern=r"^[0-9a-fA-F]{32,}$")]


class Hashes(Piece):
    """The hashes of one file."""

    file_hashes: Some[Hash]
    filename: Filled


class GenericUri(Piece):
    """A way to identify that the standard does not know."""

    namespace: Uri
    uri: Uri


class Helper(Piece):
    """By what a product is recognised."""

    cpe: Annotated[str, StringConstraints(pattern=_CPE, min_length=5)] | None = None
    hashes: Some[Hashes] | None = None
    model_numbers: Refs | None = None
    purl: Annotated[str, StringConstraints(pattern=r"^pkg:[A-Za-z.\-+][A-Za-z0-9.\-+]*/\S+$")] | None = None
    sbom_urls: Some[Uri] | None = None
    serial_numbers: Refs | None = None
    skus: Some[Filled] | None = None
    x_generic_uris: Some[GenericUri] | None = None


class FullProductName(Piece):
    """A product with the name by which the rest of the document points at it."""

    name: Filled
    product_id: Filled
    product_identification_helper: Helper | None = None


class Branch(Piece):
    """A step in the tree of products: a vendor, a name, a version; with more steps below it or a product.

    The standard lets it have three fields, and so no other one.
    """

    model_config = ConfigDict(extra="forbid")

    category: Literal[
        "architecture",
        "host_name",
        "language",
        "legacy",
        "patch_level",
        "product_family",
        "product_name",
        "product_version",
        "product_version_range",
        "service_pack",
        "specification",
        "vendor",
    ]
    name: Filled
    branches: Some[Branch] | None = None
    product: FullProductName | None = None

    @model_validator(mode="after")
    def _one_below(self) -> Self:
        if (self.branches is None) == (self.product is None):
            raise PydanticCustomError("branch", "a branch has branches or a product, and not both", {})
        return self


class ProductGroup(Piece):
    """Products that are spoken of together."""

    group_id: Filled
    product_ids: Annotated[list[Filled], Field(min_length=2), AfterValidator(_once)]
    summary: Filled | None = None


class Relationship(Piece):
    """A product within, on or with another, as a product of its own."""

    category: Literal[
        "default_component_of", "external_component_of", "installed_on", "installed_with", "optional_component_of"
    ]
    full_product_name: FullProductName
    product_reference: Filled
    relates_to_product_reference: Filled


class ProductTree(Piece):
    """Every product that the document speaks of."""

    branches: Some[Branch] | None = None
    full_product_names: Some[FullProductName] | None = None
    product_groups: Some[ProductGroup] | None = None
    relationships: Some[Relationship] | None = None
