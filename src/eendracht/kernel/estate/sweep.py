"""Very many failures at once: 64 scenarios in a word, every scenario on its own bit, all exact.

A scenario is a set of nodes that fail for good. Times play no part: with permanent failures a buffer puts failure off
and never prevents it. Scenarios go through in chunks, so that memory stays within a budget however many there are.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from eendracht.kernel.errors import Fault, InvalidInput
from eendracht.kernel.estate.adjacency import Adjacency, Flags, Ints, offsets_of
from eendracht.kernel.estate.fixpoint import compute_failure_times
from eendracht.kernel.estate.model import Case, Estate, Seed
from eendracht.kernel.estate.plan import Plan
from eendracht.kernel.estate.propagation import propagate

Words: TypeAlias = NDArray[np.uint64]

MEMORY_BYTES = 256 * 2**20
"""Budget for the words of one chunk; the working space beside it is about half as much."""

_WORD = 64
_MAX_WORDS = 32
_FEW_INPUTS = 4096


@dataclass(frozen=True, eq=False)
class Sweep:
    """What each scenario brings down: `failed_count` counts its seeds too, `failed_critical_count` critical ones."""

    estate: Estate
    scenarios: Adjacency
    unknown: Case
    failed_count: Ints
    failed_critical_count: Ints

    def __len__(self) -> int:
        return len(self.failed_count)

    def list_failed(self, scenario: int) -> Ints:
        """Give the nodes that fail in one scenario, by index; computed anew."""
        seeds = [Seed(node) for node in self.scenarios.of(scenario).tolist()]
        return compute_failure_times(self.estate, seeds, unknown=self.unknown).failed

    @cached_property
    def by_critical(self) -> Ints:
        """Scenarios that stop at least one critical node, the worst first."""
        stopping = np.flatnonzero(self.failed_critical_count)
        order = np.lexsort((-self.failed_count[stopping], -self.failed_critical_count[stopping]))
        return stopping[order]


def list_scenarios(scenarios: Iterable[Sequence[int] | Ints]) -> Adjacency:
    """Pack node sets, one per scenario, into two flat arrays."""
    sets = [np.asarray(nodes, dtype=np.int64) for nodes in scenarios]
    counts = np.array([len(nodes) for nodes in sets], dtype=np.int64)
    return Adjacency(offsets_of(counts), np.concatenate(sets) if sets else np.zeros(0, np.int64))


def sweep_failures(estate: Estate, scenarios: Adjacency, *, unknown: Case, memory_bytes: int = MEMORY_BYTES) -> Sweep:
    """Count what fails in each scenario; raises InvalidInput for a seed that is no node.

    In the worst case unresolved providers fail in every scenario that has a seed.
    """
    check_scenarios(estate, scenarios)
    plan = estate.plan
    count = len(scenarios.indptr) - 1
    rows = plan.row_of_node[:-1]
    critical_rows = rows[estate.critical]
    failed = np.zeros(count, dtype=np.int64)
    failed_critical = np.zeros(count, dtype=np.int64)
    for first, words in _run_chunks(plan, scenarios, unknown, memory_bytes):
        end = min(first + words.shape[1] * _WORD, count)
        failed[first:end] = count_bits(words, rows)[: end - first]
        failed_critical[first:end] = count_bits(words, critical_rows)[: end - first]
    return Sweep(estate, scenarios, unknown, failed, failed_critical)


def count_failing(estate: Estate, scenarios: Adjacency, watched: Ints, *, unknown: Case) -> Ints:
    """Count per scenario how many of the watched nodes fail; raises InvalidInput for a seed that is no node."""
    check_scenarios(estate, scenarios)
    rows = estate.plan.row_of_node[watched]
    counts = np.zeros(len(scenarios.indptr) - 1, dtype=np.int64)
    for first, words in _run_chunks(estate.plan, scenarios, unknown, MEMORY_BYTES):
        chunk = counts[first : first + words.shape[1] * _WORD]
        chunk[:] = count_bits(words, rows)[: len(chunk)]
    return counts


def list_failing(estate: Estate, scenarios: Adjacency, watched: Ints, *, unknown: Case) -> Adjacency:
    """Give per scenario which of the watched nodes fail, as positions in `watched`, in order.

    Raises InvalidInput for a seed that is no node.
    """
    check_scenarios(estate, scenarios)
    rows = estate.plan.row_of_node[watched]
    count = len(scenarios.indptr) - 1
    counts = np.zeros(count, dtype=np.int64)
    found = []
    for first, words in _run_chunks(estate.plan, scenarios, unknown, MEMORY_BYTES):
        block = words.take(rows, axis=0)
        places, columns = np.nonzero(block)
        said = block[places, columns].astype("<u8").view(np.uint8).reshape(-1, 8)
        hits, bits = np.nonzero(np.unpackbits(said, axis=1, bitorder="little"))
        scenario = first + columns[hits] * _WORD + bits
        order = np.argsort(scenario, kind="stable")
        found.append(places[hits][order])
        counts += np.bincount(scenario, minlength=count)
    return Adjacency(offsets_of(counts), np.concatenate(found) if found else np.zeros(0, np.int64))


def weigh_failing(
    estate: Estate, scenarios: Adjacency, watched: Ints, weights: Ints, *, unknown: Case
) -> tuple[Ints, Flags]:
    """Add up, per scenario, the weights of the watched nodes that fail, and flag those that fail in any scenario.

    `weights` has a row per watched node and a column per sum. Raises InvalidInput for a seed that is no node.
    """
    check_scenarios(estate, scenarios)
    rows = estate.plan.row_of_node[watched]
    count = len(scenarios.indptr) - 1
    sums = np.zeros((count, weights.shape[1]), dtype=np.int64)
    touched = np.zeros(len(watched), dtype=np.bool_)
    for first, words in _run_chunks(estate.plan, scenarios, unknown, MEMORY_BYTES):
        block = words.take(rows, axis=0)
        for column in range(block.shape[1]):
            begin = first + column * _WORD
            failing = np.flatnonzero(block[:, column])
            if begin >= count or not len(failing):
                continue
            touched[failing] = True
            said = block[failing, column].astype("<u8").view(np.uint8).reshape(-1, 8)
            bits = np.unpackbits(said, axis=1, bitorder="little")[:, : count - begin]
            sums[begin : begin + bits.shape[1]] = bits.T.astype(np.int64) @ weights[failing]
    return sums, touched


def check_scenarios(estate: Estate, scenarios: Adjacency) -> None:
    """Refuse scenarios with a seed that is no node, all at once; raises InvalidInput."""
    wrong = np.flatnonzero((scenarios.values < 0) | (scenarios.values >= len(estate)))
    if len(wrong):
        at = np.searchsorted(scenarios.indptr, wrong, side="right") - 1
        raise InvalidInput(
            "A scenario names nodes that the estate lacks.",
            faults=[
                Fault(f"/scenarios/{s}", "unknown-node", f"Geen knooppunt: {n}.", f"No such node: {n}.")
                for s, n in zip(at.tolist(), scenarios.values[wrong].tolist(), strict=True)
            ],
        )


def _run_chunks(plan: Plan, scenarios: Adjacency, unknown: Case, memory_bytes: int) -> Iterator[tuple[int, Words]]:
    """Yield the first scenario of each chunk and its words, one row per row of the plan; the words are used again."""
    count = len(scenarios.indptr) - 1
    width = min(_MAX_WORDS, max(1, memory_bytes // (8 * max(1, plan.row_count))), -(-count // _WORD))
    words = np.empty((plan.row_count, max(1, width)), dtype=np.uint64)
    calculus = BitCalculus()
    for first in range(0, count, words.shape[1] * _WORD):
        words[:] = 0
        seed_chunk(words, plan, scenarios, first, unknown)
        propagate(plan, words, calculus)
        yield first, words


def seed_chunk(words: Words, plan: Plan, scenarios: Adjacency, first: int, unknown: Case) -> None:
    """Set the bits of the seeds of the scenarios that fit in `words`, from scenario `first` on."""
    end = min(first + words.shape[1] * _WORD, len(scenarios.indptr) - 1)
    starts = scenarios.indptr[first : end + 1]
    counts = np.diff(starts)
    scenario = np.repeat(np.arange(end - first), counts)
    rows = plan.row_of_node[scenarios.values[starts[0] : starts[-1]]]
    np.bitwise_or.at(words, (rows, scenario // _WORD), _bit(scenario))
    if unknown == "worst":
        seeded = np.flatnonzero(counts)
        np.bitwise_or.at(words[plan.row_of_node[-1]], seeded // _WORD, _bit(seeded))


def _bit(scenario: Ints) -> Words:
    return np.asarray(np.left_shift(np.uint64(1), (scenario % _WORD).astype(np.uint64)))


def count_bits(words: Words, rows: Ints) -> Ints:
    """Count, for each bit column of `words`, in how many of the rows it is set."""
    counts = np.zeros((words.shape[1], _WORD), dtype=np.int64)
    for first in range(0, len(rows), 1 << 16):
        block = words.take(rows[first : first + (1 << 16)], axis=0)
        for word in range(words.shape[1]):
            column = block[:, word]
            column = column[column != 0].astype("<u8")
            if len(column):
                bits = np.unpackbits(column.view(np.uint8).reshape(-1, 8), axis=1, bitorder="little")
                counts[word] += bits.sum(axis=0, dtype=np.int64)
    return counts.ravel()


class BitCalculus:
    """A gate fails in a scenario when at least `threshold` of its inputs have failed there; delays do not matter."""

    sound = np.uint64(0)

    def evaluate(self, values: Words, threshold: int, inputs: Ints, delays: Ints | None) -> Words:
        """Give the words of each gate."""
        size = len(inputs)
        if threshold in (1, size):
            return self._reduce(values, np.bitwise_or if threshold == 1 else np.bitwise_and, inputs)
        at_least = np.zeros((threshold, inputs.shape[1], values.shape[1]), dtype=np.uint64)
        for row in inputs:
            failed = values.take(row, axis=0)
            at_least[1:] |= at_least[:-1] & failed
            at_least[0] |= failed
        return np.asarray(at_least[-1])

    def merge(self, rows: slice | Ints, old: Words, new: Words) -> Words:
        """Keep every scenario in which either failed."""
        np.bitwise_or(old, new, out=new)
        return new

    @staticmethod
    def _reduce(values: Words, operation: Any, inputs: Ints) -> Words:
        if inputs.size <= _FEW_INPUTS:
            return np.asarray(operation.reduce(values.take(inputs, axis=0), axis=0))
        result: Words = values.take(inputs[0], axis=0)
        for row in inputs[1:]:
            operation(result, values.take(row, axis=0), out=result)
        return result
