"""Every setting of a node, with its meaning, default and the place where it is read.

Settings come from `node.toml` in the data folder; an environment variable `EENDRACHT_<NAME>` goes before it.
"""

from __future__ import annotations

import json
import os
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, Final

ENVIRONMENT_PREFIX: Final = "EENDRACHT_"
FILE_NAME: Final = "node.toml"
DEFAULT_FOLDER: Final = Path("node-data")
_ROLE_OF_GROUP: Final = re.compile(r"[^=\s]+=(?:reader|editor|security|auditor)@organisation:[a-z0-9._-]+")
_SCHEME: Final = re.compile(r"[a-z][a-z0-9-]{0,39}")
_POSITIVE: Final = (
    "session_idle_minutes",
    "session_hours",
    "person_session_idle_minutes",
    "person_session_hours",
    "checkpoint_seconds",
    "retention_sweep_hours",
    "envelope_hours",
)
_LOOPBACK: Final = ("127.0.0.1", "::1", "localhost")


class ConfigurationFault(ValueError):
    """A setting is unknown or has a value that cannot be used; the text lists all of them."""


def _setting(default: Any, meaning: str) -> Any:
    return field(default=default, metadata={"meaning": meaning})


@dataclass(frozen=True)
class Settings:
    """What a node needs to know about itself."""

    folder: Path = _setting(DEFAULT_FOLDER, "Folder that holds everything of the node.")
    name: str = _setting("localhost/eendracht", "Name of the node in its checkpoints: a host and path, no scheme.")
    database: str = _setting("", "PostgreSQL address (postgresql://...); empty means a SQLite file in the folder.")
    host: str = _setting("127.0.0.1", "Address on which the server listens.")
    port: int = _setting(8373, "Port on which the server listens.")
    language: str = _setting("nl", "Language of the briefing and the pages: nl or en.")
    address: str = _setting("", "Address under which people reach the pages, such as https://eendracht.example.")
    mode: str = _setting("real", "real, or demo: who reaches the pages of a demo may sign in as a made-up persona.")
    session_idle_minutes: int = _setting(30, "After how many idle minutes somebody is signed out.")
    session_hours: int = _setting(10, "After how many hours somebody signs in again, however busy.")
    oidc_issuer: str = _setting("", "Address of the OpenID provider at which people sign in; empty for none.")
    oidc_client_id: str = _setting("", "Name under which the provider knows this node.")
    oidc_client_secret: str = _setting("", "Secret of this node at the provider; better in the environment.")
    oidc_scope: str = _setting("openid", "What is asked of the provider; some give groups only for a scope more.")
    oidc_groups: str = _setting("groups", "Claim with the groups, such as groups or realm_access.roles.")
    oidc_roles: str = _setting("", "Which group gives which role: GROUP=editor@organisation:gm0344, apart by spaces.")
    oidc_mfa: str = _setting("", "Values of amr or acr of which one must be there, such as mfa otp hwk; empty: any.")
    person_oidc_issuer: str = _setting("", "Address of the provider where citizens (and entrepreneurs) sign in.")
    person_oidc_client_id: str = _setting("", "Name under which that provider knows this node.")
    person_oidc_client_secret: str = _setting("", "Secret of this node at that provider; better in the environment.")
    person_oidc_scope: str = _setting("openid", "What is asked of that provider; some want a scope more for a BSN.")
    person_oidc_claim: str = _setting("bsn", "Claim with the identifier; of several (by spaces) the first counts.")
    person_oidc_scheme: str = _setting("bsn", "What it is: bsn, kvk or another scheme; one for each claim.")
    person_oidc_assurance: str = _setting("", "Levels of assurance (acr) that are accepted, best liked first.")
    person_session_idle_minutes: int = _setting(15, "After how many idle minutes a citizen is signed out.")
    person_session_hours: int = _setting(2, "After how many hours a citizen signs in again, however busy.")
    audit_syslog: str = _setting("", "Receiver of audit events: udp://host:514, tcp://host:601 or unix:///dev/log.")
    audit_otlp: str = _setting("", "Receiver of audit events by OpenTelemetry: http://collector:4318/v1/logs.")
    feedback_addresses: str = _setting("", "Who takes reports of doubt: CODE=https://owner.example/x, apart by spaces.")
    laws: str = _setting("", "Folders or files of laws, apart by `:`; empty means the rulebook that ships.")
    built_in_cases: str = _setting("", "Organisations whose cases the built-in store keeps (demo), apart by spaces.")
    handover_days: int = _setting(5, "After how many working days a hand-over that nobody accepted is escalated.")
    envelope_folder: str = _setting("", "Where crisis envelopes are kept; empty means envelopes/ in the folder.")
    envelope_recipients: str = _setting("", "File with a public key a line: for whom one is sealed each night.")
    envelope_hours: int = _setting(36, "After how many hours the last crisis envelope is too old.")
    scan_targets: str = _setting(
        "", "Endpoints that may be scanned besides this machine: HOST or HOST:PORT, by spaces."
    )
    exercise_recipients: str = _setting(
        "", "Who may get messages of an exercise: ADDRESS, @DOMAIN or https://HOST, by spaces; nobody else does."
    )
    smtp: str = _setting("", "Mail server for messages of an exercise, as HOST:PORT; empty means no mail.")
    smtp_sender: str = _setting("", "From whom that mail is, such as oefening@example.nl.")
    checkpoint_seconds: int = _setting(60, "How often a running server signs the log when something was added.")
    retention_sweep_hours: int = _setting(24, "How often a running server destroys what was kept long enough.")

    @property
    def own_addresses(self) -> tuple[str, ...]:
        """Scheme and host of the pages, as a browser names the origin of a form."""
        if self.address:
            return (self.address,)
        host = f"[{self.host}]" if ":" in self.host else self.host
        names = dict.fromkeys([host, *(["localhost"] if self.host in _LOOPBACK else [])])
        return tuple(f"http://{name}:{self.port}" for name in names)

    @property
    def database_file(self) -> Path:
        """The SQLite file, where that is the engine."""
        return self.folder / "eendracht.db"

    @property
    def keys_folder(self) -> Path:
        """Where the key of the log lies."""
        return self.folder / "keys"

    @property
    def ledger_folder(self) -> Path:
        """Where tiles and checkpoints lie, outside the database."""
        return self.folder / "ledger"

    @property
    def vault_folder(self) -> Path:
        """Where encrypted content about persons lies, and the keys of its subjects."""
        return self.folder / "vault"

    @property
    def journal_file(self) -> Path:
        """The SQLite file of the journal: access decisions, processing lines, reads of the vault."""
        return self.folder / "journal" / "journal.db"

    @property
    def uploads_folder(self) -> Path:
        """Where files lie that came in by the pages, until they are recorded or thrown away."""
        return self.folder / "uploads"

    @property
    def populations_folder(self) -> Path:
        """Where the tables of registered populations lie, a folder for each, outside every ordinary backup."""
        return self.folder / "populations"

    @property
    def law_paths(self) -> tuple[Path, ...]:
        """Where the laws of this node lie; a path that is not absolute begins at the folder of the node."""
        return tuple(self.folder / part for part in self.laws.split(os.pathsep) if part)

    @property
    def laws_cache_folder(self) -> Path:
        """Where outlines of law files are kept, so that many are known soon after a start; made anew when lost."""
        return self.folder / "cache" / "laws"

    @property
    def templates_cache_folder(self) -> Path:
        """Where compiled templates are kept; it may be thrown away at any time."""
        return self.folder / "cache" / "templates"

    @property
    def jobs_folder(self) -> Path:
        """Where the reports of jobs lie, and the lease of whoever runs them."""
        return self.folder / "jobs"

    @property
    def envelopes_folder(self) -> Path:
        """Where crisis envelopes are kept; a path that is not absolute begins at the folder of the node."""
        return self.folder / (self.envelope_folder or "envelopes")

    @property
    def envelope_recipients_file(self) -> Path | None:
        """The file with the public keys for which crisis envelopes are sealed, where there is one."""
        return self.folder / self.envelope_recipients if self.envelope_recipients else None

    @property
    def declarations_folder(self) -> Path:
        """Where a declaration is kept of everything that was destroyed."""
        return self.folder / "declarations"

    @property
    def erasure_journal(self) -> Path:
        """The file that tells what was destroyed; it stands outside every backup and is applied after a restore."""
        return self.folder / "erasures.jsonl"

    def faults(self) -> list[str]:
        """Say what cannot be used."""
        found = []
        if not re.fullmatch(r"[A-Za-z0-9.:-]+(/[A-Za-z0-9._-]+)*", self.name):
            found.append(f"name: '{self.name}' is not a host and path such as gm0344.example/eendracht")
        if self.database and not self.database.startswith(("postgresql://", "postgres://")):
            found.append("database: leave it empty, or give an address that starts with postgresql://")
        if not 1 <= self.port <= 65_535:
            found.append(f"port: {self.port} is not a port")
        if self.language not in ("nl", "en"):
            found.append(f"language: '{self.language}' is not nl or en")
        if self.address and not re.fullmatch(r"https?://[A-Za-z0-9.-]+(:\d{1,5})?", self.address):
            found.append(f"address: '{self.address}' is not a scheme and host such as https://eendracht.example")
        if self.mode not in ("real", "demo"):
            found.append(f"mode: '{self.mode}' is not real or demo")
        if self.mode == "demo" and self.host not in _LOOPBACK:
            found.append(f"mode: a demo listens on loopback only, and host is '{self.host}'")
        found += self._oidc_faults()
        found += self._person_oidc_faults()
        if self.audit_syslog and not re.fullmatch(r"(udp|tcp)://[^/\s]+:\d{1,5}|unix:///\S+", self.audit_syslog):
            found.append(f"audit_syslog: '{self.audit_syslog}' is no address such as udp://127.0.0.1:514")
        if self.audit_otlp and not re.fullmatch(r"https?://[^/\s]+(/\S*)?", self.audit_otlp):
            found.append(f"audit_otlp: '{self.audit_otlp}' is no address such as http://127.0.0.1:4318/v1/logs")
        for part in self.feedback_addresses.split():
            if not re.fullmatch(r"[a-z0-9._-]+=https?://[^/\s]+(/\S*)?", part):
                example = "zb000184=https://owner.example/x"
                found.append(f"feedback_addresses: '{part}' is not CODE=ADDRESS such as {example}")
        if not re.fullmatch(r"(organisation:[a-z0-9._-]+( +|$))*", self.built_in_cases):
            found.append("built_in_cases: organisations such as organisation:gm0344, apart by spaces")
        if self.smtp and not re.fullmatch(r"[^:\s]+:\d{1,5}|\[[0-9a-fA-F:]+\]:\d{1,5}", self.smtp):
            found.append(f"smtp: '{self.smtp}' is not HOST:PORT")
        if self.smtp and not re.fullmatch(r"[^@\s<>]+@[^@\s<>]+", self.smtp_sender):
            found.append("smtp_sender: needed beside smtp, such as oefening@example.nl")
        if not 1 <= self.handover_days <= 100:
            found.append("handover_days: 1 to 100")
        found += [f"{name}: at least 1" for name in _POSITIVE if getattr(self, name) < 1]
        return found

    def _oidc_faults(self) -> Iterator[str]:
        if not self.oidc_issuer:
            return
        if not _is_issuer(self.oidc_issuer):
            yield f"oidc_issuer: '{self.oidc_issuer}' does not begin with https://"
        if not self.oidc_client_id:
            yield "oidc_client_id: needed beside oidc_issuer"
        for part in self.oidc_roles.split():
            if not _ROLE_OF_GROUP.fullmatch(part):
                yield f"oidc_roles: '{part}' is not GROUP=ROLE@organisation:CODE"

    def _person_oidc_faults(self) -> Iterator[str]:
        issuer, schemes = self.person_oidc_issuer, self.person_oidc_scheme.split()
        if not issuer:
            return
        if not _is_issuer(issuer):
            yield f"person_oidc_issuer: '{issuer}' does not begin with https://"
        if issuer == self.oidc_issuer and self.person_oidc_client_id == self.oidc_client_id:
            yield "person_oidc_client_id: staff and persons cannot sign in as the same client of one provider"
        for name in ("person_oidc_client_id", "person_oidc_assurance"):
            if not getattr(self, name).strip():
                yield f"{name}: needed beside person_oidc_issuer"
        if not schemes or len(schemes) != len(self.person_oidc_claim.split()):
            yield "person_oidc_scheme: as many as there are in person_oidc_claim, apart by spaces"
        for scheme in schemes:
            if not _SCHEME.fullmatch(scheme) or scheme == "persona":
                yield f"person_oidc_scheme: '{scheme}' is not a code such as bsn or kvk"


