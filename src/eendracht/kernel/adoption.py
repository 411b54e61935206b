"""What a privacy officer and a CISO ask of a node before they say yes, read from the node itself.

Only facts that the node can see: what it cannot know is *yours*, to be filled in by the organisation, and what should
be there and is not is *missing*. Addresses are told without passwords. Nothing here says that anything is lawful or
safe.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any, Literal

import orjson

from eendracht import __version__
from eendracht.kernel.access import OPERATOR
from eendracht.kernel.clock import timestamp, today
from eendracht.kernel.flows import LOOPBACK, Flow, describe_address, list_flows
from eendracht.kernel.instance import Instance
from eendracht.kernel.priorities import PRIORITIES
from eendracht.kernel.records import Level
from eendracht.kernel.store import Query
from eendracht.kernel.uploads import KEPT_DAYS

State = Literal["seen", "missing", "yours"]
"""Of evidence: seen in this node, missing in it, or for the organisation to show."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A sort of content about persons: rule, article, how many items there are and how many are past their time."""

    kind: str
    period: str
    ground: str
    items: int
    due: int


@dataclass(frozen=True, slots=True)
class Evidence:
    """What the node shows for measures of BIO2 (1.3): a code, the measures, the state, and the figures behind it."""

    code: str
    measures: tuple[str, ...]
    state: State
    figures: Mapping[str, int | str]


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything that the file is made from."""

    node: str
    version: str
    made_at: str
    day: date
    mode: str
    engine: str
    records: int
    synthetic: int
    by_level: dict[str, int]
    entries: int
    signed: int
    wings: dict[str, Literal["on", "off", "absent"]]
    roles: dict[str, int]
    principals: int
    tokens: int
    persons: int
    session_idle_minutes: int
    session_hours: int
    upload_days: int
    sweep_hours: int
    address: str
    provider: str
    person_provider: str
    person_schemes: str
    person_session_idle_minutes: int
    person_session_hours: int
    flows: tuple[Flow, ...]
    kept: tuple[Kept, ...]
    evidence: tuple[Evidence, ...]
    database_bytes: int

    def as_dict(self) -> dict[str, Any]:
        """Give the facts as plain data."""
        plain: dict[str, Any] = orjson.loads(orjson.dumps(asdict(self)))
        return plain | {"flows": [flow.as_dict() for flow in self.flows]}


def read_facts(instance: Instance) -> Facts:
    """Read the facts of a node as it is configured and filled now."""
    settings, store = instance.settings, instance.store
    facets = store.facets(Query(), OPERATOR)
    reader = store.driver.reader()
    held = [orjson.loads(row[0]) for row in reader.query("SELECT roles FROM principal")]
    tokens = int(reader.query("SELECT count(*) FROM token")[0][0])
    last = instance.history.last_checkpoint()
    there = {wing.name for wing in instance.wings}
    kept = tuple(_list_kept(instance))
    has_vault = (settings.vault_folder / "content.db").is_file()
    return Facts(
        node=settings.name,
        version=__version__,
        made_at=timestamp(store.clock.now()),
        day=today(store.clock),
        mode=settings.mode,
        engine=store.driver.name,
        records=facets.total,
        synthetic=facets.source.get("synthetic", 0),
        by_level={level.name.lower(): facets.level.get(level.name.lower(), 0) for level in Level},
        entries=store.size,
        signed=last.checkpoint.size if last else 0,
        wings={name: _wing_state(instance, name, there) for name in PRIORITIES},
        roles=dict(Counter(claim.partition("@")[0] for claims in held for claim in claims)),
        principals=len(held),
        tokens=tokens,
        persons=sum(item.items for item in kept) if has_vault else 0,
        session_idle_minutes=settings.session_idle_minutes,
        session_hours=settings.session_hours,
        upload_days=KEPT_DAYS,
        sweep_hours=settings.retention_sweep_hours,
        address=settings.own_addresses[0],
        provider=describe_address(settings.oidc_issuer)[0],
        person_provider=describe_address(settings.person_oidc_issuer)[0],
        person_schemes=", ".join(settings.person_oidc_scheme.split()),
        person_session_idle_minutes=settings.person_session_idle_minutes,
        person_session_hours=settings.person_session_hours,
        flows=tuple(list_flows(instance)),
        kept=kept,
        evidence=tuple(_list_evidence(instance, kept, len(held), tokens)),
        database_bytes=settings.database_file.stat().st_size if settings.database_file.is_file() else 0,
    )


def _wing_state(instance: Instance, name: str, there: set[str]) -> Literal["on", "off", "absent"]:
    if name not in there:
        return "absent"
    return "on" if instance.store.switches.is_on(name) else "off"


def _list_kept(instance: Instance) -> Iterator[Kept]:
    counts: Mapping[str, int] = {}
    due: Counter[str] = Counter()
    # A node without a vault gets none for being asked about it.
    if (instance.settings.vault_folder / "content.db").is_file():
        counts, due = instance.vault.count_items(), Counter(item.kind for item in instance.vault.list_due())
    for rule in instance.retention:
        yield Kept(rule.kind, rule.keeps, rule.ground, counts.get(rule.kind, 0), due[rule.kind])


def _list_evidence(instance: Instance, kept: tuple[Kept, ...], principals: int, tokens: int) -> Iterator[Evidence]:
    settings, store = instance.settings, instance.store

    def state(is_there: object) -> State:
        return "seen" if is_there else "missing"

    kinds = store.facets(Query(), OPERATOR).kind
    things, suppliers, contracts = (kinds.get(name, 0) for name in ("application", "supplier", "contract"))
    yield Evidence("inventory", ("5.09.01",), state(things), {"applications": things})
    yield Evidence("classification", ("5.12.01",), "seen", {"records": store.facets(Query(), OPERATOR).total})
    is_local = settings.host in LOOPBACK and not settings.address
    https = settings.own_addresses[0].startswith("https://")
    yield Evidence(
        "transport",
        ("5.14.01", "5.14.02"),
        "yours" if https or is_local else "missing",
        {"address": settings.own_addresses[0]},
    )
    yield Evidence("identities", ("5.16.01", "5.16.02"), state(settings.oidc_issuer), {"principals": principals})
    yield Evidence(
        "factors", ("5.17.01",), state(settings.oidc_issuer and settings.oidc_mfa), {"values": settings.oidc_mfa or "-"}
    )
    yield Evidence("rights-changed", ("5.18.01",), "seen", {"events": instance.journal.count("audit")})
    yield Evidence("rights-reviewed", ("5.18.02", "8.02.01"), "yours", {"principals": principals, "tokens": tokens})
    yield Evidence("need-to-know", ("8.03.01", "8.03.02"), "seen", {"principals": principals})
    yield Evidence(
        "suppliers", ("5.22.02",), state(suppliers and contracts), {"suppliers": suppliers, "contracts": contracts}
    )
    yield Evidence("exit", ("5.20.06", "5.23.01"), "yours", {"entries": store.size})
    rules = {"rules": len(kept), "due": sum(item.due for item in kept)}
    yield Evidence("retention", ("5.33.01",), "missing" if rules["due"] else "seen" if kept else "yours", rules)
    yield Evidence("backup", ("8.13.01", "8.13.02", "8.13.03", "8.13.04"), "yours", {})
    yield Evidence("log-lines", ("8.15.01", "8.15.02", "8.15.03"), "seen", {"streams": len(instance.journal.streams())})
    yield Evidence("log-retention", ("8.15.04",), "yours", {})
    broken = [stream.stream for stream in instance.journal.verify(store) if not stream.holds]
    yield Evidence("log-unchanged", ("8.15.05", "8.15.06"), state(not broken), {"broken": len(broken)})
    receivers = [name for name, value in (("syslog", settings.audit_syslog), ("otlp", settings.audit_otlp)) if value]
    yield Evidence("monitoring", ("8.16.02", "8.16.03"), state(receivers), {"receivers": " ".join(receivers) or "-"})
    yield Evidence("cryptography", ("8.24.01", "8.24.02", "8.24.04"), "yours", {})
    yield Evidence("vulnerabilities", ("8.08.01", "8.08.04", "8.08.05"), "yours", {})
    yield Evidence("separate-test", ("8.31.01",), state(settings.mode == "real"), {"mode": settings.mode})
