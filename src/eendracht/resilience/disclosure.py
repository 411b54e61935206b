"""Who may see what breaks and who answers for it: people who work at an organisation, and nobody else."""

from __future__ import annotations

from eendracht.kernel.access import Principal
from eendracht.kernel.errors import Denied


def is_insider(principal: Principal) -> bool:
    """Tell whether somebody owns the node or holds any role at an organisation; a citizen or entrepreneur does not."""
    return principal.is_operator or (bool(principal.roles) and not principal.subject)


def require_insider(principal: Principal) -> None:
    """Return for whoever is an insider; raises Denied for everybody else."""
    if not is_insider(principal):
        raise Denied("This is for who works at an organisation")
