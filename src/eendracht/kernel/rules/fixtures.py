"""Runs golden fixtures: a law, parameters and a date in one JSON document, with the outputs that must come out."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

from eendracht.kernel.errors import EendrachtError, Fault, InvalidInput
from eendracht.kernel.rules import ir
from eendracht.kernel.rules.arithmetic import is_equal
from eendracht.kernel.rules.document import Faults
from eendracht.kernel.rules.evaluation import evaluate
from eendracht.kernel.rules.facts import Case
from eendracht.kernel.rules.library import Library, parse_regulation
from eendracht.kernel.rules.outcome import Evaluation
from eendracht.kernel.rules.values import as_date, from_plain, to_plain

_NEEDED: Final = {"id": str, "law_yaml": str, "law_id": str, "output_name": str, "calculation_date": str}
_OBJECTS: Final = ("parameters", "expected")


@dataclass(frozen=True, slots=True)
class FixtureResult:
    """What became of one fixture; `differences` is empty where it passed."""

    id: str
    description: str
    differences: tuple[str, ...]

    @property
    def has_passed(self) -> bool:
        """Whether everything came out as it must."""
        return not self.differences

    def as_dict(self) -> dict[str, Any]:
        """Give it as plain data."""
        return {
            "id": self.id,
            "description": self.description,
            "status": "passed" if self.has_passed else "failed",
            "differences": list(self.differences),
        }


def run_fixture_file(path: Path) -> tuple[FixtureResult, ...]:
    """Run the fixtures of a file; raises InvalidInput with every fault where it holds none."""
    return run_fixtures(path.read_bytes(), str(path))


def run_fixtures(data: bytes, file: str) -> tuple[FixtureResult, ...]:
    """Run the fixtures of a document; raises InvalidInput with every fault where it holds none."""
    return tuple(
        FixtureResult(case["id"], str(case.get("description", "")), tuple(_differences(case)))
        for case in _read_cases(data, file)
    )


def _read_cases(data: bytes, file: str) -> list[dict[str, Any]]:
    try:
        document = json.loads(data, parse_float=Decimal)
    except (ValueError, RecursionError) as error:
        fault = Fault(file, "unreadable-fixtures", f"Dit is geen JSON: {error}", f"This is not JSON: {error}")
        raise InvalidInput(f"{file} cannot be read", faults=[fault]) from error
    cases = document.get("test_cases") if isinstance(document, dict) else None
    if not isinstance(cases, list) or not cases:
        fault = Fault(
            f"{file} › /test_cases",
            "no-fixtures",
            "Er staan geen gevallen in",
            "There are no cases in it",
            "Give a list test_cases.",
        )
        raise InvalidInput(f"{file} holds no fixtures", faults=[fault])
    faults = [fault for at, case in enumerate(cases) for fault in _check(case, f"{file} › /test_cases/{at}")]
    if faults:
        raise InvalidInput(f"{len(faults)} faults in {file}", faults=faults)
    return cases


def _check(case: Any, place: str) -> list[Fault]:
    if not isinstance(case, dict):
        return [Fault(place, "wrong-type", "Dit is geen geval", "This is not a case", "Give an object.")]
    wrong = [name for name, kind in _NEEDED.items() if not isinstance(case.get(name), kind)]
    wrong += [name for name in _OBJECTS if not isinstance(case.get(name), dict)]
    if "calculation_date" not in wrong and as_date(case["calculation_date"]) is None:
        wrong.append("calculation_date")
    return [
        Fault(
            f"{place}/{name}",
            "wrong-type",
            f"'{name}' ontbreekt of klopt niet",
            f"'{name}' is missing or not right",
            "Dates are YYYY-MM-DD; parameters and expected are objects.",
        )
        for name in wrong
    ]


def _differences(case: Mapping[str, Any]) -> list[str]:
    expected = case["expected"]
    must_succeed = bool(expected.get("success", True))
    try:
        found = _evaluate(case)
    except EendrachtError as error:
        return [f"it failed: {error}"] if must_succeed else []
    if not must_succeed:
        return ["it succeeded, and had to fail"]
    outputs = expected.get("outputs", {})
    differences = [
        f"{name}: {_shown(found.outcomes[name].value)} in the place of {_shown(from_plain(value))}"
        if name in found.outcomes
        else f"{name}: absent"
        for name, value in outputs.items()
        if name not in found.outcomes or not is_equal(found.outcomes[name].value, from_plain(value))
    ]
    differences += [f"{name}: not expected" for name in found.outcomes if name not in outputs]
    article = expected.get("article_number")
    own = found.law.article_of(case["output_name"])
    if article is not None and own is not None and own.number != str(article):
        differences.append(f"article {own.number} in the place of {article}")
    inputs = _resolved_inputs(found)
    if "resolved_inputs" in expected and not is_equal(inputs, from_plain(expected["resolved_inputs"])):
        differences.append(f"inputs {_shown(inputs)} in the place of {_shown(expected['resolved_inputs'])}")
    return differences


def _evaluate(case: Mapping[str, Any]) -> Evaluation:
    name = f"{case['id']}.yaml"
    faults = Faults(name)
    regulation = parse_regulation(case["law_yaml"].encode(), name, faults)
    if faults.errors or regulation is None:
        raise InvalidInput("the law is not right", faults=faults.errors)
    on = as_date(case["calculation_date"])
    assert on is not None
    facts = Case(on, {key: from_plain(value) for key, value in case["parameters"].items()})
    return evaluate(Library([regulation]), case["law_id"], [case["output_name"]], facts)


def _resolved_inputs(found: Evaluation) -> dict[str, Any]:
    """Give the inputs of the article that was asked for, as far as they were resolved."""
    inputs: dict[str, Any] = {}
    for node in found.trace.children:
        results = {step.name: step.result for step in node.children}
        for name, item in node.article.inputs.items() if node.article else ():
            source = item.source
            written = f"{source.law or found.law.id}#{source.output}" if isinstance(source, ir.ArticleSource) else name
            if written in results:
                inputs[name] = results[written]
    return inputs


def _shown(value: Any) -> str:
    return json.dumps(to_plain(value), ensure_ascii=False, default=str)


def summarise(results: Sequence[FixtureResult]) -> dict[str, int]:
    """Count what passed and what failed."""
    passed = sum(result.has_passed for result in results)
    return {"passed": passed, "failed": len(results) - passed}
