"""The job that looks at many endpoints and records what they offer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

from eendracht.kernel.access import Principal
from eendracht.kernel.errors import Fault, InvalidInput
from eendracht.kernel.jobs import JobKind, Jobs, Work
from eendracht.kernel.wording import Said

if TYPE_CHECKING:
    from eendracht.kernel.instance import Instance

SCAN: Final = "tls-scan"
"""Name of the job."""
MOST_TARGETS: Final = 2_000


def ask_scan(instance: Instance, asker: Principal, targets: Sequence[str], organisation: str) -> str:
    """Ask for a scan of HOST:PORT targets of an organisation and give the id of the job.

    Raises InvalidInput for what is no target, and Denied for what the operator does not allow or where the asker may
    not write for the organisation: before anything is looked at.
    """
    from eendracht.resilience.tls.targets import read_targets, require_allowed

    if len(targets) > MOST_TARGETS:
        nl, en = f"Ten hoogste {MOST_TARGETS} eindpunten tegelijk", f"At most {MOST_TARGETS} endpoints at once"
        raise InvalidInput("Too many endpoints", faults=[Fault("/targets", "too-many", nl, en, "Scan them in parts.")])
    read = read_targets(targets)
    require_allowed(read, instance.settings.scan_targets)
    owner = instance.store.get(organisation, asker).ref
    asker.require_write(owner)
    arguments = {"organisation": owner, "targets": " ".join(map(str, read))}
    return Jobs(instance.store).ask(SCAN, arguments, asker, owner)


def run_scan(work: Work) -> dict[str, Any]:
    """Look at the endpoints and record each as soon as it was seen; gives counts.

    A run that was cut short begins again: what is as it was is not written twice.
    """
    from eendracht.resilience.tls.recording import record_endpoints
    from eendracht.resilience.tls.targets import read_targets, scan

    arguments = work.job.arguments
    targets = read_targets(arguments["targets"].split())
    counts = {"endpoints": 0, "quantumSafe": 0, "notQuantumSafe": 0, "unknown": 0}
    for endpoint in scan(targets, work.instance.settings.scan_targets):
        record_endpoints(work.store, work.author, [endpoint], arguments["organisation"])
        counts["endpoints"] += 1
        counts[_NAMES[endpoint.is_quantum_safe]] += 1
        work.report("scan", counts["endpoints"], len(targets))
    return counts


_NAMES: Final = {True: "quantumSafe", False: "notQuantumSafe", None: "unknown"}
JOBS: Final = (
    JobKind(
        SCAN,
        Said("Eindpunten van TLS bekijken", "Looking at endpoints of TLS"),
        {"scan": Said("Bekijken en vastleggen", "Looking and recording")},
        run_scan,
        "resilience",
    ),
)
