"""Who somebody is by the claims of an OpenID provider: staff by their groups, a person by an identifier in the vault.

Of staff a pseudonym is kept that follows from issuer and subject, with the roles that the groups give. Of a citizen or
entrepreneur the vault keeps a mark of the identifier under its own secret; the name of the principal is the pseudonym
of that subject, so that the identifier stands in no session, log or address.
"""

from __future__ import annotations

import hmac
import re
from collections.abc import Mapping
from contextlib import suppress
from hashlib import sha256
from typing import Any, Final, Protocol

import orjson

from eendracht.kernel.access import PERSON_PREFIX, Principal
from eendracht.kernel.credentials import create_principal, remove_principal
from eendracht.kernel.errors import Denied, NotFound
from eendracht.kernel.imports.persons import is_bsn
from eendracht.kernel.instance import Instance

PREFIX: Final = "oidc/"
"""How the principal of a member of staff who signed in at a provider is named."""

_BSN: Final = re.compile(r"[0-9]{8,9}")
_KVK: Final = re.compile(r"[0-9]{8}")
_OTHER: Final = re.compile(r"[^\s\x00-\x1f](?:.{0,198}[^\s\x00-\x1f])?")

Claims = Mapping[str, Any]


class SignInRefused(Denied):
    """The answer of the provider does not hold, is not strong enough, or does not say who it is."""

    code = "sign-in-refused"
    title_nl = "Aanmelden is niet gelukt"
    title_en = "Signing in did not succeed"
    default_hint = "Begin again; if it stays, ask the operator of this node."

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(detail)
        self.reason = reason


class Identification(Protocol):
    """What is made of the claims of one provider."""

    def require_strength(self, claims: Claims) -> None:
        """Raise SignInRefused unless the ID token says that the sign-in was strong enough."""
        ...

    def is_told_by(self, claims: Claims) -> bool:
        """Tell whether these claims say who it is; else the userinfo endpoint is asked too."""
        ...

    def identify(self, claims: Claims) -> Principal:
        """Give the principal, made where it is new; raises SignInRefused."""
        ...


class StaffIdentification:
    """Staff of the organisations: groups give roles."""

    def __init__(self, instance: Instance) -> None:
        self._instance = instance
        self._settings = instance.settings

    def require_strength(self, claims: Claims) -> None:
        """Refuse a sign-in that `amr` (RFC 8176) or `acr` does not call strong enough, where the settings ask it."""
        wanted = set(self._settings.oidc_mfa.split())
        methods = claims.get("amr")
        shown = {str(method) for method in methods} if isinstance(methods, list) else set()
        shown.add(str(claims.get("acr", "")))
        if wanted and not wanted & shown:
            raise SignInRefused("no-mfa", "The sign-in was not with more than one factor")

    def is_told_by(self, claims: Claims) -> bool:
        """Tell whether there are groups."""
        return self._groups_of(claims) is not None

    def identify(self, claims: Claims) -> Principal:
        """Give the principal with the roles that the groups give now; without any, none is left of earlier times."""
        key = self._instance.signer.signer_key().encode()
        subject = orjson.dumps([claims["iss"], claims["sub"]])
        name = PREFIX + hmac.new(key, b"principal\0" + subject, sha256).hexdigest()[:24]
        groups = set(self._groups_of(claims) or ())
        roles = [role for group, role in read_role_map(self._settings.oidc_roles) if group in groups]
        if not roles:
            with suppress(NotFound):
                remove_principal(self._instance.store, name)
            raise SignInRefused("no-role", "None of the groups gives a role on this node")
        return create_principal(self._instance.store, name, roles)

    def _groups_of(self, claims: Claims) -> list[str] | None:
        value = find_claim(claims, self._settings.oidc_groups)
        return [str(group).removeprefix("/") for group in value] if isinstance(value, list) else None


class PersonIdentification:
    """Citizens and entrepreneurs: an identifier becomes a subject of the vault, who holds no role."""

    def __init__(self, instance: Instance) -> None:
        self._instance = instance
        settings = instance.settings
        self._accepted = frozenset(settings.person_oidc_assurance.split())
        self._claims = list(
            zip(settings.person_oidc_claim.split(), settings.person_oidc_scheme.split(), strict=True),
        )

    def require_strength(self, claims: Claims) -> None:
        """Refuse a level of assurance (`acr`) that is not among those of the settings; a missing one is not either."""
        level = claims.get("acr")
        if not isinstance(level, str) or level not in self._accepted:
            raise SignInRefused("too-weak", "The sign-in was at another level of assurance than is asked here")

    def is_told_by(self, claims: Claims) -> bool:
        """Tell whether there is an identifier."""
        return any(find_claim(claims, name) not in (None, "") for name, _ in self._claims)

    def identify(self, claims: Claims) -> Principal:
        """Give the principal of whoever has this identifier; the first claim of the settings that is there counts."""
        found = ((scheme, find_claim(claims, name)) for name, scheme in self._claims)
        scheme, value = next(((scheme, value) for scheme, value in found if value not in (None, "")), ("", None))
        if value is None:
            raise SignInRefused("no-identifier", "The answer does not say who it is")
        if not isinstance(value, str) or not is_identifier(scheme, value):
            raise SignInRefused("bad-identifier", f"The answer holds something that is no {scheme}")
        subject = self._instance.vault.add_subject(scheme, value)
        return create_principal(self._instance.store, PERSON_PREFIX + subject, ())


def is_identifier(scheme: str, text: str) -> bool:
    """Tell whether a text can be an identifier of this scheme: a `bsn` by its eleven-test, a `kvk` by its 8 digits."""
    if scheme == "bsn":
        return _BSN.fullmatch(text) is not None and is_bsn(text.zfill(9))
    return (_KVK if scheme == "kvk" else _OTHER).fullmatch(text) is not None


def find_claim(claims: Claims, name: str) -> Any:
    """Give a claim by its name, or by a path with dots such as `realm_access.roles`; None where it is not there."""
    if name in claims:
        return claims[name]
    value: Any = claims
    for step in name.split("."):
        value = value.get(step) if isinstance(value, Mapping) else None
    return value


def read_role_map(text: str) -> list[tuple[str, str]]:
    """Read which group gives which role: `GROUP=editor@organisation:gm0344`, several apart by spaces.

    A space in the name of a group is written as `%20`.
    """
    pairs = (part.partition("=") for part in text.split())
    return [(group.replace("%20", " "), role) for group, _, role in pairs]
