"""Requests to a ZGW API: signed, with the headers of the standard, in bounded time, reading again and writing once.

Profile: *unverified against a published file* (see the package).
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final

from eendracht.kernel.errors import Fault, NotFound
from eendracht.services.connections import RegisterConnection
from eendracht.services.registers import RegisterRefused, RegisterUnreachable

if TYPE_CHECKING:
    import httpx2

CRS: Final = "EPSG:4326"
"""The only coordinate system of the Zaken API; its header is required, also where nothing has a place."""
CONNECT_SECONDS: Final = 3.0
READ_SECONDS: Final = 10.0
READS: Final = 3
"""How often a read is tried; the waits between grow from a quarter of a second by a factor of two."""
FIRST_WAIT_SECONDS: Final = 0.25
MOST_PAGES: Final = 100
"""How far a list is followed; a hundred results a page."""
AUDIT_REASON: Final = "eendracht services/cases"
"""What the audit trail of the register says of why it was asked (X-Audit-Toelichting)."""
_PASSING: Final = frozenset({429, 500, 502, 503, 504})


class ZgwClient:
    """Speaks with the APIs of one register. Every request carries a JWT of its own: HS256, as the standard has it."""

    def __init__(
        self,
        connection: RegisterConnection,
        connect_seconds: float = CONNECT_SECONDS,
        read_seconds: float = READ_SECONDS,
    ) -> None:
        import httpx2

        self.connection = connection
        timeout = httpx2.Timeout(read_seconds, connect=connect_seconds)
        # No redirects and no proxies of the environment: the token goes to the address that was configured.
        self._http = httpx2.Client(timeout=timeout, follow_redirects=False, trust_env=False)

    def close(self) -> None:
        """Let go of connections."""
        self._http.close()

    def get(self, address: str, query: Mapping[str, str] | None = None) -> Any:
        """Read; tried again where it may go better. Raises NotFound, RegisterUnreachable, RegisterRefused."""
        wait = FIRST_WAIT_SECONDS
        for tried in range(READS):
            try:
                return self._send("GET", address, query=query)
            except RegisterUnreachable:
                if tried == READS - 1:
                    raise
                time.sleep(wait)
                wait *= 2
        raise AssertionError("unreachable")

    def get_pages(self, address: str, query: Mapping[str, str] | None = None) -> Iterator[dict[str, Any]]:
        """Yield the results of a list, page by page; also of one without pages. Raises as `get`."""
        found = self.get(address, query)
        for _ in range(MOST_PAGES):
            if isinstance(found, list):
                yield from found
                return
            yield from found.get("results", ())
            following = found.get("next")
            if not following:
                return
            found = self.get(following)
        raise RegisterRefused(f"A list of the register has more than {MOST_PAGES} pages")

    def post(self, address: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """Write, once: after a time-out nobody knows whether it was done. Raises as `get`."""
        found: dict[str, Any] = self._send("POST", address, body=body)
        return found

    def _send(
        self, method: str, address: str, query: Mapping[str, str] | None = None, body: Mapping[str, Any] | None = None
    ) -> Any:
        import httpx2

        self._require_own(address)
        try:
            answer = self._http.request(method, address, params=query, json=body, headers=self._headers(body))
        except (httpx2.TransportError, httpx2.DecodingError) as error:
            # The text of the error may hold the address, and with it the number of a case.
            raise RegisterUnreachable(f"The register does not answer: {type(error).__name__}") from None
        if answer.status_code in _PASSING:
            raise RegisterUnreachable(f"The register answers {answer.status_code}")
        if answer.status_code == 404:
            raise NotFound("The register does not know this")
        if not 200 <= answer.status_code < 300:
            raise refusal_of(answer)
        try:
            return answer.json()
        except ValueError:
            raise RegisterRefused("The register answers no JSON") from None

    def _require_own(self, address: str) -> None:
        """Refuse an address outside the register: links in its answers must not carry the token elsewhere."""
        own = self.connection
        bases = (own.zaken, own.catalogi, own.documenten, own.notificaties)
        if not any(base and address.startswith(base + "/") for base in bases):
            raise RegisterRefused("The register names an address outside its own APIs")

    def _headers(self, body: Mapping[str, Any] | None) -> dict[str, str]:
        headers = {
            "Authorization": f"Bearer {make_token(self.connection)}",
            "Accept": "application/json",
            "Accept-Crs": CRS,
            "X-Audit-Toelichting": AUDIT_REASON,
        }
        return headers | ({"Content-Crs": CRS} if body is not None else {})


def make_token(connection: RegisterConnection) -> str:
    """Make the JWT by which a register knows this node; who works here is not named, only the system."""
    from joserfc import jwt
    from joserfc.jwk import OctKey

    claims = {
        "iss": connection.client_id,
        "iat": int(time.time()),
        "client_id": connection.client_id,
        "user_id": "eendracht",
        "user_representation": "Eendracht",
    }
    return jwt.encode({"alg": "HS256", "typ": "JWT"}, claims, OctKey.import_key(connection.secret))


def refusal_of(answer: httpx2.Response) -> RegisterRefused:
    """Make the error of a refusal: status, code, and the fields that were wrong, without what stood in them."""
    try:
        problem = answer.json()
    except ValueError:
        problem = {}
    problem = problem if isinstance(problem, dict) else {}
    wrong = problem.get("invalidParams")
    faults = [
        Fault(
            f"/{_code(item.get('name'))}",
            _code(item.get("code")),
            "Het register keurt dit veld af",
            "The register refuses this field",
        )
        for item in (wrong if isinstance(wrong, list) else ())
        if isinstance(item, dict)
    ]
    return RegisterRefused(f"The register answers {answer.status_code} {_code(problem.get('code'))}", faults=faults)


def _code(value: Any) -> str:
    """Give a name or code of a problem as far as it is one: other text may hold content."""
    text = str(value or "")
    return text if len(text) <= 80 and text.replace(".", "").replace("-", "").replace("_", "").isalnum() else "unknown"
