"""Nodes with a little of everything, for the tests of the web frame."""

from __future__ import annotations

from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

from eendracht.bootstrap import registry
from eendracht.config import Settings
from eendracht.kernel.clock import Clock, FixedClock
from eendracht.kernel.credentials import create_principal, issue_token
from eendracht.kernel.instance import Instance
from eendracht.kernel.ledger.history import History
from eendracht.kernel.ledger.note import Ed25519Signer
from eendracht.kernel.search import SqliteTextIndex
from eendracht.kernel.store import Store, load
from eendracht.kernel.store.sqlite import SqliteDriver

LAWS = Path(__file__).parent / "laws"
"""Made-up laws, in two versions and with an ordinance of two municipalities."""
OWNER = "organisation:gm0344"
OTHER = "organisation:gm0363"

ROLES = {
    "gm0344/editor": ["editor@organisation:gm0344"],
    "gm0344/security": ["security@organisation:gm0344", "editor@organisation:gm0344"],
    "gm0363/editor": ["editor@organisation:gm0363"],
}


def uid_of(ref: str) -> str:
    """Give a uid (version 7) that follows from the ref, so that two nodes can be compared."""
    digits = sha256(ref.encode()).hexdigest()
    return f"{digits[:8]}-{digits[8:12]}-7{digits[12:15]}-8{digits[15:18]}-{digits[18:30]}"


def draft(ref: str, name: str, level: str = "public", owner: str = OWNER, **spec: Any) -> dict[str, Any]:
    """Give a draft."""
    return {
        "ref": ref,
        "uid": uid_of(ref),
        "owner": owner,
        "confidentiality": {"level": level},
        "source": {"type": "synthetic", "date": "2026-01-01", "system": "lijst.xlsx", "place": "rij 1"},
        "spec": {"name": name, **spec},
    }


PUBLIC_DRAFTS = (
    draft("organisation:gm0344", "Gemeente Utrecht", type="municipality"),
    draft("organisation:gm0363", "Gemeente Amsterdam", owner=OTHER, type="municipality"),
    draft("supplier:kvk.11111111", "Zaakbouwers BV"),
    draft(
        "application:gm0344/zaaksysteem",
        "Zaaksysteem",
        suppliedBy="supplier:kvk.11111111",
        lifecycle="in-use",
        requires=["platform:gm0344/geheim-platform"],
    ),
    draft("public-service:gm0344/paspoort", "Paspoort", requires=["application:gm0344/zaaksysteem"]),
)


def open_node(folder: Path, clock: Clock | None = None) -> Instance:
    """Make a node in a folder and open it, with a clock of its own where one is given."""
    folder.mkdir(parents=True, exist_ok=True)
    store = Store(SqliteDriver(folder / "eendracht.db"), registry(), SqliteTextIndex(), clock)
    signer = Ed25519Signer.generate("test.example/eendracht")
    (folder / "keys").mkdir(exist_ok=True)
    (folder / "keys" / "log.key").write_text(signer.signer_key() + "\n")
    (folder / "node.toml").write_text(f'name = "test.example/eendracht"\nlaws = "{LAWS}"\n')
    settings = Settings(folder=folder, name="test.example/eendracht", laws=str(LAWS))
    return Instance(settings, store, History(store, settings.ledger_folder, signer), signer)


def fill_node(instance: Instance, drafts: list[dict[str, Any]]) -> dict[str, str]:
    """Record drafts, sign, and give a writing token per principal of `ROLES`."""
    store = instance.store
    load(store, drafts, size=1)
    tokens = {}
    for name, roles in ROLES.items():
        create_principal(store, name, roles)
        tokens[name] = issue_token(store, name, "write")
    instance.history.sign()
    return tokens


# A clock, never a bare moment: the class of a moment has a `now` too, and that is the machine's.
FIXED = FixedClock(datetime(2026, 6, 1, 10, 0, tzinfo=UTC))
