"""Runs scenarios in plain words (Gherkin) against a library of laws, and says of each what became of it.

The words are those of `vocabulary`. A later Given or When of a scenario goes on with what stands; a scenario tagged
`@wip` is counted, not run.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, cast, get_args

from gherkin.errors import CompositeParserException, ParserError, ParserException
from gherkin.parser import Parser
from gherkin.pickles.compiler import Compiler

from eendracht.kernel.errors import Fault, InvalidInput
from eendracht.kernel.rules.library import Library
from eendracht.kernel.rules.outcome import Evaluation
from eendracht.kernel.rules.vocabulary import TIERS, State, WrongStep, take_step

Status = Literal["passed", "failed", "skipped"]


@dataclass(frozen=True, slots=True)
class ScenarioResult:
    """What became of a scenario: where it stopped, at which step, and what came instead of what was asked."""

    name: str
    line: int
    status: Status
    step: str = ""
    step_line: int = 0
    reason: str = ""
    evaluations: tuple[Evaluation, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """Give it as plain data; the step is there where it failed, the reason also where it was skipped."""
        found: dict[str, Any] = {"name": self.name, "line": self.line, "status": self.status}
        if self.step:
            found |= {"step": self.step, "stepLine": self.step_line}
        return found | ({"reason": self.reason} if self.reason else {})


@dataclass(frozen=True, slots=True)
class FeatureResult:
    """What became of the scenarios of one file."""

    file: str
    name: str
    scenarios: tuple[ScenarioResult, ...]

    def count(self, status: Status) -> int:
        """Give how many scenarios ended so."""
        return sum(scenario.status == status for scenario in self.scenarios)

    def as_dict(self) -> dict[str, Any]:
        """Give it as plain data."""
        return {
            "file": self.file,
            "name": self.name,
            **{status: self.count(status) for status in get_args(Status)},
            "scenarios": [scenario.as_dict() for scenario in self.scenarios],
        }


def run_feature_file(library: Library, path: Path) -> FeatureResult:
    """Run the scenarios of a file; raises InvalidInput where it is not Gherkin."""
    return run_feature(library, path.read_bytes(), str(path))


def run_feature(library: Library, data: bytes, file: str) -> FeatureResult:
    """Run the scenarios of a feature; raises InvalidInput, with every line that is not Gherkin."""
    document = _parse(data, file)
    lines = dict(_lines(document))
    scenarios = []
    for pickle in Compiler().compile(document):
        at = lines[pickle["astNodeIds"][-1]]
        skipped = _reason_to_skip([tag["name"] for tag in pickle["tags"]])
        if skipped:
            scenarios.append(ScenarioResult(pickle["name"], at, "skipped", reason=skipped))
            continue
        steps = [_Step(item, lines[item["astNodeIds"][0]]) for item in pickle["steps"]]
        scenarios.append(_run_scenario(library, pickle["name"], at, steps))
    if not scenarios:
        raise _not_gherkin([(1, "er staat geen scenario in", "there is no scenario in it")], file)
    return FeatureResult(file, document["feature"]["name"], tuple(scenarios))


def _parse(data: bytes, file: str) -> Any:
    errors: Sequence[Exception]
    try:
        document = cast("Any", Parser().parse(data.decode("utf-8-sig")))
    except CompositeParserException as error:
        errors = error.errors
    except (ParserError, UnicodeDecodeError) as error:
        errors = [error]
    else:
        if document.get("feature"):
            return document | {"uri": file}
        raise _not_gherkin([(1, "er staat geen feature in", "there is no feature in it")], file)
    found = []
    for item in errors:
        line = item.location["line"] if isinstance(item, ParserException) else 1
        reason = str(item).partition(": ")[2] or str(item)
        found.append((line, reason, reason))
    raise _not_gherkin(found, file)


def _not_gherkin(found: Sequence[tuple[int, str, str]], file: str) -> InvalidInput:
    faults = [
        Fault(
            f"{file}:{line}",
            "not-gherkin",
            f"Dit kan niet worden gelezen: {nl}",
            f"This cannot be read: {en}",
            "Write Feature, Scenario, Given, When and Then.",
        )
        for line, nl, en in found
    ]
    return InvalidInput(f"{file} is not a feature file", faults=faults)


def _lines(node: Any) -> Iterator[tuple[str, int]]:
    """Yield id and line of everything in the tree of a feature."""
    if isinstance(node, dict):
        if "id" in node and "location" in node:
            yield node["id"], node["location"]["line"]
        for value in node.values():
            yield from _lines(value)
    elif isinstance(node, list):
        for item in node:
            yield from _lines(item)


def _reason_to_skip(tags: Sequence[str]) -> str:
    if "@wip" in tags:
        return "@wip"
    foreign = [tag for tag in tags if tag.startswith("@tier:") and tag.removeprefix("@tier:") not in TIERS]
    return f"{foreign[0]} is not run" if foreign else ""


# --- Running ---


def _run_scenario(library: Library, name: str, line: int, steps: Sequence[_Step]) -> ScenarioResult:
    if not steps:
        return ScenarioResult(name, line, "failed", reason="it has no steps")
    state = State(library)
    for step in steps:
        try:
            take_step(state, step.text, step.rows)
        except WrongStep as wrong:
            return ScenarioResult(name, line, "failed", step.text, step.line, str(wrong), tuple(state.evaluations))
    return ScenarioResult(name, line, "passed", evaluations=tuple(state.evaluations))


class _Step:
    """One step: its text, its line in the file, and the rows of its table."""

    def __init__(self, item: Any, line: int) -> None:
        self.text: str = item["text"]
        self.line = line
        table = item.get("argument", {}).get("dataTable")
        self.rows = [[cell["value"] for cell in row["cells"]] for row in table["rows"]] if table else None
