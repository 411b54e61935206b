"""What the wing connects to, for the adoption file."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from eendracht.kernel.flows import LOOPBACK, NODE, End, Flow, describe_address
from eendracht.kernel.instance import Instance
from eendracht.kernel.wording import Said

_ENDPOINT: Final = End("scanned-endpoint", Said("Eindpunt dat wordt bekeken", "Endpoint that is looked at"))
_MAILBOX: Final = End("exercise-mailbox", Said("Postbus van een oefening", "Mailbox of an exercise"))
_PLAYING_NODE: Final = End("exercise-node", Said("Knooppunt in een oefening", "Node in an exercise"))


def list_scan_flows(instance: Instance) -> Iterator[Flow]:
    """Yield the endpoints at which a scan may look: the first words of TLS, and nothing of the node's content."""
    targets = instance.settings.scan_targets
    name = Said("Eerste woorden van TLS, op verzoek", "First words of TLS, when asked")
    yield Flow("tls-scan", name, NODE, _ENDPOINT, targets, "open", "set" if targets else "unset")


def list_exercise_flows(instance: Instance) -> Iterator[Flow]:
    """Yield where messages of exercises may go: a mail server, and the nodes that are listed."""
    settings = instance.settings
    mail = Said("Oefenberichten per e-mail", "Messages of exercises by e-mail")
    host = settings.smtp.rpartition(":")[0].strip("[]")
    # Whether it is encrypted is known only once the mail server offers it.
    yield Flow(
        "exercise-mail",
        mail,
        NODE,
        _MAILBOX,
        settings.smtp,
        "local" if host and host in LOOPBACK else "open",
        "set" if host else "unset",
    )
    posts = Said("Oefenberichten naar knooppunten", "Messages of exercises to nodes")
    origins = [entry for entry in settings.exercise_recipients.split() if "://" in entry]
    for number, origin in enumerate(origins, 1):
        yield Flow(f"exercise-node-{number}", posts, NODE, _PLAYING_NODE, *describe_address(origin))
    if not origins:
        yield Flow("exercise-node", posts, NODE, _PLAYING_NODE, "", "open", "unset")


FLOWS: Final = (list_scan_flows, list_exercise_flows)
"""The flows of the wing."""
