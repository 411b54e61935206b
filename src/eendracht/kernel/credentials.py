"""Who may call themselves what: principals with their roles, and the hashed bearer tokens that stand for them.

A token is 256 random bits behind a prefix by which scanners of leaked secrets know it. Only its SHA-256 is kept: the
secret has full entropy, so a slow password hash would add nothing.
"""

from __future__ import annotations

import re
import secrets
import threading
import time
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256
from typing import Final, Literal

import orjson

from eendracht.kernel.access import OPERATOR, PERSON_PREFIX, PUBLIC, Principal, parse_roles
from eendracht.kernel.clock import Clock, timestamp
from eendracht.kernel.errors import Fault, InvalidInput, NotFound, Unauthenticated
from eendracht.kernel.identity import REF_PATTERN
from eendracht.kernel.store.driver import Connection
from eendracht.kernel.store.store import Store

Scope = Literal["read", "write"]

TOKEN_PREFIX: Final = "eendracht_"  # noqa: S105 - public by design
MOST_DAYS: Final = 3_650
RECHECK_S: Final = 0.5
"""How long an answer about a token is believed; a change by another process shows within it."""

_TOKEN = re.compile(TOKEN_PREFIX + r"[A-Za-z0-9_-]{43}")
_NAME = re.compile(r"[a-z0-9][a-z0-9._:/@-]{0,99}")
_REF = re.compile(REF_PATTERN)
_RESERVED: Final = frozenset({PUBLIC.name, OPERATOR.name})
_MOST_REMEMBERED = 10_000


@dataclass(frozen=True, slots=True)
class Credential:
    """A principal as a token lets it in: `scope` read gives no right to write, whatever its roles."""

    principal: Principal
    scope: Scope


def create_principal(store: Store, name: str, roles: Iterable[str]) -> Principal:
    """Make a principal, or give an existing one other roles, such as `editor@organisation:gm0344`.

    The name stands in the log for good: it names a system or a function, never a natural person. Raises InvalidInput.
    """
    claims = sorted(set(roles))
    faults = [*_name_faults(name), *_role_faults(claims)]
    if claims and name.startswith(PERSON_PREFIX):
        hint = "Staff have a principal of their own, also where they are citizens too."
        faults.append(Fault("/roles", "person", "Een burger heeft geen rol", "A citizen holds no role", hint))
    if faults:
        raise InvalidInput(f"{name[:100]}: {len(faults)} fault(s)", faults=faults)
    text = orjson.dumps(claims).decode()

    def write(connection: Connection) -> None:
        connection.execute(
            "INSERT INTO principal (name, roles) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET roles = excluded.roles",
            (name, text),
        )

    store.act(write)
    return Principal(name, parse_roles(claims))


def find_principal(store: Store, name: str) -> Principal:
    """Give a principal with its roles; raises NotFound."""
    rows = store.driver.reader().query("SELECT roles FROM principal WHERE name = ?", (name,))
    if not rows:
        raise NotFound(f"There is no principal {name[:100]}", hint="Make one: eendracht principal create.")
    return Principal(name, parse_roles(orjson.loads(rows[0][0])))


@dataclass(frozen=True, slots=True)
class Holding:
    """What a principal holds: its roles, and until when each of its tokens counts, the longest last."""

    name: str
    roles: tuple[str, ...]
    tokens: tuple[str, ...]


def list_principals(store: Store) -> list[Holding]:
    """Give every principal with what it holds, by name; tokens that have ended are left out."""
    reader, now = store.driver.reader(), timestamp(store.clock.now())
    until: dict[str, list[str]] = defaultdict(list)
    for name, end in reader.query(
        "SELECT principal, expires_at FROM token WHERE expires_at > ? ORDER BY expires_at", (now,)
    ):
        until[name].append(end)
    rows = reader.query("SELECT name, roles FROM principal ORDER BY name")
    return [Holding(name, tuple(orjson.loads(roles)), tuple(until[name])) for name, roles in rows]


def issue_token(store: Store, principal: str, scope: Scope = "read", days: int = 365) -> str:
    """Make a token for a principal and give its secret, which is kept nowhere and shown this once.

    `days` (1 to 3,650) is how long it holds. Raises NotFound for an unknown principal, InvalidInput.
    """
    find_principal(store, principal)
    if scope not in ("read", "write"):
        raise InvalidInput(f"'{scope}' is no scope", hint="Choose read or write.")
    if not 1 <= days <= MOST_DAYS:
        raise InvalidInput(f"A token holds 1 to {MOST_DAYS} days")
    secret = TOKEN_PREFIX + secrets.token_urlsafe(32)
    expires_at = timestamp(store.clock.now() + timedelta(days=days))
    row = (_digest(secret), principal, scope, expires_at)
    store.act(
        lambda connection: connection.execute(
            "INSERT INTO token (hash, principal, scope, expires_at) VALUES (?, ?, ?, ?)", row
        )
    )
    return secret


