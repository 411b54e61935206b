"""The steps of scenarios in plain words: what each sets, asks or expects.

The words are those of regelrecht's step vocabulary, version 1, tiers core, provenance and untranslatable. A quoted word
of a Given is typed by its content, as a cell of a table is.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from typing import Any, Final, cast, get_args

from eendracht.kernel.clock import SystemClock, today
from eendracht.kernel.errors import EendrachtError
from eendracht.kernel.rules.arithmetic import is_equal
from eendracht.kernel.rules.evaluation import evaluate
from eendracht.kernel.rules.facts import Case, Register
from eendracht.kernel.rules.library import Library
from eendracht.kernel.rules.outcome import Evaluation, Mode, Outcome
from eendracht.kernel.rules.values import Unknown, Untranslatable, as_date, infer_literal, parse_number, to_plain

TIERS: Final = frozenset(("core", "provenance", "untranslatable"))
"""Tiers of the vocabulary that are run; a scenario tagged `@tier:` with another one is skipped."""


class WrongStep(Exception):
    """A step that does not hold; the text says what came instead."""


@dataclass
class State:
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
        """Give the evaluation; raises WrongStep where there is none."""
        if self.failure is not None:
            raise WrongStep(f"the execution failed: {self.failure}")
        if self.result is None:
            raise WrongStep("nothing has been evaluated yet")
        return self.result

    def outcome(self, name: str) -> Outcome:
        """Give what an output came to; raises WrongStep where it is not there."""
        found = self.finished().outcomes.get(name)
        if found is None:
            raise WrongStep(f"there is no output '{name}', only {_listed(self.finished().outcomes)}")
        return found


def take_step(state: State, text: str, rows: list[list[str]] | None) -> None:
    """Carry out one step, with the rows of the table below it; raises WrongStep."""
    for pattern, does, has_table in STEPS:
        found = pattern.fullmatch(text.strip())
        if not found:
            continue
        if has_table != (rows is not None):
            raise WrongStep("this step needs a table" if has_table else "this step takes no table")
        words = [_unescaped(word) for word in found.groups()]
        does(state, *([*words, rows] if has_table else words))
        return
    raise WrongStep("the vocabulary has no such step")


def _unescaped(word: str) -> str:
    return re.sub(r'\\(["\\])', r"\1", word)


# --- Given ---


def _set_date(state: State, text: str) -> None:
    found = as_date(text)
    if found is None:
        raise WrongStep(f"'{text}' is not a date (YYYY-MM-DD)")
    state.on = found


def _require_law(state: State, law: str) -> None:
    if not state.library.versions(law):
        raise WrongStep(f"law '{law}' is not among the laws that were given")


def _set_parameter(state: State, name: str, value: str) -> None:
    state.parameters[name] = infer_literal(value)


def _set_parameters(state: State, rows: list[list[str]]) -> None:
    for row in rows:
        if len(row) != 2:
            raise WrongStep("a table of parameters has two columns: name and value")
        _set_parameter(state, *row)


def _add_register(state: State, name: str, key: str, rows: list[list[str]]) -> None:
    head, *body = rows
    if key not in head:
        raise WrongStep(f"the key '{key}' is no column of the table, which has {_listed(head)}")
    if len(set(head)) != len(head):
        raise WrongStep("a column stands twice in the table")
    read = [dict(zip(head, map(infer_literal, row), strict=True)) for row in body]
    state.registers.append(Register(name, key, read))


def _set_mode(state: State, mode: str) -> None:
    if mode not in get_args(Mode):
        raise WrongStep(f"there is no mode '{mode}'; choose one of {', '.join(get_args(Mode))}")
    state.mode = cast("Mode", mode)


# --- When ---


def _evaluate(state: State, output: str, law: str) -> None:
    state.run([output], law, is_whole_article=True)


def _evaluate_outputs(state: State, outputs: str, law: str) -> None:
    state.run(_names(outputs), law, is_whole_article=False)


# --- Then ---


def _succeeds(state: State) -> None:
    state.finished()


def _fails(state: State, message: str = "") -> None:
    if state.failure is None:
        found = state.finished()
        raise WrongStep(f"the execution succeeded with {_listed(found.outcomes)}")
    if message not in str(state.failure):
        raise WrongStep(f"it failed with: {state.failure}")


def _is(value: bool) -> Callable[[State, str], None]:
    def check(state: State, name: str) -> None:
        if state.outcome(name).value is not value:
            raise _instead(state.outcome(name))

    return check


def _equals_number(state: State, name: str, number: str) -> None:
    if not is_equal(state.outcome(name).value, parse_number(number)):
        raise _instead(state.outcome(name))


def _equals_text(state: State, name: str, text: str) -> None:
    if not _says(state.outcome(name).value, text):
        raise _instead(state.outcome(name))


def _is_null(state: State, name: str) -> None:
    if state.outcome(name).value is not None:
        raise _instead(state.outcome(name))


def _contains(state: State, name: str, text: str) -> None:
    value = state.outcome(name).value
    is_part = text in value if isinstance(value, str) else False
    if not is_part and not (isinstance(value, list) and any(_says(item, text) for item in value)):
        raise _instead(state.outcome(name))


def _has_exactly(state: State, outputs: str) -> None:
    found = state.finished().outcomes
    if found.keys() != set(_names(outputs)):
        raise WrongStep(f"the outputs are {_listed(found)}")


def _came(provenance: str) -> Callable[[State, str], None]:
    def check(state: State, name: str) -> None:
        found = state.outcome(name).provenance
        if found != provenance:
            raise WrongStep(f"its provenance is {found}")

    return check


def _is_tainted(state: State, name: str) -> None:
    if not isinstance(state.outcome(name).value, Untranslatable):
        raise _instead(state.outcome(name))


def _says(value: Any, text: str) -> bool:
    """Whether a value is what a quoted text stands for: the text itself, or what its content makes of it."""
    return value == text if isinstance(value, str) else is_equal(value, infer_literal(text)) or is_equal(value, text)


def _instead(outcome: Outcome) -> WrongStep:
    value = outcome.value
    if isinstance(value, Unknown):
        return WrongStep(f"it is unknown, for want of {_listed(sorted(fact.name for fact in value.facts))}")
    if isinstance(value, Untranslatable):
        return WrongStep(f"it cannot be expressed in {_listed(sorted(value.articles))}")
    plain = to_plain(value)
    return WrongStep(f"it is {plain if isinstance(value, Fraction) else json.dumps(plain, ensure_ascii=False)}")


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
