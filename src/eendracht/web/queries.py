"""What requests may ask in their query string: one model per question, unknown keys refused, every fault at once."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Annotated, Any, Final, Literal, TypeVar
from urllib.parse import parse_qsl

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints, WithJsonSchema
from pydantic.alias_generators import to_camel
from pydantic_core import PydanticCustomError

from eendracht.kernel.errors import Fault, InvalidInput
from eendracht.kernel.identity import REF_PATTERN, UID_PATTERN
from eendracht.kernel.records import Level
from eendracht.kernel.store import Query
from eendracht.kernel.store.reading import MOST_ON_A_PAGE
from eendracht.kernel.validation import validate

M = TypeVar("M", bound=BaseModel)

LARGEST: Final = 2**53 - 1
"""The largest position that JSON carries exactly."""
NAME_PATTERN: Final = f"^(?:{REF_PATTERN[1:-1]}|{UID_PATTERN[1:-1]})$"

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_NUMBER = re.compile(r"0|[1-9]\d{0,15}", re.ASCII)
_MOMENT = re.compile(r"\d{4}-\d{2}-\d{2}[Tt ]\d{2}:\d{2}:\d{2}(\.\d{1,9})?([Zz]|[+-]\d{2}:\d{2})", re.ASCII)
_MOST_KEYS: Final = 30


def _check_day(value: object) -> object:
    # Pydantic would also read a number as seconds since 1970.
    if isinstance(value, str) and not _DAY.fullmatch(value):
        raise PydanticCustomError("date_parsing", "Write it as YYYY-MM-DD")
    return value


def _check_moment(value: str) -> str:
    if _NUMBER.fullmatch(value) and int(value) <= LARGEST:
        return value
    if _MOMENT.fullmatch(value):
        try:
            moment = datetime.fromisoformat(re.sub(r"(\.\d{6})\d+", r"\1", value.upper())).astimezone(UTC)
            return moment.isoformat(timespec="microseconds").replace("+00:00", "Z")
        except (ValueError, OverflowError):
            pass
    raise PydanticCustomError("moment", "Write a size of the log, or a moment such as 2026-11-23T20:26:33Z")


def _refuse_control(value: str) -> str:
    if "\0" in value:
        raise PydanticCustomError("string_unicode", "Leave out the NUL character")
    return value


Day = Annotated[date, BeforeValidator(_check_day)]
Moment = Annotated[
    str,
    AfterValidator(_check_moment),
    WithJsonSchema(
        {"anyOf": [{"type": "integer", "minimum": 0, "maximum": LARGEST}, {"type": "string", "format": "date-time"}]}
    ),
]
RefName = Annotated[str, StringConstraints(pattern=REF_PATTERN, max_length=221)]
RecordName = Annotated[str, StringConstraints(pattern=NAME_PATTERN, max_length=221)]
Words = Annotated[
    str,
    StringConstraints(max_length=300),
    AfterValidator(_refuse_control),
    WithJsonSchema({"type": "string", "maxLength": 300, "pattern": r"^[^\u0000]*$"}),
]
Position = Annotated[int, Field(ge=0, le=LARGEST)]


class _Question(BaseModel):
    model_config = ConfigDict(alias_generator=to_camel, extra="forbid", frozen=True, use_attribute_docstrings=True)


class AsOf(_Question):
    """A question about one day."""

    as_of: Day | None = None
    """Day (Europe/Amsterdam) for which the content holds; default today."""


class RecordPageQuestion(AsOf):
    """What the page of a record shows."""

    recorded: Annotated[str, StringConstraints(pattern=r"^\d{0,15}$")] = ""
    """Generation that was recorded a moment ago."""


class ImpactQuestion(_Question):
    """What the page on a failure shows."""

    why: Annotated[str, StringConstraints(max_length=221)] = ""
    """Ref of the thing of which the reasons are asked; default the first that stops."""


class KindQuestion(_Question):
    """Of which kind the rows of a file are."""

    kind: Annotated[str, StringConstraints(max_length=40)] = ""
    """Kind of record; default the likeliest."""


class JobQuestion(_Question):
    """What the page of a job is asked."""

    report: Literal["", "1"] = ""
    """Whether its report is wanted instead of the page."""


class MapQuestion(_Question):
    """What the map shows."""

    province: Annotated[str, StringConstraints(max_length=221)] = ""
    """Ref of a province; default the whole country."""


class Filter(AsOf):
    """Which records are meant: each filter that is given must match."""

    kind: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]{0,39}$")] = ""
    """Kind of record, such as `application`."""
    owner: RefName = ""
    """Ref of the organisation that answers for it."""
    source: Literal["statement", "scan", "import", "contract", "reference", "synthetic"] | None = None
    """Where the content comes from."""
    lifecycle: Literal["planned", "in-use", "phasing-out", "retired", "unknown"] | None = None
    """State in the life of an application, component or interface."""
    confidentiality: Literal["public", "government", "organisation", "restricted"] | None = None
    """Who may read it."""
    q: Words = ""
    """Words to look for; Dutch word forms and small typing errors are understood. A ref or uid jumps to the record."""

    def to_query(self, after: str = "", limit: int = 50) -> Query:
        """Give the filters as the store takes them."""
        level = None if self.confidentiality is None else Level[self.confidentiality.upper()]
        source, lifecycle = self.source or "", self.lifecycle or ""
        return Query(self.kind, self.owner, source, lifecycle, level, self.q.strip(), after, limit)


class RecordListing(Filter):
    """A page of records."""

    after: Annotated[str, StringConstraints(pattern=rf"^(?:{REF_PATTERN[1:-1]}|\d{{1,6}})$", max_length=221)] = ""
    """Where the page before ended, as that page says under `after`."""
    limit: Annotated[int, Field(ge=1, le=MOST_ON_A_PAGE)] = 50
    """How many records a page holds."""


class InTime(AsOf):
    """A record at two times: the day for which it holds, and what was known at a moment."""

    known_at: Moment | None = None
    """What was known at this moment (UTC), or when the log had this size; default now."""

    @property
    def size_or_moment(self) -> int | str | None:
        """Give `known_at` as the store takes it."""
        value = self.known_at
        return int(value) if value is not None and value.isdigit() else value


class Incoming(AsOf):
    """What points at a record."""

    limit: Annotated[int, Field(ge=1, le=1_000)] = 1_000
    """How many relations at most."""


class Differences(_Question):
    """Two versions of one record."""

    before: Annotated[int, Field(ge=1, le=LARGEST)]
    """Generation of the one version."""
    after: Annotated[int, Field(ge=1, le=LARGEST)]
    """Generation of the other."""


class ChangesSince(_Question):
    """A stretch of the feed of changes."""

    since: Position = 0
    """Position in the log at which to begin; the answer says under `next` where to go on."""
    limit: Annotated[int, Field(ge=1, le=5_000)] = 500
    """How many changes at most."""
    wait_seconds: Annotated[int, Field(ge=0, le=30)] = 0
    """How long to wait for news where there is none yet."""


class Growth(_Question):
    """Two sizes of the log."""

    size1: Annotated[int, Field(ge=1, le=LARGEST)]
    """The smaller size, which the asker knows."""
    size2: Annotated[int, Field(ge=1, le=LARGEST)] | None = None
    """The larger size; default that of the last checkpoint."""


class Ranking(AsOf):
    """The head of a ranking."""

    limit: Annotated[int, Field(ge=1, le=5_000)] = 100
    """How many rows at most."""


class Nothing(_Question):
    """A question without parameters."""


class SignInQuestion(_Question):
    """What the sign-in page is asked."""

    next: Annotated[str, StringConstraints(max_length=2_000)] = ""
    """Where to go when it is done; anything but a page of this site is passed over."""


def read_question(model: type[M], query_string: bytes) -> M:
    """Give the question in a query string; raises InvalidInput with every fault, each with its key."""
    question, faults = validate(model, _split(query_string), "/query")
    if question is None or faults:
        raise InvalidInput(f"The query string has {len(faults)} fault(s)", faults=faults)
    return question


def _split(query_string: bytes) -> Mapping[str, Any]:
    try:
        pairs = parse_qsl(
            query_string.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=_MOST_KEYS
        )
    except ValueError as error:
        raise InvalidInput(f"The query string cannot be read: {error}") from error
    keys = [key for key, _ in pairs]
    twice = sorted({key for key in keys if keys.count(key) > 1})
    if twice:
        raise InvalidInput("A key stands twice in the query string", faults=[_double(key) for key in twice])
    return dict(pairs)


def _double(key: str) -> Fault:
    return Fault(f"/query/{key[:60]}", "double", "Deze sleutel staat er twee keer", "This key is there twice")
