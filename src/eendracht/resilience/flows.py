"""What the wing connects to, for the adoption file."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from eendracht.kernel.flows import NODE, End, Flow, describe_address
from eendracht.kernel.instance import Instance
from eendracht.kernel.wording import Said

_ENDPOINT: Final = End("scanned-endpoint", Said("Eindpunt dat wordt bekeken", "Endpoint that is looked at"))


def list_scan_flows(instance: Instance) -> Iterator[Flow]:
    """Yield the endpoints at which a scan may look: the first words of TLS, and nothing of the node's content."""
    targets = instance.settings.scan_targets
    name = Said("Eerste woorden van TLS, op verzoek", "First words of TLS, when asked")
    yield Flow("tls-scan", name, NODE, _ENDPOINT, targets, "open", "set" if targets else "unset")


_MAIL: Final = End("exercise-mail", Said("Mailserver voor oefeningen", "Mail server for exercises"))
_PLAYERS: Final = End("exercise-node", Said("Knooppunt van wie meedoet", "Node of who takes part"))


def list_exercise_flows(instance: Instance) -> Iterator[Flow]:
    """Yield where messages of exercises may go: the mail server, and the nodes on the list of who may get them."""
    settings = instance.settings
    name = Said("Oefenberichten", "Messages of exercises")
    # Mail goes over TLS wherever the server offers it.
    yield Flow("exercise-mail", name, NODE, _MAIL, settings.smtp, "open", "set" if settings.smtp else "unset")
    hooks = [entry for entry in settings.exercise_recipients.split() if entry.startswith(("http://", "https://"))]
    for hook in hooks:
        host, safe = describe_address(hook)
        yield Flow("exercise-webhook", name, NODE, _PLAYERS, host, safe)
    if not hooks:
        yield Flow("exercise-webhook", name, NODE, _PLAYERS, "", "encrypted", "unset")


FLOWS: Final = (list_scan_flows, list_exercise_flows)
"""The flows of the wing."""
