"""The best order of questions: the tree of questions with the fewest asked on average, by exhaustive search.

Every combination of answers is tried once. A question matters where some answer to the others makes its own answer
count. Each answer that the law tells apart counts as equally likely. (Hyafil and Rivest 1976: finding the tree is
NP-hard, so the number of combinations is bounded by who calls.)
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import product

Cell = tuple[int, ...]
"""One answer for each question, by its place among the answers."""
State = tuple[int, ...]
"""A cell of which -1 is not yet answered."""


@dataclass(frozen=True, slots=True)
class Result:
    """What a combination of answers comes to: equal for equal outcomes; `left` are the questions still open then."""

    outcome: Hashable
    left: frozenset[Hashable] = frozenset()


class Decision:
    """All combinations of answers with what each comes to.

    `evaluate` gives the result of a cell, and `lacks` whether the outcome of a cell wants a question, when that one
    alone is left open; it is asked only where other questions are open too.
    """

    def __init__(
        self, sizes: Sequence[int], evaluate: Callable[[Cell], Result], lacks: Callable[[Cell, int], bool]
    ) -> None:
        self._sizes = tuple(sizes)
        self.cells = {cell: evaluate(cell) for cell in product(*(range(size) for size in sizes))}
        self._counting = {cell: self._which_count(cell, lacks) for cell in self.cells}
        self._relevant: dict[State, frozenset[int]] = {}
        self._expected: dict[State, Fraction] = {}

    @property
    def start(self) -> State:
        """The state in which nothing is answered."""
        return (-1,) * len(self._sizes)

    def _which_count(self, cell: Cell, lacks: Callable[[Cell, int], bool]) -> frozenset[int]:
        here = self.cells[cell]
        found = set()
        for at, size in enumerate(self._sizes):
            others = (self.cells[(*cell[:at], other, *cell[at + 1 :])] for other in range(size))
            if any(other != here for other in others) or (here.left and lacks(cell, at)):
                found.add(at)
        return frozenset(found)

    def relevant(self, state: State) -> frozenset[int]:
        """Give the questions not yet answered of which the answer can still change what comes out."""
        return frozenset(at for at in self._count(state) if state[at] < 0)

    def _count(self, state: State) -> frozenset[int]:
        """Give the questions that count in some cell of a state."""
        if -1 not in state:
            return self._counting[state]
        found = self._relevant.get(state)
        if found is None:
            at = state.index(-1)
            parts = (self._count((*state[:at], value, *state[at + 1 :])) for value in range(self._sizes[at]))
            found = self._relevant[state] = frozenset().union(*parts)
        return found

    def is_sure(self, question: int) -> bool:
        """Whether no answers to the others make this question needless."""
        return all(question in counting for counting in self._counting.values())

    def expected(self, state: State) -> Fraction:
        """Give how many questions the best tree still asks on average."""
        found = self._expected.get(state)
        if found is None:
            relevant = self.relevant(state)
            if relevant:
                found = min(self.expected_after(state, at) for at in relevant)
            else:
                found = Fraction(len(self.cells[tuple(max(value, 0) for value in state)].left))
            self._expected[state] = found
        return found

    def expected_after(self, state: State, question: int) -> Fraction:
        """Give how many questions are asked on average when this one comes first, itself included."""
        size = self._sizes[question]
        following = (self.expected((*state[:question], value, *state[question + 1 :])) for value in range(size))
        return 1 + sum(following, Fraction(0)) / size
