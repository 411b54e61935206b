"""A process for one search: python -m eendracht.resilience.scheduling.worker."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from eendracht.kernel.processes import Teller, serve
from eendracht.resilience.scheduling.coding import decode_placement, decode_problem, encode_placement
from eendracht.resilience.scheduling.instance import read_problem
from eendracht.resilience.scheduling.plans import Solver
from eendracht.resilience.scheduling.search import Search


def main() -> None:
    """Do the task, and end."""
    serve(work)


def work(task: Mapping[str, Any], teller: Teller) -> dict[str, Any]:
    """Search until the moment that the task names, on the clock of `time.monotonic`."""
    instance = read_problem(decode_problem(task["problem"]))
    known = decode_placement(task["known"])
    search = Search(instance, known, Solver(task["foundBy"]), task["until"], task["seed"], teller.report)
    search.run()
    return {"plan": encode_placement(search.best), "bound": search.bound, "foundBy": search.found_by}


if __name__ == "__main__":
    main()
