"""Who is signed in to the pages: sessions that end by themselves, kept by the hash of their secret.

A session names a principal and nothing else of who sits behind it. Its roles are looked up with each request, so a
principal that is removed or gets other roles is so at once.
"""

from __future__ import annotations

import hmac
import re
import secrets
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256
from typing import Final, Literal

import orjson

from eendracht.kernel.access import PERSON_PREFIX, Principal, parse_roles
from eendracht.kernel.clock import parse_moment, timestamp
from eendracht.kernel.store.driver import Connection
from eendracht.kernel.store.store import Store

Way = Literal["persona", "oidc"]
"""How somebody signed in: by choosing a persona of a demonstration, or at an OpenID provider."""

TOUCH_SECONDS: Final = 60
"""How often it is written down, at most, that a session is used."""

_SECRET = re.compile(r"[A-Za-z0-9_-]{43}")


@dataclass(frozen=True, slots=True)
class Session:
    """A session that holds: who it is, how they signed in, and the key that its own forms carry."""

    principal: Principal
    way: Way
    form_key: str


class Sessions:
    """Begins, finds and ends sessions; they end when idle, and in any case after some hours.

    Those of citizens and entrepreneurs may have limits of their own, `person` (idle minutes, longest hours).
    """

    def __init__(
        self, store: Store, idle_minutes: int, longest_hours: int, person: tuple[int, int] | None = None
    ) -> None:
        self._store = store
        self._staff = _limits(idle_minutes, longest_hours)
        self._person = _limits(*person) if person else self._staff

    def begin(self, principal: str, way: Way) -> str:
        """Begin a session for a principal that is known and give its secret; takes out those that have ended."""
        secret = secrets.token_urlsafe(32)
        now = self._store.clock.now()
        ended = [
            (PERSON_PREFIX + "%", timestamp(now - idle), timestamp(now - longest))
            for idle, longest in (self._person, self._staff)
        ]
        row = (_digest(secret), principal, way, timestamp(now), timestamp(now))

        def write(connection: Connection) -> None:
            for condition, parameters in zip(("", "NOT "), ended, strict=True):
                connection.execute(
                    f"DELETE FROM session WHERE principal {condition}LIKE ? AND (seen_at < ? OR begun_at < ?)",
                    parameters,
                )
            connection.execute(
                "INSERT INTO session (hash, principal, way, begun_at, seen_at) VALUES (?, ?, ?, ?, ?)", row
            )

        self._store.act(write)
        return secret

    def find(self, secret: str) -> Session | None:
        """Give the session behind a secret; None where there is none, it has ended, or its principal is gone."""
        if not _SECRET.fullmatch(secret):
            return None
        rows = self._store.driver.reader().query(
            "SELECT s.principal, s.way, s.begun_at, s.seen_at, p.roles FROM session s"
            " JOIN principal p ON p.name = s.principal WHERE s.hash = ?",
            (_digest(secret),),
        )
        if not rows:
            return None
        name, way, begun_at, seen_at, roles = rows[0]
        now = self._store.clock.now()
        idle, longest = self._person if name.startswith(PERSON_PREFIX) else self._staff
        if seen_at < timestamp(now - idle) or begun_at < timestamp(now - longest):
            return None
        if (now - parse_moment(seen_at)).total_seconds() > TOUCH_SECONDS:
            self._touch(secret, timestamp(now))
        return Session(Principal(name, parse_roles(orjson.loads(roles))), way, form_key_of(secret))

    def _touch(self, secret: str, moment: str) -> None:
        row = (moment, _digest(secret))
        self._store.act(lambda connection: connection.execute("UPDATE session SET seen_at = ? WHERE hash = ?", row))

    def end(self, secret: str) -> None:
        """End a session; one that is not there any more is no error."""
        row = (_digest(secret),)
        self._store.act(lambda connection: connection.execute("DELETE FROM session WHERE hash = ?", row))


def _limits(idle_minutes: int, longest_hours: int) -> tuple[timedelta, timedelta]:
    return timedelta(minutes=idle_minutes), timedelta(hours=longest_hours)


def form_key_of(secret: str) -> str:
    """Give the key that forms of a session carry, by which a forged form is told from our own."""
    return hmac.new(secret.encode(), b"form", sha256).hexdigest()


def _digest(secret: str) -> bytes:
    return sha256(secret.encode()).digest()
