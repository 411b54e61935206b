"""Carry failure through the gates of a plan until nothing changes: the least set of failures that the seeds force."""

from __future__ import annotations

from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from eendracht.kernel.estate.adjacency import Ints
from eendracht.kernel.estate.plan import Bucket, Plan


class Calculus(Protocol):
    """How one kind of value (a time, a word of scenarios) passes through a gate; both steps must be monotone.

    `sound` is the value of a row that has not failed anywhere.
    """

    sound: Any

    def evaluate(self, values: NDArray[Any], threshold: int, inputs: Ints, delays: Ints | None) -> NDArray[Any]:
        """Give the value of each gate (column of `inputs`) from the values of its inputs."""

    def merge(self, rows: slice | Ints, old: NDArray[Any], new: NDArray[Any]) -> NDArray[Any]:
        """Join what the rows already hold with what their gates say."""


def propagate(plan: Plan, values: NDArray[Any], calculus: Calculus) -> None:
    """Bring `values` (one per row of the plan, seeds filled in) to the fixed point, in place.

    One pass in level order is enough without cycles; rows in cycles are visited again, and with them only the rows
    whose input changed, until nothing changes.
    """
    for bucket in plan.buckets:
        rows = slice(bucket.first_row, bucket.end_row)
        said = calculus.evaluate(values, bucket.threshold, bucket.inputs, bucket.delays)
        values[rows] = calculus.merge(rows, values[rows], said)
    if not plan.back_reads.size:
        return
    readers, inputs = plan.back_reads
    failed = values[inputs] != calculus.sound
    dirty = np.zeros(plan.row_count, dtype=np.bool_)
    dirty[readers[_any_word(failed)]] = True
    while dirty.any():
        for bucket in plan.buckets:
            _revisit(plan, bucket, values, dirty, calculus)


def _revisit(plan: Plan, bucket: Bucket, values: NDArray[Any], dirty: NDArray[np.bool_], calculus: Calculus) -> None:
    """Evaluate the dirty rows of a bucket again and mark who reads the rows that changed."""
    picked = dirty[bucket.first_row : bucket.end_row].nonzero()[0]
    if not len(picked):
        return
    rows = picked + bucket.first_row
    dirty[rows] = False
    delays = None if bucket.delays is None else bucket.delays[:, picked]
    old = values[rows]
    new = calculus.merge(rows, old, calculus.evaluate(values, bucket.threshold, bucket.inputs[:, picked], delays))
    changed = _any_word(new != old)
    values[rows] = new
    dirty[plan.readers.of_all(rows[changed])] = True


def _any_word(flags: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Tell per row whether any of its words is flagged; a row of one value is its own answer."""
    return flags if flags.ndim == 1 else np.asarray(flags.any(axis=1))
