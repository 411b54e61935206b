"""Runs scenarios in plain words (Gherkin) against a library of laws, and says of each what became of it.

The words are those of regelrecht's step vocabulary, version 1, tiers core, provenance and untranslatable. A later Given
or When of a scenario goes on with what stands; a scenario tagged `@wip` is counted, not run.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from pathlib import Path
from typing import Any, Final, Literal, cast, get_args

from gherkin.errors import CompositeParserException, ParserError, ParserException
from gherkin.parser import Parser
from gherkin.pickles.compiler import Compiler

from eendracht.kernel.clock import SystemClock, today
from eendracht.kernel.errors import EendrachtError, Fault, InvalidInput
from eendracht.kernel.rules.arithmetic import is_equal
from eendracht.kernel.rules.evaluation import evaluate
from eendracht.kernel.rules.facts import Case, Register
from eendracht.kernel.rules.library import Library
from eendracht.kernel.rules.outcome import Evaluation, Mode, Outcome
from eendracht.kernel.rules.values import Unknown, Untranslatable, as_date, infer_literal, parse_number, to_plain

Status = Literal["passed", "failed", "skipped"]
TIERS: Final = frozenset(("core", "provenance", "untranslatable"))
"""Tiers of the vocabulary that are run; a scenario tagged `@tier:` with another one is skipped."""


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
        skipped = _reason_to_skip([tag["name"] for tag in pickle["tags"]], pickle["steps"])
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


def _reason_to_skip(tags: Sequence[str], steps: Sequence[Any]) -> str:
    if "@wip" in tags:
        return "@wip"
    foreign = [tag for tag in tags if tag.startswith("@tier:") and tag.removeprefix("@tier:") not in TIERS]
    if foreign:
        return f"{foreign[0]} is not run"
    return "" if steps else "it has no steps"


# --- Running ---


class _Step:
    """One step: its text, its line in the file, and the rows of its table."""

    def __init__(self, item: Any, line: int) -> None:
        self.text: str = item["text"]
        self.line = line
        table = item.get("argument", {}).get("dataTable")
        self.rows = [[cell["value"] for cell in row["cells"]] for row in table["rows"]] if table else None


class _Wrong(Exception):
    """A step that does not hold; the text says what came instead."""


@dataclass
class _State:
    """What a scenario has set and what came of it so far."""

    library: Library
    on: date = field(default_factory=lambda: today(SystemClock()))
    parameters: dict[str, Any] = field(default_factory=dict)
    registers: list[Register] = field(default_factory=list)
    mode: Mode = "error"
    result: Evaluation | None = None
    failure: EendrachtError | None = None
    evaluations: list[Evaluation] = field(default_factory=list)

    def run(self, outputs: Sequence[str], law: str, *, is_whole_article: bool) -> None:
        """Evaluate; how it fails is kept for the steps that ask."""
        self.result = self.failure = None
        # What is given later about a subject stands before what is given earlier.
        case = Case(self.on, dict(self.parameters), tuple(reversed(self.registers)))
        try:
            self.result = evaluate(self.library, law, outputs, case, mode=self.mode, is_whole_article=is_whole_article)
            self.evaluations.append(self.result)
        except EendrachtError as error:
            self.failure = error

    def finished(self) -> Evaluation:
        """Give the evaluation; raises _Wrong where there is none."""
        if self.failure is not None:
            raise _Wrong(f"the execution failed: {self.failure}")
        if self.result is None:
            raise _Wrong("nothing has been evaluated yet")
        return self.result

    def outcome(self, name: str) -> Outcome:
        """Give what an output came to; raises _Wrong where it is not there."""
        found = self.finished().outcomes.get(name)
        if found is None:
            raise _Wrong(f"there is no output '{name}', only {_listed(self.finished().outcomes)}")
        return found


def _run_scenario(library: Library, name: str, line: int, steps: Sequence[_Step]) -> ScenarioResult:
    state = _State(library)
    for step in steps:
        try:
            _take(state, step)
        except _Wrong as wrong:
            return ScenarioResult(name, line, "failed", step.text, step.line, str(wrong), tuple(state.evaluations))
    return ScenarioResult(name, line, "passed", evaluations=tuple(state.evaluations))


def _take(state: _State, step: _Step) -> None:
    for pattern, does, has_table in STEPS:
        found = pattern.fullmatch(step.text.strip())
        if not found:
            continue
        if has_table != (step.rows is not None):
            raise _Wrong("this step needs a table" if has_table else "this step takes no table")
        words = [_unescaped(word) for word in found.groups()]
        does(state, *([*words, step.rows] if has_table else words))
        return
    raise _Wrong("the vocabulary has no such step")


def _unescaped(word: str) -> str:
    return re.sub(r'\\(["\\])', r"\1", word)


# --- Given ---


def _set_date(state: _State, text: str) -> None:
    found = as_date(text)
    if found is None:
        raise _Wrong(f"'{text}' is not a date (YYYY-MM-DD)")
    state.on = found


def _require_law(state: _State, law: str) -> None:
    if not state.library.versions(law):
        raise _Wrong(f"law '{law}' is not among the laws that were given")


def _set_parameter(state: _State, name: str, value: str) -> None:
    state.parameters[name] = infer_literal(value)


def _set_parameters(state: _State, rows: list[list[str]]) -> None:
    for row in rows:
        if len(row) != 2:
            raise _Wrong("a table of parameters has two columns: name and value")
        _set_parameter(state, *row)


def _add_register(state: _State, name: str, key: str, rows: list[list[str]]) -> None:
    head, *body = rows
    if key not in head:
        raise _Wrong(f"the key '{key}' is no column of the table, which has {_listed(head)}")
    if len(set(head)) != len(head):
        raise _Wrong("a column stands twice in the table")
    read = [dict(zip(head, map(infer_literal, row), strict=True)) for row in body]
    state.registers.append(Register(name, key, read))


def _set_mode(state: _State, mode: str) -> None:
    if mode not in get_args(Mode):
        raise _Wrong(f"there is no mode '{mode}'; choose one of {', '.join(get_args(Mode))}")
    state.mode = cast("Mode", mode)


# --- When ---


def _evaluate(state: _State, output: str, law: str) -> None:
    state.run([output], law, is_whole_article=True)


def _evaluate_outputs(state: _State, outputs: str, law: str) -> None:
    state.run(_names(outputs), law, is_whole_article=False)


# --- Then ---


def _succeeds(state: _State) -> None:
    state.finished()


def _fails(state: _State, message: str = "") -> None:
    if state.failure is None:
        found = state.finished()
        raise _Wrong(f"the execution succeeded with {_listed(found.outcomes)}")
    if message not in str(state.failure):
        raise _Wrong(f"it failed with: {state.failure}")


def _is(value: bool) -> Callable[[_State, str], None]:
    def check(state: _State, name: str) -> None:
        if state.outcome(name).value is not value:
            raise _instead(state.outcome(name))

    return check


def _equals_number(state: _State, name: str, number: str) -> None:
    if not is_equal(state.outcome(name).value, parse_number(number)):
        raise _instead(state.outcome(name))


def _equals_text(state: _State, name: str, text: str) -> None:
    if not _says(state.outcome(name).value, text):
        raise _instead(state.outcome(name))


def _is_null(state: _State, name: str) -> None:
    if state.outcome(name).value is not None:
        raise _instead(state.outcome(name))


def _contains(state: _State, name: str, text: str) -> None:
    value = state.outcome(name).value
    is_part = text in value if isinstance(value, str) else False
    if not is_part and not (isinstance(value, list) and any(_says(item, text) for item in value)):
        raise _instead(state.outcome(name))


def _has_exactly(state: _State, outputs: str) -> None:
    found = state.finished().outcomes
    if found.keys() != set(_names(outputs)):
        raise _Wrong(f"the outputs are {_listed(found)}")


def _came(provenance: str) -> Callable[[_State, str], None]:
    def check(state: _State, name: str) -> None:
        found = state.outcome(name).provenance
        if found != provenance:
            raise _Wrong(f"its provenance is {found}")

    return check


def _is_tainted(state: _State, name: str) -> None:
    if not isinstance(state.outcome(name).value, Untranslatable):
        raise _instead(state.outcome(name))


def _says(value: Any, text: str) -> bool:
    """Whether a value is what a quoted text stands for: the text itself, or what its content makes of it."""
    return value == text if isinstance(value, str) else is_equal(value, infer_literal(text)) or is_equal(value, text)


def _instead(outcome: Outcome) -> _Wrong:
    value = outcome.value
    if isinstance(value, Unknown):
        return _Wrong(f"it is unknown, for want of {_listed(sorted(fact.name for fact in value.facts))}")
    if isinstance(value, Untranslatable):
        return _Wrong(f"it cannot be expressed in {_listed(sorted(value.articles))}")
    plain = to_plain(value)
    return _Wrong(f"it is {plain if isinstance(value, Fraction) else json.dumps(plain, ensure_ascii=False)}")


def _names(text: str) -> list[str]:
    return [name.strip() for name in text.split(",") if name.strip()]


def _listed(names: Any) -> str:
    return ", ".join(f"'{name}'" for name in names) or "nothing"


# --- The vocabulary ---

Does = Callable[..., None]
_TEXT: Final = r'"((?:[^"\\]|\\.)*)"'
_NUMBER: Final = r"([+-]?[0-9]+(?:\.[0-9]+)?)"


def _step(words: str, does: Does, *, table: bool = False) -> tuple[re.Pattern[str], Does, bool]:
    """Give a step: `<>` stands for a text in quotes, `#` for a bare number."""
    pattern = re.escape(words).replace("<>", _TEXT).replace(re.escape("#"), _NUMBER)
    return re.compile(pattern), does, table


STEPS: Final = (
    _step("the calculation date is <>", _set_date),
    _step("law <> is loaded", _require_law),
    _step("parameter <> is <>", _set_parameter),
    _step("parameter <> is #", _set_parameter),
    _step("the following parameters:", _set_parameters, table=True),
    _step("the following <> data with key <>:", _add_register, table=True),
    _step("the untranslatable mode is <>", _set_mode),
    _step("I evaluate <> of <>", _evaluate),
    _step("I evaluate outputs <> of <>", _evaluate_outputs),
    _step("the execution succeeds", _succeeds),
    _step("the execution fails", _fails),
    _step("the execution fails with <>", _fails),
    _step("output <> is true", _is(True)),
    _step("output <> is false", _is(False)),
    _step("output <> equals #", _equals_number),
    _step("output <> equals <>", _equals_text),
    _step("output <> is null", _is_null),
    _step("output <> contains <>", _contains),
    _step("the result contains exactly the outputs <>", _has_exactly),
    _step("output <> has direct provenance", _came("direct")),
    _step("output <> has reactive provenance", _came("reactive")),
    _step("output <> has override provenance", _came("override")),
    _step("output <> is tainted as untranslatable", _is_tainted),
)
"""The steps: their words, what they do, and whether a table follows."""
