"""Signing in at an OpenID provider: authorization code with PKCE, one answer for one question, claims that are checked.

OpenID Connect Core 1.0, RFC 7636 (PKCE), RFC 9700 (security of OAuth 2.0), RFC 9207 (whose answer it is). Staff and
persons sign in at providers of their own, in the same way; what is made of the claims is said by the identification.
"""

from __future__ import annotations

import hmac
import secrets
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256
from typing import Any, Final, Literal, cast
from urllib.parse import urlsplit

import orjson

from eendracht.config import Settings
from eendracht.kernel.access import Principal
from eendracht.kernel.clock import timestamp
from eendracht.kernel.errors import EendrachtError
from eendracht.kernel.instance import Instance
from eendracht.kernel.store.driver import Connection
from eendracht.kit.i18n import Language
from eendracht.kit.identification import Identification, PersonIdentification, SignInRefused, StaffIdentification
from eendracht.kit.paths import with_query

MINUTES: Final = 10
"""How long a sign-in may take at the provider."""
METADATA_SECONDS: Final = 3_600
TIMEOUT_SECONDS: Final = 10
_ALGORITHMS: Final = (
    "RS256",
    "RS384",
    "RS512",
    "PS256",
    "PS384",
    "PS512",
    "ES256",
    "ES384",
    "ES512",
    "Ed25519",
    "EdDSA",
)
_LEEWAY_SECONDS: Final = 60
_MOST_CLAIM_BYTES: Final = 100_000


class ProviderUnreachable(EendrachtError):
    """The provider does not answer, or answers what no provider would."""

    code = "provider-unreachable"
    status = 503
    title_nl = "De aanmelddienst van uw organisatie antwoordt niet"
    title_en = "The sign-in service of your organisation does not answer"
    default_hint = "Try again in a while."


