"""Notifications of a register (Notificaties API 1.0): a reason to read again, never something to believe.

The register calls back with the Authorization that its abonnement was made with. That is an ordinary token of this
node, of a principal with a role for the organisation, so it is stored hashed and can be withdrawn. Profile: *unverified
against a published file* (see the package).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from eendracht.kernel.errors import Fault, InvalidInput
from eendracht.services.connections import RegisterConnection
from eendracht.services.zgw.client import ZgwClient

CHANNEL: Final = "zaken"
_NEEDED: Final = ("kanaal", "hoofdObject", "resource", "resourceUrl", "actie", "aanmaakdatum")


@dataclass(frozen=True, slots=True)
class Notification:
    """What a register says has changed: the channel and the address of the case."""

    channel: str
    case_address: str


def read_notification(body: Mapping[str, Any]) -> Notification:
    """Read the body of a callback; raises InvalidInput with every field that is missing or no text."""
    faults = [
        Fault(f"/{name}", "missing-key", f"'{name}' ontbreekt", f"'{name}' is missing", "")
        for name in _NEEDED
        if not isinstance(body.get(name), str) or not body[name]
    ]
    if faults:
        raise InvalidInput("This is no notification", faults=faults)
    return Notification(body["kanaal"], body["hoofdObject"])


def subscribe(connection: RegisterConnection, callback: str, token: str) -> str:
    """Ask a register to tell of changes to its cases, and give the address of the abonnement.

    `callback` is the address of `/v1/case-notifications/{code}` of this node, `token` the one that the register sends
    along. Raises as `ZgwClient.post`.
    """
    client = ZgwClient(connection)
    try:
        body = {
            "callbackUrl": callback,
            "auth": f"Bearer {token}",
            "kanalen": [{"naam": CHANNEL, "filters": {"bronorganisatie": connection.rsin}}],
        }
        return str(client.post(f"{connection.notificaties}/abonnement", body).get("url", ""))
    finally:
        client.close()
