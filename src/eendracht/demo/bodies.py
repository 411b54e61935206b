"""The real public bodies for which a landscape is made up: what is asked of them, and which ones take part."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from math import isqrt
from typing import Final, Protocol

from eendracht.kernel.errors import InvalidInput

SMALL_COUNT: Final = 12
"""Organisations in the small estate."""
AGENCY_LIMIT: Final = 24
"""Agencies and independent bodies that join the national estate, beside every body of the four layers."""

_AGENCIES: Final = ("agency", "zbo")
_LAYERS: Final = ("municipality", "province", "water-board", "ministry")
_SMALL_MIX: Final = (("ministry", 1), ("agency", 1), ("zbo", 1), ("province", 1), ("water-board", 1))
_STEADY_WEIGHT: Final = {"ministry": 1200, "agency": 900, "zbo": 900, "province": 600, "water-board": 450}


class Body(Protocol):
    """A public body as the reference table gives it."""

    @property
    def code(self) -> str:
        """Authority segment of its refs, such as `gm0344`."""
        ...

    @property
    def name(self) -> str:
        """What people call it."""
        ...

    @property
    def type(self) -> str:
        """Sort of body, as `OrganisationType` of the shared kinds spells it."""
        ...

    @property
    def inhabitants(self) -> int | None:
        """People who live there; None where the body has no territory or the figure is unknown."""
        ...


def choose_small(bodies: Sequence[Body]) -> tuple[Body, ...]:
    """Give the twelve bodies of the small estate: each layer once, the rest municipalities from large to little.

    The choice depends on codes and inhabitants alone. Raises InvalidInput for fewer than twelve bodies.
    """
    _require_enough(bodies)
    chosen: list[Body] = []
    for wanted, count in _SMALL_MIX:
        chosen += _by_size(body for body in bodies if body.type == wanted)[:count]
    towns = _by_size(body for body in bodies if body.type == "municipality")
    need = SMALL_COUNT - len(chosen)
    if len(towns) >= need:
        chosen += [towns[step * (len(towns) - 1) // max(need - 1, 1)] for step in range(need)]
    else:
        chosen += towns
        taken = {body.code for body in chosen}
        chosen += _by_size(body for body in bodies if body.code not in taken)[: SMALL_COUNT - len(chosen)]
    return tuple(chosen)


def choose_national(bodies: Sequence[Body]) -> tuple[Body, ...]:
    """Give every municipality, province, water board and ministry, and the first agencies by code.

    Raises InvalidInput for fewer than twelve bodies.
    """
    _require_enough(bodies)
    layers = [body for body in bodies if body.type in _LAYERS]
    agencies = sorted((body for body in bodies if body.type in _AGENCIES), key=lambda body: body.code)
    chosen = sorted(layers + agencies[:AGENCY_LIMIT], key=lambda body: body.code)
    _require_enough(chosen)
    return tuple(chosen)


def weigh(body: Body) -> int:
    """Give how much of the landscape a body has, relative to others."""
    steady = _STEADY_WEIGHT.get(body.type)
    return steady if steady is not None else max(isqrt(body.inhabitants or 20_000), 60)


def serves(body: Body) -> int:
    """Give how many people rely on the body, a round guess where the table does not say."""
    return body.inhabitants or (2_000_000 if body.type in ("ministry", *_AGENCIES) else 600_000)


def _by_size(bodies: Iterable[Body]) -> list[Body]:
    return sorted(bodies, key=lambda body: (-(body.inhabitants or 0), body.code))


def _require_enough(bodies: Sequence[Body]) -> None:
    if len({body.code for body in bodies}) < SMALL_COUNT:
        raise InvalidInput(
            f"A synthetic estate needs at least {SMALL_COUNT} different public bodies, not {len(bodies)}",
            hint="Load the reference table of public bodies first.",
        )