@dataclass(frozen=True, slots=True)
class Question:
    """Where the browser goes to sign in, and the secret that it keeps until it comes back."""

    address: str
    browser_secret: str


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Who signed in, where they wanted to go (empty: nowhere in particular), and in which language they asked."""

    principal: Principal
    following: str
    language: Language


Door = Literal["staff", "person"]
"""For whom a provider is: who works for an organisation, or a citizen or entrepreneur."""


@dataclass(frozen=True, slots=True)
class Registration:
    """How this node is registered at a provider, and what it asks there.

    `acr_values` are the levels of assurance that are asked for, the best liked first (OpenID Connect Core 3.1.2.1).
    """

    door: Door
    issuer: str
    client_id: str
    client_secret: str
    scope: str
    acr_values: str = ""


def list_registrations(settings: Settings) -> tuple[Registration, ...]:
    """Give where this node is registered; empty where its settings name no provider."""
    staff = Registration(
        "staff", settings.oidc_issuer, settings.oidc_client_id, settings.oidc_client_secret, settings.oidc_scope
    )
    person = Registration(
        "person",
        settings.person_oidc_issuer,
        settings.person_oidc_client_id,
        settings.person_oidc_client_secret,
        settings.person_oidc_scope,
        " ".join(settings.person_oidc_assurance.split()),
    )
    return tuple(registration for registration in (person, staff) if registration.issuer)


def open_providers(instance: Instance) -> dict[Door, Provider]:
    """Give the providers of the settings by whom they are for, persons first."""
    return {
        registration.door: Provider(
            instance,
            registration,
            PersonIdentification(instance) if registration.door == "person" else StaffIdentification(instance),
        )
        for registration in list_registrations(instance.settings)
    }


class Provider:
    """One OpenID provider."""

    def __init__(self, instance: Instance, registration: Registration, identification: Identification) -> None:
        self._instance = instance
        self._registration = registration
        self._identification = identification
        self._lock = threading.Lock()
        self._metadata: dict[str, Any] = {}
        self._read_at = 0.0

    @property
    def origin(self) -> str:
        """Scheme and host of the provider, to which the form of the sign-in page leads."""
        return "/".join(self._registration.issuer.split("/")[:3])

    def find_end(self) -> str:
        """Give where somebody signs out at the provider too; empty where it offers that nowhere, or does not answer.

        OpenID Connect RP-Initiated Logout 1.0, section 2; who it is the provider knows by its own cookie.
        """
        try:
            address = self._read_metadata().get("end_session_endpoint", "")
        except ProviderUnreachable:
            return ""
        if not isinstance(address, str) or not is_safe_address(address):
            return ""
        return with_query(address, client_id=self._registration.client_id)

    # -- the question -------------------------------------------------------------------------------------------

    def ask(self, redirect_uri: str, following: str, language: Language) -> Question:
        """Begin a sign-in; raises ProviderUnreachable."""
        metadata = self._read_metadata()
        state, browser, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(4))
        content = {
            "door": self._registration.door,
            "nonce": nonce,
            "verifier": verifier,
            "next": following,
            "language": language,
            "browser": sha256(browser.encode()).hexdigest(),
            "redirect_uri": redirect_uri,
        }
        now = self._instance.store.clock.now()
        row = (_digest(state), orjson.dumps(content), timestamp(now + timedelta(minutes=MINUTES)))
        moment = timestamp(now)

        def write(connection: Connection) -> None:
            connection.execute("DELETE FROM sign_in WHERE expires_at < ?", (moment,))
            connection.execute("INSERT INTO sign_in (hash, content, expires_at) VALUES (?, ?, ?)", row)

        self._instance.store.act(write)
        levels = {"acr_values": self._registration.acr_values} if self._registration.acr_values else {}
        with self._client(redirect_uri) as client:
            address, _ = client.create_authorization_url(
                metadata["authorization_endpoint"],
                state=state,
                code_verifier=verifier,
                nonce=nonce,
                ui_locales=language,
                **levels,
            )
        return Question(str(address), browser)

    # -- the answer ---------------------------------------------------------------------------------------------

    def take_answer(self, answer: Mapping[str, str], browser_secret: str) -> SignedIn:
        """Give who signed in; each question takes one answer.

        Raises SignInRefused for an answer that is forged, old, used or of another browser, and where it gives no role.
        """
        question = self._take_question(answer.get("state", ""))
        if not hmac.compare_digest(question["browser"], sha256(browser_secret.encode()).hexdigest()):
            raise SignInRefused("other-browser", "The sign-in began in another browser")
        metadata = self._read_metadata()
        self._require_own(question, metadata, answer)
        if "error" in answer:
            raise SignInRefused("provider-refused", "The provider refused")
        claims = self._fetch_claims(metadata, question, answer.get("code", ""))
        language: Language = "en" if question["language"] == "en" else "nl"
        return SignedIn(self._identification.identify(claims), str(question["next"]), language)

    def _require_own(self, question: Mapping[str, Any], metadata: Mapping[str, Any], answer: Mapping[str, str]) -> None:
        """Refuse the answer of another provider (mix-up: RFC 9207; RFC 9700, section 4.4).

        Each provider has a return address of its own, and one that says that it names itself must do so.
        """
        names_itself = metadata.get("authorization_response_iss_parameter_supported") is True
        named = answer.get("iss", "" if names_itself else metadata["issuer"])
        if question.get("door") != self._registration.door or named != metadata["issuer"]:
            raise SignInRefused("wrong-issuer", "The answer is of another provider")

    def _take_question(self, state: str) -> dict[str, Any]:
        """Give what was asked under this state, and take it away in the same transaction."""
        found: list[Any] = []
        key, moment = (_digest(state),), timestamp(self._instance.store.clock.now())

        def take(connection: Connection) -> None:
            found.extend(connection.query("SELECT content, expires_at FROM sign_in WHERE hash = ?", key))
            connection.execute("DELETE FROM sign_in WHERE hash = ?", key)

        self._instance.store.act(take)
        if not found or found[0][1] < moment:
            raise SignInRefused("unknown-state", "This answer was used already, is too old, or was never asked for")
        question: dict[str, Any] = orjson.loads(found[0][0])
        return question

    def _fetch_claims(self, metadata: Mapping[str, Any], question: Mapping[str, Any], code: str) -> dict[str, Any]:
        from authlib.common.errors import AuthlibBaseError
        from httpx2 import HTTPError

        try:
            with self._client(question["redirect_uri"]) as client:
                token = client.fetch_token(
                    metadata["token_endpoint"],
                    grant_type="authorization_code",
                    code=code,
                    code_verifier=question["verifier"],
                )
                claims = self._check(metadata, question, str(token.get("id_token", "")))
                self._identification.require_strength(claims)
                if not self._identification.is_told_by(claims) and "userinfo_endpoint" in metadata:
                    more = client.get(metadata["userinfo_endpoint"]).json()
                    # OpenID Connect Core 5.3.2: it may be somebody else's, unless the subject says not.
                    if isinstance(more, dict) and more.get("sub") == claims["sub"]:
                        claims = {**more, **claims}
        except AuthlibBaseError:
            raise SignInRefused("code-refused", "The provider does not take the code") from None
        except (HTTPError, ValueError):
            raise ProviderUnreachable("The provider does not answer as it should") from None
        return claims

    def _check(self, metadata: Mapping[str, Any], question: Mapping[str, Any], token: str) -> dict[str, Any]:
        """Give the claims of an ID token that holds (OpenID Connect Core 3.1.3.7)."""
        from joserfc import jwt
        from joserfc.errors import JoseError
        from joserfc.jwk import KeySet, KeySetSerialization

        if not token or len(token) > _MOST_CLAIM_BYTES:
            raise SignInRefused("no-id-token", "The provider gave no ID token")
        client_id = self._registration.client_id
        try:
            keys = KeySet.import_key_set(cast(KeySetSerialization, self._get_json(metadata["jwks_uri"])))
            decoded = jwt.decode(token, keys, algorithms=list(_ALGORITHMS))
            registry = jwt.JWTClaimsRegistry(
                leeway=_LEEWAY_SECONDS,
                iss={"essential": True, "value": metadata["issuer"]},
                aud={"essential": True, "value": client_id},
                sub={"essential": True},
                exp={"essential": True},
                iat={"essential": True},
                nonce={"essential": True, "value": question["nonce"]},
            )
            registry.validate(decoded.claims)
        except (JoseError, ValueError, KeyError, TypeError) as error:
            raise SignInRefused("bad-id-token", f"The ID token does not hold: {type(error).__name__}") from None
        claims = dict(decoded.claims)
        several = isinstance(claims["aud"], list) and len(claims["aud"]) > 1
        if claims.get("azp", client_id) != client_id or (several and "azp" not in claims):
            raise SignInRefused("bad-id-token", "The ID token is meant for somebody else")
        if not isinstance(claims["sub"], str) or not claims["sub"]:
            raise SignInRefused("bad-id-token", "The ID token has no subject")
        return claims

    # -- the provider -------------------------------------------------------------------------------------------

    def _read_metadata(self) -> dict[str, Any]:
        with self._lock:
            if not self._metadata or time.monotonic() - self._read_at > METADATA_SECONDS:
                issuer = self._registration.issuer
                metadata = self._get_json(issuer.rstrip("/") + "/.well-known/openid-configuration")
                needed = ("issuer", "authorization_endpoint", "token_endpoint", "jwks_uri")
                # OpenID Connect Discovery 4.3: the issuer must be the very one that was asked.
                if metadata.get("issuer") != issuer or not all(isinstance(metadata.get(key), str) for key in needed):
                    raise ProviderUnreachable("The description of the provider is not that of the issuer")
                self._metadata, self._read_at = metadata, time.monotonic()
            return self._metadata

    def _get_json(self, address: str) -> dict[str, Any]:
        import httpx2

        try:
            answer = httpx2.get(address, timeout=TIMEOUT_SECONDS)
            content = answer.raise_for_status().json()
        except (httpx2.HTTPError, ValueError) as error:
            raise ProviderUnreachable(f"The provider does not answer: {type(error).__name__}") from None
        if not isinstance(content, dict):
            raise ProviderUnreachable("The provider answers no JSON object")
        return content

    def _client(self, redirect_uri: str) -> Any:
        from authlib.integrations.httpx_client import OAuth2Client

        known = self._registration
        return OAuth2Client(
            client_id=known.client_id,
            client_secret=known.client_secret or None,
            token_endpoint_auth_method="client_secret_basic" if known.client_secret else "none",
            scope=known.scope,
            redirect_uri=redirect_uri,
            code_challenge_method="S256",
            timeout=TIMEOUT_SECONDS,
        )


def is_safe_address(address: str) -> bool:
    """Tell whether a browser may be sent to an address of the provider: over HTTPS, or on this machine."""
    place = urlsplit(address)
    return place.scheme == "https" or (place.scheme == "http" and place.hostname in ("127.0.0.1", "::1", "localhost"))


def _digest(state: str) -> bytes:
    return sha256(state.encode()).digest()
