"""What requests may ask in their query string: one model per question, unknown keys refused, every fault at once.

A question derives from `Question`; its fields stand in the query string in camel case.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Annotated, Any, Final, TypeVar
from urllib.parse import parse_qsl

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints, WithJsonSchema
from pydantic.alias_generators import to_camel
from pydantic_core import PydanticCustomError

from eendracht.kernel.errors import Fault, InvalidInput
from eendracht.kernel.identity import REF_PATTERN, UID_PATTERN
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


class Question(BaseModel):
    """The root of every question: frozen, and without unknown keys."""

    model_config = ConfigDict(alias_generator=to_camel, extra="forbid", frozen=True, use_attribute_docstrings=True)


class AsOf(Question):
    """A question about one day."""

    as_of: Day | None = None
    """Day (Europe/Amsterdam) for which the content holds; default today."""


class Nothing(Question):
    """A question without parameters."""


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
