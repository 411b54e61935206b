"""What the exact dialect makes of values: operations that need all operands, conditions, membership, types."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from eendracht.kernel.rules import ir
from eendracht.kernel.rules.arithmetic import (
    STRICT,
    Unfit,
    date_add,
    date_part,
    describe,
    is_equal,
    round_to,
    start_of,
)
from eendracht.kernel.rules.values import Absent, Untranslatable, as_date, join_absent


def operate_strictly(node: ir.Operation, values: Sequence[Any], named: Mapping[str, Any]) -> Any:
    """Compute an operation that takes all its operands, which are all there; raises Unfit."""
    name = node.name
    if name == "NOT":
        return not truth("NOT", values[0])
    if name in ("ROUND", "CEIL", "FLOOR"):
        return round_to(name, values[0], node.options["precision"])
    if name == "DATE_ADD":
        return date_add(values[0], dict(named))
    if name == "DATE_PART":
        return date_part(values[0], node.options["part"])
    if name == "START_OF":
        return start_of(values[0], node.options["part"])
    return STRICT[name](values)


def combine(combine: str | None, results: list[Any]) -> Any:
    """Bring the results of FOREACH together; of nothing: ADD 0, OR false, AND true, MIN and MAX null (RFC-016)."""
    if combine is None:
        return join_absent(item for item in results if isinstance(item, Untranslatable)) or results
    if combine in ("AND", "OR"):
        decisive = combine == "OR"
        known = [truth("FOREACH", item) for item in results if not isinstance(item, Absent)]
        absent = join_absent((item for item in results if isinstance(item, Absent)), is_every=False)
        return decisive if decisive in known else absent or (not decisive)
    absent = join_absent(results)
    if absent is not None:
        return absent
    if not results:
        return 0 if combine == "ADD" else None
    return STRICT[combine](results)


def is_in(subject: Any, candidates: Any) -> Any:
    """Membership by structural equality: of a list, of one value, of nothing (null)."""
    absent = join_absent((subject, candidates))
    if absent is not None:
        return absent
    items = candidates if isinstance(candidates, list) else [] if candidates is None else [candidates]
    if any(not isinstance(item, Absent) and is_equal(subject, item) for item in items):
        return True
    return join_absent((item for item in items if isinstance(item, Absent)), is_every=False) or False


def truth(name: str, value: Any) -> bool:
    """Give a condition as a truth value: null holds for nothing; anything else is no condition."""
    if value is None:
        return False
    if isinstance(value, bool):
        return value
    raise Unfit(f"{name} takes truth values, not {describe(value)}")


def is_of_kind(value: Any, kind: str) -> bool:
    """Whether a value may stand for a field of a type; null always may, and text takes any scalar."""
    if isinstance(value, Absent):
        return True
    if value is None or kind in ("any", "string"):
        return not isinstance(value, dict | list) or kind == "any"
    if kind in ("number", "amount"):
        return not isinstance(value, bool | str | date | list | dict)
    if kind == "boolean":
        return isinstance(value, bool)
    if kind == "date":
        return as_date(value) is not None
    return isinstance(value, list if kind == "array" else dict)


def context_value(name: str, on: date) -> date | None:
    """Give what a name of the calendar means on the date of calculation; None for any other name."""
    if name in ("referencedate", "calculation_date"):
        return on
    if name == "january_first":
        return on.replace(month=1, day=1)
    if name == "prev_january_first":
        return on.replace(year=on.year - 1, month=1, day=1)
    return None
