"""What the wing connects to and what connects to it, for the adoption file; nothing of a secret, and no path.

A file of connections that cannot be used makes its flows unknown, not absent.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from eendracht.kernel.errors import EendrachtError
from eendracht.kernel.flows import NODE, End, Flow, Protection, Use, describe_address, outside_of
from eendracht.kernel.instance import Instance
from eendracht.kernel.wording import Said
from eendracht.services.connections import FILE_NAME, Connections, RegisterConnection, load_connections
from eendracht.services.proactive.channels import FILE, list_webhooks
from eendracht.services.proactive.sending import LETTERS
from eendracht.services.proactive.stops import FOLDER

_REGISTER: Final = End("case-register", Said("Zaakregister", "Case register"))
_OTHER_NODE: Final = End("other-node", Said("Ander knooppunt", "Other node"))
_OWNER: Final = End("register-owner", Said("Beheerder van een register", "Owner of a register"))
_POST: Final = End("message-receiver", Said("Eigen post van organisatie", "Post of organisation"))
_PRINTING: Final = End("printing-house", Said("Drukker", "Printing house"))
_OTHER_SITE: Final = End("other-site", Said("Pagina van een andere site", "Page of another site"))

_CASES: Final = Said("Zaken en ingediende stukken (ZGW)", "Cases and what was submitted (ZGW)")
_NOTIFIED: Final = Said("Melding dat een zaak veranderde (ZGW)", "Notification that a case changed (ZGW)")
_HANDED_OVER: Final = Said("Doorgezonden zaken", "Cases that are handed over")
_TAKEN: Final = Said("Doorgezonden zaken van anderen", "Cases that others hand over")
_DOUBT: Final = Said("Terugmeldingen aan een register", "Reports of doubt to a register")
_MESSAGES: Final = Said("Berichten aan burgers (webhook)", "Messages to citizens (webhook)")
_LETTERS: Final = Said(
    "Brieven voor de drukker; de beheerder brengt het bestand weg",
    "Letters for the printing house; the operator takes the file there",
)
_DOOR: Final = Said(
    "Vragen aan de deur vanaf andere sites, open voor elke site; er blijft niets van bewaard",
    "Questions to the door from other sites, open to any site; nothing of them is kept",
)


def list_case_flows(instance: Instance) -> Iterator[Flow]:
    """Yield the case registers and other nodes of `cases.toml`, both ways."""
    unread: Use = "unset"
    try:
        found = load_connections(instance.settings)
    except EendrachtError:
        found, unread = Connections(), "unknown"
    callback = outside_of(instance)
    registers = [(name, _bases(one)) for name, one in found.registers.items()]
    told = [(name, [one.notificaties]) for name, one in found.registers.items() if one.notificaties]
    nodes = [(name, [one.address]) for name, one in found.nodes.items()]
    yield from _outgoing("case-register", _CASES, _REGISTER, registers, (FILE_NAME, unread))
    # The abonnement stands at the register, so the node knows only that there can be one.
    yield from _incoming("case-notifications", _NOTIFIED, _REGISTER, told, (FILE_NAME, unread), callback)
    yield from _outgoing("hand-over", _HANDED_OVER, _OTHER_NODE, nodes, (FILE_NAME, unread))
    # Who may hand over to this node holds a token of it; the file names only where this node itself may go.
    yield Flow("hand-over-taken", _TAKEN, _OTHER_NODE, NODE, "", callback, "unknown")


def list_feedback_flows(instance: Instance) -> Iterator[Flow]:
    """Yield the owners of registers who take reports of doubt."""
    pairs = (part.partition("=") for part in instance.settings.feedback_addresses.split())
    owners = [(f"organisation:{code}", [address]) for code, _, address in pairs]
    yield from _outgoing("register-feedback", _DOUBT, _OWNER, owners, ("", "unset"))


def list_message_flows(instance: Instance) -> Iterator[Flow]:
    """Yield where messages go: the webhook of each organisation, and the file for the printing house."""
    unread: Use = "unset"
    try:
        found = list_webhooks(instance.settings.folder / FOLDER / FILE)
    except EendrachtError:
        found, unread = {}, "unknown"
    hooks = [(name, [webhook.address]) for name, webhook in found.items()]
    yield from _outgoing("message-webhook", _MESSAGES, _POST, hooks, (FILE, unread))
    place = f"{instance.settings.jobs_folder.name}/…/{LETTERS}"
    yield Flow("message-letters", _LETTERS, NODE, _PRINTING, place, "outside", "unknown")


def list_component_flows(instance: Instance) -> Iterator[Flow]:
    """Yield the door as a component on pages of other sites, which any site may place."""
    address = instance.settings.own_addresses[0]
    yield Flow("door-component", _DOOR, _OTHER_SITE, NODE, f"{address}/v1/door", outside_of(instance))


FLOWS: Final = (list_case_flows, list_feedback_flows, list_message_flows, list_component_flows)
"""Every flow of the wing."""


def _bases(one: RegisterConnection) -> list[str]:
    return [base for base in (one.zaken, one.catalogi, one.documenten, one.notificaties) if base]


def _outgoing(
    code: str, name: Said, end: End, peers: Iterable[tuple[str, Iterable[str]]], none: tuple[str, Use]
) -> Iterator[Flow]:
    """Yield a flow for each host of each organisation; without any, one that says so."""
    is_there = False
    for organisation, addresses in peers:
        for host, safe in sorted({describe_address(address) for address in addresses}):
            is_there = True
            yield Flow(code, name, NODE, end, f"{host} ({organisation})", safe)
    if not is_there:
        place, use = none
        yield Flow(code, name, NODE, end, place if use == "unknown" else "", "encrypted", use)


def _incoming(
    code: str,
    name: Said,
    end: End,
    peers: Iterable[tuple[str, Iterable[str]]],
    none: tuple[str, Use],
    safe: Protection,
) -> Iterator[Flow]:
    """Yield a flow from each host that may call back; without any, one that says so."""
    for flow in _outgoing(code, name, end, peers, none):
        yield Flow(code, name, end, NODE, flow.place, safe, "unknown" if flow.use == "set" else flow.use)