def remove_principal(store: Store, name: str) -> None:
    """Take a principal away, with every token and session of it, in one transaction; raises NotFound.

    What it recorded keeps its name.
    """
    find_principal(store, name)

    def write(connection: Connection) -> None:
        connection.execute("DELETE FROM token WHERE principal = ?", (name,))
        connection.execute("DELETE FROM session WHERE principal = ?", (name,))
        connection.execute("DELETE FROM principal WHERE name = ?", (name,))

    store.act(write)


def remove_persons(store: Store, subjects: Iterable[str]) -> None:
    """Take the principals of these subjects of the vault away, with their tokens and sessions; unknown ones are passed.

    In one transaction, and in every process at once.
    """
    names = [PERSON_PREFIX + subject for subject in subjects]
    if not names:
        return

    def write(connection: Connection) -> None:
        bound = (connection.bind_list(names),)
        for table, column in (("token", "principal"), ("session", "principal"), ("principal", "name")):
            connection.execute(f"DELETE FROM {table} WHERE {connection.among(column)}", bound)

    store.act(write)


def revoke_tokens(store: Store, principal: str) -> None:
    """Make every token of a principal worthless, in every process within a second; raises NotFound."""
    find_principal(store, principal)
    store.act(lambda connection: connection.execute("DELETE FROM token WHERE principal = ?", (principal,)))


def _digest(secret: str) -> bytes:
    return sha256(secret.encode()).digest()


def _name_faults(name: str) -> list[Fault]:
    if name in _RESERVED:
        return [Fault("/name", "reserved", "Deze naam is bezet", "This name is reserved", "Choose another name.")]
    if not _NAME.fullmatch(name):
        hint = "Use lower case letters, digits and . _ : / @ -, for example gm0344/zaaksysteem."
        return [Fault("/name", "malformed", "Dit kan geen naam zijn", "This cannot be a name", hint)]
    return []


def _role_faults(claims: Iterable[str]) -> list[Fault]:
    faults = []
    for position, claim in enumerate(claims):
        try:
            ((_, organisation),) = parse_roles([claim])
        except ValueError:
            organisation = ""
        if not organisation.startswith("organisation:") or not _REF.match(organisation):
            hint = "Write it as editor@organisation:gm0344; roles: reader, editor, security, auditor."
            faults.append(
                Fault(f"/roles/{position}", "malformed-role", "Dit is geen rol", "This is not a role", hint),
            )
    return faults


@dataclass(frozen=True, slots=True)
class _Remembered:
    credential: Credential
    until: float


class Authenticator:
    """Tells whose token it is; remembers for half a second, so that a revoked token stops at once for everyone."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._clock: Clock = store.clock
        self._known: dict[str, _Remembered] = {}
        self._guard = threading.Lock()

    def recall(self, secret: str) -> Credential | None:
        """Give what was found out about a token a moment ago, without touching the database; None where nothing was."""
        known = self._known.get(secret)
        if known is not None and time.monotonic() < known.until:
            return known.credential
        return None

    def authenticate(self, secret: str) -> Credential:
        """Give the principal behind a token and what it may; raises Unauthenticated.

        An unknown, a revoked and an expired token are refused in the same words.
        """
        found = self.recall(secret)
        if found is not None:
            return found
        self._known.pop(secret, None)
        rows = []
        if _TOKEN.fullmatch(secret):
            rows = self._store.driver.reader().query(
                "SELECT t.principal, t.scope, t.expires_at, p.roles FROM token t"
                " JOIN principal p ON p.name = t.principal WHERE t.hash = ?",
                (_digest(secret),),
            )
        if not rows or rows[0][2] <= timestamp(self._clock.now()):
            raise Unauthenticated("This token does not hold")
        name, scope, _, roles = rows[0]
        credential = Credential(Principal(name, parse_roles(orjson.loads(roles))), scope)
        with self._guard:
            if len(self._known) >= _MOST_REMEMBERED:
                self._known.clear()
            self._known[secret] = _Remembered(credential, time.monotonic() + RECHECK_S)
        return credential
