"""A run outside a job, at the prompt: over real people it leaves the same lines and hears the same objections."""

from __future__ import annotations

import secrets
from dataclasses import replace
from hashlib import file_digest, sha256
from pathlib import Path
from typing import TYPE_CHECKING

from eendracht.kernel.access import Principal
from eendracht.kernel.errors import Fault, NotFound
from eendracht.kernel.rules.grounds import Ground
from eendracht.kernel.rules.library import Library
from eendracht.services.proactive.asking import RUN
from eendracht.services.proactive.lines import RunNoted, note_begin, note_done
from eendracht.services.proactive.request import ProactiveRequest, dpia_faults
from eendracht.services.proactive.results import ProactiveResult
from eendracht.services.proactive.running import run_proactive
from eendracht.services.proactive.stops import Stops

if TYPE_CHECKING:
    from eendracht.kernel.instance import Instance


def run_noted(instance: Instance, asker: Principal, library: Library, request: ProactiveRequest) -> ProactiveResult:
    """Run over real people as an editor of the controller: noted before and after, without whoever objected.

    Raises Denied where the asker is no editor of the controller, and ProactiveRefused with every fault; nothing was
    read of anybody then, and nothing is noted.
    """
    if request.controller:
        asker.require_write(request.controller)
    noted = RunNoted(
        f"{RUN}-{secrets.token_hex(8)}",
        asker.name,
        digest_files(request.population),
        False,
        request.controller,
        request.purpose,
        request.dpia,
        request.approver,
        request.on,
    )
    laws = [(law.law, _name_ground(law.ground)) for law in request.laws]
    stops = Stops(instance, request.controller).list_keys()
    result = run_proactive(
        library,
        replace(request, stops=(*request.stops, *stops)),
        begin=lambda: note_begin(instance.journal, noted, laws),
        faults=_dpia(instance, asker, request),
    )
    note_done(instance.journal, noted, result.as_dict())
    return result


def digest_files(folder: Path) -> str:
    """Give a digest over the names and contents of the tables of a folder: which population it was, without a path."""
    parts = []
    for path in sorted(folder.glob("*.parquet")):
        with path.open("rb") as file:
            parts.append(f"{path.name} {file_digest(file, 'sha256').hexdigest()}\n")
    return f"sha256:{sha256(''.join(parts).encode()).hexdigest()}"


def _name_ground(ground: Ground | None) -> str:
    """Give the ref of a ground; of one from a file its law and article."""
    if ground is None:
        return ""
    return ground.ref or f"{ground.law}, art. {ground.article}"


def _dpia(instance: Instance, asker: Principal, request: ProactiveRequest) -> list[Fault]:
    if not request.dpia:
        return []
    try:
        return list(dpia_faults(instance.store.get(request.dpia, asker), request.controller))
    except NotFound:
        nl, en = "Deze DPIA is er niet", "There is no such DPIA"
        hint = "Name the processing activity of which the DPIA was done."
        return [Fault("/dpia", "not-found", nl, en, hint)]
