"""Replays recorded cases of the service-based format against a library, and names every difference.

A line of the file is a scenario: `id`, `reference_date` and `calls`, each with `service`, `law`, `parameters`,
`options`, `sources` (rows by service and table), `claims` and what came out (`expected`).
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Final

from eendracht.kernel.errors import EendrachtError, Fault, InvalidInput
from eendracht.kernel.rules.facts import Case, Register
from eendracht.kernel.rules.lenient import evaluate_lax
from eendracht.kernel.rules.library import Library
from eendracht.kernel.rules.outcome import Evaluation
from eendracht.kernel.rules.values import as_date, to_plain

TOLERANCE: Final = 1e-6
"""How far two doubles may be apart; integers must be equal."""

_KEY_COLUMN: Final = re.compile(r"(^|_)(bsn|rsin|kvk|id|nummer)(_|$)|nummer$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Difference:
    """Something that came out otherwise than recorded: where (`call 1: output.leeftijd`), what was and what is."""

    where: str
    expected: Any
    actual: Any

    def __str__(self) -> str:
        return f"{self.where}: expected {self.expected!r}, got {self.actual!r}"


@dataclass(frozen=True, slots=True)
class Replay:
    """One scenario, run again."""

    scenario: str
    calls: int
    differences: tuple[Difference, ...]

    @property
    def has_passed(self) -> bool:
        """Whether everything came out as recorded."""
        return not self.differences

    def as_dict(self) -> dict[str, Any]:
        """Give the replay as plain data."""
        return {
            "scenario": self.scenario,
            "calls": self.calls,
            "passed": self.has_passed,
            "differences": [
                {"where": item.where, "expected": to_plain(item.expected), "actual": to_plain(item.actual)}
                for item in self.differences
            ],
        }


def replay_file(library: Library, path: Path) -> list[Replay]:
    """Replay every scenario of a file; raises InvalidInput with every line that is no scenario."""
    return [replay_scenario(library, scenario) for scenario in read_scenarios(path)]


def read_scenarios(path: Path) -> list[dict[str, Any]]:
    """Read the scenarios of a file; raises InvalidInput with every line that is none, and what it lacks."""
    found: list[dict[str, Any]] = []
    faults: list[Fault] = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        if not line.strip():
            continue
        place = f"{path.name}:{number}"
        try:
            scenario = json.loads(line)
        except ValueError as error:
            faults.append(Fault(place, "unreadable-case", f"Dit is geen JSON: {error}", f"This is not JSON: {error}"))
            continue
        wrong = list(_check_scenario(scenario, place))
        faults += wrong
        if not wrong:
            found.append(scenario)
    if faults:
        raise InvalidInput(f"{len(faults)} faults in {path.name}", faults=faults)
    return found


def replay_scenario(library: Library, scenario: Mapping[str, Any]) -> Replay:
    """Run the calls of a scenario and compare what comes out; a call that fails is a difference."""
    on = date.fromisoformat(scenario["reference_date"])
    differences: list[Difference] = []
    for number, call in enumerate(scenario["calls"], start=1):
        where = f"call {number}"
        try:
            evaluation = replay_call(library, call, on)
        except EendrachtError as error:
            differences.append(Difference(where, "a result", f"{error.code}: {error.detail}"))
        else:
            differences += compare_with_record(evaluation, call["expected"], where)
    return Replay(str(scenario.get("id") or ""), len(scenario["calls"]), tuple(differences))


def replay_call(library: Library, call: Mapping[str, Any], on: date) -> Evaluation:
    """Run one call as recorded."""
    options = call.get("options") or {}
    case = Case(
        on=on,
        parameters=dict(call.get("parameters") or {}),
        registers=tuple(_registers(call.get("sources") or {})),
        claims=tuple(call.get("claims") or ()),
    )
    return evaluate_lax(
        library,
        call["law"],
        (),
        case,
        service=call["service"],
        approved=bool(options.get("approved", True)),
        overwrite_input=options.get("overwrite_input"),
        requested_output=options.get("requested_output"),
    )


def compare_with_record(evaluation: Evaluation, expected: Mapping[str, Any], where: str = "call 1") -> list[Difference]:
    """Compare a run with what was recorded: the requirements, what was missing, and every output, also one too many."""
    found = [
        Difference(f"{where}: {name}", expected[name], getattr(evaluation, name))
        for name in ("requirements_met", "missing_required")
        if name in expected and getattr(evaluation, name) is not expected[name]
    ]
    outputs = expected.get("output") or {}
    for name in dict.fromkeys((*outputs, *evaluation.outcomes)):
        actual = evaluation.outcomes[name].value if name in evaluation.outcomes else "nothing"
        wanted = outputs.get(name, "nothing")
        is_there = name in outputs and name in evaluation.outcomes
        if not is_there or not is_same(wanted, actual):
            found.append(Difference(f"{where}: output.{name}", wanted, actual))
    return found


def is_same(expected: Any, actual: Any) -> bool:
    """Whether two values agree: doubles within the tolerance, all else exactly; a number is no truth value."""
    if isinstance(expected, bool) or isinstance(actual, bool):
        return expected is actual
    if isinstance(expected, dict) and isinstance(actual, dict):
        return expected.keys() == actual.keys() and all(is_same(expected[key], actual[key]) for key in expected)
    if isinstance(expected, list) and isinstance(actual, list):
        return len(expected) == len(actual) and all(map(is_same, expected, actual))
    if isinstance(expected, int | float) and isinstance(actual, int | float):
        if isinstance(expected, int) and isinstance(actual, int):
            return expected == actual
        return math.isclose(expected, actual, rel_tol=0, abs_tol=TOLERANCE)
    return bool(expected == actual)


def _registers(sources: Mapping[str, Mapping[str, Iterable[Mapping[str, Any]]]]) -> Iterator[Register]:
    for service, tables in sources.items():
        for table, rows in tables.items():
            known = [_with_nulls(row) for row in rows]
            key = next((column for row in known for column in row if _KEY_COLUMN.search(column)), "")
            yield Register(table, key, known, service, is_exact=False)


def _with_nulls(row: Mapping[str, Any]) -> dict[str, Any]:
    """Read the text `null` in a key column, as the recording left it, as null."""
    return {column: None if value == "null" and _KEY_COLUMN.search(column) else value for column, value in row.items()}


def _check_scenario(scenario: Any, place: str) -> Iterator[Fault]:
    def fault(pointer: str, nl: str, en: str) -> Fault:
        return Fault(f"{place} › {pointer}", "malformed-case", nl, en, "See the format of recorded cases.")

    if not isinstance(scenario, dict):
        yield fault("", "Dit is geen scenario", "This is not a scenario")
        return
    if as_date(scenario.get("reference_date")) is None:
        yield fault("reference_date", "Hier hoort een datum", "Here belongs a date")
    calls = scenario.get("calls")
    if not isinstance(calls, list) or not calls:
        yield fault("calls", "Hier hoort een lijst met aanroepen", "Here belongs a list of calls")
        return
    for at, call in enumerate(calls):
        if not isinstance(call, dict):
            yield fault(f"calls[{at}]", "Dit is geen aanroep", "This is not a call")
            continue
        needed: tuple[tuple[str, type], ...] = (("service", str), ("law", str), ("expected", dict))
        for key, kind in needed:
            if not isinstance(call.get(key), kind):
                yield fault(f"calls[{at}].{key}", f"'{key}' ontbreekt of klopt niet", f"'{key}' is missing or wrong")
        for key, kind in (("parameters", dict), ("options", dict), ("sources", dict), ("claims", list)):
            if not isinstance(call.get(key, kind()), kind):
                yield fault(f"calls[{at}].{key}", f"'{key}' heeft niet het juiste type", f"'{key}' has the wrong type")
