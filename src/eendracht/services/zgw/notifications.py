"""Notifications of a register (Notificaties API 1.0): a reason to read again, never something to believe.

The register calls back with the Authorization that its abonnement was made with. That is an ordinary token of this
node, of a principal with a role for the organisation, so it is stored hashed and can be withdrawn. Profile: *unverified
against a published file* (see the package).
"""

from __future__ import annotations

from typing import Final

from eendracht.services.connections import RegisterConnection
from eendracht.services.zgw.client import ZgwClient

CHANNEL: Final = "zaken"


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