def _is_issuer(address: str) -> bool:
    return address.startswith(("https://", *(f"http://{host}" for host in _LOOPBACK)))


def describe_settings() -> list[tuple[str, str, str]]:
    """Give name, default and meaning of every setting, for the reference page."""
    return [(item.name, str(item.default), item.metadata["meaning"]) for item in fields(Settings)]


def load_settings(folder: Path | None = None, environment: Mapping[str, str] | None = None) -> Settings:
    """Read the settings of the node in a folder; raises ConfigurationFault that lists every fault."""
    environment = os.environ if environment is None else environment
    folder = folder or Path(environment.get(ENVIRONMENT_PREFIX + "FOLDER", DEFAULT_FOLDER))
    values: dict[str, Any] = {}
    path = folder / FILE_NAME
    faults: list[str] = []
    if path.is_file():
        try:
            values = tomllib.loads(path.read_text("utf-8"))
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise ConfigurationFault(f"{path}: {error}") from error
    known = {item.name: item for item in fields(Settings) if item.name != "folder"}
    faults += [f"{path}: unknown setting '{name}'" for name in values if name not in known]
    for name in known:
        text = environment.get(ENVIRONMENT_PREFIX + name.upper())
        if text is not None:
            values[name] = text
    chosen: dict[str, Any] = {}
    for name, item in known.items():
        if name not in values:
            continue
        wanted = int if item.default.__class__ is int else str
        try:
            if (wanted is int and not isinstance(values[name], int | str)) or isinstance(values[name], bool):
                raise ValueError
            chosen[name] = wanted(values[name])
        except (TypeError, ValueError):
            faults.append(f"{name}: '{values[name]}' is not {'a whole number' if wanted is int else 'text'}")
    settings = Settings(folder=folder, **chosen)
    faults += settings.faults()
    if faults:
        raise ConfigurationFault("; ".join(faults))
    return settings


def write_settings(settings: Settings) -> None:
    """Write `node.toml` with the settings that differ from their default, and the name; only its owner may read it."""
    lines = ["# The settings of this node; see docs/reference/settings.md."]
    for item in fields(Settings):
        value = getattr(settings, item.name)
        if item.name != "folder" and (value != item.default or item.name == "name"):
            lines.append(f"{item.name} = {value if isinstance(value, int) else _quote(value)}")
    path = settings.folder / FILE_NAME
    # The address of a database may hold a password.
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
        file.write("\n".join(lines) + "\n")


def _quote(text: str) -> str:
    """Write a TOML basic string, which is a JSON string but for the delete character."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
