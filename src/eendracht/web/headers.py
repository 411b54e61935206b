"""Headers that every answer carries: the version of the API, and what keeps a browser from doing harm."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

API_VERSION: Final = "1.0.0"
"""Version of the API, in each answer and in its description; the major part stands in the path."""

Header = tuple[bytes, bytes]

_EVERYWHERE: Final[tuple[Header, ...]] = (
    (b"x-content-type-options", b"nosniff"),
    (b"cross-origin-resource-policy", b"same-origin"),
)

API_HEADERS: Final[tuple[Header, ...]] = (
    (b"api-version", API_VERSION.encode()),
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
    *_EVERYWHERE,
)

_PAGE_POLICY: Final = (
    "default-src 'none'; style-src 'self'; font-src 'self'; img-src 'self'; script-src 'self'; connect-src 'self';"
    " form-action 'self'{more}; base-uri 'none'; frame-ancestors 'none'"
)

PAGE_HEADERS: Final[tuple[Header, ...]] = (
    (b"content-security-policy", _PAGE_POLICY.format(more="").encode()),
    # Not `no-referrer`: a browser then hides the origin of a form, by which a forged one is told from our own.
    (b"referrer-policy", b"same-origin"),
    (b"x-frame-options", b"DENY"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"permissions-policy", b"camera=(), geolocation=(), microphone=()"),
    *_EVERYWHERE,
)


def allow_form_to(origins: Iterable[str]) -> str:
    """Give the policy of a page whose forms may also lead to these origins, as browsers count a redirect."""
    return _PAGE_POLICY.format(more="".join(f" {origin}" for origin in origins))
