"""What would change an outcome: for each fact the value at which it turns, found by evaluating again on both sides."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction
from functools import partial
from typing import Any, Final

from eendracht.kernel.errors import EendrachtError
from eendracht.kernel.rules.facts import Case
from eendracht.kernel.rules.questions import OTHER
from eendracht.kernel.rules.reads import Read, with_fact
from eendracht.kernel.rules.values import Absent, as_date, is_number, normalise

_FARTHEST: Final = 2**36
_GROWTH: Final = 8
"""How much further each trial goes until the outcome turns; then halving finds where."""
_FIRST: Final = date(1880, 1, 1)
_LAST: Final = date(2200, 1, 1)
_MOST_TRIALS: Final = 400


@dataclass(frozen=True, slots=True)
class Turn:
    """That another value of a fact gives another outcome.

    `value` is where it turns on that side: one step less far the outcome is as it was. It is the nearest where the
    outcome turns once; of a law that turns back and forth it may be a later one. `direction` is 1 for more or later,
    -1 for less or earlier, 0 where there is no order.
    """

    name: str
    before: Any
    value: Any
    outcome: Any
    direction: int = 0
    is_about_other: bool = False


@dataclass(frozen=True, slots=True)
class Variable:
    """A fact that can be given another value: its name, what it says, and how to put another in the case.

    `step` is the smallest difference that counts; `choices` are other answers that the law names.
    """

    name: str
    value: Any
    put: Callable[[Any], Case]
    step: Any = 1
    choices: tuple[Any, ...] = ()
    minimum: Any = None
    is_about_other: bool = False
    """Whether its subject is not that of the case: a partner, say."""


def variable_of(case: Case, name: str, reads: Iterable[Read], **more: Any) -> Iterator[Variable]:
    """Yield a fact as something to vary: once for a parameter, and for each subject of whom it was read."""
    if name in case.parameters:
        value = case.parameters[name]

        def put(new: Any) -> Case:
            return replace(case, parameters={**case.parameters, name: new})

        yield Variable(name, value, put, **more)
        return
    for read in reads:
        if read.column.casefold() == name.casefold() and read.subject is not None:
            is_other = str(case.parameters.get(read.key)) != str(read.subject)
            yield Variable(name, read.value, partial(with_fact, case, read), is_about_other=is_other, **more)


class Turning:
    """Searches turns of one outcome; `run` evaluates a case and gives the outcome."""

    def __init__(self, run: Callable[[Case], Any], outcome: Any) -> None:
        self._run = run
        self._outcome = outcome
        self._trials = 0

    def turns(self, variable: Variable) -> Iterator[Turn]:
        """Yield the nearest turn on each side of a number or a date, or the other answers that turn the outcome."""
        before = variable.value
        if isinstance(before, bool):
            yield from self._others(variable, (not before,))
        elif is_number(before) or isinstance(before, float):
            least = variable.minimum if variable.minimum is not None else min(0, before)
            down = max(0, int((Fraction(before) - Fraction(least)) / variable.step))
            yield from self._search(variable, lambda steps: _plus(before, steps * variable.step), down, _FARTHEST)
        elif (day := as_date(before)) is not None:
            down, up = max(0, (day - _FIRST).days), max(0, (_LAST - day).days)
            is_text = isinstance(before, str)
            yield from self._search(variable, lambda steps: _later(day, steps, is_text=is_text), down, up)
        else:
            others = [choice for choice in variable.choices if choice != before]
            yield from self._others(variable, (*others, *((OTHER,) if variable.choices else ())))

    def _others(self, variable: Variable, values: Iterable[Any]) -> Iterator[Turn]:
        for value in values:
            found = self._try(variable, value)
            if found is not _SAME:
                yield Turn(variable.name, variable.value, value, found, 0, variable.is_about_other)
                return

    def _search(self, variable: Variable, at: Callable[[int], Any], down: int, up: int) -> Iterator[Turn]:
        for direction, most in ((1, up), (-1, down)):
            near, far = 0, min(1, most)
            while far < most and self._try(variable, at(direction * far)) is _SAME:
                near, far = far, min(most, far * _GROWTH)
            if far <= near or self._try(variable, at(direction * far)) is _SAME:
                continue
            while far - near > 1:
                middle = (near + far) // 2
                if self._try(variable, at(direction * middle)) is _SAME:
                    near = middle
                else:
                    far = middle
            # Seen on both sides: here the outcome is another, one step back it is as it was.
            found = self._try(variable, at(direction * far))
            if found is not _SAME:
                value = at(direction * far)
                yield Turn(variable.name, variable.value, value, found, direction, variable.is_about_other)

    def _try(self, variable: Variable, value: Any) -> Any:
        """Give the outcome with another value, or that it is the same; what cannot be evaluated counts as the same."""
        if self._trials >= _MOST_TRIALS:
            return _SAME
        self._trials += 1
        try:
            found = self._run(variable.put(value))
        except EendrachtError:
            return _SAME
        return _SAME if isinstance(found, Absent) or not has_turned(self._outcome, found) else found


_SAME: Final = object()


def has_turned(before: Any, after: Any) -> bool:
    """Whether an outcome is another one: an amount turns where it becomes nothing or something."""
    if isinstance(before, bool) or isinstance(after, bool):
        return before is not after
    if (is_number(before) or before is None) and (is_number(after) or after is None):
        return bool(before) != bool(after)
    return bool(before != after)


def _plus(before: Any, more: Any) -> Any:
    if isinstance(before, float):
        return before + float(more)
    return normalise(Fraction(before) + more)


def _later(day: date, days: int, *, is_text: bool) -> Any:
    found = date.fromordinal(day.toordinal() + days)
    return found.isoformat() if is_text else found
