"""How a node reaches case registers and other nodes: `cases.toml` in its folder, which only its owner may read.

    [registers."organisation:gm0344"]
    zaken = "https://zgw.gm0344.example/zaken/api/v1"
    catalogi = "https://zgw.gm0344.example/catalogi/api/v1"
    documenten = "https://zgw.gm0344.example/documenten/api/v1"
    rsin = "002220647"
    client_id = "eendracht"
    secret_env = "ZGW_SECRET_GM0344"       # or secret = "…", in this file alone
    document_type = "Aanvraag"             # omschrijving of the informatieobjecttype
    case_types = {"public-service:gm0344/parkeervergunning" = "B1026"}
    default_case_type = "B0000"
    statuses = {"handed-over" = "Doorgezonden"}

    [nodes."organisation:gm0363"]
    address = "https://eendracht.gm0363.example"
    token_env = "EENDRACHT_TOKEN_GM0363"   # or token = "eendracht_…"

A secret never stands in a record, an error text or a log. The file travels in no backup.
"""

from __future__ import annotations

import os
import re
import stat
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from eendracht.config import Settings
from eendracht.kernel.errors import EendrachtError, Fault

FILE_NAME: Final = "cases.toml"
_ADDRESS: Final = re.compile(r"https://[^\s/@]+(/\S*)?|http://(127\.0\.0\.1|localhost|\[::1\])(:\d{1,5})?(/\S*)?")
_ORGANISATION: Final = re.compile(r"organisation:[a-z0-9._-]+")


class ConnectionsUnusable(EendrachtError):
    """The file with connections has a fault; every fault is listed, and no connection of it is used."""

    code = "connections-unusable"
    status = 503
    title_nl = "De koppelingen van dit knooppunt zijn nu niet te gebruiken"
    title_en = "The connections of this node cannot be used now"
    default_hint = "The operator of the node corrects cases.toml in the folder of the node."


@dataclass(frozen=True, slots=True)
class RegisterConnection:
    """Where the case register of an organisation answers, and as whom; addresses end without a slash."""

    organisation: str
    zaken: str
    catalogi: str
    documenten: str
    rsin: str
    client_id: str
    secret: str = field(repr=False)
    document_type: str = ""
    notificaties: str = ""
    default_case_type: str = ""
    case_types: Mapping[str, str] = field(default_factory=dict)
    """Ref of a service to the `identificatie` of its zaaktype."""
    statuses: Mapping[str, str] = field(default_factory=dict)
    """What happened here (`handed-over`) to the `omschrijving` of the statustype that says so there."""


@dataclass(frozen=True, slots=True)
class NodeConnection:
    """Where the node of another organisation answers, and the token that it gave to this one."""

    organisation: str
    address: str
    token: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Connections:
    """The registers and nodes that this node reaches, by organisation."""

    registers: Mapping[str, RegisterConnection] = field(default_factory=dict)
    nodes: Mapping[str, NodeConnection] = field(default_factory=dict)


def load_connections(settings: Settings, environment: Mapping[str, str] | None = None) -> Connections:
    """Read the connections of a node, none where there is no file; raises ConnectionsUnusable with every fault."""
    path = settings.folder / FILE_NAME
    try:
        content = _read(path)
    except FileNotFoundError:
        return Connections()
    reading = _Reading(os.environ if environment is None else environment)
    found = reading.read(content)
    if reading.faults:
        raise ConnectionsUnusable(f"{len(reading.faults)} fault(s) in {FILE_NAME}", faults=reading.faults)
    return found


def _read(path: Path) -> dict[str, Any]:
    with path.open("rb") as file:
        if stat.S_IMODE(os.fstat(file.fileno()).st_mode) & 0o077:
            raise ConnectionsUnusable(f"Others than its owner may read {FILE_NAME}", hint=f"chmod 600 {FILE_NAME}")
        try:
            return tomllib.load(file)
        except (tomllib.TOMLDecodeError, UnicodeDecodeError):
            # The text of the error quotes the line, which may hold a secret.
            raise ConnectionsUnusable(f"{FILE_NAME} is no TOML") from None


