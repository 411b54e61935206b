"""Who may see where it hurts: lists of weak points are for whoever works for an organisation."""

from __future__ import annotations

from eendracht.kernel.access import Principal
from eendracht.kernel.errors import Denied


def is_insider(principal: Principal) -> bool:
    """Tell whether somebody holds a role at an organisation, or owns the node; a citizen or entrepreneur does not."""
    return principal.is_operator or (bool(principal.roles) and not principal.subject)


def require_insider(principal: Principal) -> None:
    """Raise Denied unless the principal holds a role at an organisation, or owns the node."""
    if not is_insider(principal):
        raise Denied(
            "What depends on what is for whoever works for an organisation",
            hint="Sign in with a role for an organisation.",
        )
