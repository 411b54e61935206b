"""Values of rules as canonical JSON, without loss: a number is decimal text that says that it is a number."""

from __future__ import annotations

import hashlib
import re
from datetime import date
from fractions import Fraction
from typing import Any, Final

from eendracht.kernel.records import dump_canonical
from eendracht.kernel.rules.values import Unknown, Untranslatable, as_date, decimal_text, normalise

_NUMBER: Final = re.compile(r"-?(0|[1-9]\d*)(\.\d+|/[1-9]\d*)?")


def encode(value: Any) -> Any:
    """Give a value as plain data, which `decode` reads back as it was.

    A number becomes `{number: text}`, a double `{double: text}`, a date `{date: text}`, an object `{object: {...}}`;
    text, truth values, null and lists stay what they are.
    """
    if value is None or isinstance(value, bool | str):
        return value
    if isinstance(value, int | Fraction):
        return {"number": decimal_text(value)}
    if isinstance(value, float):
        return {"double": repr(value)}
    if isinstance(value, date):
        return {"date": value.isoformat()}
    if isinstance(value, dict):
        return {"object": {name: encode(item) for name, item in value.items()}}
    if isinstance(value, list | tuple):
        return [encode(item) for item in value]
    if isinstance(value, Unknown):
        return {"unknown": sorted({fact.name for fact in value.facts})}
    if isinstance(value, Untranslatable):
        return {"untranslatable": sorted(value.articles)}
    raise ValueError(f"a {type(value).__name__} is not a value of a rule")


def decode(data: Any) -> Any:
    """Read a value back; raises ValueError for what `encode` does not write."""
    if data is None or isinstance(data, bool | str):
        return data
    if isinstance(data, list):
        return [decode(item) for item in data]
    if not isinstance(data, dict) or len(data) != 1:
        raise ValueError("a value is text, a truth value, null, a list, or an object of one kind")
    ((kind, item),) = data.items()
    if kind == "object" and isinstance(item, dict):
        return {str(name): decode(part) for name, part in item.items()}
    if not isinstance(item, str):
        raise ValueError(f"'{kind}' holds text")
    if kind == "number" and _NUMBER.fullmatch(item):
        return normalise(Fraction(item))
    if kind == "double":
        return float(item)
    day = as_date(item) if kind == "date" else None
    if day is None:
        raise ValueError(f"this is no {kind}")
    return day


def digest(data: Any) -> str:
    """Give the SHA-256 of canonical bytes, in hexadecimal."""
    return hashlib.sha256(dump_canonical(data)).hexdigest()


def with_text_numbers(data: Any) -> Any:
    """Give plain data with every number as text, so that none is too large for JSON."""
    if isinstance(data, dict):
        return {str(name): with_text_numbers(item) for name, item in data.items()}
    if isinstance(data, list | tuple):
        return [with_text_numbers(item) for item in data]
    if isinstance(data, bool) or data is None or isinstance(data, str):
        return data
    return repr(data) if isinstance(data, float) else str(data)