class _Reading:
    """One pass over the file, which collects every fault."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self.faults: list[Fault] = []
        self._environment = environment

    def read(self, content: Mapping[str, Any]) -> Connections:
        for name in content.keys() - {"registers", "nodes"}:
            self._fault(f"/{name}", "unknown-key", "Dit onderdeel bestaat niet", "There is no such part")
        registers = {name: self._register(name, given) for name, given in self._parts(content, "registers")}
        nodes = {name: self._node(name, given) for name, given in self._parts(content, "nodes")}
        return Connections(registers, nodes)

    def _parts(self, content: Mapping[str, Any], part: str) -> Iterator[tuple[str, dict[str, Any]]]:
        found = content.get(part, {})
        for name, given in found.items() if isinstance(found, dict) else ():
            if not _ORGANISATION.fullmatch(name) or not isinstance(given, dict):
                self._fault(f"/{part}/{name}", "not-an-organisation", "Dit is geen organisatie", "No organisation")
                continue
            yield name, given

    def _register(self, name: str, given: dict[str, Any]) -> RegisterConnection:
        place = f"/registers/{name}"
        known = set(RegisterConnection.__dataclass_fields__) | {"secret_env"}
        for key in given.keys() - known:
            self._fault(f"{place}/{key}", "unknown-key", "Deze sleutel bestaat niet", "There is no such key")
        values: dict[str, Any] = {}
        for key in ("zaken", "catalogi", "documenten"):
            values[key] = self._address(place, key, given.get(key))
        values["notificaties"] = (
            self._address(place, "notificaties", given["notificaties"]) if ("notificaties" in given) else ""
        )
        rsin = str(given.get("rsin", ""))
        if not is_rsin(rsin):
            self._fault(f"{place}/rsin", "not-an-rsin", "Dit is geen RSIN", "This is no RSIN", "Nine digits.")
        for key in ("client_id", "document_type", "default_case_type"):
            values[key] = str(given.get(key, ""))
        if not values["client_id"]:
            self._fault(f"{place}/client_id", "missing-key", "'client_id' ontbreekt", "'client_id' is missing")
        for key in ("case_types", "statuses"):
            table = given.get(key, {})
            values[key] = dict(table) if isinstance(table, dict) else {}
        secret = self._secret(place, "secret", given)
        return RegisterConnection(organisation=name, rsin=rsin, secret=secret, **values)

    def _node(self, name: str, given: dict[str, Any]) -> NodeConnection:
        place = f"/nodes/{name}"
        for key in given.keys() - {"address", "token", "token_env"}:
            self._fault(f"{place}/{key}", "unknown-key", "Deze sleutel bestaat niet", "There is no such key")
        return NodeConnection(
            name, self._address(place, "address", given.get("address")), self._secret(place, "token", given)
        )

    def _address(self, place: str, key: str, value: Any) -> str:
        if not isinstance(value, str) or not _ADDRESS.fullmatch(value):
            hint = "It begins with https://; http:// only on this machine."
            self._fault(f"{place}/{key}", "not-an-address", "Dit is geen adres", "This is no address", hint)
            return ""
        return value.rstrip("/")

    def _secret(self, place: str, key: str, given: Mapping[str, Any]) -> str:
        name = given.get(f"{key}_env")
        value = self._environment.get(str(name), "") if name else str(given.get(key, ""))
        if not value:
            where = f"the environment does not hold {name}" if name else f"give {key} or {key}_env"
            self._fault(f"{place}/{key}", "no-secret", "Het geheim ontbreekt", "The secret is missing", where)
        return value

    def _fault(self, pointer: str, code: str, nl: str, en: str, hint: str = "") -> None:
        self.faults.append(Fault(f"{FILE_NAME}{pointer}", code, nl, en, hint))


def is_rsin(text: str) -> bool:
    """Tell whether a text is nine digits that pass the eleven-test of an RSIN (weights 9 to 2, and -1)."""
    if len(text) != 9 or not text.isdecimal():
        return False
    weights = (9, 8, 7, 6, 5, 4, 3, 2, -1)
    return sum(weight * int(digit) for weight, digit in zip(weights, text, strict=True)) % 11 == 0
