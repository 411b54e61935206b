"""How messages leave: a file for the printing house, or a CloudEvent to the address of the organisation's own post.

`proactive/channels.json` in the folder of the node, readable by its owner only, says for each organisation who writes
and where to: `{"organisation:gm0344": {"name": …, "telephone": …, "stop": …, "webhook": {"address": …, "secret": …,
"scheme": "hmac" | "bearer"}}}`.
"""

from __future__ import annotations

import stat
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Literal
from urllib.parse import urlsplit

import orjson

from eendracht.kernel.errors import Fault, UnreadableFile
from eendracht.services.proactive.messages import Sender

FILE: Final = "channels.json"
_LOOPBACK: Final = frozenset({"127.0.0.1", "localhost", "::1"})


@dataclass(frozen=True, slots=True)
class Webhook:
    """Where events go, and by which secret the receiver knows that they are ours."""

    address: str
    secret: str = field(repr=False)
    scheme: Literal["hmac", "bearer"] = "hmac"


@dataclass(frozen=True, slots=True)
class Channels:
    """Who writes for an organisation, and where its messages go; without a webhook only to the printing house."""

    sender: Sender
    webhook: Webhook | None = None


def read_channels(path: Path, controller: str, name: str = "") -> Channels:
    """Read the channels of an organisation; one that is not in the file writes by its name, to the printing house.

    Raises UnreadableFile with every fault, also where others can read the file.
    """
    document = _read(path)
    with _of_right_shape():
        given = document.get(controller) or {}
        texts = {name: str(given.get(name) or "") for name in ("name", "telephone", "overview", "stop")}
        webhook = _webhook(given.get("webhook"))
    return Channels(Sender(**{**texts, "name": texts["name"] or name or controller}), webhook)


def list_webhooks(path: Path) -> dict[str, Webhook]:
    """Give the webhook of each organisation that has one; raises UnreadableFile as `read_channels`."""
    document = _read(path)
    with _of_right_shape():
        found = {name: _webhook((given or {}).get("webhook")) for name, given in document.items()}
    return {name: webhook for name, webhook in found.items() if webhook}


def _read(path: Path) -> Any:
    """Read the file, empty where there is none; raises UnreadableFile, also where others can read it."""
    if not path.is_file():
        return {}
    if stat.S_IMODE(path.stat().st_mode) & 0o077:
        raise _refused([_fault("", "open-to-others", "Anderen kunnen dit bestand lezen", "Others can read this file")])
    with _of_right_shape():
        return orjson.loads(path.read_bytes())


@contextmanager
def _of_right_shape() -> Iterator[None]:
    try:
        yield
    except (orjson.JSONDecodeError, AttributeError) as error:
        fault = _fault("", "malformed-file", "Dit is geen geldige JSON", "This is not valid JSON of the right shape")
        raise _refused([fault]) from error


def _webhook(given: Mapping[str, Any] | None) -> Webhook | None:
    if not given:
        return None
    address, secret = str(given.get("address") or ""), str(given.get("secret") or "")
    scheme = given.get("scheme", "hmac")
    faults = []
    parts = urlsplit(address)
    if not (parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _LOOPBACK)) or parts.username:
        nl, en = "Het adres moet met https beginnen", "The address must begin with https"
        faults.append(_fault("/webhook/address", "not-https", nl, en))
    if len(secret) < 16:
        nl, en = "Het geheim is korter dan 16 tekens", "The secret is shorter than 16 characters"
        faults.append(_fault("/webhook/secret", "too-short", nl, en))
    if scheme not in ("hmac", "bearer"):
        nl, en = "Kies hmac of bearer", "Choose hmac or bearer"
        faults.append(_fault("/webhook/scheme", "no-such-choice", nl, en))
    if faults:
        raise _refused(faults)
    return Webhook(address, secret, "bearer" if scheme == "bearer" else "hmac")


def _fault(pointer: str, code: str, nl: str, en: str) -> Fault:
    return Fault(f"{FILE}{pointer}", code, nl, en)


def _refused(faults: list[Fault]) -> UnreadableFile:
    return UnreadableFile(f"{FILE} cannot be used", faults=faults)
