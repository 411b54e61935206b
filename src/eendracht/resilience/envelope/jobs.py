"""The crisis envelope of each night, sealed for the recipients of the settings; no passphrase lies on the node."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING, Any, Final

from eendracht.kernel.access import OPERATOR
from eendracht.kernel.clock import AMSTERDAM, parse_moment
from eendracht.kernel.errors import InvalidInput, UsageFault
from eendracht.kernel.jobs import JobKind, Jobs, Work
from eendracht.kernel.wording import Said
from eendracht.resilience.envelope.keeping import KIND, keep_envelope, make_envelope, read_recipients

if TYPE_CHECKING:
    from eendracht.kernel.instance import Instance

NIGHT: Final = time(2)
"""When it is made (Europe/Amsterdam)."""
PATIENCE: Final = timedelta(hours=1)
"""How long after one that failed the next is asked for."""


def run_envelope(work: Work) -> dict[str, Any]:
    """Make the envelope of the night and keep it; gives counts, and where it lies."""
    settings = work.instance.settings
    path = settings.envelope_recipients_file
    if path is None:
        raise UsageFault("The settings name no recipients", hint="Set envelope_recipients.")
    try:
        keys = read_recipients(path)
    except OSError as error:
        raise InvalidInput(f"{path}: {error.strerror}") from error
    work.report("gather")
    made = make_envelope(work.instance, work.author, keys=keys)
    work.report("write")
    kept = keep_envelope(settings.envelopes_folder, made)
    return {**made.about, "file": str(kept)}


def tend_envelopes(instance: Instance) -> None:
    """Ask for the envelope of the night once it is 2:00 and the last one is older; without recipients for none."""
    if instance.settings.envelope_recipients_file is None or not instance.store.switches.is_on("resilience"):
        return
    now, jobs = instance.store.clock.now(), Jobs(instance.store)
    done, asked = jobs.find_last(KIND, "done"), jobs.find_last(KIND)
    if done is not None and parse_moment(done.result["madeAt"]) >= last_night(now):
        return
    if asked is None or asked.state == "done" or parse_moment(asked.asked_at) + PATIENCE <= now:
        jobs.ask_once(KIND, {}, OPERATOR)


def last_night(now: datetime) -> datetime:
    """Give the last moment at or before now at which it was 2:00 in Amsterdam."""
    local = now.astimezone(AMSTERDAM)
    night = datetime.combine(local.date(), NIGHT, AMSTERDAM)
    return night if night <= local else datetime.combine(local.date() - timedelta(days=1), NIGHT, AMSTERDAM)


JOBS: Final = (
    JobKind(
        KIND,
        Said("De crisisenvelop maken", "Making the crisis envelope"),
        {"gather": Said("Verzamelen", "Gathering"), "write": Said("Verzegelen en wegschrijven", "Sealing and writing")},
        run_envelope,
    ),
)
"""The job of this part."""
UPKEEP: Final = (tend_envelopes,)
"""What a running server does for it."""
