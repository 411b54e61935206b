"""What the wing connects to, for the adoption file."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from eendracht.kernel.flows import NODE, End, Flow
from eendracht.kernel.instance import Instance
from eendracht.kernel.wording import Said

_ENDPOINT: Final = End("scanned-endpoint", Said("Eindpunt dat wordt bekeken", "Endpoint that is looked at"))


def list_scan_flows(instance: Instance) -> Iterator[Flow]:
    """Yield the endpoints at which a scan may look: the first words of TLS, and nothing of the node's content."""
    targets = instance.settings.scan_targets
    name = Said("Eerste woorden van TLS, op verzoek", "First words of TLS, when asked")
    yield Flow("tls-scan", name, NODE, _ENDPOINT, targets, "open", "set" if targets else "unset")


FLOWS: Final = (list_scan_flows,)
"""The flows of the wing."""
