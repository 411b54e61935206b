"""A process that chooses alternatives: python -m eendracht.resilience.alternatives_worker.

Task and result are numbers alone; see `cover`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from eendracht.kernel.rules.worker import Teller, serve
from eendracht.resilience.cover import read_problem, solve_exactly


def solve(task: Mapping[str, Any], teller: Teller) -> dict[str, Any]:
    """Solve one problem."""
    teller.report("solve", 0, 0)
    return solve_exactly(read_problem(task["problem"]), task["seconds"]).as_dict()


if __name__ == "__main__":
    serve(solve)
