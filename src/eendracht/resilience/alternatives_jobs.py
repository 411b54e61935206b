"""The job that finds the cheapest alternatives; what is chosen, is chosen in a process of its own."""

from __future__ import annotations

from typing import Any, Final

from eendracht.kernel.access import Principal
from eendracht.kernel.disclosure import require_insider
from eendracht.kernel.errors import InvalidInput
from eendracht.kernel.instance import Instance
from eendracht.kernel.jobs import JobKind, Jobs, Work
from eendracht.kernel.population_jobs import run_process
from eendracht.kernel.wording import Said
from eendracht.resilience.cover import TIME_LIMIT_SECONDS, CoverProblem, CoverSolution, read_solution

ALTERNATIVES: Final = "alternatives"
"""Name of the job."""
MODULE: Final = "eendracht.resilience.alternatives_worker"
ORDERS: Final = (1, 2)


def ask_alternatives(instance: Instance, asker: Principal, max_order: int) -> str:
    """Ask for the cheapest alternatives to what the asker may see, and give the id of the job.

    While the same is being worked out for the asker, that is the job. Raises Denied, InvalidInput.
    """
    require_insider(asker)
    if max_order not in ORDERS:
        raise InvalidInput("Cut sets of one or two things can be removed", hint="Write 1 or 2.")
    jobs, arguments = Jobs(instance.store), {"maxOrder": str(max_order)}
    for job in jobs.list_jobs(asker):
        if (job.kind, job.arguments, job.asked_by) == (ALTERNATIVES, arguments, asker.name) and not job.has_ended:
            return job.id
    return jobs.ask(ALTERNATIVES, arguments, asker)


def find_alternatives(work: Work) -> dict[str, Any]:
    """Find them, as whoever asked may see the estate."""
    from eendracht.kernel.landscape import build_landscape
    from eendracht.resilience.alternatives import plan_alternatives
    from eendracht.resilience.exposure import read_portfolio

    require_insider(work.author)
    work.report("read")
    portfolio = read_portfolio(work.store, work.author, build_landscape(work.store, work.author))

    def solve(problem: CoverProblem) -> CoverSolution:
        task = {"problem": problem.as_dict(), "seconds": TIME_LIMIT_SECONDS}
        return read_solution(run_process(task, work, MODULE))

    return plan_alternatives(portfolio, solve, int(work.job.arguments["maxOrder"])).as_dict(portfolio)


JOBS: Final = (
    JobKind(
        ALTERNATIVES,
        Said("De goedkoopste alternatieven zoeken", "Finding the cheapest alternatives"),
        {"read": Said("Landschap lezen", "Reading the landscape"), "solve": Said("Kiezen", "Choosing")},
        find_alternatives,
        "resilience",
    ),
)
