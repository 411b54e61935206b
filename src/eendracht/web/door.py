"""The door: who asks, by bearer token; without a token it is the public, and a wrong token is never the public."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Iterable
from typing import Any, Final

from eendracht.kernel.audit import Audit
from eendracht.kernel.credentials import Authenticator, Credential
from eendracht.kernel.errors import TooManyRequests, Unauthenticated
from eendracht.kit.routing import THE_PUBLIC, Asker

MOST_FAILURES: Final = 30
"""How many wrong tokens one address may try in a row; each second gives one back."""
_MOST_ADDRESSES: Final = 10_000
_LONGEST: Final = 200

Slow = Callable[..., Awaitable[Any]]


class Failures:
    """Counts wrong attempts per address; the count drains by one a second."""

    def __init__(self) -> None:
        self._levels: OrderedDict[str, tuple[float, float]] = OrderedDict()
        self._told: dict[str, float] = {}

    def level(self, address: str) -> float:
        """Give how many wrong attempts count now."""
        count, at = self._levels.get(address, (0.0, 0.0))
        return max(0.0, count - (time.monotonic() - at))

    def is_told(self, address: str) -> bool:
        """Tell whether it was said in the last minute that the address tries too much; from now on it was."""
        now = time.monotonic()
        was_told = now - self._told.get(address, -60.0) < 60.0
        if not was_told:
            if len(self._told) >= _MOST_ADDRESSES:
                self._told.clear()
            self._told[address] = now
        return was_told

    def add(self, address: str) -> None:
        """Count one more."""
        self._levels[address] = (self.level(address) + 1, time.monotonic())
        self._levels.move_to_end(address)
        if len(self._levels) > _MOST_ADDRESSES:
            self._levels.popitem(last=False)


class Door:
    """Tells who asks; looks a token up in the slow lane, so that no database holds up the event loop."""

    def __init__(self, authenticator: Authenticator, slow: Slow, audit: Audit) -> None:
        self._authenticator = authenticator
        self._audit = audit
        self._slow = slow
        self._failures = Failures()

    def recall(self, headers: Iterable[tuple[bytes, bytes]]) -> Asker | None:
        """Give the asker where that takes no lookup: the public, or a token seen a moment ago."""
        value = _authorization(headers)
        if value is None:
            return THE_PUBLIC
        if value[:7].lower() == b"bearer " and len(value) <= _LONGEST:
            found = self._authenticator.recall(value[7:].strip().decode("latin-1"))
            if found is not None:
                return _asker(found)
        return None

    async def identify(self, scope: Any) -> Asker:
        """Give the asker of a request; raises Unauthenticated, or TooManyRequests after many wrong tokens."""
        headers = scope["headers"]
        known = self.recall(headers)
        if known is not None:
            return known
        address = (scope.get("client") or ("",))[0]
        if self._failures.level(address) >= MOST_FAILURES:
            if not self._failures.is_told(address):
                await self._slow(self._audit.note, "too-many-attempts", "public")
            raise TooManyRequests("Too many wrong tokens came from this address", extra={"retryAfter": 10})
        value = _authorization(headers) or b""
        try:
            if value[:7].lower() != b"bearer " or len(value) > _LONGEST:
                raise Unauthenticated("The Authorization header does not hold a bearer token")
            found = await self._slow(self._authenticator.authenticate, value[7:].strip().decode("latin-1"))
        except Unauthenticated:
            if self._failures.level(address) < 1:
                # One line for a row of wrong tokens: whoever tries many must not fill the disk.
                await self._slow(self._audit.note, "token-refused", "public")
            self._failures.add(address)
            raise
        return _asker(found)


def _asker(found: Credential) -> Asker:
    return Asker(found.principal, may_write=found.scope == "write")


def _authorization(headers: Iterable[tuple[bytes, bytes]]) -> bytes | None:
    for name, value in headers:
        if name == b"authorization":
            return value
    return None
