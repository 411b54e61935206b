"""What a demonstration of the wing holds besides its personas; nobody in it exists."""

from __future__ import annotations

from eendracht.kernel.instance import Instance
from eendracht.services.forms.demo import fill_vault


def fill_demo(instance: Instance) -> None:
    """Fill a demonstration with what registers know of its personas."""
    fill_vault(instance)
