"""The ways by which data goes in and out of a node: those of the kernel, and those that each wing brings.

A flow that can be set and is not is told too, as not set. Addresses are told as host and port: no path and no password.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal
from urllib.parse import urlsplit

from eendracht.kernel.wording import Said

if TYPE_CHECKING:
    from eendracht.kernel.instance import Instance

Protection = Literal["local", "encrypted", "open", "outside"]
"""Of a flow: it stays on the machine, the node encrypts it, it goes in clear, or what carries it is not of the node."""
Use = Literal["set", "unset", "unknown"]
"""Of a flow: this node is set to use it, is not, or the node cannot tell (somebody asks for it, or a file is wrong)."""

LOOPBACK: Final = frozenset({"127.0.0.1", "::1", "localhost", ""})


@dataclass(frozen=True, slots=True)
class End:
    """Where a flow begins or ends; the same code is the same place in the drawing."""

    code: str
    name: Said


NODE: Final = End("node", Said("Dit knooppunt", "This node"))
BROWSER: Final = End("browser", Said("Browser van een gebruiker", "Browser of a user"))
_PROGRAM: Final = End("program", Said("Programma met een token", "Program with a token"))
_FILES: Final = End("files", Said("Bestand van een gebruiker", "File of a user"))
_PROVIDER: Final = End("provider", Said("Identiteitsvoorziening", "Identity provider"))
_PERSON_PROVIDER: Final = End("person-provider", Said("Inlogdienst voor burgers", "Identity provider, citizens"))
_DATABASE: Final = End("database", Said("Database", "Database"))
_POPULATION: Final = End("population", Said("Database van een bevolking", "Database of a population"))
_VAULT: Final = End("vault", Said("Kluis", "Vault"))
_SIEM: Final = End("siem", Said("SIEM (syslog)", "SIEM (syslog)"))
_COLLECTOR: Final = End("collector", Said("SIEM (OpenTelemetry)", "SIEM (OpenTelemetry)"))
_BACKUP: Final = End("backup", Said("Reservekopie", "Backup"))
_EXPORT: Final = End("export", Said("Export", "Export"))


@dataclass(frozen=True, slots=True)
class Flow:
    """One way by which data goes in or out; `place` is a host or file (and of whom), never a secret."""

    code: str
    name: Said
    source: End
    target: End
    place: str
    protection: Protection
    use: Use = "set"

    def as_dict(self) -> dict[str, Any]:
        """Give the flow as plain data, its ends by their codes."""
        return {
            "code": self.code,
            "name": {"nl": self.name.nl, "en": self.name.en},
            "source": self.source.code,
            "target": self.target.code,
            "place": self.place,
            "protection": self.protection,
            "use": self.use,
        }


def describe_address(address: str) -> tuple[str, Protection]:
    """Give host and port of an address, without user, password and path, and how what goes there is protected."""
    parts = urlsplit(address)
    safe: Protection = "encrypted" if parts.scheme == "https" else "open"
    if safe == "open" and (parts.hostname or "") in LOOPBACK:
        safe = "local"
    return parts.netloc.rpartition("@")[2], safe


def list_flows(instance: Instance) -> Iterator[Flow]:
    """Yield the flows of the kernel, and those of each wing that is on."""
    yield from _list_visits(instance)
    yield from _list_sign_ins(instance)
    yield _database_flow(instance)
    yield Flow(
        "vault",
        Said("Inhoud over personen", "Content about persons"),
        NODE,
        _VAULT,
        instance.settings.vault_folder.name,
        "encrypted",
    )
    yield from _list_receivers(instance)
    for wing in instance.wings:
        if instance.store.switches.is_on(wing.name):
            for flows in wing.load("flows"):
                yield from flows(instance)
    yield from _list_asked()


def outside_of(instance: Instance) -> Protection:
    """Give the protection of what comes to the address of the node, which itself speaks HTTP."""
    settings = instance.settings
    if settings.host in LOOPBACK and not settings.address:
        return "local"
    # An address with https is the promise of whoever stands before the node.
    return "outside" if settings.own_addresses[0].startswith("https://") else "open"


def _list_visits(instance: Instance) -> Iterator[Flow]:
    address, outside = instance.settings.own_addresses[0], outside_of(instance)
    yield Flow("pages", Said("Pagina's", "Pages"), BROWSER, NODE, address, outside)
    yield Flow("api", Said("Programma's (API)", "Programs (API)"), _PROGRAM, NODE, f"{address}/v1", outside)
    files = Said("Aangeleverde bestanden", "Files that are handed in")
    yield Flow("import", files, _FILES, NODE, instance.settings.uploads_folder.name, "local")


def _list_sign_ins(instance: Instance) -> Iterator[Flow]:
    settings = instance.settings
    yield from _sign_in(
        "sign-in",
        Said("Aanmelden bij de identiteitsvoorziening", "Sign-in at the identity provider"),
        "claims",
        Said(
            "Antwoord van de identiteitsvoorziening: pseudoniem, groepen, wijze van aanmelden",
            "Answer of the identity provider: pseudonym, groups, way of signing in",
        ),
        _PROVIDER,
        settings.oidc_issuer,
    )
    schemes = ", ".join(settings.person_oidc_scheme.split())
    yield from _sign_in(
        "person-sign-in",
        Said("Aanmelden van burgers en ondernemers", "Sign-in of citizens and entrepreneurs"),
        "person-claims",
        Said(
            f"Antwoord van die inlogdienst: nummer van de persoon ({schemes}), betrouwbaarheidsniveau",
            f"Answer of that provider: number of the person ({schemes}), level of assurance",
        ),
        _PERSON_PROVIDER,
        settings.person_oidc_issuer,
    )


def _sign_in(code: str, name: Said, answer: str, answer_name: Said, provider: End, issuer: str) -> Iterator[Flow]:
    use: Use = "set" if issuer else "unset"
    host, safe = describe_address(issuer) if issuer else ("", "encrypted")
    yield Flow(code, name, BROWSER, provider, host, "outside", use)
    yield Flow(answer, answer_name, provider, NODE, host, safe, use)


def _list_receivers(instance: Instance) -> Iterator[Flow]:
    settings = instance.settings
    for code, name, target, value in (
        ("syslog", Said("Auditgebeurtenissen (syslog)", "Audit events (syslog)"), _SIEM, settings.audit_syslog),
        (
            "otlp",
            Said("Auditgebeurtenissen (OpenTelemetry)", "Audit events (OpenTelemetry)"),
            _COLLECTOR,
            settings.audit_otlp,
        ),
    ):
        place, safe = describe_address(value)
        yield Flow(code, name, NODE, target, place or urlsplit(value).path, safe, "set" if value else "unset")


def _list_asked() -> Iterator[Flow]:
    """Yield what an operator asks for by a command, so that the node cannot tell whether it happens."""
    for code, name, source, target in (
        (
            "population",
            Said(
                "Bevolking uit een andere database, op verzoek van de beheerder",
                "Population from another database, when the operator asks for it",
            ),
            _POPULATION,
            NODE,
        ),
        (
            "backup",
            Said("Reservekopie, op verzoek van de beheerder", "Backup, when the operator asks for it"),
            NODE,
            _BACKUP,
        ),
        ("export", Said("Export, op verzoek van de beheerder", "Export, when the operator asks for it"), NODE, _EXPORT),
    ):
        yield Flow(code, name, source, target, "", "outside", "unknown")


def _database_flow(instance: Instance) -> Flow:
    name = Said("Records", "Records")
    if not instance.settings.database:
        return Flow("database", name, NODE, _DATABASE, instance.settings.database_file.name, "local")
    from psycopg import conninfo

    place = conninfo.conninfo_to_dict(instance.settings.database)
    host = str(place.get("host") or place.get("hostaddr") or "")
    is_local = host in LOOPBACK or host.startswith("/")
    encrypted = place.get("sslmode") in ("require", "verify-ca", "verify-full")
    protection: Protection = "local" if is_local else "encrypted" if encrypted else "open"
    return Flow("database", name, NODE, _DATABASE, f"{host}/{place.get('dbname', '')}", protection)
