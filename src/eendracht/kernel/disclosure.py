"""Who may see what breaks: a list of weak points is a list of targets."""

from __future__ import annotations

from eendracht.kernel.access import Principal
from eendracht.kernel.errors import Denied


def is_insider(principal: Principal) -> bool:
    """Tell whether somebody works at an organisation of this node, or runs it."""
    return principal.is_insider


def require_insider(principal: Principal) -> None:
    """Raise Denied for whoever does not work at an organisation of this node: others get counts, never names."""
    if not is_insider(principal):
        raise Denied(
            "What stops with what is shown to people who work at an organisation of this node",
            hint="Sign in with a role at an organisation.",
        )
