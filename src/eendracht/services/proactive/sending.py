"""Sending what a run found, after a second person approved it: the only moment at which a pseudonym becomes a person.

Each message is written to the vault, offered until it is taken, and on the processing log by the id of its item. What
cannot go by post or wire is held, with the reason, for somebody to settle by hand: nobody is dropped without a trace.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import orjson

from eendracht.kernel.access import Principal
from eendracht.kernel.clock import timestamp
from eendracht.kernel.errors import Conflict, Denied, Fault, InvalidInput, NotFound
from eendracht.kernel.jobs import Job, Jobs, Work
from eendracht.kernel.populations import STREAM, registered_of
from eendracht.services.proactive.addressees import CONTACTS, Person, Resolver, read_contacts
from eendracht.services.proactive.asking import RUN
from eendracht.services.proactive.benefits import benefit_of
from eendracht.services.proactive.channels import FILE, Channels, read_channels
from eendracht.services.proactive.departure import WAYS, Departure, Way
from eendracht.services.proactive.messages import Entitlement, write_message
from eendracht.services.proactive.outbox import Outbox, Row, message_id
from eendracht.services.proactive.retention import MESSAGE
from eendracht.services.proactive.stops import FOLDER, Stops, clerk

if TYPE_CHECKING:
    from eendracht.kernel.instance import Instance

SEND: Final = "proactive-send"
"""The kind of the job."""
LETTERS: Final = "letters"
_NONE_FOUND: Final = "nobody-known"


def ask_sending(instance: Instance, author: Principal, run: str, way: str) -> str:
    """Approve the list of a run and ask for its messages to be sent; gives the id of that job.

    Raises Denied where the author is no editor of the organisation, or asked for the run (four eyes); NotFound;
    Conflict where it is being sent already; InvalidInput for a way that is not there.
    """
    found = Jobs(instance.store).get(run, author)
    if found.kind != RUN or found.state != "done":
        raise NotFound(f"There is no list of {run[:60]}")
    author.require_write(found.organisation)
    if found.asked_by == author.name:
        raise Denied("Who asked for the run may not approve it", hint="Let another editor of the organisation approve.")
    channels = channels_of(instance, author, found.organisation)
    if way not in WAYS or (way == "webhook" and channels.webhook is None):
        nl, en = "Deze weg is er niet", "There is no such way"
        raise InvalidInput("No such way", faults=[Fault("/way", "no-such-choice", nl, en, "Choose print.")])
    busy = [job for job in Jobs(instance.store).list_jobs(author, 1_000) if job.kind == SEND and not job.has_ended]
    if any(job.arguments["run"] == run for job in busy):
        raise Conflict("The messages of this run are being sent already")
    line = {"event": "proactive-approved", "run": run, "by": author.name, "controller": found.organisation}
    instance.journal.append(STREAM, [line])
    return Jobs(instance.store).ask(SEND, {"run": run, "way": way}, author, found.organisation)


def channels_of(instance: Instance, asker: Principal, organisation: str) -> Channels:
    """Give how an organisation writes; raises UnreadableFile where the file of channels cannot be used."""
    try:
        name = instance.store.get(organisation, asker).name
    except NotFound:
        name = ""
    return read_channels(instance.settings.folder / FOLDER / FILE, organisation, name)


def send_approved(work: Work) -> dict[str, Any]:
    """Write and send the messages of an approved run; gives counts. What was sent before is not sent again."""
    run = Jobs(work.store).get(work.job.arguments["run"], work.author)
    if run.asked_by == work.job.asked_by:
        raise Denied("Who asked for the run may not approve it")
    instance = work.instance
    registered = registered_of(work.store.get(run.arguments["population"], work.author))
    resolver = read_contacts(instance.settings.populations_folder / registered.uid / CONTACTS)
    channels = channels_of(instance, work.author, run.organisation)
    lines = instance.settings.jobs_folder / run.id / "results" / "lines.jsonl"
    with Outbox(instance.settings.folder / FOLDER / "outbox.db") as outbox:
        sending = Sending(instance, outbox, run, channels, resolver)
        for count, line in enumerate(read_lines(lines)):
            work.report("write", count)
            sending.write(line)
        way: Way = "webhook" if work.job.arguments["way"] == "webhook" else "print"
        sending.send(way, work.folder / LETTERS, lambda done, total: work.report("send", done, total))
        return {"run": run.id, "way": way, "messages": outbox.count(run.id)}


def read_lines(path: Path) -> Iterator[dict[str, Any]]:
    """Read the list of a run, line by line."""
    if not path.is_file():
        raise NotFound("The list of this run is not there any more", hint="It goes with its population. Run it again.")
    with path.open("rb") as file:
        for line in file:
            yield orjson.loads(line)


@dataclass(frozen=True, slots=True)
class Sending:
    """The messages of one run: to whom they go, what they say, and how they leave."""

    instance: Instance
    outbox: Outbox
    run: Job
    channels: Channels
    resolver: Resolver
    wait: Callable[[float], None] = time.sleep

    def write(self, line: Mapping[str, Any]) -> None:
        """Find the person of a line, write the message to the vault, and put it in the outbox; once for each line."""
        message = message_id(self.run.id, line["key"], line["law"])
        if self.outbox.find(message) is not None:
            return
        person, addressee, reason = self._find(line)
        subject = self.instance.vault.add_subject(person.scheme, person.identifier) if person else ""
        stops = Stops(self.instance, self.run.organisation)
        if person:
            stops.link(line["key"], subject)
        if person and stops.has_stopped(subject, line["law"]):
            self._add(message, line, "", "objection")
        elif not (person and addressee):
            self._add(message, line, "", reason or _NONE_FOUND)
        else:
            item = self._keep(message, subject, line, addressee)
            self._add(message, line, item, reason)

    def _find(self, line: Mapping[str, Any]) -> tuple[Person | None, Person | None, str]:
        """Give whom a line is about, to whom it goes, and why it waits for somebody's hand."""
        person = self.resolver(line["key"])
        if line["handling"] == "representative":
            other = self.resolver(line["representative"]) if line["representative"] else None
            return person, other, "" if other else "no-representative"
        return person, person, "secret-address" if line["handling"] == "secret-address" else ""

    def _keep(self, message: str, subject: str, line: Mapping[str, Any], to: Person) -> str:
        """Write the message to the vault of the person whom it is about."""
        about = entitlement_of(line, self.run)
        said = write_message(about, self.channels.sender, to.language)
        address = () if line["handling"] == "secret-address" else to.address
        content = {
            "id": message,
            "recipient": {"name": to.name, "address": list(address)},
            "language": said.language,
            "subject": said.subject,
            "text": said.text,
            "law": about.law,
            "article": about.article,
            "amountPerYear": about.amount,
            "certainty": about.certainty,
            "run": self.run.id,
        }
        controller = self.run.organisation
        return self.instance.vault.put(
            subject, MESSAGE, content, controller=controller, ground=self._ground(), author=clerk(controller)
        )

    def _ground(self) -> str:
        """Give the ground on which messages are kept: that of the run; of made-up people the run itself."""
        return (self.run.arguments["grounds"].split() or [self.run.id])[0]

    def _add(self, message: str, line: Mapping[str, Any], item: str, reason: str) -> None:
        state = "held" if reason else "waiting"
        law, controller, at = line["law"], self.run.organisation, self._now()
        self.outbox.add(Row(message, self.run.id, controller, law, item, state, reason, 0, at))
        noted = {"event": "proactive-message", "run": self.run.id, "message": message, "controller": controller}
        self.instance.journal.append(STREAM, [{**noted, "law": law, "item": item, "state": reason or state}])

    def send(self, way: Way, folder: Path, report: Callable[[int, int], None] = lambda *_: None) -> None:
        """Let every message that waits leave."""
        departure = Departure(
            self.instance, self.outbox, self.run.id, self.run.organisation, self.channels.webhook, self.wait
        )
        departure.send(way, folder, report)

    def _now(self) -> str:
        return timestamp(self.instance.store.clock.now())


def entitlement_of(line: Mapping[str, Any], run: Job) -> Entitlement:
    """Give what a line of a list is about, with how the run called its law."""
    found: Mapping[str, Any] = next((law for law in run.result.get("laws", ()) if law["law"] == line["law"]), {})
    title = str(found.get("title") or line["law"])
    return Entitlement(
        line["law"],
        title,
        line["article"],
        benefit_of(line["law"], title, run.organisation),
        line["certainty"],
        line["amount"],
        tuple((line["missing"] or "").split()),
        line["risk"],
        {int(step): left for step, left in line["raised"].items() if left is not None},
        line["handling"] == "representative",
    )
